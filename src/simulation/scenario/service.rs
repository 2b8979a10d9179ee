//! Services: what one takes in, how long it works, what it does and passes on.

use std::rc::Rc;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::call::CallSpec;
use super::clients::{ConsumerSpec, ProducerSpec};
use super::pressure::{Admission, Autoscale};
use super::projection::ProjectionSpec;
use super::promise::{DatabaseSpec, Deduplication, GivesUp, LastingError, RecordKey, SchemaUse};
use super::retry::Retry;
use super::yes;
use crate::simulation::random::Stream;

/// One service: what it takes in, how long it works, what it does and passes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    /// The name by which everything else calls it.
    pub id: Rc<str>,
    /// What people read.
    pub title: String,
    /// What it does, in a few words for its card.
    pub role: String,
    /// How many processes it has at the start, 1 to 64.
    #[serde(default = "one")]
    pub instances: u32,
    /// Where its messages come from.
    pub input: Input,
    /// How long it works on one.
    pub work: Work,
    /// Of 1 000 pieces of work, how many fail in passing (a second try may succeed).
    #[serde(default)]
    pub fail_per_mille: u32,
    /// The business effect that the referee books when the work is done.
    #[serde(default)]
    pub does: Option<Effect>,
    /// Services called over HTTP, one after another, before anything is published.
    #[serde(default)]
    pub calls: Vec<CallSpec>,
    /// Topics to which one record with the order's id as key is produced.
    #[serde(default)]
    pub publishes: Vec<Rc<str>>,
    /// Tasks enqueued through an exchange.
    #[serde(default)]
    pub enqueues: Vec<EnqueueSpec>,
    /// RabbitMQ's publisher confirms: the work is done when the broker has taken every task, and
    /// fails when it refuses one or a mandatory one comes back.
    #[serde(default)]
    pub publisher_confirms: bool,
    /// Starts and stops instances by what waits.
    #[serde(default)]
    pub autoscale: Option<Autoscale>,
    /// Of 1 000 messages, how many it can never work on: they fail at every attempt.
    #[serde(default)]
    pub fail_for_good_per_mille: u32,
    /// The errors that it takes for lasting ones, and does not try again.
    #[serde(default = "refused")]
    pub lasting_errors: Vec<LastingError>,
    /// Remembers the orders that it is done with, and passes over a message that comes again.
    #[serde(default)]
    pub deduplicates: Option<Deduplication>,
    /// Sends the order's id along as an idempotency key, so that the outside does what the service
    /// `does` only once for each order.
    #[serde(default)]
    pub idempotency_key: bool,
    /// Versions of schemas that it is built with, where it is not version 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<SchemaUse>,
    /// Its own database, if it has one.
    #[serde(default)]
    pub database: Option<DatabaseSpec>,
    /// What its records have as a key.
    #[serde(default)]
    pub record_key: RecordKey,
    /// Settings of its Kafka producers.
    #[serde(default)]
    pub producer: ProducerSpec,
    /// The event that its records tell, in a header; without it their topic names the event.
    #[serde(default)]
    pub event: Option<Rc<str>>,
    /// The read model that it keeps of its topic, if it does.
    #[serde(default)]
    pub projection: Option<ProjectionSpec>,
}

impl ServiceSpec {
    /// The version of a topic's schema that it is built with, if it says so.
    pub(crate) fn schema_use(&self, topic: &str) -> Option<&SchemaUse> {
        self.schemas.iter().find(|used| *used.topic == *topic)
    }

    /// True if it reads a topic or publishes to it.
    pub(crate) fn touches(&self, topic: &str) -> bool {
        let reads = matches!(&self.input, Input::Topic { topic: read, .. } if **read == *topic);
        reads || self.publishes.iter().any(|one| **one == *topic)
    }
}

/// A task that is enqueued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnqueueSpec {
    /// The exchange that it is published to.
    pub exchange: Rc<str>,
    /// Its routing key.
    pub routing_key: Rc<str>,
    /// AMQP delivery mode 2 when true, 1 when false.
    #[serde(default = "yes")]
    pub persistent: bool,
    /// AMQP `mandatory`: a task that reaches no queue comes back (`basic.return`) instead of
    /// vanishing.
    #[serde(default)]
    pub mandatory: bool,
    /// AMQP `priority`, for queues with `x-max-priority`.
    #[serde(default)]
    pub priority: Option<u8>,
    /// AMQP `expiration`: the message's own time to live in ms.
    #[serde(default)]
    pub expiration_ms: Option<u64>,
    /// Headers, which a headers exchange compares: numbers, booleans and strings.
    #[serde(default, serialize_with = "crate::json::object")]
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")
    )]
    pub headers: LiteMap<String, serde_json::Value>,
}

