//! What an administrator sees of a topic or a group.

use std::rc::Rc;

use super::group::GroupState;
use super::types::{MemberId, TopicPartition};

/// As `Admin.describeCluster` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDescription {
    /// The brokers that run.
    pub brokers: Vec<u32>,
    pub controller: Option<u32>,
    pub controller_epoch: u32,
}

/// As `kafka-topics --describe` and `kafka-configs --describe` show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescription {
    pub name: Rc<str>,
    pub partitions: Vec<PartitionDescription>,
    /// All settings by their published names, with their values as the tools write them.
    pub configs: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDescription {
    pub leader: Option<u32>,
    pub leader_epoch: u32,
    /// Brokers, the preferred leader first.
    pub replicas: Vec<u32>,
    pub in_sync: Vec<u32>,
    pub log_start_offset: u64,
    pub high_watermark: u64,
    pub log_end_offset: u64,
}

/// As `kafka-consumer-groups --describe` shows it, with `--members` and `--state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    pub group: Rc<str>,
    pub state: GroupState,
    pub generation: u32,
    /// The assignor.
    pub protocol: Rc<str>,
    pub members: Vec<MemberDescription>,
    pub partitions: Vec<ReadPartition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    pub id: MemberId,
    /// `group.instance.id` of a static member.
    pub instance: Option<Rc<str>>,
    pub leads: bool,
    pub assignment: Vec<TopicPartition>,
}

/// How far a group is in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPartition {
    pub partition: TopicPartition,
    pub committed: Option<u64>,
    pub log_end_offset: u64,
    pub lag: u64,
    pub owner: Option<MemberId>,
}
