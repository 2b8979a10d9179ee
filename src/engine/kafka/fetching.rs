//! Fetches: records for consumers, at once or as soon as there are some.
//!
//! A fetch that finds nothing waits for an append to one of its partitions, at most
//! `fetch.max.wait.ms`; Kafka calls the place where it waits the purgatory.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::engine::Instant;

use super::api::{Effect, FetchedPartition, Response, Timer};
use super::cluster::Topic;
use super::types::{Call, ErrorCode, TopicPartition};

type Topics = BTreeMap<Rc<str>, Topic>;

#[derive(Clone, Debug)]
struct Fetch {
    positions: Rc<[(TopicPartition, u64)]>,
    max_partition_bytes: u32,
}

/// The fetches that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetches {
    waiting: BTreeMap<Call, Fetch>,
    by_partition: BTreeMap<TopicPartition, BTreeSet<Call>>,
}

impl Fetches {
    /// Answers a fetch or lets it wait until `deadline`.
    pub fn fetch(
        &mut self,
        call: Call,
        positions: Vec<(TopicPartition, u64)>,
        max_partition_bytes: u32,
        (deadline, effects): (Instant, &mut Vec<Effect>),
        topics: &Topics,
    ) -> Option<Response> {
        let fetch = Fetch { positions: positions.into(), max_partition_bytes };
        let found = read(&fetch, topics);
        if !found.is_empty() {
            return Some(Response::Fetch(found));
        }
        for (at, _) in fetch.positions.iter() {
            self.by_partition.entry(at.clone()).or_default().insert(call);
        }
        self.waiting.insert(call, fetch);
        effects.push(Effect::Schedule { timer: Timer::FetchWait(call), due: deadline });
        None
    }

    /// Records were appended: whoever waits for the partition is answered.
    pub fn appended(&mut self, at: &TopicPartition, topics: &Topics, effects: &mut Vec<Effect>) {
        let Some(calls) = self.by_partition.get(at) else {
            return;
        };
        for call in calls.clone() {
            let Some(fetch) = self.waiting.get(&call) else {
                continue;
            };
            let found = read(fetch, topics);
            if !found.is_empty() {
                self.forget(call);
                effects.push(Effect::Cancel { timer: Timer::FetchWait(call) });
                effects.push(Effect::Answer { call, response: Response::Fetch(found) });
            }
        }
    }

    /// Nothing came in time.
    pub fn give_up(&mut self, call: Call, effects: &mut Vec<Effect>) {
        if self.forget(call) {
            effects.push(Effect::Answer { call, response: Response::Fetch(Vec::new()) });
        }
    }

    fn forget(&mut self, call: Call) -> bool {
        let Some(fetch) = self.waiting.remove(&call) else {
            return false;
        };
        for (at, _) in fetch.positions.iter() {
            if let Some(calls) = self.by_partition.get_mut(at) {
                calls.remove(&call);
            }
        }
        true
    }
}

/// What there is to read: partitions with records, and those that refuse the offset.
fn read(fetch: &Fetch, topics: &Topics) -> Vec<FetchedPartition> {
    let mut found = Vec::new();
    for (at, offset) in fetch.positions.iter() {
        let log =
            topics.get(&at.topic).and_then(|topic| topic.partitions().get(at.partition as usize));
        let records = match log {
            Some(log) => log.read(*offset, fetch.max_partition_bytes),
            None => Err(ErrorCode::UnknownTopicOrPartition),
        };
        if !records.as_ref().is_ok_and(|records| records.is_empty()) {
            found.push(FetchedPartition { partition: at.clone(), records });
        }
    }
    found
}
