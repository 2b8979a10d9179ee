//! What a producer keeps, and for how long: `buffer.memory` and `delivery.timeout.ms`.

use crate::engine::Instant;
use crate::engine::sort_few;

use super::accumulator::{Batch, Lane, Unsent};
use super::{Effects, Producer, ProducerEffect, ProducerTimer};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::types::TopicPartition;

impl Lane {
    /// What the batches take of the producer's memory.
    fn memory(&self, batch_size: u32) -> u64 {
        let sent = self.in_flight.iter().map(|(_, batch)| batch);
        let batches = self.ready.iter().chain(sent).map(|batch| batch.bytes);
        let filling = (!self.filling.records.is_empty()).then_some(self.filling.bytes);
        batches.chain(filling).map(|bytes| u64::from(bytes.max(batch_size))).sum()
    }

    /// When the oldest batch was begun.
    fn oldest(&self) -> Option<Instant> {
        let sent = self.in_flight.iter().map(|(_, batch)| batch);
        let batches = self.ready.iter().chain(sent).map(|batch| batch.since);
        let filling = (!self.filling.records.is_empty()).then_some(self.filling.since);
        batches.chain(filling).min()
    }
}

impl Producer {
    /// Adds a record to the batch of its partition. As `send` blocks while there is no memory for a
    /// new batch, later records wait behind it.
    pub(super) fn append_or_block(
        &mut self,
        now: Instant,
        unsent: Unsent,
        partition: u32,
        effects: &mut Effects,
    ) {
        if u64::from(unsent.record.size()) > self.config.buffer_memory {
            let error = ErrorCode::MessageTooLarge;
            effects.push(ProducerEffect::Failed { handle: unsent.handle, error });
            return self.write_failed(now, error, effects);
        }
        if self.blocked.is_empty() && self.has_memory_for(&unsent, partition) {
            return self.append(now, unsent, partition, effects);
        }
        let timer = ProducerTimer::MaxBlock(unsent.handle);
        effects.push(ProducerEffect::Schedule { timer, due: unsent.since + self.config.max_block });
        self.blocked.push_back((unsent, partition));
        // Nothing lingers while somebody waits for memory.
        self.flush(now, effects);
    }

    fn has_memory_for(&self, unsent: &Unsent, partition: u32) -> bool {
        let (size, batch_size) = (unsent.record.size(), self.config.batch_size);
        let filling = self
            .lanes
            .iter()
            .find(|lane| lane.at.partition == partition && lane.at.topic == unsent.topic);
        let bytes = filling.map_or(0, |lane| lane.filling.bytes);
        if bytes > 0 && bytes + size <= batch_size {
            return true;
        }
        let used: u64 = self.lanes.iter().map(|lane| lane.memory(batch_size)).sum();
        used + u64::from(size.max(batch_size)) <= self.config.buffer_memory
    }

    /// Settled batches have made room.
    pub(super) fn use_freed_memory(&mut self, now: Instant, effects: &mut Effects) {
        let waiting = self.blocked.len();
        while let Some((unsent, partition)) = self.blocked.pop_front() {
            if !self.has_memory_for(&unsent, partition) {
                self.blocked.push_front((unsent, partition));
                break;
            }
            let timer = ProducerTimer::MaxBlock(unsent.handle);
            effects.push(ProducerEffect::Cancel { timer });
            self.append(now, unsent, partition, effects);
        }
        let moved = self.blocked.len() < waiting;
        if moved && (self.is_committing() || !self.blocked.is_empty()) {
            self.flush(now, effects);
            self.coordinate(now, effects);
        }
    }

    /// Sets the timer for the oldest batch of a partition, unless one runs.
    pub(super) fn expire_later(&mut self, at: &TopicPartition, effects: &mut Effects) {
        let timeout = self.config.delivery_timeout;
        let Some(lane) = self.lane_mut(at).filter(|lane| !lane.expires) else {
            return;
        };
        if let Some(oldest) = lane.oldest() {
            lane.expires = true;
            let (timer, due) = (ProducerTimer::Delivery(at.clone()), oldest + timeout);
            effects.push(ProducerEffect::Schedule { timer, due });
        }
    }

    /// Batches that were not acknowledged within `delivery.timeout.ms` have failed, wherever they
    /// are. One that was sent may be in the log nevertheless.
    pub(super) fn expire_batches(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        effects: &mut Effects,
    ) {
        let timeout = self.config.delivery_timeout;
        let is_over = |since: Instant| since + timeout <= now;
        if self.lane(at).is_some_and(|lane| is_over(lane.filling.since)) {
            self.close_batch(at, effects);
        }
        let Some(lane) = self.lane_mut(at) else {
            return;
        };
        lane.expires = false;
        let sent = lane.in_flight.extract_if(.., |(_, batch)| is_over(batch.since));
        let mut expired: Vec<Batch> = sent.map(|(_, batch)| batch).collect();
        while let Some(batch) = lane.ready.pop_front_if(|batch| is_over(batch.since)) {
            expired.push(batch);
        }
        sort_few(&mut expired, |batch| batch.number);
        for batch in expired {
            self.batch_failed(now, at, batch, ErrorCode::RequestTimedOut, effects);
        }
        self.drain(now, at, effects);
        self.expire_later(at, effects);
    }
}
