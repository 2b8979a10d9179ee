//! JSON documents. Every format goes through [`read`]: each further kind of reader would
//! add a copy of every type's reading code to the download.

use std::fmt;

use litemap::LiteMap;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

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

    /// The error without its line, for a document that its author wrote otherwise.
    pub fn without_line(self) -> JsonError {
        JsonError { line: None, ..self }
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
#[cfg(not(target_arch = "wasm32"))]
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| failure(error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| failure(String::new(), &error))?;
    Ok(value)
}

/// Reads a document; an error says the line. To know the field's path too would add a sixth to
/// the download, and authors try their documents with the runner.
#[cfg(target_arch = "wasm32")]
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|error| failure(String::new(), &error))
}

/// Writes a map as an object, also when it is empty: a [`LiteMap`] alone writes `[]` then.
pub fn object<K: Serialize, V: Serialize, S: Serializer>(
    map: &LiteMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map)
}

fn failure(field: String, error: &serde_json::Error) -> JsonError {
    let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
    JsonError { line, field, message: error.to_string() }
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
