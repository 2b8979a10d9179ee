//! The producer's side of transactions, and its identity.
//!
//! One request to the coordinator is on its way at a time; [`Producer::coordinate`] decides which
//! one is next. Follows `TransactionManager`, with transaction version 1.

use std::rc::Rc;

use crate::engine::Instant;

use super::accumulator::Unsent;
use super::{Effects, Producer, ProducerEffect, ProducerTimer};
use crate::engine::kafka::api::{OffsetCommit, Request, Transactional};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::log::TransactionResult;
use crate::engine::kafka::types::TopicPartition;

/// What an answer that is awaited is for.
#[derive(Clone, Debug)]
pub(super) enum Awaited {
    Metadata,
    Produce(TopicPartition),
    InitProducerId,
    AddPartitions(Vec<TopicPartition>),
    AddOffsets(Rc<str>),
    TxnOffsetCommit,
    EndTxn,
}

/// The states of `TransactionManager`, by its names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Uninitialized,
    Initializing,
    Ready,
    InTransaction,
    Committing,
    Aborting,
    /// The transaction can only be aborted.
    AbortableError(ErrorCode),
    /// The producer can only be closed.
    FatalError(ErrorCode),
}

#[derive(Clone, Debug, Default)]
pub(super) struct TransactionManager {
    state: State,
    /// A request to the coordinator is on its way, or waits for [`ProducerTimer::Coordinator`].
    pub asking: bool,
    tries: u32,
    /// Partitions that were written to and are not part of the transaction yet.
    adding: Vec<TopicPartition>,
    partitions: Vec<TopicPartition>,
    groups: Vec<Rc<str>>,
    /// Offsets that are being sent.
    offsets: Option<OffsetCommit>,
    /// A batch was given up: the transaction's sequences have a gap, so the next transaction needs
    /// a new epoch.
    needs_epoch: bool,
}

impl Producer {
    /// Whether a record may be written now.
    pub(super) fn may_write(&self) -> Result<(), ErrorCode> {
        if self.config.transactional_id.is_none() {
            return Ok(());
        }
        match self.transactions.state {
            State::InTransaction => Ok(()),
            State::AbortableError(error) | State::FatalError(error) => Err(error),
            State::Uninitialized
            | State::Initializing
            | State::Ready
            | State::Committing
            | State::Aborting => Err(ErrorCode::IllegalState),
        }
    }

    /// An idempotent producer asks for its id before its first batch.
    pub(super) fn begin_idempotence(&mut self, now: Instant, effects: &mut Effects) {
        let plain = self.config.is_idempotent() && self.config.transactional_id.is_none();
        if plain && self.identity.is_none() {
            self.transactions.state = State::Initializing;
            self.coordinate(now, effects);
        }
    }

    pub(super) fn is_in_transaction(&self, at: &TopicPartition) -> bool {
        self.config.transactional_id.is_none() || self.transactions.partitions.contains(at)
    }

    /// A record was written to a partition: it must be part of the transaction before its batch
    /// leaves.
    pub(super) fn belongs_to_transaction(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        effects: &mut Effects,
    ) {
        if !self.is_in_transaction(at) && !self.transactions.adding.contains(at) {
            self.transactions.adding.push(at.clone());
            self.coordinate(now, effects);
        }
    }

    pub(super) fn init_transactions(&mut self, now: Instant, effects: &mut Effects) {
        match self.transactions.state {
            State::Uninitialized if self.config.transactional_id.is_some() => {
                self.transactions.state = State::Initializing;
                self.coordinate(now, effects);
            }
            state => returned(Err(refusal(state)), effects),
        }
    }

    pub(super) fn begin_transaction(&mut self, effects: &mut Effects) {
        match self.transactions.state {
            State::Ready if self.config.transactional_id.is_some() => {
                self.transactions.state = State::InTransaction;
                returned(Ok(()), effects);
            }
            state => returned(Err(refusal(state)), effects),
        }
    }

    pub(super) fn send_offsets(
        &mut self,
        now: Instant,
        offsets: OffsetCommit,
        effects: &mut Effects,
    ) {
        match self.transactions.state {
            State::InTransaction => {
                self.transactions.offsets = Some(offsets);
                self.coordinate(now, effects);
            }
            state => returned(Err(refusal(state)), effects),
        }
    }

    pub(super) fn commit_transaction(&mut self, now: Instant, effects: &mut Effects) {
        match self.transactions.state {
            State::InTransaction => {
                self.transactions.state = State::Committing;
                self.flush(now, effects);
                self.coordinate(now, effects);
            }
            state => returned(Err(refusal(state)), effects),
        }
    }

