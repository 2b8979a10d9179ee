//! The producer client: batches records by partition, sends them until they are acknowledged, and
//! leads transactions.
//!
//! A batch leaves when it is full (`batch.size`) or has waited for `linger.ms`. An idempotent
//! producer numbers its batches, so that a retry after a lost answer is recognised and order is
//! kept; a transactional one also tells the coordinator what belongs together. Follows
//! `KafkaProducer`, `RecordAccumulator`, `Sender` and `TransactionManager`. Not here: compression,
//! and batches of several partitions in one request.

mod accumulator;
mod config;
#[cfg(test)]
mod delivery_tests;
mod memory;
mod sender;
mod transactions;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::engine::Instant;

use super::api::{OffsetCommit, Request, Response};
use super::error::ErrorCode;
use super::types::{ClientId, Record, TopicPartition};
use accumulator::{KnownTopic, Lane, Unsent};
use transactions::{Awaited, TransactionManager};

pub use config::ProducerConfig;

#[derive(Clone, Debug)]
pub enum ProducerInput {
    /// `handle` comes back with the outcome. A `partition` overrides the key.
    Send {
        handle: u64,
        topic: Rc<str>,
        record: Record,
        partition: Option<u32>,
    },
    /// Sends what lingers: `flush`.
    Flush,
    /// `initTransactions`; this and the next four end with [`ProducerEffect::Returned`].
    InitTransactions,
    /// `beginTransaction`
    BeginTransaction,
    /// `sendOffsetsToTransaction`
    SendOffsetsToTransaction(OffsetCommit),
    /// `commitTransaction`
    CommitTransaction,
    /// `abortTransaction`
    AbortTransaction,
    Answer {
        correlation: u32,
        response: Response,
    },
    Timer(ProducerTimer),
}

