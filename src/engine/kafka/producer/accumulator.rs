//! Which partition a record goes to, and the batches that fill up there.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::{Awaited, Effects, Producer, ProducerEffect, ProducerTimer};
use crate::engine::kafka::api::Request;
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::partitioner::partition_for_key;
use crate::engine::kafka::types::{Record, TopicPartition};

/// A batch that takes records.
#[derive(Clone, Debug, Default)]
pub(super) struct Filling {
    handles: Vec<u64>,
    pub records: Vec<Record>,
    pub bytes: u32,
    pub since: Instant,
}

/// A batch that is full or has lingered.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// Batches of a partition are numbered in their order, whatever their sequences.
    pub number: u64,
    pub handles: Vec<u64>,
    pub records: Rc<[Record]>,
    pub bytes: u32,
    /// Since when it has been filled, from which `delivery.timeout.ms` counts.
    pub since: Instant,
    pub tries: u32,
    /// Producer id, epoch and sequence, given with the first try of an idempotent producer.
    pub identity: Option<(u64, u16, u32)>,
}

/// The way of one partition's records.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub at: TopicPartition,
    pub filling: Filling,
    /// Batches to send, in order.
    pub ready: VecDeque<Batch>,
    /// Batches that were sent, and the requests that they went with.
    pub in_flight: Vec<(u32, Batch)>,
    batches: u64,
    /// Under which id and epoch the sequence runs.
    pub identity: Option<(u64, u16)>,
    pub next_sequence: u32,
    /// A batch was given up, so the sequence has a gap: new batches start under a new epoch, as
    /// soon as those that have a sequence are settled.
    pub has_gap: bool,
    /// Waits before it tries again.
    pub backs_off: bool,
    /// A timer runs for `delivery.timeout.ms`.
    pub expires: bool,
}

impl Lane {
    fn new(at: TopicPartition) -> Lane {
        Lane {
            at,
            filling: Filling::default(),
            ready: VecDeque::new(),
            in_flight: Vec::new(),
            batches: 0,
            identity: None,
            next_sequence: 0,
            has_gap: false,
            backs_off: false,
            expires: false,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.filling.records.is_empty() && self.ready.is_empty() && self.in_flight.is_empty()
    }

    /// Takes out what was not sent, and returns its handles.
    pub fn clear(&mut self) -> Vec<u64> {
        let ready = std::mem::take(&mut self.ready).into_iter();
        let mut handles: Vec<u64> = ready.flat_map(|batch| batch.handles).collect();
        handles.append(&mut std::mem::take(&mut self.filling).handles);
        handles
    }
}

/// A topic whose partitions are known.
#[derive(Clone, Debug)]
pub(super) struct KnownTopic {
    name: Rc<str>,
    partitions: u32,
    /// The partition that records without a key go to at present, and how much went there. Kafka's
    /// client picks one at random, here the first follows from the client's number and the next
    /// one is the next by number.
    sticky: u32,
    sticky_bytes: u32,
}

impl KnownTopic {
    fn stick(&mut self, size: u32, batch_size: u32) -> u32 {
        if self.sticky_bytes >= batch_size {
            self.sticky = (self.sticky + 1) % self.partitions;
            self.sticky_bytes = 0;
        }
        self.sticky_bytes += size;
        self.sticky
    }
}

/// A record that is in no batch yet.
#[derive(Clone, Debug)]
pub(super) struct Unsent {
    pub handle: u64,
    pub topic: Rc<str>,
    pub record: Record,
    pub partition: Option<u32>,
    /// When the application sent it, from which `max.block.ms` counts.
    pub since: Instant,
}

impl Producer {
    pub(super) fn send(&mut self, now: Instant, unsent: Unsent, effects: &mut Effects) {
        if let Err(error) = self.may_write() {
            return effects.push(ProducerEffect::Failed { handle: unsent.handle, error });
        }
        self.begin_idempotence(now, effects);
        match self.partition_of(&unsent) {
            Some(partition) => self.append_or_block(now, unsent, partition, effects),
            None => self.wait_for_partition(now, unsent, effects),
        }
    }

    fn partition_of(&mut self, unsent: &Unsent) -> Option<u32> {
        let batch_size = self.config.batch_size;
        let topic = self.topics.iter_mut().find(|topic| topic.name == unsent.topic)?;
        let partition = match (unsent.partition, &unsent.record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) => partition_for_key(key, topic.partitions),
            (None, None) => topic.stick(unsent.record.size(), batch_size),
        };
        (partition < topic.partitions).then_some(partition)
    }

