//! What leaves the cluster: late answers, timers, and what happened.

use std::fmt;
use std::rc::Rc;

use crate::engine::Instant;

use super::api::Response;
use super::error::ErrorCode;
use super::log::TransactionResult;
use super::types::{Call, MemberId, Record, TopicPartition};

/// The immediate answer, or the word that it comes later as [`Effect::Answer`].
#[derive(Clone, Debug)]
pub enum Reply {
    Answer(Response),
    Later,
    /// A write with `acks=0` is not answered.
    Never,
}

/// What the cluster wants to happen.
#[derive(Clone, Debug)]
pub enum Effect {
    Answer {
        call: Call,
        response: Response,
    },
    /// Call [`super::Cluster::timeout`] at `due`; replaces what was set under the same key.
    Schedule {
        timer: Timer,
        due: Instant,
    },
    Cancel {
        timer: Timer,
    },
    Event(Event),
}

/// The cluster's timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A fetch that found nothing is answered empty.
    FetchWait(Call),
    /// The followers did not get a write within `request.timeout.ms`.
    ProduceWait(Call),
    /// A member was not heard of for its session timeout.
    Session { group: Rc<str>, member: MemberId },
    /// Members that have not joined again by now are left behind.
    Rebalance { group: Rc<str> },
    /// Members that have not fetched their assignment by now are left behind.
    Sync { group: Rc<str> },
    /// The periodic look for old segments.
    Retention,
    /// The periodic look for logs to compact.
    Cleaner,
    /// The periodic look for offsets of groups that are gone.
    OffsetRetention,
    /// The periodic look for producers that were not heard of for long.
    ProducerIds,
    /// The periodic look for transactions that take too long.
    TransactionTimeouts,
    /// A follower fetches from its leader.
    ReplicaFetch { partition: TopicPartition, broker: u32 },
    /// The periodic look for followers that are behind.
    InSyncReplicas,
    /// The periodic look for brokers that lead less than they should.
    LeaderImbalance,
}

