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

/// A position that is looked up.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    pub at: TopicPartition,
    spec: OffsetSpec,
    /// The request whose answer counts; `None` while it waits to be asked again.
    asked: Option<u32>,
}

impl Consumer {
    /// Forgets what it knew and had fetched of a partition, which it must hold.
    fn leave_position(&mut self, at: &TopicPartition, effects: &mut Effects) -> bool {
        if !self.positions.contains_key(at) {
            let (error, partitions) = (ErrorCode::IllegalState, vec![at.clone()]);
            effects.push(ConsumerEffect::Failed { error, partitions });
            return false;
        }
        self.buffer.retain(|run| run.partition != *at);
        self.lookups.retain(|lookup| lookup.at != *at);
        self.handed_out.remove(at);
        true
    }

    pub(super) fn seek(&mut self, at: TopicPartition, offset: u64, effects: &mut Effects) {
        if self.leave_position(&at, effects) {
            self.handed_out.insert(at.clone(), offset);
            self.positions.insert(at, Some(offset));
            self.fetch(effects);
        }
    }

    pub(super) fn seek_to(&mut self, at: TopicPartition, spec: OffsetSpec, effects: &mut Effects) {
        if self.leave_position(&at, effects) {
            self.positions.insert(at.clone(), None);
            self.look_up(vec![at], spec, effects);
        }
    }

    fn look_up(
        &mut self,
        partitions: Vec<TopicPartition>,
        spec: OffsetSpec,
        effects: &mut Effects,
    ) {
        let isolation = self.config.isolation;
        let request = Request::ListOffsets { partitions: partitions.clone(), spec, isolation };
        let asked = Some(self.send(Awaited::Positions, request, effects));
        self.lookups.retain(|lookup| !partitions.contains(&lookup.at));
        self.lookups.extend(partitions.into_iter().map(|at| Lookup { at, spec, asked }));
    }

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
            let sought = self.lookups.iter().any(|lookup| lookup.at == at);
            let position = self.positions.get_mut(&at).filter(|known| known.is_none() && !sought);
            match (position, offset) {
                (Some(position), Ok(Some(offset))) => *position = Some(offset),
                (Some(_), Ok(None)) => uncommitted.push(at),
                (Some(_), Err(_)) => again.push(at),
                (None, _) => {}
            }
        }
        self.reset(uncommitted, ErrorCode::NoOffsetForPartition, effects);
        self.try_again(now, again, effects);
        self.fetch(effects);
    }

    fn try_again(&mut self, now: Instant, unknown: Vec<TopicPartition>, effects: &mut Effects) {
        if !unknown.is_empty() {
            self.unknown.extend(unknown);
            self.retry_later(now, effects);
        }
    }

    pub(super) fn retry(&mut self, effects: &mut Effects) {
        if self.polled
            && let Some(reason) = self.rejoin.take()
        {
            self.join(reason, effects);
        }
        let mut unknown = std::mem::take(&mut self.unknown);
        unknown.retain(|at| self.positions.get(at) == Some(&None));
        self.ask_for_committed(unknown, effects);
        let again: Vec<Lookup> =
            self.lookups.extract_if(.., |lookup| lookup.asked.is_none()).collect();
        for Lookup { at, spec, .. } in again {
            self.look_up(vec![at], spec, effects);
        }
        self.fetch(effects);
    }

    /// `auto.offset.reset` decides where partitions without a position start.
    fn reset(
        &mut self,
        partitions: Vec<TopicPartition>,
        otherwise: ErrorCode,
        effects: &mut Effects,
    ) {
        if partitions.is_empty() {
            return;
        }
        let spec = match self.config.auto_offset_reset {
            OffsetReset::Earliest => OffsetSpec::Earliest,
            OffsetReset::Latest => OffsetSpec::Latest,
            OffsetReset::None => {
                return effects.push(ConsumerEffect::Failed { error: otherwise, partitions });
            }
        };
        self.look_up(partitions, spec, effects);
    }

    /// Answers that a later seek or the loss of the partition has overtaken do not count.
    pub(super) fn found_positions(
        &mut self,
        now: Instant,
        correlation: u32,
        offsets: ByPartition<Option<(u64, i64)>>,
        effects: &mut Effects,
    ) {
        for (at, offset) in offsets {
            let counts = |lookup: &Lookup| lookup.at == at && lookup.asked == Some(correlation);
            let Some(place) = self.lookups.iter().position(counts) else {
                continue;
            };
            match (self.positions.get_mut(&at), offset) {
                (Some(position), Ok(Some((offset, _)))) => {
                    *position = Some(offset);
                    self.lookups.remove(place);
                }
                // No record is that young.
                (Some(_), Ok(None)) => self.look_up(vec![at], OffsetSpec::Latest, effects),
                (Some(_), Err(_)) => {
                    self.lookups[place].asked = None;
                    self.retry_later(now, effects);
                }
                (None, _) => {
                    self.lookups.remove(place);
                }
            }
        }
        self.fetch(effects);
    }

    fn retry_later(&self, now: Instant, effects: &mut Effects) {
        let due = now + self.config.retry_backoff;
        effects.push(ConsumerEffect::Schedule { timer: ConsumerTimer::Retry, due });
    }

    /// Fetches the partitions of which nothing is buffered, one request at a time.
    pub(super) fn fetch(&mut self, effects: &mut Effects) {
        let buffered: usize = self.buffer.iter().map(Buffered::count).sum();
        if self.fetching || buffered >= self.config.max_poll_records as usize {
            return;
        }
        let is_buffered = |at: &TopicPartition| self.buffer.iter().any(|run| run.partition == *at);
        let wanted = || {
            let open = self.positions.iter().filter(|(at, _)| !is_buffered(at));
            open.filter_map(|(at, position)| Some((at, (*position)?)))
        };
        // A consumer that waits asks for the same again and again.
        if !wanted().eq(self.asked.iter().map(|(at, position)| (at, *position))) {
            self.asked = wanted().map(|(at, position)| (at.clone(), position)).collect();
        }
        if self.asked.is_empty() {
            return;
        }
        self.fetching = true;
        let request = Request::Fetch(Fetch {
            positions: self.asked.clone(),
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
        let asked = self.asked.clone();
        let (mut out_of_range, mut refused) = (Vec::new(), false);
        for FetchedPartition { partition, outcome } in found {
            let position = self.positions.get_mut(&partition);
            let Some(Some(position)) =
                position.filter(|known| asked_for(&asked, &partition) == **known)
            else {
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
        self.reset(out_of_range, ErrorCode::OffsetOutOfRange, effects);
        self.hand_out(now, effects);
        if refused {
            self.retry_later(now, effects);
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

/// The position that a fetch asked for. The partition may have been elsewhere since: another member
/// had it, or the application sought.
fn asked_for(asked: &[(TopicPartition, u64)], at: &TopicPartition) -> Option<u64> {
    asked.iter().find(|(asked, _)| asked == at).map(|(_, offset)| *offset)
}
