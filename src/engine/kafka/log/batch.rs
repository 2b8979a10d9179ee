//! Record batches as they lie in a log, and how many bytes they take there.
//!
//! Sizes follow the record batch format of magic 2 ("Message Format" in Kafka's documentation),
//! because segment sizes, retention by size and the cleaner's dirty ratio are counted in them.

use std::rc::Rc;

use crate::engine::Instant;

use crate::engine::kafka::types::Record;

/// The header of a batch, `DefaultRecordBatch.RECORD_BATCH_OVERHEAD`.
const HEADER_BYTES: u32 = 61;

/// What an idempotent producer writes on its batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProducerStamp {
    pub producer_id: u64,
    pub epoch: u16,
    /// The sequence number of the first record; they run to 2³¹ − 1 and start again at 0.
    pub base_sequence: u32,
    pub transactional: bool,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionResult {
    Commit,
    Abort,
}

impl TransactionResult {
    /// What it did to the transaction, in a sentence.
    pub(in crate::engine::kafka) fn verb(self) -> &'static str {
        match self {
            TransactionResult::Commit => "committed",
            TransactionResult::Abort => "aborted",
        }
    }
}

/// The control record that ends a transaction in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    pub producer_id: u64,
    pub epoch: u16,
    pub coordinator_epoch: u32,
    pub result: TransactionResult,
}

/// Who wrote a batch, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    Plain,
    Stamped(ProducerStamp),
    Control(Marker),
}

/// The records of a batch with their offsets. They are one piece of memory, which the producer that
/// may have to send them again, all copies of the log and all fetches share.
#[derive(Clone, Debug, Default)]
pub struct Records {
    base_offset: u64,
    records: Rc<[Record]>,
    /// Unknown while the offsets are consecutive: until a compaction leaves gaps.
    offsets: Option<Rc<[u64]>>,
}

impl Records {
    pub(super) fn new(base_offset: u64, records: Rc<[Record]>) -> Records {
        Records { base_offset, records, offsets: None }
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn offset(&self, index: usize) -> u64 {
        match &self.offsets {
            Some(offsets) => offsets[index],
            None => self.base_offset + index as u64,
        }
    }

    /// How many records lie before an offset.
    pub fn count_before(&self, offset: u64) -> usize {
        match &self.offsets {
            Some(offsets) => offsets.partition_point(|one| *one < offset),
            None => (offset.saturating_sub(self.base_offset) as usize).min(self.len()),
        }
    }

    pub fn get(&self, offset: u64) -> Option<&Record> {
        let index = self.count_before(offset);
        (index < self.len() && self.offset(index) == offset).then(|| &self.records[index])
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, &Record)> {
        self.iter_from(0)
    }

    /// Records from an offset on, with their offsets.
    pub fn iter_from(&self, offset: u64) -> impl Iterator<Item = (u64, &Record)> {
        let first = self.count_before(offset);
        let rest = self.records[first..].iter().enumerate();
        rest.map(move |(index, record)| (self.offset(first + index), record))
    }

    /// Those whose indices are told, which are in ascending order.
    fn pick(&self, indices: &[usize]) -> Records {
        Records {
            base_offset: self.base_offset,
            records: indices.iter().map(|index| self.records[*index].clone()).collect(),
            offsets: Some(indices.iter().map(|index| self.offset(*index)).collect()),
        }
    }

    pub(super) fn max_timestamp_ms(&self) -> i64 {
        let timestamps = self.records.iter().map(|record| record.timestamp_ms);
        timestamps.max().unwrap_or(-1)
    }

    /// The bytes of a batch with these records.
    pub(super) fn batch_bytes(&self, delete_horizon_ms: Option<i64>) -> u32 {
        let first = self.records.first().map_or(0, |record| record.timestamp_ms);
        let base = delete_horizon_ms.unwrap_or(first);
        let size = |(offset, record): (u64, &Record)| {
            let timestamp_delta = record.timestamp_ms.saturating_sub(base);
            record_size(record, offset.saturating_sub(self.base_offset), timestamp_delta)
        };
        HEADER_BYTES + self.iter().map(size).sum::<u32>()
    }
}

/// A batch and its records. Compaction may leave gaps, and even a batch without records.
#[derive(Clone, Debug)]
pub struct Batch {
    pub(super) kind: BatchKind,
    pub(super) base_offset: u64,
    pub(super) last_offset: u64,
    pub(super) leader_epoch: u32,
    pub(super) appended_at: Instant,
    pub(super) max_timestamp_ms: i64,
    pub(super) bytes: u32,
    /// From when on the cleaner may remove tombstones and markers of emptied transactions.
    pub(super) delete_horizon_ms: Option<i64>,
    pub(super) records: Records,
}

impl Batch {
    pub fn kind(&self) -> BatchKind {
        self.kind
    }

