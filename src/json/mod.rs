//! JSON documents. Every format goes through one reader: each further kind of reader would add a
//! copy of every type's reading code to the download.

mod tree;

use std::fmt;

use litemap::LiteMap;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

use tree::{Fault, Tree};

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

/// Reads a document; an error says line and field.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let value: Value = serde_json::from_str(text).map_err(|error| JsonError {
        line: u32::try_from(error.line()).ok(),
        field: String::new(),
        message: error.to_string(),
    })?;
    from_value(&value).map_err(|error| JsonError { line: line_of::<T>(text), ..error })
}

/// Reads a document that is parsed already; an error says the field.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, JsonError> {
    T::deserialize(Tree(value)).map_err(Fault::into_error)
}

/// The line of the fault, which the parsed document has forgotten: found by reading once more. In
/// the page the field has to do: a second reader for each type would be a tenth of it.
fn line_of<T: DeserializeOwned>(text: &str) -> Option<u32> {
    if cfg!(target_arch = "wasm32") {
        return None;
    }
    let error = serde_json::from_str::<T>(text).err()?;
    u32::try_from(error.line()).ok().filter(|line| *line > 0)
}

/// Writes a map as an object, also when it is empty: a [`LiteMap`] alone writes `[]` then.
pub fn object<K: Serialize, V: Serialize, S: Serializer>(
    map: &LiteMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_map_is_an_empty_object() {
        let figures = crate::simulation::Observation::default();
        let json = serde_json::to_value(&figures).expect("figures are plain values");
        assert_eq!(json["queues"], serde_json::json!({}));
        assert_eq!(json["ledger"]["effects"], serde_json::json!({}));
    }

    #[test]
    fn an_error_says_line_and_field() {
        let error =
            read::<crate::simulation::Scenario>("{\n\"version\": true}").expect_err("a flag");
        assert_eq!((error.line, error.field.as_str()), (Some(2), "version"));
    }
}
