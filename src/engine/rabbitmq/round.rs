//! Consumers taking turns: higher priorities first, and in order within a priority.

use std::collections::VecDeque;

/// The number of a consumer, unique within its queue.
pub(super) type ConsumerKey = u32;

/// A queue of consumers for each priority, the highest first
/// (<https://www.rabbitmq.com/docs/consumer-priority>).
#[derive(Clone, Debug, Default)]
pub(super) struct Round(Vec<(i64, VecDeque<ConsumerKey>)>);

impl Round {
    pub(super) fn push(&mut self, priority: i64, key: ConsumerKey) {
        let place = self.0.partition_point(|(other, _)| *other > priority);
        match self.0.get_mut(place) {
            Some((other, lane)) if *other == priority => lane.push_back(key),
            Some(_) | None => self.0.insert(place, (priority, VecDeque::from([key]))),
        }
    }

    pub(super) fn first(&self) -> Option<ConsumerKey> {
        self.0.iter().find_map(|(_, lane)| lane.front().copied())
    }

    pub(super) fn pop(&mut self) -> Option<(i64, ConsumerKey)> {
        self.0.iter_mut().find_map(|(priority, lane)| Some((*priority, lane.pop_front()?)))
    }

    /// Takes the consumer out and says whether it was there.
    pub(super) fn remove(&mut self, priority: i64, key: ConsumerKey) -> bool {
        let lane = self.0.iter_mut().find(|(other, _)| *other == priority);
        let Some((_, lane)) = lane else { return false };
        let Some(place) = lane.iter().position(|other| *other == key) else {
            return false;
        };
        lane.remove(place);
        true
    }

    pub(super) fn contains(&self, priority: i64, key: ConsumerKey) -> bool {
        let lane = self.0.iter().find(|(other, _)| *other == priority);
        lane.is_some_and(|(_, lane)| lane.contains(&key))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, ConsumerKey)> {
        self.0.iter().flat_map(|(priority, lane)| lane.iter().map(|key| (*priority, *key)))
    }
}
