//! Matching headers against the arguments of a binding to a headers exchange.
//!
//! `x-match` is `all` (the default), `any`, `all-with-x` or `any-with-x`; only the last two look
//! at names that begin with `x-`. A binding value of null asks only that the header is there.
//! Values match when type and value are equal, so 1, 1.0 and "1" are three different things
//! (<https://www.rabbitmq.com/docs/exchanges#headers>).

use super::method::AmqpError;
use super::value::{Table, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    All,
    Any,
    AllWithX,
    AnyWithX,
}

impl Match {
    fn of(arguments: &Table) -> Option<Match> {
        let Some(value) = arguments.get("x-match") else {
            return Some(Match::All);
        };
        match value.as_text().map(|text| &**text) {
            Some("all") => Some(Match::All),
            Some("any") => Some(Match::Any),
            Some("all-with-x") => Some(Match::AllWithX),
            Some("any-with-x") => Some(Match::AnyWithX),
            Some(_) | None => None,
        }
    }
}

/// Refuses a binding whose `x-match` means nothing.
pub(super) fn check(arguments: &Table) -> Result<(), AmqpError> {
    match Match::of(arguments) {
        Some(_) => Ok(()),
        None => Err(AmqpError::precondition_failed(
            "invalid x-match field value: expected all, any, all-with-x or any-with-x",
        )),
    }
}

pub(super) fn matches(arguments: &Table, headers: &Table) -> bool {
    let rule = Match::of(arguments).expect("a binding's x-match was checked");
    let with_x = match rule {
        Match::All | Match::Any => false,
        Match::AllWithX | Match::AnyWithX => true,
    };
    let mut wanted = arguments
        .iter()
        .filter(|(name, _)| &***name != "x-match" && (with_x || !name.starts_with("x-")));
    let mut fits = |(name, value): (&std::rc::Rc<str>, &Value)| match headers.get(name) {
        Some(found) => *value == Value::Null || value == found,
        None => false,
    };
    match rule {
        Match::All | Match::AllWithX => wanted.all(&mut fits),
        Match::Any | Match::AnyWithX => wanted.any(&mut fits),
    }
}
