//! Compaction: of each key only the last record stays.
//!
//! The cleaner reads the dirty part of the closed segments, then rewrites all of them up to there.
//! Offsets stay as they were. Follows `org.apache.kafka.storage.internals.log.Cleaner`,
//! `LogCleanerManager` and `MemoryRecords.filterTo`.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::engine::Instant;

use super::Log;
use super::batch::Batch;
use super::cleaner_transactions::CleanedTransactions;
use super::config::TopicConfig;
use super::segment::Segment;

/// What the cleaner found, and whether it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleaning {
    pub first_dirty_offset: u64,
    pub first_uncleanable_offset: u64,
    /// The dirty ratio is dirty bytes over bytes.
    pub dirty_bytes: u64,
    pub bytes: u64,
    /// The new checkpoint, if it ran.
    pub cleaned_up_to: Option<u64>,
    /// Records that it removed.
    pub removed: u64,
}

impl Log {
    /// One look of the cleaner at this log. With `force` the dirty ratio does not matter.
    pub fn compact(&mut self, now: Instant, config: &TopicConfig, force: bool) -> Cleaning {
        let now_ms = now.as_millis() as i64;
        let mut cleaning = self.cleanable(now_ms, config);
        let dirty_enough = cleaning.dirty_bytes * 1_000
            > cleaning.bytes * u64::from(config.min_cleanable_dirty_permille);
        let due = force || dirty_enough || self.is_compaction_overdue(now_ms, config);
        if due && cleaning.dirty_bytes > 0 {
            let before = self.count_records();
            cleaning.cleaned_up_to = Some(self.clean(now_ms, config, &cleaning));
            cleaning.removed = before - self.count_records();
        }
        cleaning
    }

    fn cleanable(&self, now_ms: i64, config: &TopicConfig) -> Cleaning {
        let first_dirty = self.cleaned_up_to.max(self.log_start_offset);
        let active = self.segments.len() - 1;
        let mut until = self.last_stable_offset();
        until = until.min(self.segments[active].base_offset);
        if !config.min_compaction_lag.is_zero() {
            let latest = now_ms - config.min_compaction_lag.as_millis() as i64;
            let closed = &self.segments[self.index_of(first_dirty).min(active)..active];
            let young = closed.iter().find(|segment| segment.largest_timestamp_ms() > latest);
            until = young.map_or(until, |segment| until.min(segment.base_offset));
        }
        let until = self.segments[self.index_of(until)].base_offset;
        let from = first_dirty.min(until);
        let size = |part: &[Rc<Segment>]| part.iter().map(|segment| segment.bytes).sum();
        let (first, end) = (self.index_of(from), self.index_of(until));
        let dirty_bytes: u64 = size(&self.segments[first..end]);
        let clean_bytes: u64 = size(&self.segments[..first]);
        Cleaning {
            first_dirty_offset: first_dirty,
            first_uncleanable_offset: until,
            dirty_bytes,
            bytes: clean_bytes + dirty_bytes,
            cleaned_up_to: None,
            removed: 0,
        }
    }

    fn count_records(&self) -> u64 {
        let batches = self.segments.iter().flat_map(|segment| segment.batches.iter());
        batches.map(|batch| batch.records.len() as u64).sum()
    }

    /// The segment that an offset lies in.
    fn index_of(&self, offset: u64) -> usize {
        let behind = self.segments.partition_point(|segment| segment.base_offset <= offset);
        behind.saturating_sub(1)
    }

    /// `max.compaction.lag.ms` asks for a run, however little is dirty.
    fn is_compaction_overdue(&self, now_ms: i64, config: &TopicConfig) -> bool {
        let Some(lag) = config.max_compaction_lag else {
            return false;
        };
        let lag_ms = lag.max(config.min_compaction_lag).as_millis() as i64;
        let first_dirty = self.cleaned_up_to.max(self.log_start_offset);
        let active = self.segments.len() - 1;
        let closed = &self.segments[self.index_of(first_dirty).min(active)..active];
        let begun = closed.iter().filter_map(|segment| segment.batches.first());
        let earliest =
            begun.map(|batch| batch.max_timestamp_ms).filter(|timestamp| *timestamp > 0).min();
        earliest.is_some_and(|earliest| earliest < now_ms - lag_ms)
    }

