//! Buyers: when they place orders, how long they wait, and when they come back.

use super::calls::retry_after;
use super::*;
use crate::simulation::order::Order;
use crate::simulation::scenario::Gaps;

const COUNTRIES: [&str; 6] = ["DE", "FR", "GB", "NL", "US", "SE"];
const MINUTE_US: u64 = 60_000_000;
const STEP: Duration = Duration::from_secs(1);

/// Orders to come.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    pub per_minute: u32,
    /// The next order, unless none comes.
    next: Option<Place>,
    ramp: Option<Ramp>,
    gaps: Stream,
    contents: Stream,
    priorities: Stream,
    patience: Stream,
    /// The orders of buyers who may come back.
    kept: LiteMap<u32, Rc<[u8]>>,
}

/// The rate is on its way to another one.
#[derive(Clone, Debug)]
struct Ramp {
    from: u32,
    to: u32,
    begun: Instant,
    over: Duration,
}

impl Arrivals {
    pub fn new(seed: u64) -> Arrivals {
        Arrivals {
            per_minute: 0,
            next: None,
            ramp: None,
            gaps: Stream::new(seed, "gaps between orders"),
            contents: Stream::new(seed, "contents of orders"),
            priorities: Stream::new(seed, "priorities of orders"),
            patience: Stream::new(seed, "retries of buyers"),
            kept: LiteMap::new(),
        }
    }
}

impl World {
    pub(super) fn expect_orders(&mut self) {
        let arrivals = &self.scenario.clone().arrivals;
        for change in &arrivals.changes {
            let (per_minute, over_ms) = (change.per_minute, change.over_ms);
            let task = Task::ChangeArrivals { per_minute, over_ms };
            self.agenda.add(Instant::from_millis(change.at_ms), task);
        }
        for burst in &arrivals.bursts {
            let every_us = burst.within_ms * 1_000 / u64::from(burst.orders.max(1));
            let task = Task::Burst { left: burst.orders, every_us };
            self.agenda.add(Instant::from_millis(burst.at_ms), task);
        }
        self.expect_recorded(0);
    }

    fn expect_recorded(&mut self, index: u32) {
        if let Some(ms) = self.scenario.arrivals.recorded_ms.get(index as usize) {
            self.agenda.add(Instant::from_millis(*ms), Task::PlaceRecorded(index));
        }
    }

    pub(super) fn place_recorded(&mut self, index: u32) {
        self.place_order();
        self.expect_recorded(index + 1);
    }

    /// One order of a burst is placed; the others follow.
    pub(super) fn burst(&mut self, left: u32, every_us: u64) {
        if left == 0 {
            return;
        }
        self.place_order();
        let due = self.now + Duration::from_micros(every_us);
        self.agenda.add(due, Task::Burst { left: left - 1, every_us });
    }

    /// Changes the rate of orders; the gap that is running is drawn anew.
    pub(super) fn set_arrivals(&mut self, per_minute: u32) {
        self.cancel(&Timer::Ramp);
        self.arrivals.ramp = None;
        self.arrivals.per_minute = per_minute;
        self.next_gap();
    }

    /// Lets the rate of orders go to another one in even steps.
    pub(super) fn ramp_arrivals(&mut self, to: u32, over_ms: u64) {
        if over_ms == 0 {
            return self.set_arrivals(to);
        }
        let over = Duration::from_millis(over_ms);
        let from = self.arrivals.per_minute;
        self.arrivals.ramp = Some(Ramp { from, to, begun: self.now, over });
        self.schedule(Timer::Ramp, self.now + STEP);
    }

    /// One step of a ramp: the gap that is running shrinks or grows with the mean gap.
    pub(super) fn ramp_step(&mut self) {
        let Some(Ramp { from, to, begun, over }) = self.arrivals.ramp else {
            return;
        };
        let (from, to) = (i64::from(from), i64::from(to));
        let elapsed = self.now.since(begun).min(over).as_millis() as i64;
        let rate = (from + (to - from) * elapsed / over.as_millis() as i64) as u32;
        let before = std::mem::replace(&mut self.arrivals.per_minute, rate);
        match self.arrivals.next.take() {
            Some(place) if rate > 0 => {
                self.agenda.remove(place);
                let left = place.due().since(self.now).as_micros() as u64;
                let left = left * u64::from(before) / u64::from(rate);
                self.next_order_in(left);
            }
            Some(place) => self.agenda.remove(place),
            None => self.next_gap(),
        }
        if elapsed < over.as_millis() as i64 {
            self.schedule(Timer::Ramp, (self.now + STEP).min(begun + over));
        } else {
            self.arrivals.ramp = None;
        }
    }

    fn is_over(&self) -> bool {
        self.scenario.arrivals.limit.is_some_and(|limit| self.ledger.placed() >= limit)
    }

