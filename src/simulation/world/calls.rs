//! Calls that a service makes: each with its timeout, its retries, its bulkhead and its breaker.

use super::*;
use crate::simulation::breaker::BreakerState;
use crate::simulation::job::Stage;
use crate::simulation::order::Order;
use crate::simulation::scenario::Effect;
use crate::simulation::service::Outgoing;

impl World {
    /// The call that was waited for succeeded.
    fn next_call(&mut self, seat: Seat, id: u64, index: u16) {
        let callee = self.outgoing(seat, index).callee;
        let charged = self.services[usize::from(callee)].spec.does == Some(Effect::Charge);
        if charged && let Some(job) = self.job_at(seat, id) {
            let paid = Order::from_bytes(&job.body).map(|order| Order { paid: true, ..order });
            job.body = paid.map_or(job.body.clone(), |order| order.to_bytes());
        }
        self.call_from(seat, id, index + 1);
    }

    /// Makes the first call that is switched on from `index` on; after the last, publishes.
    pub(super) fn call_from(&mut self, seat: Seat, id: u64, index: u16) {
        let calls = &self.service_at(seat).calls;
        let next = (index..calls.len() as u16).find(|at| calls[usize::from(*at)].spec.enabled);
        match next {
            Some(index) => self.try_call(seat, id, index, 1),
            None => self.store_and_publish(seat, id),
        }
    }

    /// Makes a call, unless the caller itself stops it; then there is no further attempt.
    pub(super) fn try_call(&mut self, seat: Seat, id: u64, index: u16, attempt: u32) {
        if let Some(reason) = self.stopped(seat, index) {
            return self.fail(seat, id, reason);
        }
        let now = self.now;
        let outgoing = self.outgoing(seat, index);
        outgoing.made += 1;
        let (callee, timeout_ms) = (outgoing.callee, outgoing.spec.timeout_ms);
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        job.stage = Stage::Calling { index, attempt };
        let (order, body) = (job.order, job.body.clone());
        let call = self.id();
        self.calls.insert(call, Caller::Job { seat, job: id, order, made_at: now });
        self.give_up_after(call, timeout_ms);
        if attempt > 1 {
            self.outgoing(seat, index).retried += 1;
            let caller = seat.into();
            self.note(Event::CallRetried { order, caller, callee, attempt });
        }
        self.call_service(seat.into(), callee, call, order, body);
    }

    pub(super) fn give_up_after(&mut self, call: u64, timeout_ms: Option<u64>) {
        if let Some(ms) = timeout_ms {
            self.schedule(Timer::Call(call), self.now + Duration::from_millis(ms));
        }
    }

    /// Why the caller does not even make the call: its bulkhead is full or its breaker is open.
    fn stopped(&mut self, seat: Seat, index: u16) -> Option<Rc<str>> {
        let now = self.now;
        let outgoing = self.outgoing(seat, index);
        let (spec, callee) = (outgoing.spec.clone(), outgoing.callee);
        let instance = self.instance_at(seat)?;
        let waiting = |most: u32| instance.waiting_for(index) >= u64::from(most);
        let full = spec.bulkhead.is_some_and(waiting);
        let name = self.services[usize::from(callee)].spec.id.clone();
        if full {
            self.outgoing(seat, index).stopped += 1;
            return Some(format!("503: the bulkhead for {name} is full").into());
        }
        let breaker = &mut self.instance_at(seat)?.breakers[usize::from(index)];
        let before = breaker.state();
        let admitted = breaker.admits(spec.breaker.as_ref()?, now);
        let after = breaker.state();
        self.breaker_turned(seat, index, before, after);
        if admitted {
            return None;
        }
        self.outgoing(seat, index).stopped += 1;
        Some(format!("503: the circuit breaker for {name} is open").into())
    }

    /// A call that a job waited for is answered, or its time is up.
    pub(super) fn call_is_over(
        &mut self,
        seat: Seat,
        id: u64,
        made_at: Instant,
        outcome: Result<(), Rc<str>>,
    ) {
        let Some(Stage::Calling { index, attempt }) = self.job_at(seat, id).map(|job| job.stage)
        else {
            return;
        };
        // A declined card is an answer like any other.
        let answered = outcome.as_ref().err().is_none_or(|reason| **reason == *work::DECLINED);
        self.breaker_learns(seat, index, made_at, answered);
        match outcome {
            Ok(()) => self.next_call(seat, id, index),
            Err(reason) if answered => self.fail(seat, id, reason),
            Err(reason) => self.call_failed(seat, id, (index, attempt), reason),
        }
    }

    fn call_failed(&mut self, seat: Seat, id: u64, (index, attempt): (u16, u32), reason: Rc<str>) {
        let outgoing = self.outgoing(seat, index);
        outgoing.failed += 1;
        let spec = outgoing.spec.clone();
        let delay = spec.retry.after(attempt, &mut self.service_at(seat).call_draws);
        let Some(delay) = delay else {
            return self.fail(seat, id, reason);
        };
        let until = self.now + delay.max(retry_after(&reason));
        self.wait(seat, id, Stage::Backoff { index, attempt: attempt + 1, until }, until);
    }

    fn breaker_learns(&mut self, seat: Seat, index: u16, made_at: Instant, succeeded: bool) {
        let now = self.now;
        let spec = self.outgoing(seat, index).spec.clone();
        let Some(rules) = &spec.breaker else { return };
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let breaker = &mut instance.breakers[usize::from(index)];
        let before = breaker.state();
        breaker.learn(rules, made_at, now, succeeded);
        let after = breaker.state();
        self.breaker_turned(seat, index, before, after);
    }

    fn breaker_turned(
        &mut self,
        seat: Seat,
        index: u16,
        before: BreakerState,
        after: BreakerState,
    ) {
        if before == after {
            return;
        }
        let outgoing = self.outgoing(seat, index);
        outgoing.opened += u64::from(after == BreakerState::Open);
        let (callee, state) = (outgoing.callee, after.name());
        self.note(Event::BreakerTurned { caller: seat.into(), callee, state });
    }

    /// The time of a caller is up. The service that was called does not hear of it.
    pub(super) fn call_timed_out(&mut self, call: u64) {
        let Some(caller) = self.calls.get(&call).copied() else {
            return;
        };
        let (from, order, callee, ms) = match caller {
            Caller::Buyer { order, .. } => {
                self.timed_out += 1;
                (Endpoint::Buyer, order, self.door(), self.buyers.patience_ms)
            }
            Caller::Reader { order, .. } => {
                (Endpoint::Buyer, order, self.projection(), self.buyers.patience_ms)
            }
            Caller::Job { seat, job, order, .. } => {
                let Some(Stage::Calling { index, .. }) = self.job_at(seat, job).map(|it| it.stage)
                else {
                    self.calls.remove(&call);
                    return;
                };
                let outgoing = self.outgoing(seat, index);
                outgoing.timed_out += 1;
                (seat.into(), order, outgoing.callee, outgoing.spec.timeout_ms)
            }
        };
        self.note(Event::CallTimedOut { order, caller: from, callee });
        let (name, ms) = (&self.services[usize::from(callee)].spec.id, ms.unwrap_or_default());
        self.take_answer(call, Err(format!("504: no answer from {name} within {ms} ms").into()));
    }

    fn outgoing(&mut self, seat: Seat, index: u16) -> &mut Outgoing {
        &mut self.service_at(seat).calls[usize::from(index)]
    }
}

/// What an answer says in its header `Retry-After`, or no time.
pub(super) fn retry_after(answer: &str) -> Duration {
    let seconds = answer.split_once("Retry-After: ").and_then(|(_, rest)| rest.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}
