//! What a Kafka cluster and its clients do.
//!
//! [`Cluster`] answers requests: it appends, replicates, serves fetches, coordinates groups and
//! transactions. [`Consumer`] and [`Producer`] are the clients' side. All three are state machines
//! without input or output: called with the instant and an input, they answer with effects.
//!
//! Not here: the network between clients and cluster, bytes on the wire, quotas, authentication,
//! the controller's own log. Behaviour follows Apache Kafka 4; settings carry the names and
//! defaults of its documentation.

mod api;
mod assignor;
mod cluster;
mod consumer;
mod description;
mod error;
mod event;
mod fetching;
mod group;
mod log;
mod partition;
mod partitioner;
mod producer;
mod topic;
mod transactions;
mod types;

pub use api::{
    ByPartition, Committer, Election, Fetch, FetchedPartition, GroupMember, JoinGroup, JoinReason,
    JoinRefused, Joined, Leaver, OffsetCommit, Produce, ProduceBatch, Request, Response, SyncGroup,
    Transactional,
};
pub use assignor::{Assignor, Subscription};
pub use cluster::{BrokerConfig, Cluster};
pub use consumer::{
    Consumer, ConsumerConfig, ConsumerEffect, ConsumerInput, ConsumerRecord, ConsumerTimer,
};
pub use description::{
    ClusterDescription, GroupDescription, MemberDescription, PartitionDescription, ReadPartition,
    TopicDescription,
};
pub use error::ErrorCode;
pub use event::{Effect, Event, Reply, Timer};
pub use group::{Group, GroupConfig, GroupState, Member};
pub use log::{
    AbortedTransaction, Appended, Batch, BatchKind, Cleaning, Deletion, Fetched, Isolation, Log,
    Marker, ProducerStamp, ProducerState, Records, TimestampType, TopicConfig, TransactionResult,
};
pub use partition::{Acks, Partition, Produced, Replica, ReplicaFetch, Settled, WriteId};
pub use partitioner::{key_hue, murmur2, partition_for_key, to_positive};
pub use producer::{Producer, ProducerConfig, ProducerEffect, ProducerInput, ProducerTimer};
pub use topic::Topic;
pub use transactions::{Transaction, TransactionState};
pub use types::{
    Call, ClientId, Header, MemberId, OffsetReset, OffsetSpec, Record, ResetTo, TopicPartition,
};
