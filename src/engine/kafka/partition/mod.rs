//! One partition: its copies, who leads them, and how far they agree.
//!
//! The leader takes writes; followers fetch from it. What all in-sync replicas have is below the
//! high watermark, and only that is shown to consumers. Follows `kafka.cluster.Partition`; the
//! elections are those of the controller (`PartitionChangeBuilder`). Nothing moves by itself: the
//! cluster says when a follower fetches.

mod election;
mod replication;

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::error::ErrorCode;
use super::log::{
    Appended, Cleaning, Deletion, Fetched, Isolation, Log, Marker, ProducerStamp, TopicConfig,
};
use super::types::{Call, OffsetSpec, Record, ResetTo};

pub use replication::ReplicaFetch;

/// `acks`: whose copy a producer waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Acks {
    /// 0: nobody's; there is no answer.
    None,
    /// 1: the leader's.
    Leader,
    /// −1, all: those of all in-sync replicas.
    #[default]
    All,
}

/// A write that waits for the followers, and which part of which request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteId {
    pub call: Call,
    /// A request may write to several partitions.
    pub part: u32,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    id: WriteId,
    base_offset: u64,
    required_offset: u64,
}

/// The outcome of a write that had to wait: its base offset, or why it is not safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    pub id: WriteId,
    pub outcome: Result<u64, ErrorCode>,
}

/// A write, and whether it can be answered at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Produced {
    pub appended: Appended,
    pub waits: bool,
}

/// What the leader knows of a follower.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    end_offset: Option<u64>,
    last_caught_up: Option<Instant>,
    last_fetch: Option<Instant>,
    /// The leader's end at the time of that fetch.
    leader_end_at_last_fetch: u64,
}

/// One copy and the broker that keeps it.
#[derive(Clone, Debug)]
pub struct Replica {
    broker: u32,
    alive: bool,
    log: Log,
    progress: Progress,
}

impl Replica {
    pub fn broker(&self) -> u32 {
        self.broker
    }

    pub fn is_alive(&self) -> bool {
        self.alive
    }

    pub fn log(&self) -> &Log {
        &self.log
    }
}

#[derive(Clone, Debug)]
pub struct Partition {
    /// In the order of the assignment; the first one is the preferred leader.
    replicas: Vec<Replica>,
    /// Index of the leading replica.
    leader: Option<u8>,
    /// The copy that led last, which is shown while nobody leads.
    last_leader: u8,
    leader_epoch: u32,
    /// Where the log of the leader ended when it was elected.
    epoch_start_offset: u64,
    /// Brokers in sync, in ascending order. The last one stays in even when it is dead. Shared, so
    /// that whoever looks for a change need not copy it.
    isr: Rc<Vec<u32>>,
    /// `replica.lag.time.max.ms`
    lag_max: Duration,
    waiting: Vec<Waiting>,
    settled: Vec<Settled>,
    overtaken: u64,
}

impl Partition {
    /// A new partition on these brokers, with their `replica.lag.time.max.ms`.
    pub fn new(now: Instant, brokers: &[u32], lag_max: Duration) -> Partition {
        let replicas = brokers.iter().map(|broker| Replica {
            broker: *broker,
            alive: true,
            log: Log::default(),
            progress: Progress { last_caught_up: Some(now), ..Progress::default() },
        });
        let mut isr = brokers.to_vec();
        isr.sort_unstable();
        let mut partition = Partition {
            replicas: replicas.collect(),
            leader: Some(0),
            last_leader: 0,
            leader_epoch: 0,
            epoch_start_offset: 0,
            isr: Rc::new(isr),
            lag_max,
            waiting: Vec::new(),
            settled: Vec::new(),
            overtaken: 0,
        };
        partition.replicas[0].log.assign_epoch(0);
        partition
    }

    pub fn replicas(&self) -> &[Replica] {
        &self.replicas
    }

