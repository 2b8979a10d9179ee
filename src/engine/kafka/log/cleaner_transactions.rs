//! Transactions as the cleaner meets them, from the start of the log on.
//!
//! Tells which records belong to aborted transactions, and which markers end transactions that
//! have nothing left. Follows `CleanedTransactionMetadata`.

use crate::engine::sort_few;
use std::collections::VecDeque;

use litemap::LiteMap;

use super::batch::{Batch, Marker, TransactionResult};
use super::producers::AbortedTransaction;
use crate::engine::Set;

#[derive(Debug)]
pub(super) struct CleanedTransactions {
    /// By first offset; those ahead.
    aborted: VecDeque<AbortedTransaction>,
    /// By producer: those that have begun, and whether a batch of them was seen.
    ongoing_aborted: LiteMap<u64, (AbortedTransaction, bool)>,
    ongoing_committed: Set<u64>,
    /// Aborted transactions of which nothing but the marker was left.
    pub emptied: Vec<AbortedTransaction>,
}

impl CleanedTransactions {
    pub fn new(mut aborted: Vec<AbortedTransaction>) -> CleanedTransactions {
        sort_few(&mut aborted, |one| one.first_offset);
        CleanedTransactions {
            aborted: aborted.into(),
            ongoing_aborted: LiteMap::new(),
            ongoing_committed: Set::new(),
            emptied: Vec::new(),
        }
    }

    /// True if the marker's transaction has no batch any more.
    pub fn marker_is_empty(&mut self, batch: &Batch, marker: Marker) -> bool {
        self.advance(batch.last_offset);
        match marker.result {
            TransactionResult::Commit => !self.ongoing_committed.remove(&marker.producer_id),
            TransactionResult::Abort => match self.ongoing_aborted.remove(&marker.producer_id) {
                Some((_, true)) => false,
                Some((transaction, false)) => {
                    self.emptied.push(transaction);
                    true
                }
                None => true,
            },
        }
    }

    /// True if the batch belongs to an aborted transaction.
    pub fn is_aborted(&mut self, batch: &Batch) -> bool {
        self.advance(batch.last_offset);
        let Some(producer_id) = batch.producer_id() else {
            return false;
        };
        if !batch.is_transactional_data() {
            return false;
        }
        if let Some((_, seen)) = self.ongoing_aborted.get_mut(&producer_id) {
            *seen = true;
            return true;
        }
        self.ongoing_committed.insert(producer_id);
        false
    }

    fn advance(&mut self, offset: u64) {
        while let Some(next) = self.aborted.front() {
            if next.first_offset > offset {
                break;
            }
            let next = *next;
            self.ongoing_aborted.entry(next.producer_id).or_insert((next, false));
            self.aborted.pop_front();
        }
    }
}
