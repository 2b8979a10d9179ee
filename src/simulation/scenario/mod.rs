//! Scenarios: how a world starts, as data.
//!
//! A scenario is a JSON document. It declares the topics, exchanges, queues and services of a
//! system, the orders that arrive, the links between the parts, alerts and timed faults. Settings
//! that Kafka or RabbitMQ publish keep their published names.

mod brokers;
mod call;
mod clients;
mod game;
mod load;
mod measure;
mod pressure;
mod projection;
mod promise;
mod retry;
mod service;

use std::rc::Rc;

use serde_json::Value;

pub use brokers::{
    Binding, ExchangeSpec, KafkaSpec, Links, PolicySpec, QueueSpec, RabbitMqSpec, TopicSpec,
};
pub use call::{BreakerSpec, CallSpec};
pub use clients::{AcksSpec, ConsumerSpec, IsolationLevel, ProducerSpec, ResetSpec};
pub use game::{GameGoal, GameSpec, Surprises};
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
use crate::json::{JsonError, document};

/// The version of the format that this program reads and writes.
pub const VERSION: u32 = 1;

document! {
    /// A system, what happens to it by itself, and what is watched.
    pub struct Scenario {
        /// The version of this format: 1.
        pub version: u32,
        /// The name by which links and lessons call it, as in a path: `flash-sale-day`.
        pub name: String,
        /// What people read.
        pub title: String,
        /// What is special about it, in a sentence or two.
        pub description: String = String::new(),
        /// Decides every random draw, unless a run has a seed of its own.
        pub seed: u64,
        /// The orders that buyers place.
        pub arrivals: Arrivals,
        /// How long messages are on their way.
        pub links: Links = Links::default(),
        /// Kafka's brokers.
        pub kafka: KafkaSpec = KafkaSpec::default(),
        /// RabbitMQ's nodes and policies.
        pub rabbitmq: RabbitMqSpec = RabbitMqSpec::default(),
        /// Kafka's topics.
        pub topics: Vec<TopicSpec> = Vec::new(),
        /// RabbitMQ's exchanges.
        pub exchanges: Vec<ExchangeSpec> = Vec::new(),
        /// RabbitMQ's queues.
        pub queues: Vec<QueueSpec> = Vec::new(),
        /// Which exchange hands what to which queue.
        pub bindings: Vec<Binding> = Vec::new(),
        /// The services. The first that takes HTTP calls is where buyers place their orders.
        pub services: Vec<ServiceSpec>,
        /// Figures that raise an alert when they are too large.
        pub alerts: Vec<AlertRule> = Vec::new(),
        /// How soon the referee expects effects; without one, an effect is never late.
        pub deadlines: Vec<Deadline> = Vec::new(),
        /// Commands that are given by themselves.
        pub faults: Vec<TimedFault> = Vec::new(),
        /// Commands that a run draws by its seed, and gives by itself.
        pub surprises: Option<Surprises> = None,
        /// What counts, if it is a game.
        pub game: Option<GameSpec> = None,
        /// What the scrub bar draws.
        pub key_quantity: Option<Measure> = None,
        /// Buyers who look their own orders up.
        pub reads: Option<ReadSpec> = None;
        /// As its author wrote it, which is what a saved run carries. Whoever wants another
        /// scenario to be saved changes this and reads it anew.
        pub document: Rc<Value>,
    }
}

impl Scenario {
    /// Reads and checks a scenario.
    pub fn from_json(text: &str) -> Result<Scenario, JsonError> {
        let scenario: Scenario = crate::json::read(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Reads and checks a scenario that is parsed already.
    pub fn from_document(document: &Value) -> Result<Scenario, JsonError> {
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

document! {
    /// A command that is given by itself.
    pub struct TimedFault {
        /// When, in milliseconds since the start.
        pub at_ms: u64,
        /// What: the same that a learner can do.
        pub command: Command,
    }
}
