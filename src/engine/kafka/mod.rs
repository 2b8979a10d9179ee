//! What a Kafka cluster and its clients do.
//!
//! [`Cluster`] answers requests: it appends, serves fetches, coordinates groups and keeps their
//! offsets. [`Consumer`] and [`Producer`] are the clients' side. All three are state machines
//! without input or output: called with the instant and an input, they answer with effects.
//!
//! Not here: the network between clients and cluster, copies of partitions, transactions.
//! Behaviour follows Apache Kafka 4; settings carry the names and defaults of its documentation.

mod api;
mod assignor;
mod cluster;
mod consumer;
mod fetching;
mod group;
mod log;
mod partitioner;
mod producer;
mod types;

pub use api::{
    Answered, Effect, Event, FetchedPartition, GroupMember, JoinGroup, JoinReason, Reply, Request,
    Response, Timer,
};
pub use assignor::{Assignor, Subscription};
pub use cluster::{BrokerConfig, Cluster, Topic};
pub use consumer::{
    Consumer, ConsumerConfig, ConsumerEffect, ConsumerInput, ConsumerRecord, ConsumerTimer,
};
pub use group::{Group, GroupState, Member};
pub use log::{Partition, TopicConfig};
pub use partitioner::{key_hue, murmur2, partition_for_key, to_positive};
pub use producer::{Producer, ProducerConfig, ProducerEffect, ProducerInput, ProducerTimer};
pub use types::{
    Call, ClientId, ErrorCode, MemberId, OffsetReset, OffsetSpec, Record, TopicPartition,
};
