//! A run as a document: scenario, seed, commands and the moment that is shown.
//!
//! It carries no state of the world; all of that follows from the commands. It is JSON with a
//! version. A scenario that comes with the program is named, any other one is carried whole. In a
//! link the document is written as base64url (RFC 4648, section 5, without padding).

use std::fmt;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::command::Command;
use super::scenario::{Scenario, SchemaUse};
use super::setting::Setting;
use super::timeline::Timeline;
use super::world::World;
use crate::engine::Instant;
use crate::json::{self, At, Json, Written};

const VERSION: u64 = 1;
/// Longer codes and files do not come from this program.
const LONGEST: usize = 4_000_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub scenario: Played,
    /// The lesson in whose world the run took place.
    pub lesson: Option<String>,
    pub seed: u64,
    pub inputs: Vec<(Instant, Command)>,
    pub at_ms: u64,
}

/// The scenario of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Played {
    /// One that the reader has: embedded, or that of the lesson.
    Named(String),
    Whole(Rc<Scenario>),
}

/// In microseconds.
impl Json for Instant {
    fn read(at: &At<'_>) -> Instant {
        Instant::from_micros(u64::read(at))
    }

    fn write(&self) -> Value {
        self.as_micros().write()
    }
}

/// Why something is not a run: what is wrong, where, and what could be read before it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunError {
    pub message: String,
    pub rescued: Option<Run>,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RunError {}

impl Run {
    /// A moment later than this takes longer to reach than anyone waits: a day.
    pub const LATEST_MS: u64 = 24 * 3_600_000;

    pub fn of(timeline: &Timeline, lesson: Option<String>) -> Run {
        let scenario = timeline.scenario();
        debug_assert_eq!(
            json::from_value::<Scenario>(&scenario.document).as_ref(),
            Ok(&**scenario),
            "the document that is saved says something else than the scenario"
        );
        let embedded = Scenario::embedded(&scenario.name);
        let known = lesson.is_some()
            || embedded.is_some_and(|embedded| embedded.document == scenario.document);
        Run {
            scenario: if known {
                Played::Named(scenario.name.clone())
            } else {
                Played::Whole(scenario.clone())
            },
            lesson,
            seed: timeline.seed(),
            inputs: timeline.inputs().to_vec(),
            at_ms: timeline.now().as_millis(),
        }
    }

    pub fn to_json(&self) -> String {
        let mut document = Written::default();
        document.put("version", &VERSION);
        match &self.scenario {
            Played::Named(name) => document.put("scenario", name),
            Played::Whole(scenario) => document.put("scenario", &*scenario.document),
        }
        document.put_some("lesson", &self.lesson);
        document.put("seed", &self.seed);
        document.put("inputs", &self.inputs);
        document.put("at_ms", &self.at_ms);
        json::text(&document.into_value())
    }

