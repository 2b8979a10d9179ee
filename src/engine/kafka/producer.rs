//! The producer client: batches records by partition and waits for their acknowledgement.
//!
//! A batch leaves when it is full (`batch.size`) or has waited for `linger.ms`. A record without a
//! key sticks to one partition until a batch's worth of bytes has gone there, then moves on to the
//! next; Kafka's client picks the next one at random, here it is the next by number.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::api::{Produce, ProduceBatch, Request, Response};
use super::error::ErrorCode;
use super::partition::Acks;
use super::partitioner::partition_for_key;
use super::types::{ClientId, Record, TopicPartition};

/// Settings, with their published names and defaults.
#[derive(Clone, Debug)]
pub struct ProducerConfig {
    /// `acks`
    pub acks: Acks,
    /// `linger.ms`
    pub linger: Duration,
    /// `batch.size`
    pub batch_size: u32,
    /// `max.block.ms`: how long a record waits for its partition to exist.
    pub max_block: Duration,
}

impl Default for ProducerConfig {
    fn default() -> ProducerConfig {
        ProducerConfig {
            acks: Acks::All,
            linger: Duration::from_millis(5),
            batch_size: 16_384,
            max_block: Duration::from_secs(60),
        }
    }
}

#[derive(Clone, Debug)]
pub enum ProducerInput {
    /// `handle` comes back with the outcome. A `partition` overrides the key.
    Send {
        handle: u64,
        topic: Rc<str>,
        record: Record,
        partition: Option<u32>,
    },
    Answer {
        correlation: u32,
        response: Response,
    },
    Timer(ProducerTimer),
}

#[derive(Clone, Debug)]
pub enum ProducerEffect {
    Send { correlation: u32, request: Request },
    Schedule { timer: ProducerTimer, due: Instant },
    Cancel { timer: ProducerTimer },
    Acknowledged { handle: u64, partition: TopicPartition, offset: u64 },
    Failed { handle: u64, error: ErrorCode },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProducerTimer {
    /// The oldest batch of the partition has lingered long enough.
    Linger(TopicPartition),
    /// The partition of the record with this handle did not appear.
    MaxBlock(u64),
}

#[derive(Clone, Debug, Default)]
struct Batch {
    handles: Vec<u64>,
    records: Vec<Record>,
    bytes: u32,
}

/// The partition that records without a key go to at present.
#[derive(Clone, Copy, Debug, Default)]
struct Sticky {
    partition: u32,
    bytes: u32,
}

#[derive(Clone, Debug)]
struct Unsent {
    handle: u64,
    topic: Rc<str>,
    record: Record,
    partition: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Producer {
    client: ClientId,
    config: ProducerConfig,
    correlation: u32,
    partition_counts: BTreeMap<Rc<str>, u32>,
    /// Records of topics whose partitions are being asked for.
    unsent: VecDeque<Unsent>,
    asking: BTreeMap<u32, Rc<str>>,
    sticky: BTreeMap<Rc<str>, Sticky>,
    batches: BTreeMap<TopicPartition, Batch>,
    in_flight: BTreeMap<u32, Vec<u64>>,
}

impl Producer {
    pub fn new(client: ClientId, config: ProducerConfig) -> Producer {
        Producer {
            client,
            config,
            correlation: 0,
            partition_counts: BTreeMap::new(),
            unsent: VecDeque::new(),
            asking: BTreeMap::new(),
            sticky: BTreeMap::new(),
            batches: BTreeMap::new(),
            in_flight: BTreeMap::new(),
        }
    }

    pub fn client(&self) -> ClientId {
        self.client
    }

    pub fn handle(&mut self, now: Instant, input: ProducerInput) -> Vec<ProducerEffect> {
        let mut effects = Vec::new();
        match input {
            ProducerInput::Send { handle, topic, record, partition } => {
                self.send(now, Unsent { handle, topic, record, partition }, &mut effects);
            }
            ProducerInput::Answer { correlation, response } => {
                self.answered(now, correlation, response, &mut effects);
            }
            ProducerInput::Timer(ProducerTimer::Linger(at)) => self.flush(&at, &mut effects),
            ProducerInput::Timer(ProducerTimer::MaxBlock(handle)) => {
                let error = ErrorCode::TimeoutAfterMaxBlockMs;
                effects.push(ProducerEffect::Failed { handle, error });
            }
        }
        effects
    }

