//! Fetches: records for consumers, at once or as soon as there are some.
//!
//! A fetch that finds less than `fetch.min.bytes` waits for an append to one of its partitions, at
//! most `fetch.max.wait.ms`; Kafka calls the place where it waits the purgatory.

use std::rc::Rc;

use litemap::LiteMap;

use crate::engine::Instant;

use super::api::{Fetch, FetchedPartition, Response};
use super::error::ErrorCode;
use super::event::{Effect, Timer};
use super::topic::Topic;
use super::types::{Call, TopicPartition, by_name};

type Topics = LiteMap<Rc<str>, Topic>;

/// The fetches that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetches {
    waiting: LiteMap<Call, Fetch>,
}

impl Fetches {
    /// Answers a fetch or lets it wait.
    pub fn fetch(
        &mut self,
        now: Instant,
        call: Call,
        fetch: Fetch,
        topics: &Topics,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let found = read(&fetch, topics);
        if is_enough(&found, fetch.min_bytes) || fetch.max_wait.is_zero() {
            return Some(Response::Fetch(found));
        }
        effects.push(Effect::Schedule { timer: Timer::FetchWait(call), due: now + fetch.max_wait });
        self.waiting.insert(call, fetch);
        None
    }

    /// There may be more to read in a partition: whoever waits for it is looked after. Each waiting
    /// fetch is looked at: a consumer has one, and comes to wait far oftener than anything changes.
    pub fn partition_changed(
        &mut self,
        at: &TopicPartition,
        topics: &Topics,
        effects: &mut Vec<Effect>,
    ) {
        let mut answered = Vec::new();
        for (call, fetch) in self.waiting.iter() {
            if !fetch.positions.iter().any(|(wanted, _)| wanted == at) {
                continue;
            }
            let found = read(fetch, topics);
            if is_enough(&found, fetch.min_bytes) {
                answered.push((*call, found));
            }
        }
        for (call, found) in answered {
            self.waiting.remove(&call);
            effects.push(Effect::Cancel { timer: Timer::FetchWait(call) });
            effects.push(Effect::Answer { call, response: Response::Fetch(found) });
        }
    }

    /// Not enough came in time; the answer is what there is.
    pub fn give_up(&mut self, call: Call, topics: &Topics, effects: &mut Vec<Effect>) {
        if let Some(fetch) = self.waiting.remove(&call) {
            effects.push(Effect::Answer { call, response: Response::Fetch(read(&fetch, topics)) });
        }
    }
}

/// An error is always worth an answer.
fn is_enough(found: &[FetchedPartition], min_bytes: u32) -> bool {
    let bytes = |one: &FetchedPartition| match &one.outcome {
        Ok(fetched) => fetched.batches.iter().map(|batch| u64::from(batch.bytes())).sum(),
        Err(_) => u64::MAX,
    };
    let total = found.iter().map(bytes).fold(0, u64::saturating_add);
    !found.is_empty() && total >= u64::from(min_bytes)
}

/// What there is to read: partitions with records, and those that refuse the offset.
fn read(fetch: &Fetch, topics: &Topics) -> Vec<FetchedPartition> {
    let mut found = Vec::new();
    let mut last: Option<(&Rc<str>, &Topic)> = None;
    for (at, offset) in fetch.positions.iter() {
        if last.is_none_or(|(name, _)| !Rc::ptr_eq(name, &at.topic)) {
            let topic = topics.get_by(|name| by_name(name, &at.topic));
            last = topic.map(|topic| (&at.topic, topic));
        }
        let log = last.and_then(|(_, topic)| topic.partitions().get(at.partition as usize));
        if log.is_some_and(|log| !log.would_answer(*offset, fetch.isolation)) {
            continue;
        }
        let outcome = match log {
            Some(log) => log.read(*offset, fetch.isolation, fetch.max_partition_bytes),
            None => Err(ErrorCode::UnknownTopicOrPartition),
        };
        found.push(FetchedPartition { partition: at.clone(), outcome });
    }
    found
}
