//! Settings of a consumer, with their published names.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::kafka::assignor::Assignor;
use crate::engine::kafka::log::Isolation;
use crate::engine::kafka::types::OffsetReset;

/// See [`ConsumerConfig::new`] for the defaults.
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    pub group_id: Rc<str>,
    /// `group.instance.id`: a static member keeps its seat over a short restart.
    pub group_instance_id: Option<Rc<str>>,
    pub topics: Vec<Rc<str>>,
    /// `client.id`
    pub client_name: Rc<str>,
    /// `partition.assignment.strategy`
    pub assignor: Assignor,
    /// `session.timeout.ms`
    pub session_timeout: Duration,
    /// `heartbeat.interval.ms`
    pub heartbeat_interval: Duration,
    /// `max.poll.interval.ms`, which is also how long a rebalance waits for this member.
    pub max_poll_interval: Duration,
    /// `max.poll.records`
    pub max_poll_records: u32,
    /// `fetch.max.wait.ms`
    pub fetch_max_wait: Duration,
    /// `fetch.min.bytes`
    pub fetch_min_bytes: u32,
    /// `max.partition.fetch.bytes`
    pub max_partition_fetch_bytes: u32,
    /// `isolation.level`
    pub isolation: Isolation,
    pub auto_offset_reset: OffsetReset,
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`
    pub auto_commit_interval: Duration,
    /// `metadata.max.age.ms`: how late it notices that a topic has more partitions.
    pub metadata_max_age: Duration,
    /// `retry.backoff.ms`
    pub retry_backoff: Duration,
}

impl ConsumerConfig {
    /// Kafka's defaults for a group, with the range assignor.
    pub fn new(group_id: Rc<str>, topics: Vec<Rc<str>>) -> ConsumerConfig {
        ConsumerConfig {
            client_name: group_id.clone(),
            group_id,
            group_instance_id: None,
            topics,
            assignor: Assignor::Range,
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            max_poll_interval: Duration::from_secs(300),
            max_poll_records: 500,
            fetch_max_wait: Duration::from_millis(500),
            fetch_min_bytes: 1,
            max_partition_fetch_bytes: 1 << 20,
            isolation: Isolation::ReadUncommitted,
            auto_offset_reset: OffsetReset::Latest,
            enable_auto_commit: true,
            auto_commit_interval: Duration::from_secs(5),
            metadata_max_age: Duration::from_secs(300),
            retry_backoff: Duration::from_millis(100),
        }
    }
}
