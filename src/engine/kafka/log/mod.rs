//! One copy of one partition: a log of segments.
//!
//! Batches are appended to the active segment; closed segments change only when the cleaner
//! rewrites them, and are shared by all copies of the world. Replication and leadership are not
//! here but in the partition that owns the copies. Follows
//! `org.apache.kafka.storage.internals.log.UnifiedLog`.

mod batch;
mod cleaner;
mod cleaner_transactions;
mod config;
mod epochs;
mod producers;
mod reading;
mod retention;
mod segment;
#[cfg(test)]
mod sharing_tests;

use std::rc::Rc;
use std::time::Duration;

pub use batch::{Batch, BatchKind, Marker, ProducerStamp, Records, TransactionResult};
pub use cleaner::Cleaning;
pub use config::{TimestampType, TopicConfig};
use epochs::Epochs;
use litemap::LiteMap;
use producers::Producers;
pub use producers::{AbortedTransaction, ProducerState};
pub use reading::{Fetched, Isolation};
pub use retention::Deletion;
use segment::Segment;

use crate::engine::Instant;

use super::error::ErrorCode;
use super::types::Record;

/// A log. Offsets count records and markers from 0 and are never used twice.
#[derive(Clone, Debug)]
pub struct Log {
    /// Never empty; the last one is active.
    segments: Vec<Rc<Segment>>,
    log_start_offset: u64,
    high_watermark: u64,
    end_offset: u64,
    producers: Producers,
    epochs: Epochs,
    /// The cleaner's checkpoint.
    cleaned_up_to: u64,
}

/// Where a batch came to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: u64,
    pub last_offset: u64,
    /// It was in the log already; nothing was appended.
    pub duplicate: bool,
    /// The base offset of a segment that was begun for it.
    pub rolled: Option<u64>,
}

impl Default for Log {
    fn default() -> Log {
        Log {
            segments: vec![Rc::new(Segment::new(0, 0))],
            log_start_offset: 0,
            high_watermark: 0,
            end_offset: 0,
            producers: Producers::default(),
            epochs: Epochs::default(),
            cleaned_up_to: 0,
        }
    }
}

impl Log {
    /// An empty log for a follower that must begin where its leader's log begins.
    pub(super) fn starting_at(offset: u64) -> Log {
        Log {
            segments: vec![Rc::new(Segment::new(offset, 0))],
            log_start_offset: offset,
            high_watermark: offset,
            end_offset: offset,
            cleaned_up_to: offset,
            ..Log::default()
        }
    }

    pub fn log_start_offset(&self) -> u64 {
        self.log_start_offset
    }

    /// The offset that the next record will get.
    pub fn log_end_offset(&self) -> u64 {
        self.end_offset
    }

    pub fn high_watermark(&self) -> u64 {
        self.high_watermark
    }

    /// Consumers that read committed records only read up to here: to the first record of an
    /// undecided transaction.
    pub fn last_stable_offset(&self) -> u64 {
        let unstable = self.producers.first_unstable();
        unstable.map_or(self.high_watermark, |offset| {
            offset.max(self.log_start_offset).min(self.high_watermark)
        })
    }

    pub fn segment_base_offsets(&self) -> impl Iterator<Item = u64> {
        self.segments.iter().map(|segment| segment.base_offset)
    }

    pub fn producers(&self) -> &LiteMap<u64, ProducerState> {
        self.producers.states()
    }

    /// The largest timestamp in the active segment; −1 while it is empty.
    pub fn newest_timestamp_ms(&self) -> i64 {
        self.segments.last().map_or(-1, |active| active.max_timestamp_ms)
    }

    /// The leader of the partition has heard how far the others are.
    pub fn set_high_watermark(&mut self, offset: u64) {
        self.high_watermark = offset.clamp(self.log_start_offset, self.end_offset);
        self.producers.high_watermark_is(self.high_watermark);
    }

    /// Appends what a client sent.
    pub fn append(
        &mut self,
        now: Instant,
        config: &TopicConfig,
        leader_epoch: u32,
        stamp: Option<ProducerStamp>,
        mut records: Rc<[Record]>,
    ) -> Result<Appended, ErrorCode> {
        if records.is_empty() || config.compact && records.iter().any(|one| one.key.is_none()) {
            return Err(ErrorCode::InvalidRecord);
        }
        if config.timestamp_type == TimestampType::LogAppendTime {
            let timestamp_ms = now.as_millis() as i64;
            let stamped = records.iter().map(|one| Record { timestamp_ms, ..one.clone() });
            records = stamped.collect();
        }
        let records = Records::new(self.end_offset, records);
        let bytes = records.batch_bytes(None);
        if bytes > config.max_message_bytes {
            return Err(ErrorCode::MessageTooLarge);
        }
        if bytes > config.segment_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        if let Some(stamp) = stamp {
            if let Some((base_offset, last_offset)) =
                self.producers.duplicate(stamp, records.len() as u64)
            {
                return Ok(Appended { base_offset, last_offset, duplicate: true, rolled: None });
            }
            self.producers.check(stamp)?;
        }
        let batch = Batch {
            kind: stamp.map_or(BatchKind::Plain, BatchKind::Stamped),
            base_offset: self.end_offset,
            last_offset: self.end_offset + records.len() as u64 - 1,
            leader_epoch,
            appended_at: now,
            max_timestamp_ms: records.max_timestamp_ms(),
            bytes,
            delete_horizon_ms: None,
            records,
        };
        Ok(self.push(now, config, Rc::new(batch)))
    }

