//! What a learner can change of a service's promises while it runs.

use std::fmt;

use super::scenario::{
    CommitMode, ConsumerSpec, DatabaseSpec, Deduplication, GivesUp, Input, LastingError,
    ProducerSpec, ProjectionSpec, Publishes, RecordKey, SchemaUse, ServiceSpec,
};
use crate::json::document;

document! {
    /// One promise with its new value, under the name that a scenario has for it.
    ///
    /// In JSON: `{"set": {"service": "payment", "setting": {"idempotency_key": true}}}`.
    pub enum Setting: Eq {
        /// When it commits its offsets.
        Commit(CommitMode),
        /// What becomes of a record that it gives up.
        GivesUp(GivesUp),
        /// Whether a message that fails goes back to its queue.
        Requeues(bool),
        /// Of 1 000 messages, how many it can never work on.
        FailForGoodPerMille(u32),
        /// The errors that it does not try again.
        LastingErrors(Vec<LastingError>),
        /// The store of orders that it is done with, or none.
        Deduplicates(Option<Deduplication>),
        /// AMQP `mandatory` for all of its tasks.
        Mandatory(bool),
        /// Whether it sends the order's id along to the outside.
        IdempotencyKey(bool),
        /// Its own database, or none.
        Database(Option<DatabaseSpec>),
        /// What its records have as a key.
        RecordKey(RecordKey),
        /// Settings of its producers.
        Producer(ProducerSpec),
        /// Settings of its consumers.
        Consumer(ConsumerSpec),
        /// How its read model is kept.
        Projection(ProjectionSpec),
        /// A build with another version of a topic's schema is deployed.
        Schema(SchemaUse),
    }
}

impl Setting {
    /// Writes the setting into a declaration; an error says why it has no place there.
    pub(super) fn apply(&self, spec: &mut ServiceSpec) -> Result<(), String> {
        match self {
            Setting::Requeues(again) => match &mut spec.input {
                Input::Queue { requeues, .. } => *requeues = *again,
                Input::Http { .. } | Input::Topic { .. } => {
                    return Err(format!("{} is not a worker on a queue", spec.id));
                }
            },
            Setting::FailForGoodPerMille(per_mille) => spec.fail_for_good_per_mille = *per_mille,
            Setting::LastingErrors(errors) => spec.lasting_errors.clone_from(errors),
            Setting::Deduplicates(store) => spec.deduplicates = *store,
            Setting::Mandatory(mandatory) => {
                spec.enqueues.iter_mut().for_each(|task| task.mandatory = *mandatory);
            }
            Setting::IdempotencyKey(sent) => spec.idempotency_key = *sent,
            Setting::Database(database) => spec.database = *database,
            Setting::RecordKey(key) => spec.record_key = *key,
            Setting::Projection(projection) if spec.projection.is_some() => {
                spec.projection = Some(*projection);
            }
            Setting::Projection(_) => return Err(format!("{} has no projection", spec.id)),
            Setting::Schema(used) => {
                spec.schemas.retain(|before| before.topic != used.topic);
                spec.schemas.push(used.clone());
            }
            Setting::Producer(producer) => spec.producer.clone_from(producer),
            Setting::Commit(_) | Setting::GivesUp(_) | Setting::Consumer(_) => {
                return self.apply_to_input(spec);
            }
        }
        Ok(())
    }

    fn apply_to_input(&self, spec: &mut ServiceSpec) -> Result<(), String> {
        let Input::Topic { commit, gives_up, consumer, .. } = &mut spec.input else {
            return Err(format!("{} does not read a topic", spec.id));
        };
        match self {
            Setting::Commit(mode) => *commit = *mode,
            Setting::GivesUp(way) => gives_up.clone_from(way),
            Setting::Consumer(settings) => consumer.clone_from(settings),
            _ => {}
        }
        Ok(())
    }

    /// True if the instances' clients have to be made anew for it.
    pub(super) fn needs_new_clients(&self) -> bool {
        matches!(
            self,
            Setting::Commit(_) | Setting::GivesUp(_) | Setting::Producer(_) | Setting::Consumer(_)
        )
    }
}

impl fmt::Display for Setting {
    /// As a clause after the service's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Commit(CommitMode::After) => f.write_str("commits after work"),
            Setting::Commit(CommitMode::Before) => f.write_str("commits before work"),
            Setting::Commit(CommitMode::Auto) => f.write_str("commits automatically"),
            Setting::GivesUp(GivesUp::Skip) => f.write_str("skips what it gives up"),
            Setting::GivesUp(GivesUp::DeadLetterTopic(topic)) => {
                write!(f, "gives up to {topic}")
            }
            Setting::Requeues(true) => f.write_str("requeues what fails"),
            Setting::Requeues(false) => f.write_str("rejects what fails"),
            Setting::FailForGoodPerMille(per_mille) => {
                write!(f, "can never do {}.{} %", per_mille / 10, per_mille % 10)
            }
            Setting::LastingErrors(errors) => f.write_str(match errors.len() {
                0 => "tries every error again",
                _ => "gives lasting errors up at once",
            }),
            Setting::Deduplicates(None) => f.write_str("remembers nothing"),
            Setting::Deduplicates(Some(store)) => {
                write!(f, "remembers for {} ms", store.lifetime_ms)
            }
            Setting::Mandatory(true) => f.write_str("wants its tasks routed"),
            Setting::Mandatory(false) => f.write_str("lets unroutable tasks vanish"),
            Setting::IdempotencyKey(true) => f.write_str("sends an idempotency key"),
            Setting::IdempotencyKey(false) => f.write_str("sends no idempotency key"),
            Setting::Database(None) => f.write_str("has no database"),
            Setting::Database(Some(database)) => f.write_str(match database.publishes {
                Publishes::BeforeWrite => "publishes before its write",
                Publishes::AfterWrite => "publishes after its write",
                Publishes::Outbox { .. } => "publishes through an outbox",
            }),
            Setting::RecordKey(RecordKey::OrderId) => f.write_str("keys by order"),
            Setting::RecordKey(RecordKey::Country) => f.write_str("keys by country"),
            Setting::RecordKey(RecordKey::None) => f.write_str("sends no key"),
            Setting::Producer(ProducerSpec { transactional: true, .. }) => {
                f.write_str("produces in transactions")
            }
            Setting::Producer(_) => f.write_str("has other producer settings"),
            Setting::Projection(ProjectionSpec { drops_cents: true, .. }) => {
                f.write_str("drops cents")
            }
            Setting::Projection(ProjectionSpec { snapshot_every: Some(records), .. }) => {
                write!(f, "saves a snapshot every {records} records")
            }
            Setting::Projection(_) => f.write_str("saves no snapshots"),
            Setting::Schema(SchemaUse { topic, version, .. }) => {
                write!(f, "has version {version} of the schema of {topic}")
            }
            Setting::Consumer(_) => f.write_str("has other consumer settings"),
        }
    }
}
