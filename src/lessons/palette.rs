//! The palette: which commands a lesson allows, and on which services.

use litemap::LiteMap;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Map, Value};

use crate::simulation::Command;

/// Stands for every service.
const ANY: &str = "*";

/// Commands by the name they have in JSON, each with its services.
///
/// `{"kill": ["*"], "call": ["checkout"], "arrival_rate": ["*"]}`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    allowed: LiteMap<String, Vec<String>>,
}

impl Palette {
    pub fn allows(&self, command: &Command) -> bool {
        let (name, service) = name_and_service(command);
        self.allowed.get(&name).is_some_and(|services| {
            let named = |allowed: &String| allowed == ANY || Some(allowed) == service.as_ref();
            services.iter().any(named)
        })
    }

    /// Whether a control is offered: `offers("kill", "email")`.
    pub fn offers(&self, command: &str, service: &str) -> bool {
        let services = self.allowed.get(command);
        services.is_some_and(|all| all.iter().any(|allowed| allowed == ANY || allowed == service))
    }

    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.allowed.keys().map(String::as_str)
    }
}

/// The command's JSON says both, so a new command needs no line here.
fn name_and_service(command: &Command) -> (String, Option<String>) {
    let written = serde_json::to_string(command).expect("a command has only plain values");
    let fields: Map<String, Value> = serde_json::from_str(&written).expect("it is an object");
    let Some((name, body)) = fields.into_iter().next() else {
        return (String::new(), None);
    };
    let service = body.get("service").and_then(Value::as_str).map(str::to_owned);
    (name, service)
}

impl<'de> Deserialize<'de> for Palette {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Palette, D::Error> {
        let allowed = LiteMap::<String, Vec<String>>::deserialize(deserializer)?;
        for name in allowed.keys() {
            // The refusal of an empty command tells an unknown name from a field that is missing.
            let empty = Value::Object(Map::from_iter([(name.clone(), Value::Object(Map::new()))]));
            if let Err(error) = crate::json::from_value::<Command>(&empty)
                && error.message.starts_with("unknown variant")
            {
                return Err(D::Error::custom(error));
            }
        }
        Ok(Palette { allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(text: &str) -> Result<Palette, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn command(text: &str) -> Command {
        serde_json::from_str(text).expect("the command is valid")
    }

    #[test]
    fn a_palette_allows_what_it_names_and_nothing_else() {
        let palette = palette(r#"{"kill": ["email"], "arrival_rate": ["*"]}"#).expect("valid");
        assert!(palette.allows(&command(r#"{"kill": {"service": "email"}}"#)));
        assert!(!palette.allows(&command(r#"{"kill": {"service": "payment"}}"#)));
        assert!(!palette.allows(&command(r#"{"restart": {"service": "email"}}"#)));
        assert!(palette.allows(&command(r#"{"arrival_rate": {"per_minute": 0}}"#)));
        assert!(palette.offers("kill", "email") && !palette.offers("kill", "payment"));
    }

    #[test]
    fn a_mistyped_command_is_refused_by_name() {
        let error = palette(r#"{"kil": ["email"]}"#).expect_err("there is no such command");
        assert!(error.contains("kil"), "{error}");
    }
}
