//! One partition: a log of segments.
//!
//! Records are appended to the active segment; closed segments never change and are shared by all
//! copies of the world. Retention removes whole closed segments, as `kafka.log.LogManager` does.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::types::{ErrorCode, OffsetSpec, Record};

/// The settings of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    /// `retention.ms`; `None` is -1, for ever.
    pub retention: Option<Duration>,
    /// `segment.ms`: a segment this old is closed by the next record.
    pub segment_age: Duration,
    /// `segment.bytes`: a segment is closed before it grows beyond this.
    pub segment_bytes: u32,
}

impl Default for TopicConfig {
    /// Kafka's: a week, a week, 1 GiB.
    fn default() -> TopicConfig {
        const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);
        TopicConfig { retention: Some(WEEK), segment_age: WEEK, segment_bytes: 1 << 30 }
    }
}

/// A record and when it arrived.
#[derive(Clone, Debug)]
struct Stored {
    record: Rc<Record>,
    appended_at: Instant,
}

#[derive(Clone, Debug)]
struct Segment {
    base_offset: u64,
    records: Vec<Stored>,
    bytes: u32,
    /// The largest timestamp, by which retention judges the segment.
    max_timestamp_ms: i64,
}

impl Segment {
    fn new(base_offset: u64) -> Segment {
        Segment { base_offset, records: Vec::new(), bytes: 0, max_timestamp_ms: -1 }
    }

    fn end_offset(&self) -> u64 {
        self.base_offset + self.records.len() as u64
    }
}

/// A log. Offsets count records from 0 and are never used twice.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Never empty; the last one is active.
    segments: Vec<Rc<Segment>>,
}

impl Default for Partition {
    fn default() -> Partition {
        Partition { segments: vec![Rc::new(Segment::new(0))] }
    }
}

impl Partition {
    pub fn log_start_offset(&self) -> u64 {
        self.segments[0].base_offset
    }

    /// The offset that the next record will get.
    pub fn log_end_offset(&self) -> u64 {
        self.active().end_offset()
    }

    /// Consumers read up to here. With one copy of the log, that is its end.
    pub fn high_watermark(&self) -> u64 {
        self.log_end_offset()
    }

    pub fn record(&self, offset: u64) -> Option<&Rc<Record>> {
        self.stored(offset).map(|stored| &stored.record)
    }

    /// When the record at an offset was appended.
    pub fn appended_at(&self, offset: u64) -> Option<Instant> {
        self.stored(offset).map(|stored| stored.appended_at)
    }

    /// Records from an offset on, with their offsets.
    pub fn records_from(&self, offset: u64) -> impl Iterator<Item = (u64, &Rc<Record>)> {
        let first = self.segments.partition_point(|segment| segment.end_offset() <= offset);
        self.segments[first..].iter().flat_map(move |segment| {
            let skip = offset.saturating_sub(segment.base_offset);
            (segment.base_offset + skip..)
                .zip(segment.records.iter().skip(skip as usize).map(|stored| &stored.record))
        })
    }

    fn stored(&self, offset: u64) -> Option<&Stored> {
        let index = self.segments.partition_point(|segment| segment.end_offset() <= offset);
        let segment = self.segments.get(index)?;
        segment.records.get(offset.checked_sub(segment.base_offset)? as usize)
    }

    fn active(&self) -> &Segment {
        self.segments.last().expect("a log always has an active segment")
    }

    /// Appends one record. Returns its offset, and the base offset of a segment that was begun.
    pub(super) fn append(
        &mut self,
        now: Instant,
        record: Record,
        config: &TopicConfig,
    ) -> (u64, Option<u64>) {
        let rolled = self.must_roll(&record, config).then(|| self.roll());
        let active = Rc::make_mut(self.segments.last_mut().expect("a log has an active segment"));
        let offset = active.end_offset();
        active.bytes = active.bytes.saturating_add(record.size());
        active.max_timestamp_ms = active.max_timestamp_ms.max(record.timestamp_ms);
        active.records.push(Stored { record: Rc::new(record), appended_at: now });
        (offset, rolled)
    }

