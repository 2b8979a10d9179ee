//! The settings of a topic.

use std::time::Duration;

use crate::engine::kafka::error::ErrorCode;

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

impl TopicConfig {
    /// All settings but the replication factor, which is none to change, by their published names.
    pub fn entries(&self) -> Vec<(&'static str, String)> {
        let ms = |time: Duration| time.as_millis().to_string();
        let unlimited = || "-1".to_owned();
        let policy = match (self.compact, self.delete) {
            (true, true) => "compact,delete",
            (true, false) => "compact",
            (false, true) => "delete",
            (false, false) => "",
        };
        let timestamps = match self.timestamp_type {
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        };
        let permille = self.min_cleanable_dirty_permille;
        vec![
            ("cleanup.policy", policy.to_owned()),
            ("delete.retention.ms", ms(self.delete_retention)),
            ("max.compaction.lag.ms", self.max_compaction_lag.map_or_else(unlimited, ms)),
            ("max.message.bytes", self.max_message_bytes.to_string()),
            ("message.timestamp.type", timestamps.to_owned()),
            ("min.cleanable.dirty.ratio", format!("{}.{:03}", permille / 1_000, permille % 1_000)),
            ("min.compaction.lag.ms", ms(self.min_compaction_lag)),
            ("min.insync.replicas", self.min_insync_replicas.to_string()),
            ("retention.bytes", self.retention_bytes.map_or_else(unlimited, |b| b.to_string())),
            ("retention.ms", self.retention.map_or_else(unlimited, ms)),
            ("segment.bytes", self.segment_bytes.to_string()),
            ("segment.ms", ms(self.segment_age)),
            ("unclean.leader.election.enable", self.unclean_leader_election.to_string()),
        ]
    }

    /// Changes one setting by its published name. A value that makes no sense changes nothing.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ErrorCode> {
        match name {
            "cleanup.policy" => {
                let policies: Vec<&str> = value.split(',').map(str::trim).collect();
                if policies.iter().any(|policy| !["compact", "delete"].contains(policy)) {
                    return Err(ErrorCode::InvalidConfig);
                }
                self.compact = policies.contains(&"compact");
                self.delete = policies.contains(&"delete");
            }
            "delete.retention.ms" => self.delete_retention = millis(value)?,
            "max.compaction.lag.ms" => self.max_compaction_lag = limit(value)?.map(from_millis),
            "max.message.bytes" => self.max_message_bytes = at_least(value, 1)?,
            "message.timestamp.type" => {
                self.timestamp_type = match value {
                    "CreateTime" => TimestampType::CreateTime,
                    "LogAppendTime" => TimestampType::LogAppendTime,
                    _ => return Err(ErrorCode::InvalidConfig),
                };
            }
            "min.cleanable.dirty.ratio" => self.min_cleanable_dirty_permille = permille(value)?,
            "min.compaction.lag.ms" => self.min_compaction_lag = millis(value)?,
            "min.insync.replicas" => self.min_insync_replicas = at_least(value, 1)?,
            "retention.bytes" => self.retention_bytes = limit(value)?,
            "retention.ms" => self.retention = limit(value)?.map(from_millis),
            // `LegacyRecord.RECORD_OVERHEAD_V0`: less would not hold the smallest record.
            "segment.bytes" => self.segment_bytes = at_least(value, 14)?,
            "segment.ms" => self.segment_age = millis(value)?,
            "unclean.leader.election.enable" => {
                self.unclean_leader_election =
                    value.parse().map_err(|_| ErrorCode::InvalidConfig)?;
            }
            _ => return Err(ErrorCode::InvalidConfig),
        }
        Ok(())
    }
}

fn number(value: &str) -> Result<u64, ErrorCode> {
    value.parse().map_err(|_| ErrorCode::InvalidConfig)
}

fn from_millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn millis(value: &str) -> Result<Duration, ErrorCode> {
    number(value).map(from_millis)
}

/// −1 is no limit.
fn limit(value: &str) -> Result<Option<u64>, ErrorCode> {
    if value == "-1" { Ok(None) } else { number(value).map(Some) }
}

fn at_least(value: &str, least: u32) -> Result<u32, ErrorCode> {
    let number = u32::try_from(number(value)?).map_err(|_| ErrorCode::InvalidConfig)?;
    if number < least { Err(ErrorCode::InvalidConfig) } else { Ok(number) }
}

/// A decimal fraction from 0 to 1, in thousandths; further digits are dropped.
fn permille(value: &str) -> Result<u32, ErrorCode> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = format!("{fraction:0<3}");
    let thousandths = number(whole)? * 1_000 + number(digits.get(..3).unwrap_or("x"))?;
    u32::try_from(thousandths).ok().filter(|one| *one <= 1_000).ok_or(ErrorCode::InvalidConfig)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_can_be_written_as_they_are_shown() {
        let mut shown = TopicConfig { compact: true, retention: None, ..TopicConfig::default() };
        shown.min_cleanable_dirty_permille = 125;
        let mut written = TopicConfig::default();
        for (name, value) in shown.entries() {
            written.set(name, &value).unwrap_or_else(|error| panic!("{name}={value}: {error}"));
        }
        assert_eq!(written, shown);
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_refused() {
        let wrong = [
            ("cleanup.policy", "compost"),
            ("retention.ms", "-2"),
            ("min.insync.replicas", "0"),
            ("min.cleanable.dirty.ratio", "1.5"),
            ("segment.bytes", "13"),
            ("message.timestamp.type", "WallClock"),
            ("retention.minutes", "1"),
        ];
        for (name, value) in wrong {
            let mut config = TopicConfig::default();
            assert_eq!(config.set(name, value), Err(ErrorCode::InvalidConfig), "{name}={value}");
            assert_eq!(config, TopicConfig::default(), "{name}={value}");
        }
    }
}
