//! Data: JSON documents to the bytes of a schema and back.
//!
//! A document is plain JSON: a value of a union is written as it is and belongs to the first branch
//! that it fits, and bytes are texts whose characters are the bytes, as in Avro's defaults.

use serde_json::{Map, Number, Value};

use super::Misfit;
use super::compatibility::{matches, source_of};
use super::document::{Field, Schema, Shape};

/// A type can be part of itself, and so a default as deep as it likes.
const DEPTH_MOST: usize = 64;
/// Items without bytes cost nothing on the wire, but memory here.
const ITEMS_MOST: u64 = 1 << 20;

impl Schema {
    /// The bytes of a document. A field that it does not have gets its default; one that the schema
    /// does not have is left out.
    pub fn encode(&self, document: &Value) -> Result<Vec<u8>, Misfit> {
        let mut output = Output { schema: self, bytes: Vec::new(), depth: 0 };
        output.write(self.root, document)?;
        Ok(output.bytes)
    }

    /// The document in bytes that were written with another schema, as a reader with this one
    /// sees it.
    pub fn decode(&self, writer: &Schema, bytes: &[u8]) -> Result<Value, Misfit> {
        Input { bytes, depth: 0 }.read((writer, writer.root), (self, self.root))
    }

    /// Says why a document is none of a type.
    pub(super) fn fits(&self, of: usize, document: &Value) -> Result<(), Misfit> {
        Output { schema: self, bytes: Vec::new(), depth: 0 }.write(of, document)
    }

    /// The default of a field with all defaults inside it.
    fn default_of(&self, field: &Field, default: &Value) -> Result<Value, Misfit> {
        let mut output = Output { schema: self, bytes: Vec::new(), depth: 0 };
        output.write(field.of, default)?;
        Input { bytes: &output.bytes, depth: 0 }.read((self, field.of), (self, field.of))
    }
}

/// Bytes as they are written.
struct Output<'a> {
    schema: &'a Schema,
    bytes: Vec<u8>,
    depth: usize,
}

impl Output<'_> {
    fn write(&mut self, of: usize, value: &Value) -> Result<(), Misfit> {
        self.depth = deeper(self.depth)?;
        let written = self.write_shape(of, value);
        self.depth -= 1;
        written
    }

    fn write_shape(&mut self, of: usize, value: &Value) -> Result<(), Misfit> {
        let schema = self.schema;
        let wrong = || Misfit::new(format!("{} is no {}", brief(value), schema.name_of(of)));
        match (&schema.types[of].shape, value) {
            (Shape::Null, Value::Null) => {}
            (Shape::Boolean, Value::Bool(value)) => self.bytes.push(u8::from(*value)),
            (Shape::Int, Value::Number(value)) => {
                let value = value.as_i64().and_then(|value| i32::try_from(value).ok());
                self.write_long(value.ok_or_else(wrong)?.into());
            }
            (Shape::Long, Value::Number(value)) => {
                self.write_long(value.as_i64().ok_or_else(wrong)?);
            }
            (Shape::Float, Value::Number(value)) => {
                let value = value.as_f64().map(|value| value as f32).filter(|it| it.is_finite());
                self.bytes.extend(value.ok_or_else(wrong)?.to_le_bytes());
            }
            (Shape::Double, Value::Number(value)) => {
                self.bytes.extend(value.as_f64().ok_or_else(wrong)?.to_le_bytes());
            }
            (Shape::String, Value::String(text)) => self.write_bytes(text.as_bytes()),
            (Shape::Bytes, Value::String(text)) => {
                self.write_bytes(&bytes_of(text).ok_or_else(wrong)?);
            }
            (Shape::Fixed(size), Value::String(text)) => {
                let bytes = bytes_of(text).filter(|bytes| bytes.len() == *size);
                self.bytes.extend(bytes.ok_or_else(wrong)?);
            }
            (Shape::Enum { symbols, .. }, Value::String(text)) => {
                let index = symbols.iter().position(|symbol| **symbol == **text);
                self.write_long(index.ok_or_else(wrong)? as i64);
            }
            (Shape::Array(of), Value::Array(items)) => self.write_items(*of, items)?,
            (Shape::Map(of), Value::Object(values)) => self.write_map(*of, values)?,
            (Shape::Record(fields), Value::Object(values)) => {
                fields.iter().try_for_each(|field| self.write_field(field, values))?;
            }
            (Shape::Union(branches), value) => self.write_branch(branches, value, of)?,
            _ => return Err(wrong()),
        }
        Ok(())
    }

    fn write_field(&mut self, field: &Field, values: &Map<String, Value>) -> Result<(), Misfit> {
        let written = match values.get(&*field.name).or(field.default.as_ref()) {
            Some(value) => self.write(field.of, value),
            None => {
                let of = self.schema.name_of(field.of);
                Err(Misfit::new(format!("it is missing ({of}) and has no default")))
            }
        };
        written.map_err(|misfit| misfit.in_field(&field.name))
    }

    /// One block with all items, and the empty block at the end.
    fn write_items(&mut self, of: usize, items: &[Value]) -> Result<(), Misfit> {
        self.write_count(items.len());
        for (index, item) in items.iter().enumerate() {
            self.write(of, item).map_err(|misfit| misfit.in_item(index))?;
        }
        self.write_long(0);
        Ok(())
    }

    fn write_map(&mut self, of: usize, values: &Map<String, Value>) -> Result<(), Misfit> {
        self.write_count(values.len());
        for (key, value) in values {
            self.write_bytes(key.as_bytes());
            self.write(of, value).map_err(|misfit| misfit.in_field(key))?;
        }
        self.write_long(0);
        Ok(())
    }

    /// Writes a value of a union. If only one branch can hold anything but null, what is wrong is
    /// wrong with that one.
    fn write_branch(&mut self, branches: &[usize], value: &Value, of: usize) -> Result<(), Misfit> {
        let begin = self.bytes.len();
        let mut refusals = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            self.write_long(index as i64);
            match self.write(*branch, value) {
                Ok(()) => return Ok(()),
                Err(misfit) => refusals.push(misfit),
            }
            self.bytes.truncate(begin);
        }
        let is_null = |branch: &usize| matches!(self.schema.types[*branch].shape, Shape::Null);
        let mut others = branches.iter().zip(refusals).filter(|(branch, _)| !is_null(branch));
        match (others.next(), others.next()) {
            (Some((_, misfit)), None) => Err(misfit),
            _ => Err(Misfit::new(format!("{} is no {}", brief(value), self.schema.name_of(of)))),
        }
    }

    /// An empty block is the end, so nothing is written for none.
    fn write_count(&mut self, count: usize) {
        if count > 0 {
            self.write_long(count as i64);
        }
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        self.write_long(bytes.len() as i64);
        self.bytes.extend(bytes);
    }

    /// Zigzag, then seven bits a byte, the lowest first.
    fn write_long(&mut self, value: i64) {
        let mut rest = ((value << 1) ^ (value >> 63)) as u64;
        while rest > 0x7f {
            self.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }
}