    /// Appends the control record that ends a transaction.
    pub fn append_marker(
        &mut self,
        now: Instant,
        config: &TopicConfig,
        leader_epoch: u32,
        marker: Marker,
    ) -> Result<Appended, ErrorCode> {
        self.producers.check_marker(marker)?;
        let batch = Batch {
            kind: BatchKind::Control(marker),
            base_offset: self.end_offset,
            last_offset: self.end_offset,
            leader_epoch,
            appended_at: now,
            max_timestamp_ms: now.as_millis() as i64,
            bytes: batch::control_size(None, 0),
            delete_horizon_ms: None,
            records: Records::default(),
        };
        Ok(self.push(now, config, Rc::new(batch)))
    }

    /// Appends a batch as the leader has it; this is a follower.
    pub(super) fn replicate(&mut self, now: Instant, config: &TopicConfig, batch: &Rc<Batch>) {
        self.push(now, config, batch.clone());
    }

    fn push(&mut self, now: Instant, config: &TopicConfig, batch: Rc<Batch>) -> Appended {
        let now_ms = now.as_millis() as i64;
        let must_roll = self.must_roll(&batch, config, now_ms);
        let rolled = must_roll.then(|| self.roll_at(now_ms));
        self.epochs.assign(batch.leader_epoch, batch.base_offset);
        self.producers.observe(&batch);
        self.end_offset = batch.last_offset + 1;
        let appended = Appended {
            base_offset: batch.base_offset,
            last_offset: batch.last_offset,
            duplicate: false,
            rolled,
        };
        let active = self.segments.last_mut().expect("a log has an active segment");
        Rc::make_mut(active).push(batch);
        appended
    }

    /// By size, or by the time between the segment's first batch and this one.
    fn must_roll(&self, batch: &Batch, config: &TopicConfig, now_ms: i64) -> bool {
        let active = self.segments.last().expect("a log has an active segment");
        let Some(first) = active.batches.first() else {
            return false;
        };
        let age = if first.max_timestamp_ms >= 0 {
            batch.max_timestamp_ms.saturating_sub(first.max_timestamp_ms)
        } else {
            now_ms - active.created_ms
        };
        active.bytes + u64::from(batch.bytes) > u64::from(config.segment_bytes)
            || age > config.segment_age.as_millis() as i64
    }

    /// Closes the active segment, unless it is empty.
    pub fn roll(&mut self, now: Instant) {
        self.roll_at(now.as_millis() as i64);
    }

    fn roll_at(&mut self, now_ms: i64) -> u64 {
        let active = self.segments.last().expect("a log has an active segment");
        if !active.batches.is_empty() || active.base_offset != self.end_offset {
            let segment = Segment::new(self.end_offset, now_ms);
            self.segments.push(Rc::new(segment));
        }
        self.end_offset
    }

    /// Removes what lies at an offset and behind it. Returns false if there was nothing.
    pub fn truncate(&mut self, offset: u64) -> bool {
        if offset >= self.end_offset {
            return false;
        }
        let keep = self.segments.partition_point(|segment| segment.base_offset < offset);
        let cut = self.segments.drain(keep.saturating_sub(1)..).next();
        let cut = cut.expect("a log has an active segment");
        let mut rest = Segment::new(cut.base_offset.min(offset), cut.created_ms);
        let kept = cut.batches.iter();
        for batch in kept.take_while(|batch| batch.last_offset < offset) {
            rest.push(batch.clone());
        }
        self.segments.push(Rc::new(rest));
        self.end_offset = offset;
        self.log_start_offset = self.log_start_offset.min(offset);
        self.cleaned_up_to = self.cleaned_up_to.min(offset);
        self.epochs.truncate(offset);
        self.reload_producers();
        self.set_high_watermark(self.high_watermark);
        true
    }

    fn reload_producers(&mut self) {
        self.producers = Producers::default();
        for segment in &self.segments {
            for batch in segment.batches.iter() {
                self.producers.observe(batch);
            }
        }
    }

    /// The broker was stopped in good order and is back.
    pub fn restart(&mut self) {
        self.producers.restart();
    }

    /// Forgets producers that were not heard of for `producer.id.expiration.ms`.
    pub fn expire_producers(&mut self, now: Instant, after: Duration) {
        self.producers.expire(now.as_millis() as i64, after);
    }

    /// A leader of this epoch writes from the end of this log on.
    pub(super) fn assign_epoch(&mut self, leader_epoch: u32) {
        self.epochs.assign(leader_epoch, self.end_offset);
    }

    pub(super) fn latest_epoch(&self) -> Option<u32> {
        self.epochs.latest()
    }

    /// `OffsetForLeaderEpoch`: the largest epoch up to this one that wrote something, and its end.
    pub fn end_offset_for_epoch(&self, leader_epoch: u32) -> Option<(u32, u64)> {
        self.epochs.end_offset(leader_epoch, self.end_offset)
    }
}
