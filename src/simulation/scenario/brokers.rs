//! The brokers' side: topics, exchanges, queues and bindings, and the links to them.

use std::rc::Rc;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::yes;

/// One-way latencies in microseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Of HTTP calls and their answers.
    pub http_us: u64,
    /// To and from Kafka's brokers.
    pub kafka_us: u64,
    /// To and from RabbitMQ.
    pub rabbitmq_us: u64,
}

impl Default for Links {
    /// One data centre: about a millisecond each way.
    fn default() -> Links {
        Links { http_us: 1_000, kafka_us: 1_000, rabbitmq_us: 1_000 }
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopicSpec {
    /// As Kafka calls it.
    pub name: Rc<str>,
    /// How many partitions it has, 1 to 256.
    pub partitions: u32,
    /// Kafka's `retention.ms`; its default is 7 days.
    #[serde(default)]
    pub retention_ms: Option<u64>,
    /// Kafka's `segment.ms`; its default is 7 days.
    #[serde(default)]
    pub segment_ms: Option<u64>,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExchangeSpec {
    /// As RabbitMQ calls it.
    pub name: Rc<str>,
    /// `direct`, `fanout`, `topic` or `headers`.
    #[serde(rename = "type")]
    pub kind: Rc<str>,
    /// Whether it outlives a restart of the broker.
    #[serde(default = "yes")]
    pub durable: bool,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// As RabbitMQ calls it.
    pub name: Rc<str>,
    /// Whether it outlives a restart of the broker.
    #[serde(default = "yes")]
    pub durable: bool,
    /// RabbitMQ's `x-arguments`: numbers and strings.
    #[serde(default, serialize_with = "crate::json::object")]
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")
    )]
    pub arguments: LiteMap<String, serde_json::Value>,
}

/// What an exchange hands to a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The exchange that messages are published to.
    pub exchange: Rc<str>,
    /// The queue that gets them.
    pub queue: Rc<str>,
    /// Which of them: RabbitMQ's binding key, with `*` and `#` at a topic exchange.
    #[serde(default)]
    pub routing_key: Rc<str>,
}
