//! Segments, and the list that holds their batches.
//!
//! The whole world is cloned for every checkpoint, so a clone must not copy a log: batches lie in
//! chunks that are shared until they are written to, and only the last one ever is.

use std::rc::Rc;

use super::batch::Batch;

/// Batches in a chunk: the most that an append copies after a checkpoint.
const CHUNK: usize = 256;

/// A list of batches, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Batches {
    full: Vec<Rc<Vec<Rc<Batch>>>>,
    tail: Rc<Vec<Rc<Batch>>>,
}

impl Batches {
    pub fn push(&mut self, batch: Rc<Batch>) {
        let tail = Rc::make_mut(&mut self.tail);
        tail.push(batch);
        if tail.len() == CHUNK {
            self.full.push(std::mem::take(&mut self.tail));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.full.is_empty() && self.tail.is_empty()
    }

    pub fn first(&self) -> Option<&Rc<Batch>> {
        self.full.first().unwrap_or(&self.tail).first()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Rc<Batch>> {
        self.iter_from(0)
    }

    /// Batches that end at an offset or later.
    pub fn iter_from(&self, offset: u64) -> impl Iterator<Item = &Rc<Batch>> {
        let ends_before = |chunk: &Rc<Vec<Rc<Batch>>>| {
            chunk.last().is_none_or(|batch| batch.last_offset() < offset)
        };
        let first = self.full.partition_point(ends_before);
        let chunks = self.full[first..].iter().chain(std::iter::once(&self.tail));
        chunks.flat_map(move |chunk| {
            let skip = chunk.partition_point(|batch| batch.last_offset() < offset);
            chunk[skip..].iter()
        })
    }
}

/// A file of Kafka's log directory, less the files.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub base_offset: u64,
    pub batches: Batches,
    pub bytes: u64,
    /// By the largest timestamp retention judges the segment; −1 while it is empty.
    pub max_timestamp_ms: i64,
    /// When the segment was begun, which counts as its age while it holds no timestamp.
    pub created_ms: i64,
}

impl Segment {
    pub fn new(base_offset: u64, now_ms: i64) -> Segment {
        Segment {
            base_offset,
            batches: Batches::default(),
            bytes: 0,
            max_timestamp_ms: -1,
            created_ms: now_ms,
        }
    }

    pub fn push(&mut self, batch: Rc<Batch>) {
        self.bytes += u64::from(batch.bytes);
        self.max_timestamp_ms = self.max_timestamp_ms.max(batch.max_timestamp_ms);
        self.batches.push(batch);
    }

    /// The largest timestamp, or that of the segment itself if no record has one.
    pub fn largest_timestamp_ms(&self) -> i64 {
        if self.max_timestamp_ms >= 0 { self.max_timestamp_ms } else { self.created_ms }
    }
}
