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
pub use promise::{DatabaseSpec, Deduplication, GivesUp, LastingError, Publishes, RecordKey};
pub use retry::{Delay, Retry};
pub use service::{AckMode, CommitMode, Effect, EnqueueSpec, Input, ServiceSpec, Work};

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
    pub kafka: KafkaSpec,
    #[serde(default)]
    pub rabbitmq: RabbitMqSpec,
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
    /// How soon the referee expects effects; without one, an effect is never late.
    #[serde(default)]
    pub deadlines: Vec<Deadline>,
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

    /// The service at which buyers place their orders.
    pub fn door(&self) -> Option<&ServiceSpec> {
        self.services.iter().find(|service| matches!(service.input, Input::Http { .. }))
    }
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
