//! Objects that are being written.

use serde_json::{Map, Value};

use super::Json;

/// An object, field by field.
#[derive(Debug, Default)]
pub struct Written(Map<String, Value>);

impl Written {
    pub fn put<T: Json>(&mut self, name: &str, value: &T) {
        self.put_value(name, value.write());
    }

    /// Leaves out what is null.
    pub fn put_some<T: Json>(&mut self, name: &str, value: &T) {
        let value = value.write();
        if !value.is_null() {
            self.put_value(name, value);
        }
    }

    pub(super) fn put_value(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A variant by its name, with what belongs to it: a content, or these fields, or nothing.
pub(crate) fn variant(
    (name, bare): (&str, bool),
    fields: &mut Written,
    content: &mut Option<Value>,
) -> Value {
    match content.take() {
        Some(content) => named(name, content),
        None if bare => Value::from(name),
        None => named(name, std::mem::take(fields).into_value()),
    }
}

/// A list of so many values.
pub(super) fn list(length: usize, item: &dyn Fn(usize) -> Value) -> Value {
    Value::Array((0..length).map(item).collect())
}

/// An object with one field: a variant and what belongs to it.
pub fn named(name: &str, content: Value) -> Value {
    let mut object = Written::default();
    object.put_value(name, content);
    object.into_value()
}
