//! The brokers' side: topics, exchanges, queues and bindings, and the links to them.

use std::rc::Rc;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::yes;

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
