//! The brokers' side: topics, exchanges, queues and bindings, and the links to them.

use std::fmt;
use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;

use crate::json::{self, document};

document! {
    /// One-way latencies in microseconds.
    pub struct Links {
        /// Of HTTP calls and their answers.
        pub http_us: u64 = 1_000,
        /// To and from Kafka's brokers.
        pub kafka_us: u64 = 1_000,
        /// To and from RabbitMQ.
        pub rabbitmq_us: u64 = 1_000,
    }
}

impl Default for Links {
    /// One data centre: about a millisecond each way.
    fn default() -> Links {
        json::blank()
    }
}

document! {
    /// The Kafka cluster.
    pub struct KafkaSpec {
        /// How many brokers there are, 1 to 5; they are called `kafka/1`, `kafka/2`, …
        pub brokers: u32 = 3,
        /// Kafka's `replica.lag.time.max.ms`: a follower that is behind for so long is out of sync.
        pub replica_lag_time_max_ms: u64 = 30_000,
        /// Kafka's `log.retention.check.interval.ms`.
        pub log_retention_check_interval_ms: u64 = 300_000,
    }
}

impl Default for KafkaSpec {
    fn default() -> KafkaSpec {
        json::blank()
    }
}

document! {
    /// The RabbitMQ cluster.
    pub struct RabbitMqSpec {
        /// How many nodes there are, 1 to 5. Classic queues live on the first one; quorum queues
        /// have members on up to three.
        pub nodes: u32 = 1,
        /// Settings for all queues and exchanges whose names match.
        pub policies: Vec<PolicySpec> = Vec::new(),
    }
}

impl Default for RabbitMqSpec {
    fn default() -> RabbitMqSpec {
        json::blank()
    }
}

document! {
    /// A RabbitMQ policy, with the fields of `rabbitmqctl set_policy`.
    pub struct PolicySpec: Eq {
        /// As RabbitMQ calls it.
        pub name: Rc<str>,
        /// A regular expression, matched anywhere in a name.
        pub pattern: Rc<str>,
        /// `all`, `queues`, `classic_queues`, `quorum_queues` or `exchanges`.
        pub apply_to: Rc<str> = "all".into(),
        /// Of several policies that match, the one with the largest holds.
        pub priority: i64 = 0,
        /// Settings by their names without `x-`: numbers and strings.
        pub definition: LiteMap<String, Value>,
    }
}

document! {
    /// A topic.
    pub struct TopicSpec {
        /// As Kafka calls it.
        pub name: Rc<str>,
        /// How many partitions it has, 1 to 256.
        pub partitions: u32,
        /// Kafka's `retention.ms`; its default is 7 days.
        pub retention_ms: Option<u64> = None,
        /// Kafka's `segment.ms`; its default is 7 days.
        pub segment_ms: Option<u64> = None,
        /// How many brokers keep a copy of each partition; at most as many as there are.
        pub replication_factor: u32 = 1,
        /// Kafka's `min.insync.replicas`: with fewer copies in sync a write with `acks=all` is
        /// refused.
        pub min_insync_replicas: Option<u32> = None,
        /// Kafka's `unclean.leader.election.enable`: a copy that is behind may lead if no other is
        /// left.
        pub unclean_leader_election_enable: bool = false,
        /// Kafka's `retention.bytes` for each partition; without it there is no limit.
        pub retention_bytes: Option<u64> = None,
        /// Kafka's `segment.bytes`; its default is 1 GiB.
        pub segment_bytes: Option<u32> = None,
        /// Kafka's `cleanup.policy`: `delete`, `compact` or `compact,delete`.
        pub cleanup_policy: Option<Rc<str>> = None,
        /// What its values are, if the schema registry checks them.
        pub schema: Option<TopicSchema> = None,
    }
}

document! {
    /// The schema of a topic's values.
    pub struct TopicSchema {
        /// The registry's subject; `TOPIC-value` without one.
        pub subject: Option<Rc<str>> = None,
        /// An Avro schema: version 1, with which all services are built unless they say otherwise.
        pub avro: serde_json::Value,
        /// Which change may be registered: `BACKWARD`, which is the default, `FORWARD`, `FULL`,
        /// each of them with `_TRANSITIVE`, or `NONE`.
        pub compatibility: Option<Rc<str>> = None,
    }
}

impl PolicySpec {
    /// Says so if it is for what there is not.
    pub(crate) fn check_kind(&self) -> Result<(), String> {
        let kinds = ["all", "queues", "classic_queues", "quorum_queues", "exchanges"];
        if kinds.contains(&&*self.apply_to) {
            return Ok(());
        }
        Err(format!("'{}' is not one of {}", self.apply_to, kinds.join(", ")))
    }
}

impl TopicSpec {
    /// The registry's subject for its values, if they have a schema.
    pub(crate) fn subject(&self) -> Option<Rc<str>> {
        let named = self.schema.as_ref()?.subject.clone();
        Some(named.unwrap_or_else(|| format!("{}-value", self.name).into()))
    }

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

document! {
    /// An exchange.
    pub struct ExchangeSpec {
        /// As RabbitMQ calls it.
        pub name: Rc<str>,
        /// `direct`, `fanout`, `topic` or `headers`.
        pub kind as "type": Rc<str>,
        /// Whether it outlives a restart of the broker.
        pub durable: bool = true,
        /// RabbitMQ's arguments, such as `alternate-exchange`.
        pub arguments: LiteMap<String, Value> = LiteMap::new(),
    }
}

document! {
    /// A queue.
    pub struct QueueSpec {
        /// As RabbitMQ calls it.
        pub name: Rc<str>,
        /// Whether it outlives a restart of the broker.
        pub durable: bool = true,
        /// RabbitMQ's `x-arguments`: numbers and strings.
        pub arguments: LiteMap<String, Value> = LiteMap::new(),
    }
}

document! {
    /// What an exchange hands to a queue.
    pub struct Binding: Eq {
        /// The exchange that messages are published to.
        pub exchange: Rc<str>,
        /// The queue that gets the messages; empty if another exchange does.
        pub queue: Rc<str> = "".into(),
        /// The exchange that gets the messages (exchange to exchange binding).
        pub to_exchange: Option<Rc<str>> = None,
        /// Which of them: RabbitMQ's binding key, with `*` and `#` at a topic exchange.
        pub routing_key: Rc<str> = "".into(),
        /// What a headers exchange compares, and `x-match`.
        pub arguments: LiteMap<String, Value> = LiteMap::new(),
    }
}

impl fmt::Display for Binding {
    /// `task.# → mails`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.routing_key.is_empty() { &self.exchange } else { &self.routing_key };
        write!(f, "{key} → {}", self.to_exchange.as_ref().unwrap_or(&self.queue))
    }
}
