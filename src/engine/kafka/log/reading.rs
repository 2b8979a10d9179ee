//! Reading a log: fetches, lookups by time, single records.

use crate::engine::sort_few;
use std::rc::Rc;

use crate::engine::{Instant, Set};

use super::Log;
use super::batch::Batch;
use super::producers::AbortedTransaction;
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::types::{OffsetSpec, Record};

/// How far a reader may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// A follower reads to the end of the log.
    LogEnd,
    /// To the high watermark.
    #[default]
    ReadUncommitted,
    /// To the last stable offset, and without the records of aborted transactions.
    ReadCommitted,
}

/// What a fetch brings of one partition.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// Whole batches, so the first may begin before the offset that was asked for.
    pub batches: Vec<Rc<Batch>>,
    /// For `read_committed`: whose records to leave out.
    pub aborted: Vec<AbortedTransaction>,
    pub high_watermark: u64,
    pub last_stable_offset: u64,
    pub log_start_offset: u64,
}

impl Fetched {
    /// The batches that an application gets: no control batches, and with `read_committed` none of
    /// aborted transactions. Follows the consumer's `CompletedFetch`.
    pub fn delivered(&self, isolation: Isolation) -> Vec<&Rc<Batch>> {
        let mut aborted: Vec<AbortedTransaction> = match isolation {
            Isolation::ReadCommitted => self.aborted.clone(),
            Isolation::ReadUncommitted | Isolation::LogEnd => Vec::new(),
        };
        sort_few(&mut aborted, |one| std::cmp::Reverse(one.first_offset));
        let mut aborting: Set<u64> = Set::new();
        let mut delivered = Vec::new();
        for batch in &self.batches {
            while let Some(next) = aborted.pop_if(|one| one.first_offset <= batch.last_offset) {
                aborting.insert(next.producer_id);
            }
            if let Some(marker) = batch.marker() {
                aborting.remove(&marker.producer_id);
                continue;
            }
            let producer = batch.producer_id();
            let dropped = batch.is_transactional_data()
                && producer.is_some_and(|producer| aborting.contains(&producer));
            if !dropped {
                delivered.push(batch);
            }
        }
        delivered
    }

    /// The records of those batches from an offset on.
    pub fn deliver(&self, from: u64, isolation: Isolation) -> impl Iterator<Item = (u64, &Record)> {
        self.delivered(isolation).into_iter().flat_map(move |batch| batch.records.iter_from(from))
    }

    /// Where to go on reading.
    pub fn next_offset(&self) -> Option<u64> {
        self.batches.last().map(|batch| batch.last_offset + 1)
    }
}

impl Log {
    /// Batches from an offset on, at least one and no more than `max_bytes` if there are any.
    /// Kafka ends an answer at the end of a segment; here it goes on in the next one.
    pub fn read(
        &self,
        offset: u64,
        isolation: Isolation,
        max_bytes: u32,
    ) -> Result<Fetched, ErrorCode> {
        if offset < self.log_start_offset || offset > self.end_offset {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let last_stable_offset = self.last_stable_offset();
        let limit = match isolation {
            Isolation::LogEnd => self.end_offset,
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => last_stable_offset,
        };
        let mut fetched = Fetched {
            batches: Vec::new(),
            aborted: Vec::new(),
            high_watermark: self.high_watermark,
            last_stable_offset,
            log_start_offset: self.log_start_offset,
        };
        let mut bytes = 0;
        for batch in self.batches_from(offset) {
            bytes += u64::from(batch.bytes);
            let fits = fetched.batches.is_empty() || bytes <= u64::from(max_bytes);
            if batch.last_offset >= limit || !fits {
                break;
            }
            fetched.batches.push(batch.clone());
        }
        if let (Isolation::ReadCommitted, Some(last)) = (isolation, fetched.batches.last()) {
            fetched.aborted = self.producers.aborted_between(offset, last.last_offset + 1);
        }
        Ok(fetched)
    }

    /// True if a read at this offset would bring something, or be refused.
    pub(in crate::engine::kafka) fn would_answer(&self, offset: u64, isolation: Isolation) -> bool {
        let limit = match isolation {
            Isolation::LogEnd => self.end_offset,
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset(),
        };
        let readable = || {
            let first = self.batches_from(offset).next();
            first.is_some_and(|batch| batch.last_offset < limit)
        };
        offset < self.log_start_offset || offset > self.end_offset || (offset < limit && readable())
    }

    pub fn record(&self, offset: u64) -> Option<&Record> {
        self.find(offset)?.records.get(offset)
    }

    /// When the record at an offset was appended.
    pub fn appended_at(&self, offset: u64) -> Option<Instant> {
        let batch = self.find(offset)?;
        batch.records.get(offset).map(|_| batch.appended_at)
    }

    /// The batch that an offset is or was part of.
    fn find(&self, offset: u64) -> Option<&Rc<Batch>> {
        if offset < self.log_start_offset {
            return None;
        }
        self.batches_from(offset).next()
    }

    /// Records from an offset on, with their offsets.
    pub fn records_from(&self, offset: u64) -> impl Iterator<Item = (u64, &Record)> {
        let offset = offset.max(self.log_start_offset);
        self.batches_from(offset).flat_map(move |batch| batch.records.iter_from(offset))
    }

    /// Batches that end at an offset or later.
    pub fn batches_from(&self, offset: u64) -> impl Iterator<Item = &Rc<Batch>> {
        let behind = self.segments.partition_point(|segment| segment.base_offset <= offset);
        let segments = &self.segments[behind.saturating_sub(1)..];
        segments.iter().flat_map(move |segment| segment.batches.iter_from(offset))
    }

    /// Offset and timestamp that a `ListOffsets` request asks for.
    pub fn lookup(&self, spec: OffsetSpec, isolation: Isolation) -> Option<(u64, i64)> {
        match spec {
            OffsetSpec::Earliest => Some((self.log_start_offset, -1)),
            OffsetSpec::Latest => match isolation {
                Isolation::LogEnd => Some((self.end_offset, -1)),
                Isolation::ReadUncommitted => Some((self.high_watermark, -1)),
                Isolation::ReadCommitted => Some((self.last_stable_offset(), -1)),
            },
            OffsetSpec::MaxTimestamp => {
                let records = self.records_from(self.log_start_offset);
                let latest = records
                    .max_by_key(|(at, record)| (record.timestamp_ms, std::cmp::Reverse(*at)));
                latest.map(|(at, record)| (at, record.timestamp_ms))
            }
            OffsetSpec::Timestamp(least) => {
                let late = |segment: &&Rc<super::Segment>| segment.max_timestamp_ms >= least;
                let records = self
                    .segments
                    .iter()
                    .filter(late)
                    .flat_map(|segment| segment.batches.iter_from(self.log_start_offset))
                    .flat_map(|batch| batch.records.iter());
                let mut records = records.filter(|(at, _)| at >= &self.log_start_offset);
                let found = records.find(|(_, record)| record.timestamp_ms >= least);
                found.map(|(at, record)| (at, record.timestamp_ms))
            }
        }
    }
}
