//! HTTP: calls from buyers and from services, and their answers.

use super::*;
use crate::simulation::job::Source;
use crate::simulation::scenario::{Effect, Input};
use crate::simulation::service::{Intake, WaitingCall};

impl World {
    /// Sends a call to the next instance that is up, round robin; if none is, to the first one,
    /// where the connection is refused.
    pub(super) fn call_service(
        &mut self,
        from: Endpoint,
        service: u16,
        call: u64,
        order: u32,
        body: Rc<[u8]>,
    ) {
        let body = self.poisoned(service, body);
        let target = &mut self.services[usize::from(service)];
        let count = target.instances.len().max(1) as u16;
        let start = target.next_instance;
        let up = (0..count).map(|step| (start + step) % count).find(|index| {
            target.instances.get(usize::from(*index)).is_some_and(|one| one.up && !one.leaving)
        });
        let instance = up.unwrap_or(0);
        target.next_instance = (instance + 1) % count;
        let to = Endpoint::Service { service, instance };
        self.send(from, to, Some(order), Cargo::HttpRequest { call, body });
    }

    /// A call reaches an instance: it is worked on, waits for a free place, or is refused.
    pub(super) fn take_call(
        &mut self,
        to: Endpoint,
        call: u64,
        order: Option<u32>,
        body: Rc<[u8]>,
    ) {
        let Endpoint::Service { service, instance } = to else {
            return;
        };
        let seat = Seat { service, instance };
        let order = order.unwrap_or(0);
        if self.service_at(seat).spec.projection.is_some() {
            return self.take_read(to, call, order);
        }
        let now = self.now;
        let Input::Http { concurrency, .. } = self.service_at(seat).spec.input else {
            return;
        };
        let up = self.instance_at(seat).filter(|instance| instance.up);
        if up.is_none() {
            let what = "request";
            self.note(Event::Dropped { order: Some(order), to, what });
            let name = self.service_at(seat).spec.id.clone();
            self.answer_call(to, call, Err(format!("{name} is down: connection refused").into()));
            return;
        }
        if let Some(reason) = self.refusal(seat, order, &body) {
            return self.answer_call(to, call, Err(reason));
        }
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        if instance.jobs.len() < concurrency as usize {
            self.begin(seat, order, body, Source::Call { call }, 1, now);
        } else if let Intake::Http { waiting } = &mut instance.intake {
            waiting.push_back(WaitingCall { call, order, body, arrived_at: now });
        }
    }

    pub(super) fn answer_call(&mut self, from: Endpoint, call: u64, outcome: Result<(), Rc<str>>) {
        let Some(caller) = self.calls.get(&call) else {
            return self.abandoned(from);
        };
        let (to, order) = match *caller {
            Caller::Buyer { order, .. } | Caller::Reader { order, .. } => (Endpoint::Buyer, order),
            Caller::Job { seat, order, .. } => (seat.into(), order),
        };
        self.send(from, to, Some(order), Cargo::HttpResponse { call, outcome });
    }

    /// The caller has given up; nobody hears the answer.
    fn abandoned(&mut self, from: Endpoint) {
        if let Endpoint::Service { service, .. } = from {
            self.services[usize::from(service)].abandoned += 1;
        }
    }

    pub(super) fn take_answer(&mut self, call: u64, outcome: Result<(), Rc<str>>) {
        self.cancel(&Timer::Call(call));
        match self.calls.remove(&call) {
            None => {}
            Some(Caller::Buyer { order, attempt }) => {
                self.buyer_has_answer(order, attempt, outcome);
            }
            Some(Caller::Reader { order, asked_at }) => {
                self.reader_has_answer(order, asked_at, outcome);
            }
            Some(Caller::Job { seat, job, made_at, .. }) => {
                self.call_is_over(seat, job, made_at, outcome);
            }
        }
    }

    /// The answer to a buyer's order is final.
    pub(super) fn order_is_answered(&mut self, order: u32, outcome: Result<(), Rc<str>>) {
        let reason: Rc<str> = match &outcome {
            Ok(()) => "".into(),
            Err(reason) => reason.clone(),
        };
        if let Some(account) = self.ledger.account(order) {
            let waited = self.now.since(account.placed_at);
            self.metrics.checkout.record(self.now, waited);
        }
        match outcome {
            Ok(()) => {
                self.accepted += 1;
                self.expect_read(order);
            }
            // The shop did what it should; it is the card issuer who said no.
            Err(_) if *reason == *work::DECLINED => {}
            Err(_) => self.refused += 1,
        }
        let accepted = outcome.is_ok();
        self.note(Event::OrderAnswered { order, accepted, reason: reason.clone() });
        let finding = self.ledger.answer(self.now, order, outcome.map_err(|_| &*reason));
        self.note_finding(order, finding);
    }

    /// Books a business effect with the referee.
    pub(super) fn effect(&mut self, seat: Seat, job: u64, effect: Effect) {
        let Some(job) = self.job_at(seat, job) else {
            return;
        };
        job.effected = true;
        let (order, source, attempt) = (job.order, job.source.clone(), job.attempt);
        if self.is_recognised(seat, order, effect) {
            return;
        }
        self.note(Event::Effected { order, service: seat.service, effect });
        let cause = self.cause_of_repeat(seat, &source, attempt);
        let finding = self.ledger.book(self.now, order, effect, cause);
        if finding.is_some() {
            self.note_finding_on(order, finding, source.message());
        }
    }
}
