//! The timers that are set, by whose they are.
//!
//! They are set and cancelled at every step of a run, so they lie in short lists: one for each
//! client, some for the sessions of groups, and one for everything else.

use litemap::LiteMap;

use super::{Instant, Place, Timer, kafka};
use crate::engine::kafka::ProducerTimer;

#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    by_owner: LiteMap<u64, Vec<SetTimer>>,
}

#[derive(Clone, Debug)]
pub(super) struct SetTimer {
    mark: u32,
    timer: Timer,
    /// On the agenda, at the latest when it is due.
    pub place: Place,
    pub due: Instant,
}

/// The list of what no client sets: brokers, calls and what comes over time.
const BROKERS: u64 = 0;
/// As many lists of sessions, by the mark of the timer.
const SESSIONS: u32 = 1 << 5;
/// The lists of clients.
const CLIENTS: u64 = 1 << 6;

impl Timers {
    /// Sets a timer that is not set.
    pub fn insert(&mut self, timer: Timer, place: Place) {
        let list = self.by_owner.entry(owner(&timer)).or_default();
        list.push(SetTimer { mark: mark(&timer), timer, place, due: place.due() });
    }

    pub fn get_mut(&mut self, timer: &Timer) -> Option<&mut SetTimer> {
        let list = self.by_owner.get_mut(&owner(timer))?;
        let index = find(list, timer)?;
        Some(&mut list[index])
    }

    pub fn remove(&mut self, timer: &Timer) -> Option<SetTimer> {
        let list = self.by_owner.get_mut(&owner(timer))?;
        let index = find(list, timer)?;
        Some(list.swap_remove(index))
    }

    pub fn is_set(&self, timer: &Timer) -> bool {
        let list = self.by_owner.get(&owner(timer));
        list.is_some_and(|list| find(list, timer).is_some())
    }

    pub fn keys(&self) -> impl Iterator<Item = &Timer> {
        self.by_owner.values().flatten().map(|set| &set.timer)
    }
}

fn find(list: &[SetTimer], timer: &Timer) -> Option<usize> {
    let mark = mark(timer);
    list.iter().rposition(|set| set.mark == mark && set.timer == *timer)
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

/// The number of the list that a timer is in.
fn owner(timer: &Timer) -> u64 {
    match timer {
        Timer::Consumer(client, _) | Timer::Producer(client, _) => CLIENTS + u64::from(client.0),
        Timer::Kafka(kafka::Timer::FetchWait(call) | kafka::Timer::ProduceWait(call)) => {
            CLIENTS + u64::from(call.client.0)
        }
        Timer::Kafka(kafka::Timer::Session { .. }) => {
            u64::from(mark(timer).wrapping_mul(0x9e37_79b1) / (u32::MAX / SESSIONS + 1)) + 1
        }
        Timer::Kafka(_) | Timer::RabbitMq(_) | Timer::Call(_) | Timer::Scaler(_) | Timer::Ramp => {
            BROKERS
        }
    }
}
