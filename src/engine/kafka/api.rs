//! Requests and responses of the cluster. Names are those of Kafka's protocol.

use std::rc::Rc;
use std::time::Duration;

use super::assignor::Subscription;
use super::error::ErrorCode;
use super::log::{Fetched, Isolation, ProducerStamp, TopicConfig, TransactionResult};
use super::partition::Acks;
use super::types::{MemberId, OffsetSpec, Record, ResetTo, TopicPartition};

/// What a client can ask. What is asked rarely and has much to say is shared: requests are
/// moved often.
#[derive(Clone, Debug)]
pub enum Request {
    CreateTopic {
        name: Rc<str>,
        partitions: u32,
        config: Rc<TopicConfig>,
    },
    DeleteTopic {
        name: Rc<str>,
    },
    /// `IncrementalAlterConfigs` of a topic: settings by their published names. All are changed, or
    /// none.
    AlterConfigs {
        name: Rc<str>,
        configs: Vec<(Rc<str>, Rc<str>)>,
    },
    /// Adds partitions to a topic; `total` is the new number.
    CreatePartitions {
        name: Rc<str>,
        total: u32,
    },
    Metadata {
        topics: Vec<Rc<str>>,
    },
    Produce(Produce),
    Fetch(Fetch),
    ListOffsets {
        partitions: Vec<TopicPartition>,
        spec: OffsetSpec,
        isolation: Isolation,
    },
    /// Moves the log start offset; `None` stands for the high watermark.
    DeleteRecords {
        partition: TopicPartition,
        before: Option<u64>,
    },
    ElectLeaders {
        partition: TopicPartition,
        election: Election,
    },
    JoinGroup(Rc<JoinGroup>),
    SyncGroup(SyncGroup),
    Heartbeat {
        group: Rc<str>,
        generation: u32,
        member: MemberId,
        instance: Option<Rc<str>>,
    },
    LeaveGroup {
        group: Rc<str>,
        members: Vec<Leaver>,
    },
    OffsetCommit(OffsetCommit),
    OffsetFetch {
        group: Rc<str>,
        /// `None` asks for all that is committed.
        partitions: Option<Vec<TopicPartition>>,
        /// Refuse offsets that an open transaction may still change.
        require_stable: bool,
    },
    /// What `kafka-consumer-groups --reset-offsets --execute` does, for these partitions or for all
    /// that the group has committed.
    ResetOffsets {
        group: Rc<str>,
        partitions: Vec<TopicPartition>,
        to: ResetTo,
    },
    OffsetDelete {
        group: Rc<str>,
        partitions: Vec<TopicPartition>,
    },
    DeleteGroup {
        group: Rc<str>,
    },
    InitProducerId {
        transactional_id: Option<Rc<str>>,
        transaction_timeout: Duration,
        /// Id and epoch of a producer that wants the next epoch.
        current: Option<(u64, u16)>,
    },
    AddPartitionsToTxn {
        producer: Transactional,
        partitions: Vec<TopicPartition>,
    },
    AddOffsetsToTxn {
        producer: Transactional,
        group: Rc<str>,
    },
    TxnOffsetCommit {
        producer: Transactional,
        commit: Rc<OffsetCommit>,
    },
    EndTxn {
        producer: Transactional,
        result: TransactionResult,
    },
}

impl Request {
    /// As a trace calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Request::CreateTopic { .. } => "CreateTopic request",
            Request::DeleteTopic { .. } => "DeleteTopic request",
            Request::AlterConfigs { .. } => "AlterConfigs request",
            Request::CreatePartitions { .. } => "CreatePartitions request",
            Request::Metadata { .. } => "Metadata request",
            Request::Produce(_) => "Produce request",
            Request::Fetch(_) => "Fetch request",
            Request::ListOffsets { .. } => "ListOffsets request",
            Request::DeleteRecords { .. } => "DeleteRecords request",
            Request::ElectLeaders { .. } => "ElectLeaders request",
            Request::JoinGroup(_) => "JoinGroup request",
            Request::SyncGroup(_) => "SyncGroup request",
            Request::Heartbeat { .. } => "Heartbeat request",
            Request::LeaveGroup { .. } => "LeaveGroup request",
            Request::OffsetCommit(_) => "OffsetCommit request",
            Request::OffsetFetch { .. } => "OffsetFetch request",
            Request::ResetOffsets { .. } => "ResetOffsets request",
            Request::OffsetDelete { .. } => "OffsetDelete request",
            Request::DeleteGroup { .. } => "DeleteGroup request",
            Request::InitProducerId { .. } => "InitProducerId request",
            Request::AddPartitionsToTxn { .. } => "AddPartitionsToTxn request",
            Request::AddOffsetsToTxn { .. } => "AddOffsetsToTxn request",
            Request::TxnOffsetCommit { .. } => "TxnOffsetCommit request",
            Request::EndTxn { .. } => "EndTxn request",
        }
    }
}

/// A transactional producer, as it names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transactional {
    pub transactional_id: Rc<str>,
    pub producer_id: u64,
    pub epoch: u16,
}

#[derive(Clone, Debug)]
pub struct Produce {
    pub acks: Acks,
    pub transactional_id: Option<Rc<str>>,
    pub batches: Vec<ProduceBatch>,
}

#[derive(Clone, Debug)]
pub struct ProduceBatch {
    pub partition: TopicPartition,
    /// Of an idempotent producer.
    pub stamp: Option<ProducerStamp>,
    pub records: Rc<[Record]>,
}