    /// By size, or by the time between the segment's first record and this one.
    fn must_roll(&self, record: &Record, config: &TopicConfig) -> bool {
        let active = self.active();
        let Some(first) = active.records.first() else {
            return false;
        };
        let age = record.timestamp_ms.saturating_sub(first.record.timestamp_ms);
        u64::from(active.bytes) + u64::from(record.size()) > u64::from(config.segment_bytes)
            || age > config.segment_age.as_millis() as i64
    }

    fn roll(&mut self) -> u64 {
        let base_offset = self.log_end_offset();
        self.segments.push(Rc::new(Segment::new(base_offset)));
        base_offset
    }

    /// Deletes the oldest segments that are past `retention.ms`; an active one is closed first.
    /// Returns the new log start offset if there is one.
    pub(super) fn apply_retention(&mut self, now: Instant, config: &TopicConfig) -> Option<u64> {
        let limit = now.as_millis() as i64 - config.retention?.as_millis() as i64;
        let expired =
            |segment: &Rc<Segment>| !segment.records.is_empty() && segment.max_timestamp_ms < limit;
        let count = self.segments.iter().take_while(|segment| expired(segment)).count();
        if count == 0 {
            return None;
        }
        if count == self.segments.len() {
            self.roll();
        }
        self.segments.drain(..count);
        Some(self.log_start_offset())
    }

    /// The offset that a `ListOffsets` request asks for; the end where no record is late enough.
    pub(super) fn lookup(&self, spec: OffsetSpec) -> u64 {
        match spec {
            OffsetSpec::Earliest => self.log_start_offset(),
            OffsetSpec::Latest => self.high_watermark(),
            OffsetSpec::Timestamp(at) => self
                .records_from(0)
                .find(|(_, record)| record.timestamp_ms >= at)
                .map_or_else(|| self.log_end_offset(), |(offset, _)| offset),
        }
    }

    /// Records from an offset on, at least one and no more than `max_bytes` if there are any.
    pub(super) fn read(
        &self,
        offset: u64,
        max_bytes: u32,
    ) -> Result<Vec<(u64, Rc<Record>)>, ErrorCode> {
        if offset < self.log_start_offset() || offset > self.log_end_offset() {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let mut bytes = 0;
        let fits = |(_, record): &(u64, &Rc<Record>)| {
            bytes += u64::from(record.size());
            bytes == u64::from(record.size()) || bytes <= u64::from(max_bytes)
        };
        let records = self.records_from(offset).take_while(fits);
        Ok(records.map(|(offset, record)| (offset, record.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(timestamp_ms: i64) -> Record {
        Record { key: None, value: None, headers: Rc::default(), timestamp_ms }
    }

    #[test]
    fn offsets_go_on_after_retention_has_emptied_the_log() {
        let config = TopicConfig { retention: Some(Duration::from_secs(1)), ..Default::default() };
        let mut log = Partition::default();
        for _ in 0..3 {
            log.append(Instant::ZERO, record(0), &config);
        }
        assert_eq!(log.apply_retention(Instant::from_secs(1), &config), None);
        assert_eq!(log.apply_retention(Instant::from_secs(2), &config), Some(3));
        assert_eq!(log.append(Instant::from_secs(2), record(2_000), &config).0, 3);
        assert_eq!(log.read(2, 1_000).unwrap_err(), ErrorCode::OffsetOutOfRange);
    }

    #[test]
    fn a_read_brings_one_record_even_if_it_is_too_large() {
        let config = TopicConfig::default();
        let mut log = Partition::default();
        for _ in 0..3 {
            log.append(Instant::ZERO, record(0), &config);
        }
        assert_eq!(log.read(0, 1).unwrap().len(), 1);
        assert_eq!(log.read(0, 24).unwrap().len(), 2);
        assert_eq!(log.read(3, 24).unwrap().len(), 0);
    }
}
