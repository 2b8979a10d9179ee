//! Sending batches until they are acknowledged or given up.

use crate::engine::Instant;

use super::accumulator::{Batch, Lane};
use super::{Awaited, Effects, Producer, ProducerEffect, ProducerTimer};
use crate::engine::kafka::api::{Produce, ProduceBatch, Request};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::log::ProducerStamp;
use crate::engine::kafka::partition::Acks;
use crate::engine::kafka::types::TopicPartition;

/// Sequence numbers run up to 2³¹ − 1 and start again at 0.
const SEQUENCE_MASK: u32 = i32::MAX as u32;
/// `Short.MAX_VALUE`, behind which a producer needs a new id.
const LAST_EPOCH: u16 = i16::MAX as u16;

impl Producer {
    /// Sends what may be sent of a partition.
    pub(super) fn drain(&mut self, now: Instant, at: &TopicPartition, effects: &mut Effects) {
        self.close_gap(now, at, effects);
        if !self.may_drain(at) {
            return;
        }
        let idempotent = self.config.is_idempotent();
        let most = self.config.max_in_flight as usize;
        let Some(identity) = self.identity.or((!idempotent).then_some((0, 0))) else {
            return;
        };
        while let Some(lane) = self.lane_mut(at) {
            let Some(mut batch) = next_batch(lane, idempotent, most) else {
                return;
            };
            batch.tries += 1;
            if idempotent {
                number(lane, &mut batch, identity);
            }
            self.send_batch(now, at, batch, effects);
        }
    }

    fn may_drain(&self, at: &TopicPartition) -> bool {
        let rests = self.lane(at).is_none_or(|lane| lane.backs_off);
        !rests && self.is_in_transaction(at)
    }

    fn send_batch(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        batch: Batch,
        effects: &mut Effects,
    ) {
        let transactional = self.config.transactional_id.is_some();
        let stamp = batch.identity.map(|(producer_id, epoch, base_sequence)| ProducerStamp {
            producer_id,
            epoch,
            base_sequence,
            transactional,
        });
        let records = batch.records.clone();
        let request = Request::Produce(Produce {
            acks: self.config.acks,
            transactional_id: self.config.transactional_id.clone(),
            batches: vec![ProduceBatch { partition: at.clone(), stamp, records }],
        });
        if self.config.acks == Acks::None {
            self.correlation += 1;
            effects.push(ProducerEffect::Send { correlation: self.correlation, request });
            return acknowledge(at, &batch, None, effects);
        }
        let correlation = self.ask(now, Awaited::Produce(at.clone()), request, effects);
        if let Some(lane) = self.lane_mut(at) {
            lane.in_flight.push((correlation, batch));
        }
    }

    /// The answer for a batch, or [`ErrorCode::RequestTimedOut`] if none came.
    pub(super) fn produced(
        &mut self,
        now: Instant,
        (at, correlation): (&TopicPartition, u32),
        outcome: Result<u64, ErrorCode>,
        effects: &mut Effects,
    ) {
        let Some(lane) = self.lane_mut(at) else {
            return;
        };
        let Some(index) = lane.in_flight.iter().position(|(sent, _)| *sent == correlation) else {
            return;
        };
        let (_, batch) = lane.in_flight.remove(index);
        match outcome {
            Ok(base_offset) => acknowledge(at, &batch, Some(base_offset), effects),
            Err(error) if self.may_retry(now, at, &batch, error) => {
                self.retry(now, at, batch, error, effects);
            }
            Err(error) => self.batch_failed(now, at, batch, error, effects),
        }
    }

    fn may_retry(
        &self,
        now: Instant,
        at: &TopicPartition,
        batch: &Batch,
        error: ErrorCode,
    ) -> bool {
        let in_time = now < batch.since + self.config.delivery_timeout;
        if !in_time || batch.tries > self.config.retries {
            return false;
        }
        let is_first = self.lane(at).is_none_or(|lane| is_first(lane, batch));
        let plain = self.config.transactional_id.is_none();
        match error {
            // One before it is on its way again; or the sequence starts anew under another epoch.
            ErrorCode::OutOfOrderSequenceNumber => !is_first || plain,
            ErrorCode::InvalidProducerEpoch => plain,
            other => other.is_retriable(),
        }
    }

