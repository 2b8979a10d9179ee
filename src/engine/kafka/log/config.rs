//! The settings of a topic.

use std::time::Duration;

/// `message.timestamp.type`: whose clock a record's timestamp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    CreateTime,
    LogAppendTime,
}

/// Settings of a topic, as Kafka's documentation of topic configs names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    /// `cleanup.policy` contains `delete`.
    pub delete: bool,
    /// `cleanup.policy` contains `compact`.
    pub compact: bool,
    /// `retention.ms`; `None` is −1, for ever.
    pub retention: Option<Duration>,
    /// `retention.bytes`; `None` is −1, without limit.
    pub retention_bytes: Option<u64>,
    /// `segment.ms`: a segment this old is closed by the next record.
    pub segment_age: Duration,
    /// `segment.bytes`: a segment is closed before it grows beyond this.
    pub segment_bytes: u32,
    /// `max.message.bytes`: the largest batch.
    pub max_message_bytes: u32,
    /// `message.timestamp.type`
    pub timestamp_type: TimestampType,
    /// `delete.retention.ms`: how long a tombstone stays readable after a compaction saw it.
    pub delete_retention: Duration,
    /// `min.compaction.lag.ms`
    pub min_compaction_lag: Duration,
    /// `max.compaction.lag.ms`; `None` is the default, no limit.
    pub max_compaction_lag: Option<Duration>,
    /// `min.cleanable.dirty.ratio`, in thousandths.
    pub min_cleanable_dirty_permille: u32,
    /// How many brokers keep a copy of each partition.
    pub replication_factor: u32,
    /// `min.insync.replicas`
    pub min_insync_replicas: u32,
    /// `unclean.leader.election.enable`
    pub unclean_leader_election: bool,
}

impl Default for TopicConfig {
    /// Kafka's: a week, segments of a week or 1 GiB, no compaction, one copy.
    fn default() -> TopicConfig {
        const DAY: Duration = Duration::from_secs(24 * 3_600);
        TopicConfig {
            delete: true,
            compact: false,
            retention: Some(DAY.saturating_mul(7)),
            retention_bytes: None,
            segment_age: DAY.saturating_mul(7),
            segment_bytes: 1 << 30,
            max_message_bytes: 1_048_588,
            timestamp_type: TimestampType::CreateTime,
            delete_retention: DAY,
            min_compaction_lag: Duration::ZERO,
            max_compaction_lag: None,
            min_cleanable_dirty_permille: 500,
            replication_factor: 1,
            min_insync_replicas: 1,
            unclean_leader_election: false,
        }
    }
}
