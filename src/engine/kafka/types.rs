//! Words that all parts of the Kafka side share.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// One client of the cluster: a consumer, a producer or an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// One request of a client; its answer carries the same pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    pub client: ClientId,
    pub correlation: u32,
}

/// The name that the group coordinator gives to a member.
pub type MemberId = Rc<str>;

#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct TopicPartition {
    pub topic: Rc<str>,
    pub partition: u32,
}

impl PartialEq for TopicPartition {
    fn eq(&self, other: &TopicPartition) -> bool {
        self.partition == other.partition && self.cmp(other).is_eq()
    }
}

impl Hash for TopicPartition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.topic.hash(state);
        self.partition.hash(state);
    }
}

impl Ord for TopicPartition {
    /// By topic, then by number.
    fn cmp(&self, other: &TopicPartition) -> Ordering {
        by_name(&self.topic, &other.topic).then(self.partition.cmp(&other.partition))
    }
}

/// The order of two names. Nearly always both are the very same string, whose letters need no look.
pub(super) fn by_name(one: &Rc<str>, other: &Rc<str>) -> Ordering {
    if Rc::ptr_eq(one, other) { Ordering::Equal } else { one.cmp(other) }
}

impl PartialOrd for TopicPartition {
    fn partial_cmp(&self, other: &TopicPartition) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TopicPartition {
    /// As Kafka's logs write it: `order-created-7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Name and value of a record's header.
pub type Header = (Rc<str>, Rc<[u8]>);

/// A record as a producer hands it over and a consumer gets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    pub key: Option<Rc<[u8]>>,
    /// `None` is a tombstone.
    pub value: Option<Rc<[u8]>>,
    pub headers: Vec<Header>,
    pub timestamp_ms: i64,
}

impl Record {
    /// About what the record takes in a batch: its bytes and its share of the framing.
    pub fn size(&self) -> u32 {
        const FRAMING: usize = 12;
        let length = |bytes: &Option<Rc<[u8]>>| bytes.as_ref().map_or(0, |bytes| bytes.len());
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        (FRAMING + length(&self.key) + length(&self.value) + headers) as u32
    }
}

/// Where to look an offset up: `ListOffsets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OffsetSpec {
    Earliest,
    Latest,
    /// The first record whose timestamp is at least this.
    Timestamp(i64),
    /// The record with the largest timestamp.
    MaxTimestamp,
}

/// Where `kafka-consumer-groups --reset-offsets` moves a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResetTo {
    /// `--to-earliest`
    Earliest,
    /// `--to-latest`
    Latest,
    /// `--to-current`: where it is, or the end if it has committed nothing.
    Current,
    /// `--to-offset`
    Offset(u64),
    /// `--to-datetime`, in milliseconds: to the first record with at least this timestamp.
    Datetime(i64),
    /// `--shift-by`
    ShiftBy(i64),
}

/// `auto.offset.reset`: where a consumer starts when its group has no committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OffsetReset {
    Earliest,
    Latest,
    None,
}
