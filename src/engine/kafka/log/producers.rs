//! What a partition remembers of its producers: epochs, sequences and transactions.
//!
//! Five batches of each producer are remembered, so a retry is recognised and answered with the
//! original offsets. Follows `org.apache.kafka.storage.internals.log.ProducerStateManager`,
//! `ProducerAppendInfo` and `TransactionIndex`.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use super::batch::{Batch, BatchKind, Marker, ProducerStamp, TransactionResult};
use crate::engine::kafka::error::ErrorCode;

/// `ProducerStateEntry.NUM_BATCHES_TO_RETAIN`
const REMEMBERED_BATCHES: usize = 5;
/// Sequence numbers run up to 2³¹ − 1.
const SEQUENCES: u64 = 1 << 31;

#[derive(Clone, Copy, Debug)]
struct Remembered {
    first_sequence: u32,
    last_sequence: u32,
    first_offset: u64,
    last_offset: u64,
}

/// One producer, as its partition knows it.
#[derive(Clone, Debug)]
pub struct ProducerState {
    epoch: u16,
    coordinator_epoch: Option<u32>,
    batches: VecDeque<Remembered>,
    last_timestamp_ms: i64,
    transaction_start: Option<u64>,
}

impl ProducerState {
    pub fn epoch(&self) -> u16 {
        self.epoch
    }

    /// None since the epoch was bumped.
    pub fn last_sequence(&self) -> Option<u32> {
        self.batches.back().map(|batch| batch.last_sequence)
    }

    /// Where its open transaction began in this partition.
    pub fn transaction_start(&self) -> Option<u64> {
        self.transaction_start
    }

    /// The offset of its last record.
    pub(super) fn last_data_offset(&self) -> Option<u64> {
        self.batches.back().map(|batch| batch.last_offset)
    }

    fn enter_epoch(&mut self, epoch: u16) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }
}

/// An aborted transaction, as `read_committed` consumers need to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    pub producer_id: u64,
    pub first_offset: u64,
    /// The offset of its marker.
    pub last_offset: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Producers {
    states: LiteMap<u64, ProducerState>,
    /// Open transactions by their first offset.
    ongoing: LiteMap<u64, u64>,
    /// Ended transactions whose marker is not below the high watermark yet: first and last offset.
    unreplicated: LiteMap<u64, u64>,
    aborted: Rc<Vec<AbortedTransaction>>,
}

pub(super) fn last_sequence(first: u32, count: u64) -> u32 {
    ((u64::from(first) + count - 1) % SEQUENCES) as u32
}

impl Producers {
    pub fn states(&self) -> &LiteMap<u64, ProducerState> {
        &self.states
    }

    /// Offsets of the batch, if it was appended before and is still remembered.
    pub fn duplicate(&self, stamp: ProducerStamp, count: u64) -> Option<(u64, u64)> {
        let state = self.states.get(&stamp.producer_id)?;
        let last = last_sequence(stamp.base_sequence, count);
        let same = |batch: &&Remembered| {
            batch.first_sequence == stamp.base_sequence && batch.last_sequence == last
        };
        let found = state.batches.iter().find(same)?;
        (state.epoch == stamp.epoch).then_some((found.first_offset, found.last_offset))
    }

    /// Whether a client may append this. The first batch of an unknown producer may have any
    /// sequence, as the partition cannot know what came before.
    pub fn check(&self, stamp: ProducerStamp) -> Result<(), ErrorCode> {
        let Some(state) = self.states.get(&stamp.producer_id) else {
            return Ok(());
        };
        if stamp.epoch < state.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        let expected = match state.last_sequence() {
            Some(last) if stamp.epoch == state.epoch => last_sequence(last, 2),
            Some(_) | None => 0,
        };
        if stamp.base_sequence != expected {
            return Err(ErrorCode::OutOfOrderSequenceNumber);
        }
        if state.transaction_start.is_some() && !stamp.transactional {
            return Err(ErrorCode::InvalidTxnState);
        }
        Ok(())
    }

    pub fn check_marker(&self, marker: Marker) -> Result<(), ErrorCode> {
        let Some(state) = self.states.get(&marker.producer_id) else {
            return Ok(());
        };
        if marker.epoch < state.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if state.coordinator_epoch > Some(marker.coordinator_epoch) {
            return Err(ErrorCode::TransactionCoordinatorFenced);
        }
        Ok(())
    }