/// What happened, for the trace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    TopicCreated {
        topic: Rc<str>,
        partitions: u32,
    },
    PartitionsAdded {
        topic: Rc<str>,
        partitions: u32,
    },
    TopicDeleted {
        topic: Rc<str>,
    },
    TopicConfigChanged {
        topic: Rc<str>,
        name: Rc<str>,
        value: Rc<str>,
    },
    Appended {
        partition: TopicPartition,
        base_offset: u64,
        count: u32,
    },
    /// The partition knew the batch already and answered with its offset.
    DuplicateIgnored {
        partition: TopicPartition,
        base_offset: u64,
    },
    AppendRefused {
        partition: TopicPartition,
        error: ErrorCode,
    },
    SegmentRolled {
        partition: TopicPartition,
        base_offset: u64,
    },
    /// A follower has fetched what the leader appended.
    Replicated {
        partition: TopicPartition,
        broker: u32,
        base_offset: u64,
        count: u64,
    },
    /// Consumers may read up to here. A partition with one copy moves it with every append, which is
    /// not told.
    HighWatermarkMoved {
        partition: TopicPartition,
        high_watermark: u64,
        reason: &'static str,
    },
    /// Retention cut the log; what was before `log_start_offset` is gone.
    SegmentDeleted {
        partition: TopicPartition,
        segments: u32,
        log_start_offset: u64,
        reason: &'static str,
    },
    /// An administrator cut the log; what was before `log_start_offset` is gone.
    RecordsDeleted {
        partition: TopicPartition,
        log_start_offset: u64,
    },
    /// Of each key below this offset only the last record is left.
    Compacted {
        partition: TopicPartition,
        up_to: u64,
        /// Records that are gone, as a later one has their key, or as they were old tombstones.
        removed: u64,
    },
    BrokerStopped {
        broker: u32,
    },
    BrokerStarted {
        broker: u32,
    },
    /// The controller decides who leads the partitions.
    ControllerElected {
        /// `None`: no broker runs, so nobody is elected.
        broker: Option<u32>,
        epoch: u32,
        reason: &'static str,
    },
    LeaderElected {
        partition: TopicPartition,
        /// `None`: nobody may lead, so nothing can be written or read.
        broker: Option<u32>,
        epoch: u32,
        reason: &'static str,
    },
    InSyncReplicasChanged {
        partition: TopicPartition,
        brokers: Vec<u32>,
        reason: &'static str,
    },
    /// A follower cut off what its leader does not have.
    Truncated {
        partition: TopicPartition,
        broker: u32,
        to: u64,
        /// What it cut off, with the offsets.
        lost: Vec<(u64, Record)>,
    },
    MemberJoined {
        group: Rc<str>,
        member: MemberId,
        reason: &'static str,
    },
    MemberLeft {
        group: Rc<str>,
        member: MemberId,
        reason: &'static str,
    },
    SessionExpired {
        group: Rc<str>,
        member: MemberId,
    },
    RebalanceStarted {
        group: Rc<str>,
        reason: &'static str,
    },
    GenerationFormed {
        group: Rc<str>,
        generation: u32,
        leader: MemberId,
        members: u32,
    },
    Assigned {
        group: Rc<str>,
        member: MemberId,
        generation: u32,
        partitions: Vec<TopicPartition>,
    },
    OffsetCommitted {
        group: Rc<str>,
        partition: TopicPartition,
        offset: u64,
    },
    CommitRefused {
        group: Rc<str>,
        member: MemberId,
        error: ErrorCode,
    },
    /// Committed offsets are gone.
    OffsetsExpired {
        group: Rc<str>,
        reason: &'static str,
    },
    TransactionBegan {
        transactional_id: Rc<str>,
    },
    /// Producers of this transactional id with an older epoch are refused from now on.
    ProducerFenced {
        transactional_id: Rc<str>,
        epoch: u16,
        reason: &'static str,
    },
    TransactionEnded {
        transactional_id: Rc<str>,
        result: TransactionResult,
        reason: &'static str,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::TopicCreated { topic, partitions } => {
                write!(f, "topic {topic} created, {partitions} partitions")
            }
            Event::PartitionsAdded { topic, partitions } => {
                write!(f, "topic {topic} has {partitions} partitions now")
            }
            Event::TopicDeleted { topic } => write!(f, "topic {topic} deleted"),
            Event::TopicConfigChanged { topic, name, value } => {
                write!(f, "topic {topic} has {name}={value} now")
            }
            Event::Appended { partition, base_offset, count } => {
                write!(f, "{partition} appended {count} @ {base_offset}")
            }
            Event::DuplicateIgnored { partition, base_offset } => {
                write!(f, "{partition} had the batch @ {base_offset} already")
            }
            Event::AppendRefused { partition, error } => {
                write!(f, "{partition} refused a batch: {error}")
            }
            Event::SegmentRolled { partition, base_offset } => {
                write!(f, "{partition} rolled a segment @ {base_offset}")
            }
            Event::Replicated { partition, broker, base_offset, count } => {
                write!(f, "broker {broker} replicated {count} of {partition} @ {base_offset}")
            }
            Event::HighWatermarkMoved { partition, high_watermark, reason } => {
                write!(f, "{partition} is readable up to {high_watermark}: {reason}")
            }
            Event::SegmentDeleted { partition, segments, log_start_offset: start, reason } => {
                write!(f, "{partition} starts @ {start}, {segments} segments deleted: {reason}")
            }
            Event::RecordsDeleted { partition, log_start_offset: start } => {
                write!(f, "{partition} starts @ {start}: records before were deleted by hand")
            }
            Event::Compacted { partition, up_to, removed } => {
                write!(f, "{partition} compacted up to {up_to}, {removed} records removed")
            }
            Event::BrokerStopped { broker } => write!(f, "broker {broker} stopped"),
            Event::BrokerStarted { broker } => write!(f, "broker {broker} started"),
            Event::ControllerElected { broker, epoch, reason } => {
                write!(f, "{} is the controller, epoch {epoch}: {reason}", Elected(*broker))
            }
            Event::LeaderElected { partition, broker, epoch, reason } => {
                write!(f, "{} leads {partition}, epoch {epoch}: {reason}", Elected(*broker))
            }
            Event::InSyncReplicasChanged { partition, brokers, reason } => {
                write!(f, "{partition} in sync on brokers {}: {reason}", Numbers(brokers))
            }
            Event::Truncated { partition, broker, to, lost } => {
                let count = lost.len();
                write!(f, "broker {broker} cut {partition} to {to} as its leader, {count} lost")
            }
            Event::MemberJoined { group, member, reason } => {
                write!(f, "{member} joined group {group}: {reason}")
            }
            Event::MemberLeft { group, member, reason } => {
                write!(f, "{member} left group {group}: {reason}")
            }
            Event::SessionExpired { group, member } => {
                write!(f, "{member} is out of group {group}: session timeout")
            }
            Event::RebalanceStarted { group, reason } => {
                write!(f, "group {group} rebalances: {reason}")
            }
            Event::GenerationFormed { group, generation, leader, members } => {
                write!(
                    f,
                    "group {group} generation {generation}: {members} members, leader {leader}"
                )
            }
            Event::Assigned { group, member, generation, partitions } => {
                write!(f, "{member} of {group} has generation {generation}:")?;
                partitions.iter().try_for_each(|at| write!(f, " {at}"))
            }
            Event::OffsetCommitted { group, partition, offset } => {
                write!(f, "{group} committed {partition} @ {offset}")
            }
            Event::CommitRefused { group, member, error } => {
                write!(f, "commit of {member} in {group} refused: {error}")
            }
            Event::OffsetsExpired { group, reason } => {
                write!(f, "offsets of group {group} expired: {reason}")
            }
            Event::TransactionBegan { transactional_id } => {
                write!(f, "transaction of {transactional_id} began")
            }
            Event::ProducerFenced { transactional_id, epoch, reason } => {
                write!(f, "{transactional_id} is fenced below epoch {epoch}: {reason}")
            }
            Event::TransactionEnded { transactional_id, result, reason } => {
                let verb = result.verb();
                write!(f, "transaction of {transactional_id} {verb}: {reason}")
            }
        }
    }
}

/// `broker 2` or `no broker`.
struct Elected(Option<u32>);

impl fmt::Display for Elected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(broker) => write!(f, "broker {broker}"),
            None => f.write_str("no broker"),
        }
    }
}

/// Numbers with commas between.
struct Numbers<'a>(&'a [u32]);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{number}")?;
        }
        Ok(())
    }
}
