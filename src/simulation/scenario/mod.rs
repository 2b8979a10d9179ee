//! Scenarios: how a world starts, as data.
//!
//! A scenario is a JSON document. It declares the topics, exchanges, queues and services of a
//! system, the orders that arrive, the links between the parts, alerts and timed faults. Settings
//! that Kafka or RabbitMQ publish keep their published names.

mod brokers;
mod call;
mod clients;
mod load;
mod measure;
mod pressure;
mod projection;
mod promise;
mod retry;
mod service;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

pub use brokers::{
    Binding, ExchangeSpec, KafkaSpec, Links, PolicySpec, QueueSpec, RabbitMqSpec, TopicSpec,
};
pub use call::{BreakerSpec, CallSpec};
pub use clients::{AcksSpec, ConsumerSpec, IsolationLevel, ProducerSpec, ResetSpec};
pub use load::{ArrivalChange, Arrivals, Burst, Buyers, Gaps, PriorityShare};
pub use measure::{AlertRule, Deadline, Measure};
pub use pressure::{Admission, Autoscale, DepthGuard};
pub use projection::{ProjectionSpec, ReadSpec};
pub use promise::{
    DatabaseSpec, Deduplication, GivesUp, LastingError, Publishes, RecordKey, SchemaUse,
};
pub use retry::{Delay, Retry};
pub use service::{AckMode, CommitMode, Effect, EnqueueSpec, Input, ServiceSpec, Work};

use super::command::Command;
use crate::json::JsonError;

/// The version of the format that this program reads and writes.
pub const VERSION: u32 = 1;

/// A system, what happens to it by itself, and what is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of this format: 1.
    pub version: u32,
    /// The name by which links and lessons call it, as in a path: `flash-sale-day`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What is special about it, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// Decides every random draw, unless a run has a seed of its own.
    pub seed: u64,
    /// The orders that buyers place.
    pub arrivals: Arrivals,
    /// How long messages are on their way.
    #[serde(default)]
    pub links: Links,
    /// Kafka's brokers.
    #[serde(default)]
    pub kafka: KafkaSpec,
    /// RabbitMQ's nodes and policies.
    #[serde(default)]
    pub rabbitmq: RabbitMqSpec,
    /// Kafka's topics.
    #[serde(default)]
    pub topics: Vec<TopicSpec>,
    /// RabbitMQ's exchanges.
    #[serde(default)]
    pub exchanges: Vec<ExchangeSpec>,
    /// RabbitMQ's queues.
    #[serde(default)]
    pub queues: Vec<QueueSpec>,
    /// Which exchange hands what to which queue.
    #[serde(default)]
    pub bindings: Vec<Binding>,
    /// The services. The first that takes HTTP calls is where buyers place their orders.
    pub services: Vec<ServiceSpec>,
    /// Figures that raise an alert when they are too large.
    #[serde(default)]
    pub alerts: Vec<AlertRule>,
    /// How soon the referee expects effects; without one, an effect is never late.
    #[serde(default)]
    pub deadlines: Vec<Deadline>,
    /// Commands that are given by themselves.
    #[serde(default)]
    pub faults: Vec<TimedFault>,
    /// What the scrub bar draws.
    #[serde(default)]
    pub key_quantity: Option<Measure>,
    /// Buyers who look their own orders up.
    #[serde(default)]
    pub reads: Option<ReadSpec>,
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

    /// A scenario that comes with the program.
    pub fn embedded(name: &str) -> Option<Rc<Scenario>> {
        let document = crate::scenarios::document(name)?;
        let scenario = Scenario::from_json(document).expect("a test reads the embedded scenarios");
        Some(Rc::new(scenario))
    }

    /// The registry's subject for a topic's values, if they have a schema.
    pub(crate) fn subject_of(&self, topic: &str) -> Option<Rc<str>> {
        self.topics.iter().find(|spec| *spec.name == *topic)?.subject()
    }

    /// The service at which buyers place their orders.
    pub fn door(&self) -> Option<&ServiceSpec> {
        self.services.iter().find(|service| matches!(service.input, Input::Http { .. }))
    }
}

/// A command that is given by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimedFault {
    /// When, in milliseconds since the start.
    pub at_ms: u64,
    /// What: the same that a learner can do.
    pub command: Command,
}

fn yes() -> bool {
    true
}
