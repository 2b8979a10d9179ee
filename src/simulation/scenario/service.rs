//! Services: what one takes in, how long it works, what it does and passes on.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::retry::Retry;
use super::yes;

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
}

/// A call over HTTP to another service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// The id of the service that is called.
    pub service: Rc<str>,
    /// A learner can switch the call off and on.
    #[serde(default = "yes")]
    pub enabled: bool,
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
}

/// How long a piece of work takes, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

fn one() -> u32 {
    1
}

fn one_u16() -> u16 {
    1
}

fn many() -> u32 {
    1_000
}
