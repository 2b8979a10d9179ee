//! AMQP field values and tables: what headers and arguments are made of.
//!
//! Published in the AMQP 0-9-1 specification, 4.2.5.5 (field tables). The widths of integers are
//! not told apart, as no behaviour of the broker depends on them. A float is kept as its bits, so
//! that tables compare, order and hash exactly; no arithmetic is ever done on it.

use std::fmt;
use std::rc::Rc;

use litemap::LiteMap;
use serde::{Deserialize, Serialize, Serializer};

/// One field value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(FloatBits),
    Text(Rc<str>),
    List(Rc<[Value]>),
    Table(Table),
}

impl Value {
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    pub fn as_text(&self) -> Option<&Rc<str>> {
        match self {
            Value::Text(text) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(int) => Some(*int),
            Value::Null
            | Value::Bool(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(bool) => Some(*bool),
            Value::Null
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(list) => Some(list),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Table(_) => None,
        }
    }
}

impl From<&Rc<str>> for Value {
    fn from(text: &Rc<str>) -> Value {
        Value::Text(Rc::clone(text))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(bool) => write!(f, "{bool}"),
            Value::Int(int) => write!(f, "{int}"),
            // As documents show it; another writer of floats would weigh 3 KB of the page.
            Value::Float(float) => match serde_json::Number::from_f64(f64::from(*float)) {
                Some(number) => write!(f, "{number}"),
                None => f.write_str("NaN"),
            },
            Value::Text(text) => f.write_str(text),
            Value::List(list) => {
                f.write_str("[")?;
                for (place, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Table(table) => write!(f, "{table}"),
        }
    }
}

/// A double-precision number, carried but never computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct FloatBits(u64);

impl From<f64> for FloatBits {
    fn from(float: f64) -> FloatBits {
        FloatBits(float.to_bits())
    }
}

impl From<FloatBits> for f64 {
    fn from(bits: FloatBits) -> f64 {
        f64::from_bits(bits.0)
    }
}

/// An ordered map from field names to values. A clone shares the entries; the empty table owns
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(from = "LiteMap<Rc<str>, Value>")]
pub struct Table(Option<Rc<LiteMap<Rc<str>, Value>>>);

impl Table {
    pub fn new() -> Table {
        Table(None)
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Rc<str>, &Value)> {
        self.0.iter().flat_map(|entries| entries.iter())
    }

    pub fn insert(&mut self, name: impl Into<Rc<str>>, value: Value) {
        Rc::make_mut(self.0.get_or_insert_default()).insert(name.into(), value);
    }

    /// Takes the field out; the other fields stay shared when it was not there.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        if !self.contains(name) {
            return None;
        }
        let entries = Rc::make_mut(self.0.as_mut()?);
        let value = entries.remove(name);
        if entries.is_empty() {
            self.0 = None;
        }
        value
    }

    /// The table with one more field, for building literals.
    pub fn with(mut self, name: impl Into<Rc<str>>, value: Value) -> Table {
        self.insert(name, value);
        self
    }
}

impl From<LiteMap<Rc<str>, Value>> for Table {
    fn from(entries: LiteMap<Rc<str>, Value>) -> Table {
        Table(if entries.is_empty() { None } else { Some(Rc::new(entries)) })
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl FromIterator<(Rc<str>, Value)> for Table {
    fn from_iter<I: IntoIterator<Item = (Rc<str>, Value)>>(entries: I) -> Table {
        entries.into_iter().collect::<LiteMap<_, _>>().into()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (place, (name, value)) in self.iter().enumerate() {
            write!(f, "{}{name}: {value}", if place == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_keep_their_types_through_json() {
        let json = r#"{"b":true,"f":1.0,"i":1,"l":[1,"a",{"q":null}],"t":{}}"#;
        let table: Table = serde_json::from_str(json).expect("it is a table");
        assert_eq!(table.get("i"), Some(&Value::Int(1)));
        assert_eq!(table.get("f"), Some(&Value::Float(FloatBits::from(1.0))));
        assert_eq!(serde_json::to_string(&table).ok().as_deref(), Some(json));
    }

    #[test]
    fn a_table_that_loses_its_last_field_is_empty() {
        let mut table = Table::new().with("a", Value::Null);
        assert_eq!(table.remove("b"), None);
        assert_eq!(table.remove("a"), Some(Value::Null));
        assert_eq!(table, Table::new());
    }
}
