//! The timers that are set, by whose they are.
//!
//! They are set and cancelled at every step of a run, so they lie in short lists: one for each
//! client and one for everything else.

use litemap::LiteMap;

use super::{ClientId, Place, Timer, kafka};
use crate::engine::kafka::ProducerTimer;

/// Each timer, its mark and its place on the agenda.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    by_owner: LiteMap<ClientId, Vec<(u32, Timer, Place)>>,
}

/// No client has this number: brokers, calls and what comes over time.
const BROKERS: ClientId = ClientId(0);

impl Timers {
    /// Sets a timer and returns the place that it had before.
    pub fn insert(&mut self, timer: Timer, place: Place) -> Option<Place> {
        let list = self.by_owner.entry(owner(&timer)).or_default();
        match find(list, &timer) {
            Some(index) => Some(std::mem::replace(&mut list[index].2, place)),
            None => {
                list.push((mark(&timer), timer, place));
                None
            }
        }
    }

    pub fn remove(&mut self, timer: &Timer) -> Option<Place> {
        let list = self.by_owner.get_mut(&owner(timer))?;
        let index = find(list, timer)?;
        Some(list.swap_remove(index).2)
    }

    pub fn is_set(&self, timer: &Timer) -> bool {
        let list = self.by_owner.get(&owner(timer));
        list.is_some_and(|list| find(list, timer).is_some())
    }

    pub fn keys(&self) -> impl Iterator<Item = &Timer> {
        self.by_owner.values().flatten().map(|(_, timer, _)| timer)
    }
}

fn find(list: &[(u32, Timer, Place)], timer: &Timer) -> Option<usize> {
    let mark = mark(timer);
    list.iter().position(|(known, set, _)| *known == mark && set == timer)
}

/// A number that equal timers share and others mostly do not: names are compared only then.
fn mark(timer: &Timer) -> u32 {
    match timer {
        Timer::Consumer(_, timer) => *timer as u32,
        Timer::Kafka(kafka::Timer::FetchWait(call) | kafka::Timer::ProduceWait(call)) => {
            call.correlation
        }
        Timer::Kafka(kafka::Timer::Session { member, .. }) => {
            member.bytes().rev().take(4).fold(0, |mark, byte| mark << 8 | u32::from(byte))
        }
        Timer::Kafka(kafka::Timer::ReplicaFetch { partition, broker }) => {
            partition.partition << 8 ^ broker
        }
        Timer::Producer(_, ProducerTimer::Linger(at)) => at.partition << 3 | 1,
        Timer::Producer(_, ProducerTimer::Delivery(at)) => at.partition << 3 | 2,
        Timer::Producer(_, ProducerTimer::Request(correlation)) => correlation << 3 | 3,
        Timer::Call(call) => *call as u32,
        Timer::Producer(..)
        | Timer::Kafka(_)
        | Timer::RabbitMq(_)
        | Timer::Scaler(_)
        | Timer::Ramp => 0,
    }
}

fn owner(timer: &Timer) -> ClientId {
    match timer {
        Timer::Consumer(client, _) | Timer::Producer(client, _) => *client,
        Timer::Kafka(kafka::Timer::FetchWait(call) | kafka::Timer::ProduceWait(call)) => {
            call.client
        }
        Timer::Kafka(_) | Timer::RabbitMq(_) | Timer::Call(_) | Timer::Scaler(_) | Timer::Ramp => {
            BROKERS
        }
    }
}
