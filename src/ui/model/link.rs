//! A run as a link: scenario, seed, commands and the moment that is shown.
//!
//! The link carries no state of the world; all of it follows from the commands. It is JSON with a
//! version, written as base64url (RFC 4648, section 5, without padding).

use std::fmt;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;

use crate::engine::Instant;
use crate::simulation::{Command, Timeline, World};

use super::embedded;

const VERSION: u64 = 1;
/// A moment later than this takes longer to reach than anyone waits: a day.
const LATEST_MS: u64 = 24 * 3_600_000;
/// Longer links do not come from this page.
const LONGEST: usize = 1_000_000;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    version: u64,
    pub scenario: String,
    /// The lesson in whose world the run took place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson: Option<String>,
    pub seed: u64,
    pub inputs: Vec<(Instant, Command)>,
    pub at_ms: u64,
}

/// Why a link is not a run: what is wrong, where, and what could be read before it.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkError {
    pub message: String,
    pub rescued: Option<Run>,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LinkError {}

impl Run {
    pub fn of(timeline: &Timeline, lesson: Option<String>) -> Run {
        Run {
            version: VERSION,
            scenario: timeline.scenario().name.clone(),
            lesson,
            seed: timeline.seed(),
            inputs: timeline.inputs().to_vec(),
            at_ms: timeline.now().as_millis(),
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a run has only plain values")
    }

    /// What stands behind `#/run/`.
    pub fn to_code(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.to_json())
    }

    pub fn from_code(code: &str) -> Result<Run, LinkError> {
        if code.len() > LONGEST {
            return refuse("It is longer than any link that this page makes.".to_owned());
        }
        let bytes = URL_SAFE_NO_PAD.decode(code.trim_end_matches('=')).map_err(|error| {
            let place = match error {
                base64::DecodeError::InvalidByte(at, _)
                | base64::DecodeError::InvalidLastSymbol(at, _) => {
                    format!("Character {} does not belong into a link.", at + 1)
                }
                base64::DecodeError::InvalidLength(length) => {
                    format!("It ends too early, after {length} characters.")
                }
                base64::DecodeError::InvalidPadding => "Its end is damaged.".to_owned(),
            };
            LinkError { message: place, rescued: None }
        })?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Run::from_json(text),
            Err(_) => refuse("What it carries is no text.".to_owned()),
        }
    }

    pub fn from_json(text: &str) -> Result<Run, LinkError> {
        let document: Value = serde_json::from_str(text).or_else(|error| {
            refuse(format!("It ends or breaks at character {} of its text.", error.column()))
        })?;
        match document["version"].as_u64() {
            Some(VERSION) => {}
            Some(version) => {
                return refuse(format!(
                    "It has version {version}; this page reads version {VERSION}."
                ));
            }
            None => return refuse("It says no version.".to_owned()),
        }
        Run::from_document(&document)
    }

    fn from_document(document: &Value) -> Result<Run, LinkError> {
        let field = |name: &str| {
            document.get(name).ok_or(LinkError {
                message: format!("Its field '{name}' is missing."),
                rescued: None,
            })
        };
        let number = |name: &str| {
            field(name)?.as_u64().ok_or(LinkError {
                message: format!("Its field '{name}' is no whole number."),
                rescued: None,
            })
        };
        let Some(scenario) = field("scenario")?.as_str() else {
            return refuse("Its field 'scenario' is no text.".to_owned());
        };
        let at_ms = number("at_ms")?;
        if at_ms > LATEST_MS {
            return refuse("It leads to a moment later than 24 hours.".to_owned());
        }
        let mut run = Run {
            version: VERSION,
            scenario: scenario.to_owned(),
            lesson: document["lesson"].as_str().map(str::to_owned),
            seed: number("seed")?,
            inputs: Vec::new(),
            at_ms,
        };
        let Some(inputs) = field("inputs")?.as_array() else {
            return refuse("Its field 'inputs' is no list.".to_owned());
        };
        for (number, input) in (1..).zip(inputs) {
            match crate::json::from_value::<(Instant, Command)>(input) {
                Ok(input) => run.inputs.push(input),
                Err(error) => return run.broken_at(number, &error.to_string()),
            }
        }
        Ok(run)
    }

    /// The commands before the damaged one are good; they may be opened.
    fn broken_at(mut self, number: u32, why: &str) -> Result<Run, LinkError> {
        let last = self.inputs.last().map_or(Instant::ZERO, |(at, _)| *at);
        self.at_ms = self.at_ms.min(last.as_millis());
        let message = format!("Command {number} cannot be read: {why}.");
        Err(LinkError { message, rescued: (number > 1).then_some(self) })
    }

    /// Plays the run up to its moment. Every command is checked against the world first.
    pub fn open(&self, world_of_lesson: Option<&Timeline>) -> Result<Timeline, LinkError> {
        let scenario = match (world_of_lesson, embedded(&self.scenario)) {
            (Some(timeline), _) => timeline.scenario().clone(),
            (None, Some(scenario)) => scenario,
            (None, None) => {
                return refuse(format!("There is no scenario '{}' here.", self.scenario));
            }
        };
        let start = World::new(Rc::clone(&scenario), self.seed);
        for (number, (at, command)) in (1..).zip(&self.inputs) {
            let late = at.as_millis() > LATEST_MS;
            let refusal = start.check(&of_any_size(command)).err().map(|error| error.message);
            let refusal = refusal.or(late.then(|| "it comes later than 24 hours".to_owned()));
            if let Some(why) = refusal {
                let mut rest = self.clone();
                rest.inputs.truncate(number as usize - 1);
                return rest.broken_at(number, &why).map(|_| unreachable!("it is an error"));
            }
        }
        let mut timeline = Timeline::with_inputs(scenario, self.seed, self.inputs.clone());
        timeline.seek(Instant::from_millis(self.at_ms));
        Ok(timeline)
    }
}

/// A command about one instance may come after another one that added it; the service is what can
/// be checked at the start.
fn of_any_size(command: &Command) -> Command {
    match command {
        Command::Kill { service, .. } => Command::Kill { service: service.clone(), instance: None },
        Command::Restart { service, .. }
        | Command::Pause { service, .. }
        | Command::Resume { service, .. } => {
            Command::Restart { service: service.clone(), instance: None }
        }
        other => other.clone(),
    }
}

fn refuse<T>(message: String) -> Result<T, LinkError> {
    Err(LinkError { message, rescued: None })
}
