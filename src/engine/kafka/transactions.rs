//! The transaction coordinator: who may write under a transactional id, and how each transaction
//! ends.
//!
//! It decides; the cluster then writes the markers and the offsets, which here happens at once.
//! Follows `kafka.coordinator.transaction.TransactionCoordinator` with transaction version 1, in
//! which a producer keeps its epoch from one transaction to the next.

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use crate::engine::{Instant, Set};

use super::api::Transactional;
use super::error::ErrorCode;
use super::log::TransactionResult;
use super::types::TopicPartition;

/// From this epoch on a producer gets a new id instead of the next epoch.
const EXHAUSTED_EPOCH: u16 = i16::MAX as u16 - 1;

/// The states of a transaction, named as Kafka names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionState {
    Empty,
    Ongoing,
    PrepareCommit,
    PrepareAbort,
    CompleteCommit,
    CompleteAbort,
}

impl TransactionState {
    pub fn name(self) -> &'static str {
        match self {
            TransactionState::Empty => "Empty",
            TransactionState::Ongoing => "Ongoing",
            TransactionState::PrepareCommit => "PrepareCommit",
            TransactionState::PrepareAbort => "PrepareAbort",
            TransactionState::CompleteCommit => "CompleteCommit",
            TransactionState::CompleteAbort => "CompleteAbort",
        }
    }

    /// True between the decision and the last marker.
    fn is_ending(self) -> bool {
        match self {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => true,
            TransactionState::Empty
            | TransactionState::Ongoing
            | TransactionState::CompleteCommit
            | TransactionState::CompleteAbort => false,
        }
    }
}

/// What the coordinator knows of a transactional id.
#[derive(Clone, Debug)]
pub struct Transaction {
    producer_id: u64,
    epoch: u16,
    /// The epoch before a bump that the producer asked for, so that its retry is recognised.
    last_epoch: Option<u16>,
    state: TransactionState,
    timeout: Duration,
    began: Instant,
    partitions: Set<TopicPartition>,
    /// Groups whose offsets are part of it.
    groups: Set<Rc<str>>,
}

impl Transaction {
    pub fn producer_id(&self) -> u64 {
        self.producer_id
    }

    pub fn epoch(&self) -> u16 {
        self.epoch
    }

    pub fn state(&self) -> TransactionState {
        self.state
    }

    pub fn partitions(&self) -> &Set<TopicPartition> {
        &self.partitions
    }

    pub fn groups(&self) -> &Set<Rc<str>> {
        &self.groups
    }

    fn check(&self, producer: &Transactional) -> Result<(), ErrorCode> {
        if self.producer_id != producer.producer_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if self.epoch != producer.epoch {
            return Err(ErrorCode::ProducerFenced);
        }
        Ok(())
    }

    fn decide(&mut self, result: TransactionResult) {
        self.state = match result {
            TransactionResult::Commit => TransactionState::PrepareCommit,
            TransactionResult::Abort => TransactionState::PrepareAbort,
        };
    }

    /// What has been decided and not been done everywhere.
    pub(super) fn decided(&self) -> Option<TransactionResult> {
        match self.state {
            TransactionState::PrepareCommit => Some(TransactionResult::Commit),
            TransactionState::PrepareAbort => Some(TransactionResult::Abort),
            TransactionState::Empty
            | TransactionState::Ongoing
            | TransactionState::CompleteCommit
            | TransactionState::CompleteAbort => None,
        }
    }
}

/// Whether a request ended a transaction, whose markers must then be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Begins,
    /// It was a repeated request.
    WasBefore,
}

/// All transactional ids, and the producer ids that were given out.
#[derive(Clone, Debug)]
pub(super) struct Transactions {
    max_timeout: Duration,
    producer_ids: u64,
    transactions: LiteMap<Rc<str>, Transaction>,
}

impl Transactions {
    pub fn new(max_timeout: Duration) -> Transactions {
        Transactions { max_timeout, producer_ids: 0, transactions: LiteMap::new() }
    }