/// Where the messages come from that a service works on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// Calls over HTTP; each instance works on up to `concurrency` at once, the rest waits.
    Http {
        /// How many calls an instance works on at once, at least 1.
        #[serde(default = "many")]
        concurrency: u32,
        /// Which calls it turns away.
        #[serde(default)]
        admission: Admission,
    },
    /// A consumer group on a topic; each instance is one member and works on one record at a time.
    Topic {
        /// The topic that is read.
        topic: Rc<str>,
        /// Kafka's `group.id`.
        group: Rc<str>,
        /// `range`, `roundrobin`, `sticky` or `cooperative-sticky`.
        #[serde(default)]
        assignor: Option<Rc<str>>,
        /// Kafka's `session.timeout.ms`; its default is 45 s.
        #[serde(default)]
        session_timeout_ms: Option<u64>,
        /// Kafka's `max.poll.records`; its default is 500.
        #[serde(default)]
        max_poll_records: Option<u32>,
        /// When the offset of a record is committed.
        #[serde(default)]
        commit: CommitMode,
        /// How a record that fails is tried again before it is skipped; the partition waits.
        #[serde(default)]
        retry: Retry,
        /// What follows the last attempt.
        #[serde(default)]
        gives_up: GivesUp,
        /// Settings of its consumers.
        #[serde(default)]
        consumer: ConsumerSpec,
    },
    /// A worker on a queue; each instance has a channel and works on one message at a time.
    Queue {
        /// The queue that is consumed.
        queue: Rc<str>,
        /// How many unacknowledged messages a worker has at most; 0 is unlimited.
        #[serde(default = "one_u16")]
        prefetch: u16,
        /// When a message is acknowledged.
        #[serde(default)]
        ack: AckMode,
        /// Where it publishes a message with a lasting error before it acks it. Without this it
        /// rejects the message, as it does after any other failure.
        #[serde(default)]
        gives_up: Option<EnqueueSpec>,
    },
}

/// Where a consumer commits its offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommitMode {
    /// After the work on each record: at least once.
    #[default]
    After,
    /// As soon as a record arrives, before the work: at most once.
    Before,
    /// By the client every `auto.commit.interval.ms`.
    Auto,
}

/// When a worker acknowledges a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AckMode {
    /// `basic.ack` after the work.
    #[default]
    After,
    /// `no_ack`: the broker forgets the message when it sends it.
    Auto,
    /// `basic.ack` as soon as the message is taken in hand, before the work.
    Before,
}

/// How long a piece of work takes, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// Always the same.
    FixedMs(u64),
    /// Drawn anew each time, every value being as likely.
    UniformMs {
        /// The shortest.
        min: u64,
        /// The longest.
        max: u64,
    },
    /// Measured times: rows of `[per_mille, ms]`, of 1 000 pieces of work so many take so long.
    TableMs(Vec<(u32, u64)>),
}

impl Work {
    /// The mean, in milliseconds.
    pub fn mean_ms(&self) -> u64 {
        match self {
            Work::FixedMs(ms) => *ms,
            Work::UniformMs { min, max } => (min + max) / 2,
            Work::TableMs(rows) => {
                rows.iter().map(|(share, ms)| u64::from(*share) * ms).sum::<u64>() / 1_000
            }
        }
    }

    /// Draws the time of one piece of work, in microseconds.
    pub(crate) fn draw_us(&self, draws: &mut Stream) -> u64 {
        match self {
            Work::FixedMs(ms) => ms * 1_000,
            Work::UniformMs { min, max } => draws.between(min * 1_000, max * 1_000),
            Work::TableMs(rows) => {
                let mut place = draws.below(1_000);
                let row = rows.iter().find(|(share, _)| {
                    let here = place < u64::from(*share);
                    place = place.saturating_sub(u64::from(*share));
                    here
                });
                row.map_or(0, |(_, ms)| ms * 1_000)
            }
        }
    }

    /// An hour for one message would be a number mistyped.
    pub(crate) fn check(&self) -> Result<(), String> {
        const MOST_MS: u64 = 3_600_000;
        match self {
            Work::FixedMs(ms) if *ms > MOST_MS => {
                Err(format!("work takes at most {MOST_MS} ms, not {ms}"))
            }
            Work::UniformMs { min, max } if min > max || *max > MOST_MS => {
                Err(format!("work takes from min to max, at most {MOST_MS} ms, not {min} to {max}"))
            }
            Work::TableMs(rows)
                if rows.iter().map(|row| u64::from(row.0)).sum::<u64>() != 1_000 =>
            {
                Err("the shares of a table are 1000 in all".to_owned())
            }
            Work::TableMs(rows) if rows.iter().any(|row| row.1 > MOST_MS) => {
                Err(format!("work takes at most {MOST_MS} ms"))
            }
            Work::FixedMs(_) | Work::UniformMs { .. } | Work::TableMs(_) => Ok(()),
        }
    }
}

/// What the referee books for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The card is charged.
    Charge,
    /// Stock is reserved.
    Reserve,
    /// The buyer is mailed.
    Mail,
    /// The invoice is made.
    Invoice,
    /// The shipping label is printed.
    Label,
    /// Revenue is counted; no order is owed it.
    Count,
}

impl Effect {
    /// As figures and files name it.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Charge => "charge",
            Effect::Reserve => "reserve",
            Effect::Mail => "mail",
            Effect::Invoice => "invoice",
            Effect::Label => "label",
            Effect::Count => "count",
        }
    }

    /// The past participle that a sentence needs: "charged twice".
    pub fn done(self) -> &'static str {
        match self {
            Effect::Charge => "charged",
            Effect::Reserve => "reserved",
            Effect::Mail => "mailed",
            Effect::Invoice => "invoiced",
            Effect::Label => "labelled",
            Effect::Count => "counted",
        }
    }
}

fn refused() -> Vec<LastingError> {
    vec![LastingError::Refused]
}

fn one() -> u32 {
    1
}

fn one_u16() -> u16 {
    1
}

fn many() -> u32 {
    1_000
}
