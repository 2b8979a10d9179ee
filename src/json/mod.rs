//! JSON documents. [`document!`] declares a type together with its form in JSON: from this one
//! declaration it is read, written and, natively, described as a schema.
//!
//! A document is parsed into a [`Value`] first. Reading types from that takes plain functions; the
//! readers that serde derives are generic, and were a tenth of the download.

mod basic;
mod document;
mod parse;
mod reader;
#[cfg(not(target_arch = "wasm32"))]
mod schema;
mod writer;

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

pub(crate) use document::*;
pub use parse::{SyntaxError, parse};
pub use reader::{At, Fields};
#[cfg(not(target_arch = "wasm32"))]
pub use schema::Schemas;
pub(crate) use writer::{Written, named, variant};

use reader::Mistake;

/// What has a form in JSON.
pub trait Json: Sized {
    /// Reads what is there. On a mistake it reports to `at` and gives any value, which nobody will
    /// see: only the first mistake counts.
    fn read(at: &At<'_>) -> Self;

    fn write(&self) -> Value;

    /// What a JSON schema says of the type: nothing, unless it is told.
    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut Schemas) -> Value {
        Value::Object(Default::default())
    }
}

/// Why a document cannot be used: where, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Line of the document, where the parser knows it.
    pub line: Option<u32>,
    /// The field, as a path: `services[2].input`. Empty if only the line is known.
    pub field: String,
    pub message: String,
}

impl JsonError {
    /// What is wrong with a field whose line is not known.
    pub fn at(field: &str, message: String) -> JsonError {
        JsonError { line: None, field: field.to_owned(), message }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        if !self.field.is_empty() {
            write!(f, "field {}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for JsonError {}

/// Lets serde write a document inside another type, as its own declaration writes it.
pub fn serialize<S: Serializer>(document: &impl Json, serializer: S) -> Result<S::Ok, S::Error> {
    document.write().serialize(serializer)
}

/// Reads a document; an error says line and field.
pub fn read<T: Json>(text: &str) -> Result<T, JsonError> {
    let value = parse(text).map_err(|error| JsonError {
        line: u32::try_from(error.line).ok(),
        field: String::new(),
        message: error.to_string(),
    })?;
    check(&value, T::read).map_err(|mistake| mistake.in_text(text))
}

/// Reads a document that is parsed already; an error says the field.
pub fn from_value<T: Json>(value: &Value) -> Result<T, JsonError> {
    check(value, T::read).map_err(Mistake::into_error)
}

/// A value as its text. Its `Display` would be a second writer in the page.
pub fn text(value: &Value) -> String {
    serde_json::to_string(value).expect("a value has names for its fields")
}

/// What an empty object says: every field has its default.
pub(crate) fn blank<T: Json>() -> T {
    T::read(&At::nowhere())
}

fn check<T>(value: &Value, read: fn(&At<'_>) -> T) -> Result<T, Mistake> {
    let report = reader::Report::default();
    let read = read(&At::top(value, &report));
    report.into_mistake().map_or(Ok(read), Err)
}

impl Mistake {
    /// Finds the line, which the parsed document has forgotten. In the page the field has to do.
    #[cfg(target_arch = "wasm32")]
    fn in_text(self, _: &str) -> JsonError {
        self.into_error()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn in_text(self, text: &str) -> JsonError {
        let line = line_of(text, &self.path);
        JsonError { line, ..self.into_error() }
    }
}

/// The line on which something begins.
#[cfg(not(target_arch = "wasm32"))]
fn line_of(text: &str, path: &[reader::Step]) -> Option<u32> {
    use reader::Step;
    use serde_json::value::RawValue;
    use std::collections::BTreeMap;

    let mut part: &RawValue = serde_json::from_str(text).ok()?;
    for step in path {
        part = match step {
            Step::Field(name) => {
                let fields: BTreeMap<String, &RawValue> = serde_json::from_str(part.get()).ok()?;
                fields.get(name).copied()?
            }
            Step::Item(place) => {
                let items: Vec<&RawValue> = serde_json::from_str(part.get()).ok()?;
                items.get(*place).copied()?
            }
        };
    }
    let before = part.get().as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    u32::try_from(text.get(..before)?.matches('\n').count() + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{Observation, Scenario};

    fn mistake(text: &str) -> JsonError {
        read::<Scenario>(text).expect_err(text)
    }

    #[test]
    fn an_empty_map_is_an_empty_object() {
        let json = Observation::default().write();
        assert_eq!(json["queues"], serde_json::json!({}));
        assert_eq!(json["ledger"]["effects"], serde_json::json!({}));
    }

    #[test]
    fn an_error_says_line_and_field() {
        let error = mistake("{\n\"version\": true}");
        assert_eq!((error.line, error.field.as_str()), (Some(2), "version"));
        assert_eq!(error.message, "expected a whole number from 0 to 4294967295, not true");
        let error = mistake("{\"services\": [\n{}, {\"input\":\n{\"htp\": {}}}]}");
        assert_eq!((error.line, error.field.as_str()), (Some(2), "services[0]"));
        assert_eq!(error.message, "missing field `id`");
        let error = mistake("{\"services\": []}");
        assert_eq!((error.line, error.field.as_str()), (Some(1), ""));
        assert_eq!(error.message, "missing field `version`");
    }

    #[test]
    fn what_is_written_is_read_again() {
        for name in crate::scenarios::NAMES {
            let text = crate::scenarios::document(name).expect("it comes with the program");
            let scenario = read::<Scenario>(text).expect(name);
            let again = read::<Scenario>(&super::text(&scenario.write())).expect(name);
            assert_eq!(Scenario { document: again.document.clone(), ..scenario }, again);
        }
    }

    #[test]
    fn a_mistyped_name_is_told_before_what_is_missing_for_it() {
        let error = mistake("{\"sede\": 7}");
        assert!(error.message.starts_with("unknown field `sede`, expected one of `version`, "));
    }
}
