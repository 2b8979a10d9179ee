//! What leaves the cluster: late answers, timers, and what happened.

use std::fmt;
use std::rc::Rc;

use crate::engine::Instant;

use super::api::Response;
use super::error::ErrorCode;
use super::log::TransactionResult;
use super::types::{Call, MemberId, TopicPartition};

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
    /// Retention cut the log; what was before `log_start_offset` is gone.
    SegmentDeleted {
        partition: TopicPartition,
        log_start_offset: u64,
    },
    /// Of each key below this offset only the last record is left.
    Compacted {
        partition: TopicPartition,
        up_to: u64,
    },
    LeaderElected {
        partition: TopicPartition,
        broker: Option<u32>,
        epoch: u32,
    },
    InSyncReplicasChanged {
        partition: TopicPartition,
        brokers: Vec<u32>,
    },
    /// A follower cut off what its leader does not have.
    Truncated {
        partition: TopicPartition,
        broker: u32,
        to: u64,
    },
    MemberJoined {
        group: Rc<str>,
        member: MemberId,
    },
    MemberLeft {
        group: Rc<str>,
        member: MemberId,
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
    OffsetsExpired {
        group: Rc<str>,
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
            Event::SegmentDeleted { partition, log_start_offset: start } => {
                write!(f, "{partition} starts @ {start}: retention deleted a segment")
            }
            Event::Compacted { partition, up_to } => {
                write!(f, "{partition} compacted up to {up_to}")
            }
            Event::LeaderElected { .. }
            | Event::InSyncReplicasChanged { .. }
            | Event::Truncated { .. } => self.write_replication(f),
            Event::MemberJoined { .. }
            | Event::MemberLeft { .. }
            | Event::SessionExpired { .. }
            | Event::RebalanceStarted { .. }
            | Event::GenerationFormed { .. }
            | Event::Assigned { .. }
            | Event::OffsetCommitted { .. }
            | Event::CommitRefused { .. }
            | Event::OffsetsExpired { .. } => self.write_group(f),
            Event::TransactionEnded { transactional_id, result, reason } => {
                let verb = match result {
                    TransactionResult::Commit => "committed",
                    TransactionResult::Abort => "aborted",
                };
                write!(f, "transaction of {transactional_id} {verb}: {reason}")
            }
        }
    }
}

impl Event {
    fn write_replication(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::LeaderElected { partition, broker: Some(broker), epoch } => {
                write!(f, "broker {broker} leads {partition}, epoch {epoch}")
            }
            Event::LeaderElected { partition, epoch, .. } => {
                write!(f, "{partition} has no leader, epoch {epoch}")
            }
            Event::InSyncReplicasChanged { partition, brokers } => {
                write!(f, "{partition} in sync on brokers {brokers:?}")
            }
            Event::Truncated { partition, broker, to } => {
                write!(f, "broker {broker} cut {partition} to {to}, as its leader has it")
            }
            other => unreachable!("{other:?} is not about replication"),
        }
    }

    fn write_group(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::MemberJoined { group, member } => write!(f, "{member} joined group {group}"),
            Event::MemberLeft { group, member } => write!(f, "{member} left group {group}"),
            Event::SessionExpired { group, member } => {
                write!(f, "{member} is out of group {group}: session timeout")
            }
            Event::RebalanceStarted { group, reason } => {
                write!(f, "group {group} rebalances: {reason}")
            }
            Event::GenerationFormed { group, generation, leader, members } => write!(
                f,
                "group {group} generation {generation}: {members} members, leader {leader}"
            ),
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
            Event::OffsetsExpired { group } => write!(f, "offsets of group {group} expired"),
            other => unreachable!("{other:?} is not about a group"),
        }
    }
}