#[derive(Clone, Debug)]
pub struct Fetch {
    pub positions: Rc<[(TopicPartition, u64)]>,
    pub max_wait: Duration,
    pub min_bytes: u32,
    pub max_partition_bytes: u32,
    pub isolation: Isolation,
}

/// The kinds of election that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Election {
    Preferred,
    Unclean,
}

#[derive(Clone, Debug)]
pub struct JoinGroup {
    pub group: Rc<str>,
    /// Unknown at the first try; the coordinator then gives one.
    pub member: Option<MemberId>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Rc<str>>,
    /// Clients since JoinGroup version 4 must come back with the id they are given.
    pub requires_known_member_id: bool,
    /// The client's `client.id`, the beginning of its member id.
    pub client_name: Rc<str>,
    pub session_timeout: Duration,
    pub rebalance_timeout: Duration,
    /// `consumer`, or another kind of group.
    pub protocol_type: Rc<str>,
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
    /// It leads the group and a topic has more partitions than it assigned.
    MetadataChanged,
    /// The application asked for it: `enforceRebalance`.
    Enforced,
}

#[derive(Clone, Debug)]
pub struct SyncGroup {
    pub group: Rc<str>,
    pub generation: u32,
    pub member: MemberId,
    pub instance: Option<Rc<str>>,
    /// From the leader: what each member gets. Empty from the others.
    pub assignments: Vec<(MemberId, Vec<TopicPartition>)>,
}

/// Whom a leave request is about. A static member may be named by its instance alone.
#[derive(Clone, Debug)]
pub struct Leaver {
    pub member: Option<MemberId>,
    pub instance: Option<Rc<str>>,
    /// For the trace.
    pub reason: &'static str,
}

#[derive(Clone, Debug)]
pub struct OffsetCommit {
    pub group: Rc<str>,
    /// `None` commits from outside of the group's protocol, allowed while it is empty.
    pub member: Option<Committer>,
    pub offsets: Vec<(TopicPartition, u64)>,
}

/// Who commits, as it sees itself.
#[derive(Clone, Debug)]
pub struct Committer {
    pub member: MemberId,
    pub generation: u32,
    pub instance: Option<Rc<str>>,
}

/// An outcome for each partition that was asked about.
pub type ByPartition<T> = Vec<(TopicPartition, Result<T, ErrorCode>)>;

/// The answers to the requests of the same names.
#[derive(Clone, Debug)]
pub enum Response {
    CreateTopic(Result<(), ErrorCode>),
    DeleteTopic(Result<(), ErrorCode>),
    CreatePartitions(Result<(), ErrorCode>),
    AlterConfigs(Result<(), ErrorCode>),
    /// The number of partitions of each topic that exists.
    Metadata(Vec<(Rc<str>, u32)>),
    /// The base offset of each batch.
    Produce(ByPartition<u64>),
    Fetch(Vec<FetchedPartition>),
    /// Offset and timestamp, if there is such a record.
    ListOffsets(ByPartition<Option<(u64, i64)>>),
    /// The new log start offset.
    DeleteRecords(Result<u64, ErrorCode>),
    ElectLeaders(Result<(), ErrorCode>),
    JoinGroup(Result<Rc<Joined>, JoinRefused>),
    SyncGroup(Result<Vec<TopicPartition>, ErrorCode>),
    Heartbeat(Result<(), ErrorCode>),
    /// One outcome for each member that should leave.
    LeaveGroup(Vec<Result<(), ErrorCode>>),
    OffsetCommit(Result<(), ErrorCode>),
    /// `None` where nothing is committed.
    OffsetFetch(ByPartition<Option<u64>>),
    /// The new committed offsets. `UNKNOWN_MEMBER_ID`: the group is not empty.
    ResetOffsets(Result<Vec<(TopicPartition, u64)>, ErrorCode>),
    OffsetDelete(Result<ByPartition<()>, ErrorCode>),
    DeleteGroup(Result<(), ErrorCode>),
    /// Producer id and epoch.
    InitProducerId(Result<(u64, u16), ErrorCode>),
    AddPartitionsToTxn(Result<(), ErrorCode>),
    AddOffsetsToTxn(Result<(), ErrorCode>),
    TxnOffsetCommit(Result<(), ErrorCode>),
    EndTxn(Result<(), ErrorCode>),
}

/// What a member learns when the group has gathered.
#[derive(Clone, Debug)]
pub struct Joined {
    pub generation: u32,
    pub member: MemberId,
    pub leader: MemberId,
    pub protocol: Rc<str>,
    /// For the leader only: everybody, and the partition counts of their topics.
    pub members: Vec<GroupMember>,
    pub partition_counts: Vec<(Rc<str>, u32)>,
    /// A static leader came back into a stable group: nothing is to be assigned.
    pub skip_assignment: bool,
}

/// Why a join was refused, and the member id to come back with.
#[derive(Clone, Debug)]
pub struct JoinRefused {
    pub error: ErrorCode,
    pub member: Option<MemberId>,
}

#[derive(Clone, Debug)]
pub struct GroupMember {
    pub id: MemberId,
    pub subscription: Subscription,
}

#[derive(Clone, Debug)]
pub struct FetchedPartition {
    pub partition: TopicPartition,
    pub outcome: Result<Fetched, ErrorCode>,
}
