//! Places in a document that is being read, and the first mistake that was found there.
//!
//! Reading never stops early: whoever meets a mistake reports it and goes on with a stand-in. So
//! the functions that read the fields of a type need no branch for each of them.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::JsonError;

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

/// What is wrong, and the way there.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    pub path: Vec<Step>,
    message: String,
}

impl Mistake {
    pub fn into_error(self) -> JsonError {
        let mut field = String::new();
        for step in &self.path {
            match step {
                Step::Item(place) => field.push_str(&format!("[{place}]")),
                Step::Field(name) => {
                    if !field.is_empty() {
                        field.push('.');
                    }
                    field.push_str(name);
                }
            }
        }
        JsonError::at(&field, self.message)
    }
}

/// Where mistakes are reported to; the first one stays.
#[derive(Debug, Default)]
pub(super) struct Report(RefCell<Option<Mistake>>);

impl Report {
    pub fn into_mistake(self) -> Option<Mistake> {
        self.0.into_inner()
    }
}

/// A place in a document.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// None where nothing is, or something of which a mistake is reported already.
    value: Option<&'a Value>,
    name: &'a str,
    /// The number of an item; then there is no name.
    item: Option<usize>,
    above: Option<&'a At<'a>>,
    report: Option<&'a Report>,
}

impl<'a> At<'a> {
    pub(super) fn top(value: &'a Value, report: &'a Report) -> At<'a> {
        At { value: Some(value), name: "", item: None, above: None, report: Some(report) }
    }

    /// Where nothing is and nobody looks.
    pub(super) fn nowhere() -> At<'a> {
        At { value: None, name: "", item: None, above: None, report: None }
    }

    fn field(&'a self, name: &'a str, value: Option<&'a Value>) -> At<'a> {
        At { value, name, item: None, above: Some(self), report: self.report }
    }

    pub(super) fn item(&'a self, place: usize, value: &'a Value) -> At<'a> {
        let above = Some(self);
        At { value: Some(value), name: "", item: Some(place), above, report: self.report }
    }

    fn path(&self) -> Vec<Step> {
        let Some(above) = self.above else {
            return Vec::new();
        };
        let mut path = above.path();
        path.push(match self.item {
            Some(place) => Step::Item(place),
            None => Step::Field(self.name.to_owned()),
        });
        path
    }

    /// Says that something is wrong here.
    pub fn refuse(&self, message: String) {
        if let Some(report) = self.report {
            report.0.borrow_mut().get_or_insert_with(|| Mistake { path: self.path(), message });
        }
    }

    /// All that is here, as it stands.
    pub(crate) fn source(&self) -> Rc<Value> {
        Rc::new(self.value.cloned().unwrap_or_default())
    }

    /// The text that is here, if one is.
    pub(crate) fn text(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str)
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// Says that what is here is something else.
    pub(super) fn mismatch(&self, expected: &str) {
        let found = match self.value {
            None => return,
            Some(Value::Array(_)) => "a list".to_owned(),
            Some(Value::Object(_)) => "an object".to_owned(),
            Some(plain) => super::text(plain),
        };
        self.refuse(format!("expected {expected}, not {found}"));
    }

    pub(super) fn items(&self) -> &'a [Value] {
        if let Some(Value::Array(items)) = self.value {
            return items;
        }
        self.mismatch("a list");
        &[]
    }

    pub(super) fn each_item(&self, read: &mut dyn FnMut(&At<'_>)) {
        for (place, item) in self.items().iter().enumerate() {
            read(&self.item(place, item));
        }
    }

    pub(super) fn each_field(&self, read: &mut dyn FnMut(&str, &At<'_>)) {
        for (name, value) in self.object().into_iter().flatten() {
            read(name, &self.field(name, Some(value)));
        }
    }

    fn object(&self) -> Option<&'a Map<String, Value>> {
        if let Some(Value::Object(object)) = self.value {
            return Some(object);
        }
        self.mismatch("an object");
        None
    }

    /// The fields of the object that is here.
    pub fn fields(&'a self) -> Fields<'a> {
        Fields { at: self, object: self.object(), known: Vec::new(), missing: None }
    }

    /// Which of these variants is here. A variant is a name, or an object with the name and what
    /// belongs to it; each stands here with its name and whether nothing belongs to it.
    pub(crate) fn variant(&'a self, variants: &[(&'static str, bool)]) -> Variant<'a> {
        let (name, content) = match self.value {
            Some(Value::String(name)) => (name, None),
            Some(Value::Object(fields)) if fields.len() == 1 => {
                let (name, content) = fields.iter().next().expect("it has one field");
                (name, Some(content))
            }
            _ => {
                self.mismatch(&one_of(&names_of(variants)));
                return Variant { number: 0, content: self.field("", None) };
            }
        };
        let Some(number) = variants.iter().position(|(known, _)| known == name) else {
            let known = one_of(&names_of(variants));
            self.refuse(format!("unknown variant `{name}`, expected {known}"));
            return Variant { number: 0, content: self.field("", None) };
        };
        let (_, bare) = variants[number];
        match content {
            None if !bare => self.refuse(format!("'{name}' needs what belongs to it")),
            Some(content) if bare && !content.is_null() => {
                self.refuse(format!("nothing belongs to '{name}'"));
            }
            _ => {}
        }
        Variant { number, content: self.field(name, content) }
    }
}

/// A variant by its number, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Variant<'a> {
    pub number: usize,
    pub content: At<'a>,
}

/// The fields of an object. Each is asked for by its name; what nobody asks for is a mistake.
#[derive(Debug)]
pub struct Fields<'a> {
    at: &'a At<'a>,
    object: Option<&'a Map<String, Value>>,
    known: Vec<&'static str>,
    missing: Option<&'static str>,
}

impl<'a> Fields<'a> {
    /// The field with this name, if it is there.
    fn given(&mut self, name: &'static str) -> Option<At<'a>> {
        self.known.push(name);
        let value = self.object?.get(name)?;
        Some(self.at.field(name, Some(value)))
    }

    fn required(&mut self, name: &'static str) -> At<'a> {
        self.given(name).unwrap_or_else(|| {
            self.missing.get_or_insert(name);
            self.at.field(name, None)
        })
    }

    pub fn read<T: super::Json>(&mut self, name: &'static str) -> T {
        T::read(&self.required(name))
    }

    pub fn read_or<T: super::Json>(&mut self, name: &'static str, default: T) -> T {
        match self.given(name) {
            Some(at) => T::read(&at),
            None => default,
        }
    }

    /// Reports a name that nobody knows; one that is missing may be missing because it is
    /// mistyped, and comes second.
    pub fn finish(self) {
        let Some(object) = self.object else {
            return;
        };
        let unknown = object.keys().find(|name| !self.known.contains(&name.as_str()));
        if let Some(name) = unknown {
            let known = one_of(&self.known);
            self.at.refuse(format!("unknown field `{name}`, expected {known}"));
        } else if let Some(name) = self.missing {
            self.at.refuse(format!("missing field `{name}`"));
        }
    }
}

fn names_of(variants: &[(&'static str, bool)]) -> Vec<&'static str> {
    variants.iter().map(|(name, _)| *name).collect()
}

fn one_of(names: &[&str]) -> String {
    format!("one of `{}`", names.join("`, `"))
}
