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

/// The Kafka cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct KafkaSpec {
    /// How many brokers there are, 1 to 5; they are called `kafka/1`, `kafka/2`, …
    pub brokers: u32,
    /// Kafka's `replica.lag.time.max.ms`: a follower that is behind for so long is out of sync.
    pub replica_lag_time_max_ms: u64,
    /// Kafka's `log.retention.check.interval.ms`.
    pub log_retention_check_interval_ms: u64,
}

impl Default for KafkaSpec {
    fn default() -> KafkaSpec {
        KafkaSpec {
            brokers: 3,
            replica_lag_time_max_ms: 30_000,
            log_retention_check_interval_ms: 300_000,
        }
    }
}

/// The RabbitMQ cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RabbitMqSpec {
    /// How many nodes there are, 1 to 5. Classic queues live on the first one; quorum queues have
    /// members on up to three.
    pub nodes: u32,
    /// Settings for all queues and exchanges whose names match.
    pub policies: Vec<PolicySpec>,
}

impl Default for RabbitMqSpec {
    fn default() -> RabbitMqSpec {
        RabbitMqSpec { nodes: 1, policies: Vec::new() }
    }
}

/// A RabbitMQ policy, with the fields of `rabbitmqctl set_policy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// As RabbitMQ calls it.
    pub name: Rc<str>,
    /// A regular expression, matched anywhere in a name.
    pub pattern: Rc<str>,
    /// `all`, `queues`, `classic_queues`, `quorum_queues` or `exchanges`.
    #[serde(default = "all")]
    pub apply_to: Rc<str>,
    /// Of several policies that match, the one with the largest holds.
    #[serde(default)]
    pub priority: i64,
    /// Settings by their names without `x-`: numbers and strings.
    #[serde(serialize_with = "crate::json::object")]
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")
    )]
    pub definition: LiteMap<String, serde_json::Value>,
}

fn all() -> Rc<str> {
    "all".into()
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
    /// How many brokers keep a copy of each partition; at most as many as there are.
    #[serde(default = "one")]
    pub replication_factor: u32,
    /// Kafka's `min.insync.replicas`: with fewer copies in sync a write with `acks=all` is refused.
    #[serde(default)]
    pub min_insync_replicas: Option<u32>,
    /// Kafka's `unclean.leader.election.enable`: a copy that is behind may lead if no other is left.
    #[serde(default)]
    pub unclean_leader_election_enable: bool,
    /// Kafka's `retention.bytes` for each partition; without it there is no limit.
    #[serde(default)]
    pub retention_bytes: Option<u64>,
    /// Kafka's `segment.bytes`; its default is 1 GiB.
    #[serde(default)]
    pub segment_bytes: Option<u32>,
    /// Kafka's `cleanup.policy`: `delete`, `compact` or `compact,delete`.
    #[serde(default)]
    pub cleanup_policy: Option<Rc<str>>,
}

impl TopicSpec {
    /// The settings by their published names, as far as the scenario says something.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        let settings = [
            ("retention.ms", number(self.retention_ms)),
            ("segment.ms", number(self.segment_ms)),
            ("min.insync.replicas", number(self.min_insync_replicas.map(u64::from))),
            ("retention.bytes", number(self.retention_bytes)),
            ("segment.bytes", number(self.segment_bytes.map(u64::from))),
            ("cleanup.policy", self.cleanup_policy.as_deref().map(str::to_owned)),
            (
                "unclean.leader.election.enable",
                self.unclean_leader_election_enable.then(|| "true".to_owned()),
            ),
        ];
        settings.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

fn one() -> u32 {
    1
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
    /// RabbitMQ's arguments, such as `alternate-exchange`.
    #[serde(default, serialize_with = "crate::json::object")]
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")
    )]
    pub arguments: LiteMap<String, serde_json::Value>,
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
    /// The queue that gets the messages; empty if another exchange does.
    #[serde(default)]
    pub queue: Rc<str>,
    /// The exchange that gets the messages (exchange to exchange binding).
    #[serde(default)]
    pub to_exchange: Option<Rc<str>>,
    /// Which of them: RabbitMQ's binding key, with `*` and `#` at a topic exchange.
    #[serde(default)]
    pub routing_key: Rc<str>,
    /// What a headers exchange compares, and `x-match`.
    #[serde(default, serialize_with = "crate::json::object")]
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")
    )]
    pub arguments: LiteMap<String, serde_json::Value>,
}
