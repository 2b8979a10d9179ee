//! The schema registry: Avro schemas in versions, and what may follow what.
//!
//! It answers as Confluent's Schema Registry does for Avro: subjects, ids, versions, levels of
//! compatibility, and the error codes of its HTTP interface. Schemas, their resolution and the
//! bytes of a record follow the Avro specification 1.12; a record on the wire is a zero, the id of
//! its schema in four bytes, and the datum. It is no HTTP server, and it reads no other formats.
//!
//! Published at <https://avro.apache.org/docs/1.12.0/specification/> and
//! <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>.

mod compatibility;
mod datum;
mod document;
mod names;
mod registry;

#[cfg(test)]
mod tests;

pub use compatibility::Level;
pub use document::Schema;
pub use registry::{Refusal, Registry};

use std::fmt;

/// The first place at which something does not fit, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Fields from the outermost on, as in `items[2].price`; empty for the whole.
    pub path: String,
    pub message: String,
}

impl Misfit {
    fn new(message: String) -> Misfit {
        Misfit { path: String::new(), message }
    }

    /// The same, seen from the record that has the field.
    fn in_field(mut self, field: &str) -> Misfit {
        let is_inside = self.path.is_empty() || self.path.starts_with(['[', '{']);
        let separator = if is_inside { "" } else { "." };
        self.path = format!("{field}{separator}{}", self.path);
        self
    }

    /// The same, seen from the array.
    fn in_item(self, index: usize) -> Misfit {
        self.in_field(&format!("[{index}]"))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str(&self.message),
            path => write!(f, "field {path}: {}", self.message),
        }
    }
}