    /// Draws the gap before the next order anew.
    fn next_gap(&mut self) {
        if let Some(place) = self.arrivals.next.take() {
            self.agenda.remove(place);
        }
        if self.is_over() || self.arrivals.per_minute == 0 {
            return;
        }
        let mean = MINUTE_US / u64::from(self.arrivals.per_minute);
        let gap = match self.scenario.arrivals.gaps {
            Gaps::Even => {
                let percent = u64::from(self.scenario.arrivals.jitter_percent.min(100));
                let stray = mean * percent / 100;
                self.arrivals.gaps.between(mean - stray, mean + stray)
            }
            Gaps::Poisson => self.arrivals.gaps.exponential(mean),
        };
        self.next_order_in(gap);
    }

    fn next_order_in(&mut self, micros: u64) {
        let due = self.now + Duration::from_micros(micros);
        self.arrivals.next = Some(self.agenda.add(due, Task::PlaceOrder));
    }

    /// The order that the rate brings.
    pub(super) fn place_next_order(&mut self) {
        self.arrivals.next = None;
        self.place_order();
        self.next_gap();
    }

    /// A buyer places an order at the door.
    fn place_order(&mut self) {
        if self.is_over() {
            return;
        }
        let order = self.ledger.place(self.now);
        self.metrics.placed.count(self.now);
        self.note(Event::OrderPlaced { order });
        let malformed = self.scenario.arrivals.malformed_addresses.contains(&order);
        let priority = self.draw_priority();
        let contents = &mut self.arrivals.contents;
        let declined = contents.chance(self.scenario.arrivals.declined_percent, 100);
        let country = COUNTRIES[contents.below(COUNTRIES.len() as u64) as usize];
        let document = Order {
            order_id: Order::id(order),
            amount_cents: contents.between(900, 24_000) as u32,
            country: country.to_owned(),
            address: if malformed {
                String::new()
            } else {
                format!("{} Harbour Road", contents.between(1, 240))
            },
            card_is_good: malformed || !declined,
            paid: false,
            priority,
        };
        self.ledger.price(order, document.amount_cents);
        self.buyer_calls(order, 1, document.to_bytes());
    }

    fn draw_priority(&mut self) -> u8 {
        let shares = &self.scenario.arrivals.priorities;
        if shares.is_empty() {
            return 0;
        }
        let mut place = self.arrivals.priorities.below(100);
        for share in shares {
            if place < u64::from(share.percent) {
                return share.priority;
            }
            place -= u64::from(share.percent);
        }
        0
    }

    fn buyer_calls(&mut self, order: u32, attempt: u32, body: Rc<[u8]>) {
        let call = self.id();
        self.calls.insert(call, Caller::Buyer { order, attempt });
        self.give_up_after(call, self.buyers.patience_ms);
        if self.buyers.retry.attempts > 0 {
            self.arrivals.kept.insert(order, body.clone());
        }
        self.call_service(Endpoint::Buyer, self.door(), call, order, body);
    }

    /// A buyer has an answer, or has given up waiting for one, and comes back or not.
    pub(super) fn buyer_has_answer(
        &mut self,
        order: u32,
        attempt: u32,
        outcome: Result<(), Rc<str>>,
    ) {
        let unhappy = outcome.as_ref().err().filter(|reason| ***reason != *work::DECLINED);
        if let Some(reason) = unhappy
            && self.arrivals.kept.contains_key(&order)
            && let Some(delay) = self.buyers.retry.after(attempt, &mut self.arrivals.patience)
        {
            let due = self.now + delay.max(retry_after(reason));
            self.agenda.add(due, Task::BuyAgain { order, attempt: attempt + 1 });
            return;
        }
        self.arrivals.kept.remove(&order);
        self.order_is_answered(order, outcome);
    }

    /// True as long as a buyer may try the order again.
    pub(super) fn buyer_may_come_back(&self, order: u32) -> bool {
        self.arrivals.kept.contains_key(&order)
    }

    pub(super) fn buy_again(&mut self, order: u32, attempt: u32) {
        if let Some(body) = self.arrivals.kept.get(&order).cloned() {
            self.bought_again += 1;
            let (caller, callee) = (Endpoint::Buyer, self.door());
            self.note(Event::CallRetried { order, caller, callee, attempt });
            self.buyer_calls(order, attempt, body);
        }
    }

    /// The service at which orders are placed. A checked scenario has one.
    pub(super) fn door(&self) -> u16 {
        let door = self.scenario.door().map(|door| &door.id);
        let index = self.services.iter().position(|service| Some(&service.spec.id) == door);
        index.expect("a scenario with orders has a service that takes HTTP calls") as u16
    }
}
