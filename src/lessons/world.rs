//! The world of a lesson: an embedded scenario with changes, or one of its own.

use serde_json::{Map, Value};

use crate::json::document;
use crate::scenarios;
use crate::simulation::Scenario;

document! {
    /// `{"scenario": "shop", "change": {…}}` or `{"own": {…}}`.
    pub struct WorldSpec {
        scenario: Option<String> = None,
        change: Value = Value::Null,
        own: Option<Value> = None,
    }
}

impl WorldSpec {
    /// The whole scenario as JSON, after the changes.
    pub(super) fn document(&self) -> Result<Value, String> {
        match (&self.scenario, &self.own) {
            (None, Some(own)) => Ok(own.clone()),
            (Some(scenario), None) => {
                let text = scenarios::document(scenario)
                    .ok_or(format!("there is no scenario '{scenario}'"))?;
                let mut whole = crate::json::parse(text)
                    .map_err(|error| format!("scenario {scenario}: {error}"))?;
                merge(&mut whole, &self.change);
                Ok(whole)
            }
            _ => Err("field world: a world has either a 'scenario' or its 'own'".to_owned()),
        }
    }

    pub(super) fn scenario(document: &Value) -> Result<Scenario, String> {
        Scenario::from_document(document).map_err(|error| format!("world: {error}"))
    }
}

/// The value at a path. A segment under a list is a number, or the name or id of an element:
/// `/services/email/input/queue/prefetch`.
pub(super) fn setting<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    path.strip_prefix('/')?.split('/').try_fold(document, |value, segment| match value {
        Value::Object(fields) => fields.get(segment),
        Value::Array(list) => match segment.parse::<usize>() {
            Ok(index) => list.get(index),
            Err(_) => list.iter().find(|element| name_of(element) == Some(segment)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// Changes a document as JSON Merge Patch (RFC 7396) does: `null` removes, objects merge, anything
/// else replaces. Beyond it, an object over a list changes the elements with these names or ids,
/// and adds those that are not there.
fn merge(whole: &mut Value, change: &Value) {
    let Value::Object(changes) = change else {
        if !change.is_null() {
            *whole = change.clone();
        }
        return;
    };
    match whole {
        Value::Object(fields) => merge_fields(fields, changes),
        Value::Array(list) => changes.iter().for_each(|(name, change)| {
            merge_element(list, name, change);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            *whole = change.clone();
        }
    }
}

fn merge_fields(fields: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

fn merge_element(list: &mut Vec<Value>, name: &str, change: &Value) {
    let place = list.iter().position(|element| name_of(element) == Some(name));
    match place {
        Some(place) if change.is_null() => drop(list.remove(place)),
        Some(place) => merge(&mut list[place], change),
        None if change.is_null() => {}
        None => list.push(change.clone()),
    }
}

fn name_of(element: &Value) -> Option<&str> {
    ["id", "name", "service", "rule"].iter().find_map(|field| element.get(field)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_reach_elements_by_name() {
        let mut whole = json!({"services": [{"id": "a", "work": 1}, {"id": "b"}], "seed": 1});
        let change = json!({"services": {"a": {"work": 2}, "b": null, "c": {"id": "c"}}});
        merge(&mut whole, &change);
        assert_eq!(whole, json!({"services": [{"id": "a", "work": 2}, {"id": "c"}], "seed": 1}));
    }

    #[test]
    fn a_setting_is_found_by_name_or_number() {
        let whole = json!({"services": [{"id": "a", "work": {"fixed_ms": 7}}]});
        assert_eq!(setting(&whole, "/services/a/work/fixed_ms"), Some(&json!(7)));
        assert_eq!(setting(&whole, "/services/0/work/fixed_ms"), Some(&json!(7)));
        assert_eq!(setting(&whole, "/services/b/work"), None);
    }
}