    /// Records that were not sent are given up.
    pub(super) fn abort_transaction(&mut self, now: Instant, effects: &mut Effects) {
        match self.transactions.state {
            State::InTransaction | State::AbortableError(_) => {
                self.transactions.state = State::Aborting;
                self.transactions.adding.clear();
                self.give_up_unsent(ErrorCode::TransactionAborted, effects);
                self.coordinate(now, effects);
            }
            state => returned(Err(refusal(state)), effects),
        }
    }

    /// Nothing is left to write.
    fn is_idle(&self) -> bool {
        self.unsent.is_empty()
            && self.blocked.is_empty()
            && self.lanes.iter().all(|lane| lane.is_empty())
    }

    pub(super) fn is_committing(&self) -> bool {
        self.transactions.state == State::Committing
    }

    fn give_up_unsent(&mut self, error: ErrorCode, effects: &mut Effects) {
        let blocked = std::mem::take(&mut self.blocked).into_iter().map(|(unsent, _)| unsent);
        let unsent = std::mem::take(&mut self.unsent).into_iter().chain(blocked);
        for Unsent { handle, .. } in unsent {
            effects.push(ProducerEffect::Cancel { timer: ProducerTimer::MaxBlock(handle) });
            effects.push(ProducerEffect::Failed { handle, error });
        }
        for lane in &mut self.lanes {
            // A batch that was sent before may be in the log, and its sequence is used up.
            self.transactions.needs_epoch |= lane.ready.iter().any(|batch| batch.tries > 0);
            for handle in lane.clear() {
                effects.push(ProducerEffect::Failed { handle, error });
            }
        }
    }

    /// A batch of a transaction could not be written.
    pub(super) fn write_failed(&mut self, now: Instant, error: ErrorCode, effects: &mut Effects) {
        if self.config.transactional_id.is_none() {
            return;
        }
        self.transactions.needs_epoch = true;
        let failed = match error {
            ErrorCode::ProducerFenced => State::FatalError(error),
            other => State::AbortableError(other),
        };
        match self.transactions.state {
            State::InTransaction => self.transactions.state = failed,
            State::Committing => {
                self.transactions.state = failed;
                returned(Err(error), effects);
            }
            State::Uninitialized
            | State::Initializing
            | State::Ready
            | State::Aborting
            | State::AbortableError(_)
            | State::FatalError(_) => {}
        }
        self.coordinate(now, effects);
    }

    /// Asks the coordinator for what is needed next, if anything.
    pub(super) fn coordinate(&mut self, now: Instant, effects: &mut Effects) {
        if self.transactions.asking {
            return;
        }
        let Some((awaited, request)) = self.next_request() else {
            return self.end_empty_transaction(effects);
        };
        self.transactions.asking = true;
        self.ask(now, awaited, request, effects);
    }

    fn next_request(&self) -> Option<(Awaited, Request)> {
        let manager = &self.transactions;
        if manager.state == State::Initializing {
            return Some((Awaited::InitProducerId, self.init_request()));
        }
        let producer = self.named()?;
        let started = !manager.partitions.is_empty() || !manager.groups.is_empty();
        let result = match manager.state {
            State::InTransaction | State::Committing if !manager.adding.is_empty() => {
                let partitions = manager.adding.clone();
                let request =
                    Request::AddPartitionsToTxn { producer, partitions: partitions.clone() };
                return Some((Awaited::AddPartitions(partitions), request));
            }
            State::InTransaction => return self.next_for_offsets(producer),
            State::Committing if self.is_idle() => TransactionResult::Commit,
            State::Aborting if self.is_idle() => TransactionResult::Abort,
            State::Committing
            | State::Aborting
            | State::Uninitialized
            | State::Initializing
            | State::Ready
            | State::AbortableError(_)
            | State::FatalError(_) => return None,
        };
        started.then_some((Awaited::EndTxn, Request::EndTxn { producer, result }))
    }

    fn next_for_offsets(&self, producer: Transactional) -> Option<(Awaited, Request)> {
        let commit = self.transactions.offsets.clone()?;
        let group = commit.group.clone();
        if self.transactions.groups.contains(&group) {
            return Some((
                Awaited::TxnOffsetCommit,
                Request::TxnOffsetCommit { producer, commit: Rc::new(commit) },
            ));
        }
        let request = Request::AddOffsetsToTxn { producer, group: group.clone() };
        Some((Awaited::AddOffsets(group), request))
    }

    fn init_request(&self) -> Request {
        let transactional = self.config.transactional_id.is_some();
        Request::InitProducerId {
            transactional_id: self.config.transactional_id.clone(),
            transaction_timeout: self.config.transaction_timeout,
            current: self.identity.filter(|_| transactional),
        }
    }

    fn named(&self) -> Option<Transactional> {
        let (producer_id, epoch) = self.identity?;
        let transactional_id = self.config.transactional_id.clone()?;
        Some(Transactional { transactional_id, producer_id, epoch })
    }