    pub fn get(&self, transactional_id: &str) -> Option<&Transaction> {
        self.transactions.get(transactional_id)
    }

    fn next_producer_id(&mut self) -> u64 {
        self.producer_ids += 1;
        self.producer_ids
    }

    /// `InitProducerId`. An open transaction is first aborted, under the next epoch; the producer
    /// is told to come again.
    pub fn init_producer_id(
        &mut self,
        now: Instant,
        transactional_id: Option<Rc<str>>,
        timeout: Duration,
        current: Option<(u64, u16)>,
    ) -> Result<(u64, u16), ErrorCode> {
        let Some(transactional_id) = transactional_id else {
            return Ok((self.next_producer_id(), 0));
        };
        if timeout.is_zero() || timeout > self.max_timeout {
            return Err(ErrorCode::InvalidTransactionTimeout);
        }
        let Some(transaction) = self.transactions.get_mut(&transactional_id) else {
            let producer_id = self.next_producer_id();
            let transaction = Transaction {
                producer_id,
                epoch: 0,
                last_epoch: None,
                state: TransactionState::Empty,
                timeout,
                began: now,
                partitions: Set::new(),
                groups: Set::new(),
            };
            self.transactions.insert(transactional_id, transaction);
            return Ok((producer_id, 0));
        };
        if current.is_some_and(|(id, _)| id != transaction.producer_id) {
            return Err(ErrorCode::ProducerFenced);
        }
        match transaction.state {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            TransactionState::Ongoing => {
                transaction.epoch += 1;
                transaction.decide(TransactionResult::Abort);
                Err(ErrorCode::ConcurrentTransactions)
            }
            TransactionState::Empty
            | TransactionState::CompleteCommit
            | TransactionState::CompleteAbort => {
                self.producer_ids += 1;
                let fresh = self.producer_ids;
                let bumped = bump(transaction, current.map(|(_, epoch)| epoch), fresh)?;
                if bumped.0 != fresh {
                    self.producer_ids -= 1;
                }
                transaction.timeout = timeout;
                transaction.state = TransactionState::Empty;
                Ok(bumped)
            }
        }
    }

    fn checked(&mut self, producer: &Transactional) -> Result<&mut Transaction, ErrorCode> {
        let transaction = self.transactions.get_mut(&producer.transactional_id);
        let transaction = transaction.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        transaction.check(producer)?;
        Ok(transaction)
    }

    fn ongoing(
        &mut self,
        now: Instant,
        producer: &Transactional,
    ) -> Result<&mut Transaction, ErrorCode> {
        let transaction = self.checked(producer)?;
        if transaction.state.is_ending() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        if transaction.state != TransactionState::Ongoing {
            transaction.state = TransactionState::Ongoing;
            transaction.began = now;
        }
        Ok(transaction)
    }

    pub fn add_partitions(
        &mut self,
        now: Instant,
        producer: &Transactional,
        partitions: Vec<TopicPartition>,
    ) -> Result<(), ErrorCode> {
        self.ongoing(now, producer)?.partitions.extend(partitions);
        Ok(())
    }

    pub fn add_offsets(
        &mut self,
        now: Instant,
        producer: &Transactional,
        group: Rc<str>,
    ) -> Result<(), ErrorCode> {
        self.ongoing(now, producer)?.groups.insert(group);
        Ok(())
    }

    /// Whether offsets of a group belong to the producer's open transaction.
    pub fn verify_group(&self, producer: &Transactional, group: &str) -> Result<(), ErrorCode> {
        self.verify(producer, |open| open.groups.contains(group))
    }

    /// A partition leader asks before the first write of a transaction whether it is part of it.
    pub fn verify_partition(
        &self,
        producer: &Transactional,
        at: &TopicPartition,
    ) -> Result<(), ErrorCode> {
        self.verify(producer, |open| open.partitions.contains(at))
    }

