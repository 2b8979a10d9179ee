//! Transactions: the requests about them, and the markers that end them.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::Cluster;
use crate::engine::kafka::api::{OffsetCommit, Transactional};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event, Timer};
use crate::engine::kafka::log::{Marker, TopicConfig, TransactionResult};
use crate::engine::kafka::partition::Partition;
use crate::engine::kafka::transactions::{Ending, Transaction, TransactionState};
use crate::engine::kafka::types::TopicPartition;

impl Cluster {
    pub(super) fn init_producer_id(
        &mut self,
        now: Instant,
        (transactional_id, timeout): (Option<Rc<str>>, Duration),
        current: Option<(u64, u16)>,
        effects: &mut Vec<Effect>,
    ) -> Result<(u64, u16), ErrorCode> {
        let checks = self.config.transaction_check;
        let ids = self.config.producer_id_check;
        self.begin_periodic(now, (Timer::ProducerIds, ids), effects);
        let Some(id) = transactional_id else {
            return self.transactions.init_producer_id(now, None, timeout, current);
        };
        self.begin_periodic(now, (Timer::TransactionTimeouts, checks), effects);
        let before = self.transactions.get(&id).map(Transaction::epoch);
        let given = self.transactions.init_producer_id(now, Some(id.clone()), timeout, current);
        let after = self.transactions.get(&id).map(Transaction::epoch);
        if let (Some(epoch), true) = (after, before.is_some() && before != after) {
            effects.push(Effect::Event(Event::ProducerFenced {
                transactional_id: id,
                epoch,
                reason: "a producer with this transactional id started",
            }));
        }
        self.finish_transactions(now, "another producer came", effects);
        given
    }

    pub(super) fn commit_in_transaction(
        &mut self,
        now: Instant,
        producer: &Transactional,
        commit: OffsetCommit,
    ) -> Result<(), ErrorCode> {
        self.transactions.verify_group(producer, &commit.group)?;
        self.groups.commit_in_transaction(now, producer.producer_id, commit)
    }

    pub(super) fn end_transaction(
        &mut self,
        now: Instant,
        producer: &Transactional,
        result: TransactionResult,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        if self.transactions.end(producer, result)? == Ending::Begins {
            self.finish_transactions(now, "its producer said so", effects);
        }
        Ok(())
    }

    pub(super) fn add_offsets(
        &mut self,
        now: Instant,
        producer: &Transactional,
        group: Rc<str>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let was_open = self.is_ongoing(producer);
        self.transactions.add_offsets(now, producer, group)?;
        Cluster::note_beginning(was_open, producer, effects);
        Ok(())
    }

    fn is_ongoing(&self, producer: &Transactional) -> bool {
        let transaction = self.transactions.get(&producer.transactional_id);
        transaction.is_some_and(|one| one.state() == TransactionState::Ongoing)
    }

    fn note_beginning(was_open: bool, producer: &Transactional, effects: &mut Vec<Effect>) {
        if !was_open {
            let transactional_id = producer.transactional_id.clone();
            effects.push(Effect::Event(Event::TransactionBegan { transactional_id }));
        }
    }

    /// All partitions are added, or none.
    pub(super) fn add_partitions(
        &mut self,
        now: Instant,
        producer: &Transactional,
        partitions: Vec<TopicPartition>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        if partitions.iter().any(|at| self.partition(at).is_none()) {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let was_open = self.is_ongoing(producer);
        self.transactions.add_partitions(now, producer, partitions)?;
        Cluster::note_beginning(was_open, producer, effects);
        Ok(())
    }

    /// Writes what is missing of transactions that are decided. A partition without a leader has to
    /// wait, and its transaction with it.
    fn finish_transactions(
        &mut self,
        now: Instant,
        reason: &'static str,
        effects: &mut Vec<Effect>,
    ) {
        for transactional_id in self.transactions.ending() {
            self.finish_transaction(now, &transactional_id, reason, effects);
        }
    }

    fn finish_transaction(
        &mut self,
        now: Instant,
        transactional_id: &Rc<str>,
        reason: &'static str,
        effects: &mut Vec<Effect>,
    ) {
        let transaction = self.transactions.get(transactional_id);
        let transaction = transaction.expect("the transaction was listed a moment ago");
        let result = transaction.decided().expect("the transaction is decided");
        let marker = Marker {
            producer_id: transaction.producer_id(),
            epoch: transaction.epoch(),
            coordinator_epoch: 0,
            result,
        };
        let (partitions, groups) = (transaction.partitions().clone(), transaction.groups().clone());
        let mut all_marked = true;
        for at in partitions {
            let mark =
                |log: &mut Partition, config: &TopicConfig| log.append_marker(now, config, marker);
            let marked = self.changing(now, (&at, reason), effects, mark);
            match marked {
                Ok(Err(ErrorCode::LeaderNotAvailable)) => all_marked = false,
                Ok(_) | Err(_) => self.transactions.marked(transactional_id, &at),
            }
        }
        if !all_marked {
            return;
        }
        for group in groups {
            let commit = result == TransactionResult::Commit;
            self.groups.end_transaction(&group, marker.producer_id, commit, effects);
        }
        self.transactions.complete(transactional_id);
        effects.push(Effect::Event(Event::TransactionEnded {
            transactional_id: transactional_id.clone(),
            result,
            reason,
        }));
    }

    pub(super) fn time_out_transactions(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.transactions.time_out(now);
        self.finish_transactions(now, "it took longer than transaction.timeout.ms", effects);
        effects.push(Effect::Schedule {
            timer: Timer::TransactionTimeouts,
            due: now + self.config.transaction_check,
        });
    }
}