#[derive(Clone, Debug)]
pub enum ProducerEffect {
    Send {
        correlation: u32,
        request: Request,
    },
    Schedule {
        timer: ProducerTimer,
        due: Instant,
    },
    Cancel {
        timer: ProducerTimer,
    },
    /// With `acks=0` nobody tells the offset.
    Acknowledged {
        handle: u64,
        partition: TopicPartition,
        offset: Option<u64>,
    },
    Failed {
        handle: u64,
        error: ErrorCode,
    },
    /// A batch is sent again: its answer did not come, or asked for it.
    Retried {
        partition: TopicPartition,
        error: ErrorCode,
    },
    /// The outcome of the transactional call that is running.
    Returned(Result<(), ErrorCode>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProducerTimer {
    /// The oldest batch of the partition has lingered long enough.
    Linger(TopicPartition),
    /// The partition of the record with this handle did not appear, or memory for it.
    MaxBlock(u64),
    /// The oldest batch of the partition was not acknowledged within `delivery.timeout.ms`.
    Delivery(TopicPartition),
    /// The metadata is old, or somebody waits for a partition that it does not have.
    Metadata,
    /// The answer to this request did not come within `request.timeout.ms`.
    Request(u32),
    /// The partition's batches may be tried again.
    Retry(TopicPartition),
    /// The coordinator may be asked again.
    Coordinator,
}

type Effects = Vec<ProducerEffect>;

#[derive(Clone, Debug)]
pub struct Producer {
    client: ClientId,
    config: ProducerConfig,
    correlation: u32,
    awaited: Vec<(u32, Awaited)>,
    topics: Vec<KnownTopic>,
    /// Records whose partition is not known yet.
    unsent: VecDeque<Unsent>,
    /// Records for which there is no memory, with their partitions.
    blocked: VecDeque<(Unsent, u32)>,
    lanes: Vec<Lane>,
    /// Producer id and epoch, once they are given.
    identity: Option<(u64, u16)>,
    transactions: TransactionManager,
}

impl Producer {
    pub fn new(client: ClientId, config: ProducerConfig) -> Producer {
        Producer {
            client,
            config,
            correlation: 0,
            awaited: Vec::new(),
            topics: Vec::new(),
            unsent: VecDeque::new(),
            blocked: VecDeque::new(),
            lanes: Vec::new(),
            identity: None,
            transactions: TransactionManager::default(),
        }
    }

    pub fn client(&self) -> ClientId {
        self.client
    }

    /// Producer id and epoch of an idempotent producer, once they are given.
    pub fn identity(&self) -> Option<(u64, u16)> {
        self.identity
    }

    /// True while it waits for the answer to this request.
    pub fn awaits(&self, correlation: u32) -> bool {
        self.awaited.iter().any(|(asked, _)| *asked == correlation)
    }

    pub fn handle(&mut self, now: Instant, input: ProducerInput) -> Effects {
        let mut effects = Vec::new();
        self.handle_into(now, input, &mut effects);
        effects
    }

    /// The same with a list that is there already.
    pub fn handle_into(&mut self, now: Instant, input: ProducerInput, effects: &mut Effects) {
        match input {
            ProducerInput::Send { handle, topic, record, partition } => {
                let unsent = Unsent { handle, topic, record, partition, since: now };
                self.send(now, unsent, effects);
            }
            ProducerInput::Flush => self.flush(now, effects),
            ProducerInput::InitTransactions => self.init_transactions(now, effects),
            ProducerInput::BeginTransaction => self.begin_transaction(effects),
            ProducerInput::SendOffsetsToTransaction(offsets) => {
                self.send_offsets(now, offsets, effects);
            }
            ProducerInput::CommitTransaction => self.commit_transaction(now, effects),
            ProducerInput::AbortTransaction => self.abort_transaction(now, effects),
            ProducerInput::Answer { correlation, response } => {
                self.answered(now, correlation, response, effects);
            }
            ProducerInput::Timer(timer) => self.timer(now, timer, effects),
        }
        self.use_freed_memory(now, effects);
    }

    fn timer(&mut self, now: Instant, timer: ProducerTimer, effects: &mut Effects) {
        match timer {
            ProducerTimer::Linger(at) => {
                self.close_batch(&at, effects);
                self.drain(now, &at, effects);
            }
            ProducerTimer::MaxBlock(handle) => self.give_up(now, handle, effects),
            ProducerTimer::Delivery(at) => self.expire_batches(now, &at, effects),
            ProducerTimer::Metadata => self.refresh_metadata(now, effects),
            ProducerTimer::Request(correlation) => self.unanswered(now, correlation, effects),
            ProducerTimer::Retry(at) => {
                if let Some(lane) = self.lane_mut(&at) {
                    lane.backs_off = false;
                }
                self.drain(now, &at, effects);
            }
            ProducerTimer::Coordinator => self.ask_again(now, effects),
        }
    }

    fn ask(
        &mut self,
        now: Instant,
        awaited: Awaited,
        request: Request,
        effects: &mut Effects,
    ) -> u32 {
        self.correlation += 1;
        let correlation = self.correlation;
        self.awaited.push((correlation, awaited));
        effects.push(ProducerEffect::Send { correlation, request });
        let due = now + self.config.request_timeout;
        effects.push(ProducerEffect::Schedule { timer: ProducerTimer::Request(correlation), due });
        correlation
    }

    fn awaited_for(&mut self, correlation: u32) -> Option<Awaited> {
        let place = self.awaited.iter().position(|(asked, _)| *asked == correlation)?;
        Some(self.awaited.remove(place).1)
    }

    fn answered(
        &mut self,
        now: Instant,
        correlation: u32,
        response: Response,
        effects: &mut Effects,
    ) {
        // The answer to a request that was given up comes too late.
        let Some(awaited) = self.awaited_for(correlation) else {
            return;
        };
        effects.push(ProducerEffect::Cancel { timer: ProducerTimer::Request(correlation) });
        match awaited {
            Awaited::Metadata => {
                if let Response::Metadata(counts) = response {
                    self.learned(now, counts, effects);
                }
            }
            Awaited::Produce(at) => {
                if let Response::Produce(outcomes) = response {
                    for (_, outcome) in outcomes {
                        self.produced(now, (&at, correlation), outcome, effects);
                    }
                }
                self.drain(now, &at, effects);
                self.coordinate(now, effects);
            }
            Awaited::InitProducerId => {
                if let Response::InitProducerId(outcome) = response {
                    self.initialized(now, outcome, effects);
                }
            }
            Awaited::AddPartitions(_)
            | Awaited::AddOffsets(_)
            | Awaited::TxnOffsetCommit
            | Awaited::EndTxn => {
                if let Response::AddPartitionsToTxn(outcome)
                | Response::AddOffsetsToTxn(outcome)
                | Response::TxnOffsetCommit(outcome)
                | Response::EndTxn(outcome) = response
                {
                    self.coordinated(now, awaited, outcome, effects);
                }
            }
        }
    }

    /// No answer came in time. What was asked is asked again.
    fn unanswered(&mut self, now: Instant, correlation: u32, effects: &mut Effects) {
        match self.awaited_for(correlation) {
            None => {}
            Some(Awaited::Metadata) => self.refresh_metadata(now, effects),
            Some(Awaited::Produce(at)) => {
                let lost = Err(ErrorCode::RequestTimedOut);
                self.produced(now, (&at, correlation), lost, effects);
                self.drain(now, &at, effects);
            }
            Some(
                Awaited::InitProducerId
                | Awaited::AddPartitions(_)
                | Awaited::AddOffsets(_)
                | Awaited::TxnOffsetCommit
                | Awaited::EndTxn,
            ) => {
                self.transactions.asking = false;
                self.coordinate(now, effects);
            }
        }
    }
}