    fn verify(
        &self,
        producer: &Transactional,
        includes: impl Fn(&Transaction) -> bool,
    ) -> Result<(), ErrorCode> {
        let transaction = self.transactions.get(&producer.transactional_id);
        let transaction = transaction.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        match transaction.check(producer) {
            Err(ErrorCode::ProducerFenced) => Err(ErrorCode::InvalidProducerEpoch),
            Err(error) => Err(error),
            Ok(()) if transaction.state == TransactionState::Ongoing && includes(transaction) => {
                Ok(())
            }
            Ok(()) => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// `EndTxn`. Repeating the same request is a success.
    pub fn end(
        &mut self,
        producer: &Transactional,
        result: TransactionResult,
    ) -> Result<Ending, ErrorCode> {
        let transaction = self.checked(producer)?;
        match (transaction.state, result) {
            (TransactionState::Ongoing, _) => {
                transaction.decide(result);
                Ok(Ending::Begins)
            }
            (TransactionState::CompleteCommit, TransactionResult::Commit)
            | (TransactionState::CompleteAbort, TransactionResult::Abort) => Ok(Ending::WasBefore),
            (TransactionState::PrepareCommit, TransactionResult::Commit)
            | (TransactionState::PrepareAbort, TransactionResult::Abort) => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            (TransactionState::CompleteCommit | TransactionState::PrepareCommit, _)
            | (TransactionState::CompleteAbort | TransactionState::PrepareAbort, _)
            | (TransactionState::Empty, _) => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// Transactions that are decided and whose markers are not all written.
    pub fn ending(&self) -> Vec<Rc<str>> {
        let ending = self.transactions.iter();
        let ending = ending.filter(|(_, one)| one.state.is_ending());
        ending.map(|(id, _)| id.clone()).collect()
    }

    /// The marker of this partition is written.
    pub fn marked(&mut self, transactional_id: &str, at: &TopicPartition) {
        if let Some(transaction) = self.transactions.get_mut(transactional_id) {
            transaction.partitions.remove(at);
        }
    }

    /// All markers and offsets are written.
    pub fn complete(&mut self, transactional_id: &str) {
        if let Some(transaction) = self.transactions.get_mut(transactional_id) {
            transaction.groups.clear();
            transaction.state = match transaction.decided() {
                Some(TransactionResult::Commit) => TransactionState::CompleteCommit,
                Some(TransactionResult::Abort) => TransactionState::CompleteAbort,
                None => transaction.state,
            };
        }
    }

    /// Aborts transactions that are open for longer than `transaction.timeout.ms`, under the next
    /// epoch, so that a slow producer cannot go on as if nothing had happened.
    pub fn time_out(&mut self, now: Instant) {
        for (_, transaction) in self.transactions.iter_mut() {
            let overdue = now.since(transaction.began) > transaction.timeout;
            if transaction.state == TransactionState::Ongoing && overdue {
                transaction.epoch += 1;
                transaction.decide(TransactionResult::Abort);
            }
        }
    }
}

/// The next epoch of a transactional id, or epoch 0 of a fresh producer id when they are used up.
fn bump(
    transaction: &mut Transaction,
    current: Option<u16>,
    fresh: u64,
) -> Result<(u64, u16), ErrorCode> {
    let epoch = transaction.epoch;
    let last_epoch = match current {
        None => None,
        Some(current) if current == epoch => Some(epoch),
        Some(current) if Some(current) == transaction.last_epoch => {
            return Ok((transaction.producer_id, epoch));
        }
        Some(_) => return Err(ErrorCode::ProducerFenced),
    };
    transaction.last_epoch = last_epoch;
    if epoch >= EXHAUSTED_EPOCH {
        (transaction.producer_id, transaction.epoch) = (fresh, 0);
    } else {
        transaction.epoch = epoch + 1;
    }
    Ok((transaction.producer_id, transaction.epoch))
}
