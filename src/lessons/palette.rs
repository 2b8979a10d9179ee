//! The palette: which commands a lesson allows, and on which services.

use litemap::LiteMap;
use serde_json::Value;

use crate::json::{At, Json};
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
    let Value::Object(fields) = command.write() else {
        return (String::new(), None);
    };
    let Some((name, body)) = fields.into_iter().next() else {
        return (String::new(), None);
    };
    let service = body.get("service").and_then(Value::as_str).map(str::to_owned);
    (name, service)
}

impl Json for Palette {
    fn read(at: &At<'_>) -> Palette {
        let allowed = LiteMap::<String, Vec<String>>::read(at);
        let unknown =
            allowed.keys().find(|name| !Command::VARIANTS.iter().any(|(known, _)| known == name));
        if let Some(name) = unknown {
            at.refuse(format!("unknown variant `{name}`: there is no such command"));
        }
        Palette { allowed }
    }

    fn write(&self) -> Value {
        self.allowed.write()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(text: &str) -> Result<Palette, String> {
        crate::json::read(text).map_err(|error| error.to_string())
    }

    fn command(text: &str) -> Command {
        crate::json::read(text).expect("the command is valid")
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