    /// The broker that leads.
    pub fn leader(&self) -> Option<u32> {
        self.leader.map(|leader| self.replicas[usize::from(leader)].broker)
    }

    /// The broker that leads, or that led last.
    pub fn last_leader(&self) -> u32 {
        self.replicas[usize::from(self.last_leader)].broker
    }

    /// True if the producer of this record still waits to hear that the followers have it.
    pub fn awaits_followers(&self, offset: u64) -> bool {
        let holds = |one: &Waiting| (one.base_offset..one.required_offset).contains(&offset);
        self.waiting.iter().any(holds)
    }

    pub fn leader_epoch(&self) -> u32 {
        self.leader_epoch
    }

    /// The in-sync replicas, by broker.
    pub fn isr(&self) -> &[u32] {
        &self.isr
    }

    pub(super) fn shared_isr(&self) -> Rc<Vec<u32>> {
        self.isr.clone()
    }

    /// The leader's copy, or that of the last leader.
    pub fn log(&self) -> &Log {
        &self.replicas[usize::from(self.last_leader)].log
    }

    pub fn log_start_offset(&self) -> u64 {
        self.log().log_start_offset()
    }

    /// The offset that the next record will get.
    pub fn log_end_offset(&self) -> u64 {
        self.log().log_end_offset()
    }

    /// Consumers read up to here: to what all in-sync replicas have.
    pub fn high_watermark(&self) -> u64 {
        self.log().high_watermark()
    }

    pub fn last_stable_offset(&self) -> u64 {
        self.log().last_stable_offset()
    }

    pub fn record(&self, offset: u64) -> Option<&Record> {
        self.log().record(offset)
    }

    /// When the record at an offset was appended.
    pub fn appended_at(&self, offset: u64) -> Option<Instant> {
        self.log().appended_at(offset)
    }

    /// Records from an offset on, with their offsets.
    pub fn records_from(&self, offset: u64) -> impl Iterator<Item = (u64, &Record)> {
        self.log().records_from(offset)
    }