    /// What stands behind `#/run/` in a link.
    pub fn to_code(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.to_json())
    }

    pub fn from_code(code: &str) -> Result<Run, RunError> {
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
            RunError { message: place, rescued: None }
        })?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Run::from_json(text),
            Err(_) => refuse("What it carries is no text.".to_owned()),
        }
    }

    pub fn from_json(text: &str) -> Result<Run, RunError> {
        if text.len() > LONGEST {
            return refuse("It is longer than any run that this page saves.".to_owned());
        }
        let document: Value = crate::json::parse(text).or_else(|error| {
            let (line, column) = (error.line, error.column);
            refuse(format!("It ends or breaks at line {line}, character {column} of its text."))
        })?;
        match document["version"].as_u64() {
            Some(VERSION) => Run::from_document(&document),
            Some(version) => {
                refuse(format!("It has version {version}; this program reads version {VERSION}."))
            }
            None => refuse("It says no version.".to_owned()),
        }
    }

    fn from_document(document: &Value) -> Result<Run, RunError> {
        const FIELDS: [&str; 6] = ["version", "scenario", "lesson", "seed", "inputs", "at_ms"];
        let known = |name: &String| FIELDS.contains(&name.as_str());
        let fields = document.as_object().into_iter().flatten();
        if let Some((name, _)) = fields.into_iter().find(|(name, _)| !known(name)) {
            return refuse(format!("Its field '{name}' is unknown."));
        }
        let at_ms = number(document, "at_ms")?;
        if at_ms > Run::LATEST_MS {
            return refuse("It leads to a moment later than 24 hours.".to_owned());
        }
        let mut run = Run {
            scenario: played(field(document, "scenario")?)?,
            lesson: document["lesson"].as_str().map(str::to_owned),
            seed: number(document, "seed")?,
            inputs: Vec::new(),
            at_ms,
        };
        let Some(inputs) = field(document, "inputs")?.as_array() else {
            return refuse("Its field 'inputs' is no list.".to_owned());
        };
        for (number, input) in (1..).zip(inputs) {
            match json::from_value::<(Instant, Command)>(input) {
                Ok(input) => run.inputs.push(input),
                Err(error) => return Err(run.broken_at(number, &error.to_string())),
            }
        }
        Ok(run)
    }

    /// The commands before the damaged one are good; they may be opened.
    fn broken_at(mut self, number: u32, why: &str) -> RunError {
        let last = self.inputs.last().map_or(Instant::ZERO, |(at, _)| *at);
        self.at_ms = self.at_ms.min(last.as_millis());
        let message = format!("Command {number} cannot be read: {why}.");
        RunError { message, rescued: (number > 1).then_some(self) }
    }

    /// Plays the run up to its moment. Every command is checked against the world first. A run in
    /// a lesson takes place in the lesson's world.
    pub fn open(&self, world_of_lesson: Option<&Rc<Scenario>>) -> Result<Timeline, RunError> {
        let mut timeline = self.at_start(world_of_lesson)?;
        timeline.seek(Instant::from_millis(self.at_ms));
        Ok(timeline)
    }

    /// The run with all its commands before it, at its first instant.
    pub fn at_start(&self, world_of_lesson: Option<&Rc<Scenario>>) -> Result<Timeline, RunError> {
        let scenario = self.scenario(world_of_lesson)?;
        match refusal(&scenario, self.seed, &self.inputs) {
            None => Ok(Timeline::with_inputs(scenario, self.seed, self.inputs.clone())),
            Some((index, why)) => {
                let mut rest = self.clone();
                rest.inputs.truncate(index as usize);
                Err(rest.broken_at(index + 1, &why))
            }
        }
    }

    fn scenario(&self, world_of_lesson: Option<&Rc<Scenario>>) -> Result<Rc<Scenario>, RunError> {
        match (world_of_lesson, &self.scenario) {
            (Some(scenario), _) | (None, Played::Whole(scenario)) => Ok(scenario.clone()),
            (None, Played::Named(name)) => Scenario::embedded(name).ok_or_else(|| RunError {
                message: format!("There is no scenario '{name}' here."),
                rescued: None,
            }),
        }
    }
}

/// The first of these commands that makes no sense in a run of this scenario, by its index, and
/// why.
pub fn refusal(
    scenario: &Rc<Scenario>,
    seed: u64,
    inputs: &[(Instant, Command)],
) -> Option<(u32, String)> {
    let start = World::new(scenario.clone(), seed);
    let mut numbered = (0..).zip(inputs);
    numbered.find_map(|(index, (at, command))| {
        let refusal = start.check(&of_any_size(command)).err().map(|error| error.message);
        let late = at.as_millis() > Run::LATEST_MS;
        let why = refusal.or(late.then(|| "it comes later than 24 hours".to_owned()))?;
        Some((index, why))
    })
}

/// A command about one instance may come after another one that added it, as may what else is made
/// on the way; the rest is what can be checked at the start.
fn of_any_size(command: &Command) -> Command {
    match command {
        Command::Kill { service, .. } => Command::Kill { service: service.clone(), instance: None },
        Command::Restart { service, .. }
        | Command::Pause { service, .. }
        | Command::Resume { service, .. } => {
            Command::Restart { service: service.clone(), instance: None }
        }
        // A version may have been registered on the way.
        Command::Set { service, setting: Setting::Schema(used) } => Command::Set {
            service: service.clone(),
            setting: Setting::Schema(SchemaUse { version: 1, ..used.clone() }),
        },
        // As may a policy.
        Command::ClearPolicy { name } => {
            Command::Decide { question: name.clone(), answer: name.clone() }
        }
        other => other.clone(),
    }
}

fn played(value: &Value) -> Result<Played, RunError> {
    match value {
        Value::String(name) => Ok(Played::Named(name.clone())),
        Value::Object(_) => match Scenario::from_document(value) {
            Ok(scenario) => Ok(Played::Whole(Rc::new(scenario))),
            Err(error) => refuse(format!("Its scenario cannot be used: {error}.")),
        },
        _ => refuse("Its field 'scenario' is neither a name nor a scenario.".to_owned()),
    }
}

fn field<'a>(document: &'a Value, name: &str) -> Result<&'a Value, RunError> {
    document.get(name).ok_or_else(|| RunError {
        message: format!("Its field '{name}' is missing."),
        rescued: None,
    })
}

fn number(document: &Value, name: &str) -> Result<u64, RunError> {
    field(document, name)?.as_u64().ok_or_else(|| RunError {
        message: format!("Its field '{name}' is no whole number."),
        rescued: None,
    })
}

fn refuse<T>(message: String) -> Result<T, RunError> {
    Err(RunError { message, rescued: None })
}
