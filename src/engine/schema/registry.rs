//! The registry itself: subjects with versions, ids over all subjects, and levels.

use std::fmt;
use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;

use super::{Level, Misfit, Schema};

/// The first byte of a record with a schema.
const MAGIC: u8 = 0;

/// The answer to what cannot be done, with the code of Confluent's HTTP interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: u32,
    pub message: String,
}

impl Refusal {
    /// The code of a schema that may not follow the versions that there are.
    pub const INCOMPATIBLE: u32 = 409;
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

fn refuse<T>(code: u32, message: String) -> Result<T, Refusal> {
    Err(Refusal { code, message })
}

#[derive(Clone, Debug, Default)]
struct Subject {
    level: Option<Level>,
    /// The ids of its versions; the first is version 1.
    versions: Vec<u32>,
}

/// Schemas by subject and by id. Cloning it is cheap: schemas are shared.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    level: Level,
    /// The first has the id 1.
    schemas: Vec<Rc<Schema>>,
    subjects: LiteMap<Rc<str>, Subject>,
}

impl Registry {
    /// Registers the next version of a subject and returns its id. A schema that the subject has
    /// is not registered again; one that another subject has keeps its id.
    pub fn register(&mut self, subject: &str, document: &Value) -> Result<u32, Refusal> {
        let schema = parse(document)?;
        let known = self.schemas.iter().position(|one| one.document() == document);
        let id = known.unwrap_or(self.schemas.len()) as u32 + 1;
        if self.versions(subject).contains(&id) {
            return Ok(id);
        }
        self.check(subject, &schema)?;
        if known.is_none() {
            self.schemas.push(Rc::new(schema));
        }
        self.subjects.entry(subject.into()).or_default().versions.push(id);
        Ok(id)
    }

    /// Says why a schema may not be the next version of a subject.
    pub fn check_compatibility(&self, subject: &str, document: &Value) -> Result<(), Refusal> {
        self.check(subject, &parse(document)?)
    }

    /// The ids of a subject's versions; none if there is no such subject.
    pub fn versions(&self, subject: &str) -> &[u32] {
        self.subjects.get(subject).map_or(&[], |subject| &subject.versions)
    }

    /// The id of a version of a subject.
    pub fn id_of(&self, subject: &str, version: u32) -> Result<u32, Refusal> {
        let versions = self.versions(subject);
        if versions.is_empty() {
            return refuse(40401, format!("Subject '{subject}' not found"));
        }
        match (version as usize).checked_sub(1).and_then(|index| versions.get(index)) {
            Some(id) => Ok(*id),
            None => {
                let last = versions.len();
                refuse(
                    40402,
                    format!("Version {version} of {subject} not found: it has 1 to {last}"),
                )
            }
        }
    }

    pub fn schema(&self, id: u32) -> Result<&Schema, Refusal> {
        match (id as usize).checked_sub(1).and_then(|index| self.schemas.get(index)) {
            Some(schema) => Ok(schema),
            None => refuse(40403, format!("Schema {id} not found")),
        }
    }

    /// The level of a subject, or the one for all that have none.
    pub fn level(&self, subject: &str) -> Level {
        self.subjects.get(subject).and_then(|subject| subject.level).unwrap_or(self.level)
    }

    /// Sets the level of a subject, or without one the level for all that have none.
    pub fn set_level(&mut self, subject: Option<&str>, level: &str) -> Result<(), Refusal> {
        let Some(level) = Level::from_name(level) else {
            let names = Level::ALL.map(Level::name).join(", ");
            return refuse(42203, format!("'{level}' is no compatibility level: {names} are"));
        };
        match subject {
            Some(subject) => self.subjects.entry(subject.into()).or_default().level = Some(level),
            None => self.level = level,
        }
        Ok(())
    }

    /// A document as it is sent: a zero, the id of its schema, and the datum.
    pub fn encode(&self, id: u32, document: &Value) -> Result<Vec<u8>, Misfit> {
        let schema = self.schema(id).map_err(|refusal| Misfit::new(refusal.to_string()))?;
        let mut bytes = vec![MAGIC];
        bytes.extend(id.to_be_bytes());
        bytes.extend(schema.encode(document)?);
        Ok(bytes)
    }

    /// What was sent, as a reader sees it that knows a schema of its own, or without one as it was
    /// written.
    pub fn decode(&self, bytes: &[u8], reader: Option<u32>) -> Result<Value, Misfit> {
        let Some((&[MAGIC, a, b, c, d], datum)) = bytes.split_first_chunk() else {
            return Err(Misfit::new("there is no schema id before the record".to_owned()));
        };
        let id = u32::from_be_bytes([a, b, c, d]);
        let schema = |id| self.schema(id).map_err(|refusal| Misfit::new(refusal.to_string()));
        schema(reader.unwrap_or(id))?.decode(schema(id)?, datum)
    }

    /// Holds a schema against the versions that the level names, the newest first.
    fn check(&self, subject: &str, schema: &Schema) -> Result<(), Refusal> {
        let (level, versions) = (self.level(subject), self.versions(subject));
        let most = if level.is_transitive() { versions.len() } else { 1 };
        for (index, id) in versions.iter().enumerate().rev().take(most) {
            let old = self.schema(*id)?;
            if let Err(misfit) = level.check(schema, old) {
                let (name, version) = (level.name(), index + 1);
                let message =
                    format!("not {name} compatible with version {version} of {subject}: {misfit}");
                return refuse(Refusal::INCOMPATIBLE, message);
            }
        }
        Ok(())
    }
}

fn parse(document: &Value) -> Result<Schema, Refusal> {
    Schema::parse(document).or_else(|misfit| {
        refuse(42201, format!("Input schema is an invalid Avro schema: {misfit}"))
    })
}
