//! JSON schemas (draft 2020-12), made from the declarations of [`document!`].
//!
//! [`document!`]: super::document

use serde_json::{Map, Value, json};

use super::Json;

/// The definitions that a schema refers to.
#[derive(Debug, Default)]
pub struct Schemas {
    definitions: Map<String, Value>,
}

/// The schema of an object, field by field.
#[derive(Debug)]
pub struct ObjectSchema<'a> {
    schemas: &'a mut Schemas,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Schemas {
    /// The schema of a document of this type, with all that it refers to.
    pub fn root<T: Json>() -> Value {
        let mut schemas = Schemas::default();
        let reference = T::schema(&mut schemas);
        let name = reference["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        let name = name.expect("a document's type has a name").to_owned();
        let mut root = schemas.definitions.remove(&name).expect("it was defined just now");
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        root["title"] = name.into();
        root["$defs"] = schemas.definitions.into();
        root
    }

    /// Defines a type under its name once, and refers to it.
    pub fn define(
        &mut self,
        name: &str,
        doc: &str,
        describe: impl FnOnce(&mut Schemas) -> Value,
    ) -> Value {
        if !self.definitions.contains_key(name) {
            // What refers to itself finds its name taken.
            self.definitions.insert(name.to_owned(), Value::Null);
            let schema = described(describe(self), doc);
            self.definitions.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    pub fn object(&mut self) -> ObjectSchema<'_> {
        ObjectSchema { schemas: self, properties: Map::new(), required: Vec::new() }
    }

    /// An enum of variants with their names, comments and what belongs to them.
    pub fn one_of(&self, variants: Vec<(&'static str, &'static str, Option<Value>)>) -> Value {
        if variants.iter().all(|(_, doc, content)| doc.is_empty() && content.is_none()) {
            let names: Vec<&str> = variants.iter().map(|(name, ..)| *name).collect();
            return json!({"type": "string", "enum": names});
        }
        let variants = variants.into_iter().map(|(name, doc, content)| {
            let schema = match content {
                None => json!({"type": "string", "const": name}),
                Some(content) => json!({
                    "type": "object",
                    "properties": {name: content},
                    "additionalProperties": false,
                    "required": [name],
                }),
            };
            described(schema, doc)
        });
        json!({"oneOf": variants.collect::<Vec<Value>>()})
    }
}

impl ObjectSchema<'_> {
    /// A field that has to be there.
    pub fn require<T: Json>(&mut self, name: &'static str, doc: &str) {
        self.required.push(name);
        self.properties.insert(name.to_owned(), described(T::schema(self.schemas), doc));
    }

    /// A field that may be left out.
    pub fn allow<T: Json>(&mut self, name: &'static str, doc: &str, default: &T) {
        let mut schema = described(T::schema(self.schemas), doc);
        schema["default"] = default.write();
        self.properties.insert(name.to_owned(), schema);
    }

    pub fn into_value(self) -> Value {
        let properties = self.properties;
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema["required"] = self.required.into();
        }
        schema
    }
}

/// The schema with the lines of a comment, of which each begins with a space.
fn described(mut schema: Value, doc: &str) -> Value {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    if !lines.is_empty() {
        schema["description"] = lines.join("\n").into();
    }
    schema
}

/// What fits the schema, or null.
pub(super) fn or_null(mut schema: Value) -> Value {
    if let Some(kind @ Value::String(_)) = schema.get_mut("type") {
        *kind = json!([*kind, "null"]);
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}