/// A schema and a type in it.
type Of<'a> = (&'a Schema, usize);

/// Bytes that are left to read.
struct Input<'a> {
    bytes: &'a [u8],
    depth: usize,
}

impl Input<'_> {
    fn read(&mut self, writer: Of, reader: Of) -> Result<Value, Misfit> {
        self.depth = deeper(self.depth)?;
        let read = self.read_shape(writer, reader);
        self.depth -= 1;
        read
    }

    fn read_shape(&mut self, writer: Of, reader: Of) -> Result<Value, Misfit> {
        let (w, r) = (&writer.0.types[writer.1].shape, &reader.0.types[reader.1].shape);
        if let Shape::Union(branches) = w {
            let branch = usize::try_from(self.read_long()?).ok().and_then(|at| branches.get(at));
            let branch = branch.ok_or_else(|| broken("it has a union without such a branch"))?;
            return self.read((writer.0, *branch), reader);
        }
        let mismatch = || {
            let (written, wanted) = (writer.0.name_of(writer.1), reader.0.name_of(reader.1));
            Misfit::new(format!("{written} was written, the reader wants {wanted}"))
        };
        if let Shape::Union(branches) = r {
            let meant = |branch: &&usize| matches((reader.0, **branch), writer);
            let branch = branches.iter().find(meant).ok_or_else(mismatch)?;
            return self.read(writer, (reader.0, *branch));
        }
        if !matches(reader, writer) {
            return Err(mismatch());
        }
        match (w, r) {
            (Shape::Null, _) => Ok(Value::Null),
            (Shape::Boolean, _) => Ok(Value::Bool(self.take(1)?[0] != 0)),
            (Shape::Int | Shape::Long, _) => {
                let value = self.read_long()?;
                Ok(promoted(value, r))
            }
            (Shape::Float, _) => real(f32::from_le_bytes(self.array()?).into()),
            (Shape::Double, _) => real(f64::from_le_bytes(self.array()?)),
            (Shape::Bytes | Shape::String, Shape::String) => Ok(Value::String(self.read_text()?)),
            (Shape::Bytes | Shape::String, _) => Ok(text_of(self.read_bytes()?)),
            (Shape::Fixed(size), _) => Ok(text_of(self.take(*size)?)),
            (Shape::Enum { symbols: written, .. }, Shape::Enum { symbols, default }) => {
                let index = usize::try_from(self.read_long()?).ok();
                let symbol = index.and_then(|index| written.get(index));
                let symbol =
                    symbol.ok_or_else(|| broken("it has an enum without such a symbol"))?;
                let known = symbols.contains(symbol).then_some(symbol).or(default.as_ref());
                let unknown = || Misfit::new(format!("the reader has no symbol {symbol}"));
                Ok(Value::String(known.ok_or_else(unknown)?.to_string()))
            }
            (Shape::Array(written), Shape::Array(of)) => {
                self.read_items((writer.0, *written), (reader.0, *of))
            }
            (Shape::Map(written), Shape::Map(of)) => {
                self.read_map((writer.0, *written), (reader.0, *of))
            }
            (Shape::Record(written), Shape::Record(fields)) => {
                self.read_record((writer.0, written), (reader.0, fields))
            }
            _ => Err(mismatch()),
        }
    }

    fn read_record(
        &mut self,
        (writer, written): (&Schema, &[Field]),
        (reader, fields): (&Schema, &[Field]),
    ) -> Result<Value, Misfit> {
        let mut values = Map::new();
        for source in written {
            let is_for = |field: &&Field| {
                source_of(field, written).is_some_and(|one| one.name == source.name)
            };
            let mut wanted = fields.iter().filter(is_for).peekable();
            if wanted.peek().is_none() {
                self.read((writer, source.of), (writer, source.of))?;
            }
            let begin = self.bytes;
            for field in wanted {
                self.bytes = begin;
                let value = self.read((writer, source.of), (reader, field.of));
                let value = value.map_err(|misfit| misfit.in_field(&field.name))?;
                values.insert(field.name.to_string(), value);
            }
        }
        for field in fields {
            if values.contains_key(&*field.name) {
                continue;
            }
            let missing = || {
                let of = reader.name_of(field.of);
                Misfit::new(format!("it was not written, and the reader ({of}) has no default"))
            };
            let default = field.default.as_ref().ok_or_else(missing);
            let value = default.and_then(|default| reader.default_of(field, default));
            let value = value.map_err(|misfit| misfit.in_field(&field.name))?;
            values.insert(field.name.to_string(), value);
        }
        Ok(Value::Object(values))
    }

    fn read_items(&mut self, writer: Of, reader: Of) -> Result<Value, Misfit> {
        let mut items = Vec::new();
        loop {
            let count = self.read_count(items.len())?;
            if count == 0 {
                return Ok(Value::Array(items));
            }
            for _ in 0..count {
                let index = items.len();
                let item = self.read(writer, reader).map_err(|misfit| misfit.in_item(index))?;
                items.push(item);
            }
        }
    }

    fn read_map(&mut self, writer: Of, reader: Of) -> Result<Value, Misfit> {
        let mut values = Map::new();
        loop {
            let count = self.read_count(values.len())?;
            if count == 0 {
                return Ok(Value::Object(values));
            }
            for _ in 0..count {
                let key = self.read_text()?;
                let value = self.read(writer, reader).map_err(|misfit| misfit.in_field(&key))?;
                values.insert(key, value);
            }
        }
    }

    /// How many items the next block has. Before a negative number's items stands how long they are.
    fn read_count(&mut self, before: usize) -> Result<u64, Misfit> {
        let count = self.read_long()?;
        if count < 0 {
            self.read_long()?;
        }
        let count = count.unsigned_abs();
        match count.saturating_add(before as u64) > ITEMS_MOST {
            true => Err(broken("it has more items than a record can")),
            false => Ok(count),
        }
    }

    fn read_text(&mut self) -> Result<String, Misfit> {
        let text = std::str::from_utf8(self.read_bytes()?);
        text.map(str::to_owned).map_err(|_| broken("it has a text that is not UTF-8"))
    }

    fn read_bytes(&mut self) -> Result<&[u8], Misfit> {
        let length = usize::try_from(self.read_long()?);
        self.take(length.map_err(|_| broken("it has a text of negative length"))?)
    }

    fn read_long(&mut self) -> Result<i64, Misfit> {
        let mut value: u64 = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        Err(broken("it has a number of more than 64 bits"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Misfit> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("as many were taken"))
    }

    fn take(&mut self, count: usize) -> Result<&[u8], Misfit> {
        let (taken, rest) =
            self.bytes.split_at_checked(count).ok_or_else(|| broken("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }
}

fn broken(what: &str) -> Misfit {
    Misfit::new(format!("the bytes are no such record: {what}"))
}

fn deeper(depth: usize) -> Result<usize, Misfit> {
    match depth < DEPTH_MOST {
        true => Ok(depth + 1),
        false => Err(Misfit::new(format!("it is nested more than {DEPTH_MOST} times"))),
    }
}

/// A whole number as its reader takes it.
fn promoted(value: i64, reader: &Shape) -> Value {
    match reader {
        Shape::Float => Value::from(value as f32),
        Shape::Double => Value::from(value as f64),
        _ => Value::from(value),
    }
}

fn real(value: f64) -> Result<Value, Misfit> {
    let number = Number::from_f64(value);
    number.map(Value::Number).ok_or_else(|| broken("it has a number that JSON does not know"))
}

/// The bytes that a text stands for, one for each character.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(c).ok()).collect()
}

fn text_of(bytes: &[u8]) -> Value {
    Value::String(bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// A value as a message shows it: short. Its `Display` would be a second writer in the page.
pub(super) fn brief(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => serde_json::to_string(other).expect("it is a plain value"),
    }
}
