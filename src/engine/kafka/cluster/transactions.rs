//! Transactions: the requests about them, and the markers that end them.

use std::rc::Rc;

use crate::engine::Instant;

use super::Cluster;
use crate::engine::kafka::api::{Request, Response, Transactional};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event, Timer};
use crate::engine::kafka::log::{Marker, TransactionResult};
use crate::engine::kafka::transactions::Ending;
use crate::engine::kafka::types::TopicPartition;

impl Cluster {
    pub(super) fn answer_for_transactions(
        &mut self,
        now: Instant,
        request: Request,
        effects: &mut Vec<Effect>,
    ) -> Response {
        match request {
            Request::InitProducerId { transactional_id, transaction_timeout, current } => {
                let checks = self.config.transaction_check;
                let ids = self.config.producer_id_check;
                self.begin_periodic(now, (Timer::ProducerIds, ids), effects);
                if transactional_id.is_some() {
                    self.begin_periodic(now, (Timer::TransactionTimeouts, checks), effects);
                }
                let given = self.transactions.init_producer_id(
                    now,
                    transactional_id,
                    transaction_timeout,
                    current,
                );
                self.finish_transactions(now, "another producer came", effects);
                Response::InitProducerId(given)
            }
            Request::AddPartitionsToTxn { producer, partitions } => {
                Response::AddPartitionsToTxn(self.add_partitions(now, &producer, partitions))
            }
            Request::AddOffsetsToTxn { producer, group } => {
                let added = self.transactions.add_offsets(now, &producer, group);
                Response::AddOffsetsToTxn(added)
            }
            Request::TxnOffsetCommit { producer, commit } => {
                let verified = self.transactions.verify_group(&producer, &commit.group);
                let id = producer.producer_id;
                let outcome =
                    verified.and_then(|()| self.groups.commit_in_transaction(now, id, commit));
                Response::TxnOffsetCommit(outcome)
            }
            Request::EndTxn { producer, result } => {
                let ended = self.transactions.end(&producer, result);
                if ended == Ok(Ending::Begins) {
                    self.finish_transactions(now, "its producer said so", effects);
                }
                Response::EndTxn(ended.map(|_| ()))
            }
            other => unreachable!("{other:?} is not for the transaction coordinator"),
        }
    }

    /// All partitions are added, or none.
    fn add_partitions(
        &mut self,
        now: Instant,
        producer: &Transactional,
        partitions: Vec<TopicPartition>,
    ) -> Result<(), ErrorCode> {
        if partitions.iter().any(|at| self.partition(at).is_none()) {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        self.transactions.add_partitions(now, producer, partitions)
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
            let marked = self
                .changing(now, &at, effects, |log, config| log.append_marker(now, config, marker));
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