    pub fn base_offset(&self) -> u64 {
        self.base_offset
    }

    /// The last offset that the batch ever had, whether or not its record is still there.
    pub fn last_offset(&self) -> u64 {
        self.last_offset
    }

    /// None in a control batch.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The bytes that it takes in the log.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    pub fn appended_at(&self) -> Instant {
        self.appended_at
    }

    pub(super) fn marker(&self) -> Option<Marker> {
        match self.kind {
            BatchKind::Control(marker) => Some(marker),
            BatchKind::Plain | BatchKind::Stamped(_) => None,
        }
    }

    pub(super) fn producer_id(&self) -> Option<u64> {
        match self.kind {
            BatchKind::Plain => None,
            BatchKind::Stamped(stamp) => Some(stamp.producer_id),
            BatchKind::Control(marker) => Some(marker.producer_id),
        }
    }

    pub(super) fn is_transactional_data(&self) -> bool {
        match self.kind {
            BatchKind::Stamped(stamp) => stamp.transactional,
            BatchKind::Plain | BatchKind::Control(_) => false,
        }
    }

    /// The same batch with fewer records. Its offsets and producer stay as they were.
    pub(super) fn with_only(&self, indices: &[usize]) -> Batch {
        let mut batch = Batch { records: self.records.pick(indices), ..self.clone() };
        batch.max_timestamp_ms = batch.records.max_timestamp_ms().max(-1);
        batch.bytes = batch.size();
        batch
    }

    /// Sets the delete horizon; in Kafka it takes the place of the base timestamp.
    pub(super) fn with_delete_horizon(mut self, horizon_ms: i64) -> Batch {
        self.delete_horizon_ms = Some(horizon_ms);
        self.bytes = self.size();
        self
    }

    fn size(&self) -> u32 {
        match self.kind {
            BatchKind::Control(_) => control_size(self.delete_horizon_ms, self.max_timestamp_ms),
            BatchKind::Plain | BatchKind::Stamped(_) => {
                self.records.batch_bytes(self.delete_horizon_ms)
            }
        }
    }
}

/// A control record has a key of four bytes and a value of six.
pub(super) fn control_size(delete_horizon_ms: Option<i64>, timestamp_ms: i64) -> u32 {
    let delta = delete_horizon_ms.map_or(0, |base| timestamp_ms - base);
    let body = 1 + varint(delta) + varint(0) + varint(4) + 4 + varint(6) + 6 + varint(0);
    HEADER_BYTES + varint(i64::from(body)) + body
}

fn record_size(record: &Record, offset_delta: u64, timestamp_delta: i64) -> u32 {
    let headers: u32 = record
        .headers
        .iter()
        .map(|(name, value)| {
            length_and_bytes(Some(name.len())) + length_and_bytes(Some(value.len()))
        })
        .sum();
    let body = 1
        + varint(timestamp_delta)
        + varint(offset_delta as i64)
        + length_and_bytes(record.key.as_ref().map(|key| key.len()))
        + length_and_bytes(record.value.as_ref().map(|value| value.len()))
        + varint(record.headers.len() as i64)
        + headers;
    varint(i64::from(body)) + body
}

/// The length is −1 for null.
fn length_and_bytes(length: Option<usize>) -> u32 {
    match length {
        Some(length) => varint(length as i64) + length as u32,
        None => varint(-1),
    }
}

/// The bytes of a number in the zigzag encoding of varints.
fn varint(number: i64) -> u32 {
    let zigzag = ((number << 1) ^ (number >> 63)) as u64;
    if zigzag < 0x80 {
        return 1;
    }
    (64 - (zigzag | 1).leading_zeros()).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: Option<&str>, value: Option<&str>) -> Record {
        let bytes = |text: &str| Rc::from(text.as_bytes());
        Record {
            key: key.map(bytes),
            value: value.map(bytes),
            headers: Vec::new(),
            timestamp_ms: 1_000_000,
        }
    }

    #[test]
    fn a_batch_of_one_small_record_takes_seventy_bytes() {
        let one = record(Some("a"), Some("1"));
        assert_eq!(Records::new(0, [one.clone()].into()).batch_bytes(None), 70);
    }

    #[test]
    fn a_tombstone_with_a_delete_horizon_is_two_bytes_longer() {
        let one = record(Some("a"), None);
        assert_eq!(Records::new(0, [one.clone()].into()).batch_bytes(None), 69);
        assert_eq!(Records::new(0, [one].into()).batch_bytes(Some(1_010_000)), 71);
    }

    #[test]
    fn a_marker_takes_seventy_eight_bytes() {
        assert_eq!(control_size(None, 0), 78);
    }
}