    /// Takes note of a batch that is in the log now.
    pub fn observe(&mut self, batch: &Batch) {
        match batch.kind {
            BatchKind::Plain => {}
            BatchKind::Stamped(stamp) => self.observe_data(batch, stamp),
            BatchKind::Control(marker) => self.observe_marker(batch, marker),
        }
    }

    fn entry(&mut self, producer_id: u64, epoch: u16, timestamp_ms: i64) -> &mut ProducerState {
        let state = self.states.entry(producer_id).or_insert_with(|| ProducerState {
            epoch,
            coordinator_epoch: None,
            batches: VecDeque::new(),
            last_timestamp_ms: timestamp_ms,
            transaction_start: None,
        });
        state.enter_epoch(epoch);
        state.last_timestamp_ms = timestamp_ms;
        state
    }

    fn observe_data(&mut self, batch: &Batch, stamp: ProducerStamp) {
        let count = batch.last_offset - batch.base_offset + 1;
        let state = self.entry(stamp.producer_id, stamp.epoch, batch.max_timestamp_ms);
        if state.batches.len() == REMEMBERED_BATCHES {
            state.batches.pop_front();
        }
        state.batches.push_back(Remembered {
            first_sequence: stamp.base_sequence,
            last_sequence: last_sequence(stamp.base_sequence, count),
            first_offset: batch.base_offset,
            last_offset: batch.last_offset,
        });
        if stamp.transactional && state.transaction_start.is_none() {
            state.transaction_start = Some(batch.base_offset);
            self.ongoing.insert(batch.base_offset, stamp.producer_id);
        }
    }

    fn observe_marker(&mut self, batch: &Batch, marker: Marker) {
        let state = self.entry(marker.producer_id, marker.epoch, batch.max_timestamp_ms);
        state.coordinator_epoch = Some(marker.coordinator_epoch);
        let Some(first_offset) = state.transaction_start.take() else {
            return;
        };
        self.ongoing.remove(&first_offset);
        self.unreplicated.insert(first_offset, batch.last_offset);
        match marker.result {
            TransactionResult::Commit => {}
            TransactionResult::Abort => Rc::make_mut(&mut self.aborted).push(AbortedTransaction {
                producer_id: marker.producer_id,
                first_offset,
                last_offset: batch.last_offset,
            }),
        }
    }

    /// The first offset of a transaction that is not decided below the high watermark.
    pub fn first_unstable(&self) -> Option<u64> {
        let ongoing = self.ongoing.first().map(|(first, _)| *first);
        let unreplicated = self.unreplicated.first().map(|(first, _)| *first);
        ongoing.into_iter().chain(unreplicated).min()
    }

    pub fn high_watermark_is(&mut self, high_watermark: u64) {
        if !self.unreplicated.is_empty() {
            self.unreplicated.retain(|_, last| *last >= high_watermark);
        }
    }

    /// Aborted transactions with records or their marker in a range.
    pub fn aborted_between(&self, from: u64, until: u64) -> Vec<AbortedTransaction> {
        let first = self.aborted.partition_point(|one| one.last_offset < from);
        let known = self.aborted[first..].iter();
        known.filter(|one| one.first_offset < until).copied().collect()
    }

    /// The cleaner found nothing of these transactions any more, or the log starts after them.
    pub fn forget_aborted(&mut self, gone: impl Fn(&AbortedTransaction) -> bool) {
        if self.aborted.iter().any(&gone) {
            Rc::make_mut(&mut self.aborted).retain(|one| !gone(one));
        }
    }

    /// `producer.id.expiration.ms` after its last batch a producer is forgotten, unless its
    /// transaction is open.
    pub fn expire(&mut self, now_ms: i64, after: Duration) {
        let after = after.as_millis() as i64;
        self.states.retain(|_, state| {
            state.transaction_start.is_some() || now_ms - state.last_timestamp_ms < after
        });
    }

    /// A clean restart reads a snapshot, which holds the last batch of each producer only.
    pub fn restart(&mut self) {
        for (_, state) in self.states.iter_mut() {
            let last = state.batches.pop_back();
            state.batches.clear();
            state.batches.extend(last);
        }
    }
}