    pub(super) fn lane(&self, at: &TopicPartition) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.at == *at)
    }

    pub(super) fn lane_mut(&mut self, at: &TopicPartition) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.at == *at)
    }

    /// The partitions that were written to, in order.
    pub(super) fn partitions(&self) -> Vec<TopicPartition> {
        self.lanes.iter().map(|lane| lane.at.clone()).collect()
    }

    pub(super) fn append(
        &mut self,
        now: Instant,
        unsent: Unsent,
        partition: u32,
        effects: &mut Effects,
    ) {
        let at = TopicPartition { topic: unsent.topic, partition };
        let size = unsent.record.size();
        let place = self.lanes.partition_point(|lane| lane.at < at);
        if self.lanes.get(place).is_none_or(|lane| lane.at != at) {
            self.lanes.insert(place, Lane::new(at.clone()));
        }
        let filling = &self.lanes[place].filling;
        let is_full = filling.bytes + size > self.config.batch_size;
        if is_full && !filling.records.is_empty() {
            self.close_batch(&at, effects);
            self.drain(now, &at, effects);
        }
        let filling = &mut self.lanes[place].filling;
        let first = filling.records.is_empty();
        if first {
            filling.since = now;
        }
        filling.handles.push(unsent.handle);
        filling.records.push(unsent.record);
        filling.bytes += size;
        self.expire_later(&at, effects);
        self.belongs_to_transaction(now, &at, effects);
        if self.config.linger.is_zero() {
            self.close_batch(&at, effects);
            self.drain(now, &at, effects);
        } else if first {
            let due = now + self.config.linger;
            effects.push(ProducerEffect::Schedule { timer: ProducerTimer::Linger(at), due });
        }
    }

    /// Lets the batch that is being filled go.
    pub(super) fn close_batch(&mut self, at: &TopicPartition, effects: &mut Effects) {
        let Some(lane) = self.lane_mut(at) else {
            return;
        };
        if lane.filling.records.is_empty() {
            return;
        }
        let full = std::mem::take(&mut lane.filling);
        lane.batches += 1;
        lane.ready.push_back(Batch {
            number: lane.batches,
            handles: full.handles,
            records: full.records.into(),
            bytes: full.bytes,
            since: full.since,
            tries: 0,
            identity: None,
        });
        if !self.config.linger.is_zero() {
            effects.push(ProducerEffect::Cancel { timer: ProducerTimer::Linger(at.clone()) });
        }
    }

    pub(super) fn flush(&mut self, now: Instant, effects: &mut Effects) {
        for at in self.partitions() {
            self.close_batch(&at, effects);
            self.drain(now, &at, effects);
        }
    }

    fn wait_for_partition(&mut self, now: Instant, unsent: Unsent, effects: &mut Effects) {
        let timer = ProducerTimer::MaxBlock(unsent.handle);
        effects.push(ProducerEffect::Schedule { timer, due: unsent.since + self.config.max_block });
        if self.topics.iter().any(|topic| topic.name == unsent.topic) {
            self.expect_metadata(now, self.config.retry_backoff, effects);
        } else if !self.unsent.iter().any(|one| one.topic == unsent.topic) {
            self.ask_for_metadata(now, vec![unsent.topic.clone()], effects);
        }
        self.unsent.push_back(unsent);
    }

    fn ask_for_metadata(&mut self, now: Instant, topics: Vec<Rc<str>>, effects: &mut Effects) {
        self.ask(now, Awaited::Metadata, Request::Metadata { topics }, effects);
    }

    fn expect_metadata(&self, now: Instant, after: Duration, effects: &mut Effects) {
        effects.push(ProducerEffect::Schedule { timer: ProducerTimer::Metadata, due: now + after });
    }

    /// Asks for all topics that it writes to.
    pub(super) fn refresh_metadata(&mut self, now: Instant, effects: &mut Effects) {
        let mut topics: Vec<Rc<str>> = self.topics.iter().map(|topic| topic.name.clone()).collect();
        topics.extend(self.unsent.iter().map(|unsent| unsent.topic.clone()));
        topics.sort_unstable();
        topics.dedup();
        self.ask_for_metadata(now, topics, effects);
    }

    pub(super) fn learned(
        &mut self,
        now: Instant,
        counts: Vec<(Rc<str>, u32)>,
        effects: &mut Effects,
    ) {
        for (name, partitions) in counts {
            match self.topics.iter_mut().find(|topic| topic.name == name) {
                Some(topic) => topic.partitions = partitions,
                None => {
                    let sticky = self.client.0 % partitions.max(1);
                    self.topics.push(KnownTopic { name, partitions, sticky, sticky_bytes: 0 });
                }
            }
        }
        for unsent in std::mem::take(&mut self.unsent) {
            match self.partition_of(&unsent) {
                Some(partition) => {
                    let timer = ProducerTimer::MaxBlock(unsent.handle);
                    effects.push(ProducerEffect::Cancel { timer });
                    self.append_or_block(now, unsent, partition, effects);
                }
                None => self.unsent.push_back(unsent),
            }
        }
        if self.is_committing() {
            self.flush(now, effects);
            self.coordinate(now, effects);
        }
        let all_known = self.unsent.is_empty();
        let age = if all_known { self.config.metadata_max_age } else { self.config.retry_backoff };
        self.expect_metadata(now, age, effects);
    }

    /// The record's partition, or memory for it, did not appear within `max.block.ms`.
    pub(super) fn give_up(&mut self, now: Instant, handle: u64, effects: &mut Effects) {
        let (unsent, blocked) = (self.unsent.len(), self.blocked.len());
        self.unsent.retain(|unsent| unsent.handle != handle);
        self.blocked.retain(|(unsent, _)| unsent.handle != handle);
        let error = if self.unsent.len() < unsent {
            ErrorCode::TimeoutAfterMaxBlockMs
        } else if self.blocked.len() < blocked {
            ErrorCode::BufferExhausted
        } else {
            return;
        };
        effects.push(ProducerEffect::Failed { handle, error });
        self.write_failed(now, error, effects);
    }
}
