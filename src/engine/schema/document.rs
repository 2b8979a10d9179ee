//! Schemas: read from their JSON documents, with every reference found.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::datum::brief;
use super::{Misfit, names};

/// An Avro schema.
#[derive(Clone, Debug)]
pub struct Schema {
    /// As it was registered, with its logical types and comments, which decide nothing.
    document: Value,
    pub(super) types: Vec<Type>,
    pub(super) root: usize,
}

/// A type in a schema. Others that it is made of are named by their index.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub shape: Shape,
    /// The whole name of a record, an enum or a fixed type; empty for the others.
    pub name: Rc<str>,
    pub aliases: Vec<Rc<str>>,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed(usize),
    Enum { symbols: Vec<Rc<str>>, default: Option<Rc<str>> },
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record(Vec<Field>),
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: Rc<str>,
    pub aliases: Vec<Rc<str>>,
    pub of: usize,
    pub default: Option<Value>,
}

impl Schema {
    /// Reads a schema. What is wrong with it is named by where it is.
    pub fn parse(document: &Value) -> Result<Schema, Misfit> {
        let mut reader = Reader { types: Vec::new() };
        let root = reader.read(document, "")?;
        let schema = Schema { document: document.clone(), types: reader.types, root };
        schema.check_defaults()?;
        Ok(schema)
    }

    /// The document that it was read from.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// A default has to fit its field, which can be told when all types are known.
    fn check_defaults(&self) -> Result<(), Misfit> {
        for one in &self.types {
            let Shape::Record(fields) = &one.shape else { continue };
            for field in fields {
                let Some(default) = &field.default else { continue };
                self.fits(field.of, default).map_err(|misfit| {
                    let message = format!("the default does not fit: {}", misfit.message);
                    Misfit { message, ..misfit }.in_field(&field.name)
                })?;
            }
        }
        Ok(())
    }

    /// What messages call a type.
    pub(super) fn name_of(&self, index: usize) -> String {
        let of = &self.types[index];
        match &of.shape {
            Shape::Array(items) => format!("array of {}", self.name_of(*items)),
            Shape::Map(values) => format!("map of {}", self.name_of(*values)),
            Shape::Union(branches) => {
                let names: Vec<String> = branches.iter().map(|one| self.name_of(*one)).collect();
                format!("union of {}", names.join(", "))
            }
            Shape::Record(_) | Shape::Enum { .. } | Shape::Fixed(_) => {
                format!("{} {}", of.shape.name(), of.name)
            }
            _ => of.shape.name().to_owned(),
        }
    }
}

impl Shape {
    /// Types without anything to say about them.
    const PRIMITIVE: [Shape; 8] = [
        Shape::Null,
        Shape::Boolean,
        Shape::Int,
        Shape::Long,
        Shape::Float,
        Shape::Double,
        Shape::Bytes,
        Shape::String,
    ];

    /// As a schema names it.
    pub fn name(&self) -> &'static str {
        match self {
            Shape::Null => "null",
            Shape::Boolean => "boolean",
            Shape::Int => "int",
            Shape::Long => "long",
            Shape::Float => "float",
            Shape::Double => "double",
            Shape::Bytes => "bytes",
            Shape::String => "string",
            Shape::Fixed(_) => "fixed",
            Shape::Enum { .. } => "enum",
            Shape::Array(_) => "array",
            Shape::Map(_) => "map",
            Shape::Union(_) => "union",
            Shape::Record(_) => "record",
        }
    }

    fn primitive(name: &str) -> Option<Shape> {
        Shape::PRIMITIVE.into_iter().find(|shape| shape.name() == name)
    }
}

/// Reads documents; the types read so far are those that a name can mean.
struct Reader {
    types: Vec<Type>,
}

impl Reader {
    fn read(&mut self, document: &Value, namespace: &str) -> Result<usize, Misfit> {
        match document {
            Value::String(name) => self.reference(name, namespace),
            Value::Array(branches) => self.union(branches, namespace),
            Value::Object(definition) => self.define(definition, namespace),
            other => Err(Misfit::new(format!("{} is no schema", brief(other)))),
        }
    }

    fn add(&mut self, shape: Shape) -> usize {
        self.types.push(Type { shape, name: "".into(), aliases: Vec::new() });
        self.types.len() - 1
    }

    fn reference(&mut self, name: &str, namespace: &str) -> Result<usize, Misfit> {
        if let Some(shape) = Shape::primitive(name) {
            return Ok(self.add(shape));
        }
        let full = names::full(name, namespace);
        let known = |full: &str| self.types.iter().position(|one| &*one.name == full);
        known(&full).ok_or_else(|| Misfit::new(format!("there is no type '{full}'")))
    }