    fn send(&mut self, now: Instant, unsent: Unsent, effects: &mut Vec<ProducerEffect>) {
        let Some(count) = self.partition_counts.get(&unsent.topic).copied() else {
            return self.ask_for_partitions(unsent, effects);
        };
        let partition = match (unsent.partition, &unsent.record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) => partition_for_key(key, count),
            (None, None) => self.stick(&unsent.topic, unsent.record.size(), count),
        };
        if partition >= count {
            let timer = ProducerTimer::MaxBlock(unsent.handle);
            effects.push(ProducerEffect::Schedule { timer, due: now + self.config.max_block });
            return;
        }
        let at = TopicPartition { topic: unsent.topic, partition };
        let size = unsent.record.size();
        if self.batches.get(&at).is_some_and(|batch| batch.bytes + size > self.config.batch_size) {
            self.flush(&at, effects);
        }
        let batch = self.batches.entry(at.clone()).or_default();
        if batch.records.is_empty() {
            let timer = ProducerTimer::Linger(at.clone());
            effects.push(ProducerEffect::Schedule { timer, due: now + self.config.linger });
        }
        batch.handles.push(unsent.handle);
        batch.records.push(unsent.record);
        batch.bytes += size;
    }

    fn ask_for_partitions(&mut self, unsent: Unsent, effects: &mut Vec<ProducerEffect>) {
        if !self.asking.values().any(|topic| *topic == unsent.topic) {
            let correlation = self.next_correlation();
            self.asking.insert(correlation, unsent.topic.clone());
            let request = Request::Metadata { topics: vec![unsent.topic.clone()] };
            effects.push(ProducerEffect::Send { correlation, request });
        }
        self.unsent.push_back(unsent);
    }

    fn stick(&mut self, topic: &Rc<str>, size: u32, count: u32) -> u32 {
        let sticky = self.sticky.entry(topic.clone()).or_default();
        if sticky.bytes >= self.config.batch_size {
            *sticky = Sticky { partition: (sticky.partition + 1) % count, bytes: 0 };
        }
        sticky.bytes += size;
        sticky.partition
    }

    fn flush(&mut self, at: &TopicPartition, effects: &mut Vec<ProducerEffect>) {
        let Some(batch) = self.batches.remove(at) else {
            return;
        };
        effects.push(ProducerEffect::Cancel { timer: ProducerTimer::Linger(at.clone()) });
        let correlation = self.next_correlation();
        self.in_flight.insert(correlation, batch.handles);
        let request = Request::Produce(Produce {
            acks: self.config.acks,
            transactional_id: None,
            batches: vec![ProduceBatch {
                partition: at.clone(),
                stamp: None,
                records: batch.records,
            }],
        });
        effects.push(ProducerEffect::Send { correlation, request });
    }

    fn answered(
        &mut self,
        now: Instant,
        correlation: u32,
        response: Response,
        effects: &mut Vec<ProducerEffect>,
    ) {
        match response {
            Response::Metadata(counts) => self.learned(now, correlation, counts, effects),
            Response::Produce(outcomes) => {
                let handles = self.in_flight.remove(&correlation).unwrap_or_default();
                for (partition, outcome) in outcomes {
                    effects.extend(handles.iter().zip(0..).map(|(handle, index)| match outcome {
                        Ok(base) => ProducerEffect::Acknowledged {
                            handle: *handle,
                            partition: partition.clone(),
                            offset: base + index,
                        },
                        Err(error) => ProducerEffect::Failed { handle: *handle, error },
                    }));
                }
            }
            other => unreachable!("a producer does not ask for {other:?}"),
        }
    }

    fn learned(
        &mut self,
        now: Instant,
        correlation: u32,
        counts: Vec<(Rc<str>, u32)>,
        effects: &mut Vec<ProducerEffect>,
    ) {
        let Some(topic) = self.asking.remove(&correlation) else {
            return;
        };
        self.partition_counts.extend(counts);
        let exists = self.partition_counts.contains_key(&topic);
        let (ready, rest): (VecDeque<Unsent>, VecDeque<Unsent>) =
            std::mem::take(&mut self.unsent).into_iter().partition(|one| one.topic == topic);
        self.unsent = rest;
        for unsent in ready {
            if exists {
                self.send(now, unsent, effects);
            } else {
                let error = ErrorCode::UnknownTopicOrPartition;
                effects.push(ProducerEffect::Failed { handle: unsent.handle, error });
            }
        }
    }

    fn next_correlation(&mut self) -> u32 {
        self.correlation += 1;
        self.correlation
    }
}