    /// The coordinator knows nothing of a transaction in which nothing was written.
    fn end_empty_transaction(&mut self, effects: &mut Effects) {
        let ending = matches!(self.transactions.state, State::Committing | State::Aborting);
        let started =
            !self.transactions.partitions.is_empty() || !self.transactions.groups.is_empty();
        if ending && !started && self.is_idle() {
            self.transactions.state = State::Ready;
            returned(Ok(()), effects);
        }
    }

    pub(super) fn initialized(
        &mut self,
        now: Instant,
        outcome: Result<(u64, u16), ErrorCode>,
        effects: &mut Effects,
    ) {
        match outcome {
            Ok(identity) => {
                self.transactions.asking = false;
                self.transactions.tries = 0;
                self.transactions.state = State::Ready;
                self.transactions.needs_epoch = false;
                self.identity = Some(identity);
                for lane in &mut self.lanes {
                    lane.has_gap &= self.config.transactional_id.is_none();
                }
                if self.config.transactional_id.is_some() {
                    returned(Ok(()), effects);
                }
                self.drain_all(now, effects);
            }
            Err(error) if error.is_retriable() => self.ask_later(now, effects),
            Err(error) => self.refused(State::FatalError(error), effects),
        }
    }

    pub(super) fn coordinated(
        &mut self,
        now: Instant,
        awaited: Awaited,
        outcome: Result<(), ErrorCode>,
        effects: &mut Effects,
    ) {
        match outcome {
            Ok(()) => {
                self.transactions.asking = false;
                self.transactions.tries = 0;
                self.was_granted(now, awaited, effects);
                self.coordinate(now, effects);
            }
            Err(error) if error.is_retriable() => self.ask_later(now, effects),
            // To the coordinator an old epoch means that somebody else has the transactional id.
            Err(ErrorCode::ProducerFenced | ErrorCode::InvalidProducerEpoch) => {
                self.refused(State::FatalError(ErrorCode::ProducerFenced), effects);
            }
            Err(
                ErrorCode::UnknownMemberId
                | ErrorCode::IllegalGeneration
                | ErrorCode::FencedInstanceId,
            ) => self.refused(State::AbortableError(ErrorCode::CommitFailed), effects),
            Err(error) => self.refused(State::FatalError(error), effects),
        }
    }

    fn was_granted(&mut self, now: Instant, awaited: Awaited, effects: &mut Effects) {
        let manager = &mut self.transactions;
        match awaited {
            Awaited::AddPartitions(added) => {
                manager.adding.retain(|at| !added.contains(at));
                manager.partitions.extend(added);
                self.drain_all(now, effects);
            }
            Awaited::AddOffsets(group) => manager.groups.push(group),
            Awaited::TxnOffsetCommit => {
                manager.offsets = None;
                returned(Ok(()), effects);
            }
            Awaited::EndTxn => {
                manager.partitions.clear();
                manager.groups.clear();
                manager.state =
                    if manager.needs_epoch { State::Initializing } else { State::Ready };
                if !manager.needs_epoch {
                    returned(Ok(()), effects);
                }
            }
            Awaited::Metadata | Awaited::Produce(_) | Awaited::InitProducerId => {}
        }
    }

    fn ask_later(&mut self, now: Instant, effects: &mut Effects) {
        self.transactions.tries += 1;
        let due = now + self.config.backoff(self.transactions.tries);
        effects.push(ProducerEffect::Schedule { timer: ProducerTimer::Coordinator, due });
    }

    /// `retry.backoff.ms` is over.
    pub(super) fn ask_again(&mut self, now: Instant, effects: &mut Effects) {
        self.transactions.asking = false;
        self.coordinate(now, effects);
    }

    /// The coordinator said no; the call that is running ends with the error.
    fn refused(&mut self, state: State, effects: &mut Effects) {
        let called = self.transactions.offsets.take().is_some()
            || matches!(
                self.transactions.state,
                State::Initializing | State::Committing | State::Aborting
            );
        self.transactions.asking = false;
        self.transactions.adding.clear();
        self.transactions.state = state;
        self.give_up_unsent(refusal(state), effects);
        if called && self.config.transactional_id.is_some() {
            returned(Err(refusal(state)), effects);
        }
    }

    fn drain_all(&mut self, now: Instant, effects: &mut Effects) {
        for at in self.partitions() {
            self.drain(now, &at, effects);
        }
    }
}

fn returned(outcome: Result<(), ErrorCode>, effects: &mut Effects) {
    effects.push(ProducerEffect::Returned(outcome));
}

/// Why a call is refused in this state.
fn refusal(state: State) -> ErrorCode {
    match state {
        State::AbortableError(error) | State::FatalError(error) => error,
        State::Uninitialized
        | State::Initializing
        | State::Ready
        | State::InTransaction
        | State::Committing
        | State::Aborting => ErrorCode::IllegalState,
    }
}
