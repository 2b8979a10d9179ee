//! Projections: what a service keeps of the records that it read, folded by order.

use std::rc::Rc;

use crate::engine::Instant;

use super::metrics::Latency;
use super::numbers::Numbers;
use super::observation::ReadFigures;
use super::order::Order;
use super::scenario::{ProjectionSpec, ReadSpec};

/// The part of a read model that comes from one partition. A copy shares its rows.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Everything before this offset is folded in.
    pub next: u64,
    /// For each order, one more than the place of its last event in `states`.
    rows: Numbers,
    /// How many orders each event was the last one of.
    states: Vec<(Rc<str>, u64)>,
    pub orders: u64,
    pub balance_cents: u64,
    pub since_snapshot: u32,
}

impl View {
    /// Takes an event in. An order that is seen for the first time adds its amount.
    pub fn fold(&mut self, spec: ProjectionSpec, number: u32, event: &Rc<str>, order: &Order) {
        match self.rows.get(number) {
            0 => {
                let cents = u64::from(order.amount_cents);
                self.orders += 1;
                self.balance_cents += if spec.drops_cents { cents / 100 * 100 } else { cents };
            }
            before => self.states[before as usize - 1].1 -= 1,
        }
        let place = match self.states.iter().position(|(name, _)| name == event) {
            Some(place) => place,
            None => {
                self.states.push((event.clone(), 0));
                self.states.len() - 1
            }
        };
        self.states[place].1 += 1;
        self.rows.set(number, place as u64 + 1);
        self.since_snapshot += 1;
    }

    pub fn has(&self, order: u32) -> bool {
        self.rows.get(order) != 0
    }

    pub fn states(&self) -> &[(Rc<str>, u64)] {
        &self.states
    }
}

/// Buyers who look their own orders up after they placed them.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    pub spec: Option<ReadSpec>,
    /// Calls that wait until the read model has their order.
    pub waiting: Vec<WaitingRead>,
    fresh: u64,
    stale: u64,
    failed: u64,
    latency: Latency,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct WaitingRead {
    pub call: u64,
    pub order: u32,
    pub from: super::Endpoint,
}

/// What a buyer learns of the order just placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Read {
    Fresh,
    /// The read model does not have it yet.
    Stale,
    /// Nobody answered.
    Failed,
}

impl Readers {
    pub fn new(spec: Option<ReadSpec>) -> Readers {
        let (fresh, stale, failed) = (0, 0, 0);
        let (waiting, latency) = (Vec::new(), Latency::default());
        Readers { spec, waiting, fresh, stale, failed, latency }
    }

    pub fn count(&mut self, read: Read, asked_at: Instant, now: Instant) {
        *match read {
            Read::Fresh => &mut self.fresh,
            Read::Stale => &mut self.stale,
            Read::Failed => &mut self.failed,
        } += 1;
        self.latency.record(now.since(asked_at));
    }

    pub fn figures(&self) -> ReadFigures {
        ReadFigures {
            waits: self.spec.as_ref().is_some_and(|spec| spec.waits),
            fresh: self.fresh,
            stale: self.stale,
            failed: self.failed,
            p50_ms: self.latency.percentile_ms(50),
            p95_ms: self.latency.percentile_ms(95),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_keeps_the_last_event_and_counts_an_amount_once() {
        let order = Order {
            order_id: Order::id(1),
            amount_cents: 1_250,
            country: "DE".to_owned(),
            address: String::new(),
            card_is_good: true,
            paid: false,
            priority: 0,
        };
        let mut view = View::default();
        let right = ProjectionSpec::default();
        view.fold(right, 1, &"created".into(), &order);
        let copy = view.clone();
        view.fold(right, 1, &"paid".into(), &order);
        view.fold(ProjectionSpec { drops_cents: true, ..right }, 2, &"created".into(), &order);
        assert_eq!((view.orders, view.balance_cents), (2, 2_450));
        assert_eq!(view.states(), [("created".into(), 1), ("paid".into(), 1)]);
        assert_eq!((copy.states(), copy.has(2)), ([("created".into(), 1)].as_slice(), false));
    }
}
