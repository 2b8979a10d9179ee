//! Writes: from the request to the answer, which may have to wait for followers.

use litemap::LiteMap;

use crate::engine::Instant;

use super::{Cluster, brokers};
use crate::engine::kafka::api::{Produce, ProduceBatch, Response, Transactional};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event, Reply, Timer};
use crate::engine::kafka::partition::{Acks, Produced, Settled, WriteId};
use crate::engine::kafka::types::{Call, TopicPartition};

/// The outcome for each batch, as far as it is known.
type Outcomes = Vec<(TopicPartition, Option<Result<u64, ErrorCode>>)>;

/// Produce requests that wait for followers.
#[derive(Clone, Debug, Default)]
pub(super) struct Produces {
    waiting: LiteMap<Call, Outcomes>,
}

impl Produces {
    /// Some write is safe, or will never be.
    pub(super) fn settle(&mut self, settled: Settled, effects: &mut Vec<Effect>) {
        let call = settled.id.call;
        let Some(outcomes) = self.waiting.get_mut(&call) else {
            return;
        };
        outcomes[settled.id.part as usize].1 = Some(settled.outcome);
        if outcomes.iter().all(|(_, outcome)| outcome.is_some()) {
            effects.push(Effect::Cancel { timer: Timer::ProduceWait(call) });
            self.answer(call, effects);
        }
    }

    /// The followers did not get it in time; it may still become safe.
    pub fn give_up(&mut self, call: Call, effects: &mut Vec<Effect>) {
        if self.waiting.contains_key(&call) {
            self.answer(call, effects);
        }
    }

    fn answer(&mut self, call: Call, effects: &mut Vec<Effect>) {
        let outcomes = self.waiting.remove(&call).into_iter().flatten();
        let timed_out = Err(ErrorCode::RequestTimedOut);
        let outcomes = outcomes.map(|(at, outcome)| (at, outcome.unwrap_or(timed_out)));
        let response = Response::Produce(outcomes.collect());
        effects.push(Effect::Answer { call, response });
    }
}

impl Cluster {
    pub(super) fn produce(
        &mut self,
        now: Instant,
        call: Call,
        produce: Produce,
        effects: &mut Vec<Effect>,
    ) -> Reply {
        let acks = produce.acks;
        let mut outcomes = Outcomes::with_capacity(produce.batches.len());
        for (batch, part) in produce.batches.into_iter().zip(0..) {
            let at = batch.partition.clone();
            let id = produce.transactional_id.as_ref();
            let written = self
                .verify(id, &batch)
                .and_then(|()| self.append(now, (WriteId { call, part }, acks), batch, effects));
            if let Err(error) = written {
                let partition = at.clone();
                effects.push(Effect::Event(Event::AppendRefused { partition, error }));
            }
            let outcome = match written {
                Ok(produced) if produced.waits => None,
                Ok(produced) => Some(Ok(produced.appended.base_offset)),
                Err(error) => Some(Err(error)),
            };
            outcomes.push((at, outcome));
        }
        if acks == Acks::None {
            return Reply::Never;
        }
        if outcomes.iter().any(|(_, outcome)| outcome.is_none()) {
            self.produces.waiting.insert(call, outcomes);
            effects.push(Effect::Schedule {
                timer: Timer::ProduceWait(call),
                due: now + self.config.produce_timeout,
            });
            return Reply::Later;
        }
        let known = outcomes.into_iter().filter_map(|(at, one)| Some((at, one?)));
        Reply::Answer(Response::Produce(known.collect()))
    }

    /// Before the first record of a transaction is written, the leader of the partition asks the
    /// coordinator whether the partition is part of it (KIP-890).
    fn verify(
        &self,
        transactional_id: Option<&std::rc::Rc<str>>,
        batch: &ProduceBatch,
    ) -> Result<(), ErrorCode> {
        let (Some(transactional_id), Some(stamp)) = (transactional_id, batch.stamp) else {
            return Ok(());
        };
        let log = self.partition(&batch.partition);
        let state = log.and_then(|log| log.log().producers().get(&stamp.producer_id));
        if state.is_some_and(|state| state.transaction_start().is_some()) {
            return Ok(());
        }
        let producer = Transactional {
            transactional_id: transactional_id.clone(),
            producer_id: stamp.producer_id,
            epoch: stamp.epoch,
        };
        self.transactions.verify_partition(&producer, &batch.partition)
    }

    fn append(
        &mut self,
        now: Instant,
        write: (WriteId, Acks),
        batch: ProduceBatch,
        effects: &mut Vec<Effect>,
    ) -> Result<Produced, ErrorCode> {
        let at = &batch.partition;
        let topic = self.topics.get_mut(&at.topic);
        let topic = topic.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let log = topic.partitions.get_mut(at.partition as usize);
        let log = log.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let (count, readable) = (batch.records.len() as u32, log.high_watermark());
        let produced = log.produce(now, &topic.config, write, batch.stamp, batch.records)?;
        let (partition, base_offset) = (at.clone(), produced.appended.base_offset);
        if produced.appended.duplicate {
            let event = Event::DuplicateIgnored { partition, base_offset };
            effects.push(Effect::Event(event));
            return Ok(produced);
        }
        if let Some(base_offset) = produced.appended.rolled {
            let partition = at.clone();
            effects.push(Effect::Event(Event::SegmentRolled { partition, base_offset }));
        }
        effects.push(Effect::Event(Event::Appended { partition, base_offset, count }));
        let reason = "the leader is the only replica in sync";
        brokers::tell_high_watermark(at, log, readable, reason, effects);
        self.written(now, at, effects);
        Ok(produced)
    }

    /// After a partition has changed: followers fetch, waiting reads and writes are looked after.
    pub(super) fn written(&mut self, now: Instant, at: &TopicPartition, effects: &mut Vec<Effect>) {
        self.schedule_replica_fetches(now, at, effects);
        let topic = self.topics.get_mut(&at.topic);
        let log = topic.and_then(|topic| topic.partitions.get_mut(at.partition as usize));
        for settled in log.map(|log| log.take_settled()).unwrap_or_default() {
            self.produces.settle(settled, effects);
        }
        self.fetches.partition_changed(at, &self.topics, effects);
    }
}
