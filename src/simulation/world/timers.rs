//! The timers that are set, by whose they are.
//!
//! They are set and cancelled at every step of a run, so they lie in short lists: one for each
//! client and one for everything else.

use litemap::LiteMap;

use super::{ClientId, Place, Timer, kafka};

/// Each timer and its place on the agenda.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    by_owner: LiteMap<ClientId, Vec<(Timer, Place)>>,
}

/// No client has this number: brokers, calls and what comes over time.
const BROKERS: ClientId = ClientId(0);

impl Timers {
    /// Sets a timer and returns the place that it had before.
    pub fn insert(&mut self, timer: Timer, place: Place) -> Option<Place> {
        let list = self.by_owner.entry(owner(&timer)).or_default();
        match list.iter_mut().find(|(set, _)| *set == timer) {
            Some((_, before)) => Some(std::mem::replace(before, place)),
            None => {
                list.push((timer, place));
                None
            }
        }
    }

    pub fn remove(&mut self, timer: &Timer) -> Option<Place> {
        let list = self.by_owner.get_mut(&owner(timer))?;
        let index = list.iter().position(|(set, _)| set == timer)?;
        Some(list.swap_remove(index).1)
    }

    pub fn is_set(&self, timer: &Timer) -> bool {
        let list = self.by_owner.get(&owner(timer));
        list.is_some_and(|list| list.iter().any(|(set, _)| set == timer))
    }

    pub fn keys(&self) -> impl Iterator<Item = &Timer> {
        self.by_owner.values().flatten().map(|(timer, _)| timer)
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
