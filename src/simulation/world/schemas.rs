//! Schemas between services and topics: what is written is encoded before it is sent, what is read
//! is decoded in the hands of its reader, and the registry can be asked for changes.

use serde_json::Value;

use super::*;
use crate::engine::schema::{Misfit, Refusal, Registry};
use crate::simulation::command::CommandError;
use crate::simulation::job::Source;
use crate::simulation::observation::SchemaFigures;
use crate::simulation::order::Order;
use crate::simulation::scenario::{SchemaUse, ServiceSpec, TopicSpec};

/// The registry of a run, and what was refused in its name.
#[derive(Clone, Debug)]
pub(super) struct Schemas {
    registry: Registry,
    /// By topic: records, versions, and why the last of them was refused.
    refused: LiteMap<Rc<str>, (u64, u64, Rc<str>)>,
}

impl Schemas {
    pub fn of(topics: &[TopicSpec]) -> Schemas {
        let registry = registry_of(topics).expect("the scenario's schemas were checked");
        Schemas { registry, refused: LiteMap::new() }
    }
}

/// The registry with which a run begins. An error is the field and what is wrong.
pub(in crate::simulation) fn registry_of(
    topics: &[TopicSpec],
) -> Result<Registry, (String, String)> {
    let mut registry = Registry::default();
    for (index, topic) in topics.iter().enumerate() {
        let (Some(schema), Some(subject)) = (&topic.schema, topic.subject()) else { continue };
        let wrong = |field: &str, refusal: Refusal| {
            (format!("topics[{index}].schema.{field}"), refusal.to_string())
        };
        if let Some(level) = &schema.compatibility {
            let set = registry.set_level(Some(&subject), level);
            set.map_err(|refusal| wrong("compatibility", refusal))?;
        }
        registry.register(&subject, &schema.avro).map_err(|refusal| wrong("avro", refusal))?;
    }
    Ok(registry)
}

/// Says which schema that a service is built with there is not.
pub(in crate::simulation) fn check_versions(
    scenario: &Scenario,
    registry: &Registry,
    service: &ServiceSpec,
) -> Result<(), String> {
    for used in &service.schemas {
        let subject = scenario.subject_of(&used.topic);
        let subject = subject.ok_or_else(|| format!("{} has no schema", used.topic))?;
        registry.id_of(&subject, used.version).map_err(|refusal| refusal.to_string())?;
    }
    Ok(())
}

impl World {
    pub(super) fn registry(&self) -> &Registry {
        &self.schemas.registry
    }

    /// The schema with which a service writes or reads a topic, and its id; none if the topic has
    /// no schema.
    fn schema_used(&self, service: u16, topic: &str) -> Option<(Rc<str>, u32, u32)> {
        let subject = self.scenario.subject_of(topic)?;
        let spec = &self.services[usize::from(service)].spec;
        let version = spec.schema_use(topic).map_or(1, |used| used.version);
        let id = self.registry().id_of(&subject, version).ok()?;
        Some((subject, version, id))
    }

    /// What a record about an order holds. Where the topic has a schema this is the encoded
    /// document; one that does not fit is refused, as no producer can send it.
    pub(super) fn record_value(
        &mut self,
        seat: Seat,
        order: u32,
        topic: &Rc<str>,
        body: Rc<[u8]>,
    ) -> Result<Rc<[u8]>, Rc<str>> {
        let value = self.poisoned_record(topic, body);
        let Some((subject, version, id)) = self.schema_used(seat.service, topic) else {
            return Ok(value);
        };
        let used = self.service_at(seat).spec.schema_use(topic).cloned();
        let encoded = self.encode(id, used, &value).map_err(|why| {
            let reason: Rc<str> = format!("does not fit {subject} version {version}: {why}").into();
            let (topic, service) = (topic.clone(), seat.service);
            self.count_refusal(&topic, (1, 0), reason.clone());
            self.note(Event::PublishFailed { order, service, topic, reason: reason.clone() });
            reason
        });
        encoded.map(Rc::from)
    }

    fn encode(&self, id: u32, used: Option<SchemaUse>, body: &[u8]) -> Result<Vec<u8>, String> {
        let mut document = document(body).ok_or("it is no JSON document")?;
        if let (Value::Object(fields), Some(used)) = (&mut document, used) {
            fields.extend(used.adds);
        }
        self.registry().encode(id, &document).map_err(|misfit| misfit.to_string())
    }