    /// Appends what a client sent to the leader.
    pub fn produce(
        &mut self,
        now: Instant,
        config: &TopicConfig,
        (id, acks): (WriteId, Acks),
        stamp: Option<ProducerStamp>,
        records: Rc<[Record]>,
    ) -> Result<Produced, ErrorCode> {
        let leader = self.leading()?;
        if acks == Acks::All && self.is_under_min_isr(config) {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let epoch = self.leader_epoch;
        let log = &mut self.replicas[leader].log;
        let newest = log.newest_timestamp_ms();
        let late = records.iter().filter(|one| one.timestamp_ms < newest).count() as u64;
        let appended = log.append(now, config, epoch, stamp, records)?;
        if !appended.duplicate {
            self.overtaken += late;
        }
        self.advance_high_watermark(now, config);
        let required_offset = appended.last_offset + 1;
        let waits = acks == Acks::All && self.high_watermark() < required_offset;
        if waits {
            self.waiting.push(Waiting { id, base_offset: appended.base_offset, required_offset });
        }
        Ok(Produced { appended, waits })
    }

    /// Records that were written behind one with a later timestamp.
    pub fn overtaken(&self) -> u64 {
        self.overtaken
    }

    /// Writes the control record that ends a transaction.
    pub fn append_marker(
        &mut self,
        now: Instant,
        config: &TopicConfig,
        marker: Marker,
    ) -> Result<Appended, ErrorCode> {
        let leader = self.leading()?;
        let epoch = self.leader_epoch;
        let log = &mut self.replicas[leader].log;
        let appended = log.append_marker(now, config, epoch, marker)?;
        self.advance_high_watermark(now, config);
        Ok(appended)
    }

    /// What a consumer reads from the leader.
    pub fn read(
        &self,
        offset: u64,
        isolation: Isolation,
        max_bytes: u32,
    ) -> Result<Fetched, ErrorCode> {
        let leader = self.leading()?;
        self.replicas[leader].log.read(offset, isolation, max_bytes)
    }

    /// True if a fetch at this offset has something to answer.
    pub(super) fn would_answer(&self, offset: u64, isolation: Isolation) -> bool {
        self.leader.is_none() || self.log().would_answer(offset, isolation)
    }

    /// Offset and timestamp that a `ListOffsets` request asks for.
    pub fn lookup(
        &self,
        spec: OffsetSpec,
        isolation: Isolation,
    ) -> Result<Option<(u64, i64)>, ErrorCode> {
        let leader = self.leading()?;
        Ok(self.replicas[leader].log.lookup(spec, isolation))
    }

    /// Where a reset of a group's offsets leads. As with Kafka's tool, a target outside of the log is
    /// moved to its start or end, and a time after the last record leads to the end.
    pub(super) fn reset_target(
        &self,
        to: ResetTo,
        committed: Option<u64>,
    ) -> Result<u64, ErrorCode> {
        let of = |spec| self.lookup(spec, Isolation::ReadUncommitted);
        let (start, end) = (of(OffsetSpec::Earliest)?, of(OffsetSpec::Latest)?);
        let offset = |found: Option<(u64, i64)>| found.map_or(0, |(offset, _)| offset);
        let (start, end) = (offset(start), offset(end));
        Ok(match to {
            ResetTo::Earliest => start,
            ResetTo::Latest => end,
            ResetTo::Current => committed.unwrap_or(end),
            ResetTo::Offset(offset) => offset.clamp(start, end),
            ResetTo::ShiftBy(by) => {
                let committed = committed.ok_or(ErrorCode::NoOffsetForPartition)?;
                committed.saturating_add_signed(by).clamp(start, end)
            }
            ResetTo::Datetime(least) => {
                of(OffsetSpec::Timestamp(least))?.map_or(end, |(offset, _)| offset)
            }
        })
    }

    pub fn delete_records(&mut self, before: Option<u64>) -> Result<u64, ErrorCode> {
        let leader = self.leading()?;
        self.replicas[leader].log.delete_records(before)
    }

    /// Every broker deletes old segments of its own copy. Returns what the leader deleted.
    pub(super) fn apply_retention(&mut self, now: Instant, config: &TopicConfig) -> Vec<Deletion> {
        let shown = usize::from(self.last_leader);
        let mut deleted = Vec::new();
        for (index, replica) in self.replicas.iter_mut().enumerate() {
            if replica.alive {
                let own = replica.log.apply_retention(now, config);
                deleted = if index == shown { own } else { deleted };
            }
        }
        deleted
    }

    /// Every broker compacts its own copy. Returns what the leader did.
    pub(super) fn compact(&mut self, now: Instant, config: &TopicConfig) -> Option<Cleaning> {
        let shown = usize::from(self.last_leader);
        let mut cleaned = None;
        for (index, replica) in self.replicas.iter_mut().enumerate() {
            if replica.alive {
                let cleaning = replica.log.compact(now, config, false);
                cleaned = if index == shown { Some(cleaning) } else { cleaned };
            }
        }
        cleaned
    }

    pub(super) fn expire_producers(&mut self, now: Instant, after: Duration) {
        for replica in &mut self.replicas {
            replica.log.expire_producers(now, after);
        }
    }

    /// Writes that can be answered now.
    pub fn take_settled(&mut self) -> Vec<Settled> {
        std::mem::take(&mut self.settled)
    }

    fn leading(&self) -> Result<usize, ErrorCode> {
        let leader = self.leader.ok_or(ErrorCode::LeaderNotAvailable)?;
        Ok(usize::from(leader))
    }

    fn is_under_min_isr(&self, config: &TopicConfig) -> bool {
        (self.isr.len() as u64) < u64::from(config.min_insync_replicas)
    }

    fn index_of(&self, broker: u32) -> Option<usize> {
        self.replicas.iter().position(|replica| replica.broker == broker)
    }
}
