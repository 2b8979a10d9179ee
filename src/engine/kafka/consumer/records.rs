//! Positions and records: where to read, one fetch at a time, and what a poll hands out.

use std::rc::Rc;

use crate::engine::Instant;

use super::{Awaited, Consumer, ConsumerEffect, ConsumerRecord, ConsumerTimer, Effects};
use crate::engine::kafka::api::{ByPartition, Fetch, FetchedPartition, Request};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::log::{Batch, Isolation};
use crate::engine::kafka::types::{OffsetReset, OffsetSpec, TopicPartition};

/// Records of one partition that no poll has handed out yet.
#[derive(Clone, Debug)]
pub(super) struct Buffered {
    pub partition: TopicPartition,
    pub batch: Rc<Batch>,
    /// The next offset to hand out.
    pub next: u64,
}

impl Buffered {
    fn count(&self) -> usize {
        let records = self.batch.records();
        records.len() - records.count_before(self.next)
    }
}

impl Consumer {
    pub(super) fn ask_for_committed(
        &mut self,
        partitions: Vec<TopicPartition>,
        effects: &mut Effects,
    ) {
        if !partitions.is_empty() {
            let request = Request::OffsetFetch {
                group: self.config.group_id.clone(),
                partitions: Some(partitions),
                require_stable: self.config.isolation == Isolation::ReadCommitted,
            };
            self.send(Awaited::Committed, request, effects);
        }
    }

    pub(super) fn found_committed(
        &mut self,
        now: Instant,
        offsets: ByPartition<Option<u64>>,
        effects: &mut Effects,
    ) {
        let (mut uncommitted, mut again) = (Vec::new(), Vec::new());
        for (at, offset) in offsets {
            match (self.positions.get_mut(&at), offset) {
                (Some(position @ None), Ok(Some(offset))) => *position = Some(offset),
                (Some(None), Ok(None)) => uncommitted.push(at),
                (Some(None), Err(_)) => again.push(at),
                // It was sought in the meantime, or went to another member.
                (Some(Some(_)) | None, _) => {}
            }
        }
        self.reset(uncommitted, effects);
        self.try_again(now, again, effects);
        self.fetch(effects);
    }

    fn try_again(&mut self, now: Instant, unknown: Vec<TopicPartition>, effects: &mut Effects) {
        if !unknown.is_empty() {
            self.unknown.extend(unknown);
            effects.push(ConsumerEffect::Schedule {
                timer: ConsumerTimer::Retry,
                due: now + self.config.retry_backoff,
            });
        }
    }

    pub(super) fn retry(&mut self, effects: &mut Effects) {
        let mut unknown = std::mem::take(&mut self.unknown);
        unknown.retain(|at| self.positions.get(at) == Some(&None));
        self.ask_for_committed(unknown, effects);
        self.fetch(effects);
    }

    /// `auto.offset.reset` decides where partitions without a position start.
    fn reset(&mut self, partitions: Vec<TopicPartition>, effects: &mut Effects) {
        let spec = match self.config.auto_offset_reset {
            OffsetReset::Earliest => OffsetSpec::Earliest,
            OffsetReset::Latest => OffsetSpec::Latest,
            OffsetReset::None => return,
        };
        if !partitions.is_empty() {
            let request =
                Request::ListOffsets { partitions, spec, isolation: self.config.isolation };
            self.send(Awaited::Positions, request, effects);
        }
    }

    pub(super) fn found_positions(
        &mut self,
        offsets: ByPartition<Option<(u64, i64)>>,
        effects: &mut Effects,
    ) {
        for (at, offset) in offsets {
            if let (Some(position @ None), Ok(Some((offset, _)))) =
                (self.positions.get_mut(&at), offset)
            {
                *position = Some(offset);
            }
        }
        self.fetch(effects);
    }

    pub(super) fn seek(&mut self, at: TopicPartition, offset: u64, effects: &mut Effects) {
        let Some(position) = self.positions.get_mut(&at) else {
            return;
        };
        *position = Some(offset);
        self.buffer.retain(|run| run.partition != at);
        self.handed_out.remove(&at);
        self.finished.remove(&at);
        if self.fetching {
            self.sought.push(at);
        }
        self.fetch(effects);
    }

    /// Fetches the partitions of which nothing is buffered, one request at a time.
    pub(super) fn fetch(&mut self, effects: &mut Effects) {
        let buffered: usize = self.buffer.iter().map(Buffered::count).sum();
        if self.fetching || buffered >= self.config.max_poll_records as usize {
            return;
        }
        let is_buffered = |at: &TopicPartition| self.buffer.iter().any(|run| run.partition == *at);
        let positions: Vec<(TopicPartition, u64)> = self
            .positions
            .iter()
            .filter(|(at, _)| !is_buffered(at))
            .filter_map(|(at, position)| Some((at.clone(), (*position)?)))
            .collect();
        if positions.is_empty() {
            return;
        }
        self.fetching = true;
        let request = Request::Fetch(Fetch {
            positions,
            max_wait: self.config.fetch_max_wait,
            min_bytes: self.config.fetch_min_bytes,
            max_partition_bytes: self.config.max_partition_fetch_bytes,
            isolation: self.config.isolation,
        });
        self.send(Awaited::Fetch, request, effects);
    }

    pub(super) fn fetched(
        &mut self,
        now: Instant,
        found: Vec<FetchedPartition>,
        effects: &mut Effects,
    ) {
        self.fetching = false;
        let (mut out_of_range, mut refused) = (Vec::new(), false);
        let sought = std::mem::take(&mut self.sought);
        for FetchedPartition { partition, outcome } in found {
            if sought.contains(&partition) {
                continue;
            }
            let Some(Some(position)) = self.positions.get_mut(&partition) else {
                continue;
            };
            match outcome {
                Ok(fetched) => {
                    let next = *position;
                    let delivered = fetched.delivered(self.config.isolation).into_iter();
                    let buffered = delivered.map(|batch| Buffered {
                        partition: partition.clone(),
                        batch: batch.clone(),
                        next,
                    });
                    self.buffer.extend(buffered.filter(|one| one.count() > 0));
                    *position = fetched.next_offset().unwrap_or(0).max(next);
                }
                Err(ErrorCode::OffsetOutOfRange) => {
                    self.positions.insert(partition.clone(), None);
                    out_of_range.push(partition);
                }
                Err(_) => refused = true,
            }
        }
        self.reset(out_of_range, effects);
        self.hand_out(now, effects);
        if refused {
            effects.push(ConsumerEffect::Schedule {
                timer: ConsumerTimer::Retry,
                due: now + self.config.retry_backoff,
            });
        } else {
            self.fetch(effects);
        }
    }

    /// Answers a poll if there is anything to answer it with.
    pub(super) fn hand_out(&mut self, now: Instant, effects: &mut Effects) {
        if !self.polled || self.buffer.is_empty() {
            return;
        }
        self.polled = false;
        self.begin_poll_interval(now, effects);
        let mut room = self.config.max_poll_records as usize;
        let mut records = Vec::new();
        while let Some(run) = self.buffer.front_mut().filter(|_| room > 0) {
            for (offset, record) in run.batch.records().iter_from(run.next).take(room) {
                let (partition, record) = (run.partition.clone(), record.clone());
                records.push(ConsumerRecord { partition, offset, record });
                run.next = offset + 1;
                room -= 1;
            }
            self.handed_out.insert(run.partition.clone(), run.next);
            if run.count() == 0 {
                self.buffer.pop_front();
            }
        }
        effects.push(ConsumerEffect::Records(records));
        self.fetch(effects);
    }
}
