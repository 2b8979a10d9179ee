//! HTTP: calls from buyers and from services, and their answers.

use super::*;
use crate::simulation::job::{Source, Stage};
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
        let up = (0..count)
            .map(|step| (start + step) % count)
            .find(|index| target.instances.get(usize::from(*index)).is_some_and(|one| one.up));
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
        let now = self.now;
        let Input::Http { concurrency } = self.service_at(seat).spec.input else {
            return;
        };
        let up = self.instance_at(seat).filter(|instance| instance.up);
        let Some(instance) = up else {
            let what = "request";
            self.note(Event::Dropped { order: Some(order), to, what });
            let name = self.service_at(seat).spec.id.clone();
            self.answer_call(to, call, Err(format!("{name} is down: connection refused").into()));
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
            return;
        };
        let (to, order) = match *caller {
            Caller::Buyer { order } => (Endpoint::Buyer, order),
            Caller::Job { seat, order, .. } => (seat.into(), order),
        };
        self.send(from, to, Some(order), Cargo::HttpResponse { call, outcome });
    }

    pub(super) fn take_answer(&mut self, call: u64, outcome: Result<(), Rc<str>>) {
        match self.calls.remove(&call) {
            None => {}
            Some(Caller::Buyer { order }) => self.buyer_has_answer(order, outcome),
            Some(Caller::Job { seat, job, .. }) => {
                let calling = self
                    .job_at(seat, job)
                    .is_some_and(|job| matches!(job.stage, Stage::Calling { .. }));
                if calling {
                    match outcome {
                        Ok(()) => self.next_call(seat, job),
                        Err(reason) => self.fail(seat, job, reason),
                    }
                }
            }
        }
    }

    fn buyer_has_answer(&mut self, order: u32, outcome: Result<(), Rc<str>>) {
        let reason: Rc<str> = match &outcome {
            Ok(()) => "".into(),
            Err(reason) => reason.clone(),
        };
        if let Some(account) = self.ledger.account(order) {
            let waited = self.now.since(account.placed_at);
            self.metrics.checkout.record(self.now, waited);
        }
        match outcome {
            Ok(()) => self.accepted += 1,
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
    pub(super) fn effect(&mut self, seat: Seat, job: u64, effect: Effect, cause: &str) {
        let Some(job) = self.job_at(seat, job) else {
            return;
        };
        job.effected = true;
        let (order, source) = (job.order, job.source.clone());
        self.note(Event::Effected { order, service: seat.service, effect });
        let finding = self.ledger.book(self.now, order, effect, cause);
        if finding.is_some() {
            self.note_finding_on(order, finding, source.message());
        }
    }
}
