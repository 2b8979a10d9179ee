//! Deletion of old segments, by time, by size and below the log start offset.
//!
//! Whole segments from the oldest on, and none at or above the high watermark. Follows
//! `UnifiedLog.deleteOldSegments`.

use crate::engine::Instant;

use super::Log;
use super::config::TopicConfig;
use super::segment::Segment;
use crate::engine::kafka::error::ErrorCode;

/// Segments that were deleted for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub segments: u32,
    /// Where the log started afterwards.
    pub log_start_offset: u64,
    pub reason: &'static str,
}

impl Log {
    /// One run of the periodic check.
    pub fn apply_retention(&mut self, now: Instant, config: &TopicConfig) -> Vec<Deletion> {
        let now_ms = now.as_millis() as i64;
        let log_start = self.log_start_offset;
        let mut deleted = Vec::new();
        let below = |_: &Segment, next: Option<&Segment>| {
            next.is_some_and(|next| next.base_offset <= log_start)
        };
        self.delete_oldest(now_ms, ("it was below the log start offset", &mut deleted), below);
        if !config.delete {
            return deleted;
        }
        if let Some(limit) = config.retention_bytes {
            let mut surplus = self.bytes().checked_sub(limit);
            let surplus = |segment: &Segment, _: Option<&Segment>| {
                surplus = surplus.and_then(|surplus| surplus.checked_sub(segment.bytes));
                surplus.is_some()
            };
            let reason = "the log is larger than retention.bytes";
            self.delete_oldest(now_ms, (reason, &mut deleted), surplus);
        }
        if let Some(retention) = config.retention {
            let retention_ms = retention.as_millis() as i64;
            let old = |segment: &Segment, _: Option<&Segment>| {
                now_ms - segment.largest_timestamp_ms() > retention_ms
            };
            let reason = "its records are older than retention.ms";
            self.delete_oldest(now_ms, (reason, &mut deleted), old);
        }
        deleted
    }

    /// Deletes segments while the test says so. The active one is closed first.
    fn delete_oldest(
        &mut self,
        now_ms: i64,
        (reason, deleted): (&'static str, &mut Vec<Deletion>),
        mut breached: impl FnMut(&Segment, Option<&Segment>) -> bool,
    ) {
        let mut count = 0;
        for (index, segment) in self.segments.iter().enumerate() {
            let next = self.segments.get(index + 1).map(|next| &**next);
            let end = next.map_or(self.end_offset, |next| next.base_offset);
            let active_and_empty = next.is_none() && segment.batches.is_empty();
            if active_and_empty || self.high_watermark < end || !breached(segment, next) {
                break;
            }
            count += 1;
        }
        if count == self.segments.len() {
            self.roll_at(now_ms);
        }
        self.segments.drain(..count);
        self.start_at(self.segments[0].base_offset);
        if count > 0 {
            let (segments, log_start_offset) = (count as u32, self.log_start_offset);
            deleted.push(Deletion { segments, log_start_offset, reason });
        }
    }

    /// `DeleteRecords`: the log starts at `before` from now on; `None` is the high watermark.
    pub fn delete_records(&mut self, before: Option<u64>) -> Result<u64, ErrorCode> {
        let before = before.unwrap_or(self.high_watermark);
        if before > self.high_watermark {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        self.start_at(before);
        Ok(self.log_start_offset)
    }

    /// The log start offset never goes back.
    pub(in crate::engine::kafka) fn start_at(&mut self, offset: u64) {
        self.log_start_offset = self.log_start_offset.max(offset);
        let first = self.segments[0].base_offset;
        self.producers.forget_aborted(|one| one.last_offset < first);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}
