//! Names of records, enums and fixed types, with their namespaces.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::Misfit;
use super::datum::brief;

/// True for a letter or `_`, then letters, digits and `_`.
pub(super) fn is_name(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(word) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// The whole name in a namespace: a name with a dot has a namespace of its own.
pub(super) fn full(name: &str, namespace: &str) -> Rc<str> {
    match namespace {
        "" => name.trim_start_matches('.').into(),
        _ if name.contains('.') => name.trim_start_matches('.').into(),
        _ => format!("{namespace}.{name}").into(),
    }
}

/// What is before the last dot.
pub(super) fn namespace_of(full: &str) -> &str {
    full.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

/// What is behind the last dot.
pub(super) fn unqualified(full: &str) -> &str {
    full.rsplit_once('.').map_or(full, |(_, name)| name)
}

/// The whole name of a definition.
pub(super) fn of(definition: &Map<String, Value>, enclosing: &str) -> Result<Rc<str>, Misfit> {
    let name = text(definition, "name")?
        .ok_or_else(|| Misfit::new("a named type needs a name".to_owned()))?;
    let namespace = text(definition, "namespace")?.unwrap_or(enclosing);
    let full = full(name, namespace);
    if full.split('.').all(is_name) {
        return Ok(full);
    }
    Err(Misfit::new(format!("'{full}' is no name: letters, digits and _ are, parted by dots")))
}

/// Other names of a definition, as they are written.
pub(super) fn aliases(definition: &Map<String, Value>) -> Result<Vec<&str>, Misfit> {
    let wrong = || Misfit::new("aliases are a list of names".to_owned());
    match definition.get("aliases") {
        None => Ok(Vec::new()),
        Some(Value::Array(all)) => {
            all.iter().map(|alias| alias.as_str().ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

/// An attribute that has to be a text where it is there.
pub(super) fn text<'a>(
    definition: &'a Map<String, Value>,
    attribute: &str,
) -> Result<Option<&'a str>, Misfit> {
    match definition.get(attribute) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Misfit::new(format!("{attribute} is a text, not {}", brief(other)))),
    }
}
