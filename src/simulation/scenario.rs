//! Scenarios: how a world starts, as data.
//!
//! A scenario is a JSON document. It declares the topics, exchanges, queues and services of a
//! system, the orders that arrive, the links between the parts, alerts and timed faults. Settings
//! that Kafka or RabbitMQ publish keep their published names.

use std::rc::Rc;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::command::Command;
use crate::json::JsonError;

/// The version of the format that this program reads and writes.
pub const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub version: u32,
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub seed: u64,
    pub arrivals: Arrivals,
    #[serde(default)]
    pub links: Links,
    #[serde(default)]
    pub topics: Vec<TopicSpec>,
    #[serde(default)]
    pub exchanges: Vec<ExchangeSpec>,
    #[serde(default)]
    pub queues: Vec<QueueSpec>,
    #[serde(default)]
    pub bindings: Vec<Binding>,
    pub services: Vec<ServiceSpec>,
    #[serde(default)]
    pub alerts: Vec<AlertRule>,
    #[serde(default)]
    pub faults: Vec<TimedFault>,
    /// What the scrub bar draws.
    #[serde(default)]
    pub key_quantity: Option<Measure>,
}

/// The orders that buyers place at the first service that takes HTTP calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// Orders per minute at the start; 0 places none.
    pub per_minute: u32,
    /// How far the gap between two orders strays from the mean, in percent of it: 0 is a metronome.
    #[serde(default)]
    pub jitter_percent: u32,
    /// Later rates, by time.
    #[serde(default)]
    pub changes: Vec<ArrivalChange>,
    /// No further order is placed after this many.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Of 100 cards, how many their issuer declines: a fact of business, not a failure.
    #[serde(default)]
    pub declined_percent: u32,
    /// The numbers of the orders whose postal address is malformed (the first order is 1). Their
    /// cards are good.
    #[serde(default)]
    pub malformed_addresses: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalChange {
    pub at_ms: u64,
    pub per_minute: u32,
}

/// One-way latencies in microseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    pub http_us: u64,
    pub kafka_us: u64,
    pub rabbitmq_us: u64,
}

impl Default for Links {
    /// One data centre: about a millisecond each way.
    fn default() -> Links {
        Links { http_us: 1_000, kafka_us: 1_000, rabbitmq_us: 1_000 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicSpec {
    pub name: Rc<str>,
    pub partitions: u32,
    /// Kafka's `retention.ms`; its default is 7 days.
    #[serde(default)]
    pub retention_ms: Option<u64>,
    /// Kafka's `segment.ms`; its default is 7 days.
    #[serde(default)]
    pub segment_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeSpec {
    pub name: Rc<str>,
    /// `direct`, `fanout` or `topic`.
    #[serde(rename = "type")]
    pub kind: Rc<str>,
    #[serde(default = "yes")]
    pub durable: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    pub name: Rc<str>,
    #[serde(default = "yes")]
    pub durable: bool,
    /// RabbitMQ's `x-arguments`: numbers and strings.
    #[serde(default, serialize_with = "crate::json::object")]
    pub arguments: LiteMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    pub exchange: Rc<str>,
    pub queue: Rc<str>,
    #[serde(default)]
    pub routing_key: Rc<str>,
}

/// One service: what it takes in, how long it works, what it does and passes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    pub id: Rc<str>,
    pub title: String,
    /// What it does, in a few words for its card.
    pub role: String,
    #[serde(default = "one")]
    pub instances: u32,
    pub input: Input,
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    pub service: Rc<str>,
    /// A learner can switch the call off and on.
    #[serde(default = "yes")]
    pub enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnqueueSpec {
    pub exchange: Rc<str>,
    pub routing_key: Rc<str>,
    /// AMQP delivery mode 2 when true, 1 when false.
    #[serde(default = "yes")]
    pub persistent: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// Calls over HTTP; each instance works on up to `concurrency` at once, the rest waits.
    Http {
        #[serde(default = "many")]
        concurrency: u32,
    },
    /// A consumer group on a topic; each instance is one member and works on one record at a time.
    Topic {
        topic: Rc<str>,
        group: Rc<str>,
        /// `range`, `roundrobin`, `sticky` or `cooperative-sticky`.
        #[serde(default)]
        assignor: Option<Rc<str>>,
        #[serde(default)]
        session_timeout_ms: Option<u64>,
        #[serde(default)]
        max_poll_records: Option<u32>,
        #[serde(default)]
        commit: CommitMode,
        /// How often a record that fails is tried again before it is skipped.
        #[serde(default = "three")]
        retries: u32,
        #[serde(default = "second")]
        retry_delay_ms: u64,
    },
    /// A worker on a queue; each instance has a channel and works on one message at a time.
    Queue {
        queue: Rc<str>,
        #[serde(default = "one_u16")]
        prefetch: u16,
        #[serde(default)]
        ack: AckMode,
    },
}

/// Where a consumer commits its offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    FixedMs(u64),
    UniformMs { min: u64, max: u64 },
}

/// What the referee books for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Charge,
    Reserve,
    Mail,
    Invoice,
    Label,
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

/// A figure that alerts and the scrub bar can watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Lag of one group, all partitions together.
    GroupLag(Rc<str>),
    /// The largest lag of any group.
    MaxGroupLag,
    /// Ready messages of one queue.
    QueueReady(Rc<str>),
    /// 95th percentile of the time until the buyer has an answer, over the last minute, in ms.
    CheckoutP95Ms,
    /// Orders that failed at the door so far.
    OrdersFailed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    pub rule: String,
    pub measure: Measure,
    /// The alert is on while the measure is greater than this.
    pub above: u64,
    /// It fires only after the measure was above for this long.
    #[serde(default)]
    pub for_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedFault {
    pub at_ms: u64,
    pub command: Command,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn one_u16() -> u16 {
    1
}

fn three() -> u32 {
    3
}

fn many() -> u32 {
    1_000
}

fn second() -> u64 {
    1_000
}

impl Scenario {
    /// Reads and checks a scenario.
    pub fn from_json(text: &str) -> Result<Scenario, JsonError> {
        let scenario: Scenario = crate::json::read(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Reads and checks a scenario that is parsed already.
    pub fn from_document(document: &serde_json::Value) -> Result<Scenario, JsonError> {
        let scenario: Scenario = crate::json::from_value(document)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// The service at which buyers place their orders.
    pub fn door(&self) -> Option<&ServiceSpec> {
        self.services.iter().find(|service| matches!(service.input, Input::Http { .. }))
    }
}