    fn retry(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        mut batch: Batch,
        error: ErrorCode,
        effects: &mut Effects,
    ) {
        let backoff = self.config.backoff(batch.tries);
        if let Some(lane) = self.lane_mut(at) {
            let out_of_order =
                error == ErrorCode::OutOfOrderSequenceNumber && is_first(lane, &batch);
            if out_of_order || error == ErrorCode::InvalidProducerEpoch {
                lane.has_gap = true;
                batch.identity = None;
                lane.ready.iter_mut().for_each(|batch| batch.identity = None);
            }
            lane.backs_off = true;
            let place = lane.ready.partition_point(|other| other.number < batch.number);
            lane.ready.insert(place, batch);
        }
        let timer = ProducerTimer::Retry(at.clone());
        effects.push(ProducerEffect::Schedule { timer, due: now + backoff });
        effects.push(ProducerEffect::Retried { partition: at.clone(), error });
    }

    pub(super) fn batch_failed(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        batch: Batch,
        error: ErrorCode,
        effects: &mut Effects,
    ) {
        let failed = |handle| ProducerEffect::Failed { handle, error };
        effects.extend(batch.handles.iter().copied().map(failed));
        if let Some(lane) = self.lane_mut(at) {
            lane.has_gap |= batch.identity.is_some();
        }
        self.write_failed(now, error, effects);
    }

    /// After a batch was given up the partition does not accept the ones behind it: the sequence
    /// starts again at 0 under the next epoch.
    fn close_gap(&mut self, now: Instant, at: &TopicPartition, effects: &mut Effects) {
        if self.config.transactional_id.is_some() {
            return;
        }
        let Some(lane) = self.lane_mut(at) else {
            return;
        };
        let settled =
            lane.in_flight.is_empty() && lane.ready.iter().all(|batch| batch.identity.is_none());
        if !lane.has_gap || !settled {
            return;
        }
        lane.has_gap = false;
        let spent = lane.identity.take();
        if self.identity != spent {
            return;
        }
        self.identity = match spent {
            Some((id, epoch)) if epoch < LAST_EPOCH => Some((id, epoch + 1)),
            Some(_) | None => None,
        };
        self.begin_idempotence(now, effects);
    }
}

/// The batch to send next. Batches of an idempotent producer that are sent again go alone: the
/// partition remembers five, so no more than five may be unsettled. Kafka's client lets new ones go
/// behind a retry, and may have to give the retry up for it.
fn next_batch(lane: &mut Lane, idempotent: bool, most: usize) -> Option<Batch> {
    let next = lane.ready.front()?;
    let retrying = lane.in_flight.iter().any(|(_, batch)| batch.tries > 1);
    let must_wait = retrying
        || next.tries > 0 && !is_first(lane, next)
        || lane.has_gap && next.identity.is_none();
    if idempotent && must_wait || lane.in_flight.len() >= most {
        return None;
    }
    lane.ready.pop_front()
}

/// True if no older batch is in flight.
fn is_first(lane: &Lane, batch: &Batch) -> bool {
    lane.in_flight.iter().all(|(_, other)| other.number > batch.number)
        && lane.ready.front().is_none_or(|other| other.number >= batch.number)
}

/// Gives a batch its sequence, unless it has one from an earlier try.
fn number(lane: &mut Lane, batch: &mut Batch, identity: (u64, u16)) {
    let idle = lane.in_flight.is_empty();
    if lane.identity.is_none()
        || idle && batch.identity.is_none() && lane.identity != Some(identity)
    {
        lane.identity = Some(identity);
        lane.next_sequence = 0;
    }
    if let (None, Some((id, epoch))) = (batch.identity, lane.identity) {
        batch.identity = Some((id, epoch, lane.next_sequence));
        let count = batch.records.len() as u32;
        lane.next_sequence = lane.next_sequence.wrapping_add(count) & SEQUENCE_MASK;
    }
}

fn acknowledge(at: &TopicPartition, batch: &Batch, base: Option<u64>, effects: &mut Effects) {
    for (handle, index) in batch.handles.iter().zip(0..) {
        effects.push(ProducerEffect::Acknowledged {
            handle: *handle,
            partition: at.clone(),
            offset: base.map(|base| base + index),
        });
    }
}
