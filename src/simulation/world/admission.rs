//! At the door of an HTTP service: which calls it lets in.

use super::*;
use crate::simulation::order::Order;
use crate::simulation::scenario::{Admission, Input};

const SECOND_US: u64 = 1_000_000;

impl World {
    /// Why a call is turned away, if it is; noted and counted.
    pub(super) fn refusal(&mut self, seat: Seat, order: u32, body: &[u8]) -> Option<Rc<str>> {
        let rules = self.service_at(seat).admission.clone();
        if *rules == Admission::default() {
            return None;
        }
        let fill = self.fill(seat, &rules);
        let id = self.service_at(seat).spec.id.clone();
        let urgent = |least| Order::from_bytes(body).is_some_and(|order| order.priority >= least);
        let shed = fill.half && !rules.shed_below.is_none_or(urgent);
        let reason = if shed {
            format!("503: {id} is busy and the order can wait")
        } else if fill.full {
            format!("503: {id} is busy")
        } else if !self.within_rate(seat, rules.rate_per_second) {
            format!("429: too many calls of {id}")
        } else {
            return None;
        };
        let service = self.service_at(seat);
        service.shed += u64::from(shed);
        service.rejected += u64::from(!shed);
        let reason: Rc<str> = match rules.retry_after_s {
            Some(seconds) => format!("{reason}, Retry-After: {seconds}").into(),
            None => reason.into(),
        };
        let (service, text) = (seat.service, reason.clone());
        self.note(match shed {
            true => Event::CallShed { order, service, reason: text },
            false => Event::CallRejected { order, service, reason: text },
        });
        Some(reason)
    }

    /// How full the service and what lies behind it are.
    fn fill(&mut self, seat: Seat, rules: &Admission) -> Fill {
        let mut fill = Fill::default();
        if let Some(most) = rules.queue {
            let (free, waiting) = self.places(seat);
            fill.add(free == 0 && waiting >= u64::from(most), 2 * waiting >= u64::from(most));
        }
        if let Some(guard) = &rules.depth {
            let depth = self.measure(&guard.measure);
            fill.add(depth > guard.above, 2 * depth >= guard.above);
        }
        fill
    }

    /// Free places at an instance, and calls that wait for one.
    fn places(&mut self, seat: Seat) -> (u64, u64) {
        let Input::Http { concurrency, .. } = self.service_at(seat).spec.input else {
            return (0, 0);
        };
        let Some(instance) = self.instance_at(seat) else {
            return (0, 0);
        };
        let free = u64::from(concurrency).saturating_sub(instance.jobs.len() as u64);
        (free, figures::waiting(&instance.intake))
    }

    /// A token bucket of one second's tokens, kept as the moment at which it is full again.
    fn within_rate(&mut self, seat: Seat, per_second: Option<u32>) -> bool {
        let Some(per_second) = per_second else {
            return true;
        };
        let now = self.now;
        let token = SECOND_US / u64::from(per_second);
        let service = self.service_at(seat);
        let full_at = service.bucket_full_at.max(now);
        if full_at.since(now) + Duration::from_micros(token) > Duration::from_secs(1) {
            return false;
        }
        service.bucket_full_at = full_at + Duration::from_micros(token);
        true
    }
}

#[derive(Default)]
struct Fill {
    full: bool,
    half: bool,
}

impl Fill {
    fn add(&mut self, full: bool, half: bool) {
        self.full |= full;
        self.half |= half;
    }
}
