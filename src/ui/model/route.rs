//! Which page is shown: what stands behind the `#` of the address.

use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The shop, to play with.
    #[default]
    Shop,
    Lessons,
    /// A game at its start.
    Game,
    /// The questions of the interview check.
    Interview,
    /// A lesson by its slug.
    Lesson(String),
    /// A run from a link, as the link encodes it.
    Run(String),
    /// Two runs side by side: both as links encode them, with `~` between them. Without any, the
    /// same day by calls and through the log.
    Compare(String),
    /// An address at which there is nothing.
    Nowhere(String),
}

impl Route {
    /// Reads the part of an address from the `#` on.
    pub fn parse(hash: &str) -> Route {
        let path = hash.trim_start_matches('#').trim_start_matches('/').trim_end_matches('/');
        match path.split_once('/') {
            Some(("lesson", slug)) => Route::Lesson(slug.to_owned()),
            Some(("run", code)) => Route::Run(code.to_owned()),
            Some(("compare", codes)) => Route::Compare(codes.to_owned()),
            None if path == "compare" => Route::Compare(String::new()),
            None if path == "lessons" => Route::Lessons,
            None if path == "game-day" => Route::Game,
            None if path == "interview" => Route::Interview,
            None if path.is_empty() => Route::Shop,
            Some(_) | None => Route::Nowhere(path.to_owned()),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Route::Shop => f.write_str("#/"),
            Route::Lessons => f.write_str("#/lessons"),
            Route::Game => f.write_str("#/game-day"),
            Route::Interview => f.write_str("#/interview"),
            Route::Lesson(slug) => write!(f, "#/lesson/{slug}"),
            Route::Run(code) => write!(f, "#/run/{code}"),
            Route::Compare(codes) if codes.is_empty() => f.write_str("#/compare"),
            Route::Compare(codes) => write!(f, "#/compare/{codes}"),
            Route::Nowhere(path) => write!(f, "#/{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for address in [
            "#/",
            "#/lessons",
            "#/interview",
            "#/game-day",
            "#/lesson/the-chain",
            "#/run/eyJ2Ijox",
            "#/compare",
            "#/compare/eyJ2~eyJ3",
        ] {
            assert_eq!(Route::parse(address).to_string(), address);
        }
        assert_eq!(Route::parse(""), Route::Shop);
        assert_eq!(Route::parse("#/nowhere/at"), Route::Nowhere("nowhere/at".to_owned()));
        assert_eq!(Route::parse("#/lessons/"), Route::Lessons);
    }
}