    /// The order in the message that a job has in hand. A record with a schema is decoded, which
    /// fails if the reader's schema does not understand it; the next attempt tries it again.
    pub(super) fn read_order(&mut self, seat: Seat, id: u64) -> Result<Order, String> {
        let reader = self.service_at(seat).spec.clone();
        let unreadable = || format!("{} cannot read the message", reader.id);
        let job = self.job_at(seat, id).ok_or_else(unreadable)?;
        let (order, body, source) = (job.order, job.body.clone(), job.source.clone());
        match self.decoded(seat.service, order, &source, &body) {
            None => Order::from_bytes(&body).ok_or_else(unreadable),
            Some(Err(misfit)) => Err(format!("{}: {misfit}", unreadable())),
            Some(Ok(decoded)) => {
                let order = Order::from_bytes(&decoded).ok_or_else(unreadable);
                if let Some(job) = self.job_at(seat, id) {
                    job.body = decoded;
                }
                order
            }
        }
    }

    /// What a record says as its reader sees it; none if it was not written with a schema, or is
    /// decoded already. What the reader's schema leaves out of an order, the reader goes without.
    fn decoded(
        &self,
        service: u16,
        order: u32,
        source: &Source,
        body: &[u8],
    ) -> Option<Result<Rc<[u8]>, Misfit>> {
        let Source::Record { partition, .. } = source else {
            return None;
        };
        let (_, _, id) = self.schema_used(service, &partition.topic)?;
        if document(body).is_some() {
            return None;
        }
        let decoded = self.registry().decode(body, Some(id));
        let whole = |read| crate::json::text(&Order::with_gaps_filled(order, read));
        Some(decoded.map(|read| whole(read).into_bytes().into()))
    }

    /// A record as it was written, where it was written with a schema.
    pub fn written_document(&self, topic: &str, value: &[u8]) -> Option<Value> {
        self.scenario.subject_of(topic)?;
        self.registry().decode(value, None).ok()
    }

    fn count_refusal(&mut self, topic: &Rc<str>, counts: (u64, u64), reason: Rc<str>) {
        let (records, versions, _) =
            self.schemas.refused.get(topic).cloned().unwrap_or((0, 0, "".into()));
        let counted = (records + counts.0, versions + counts.1, reason);
        self.schemas.refused.insert(topic.clone(), counted);
    }

    /// Says why a command about schemas makes no sense. One that the registry refuses because of
    /// the versions that it has is carried out, in vain.
    pub(super) fn check_schema(&self, command: &Command) -> Result<(), CommandError> {
        let (Command::RegisterSchema { topic, .. } | Command::SetCompatibility { topic, .. }) =
            command
        else {
            return Ok(());
        };
        self.check_topic(topic)?;
        let Some(subject) = self.scenario.subject_of(topic) else {
            let message = format!("{topic} has no schema, so its records are not checked");
            return Err(CommandError { message });
        };
        let mut registry = self.registry().clone();
        let refused = match command {
            Command::RegisterSchema { schema, .. } => {
                registry.check_compatibility(&subject, schema).err()
            }
            Command::SetCompatibility { level, .. } => {
                registry.set_level(Some(&subject), level).err()
            }
            _ => None,
        };
        match refused.filter(|refusal| refusal.code != Refusal::INCOMPATIBLE) {
            Some(refusal) => Err(CommandError { message: refusal.to_string() }),
            None => Ok(()),
        }
    }

    pub(super) fn change_schema(&mut self, command: &Command) {
        let changed = match command {
            Command::RegisterSchema { topic, schema } => {
                let subject = self.scenario.subject_of(topic).unwrap_or_default();
                self.schemas.registry.register(&subject, schema).map_err(|refusal| (topic, refusal))
            }
            Command::SetCompatibility { topic, level } => {
                let subject = self.scenario.subject_of(topic).unwrap_or_default();
                let set = self.schemas.registry.set_level(Some(&subject), level);
                set.map(|()| 0).map_err(|refusal| (topic, refusal))
            }
            _ => Ok(0),
        };
        if let Err((topic, refusal)) = changed {
            let reason: Rc<str> = refusal.to_string().into();
            self.count_refusal(topic, (0, 1), reason.clone());
            self.note(Event::InVain { what: "schema not registered", reason });
        }
    }

    pub(super) fn schema_figures(&self, topic: &str) -> Option<SchemaFigures> {
        let subject = self.scenario.subject_of(topic)?;
        let refused = self.schemas.refused.get(topic);
        let used =
            (0..self.services.len() as u16).zip(&self.services).filter_map(|(index, one)| {
                let (_, version, _) = self.schema_used(index, topic)?;
                one.spec.touches(topic).then(|| (one.spec.id.clone(), u64::from(version)))
            });
        Some(SchemaFigures {
            versions: self.registry().versions(&subject).to_vec(),
            compatibility: self.registry().level(&subject).name().to_owned(),
            used: used.collect(),
            refused_records: refused.map_or(0, |(records, ..)| *records),
            refused_versions: refused.map_or(0, |(_, versions, _)| *versions),
            last_refusal: refused.map(|(.., reason)| reason.to_string()),
            subject: subject.to_string(),
        })
    }
}

fn document(body: &[u8]) -> Option<Value> {
    crate::json::parse(std::str::from_utf8(body).ok()?).ok()
}