    fn union(&mut self, branches: &[Value], namespace: &str) -> Result<usize, Misfit> {
        let mut read: Vec<usize> = Vec::new();
        for branch in branches {
            let index = self.read(branch, namespace)?;
            let one = &self.types[index];
            if matches!(one.shape, Shape::Union(_)) {
                return Err(Misfit::new("a union holds no other union".to_owned()));
            }
            let same = |other: &usize| {
                let other = &self.types[*other];
                other.name == one.name
                    && (!one.name.is_empty() || other.shape.name() == one.shape.name())
            };
            if read.iter().any(same) {
                let name = if one.name.is_empty() { one.shape.name() } else { &one.name };
                return Err(Misfit::new(format!("a union holds {name} twice")));
            }
            read.push(index);
        }
        Ok(self.add(Shape::Union(read)))
    }

    fn define(
        &mut self,
        definition: &Map<String, Value>,
        namespace: &str,
    ) -> Result<usize, Misfit> {
        let of = definition.get("type");
        let of = of.ok_or_else(|| Misfit::new("a schema needs a type".to_owned()))?;
        let part = |attribute: &str| {
            let part = definition.get(attribute);
            part.ok_or_else(|| Misfit::new(format!("{attribute} is missing")))
        };
        match of.as_str() {
            Some("array") => {
                let items = self.read(part("items")?, namespace)?;
                Ok(self.add(Shape::Array(items)))
            }
            Some("map") => {
                let values = self.read(part("values")?, namespace)?;
                Ok(self.add(Shape::Map(values)))
            }
            Some("fixed") => {
                let size = part("size")?;
                let wrong =
                    || Misfit::new(format!("size is a number of bytes, not {}", brief(size)));
                let size = size.as_u64().and_then(|size| u32::try_from(size).ok());
                self.name(definition, namespace, Shape::Fixed(size.ok_or_else(wrong)? as usize))
            }
            Some("enum") => {
                let shape = enumeration(part("symbols")?, definition)?;
                self.name(definition, namespace, shape)
            }
            Some("record") => {
                let index = self.name(definition, namespace, Shape::Record(Vec::new()))?;
                let fields = self.fields(part("fields")?, index)?;
                self.types[index].shape = Shape::Record(fields);
                Ok(index)
            }
            _ => self.read(of, namespace),
        }
    }

    /// Adds a type that others can name.
    fn name(
        &mut self,
        definition: &Map<String, Value>,
        namespace: &str,
        shape: Shape,
    ) -> Result<usize, Misfit> {
        let name = names::of(definition, namespace)?;
        let taken = self.types.iter().any(|one| one.name == name);
        if taken || Shape::primitive(names::unqualified(&name)).is_some() {
            return Err(Misfit::new(format!("the name '{name}' is taken")));
        }
        let own = names::namespace_of(&name);
        let aliases = names::aliases(definition)?;
        let aliases = aliases.into_iter().map(|alias| names::full(alias, own)).collect();
        self.types.push(Type { shape, name, aliases });
        Ok(self.types.len() - 1)
    }

    fn fields(&mut self, fields: &Value, record: usize) -> Result<Vec<Field>, Misfit> {
        let wrong =
            |of: &Value| Misfit::new(format!("fields are a list of objects, not {}", brief(of)));
        let namespace = names::namespace_of(&self.types[record].name).to_owned();
        let mut read: Vec<Field> = Vec::new();
        for field in fields.as_array().ok_or_else(|| wrong(fields))? {
            let definition = field.as_object().ok_or_else(|| wrong(field))?;
            let name = names::text(definition, "name")?.unwrap_or_default();
            if !names::is_name(name) {
                return Err(Misfit::new(format!("'{name}' is no name of a field")));
            }
            if read.iter().any(|before| &*before.name == name) {
                return Err(Misfit::new(format!("there are two fields '{name}'")));
            }
            let of = definition.get("type");
            let of = of.ok_or_else(|| Misfit::new("type is missing".to_owned()));
            let of = of.and_then(|of| self.read(of, &namespace));
            let of = of.map_err(|misfit| misfit.in_field(name))?;
            let aliases = names::aliases(definition)?.into_iter().map(Rc::from).collect();
            let default = definition.get("default").cloned();
            read.push(Field { name: name.into(), aliases, of, default });
        }
        Ok(read)
    }
}

fn enumeration(symbols: &Value, definition: &Map<String, Value>) -> Result<Shape, Misfit> {
    let wrong =
        || Misfit::new(format!("symbols are a list of different names, not {}", brief(symbols)));
    let mut read: Vec<Rc<str>> = Vec::new();
    for symbol in symbols.as_array().ok_or_else(wrong)? {
        let symbol = symbol.as_str().filter(|symbol| names::is_name(symbol)).ok_or_else(wrong)?;
        if read.iter().any(|before| &**before == symbol) {
            return Err(wrong());
        }
        read.push(symbol.into());
    }
    let default = names::text(definition, "default")?.map(Rc::from);
    match default {
        Some(default) if !read.contains(&default) => {
            Err(Misfit::new(format!("the default '{default}' is not among the symbols")))
        }
        default => Ok(Shape::Enum { symbols: read, default }),
    }
}
