//! Requests, responses, effects and events of the cluster.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::assignor::Subscription;
use super::log::TopicConfig;
use super::types::{Call, ErrorCode, MemberId, OffsetSpec, Record, TopicPartition};

/// What a client can ask. Names are those of Kafka's protocol.
#[derive(Clone, Debug)]
pub enum Request {
    CreateTopic {
        name: Rc<str>,
        partitions: u32,
        config: TopicConfig,
    },
    /// Adds partitions to a topic; `total` is the new number.
    CreatePartitions {
        name: Rc<str>,
        total: u32,
    },
    Metadata {
        topics: Vec<Rc<str>>,
    },
    Produce {
        batches: Vec<(TopicPartition, Vec<Record>)>,
    },
    Fetch {
        positions: Vec<(TopicPartition, u64)>,
        max_wait: Duration,
        max_partition_bytes: u32,
    },
    ListOffsets {
        partitions: Vec<TopicPartition>,
        spec: OffsetSpec,
    },
    JoinGroup(JoinGroup),
    SyncGroup {
        group: Rc<str>,
        generation: u32,
        member: MemberId,
        /// From the leader: what each member gets. Empty from the others.
        assignments: Vec<(MemberId, Vec<TopicPartition>)>,
    },
    Heartbeat {
        group: Rc<str>,
        generation: u32,
        member: MemberId,
    },
    LeaveGroup {
        group: Rc<str>,
        member: MemberId,
    },
    OffsetCommit {
        group: Rc<str>,
        /// `None` commits from outside of the group's protocol, allowed while it is empty.
        member: Option<(MemberId, u32)>,
        offsets: Vec<(TopicPartition, u64)>,
    },
    OffsetFetch {
        group: Rc<str>,
        partitions: Vec<TopicPartition>,
    },
}

#[derive(Clone, Debug)]
pub struct JoinGroup {
    pub group: Rc<str>,
    /// Unknown at the first try; the coordinator then gives one.
    pub member: Option<MemberId>,
    /// The client's `client.id`, the beginning of its member id.
    pub client_name: Rc<str>,
    pub session_timeout: Duration,
    pub rebalance_timeout: Duration,
    /// Assignors that the member supports, the preferred one first.
    pub protocols: Vec<Rc<str>>,
    pub subscription: Subscription,
    pub reason: JoinReason,
}

/// Why a member joins, for the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinReason {
    Started,
    RebalanceInProgress,
    /// It gave partitions up and the group must hand them out again.
    PartitionsRevoked,
    /// The coordinator did not know it any more.
    Fenced,
}

/// The answers to the requests of the same names.
#[derive(Clone, Debug)]
pub enum Response {
    CreateTopic(Result<(), ErrorCode>),
    CreatePartitions(Result<(), ErrorCode>),
    /// The number of partitions of each topic that exists.
    Metadata(Vec<(Rc<str>, u32)>),
    /// The base offset of each batch.
    Produce(Vec<(TopicPartition, Result<u64, ErrorCode>)>),
    Fetch(Vec<FetchedPartition>),
    ListOffsets(Vec<(TopicPartition, Result<u64, ErrorCode>)>),
    JoinGroup(Result<Answered, (ErrorCode, Option<MemberId>)>),
    SyncGroup(Result<Vec<TopicPartition>, ErrorCode>),
    Heartbeat(Result<(), ErrorCode>),
    LeaveGroup(Result<(), ErrorCode>),
    OffsetCommit(Result<(), ErrorCode>),
    OffsetFetch(Vec<(TopicPartition, Option<u64>)>),
}

/// What a member learns when the group has gathered.
#[derive(Clone, Debug)]
pub struct Answered {
    pub generation: u32,
    pub member: MemberId,
    pub leader: MemberId,
    pub protocol: Rc<str>,
    /// For the leader only: everybody, and the partition counts of their topics.
    pub members: Vec<GroupMember>,
    pub partition_counts: Vec<(Rc<str>, u32)>,
}

#[derive(Clone, Debug)]
pub struct GroupMember {
    pub id: MemberId,
    pub subscription: Subscription,
}

#[derive(Clone, Debug)]
pub struct FetchedPartition {
    pub partition: TopicPartition,
    /// Offset and record, in the order of the log.
    pub records: Result<Vec<(u64, Rc<Record>)>, ErrorCode>,
}

/// The immediate answer, or the word that it comes later as [`Effect::Answer`].
#[derive(Clone, Debug)]
pub enum Reply {
    Answer(Response),
    Later,
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
    /// A member was not heard of for its session timeout.
    Session { group: Rc<str>, member: MemberId },
    /// Members that have not joined again by now are left behind.
    Rebalance { group: Rc<str> },
    /// The periodic look for old segments.
    Retention,
}

/// What happened, for the trace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    TopicCreated {
        topic: Rc<str>,
        partitions: u32,
    },
    Appended {
        partition: TopicPartition,
        base_offset: u64,
        count: u32,
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
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::TopicCreated { topic, partitions } => {
                write!(f, "topic {topic} created, {partitions} partitions")
            }
            Event::Appended { partition, base_offset, count } => {
                write!(f, "{partition} appended {count} @ {base_offset}")
            }
            Event::SegmentRolled { partition, base_offset } => {
                write!(f, "{partition} rolled a segment @ {base_offset}")
            }
            Event::SegmentDeleted { partition, log_start_offset } => {
                write!(f, "{partition} starts @ {log_start_offset}: retention deleted a segment")
            }
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
                let names: Vec<String> = partitions.iter().map(|at| at.to_string()).collect();
                let names = names.join(" ");
                write!(f, "{member} of {group} has generation {generation}: {names}")
            }
            Event::OffsetCommitted { group, partition, offset } => {
                write!(f, "{group} committed {partition} @ {offset}")
            }
            Event::CommitRefused { group, member, error } => {
                write!(f, "commit of {member} in {group} refused: {error}")
            }
        }
    }
}