    fn clean(&mut self, now_ms: i64, config: &TopicConfig, cleaning: &Cleaning) -> u64 {
        let (from, until) = (cleaning.first_dirty_offset, cleaning.first_uncleanable_offset);
        let (latest, end) = self.latest_offsets(from, until);
        let aborted = self.producers.aborted_between(0, end);
        let mut pass = Pass {
            now_ms,
            config,
            latest: &latest,
            end,
            transactions: CleanedTransactions::new(aborted),
        };
        let count = self.segments.partition_point(|segment| segment.base_offset < end);
        let mut rewritten = Vec::new();
        let mut rest = &self.segments[..count];
        while let Some(first) = rest.first() {
            let group = group_size(rest, config.segment_bytes);
            let mut segment = Segment::new(first.base_offset, first.created_ms);
            for batch in rest[..group].iter().flat_map(|one| one.batches.iter()) {
                if let Some(batch) = pass.retain(batch, self) {
                    segment.push(batch);
                }
            }
            rewritten.push(Rc::new(segment));
            rest = &rest[group..];
        }
        let emptied = pass.transactions.emptied;
        drop(latest);
        self.segments.splice(..count, rewritten);
        self.producers.forget_aborted(|one| emptied.contains(one));
        self.cleaned_up_to = end;
        end
    }

    /// The last offset of each key in the dirty part, and where that part ends.
    fn latest_offsets(&self, from: u64, until: u64) -> (BTreeMap<Rc<[u8]>, u64>, u64) {
        let mut latest = BTreeMap::new();
        let mut end = from;
        let mut transactions =
            CleanedTransactions::new(self.producers.aborted_between(from, until));
        for batch in self.batches_from(from) {
            if batch.base_offset >= until {
                break;
            }
            end = batch.last_offset + 1;
            if let Some(marker) = batch.marker() {
                transactions.marker_is_empty(batch, marker);
            } else if !transactions.is_aborted(batch) {
                for (offset, record) in batch.records.iter_from(from) {
                    if let Some(key) = &record.key {
                        latest.insert(key.clone(), offset);
                    }
                }
            }
        }
        (latest, end)
    }

    /// True for the batch with the last sequence of a producer, or the marker that it wrote in its
    /// epoch before any record. Without it the partition would not know the producer any more.
    fn is_last_of_producer(&self, batch: &Batch) -> bool {
        let producer = batch.producer_id();
        let Some(state) = producer.and_then(|id| self.producers.states().get(&id)) else {
            return false;
        };
        match (state.last_data_offset(), batch.marker()) {
            (Some(offset), _) => batch.last_offset == offset,
            (None, Some(marker)) => marker.epoch == state.epoch(),
            (None, None) => false,
        }
    }
}

/// Small neighbours become one segment, of no more than `segment.bytes`.
fn group_size(segments: &[Rc<Segment>], segment_bytes: u32) -> usize {
    let mut bytes = 0;
    let fits = |segment: &&Rc<Segment>| {
        bytes += segment.bytes;
        bytes <= u64::from(segment_bytes)
    };
    segments.iter().take_while(fits).count().max(1)
}

/// The second pass, which rewrites.
struct Pass<'a> {
    now_ms: i64,
    config: &'a TopicConfig,
    latest: &'a BTreeMap<Rc<[u8]>, u64>,
    end: u64,
    transactions: CleanedTransactions,
}

impl Pass<'_> {
    /// What stays of a batch.
    fn retain(&mut self, batch: &Rc<Batch>, log: &Log) -> Option<Rc<Batch>> {
        let past_horizon = batch.delete_horizon_ms.is_some_and(|horizon| horizon <= self.now_ms);
        let horizon = self.now_ms + self.config.delete_retention.as_millis() as i64;
        if let Some(marker) = batch.marker() {
            let empty = self.transactions.marker_is_empty(batch, marker);
            let last = log.is_last_of_producer(batch);
            if empty && past_horizon {
                return last.then(|| batch.clone());
            }
            let starts_clock = empty && batch.delete_horizon_ms.is_none();
            return Some(if starts_clock {
                Rc::new(Batch::clone(batch).with_delete_horizon(horizon))
            } else {
                batch.clone()
            });
        }
        let aborted = self.transactions.is_aborted(batch);
        let stays = |at: u64, record: &crate::engine::kafka::types::Record| {
            let key = record.key.as_ref()?;
            let newest = self.latest.get(key).is_none_or(|latest| at >= *latest);
            let tombstone_stays = record.value.is_some() || !past_horizon;
            (at >= self.end || newest && tombstone_stays).then_some(())
        };
        let (mut kept, mut tombstones) = (Vec::new(), false);
        for (index, (at, record)) in batch.records.iter().enumerate() {
            if !aborted && stays(at, record).is_some() {
                kept.push(index);
                tombstones |= record.value.is_none();
            }
        }
        if kept.is_empty() {
            let last = log.is_last_of_producer(batch);
            return last.then(|| Rc::new(batch.with_only(&kept)));
        }
        let starts_clock = tombstones && batch.delete_horizon_ms.is_none();
        if kept.len() == batch.records.len() && !starts_clock {
            return Some(batch.clone());
        }
        let rest = if kept.len() == batch.records.len() {
            Batch::clone(batch)
        } else {
            batch.with_only(&kept)
        };
        Some(Rc::new(if starts_clock { rest.with_delete_horizon(horizon) } else { rest }))
    }
}
