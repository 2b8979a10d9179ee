//! Claims: figures that a text states, and how to find out whether they are true.
//!
//! A figure is written as a link: `[3,100 ms](figure:/checkout/p50_ms?when=the-sum)`. Kinds:
//!
//! - `figure:/address` is a figure of the observation;
//! - `setting:/path` is a setting of the lesson's world, elements by name;
//! - `share:step` is the share that the step's goal measured;
//! - `elapsed:step` is how long the scripted solution took for the step;
//! - `run:scenario/44/address` is a figure of an embedded scenario that was left alone for so many
//!   minutes;
//! - `plain:` is no claim about the run: an example, a wrong option, arithmetic.
//!
//! `when=start`, `when=end` or `when=step` (the moment it was done) says when to look; text of a
//! step looks when that step was done, other text at the end of the solution. `within=20` allows
//! so much difference, in ms or per mille or pieces; `at_most` and `at_least` claim a bound.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub source: Source,
    pub when: Option<Moment>,
    pub within: u64,
    pub compare: Compare,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Figure(String),
    Setting(String),
    Share(String),
    Elapsed(String),
    Run(String),
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    Start,
    Step(String),
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Same,
    AtMost,
    AtLeast,
}

impl Claim {
    /// Reads the target of a link; `None` if it is no claim.
    pub fn parse(target: &str) -> Result<Option<Claim>, String> {
        let (place, options) = target.split_once('?').unwrap_or((target, ""));
        let Some((scheme, rest)) = place.split_once(':') else {
            return Ok(None);
        };
        let rest = rest.to_owned();
        let source = match scheme {
            "figure" => Source::Figure(rest),
            "setting" => Source::Setting(rest),
            "share" => Source::Share(rest),
            "elapsed" => Source::Elapsed(rest),
            "run" => Source::Run(rest),
            "plain" => Source::Plain,
            _ => return Ok(None),
        };
        let mut claim = Claim { source, when: None, within: 0, compare: Compare::Same };
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=').unwrap_or((option, "")) {
                ("when", "start") => claim.when = Some(Moment::Start),
                ("when", "end") => claim.when = Some(Moment::End),
                ("when", step) => claim.when = Some(Moment::Step(step.to_owned())),
                ("within", number) => {
                    claim.within = number.parse().map_err(|_| format!("{target}: within what?"))?;
                }
                ("at_most", "") => claim.compare = Compare::AtMost,
                ("at_least", "") => claim.compare = Compare::AtLeast,
                _ => return Err(format!("{target}: '{option}' is not understood")),
            }
        }
        Ok(Some(claim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_is_not_understood_is_an_error() {
        assert!(Claim::parse("figure:/a?wenn=end").is_err());
        assert_eq!(Claim::parse("https://example.org"), Ok(None));
    }
}
