//! Work: what an instance does with a message, from taking it in to answering for it.
//!
//! A job works, books its effect, calls the services it depends on, publishes its records,
//! enqueues its tasks, and only then answers: with a response, a committed offset or an ack.

use super::*;
use crate::simulation::command::CrashPoint;
use crate::simulation::job::{Job, Source, Stage};
use crate::simulation::order::Order;
use crate::simulation::scenario::{AckMode, CommitMode, Effect, Input};
use crate::simulation::service::Intake;

/// What a buyer hears when the card issuer says no. It is an answer, not a failure.
pub(super) const DECLINED: &str = "402: the card was declined";

/// Kafka's `retry.backoff.ms`.
const RETRY_BACKOFF: Duration = Duration::from_millis(100);

impl World {
    pub(super) fn job_at(&mut self, seat: Seat, job: u64) -> Option<&mut Job> {
        self.instance_at(seat)?.jobs.iter_mut().find(|candidate| candidate.id == job)
    }

    /// An instance takes a message in hand.
    pub(super) fn begin(
        &mut self,
        seat: Seat,
        order: u32,
        body: Rc<[u8]>,
        source: Source,
        attempt: u32,
        taken_at: Instant,
    ) {
        let id = self.id();
        let stage = Stage::Working { until: self.now };
        let commit = self.commit_mode(seat);
        let offset = match &source {
            Source::Record { partition, offset } => Some((partition.clone(), offset + 1)),
            Source::Call { .. } | Source::Delivery { .. } => None,
        };
        let job = Job { id, order, body, source, attempt, taken_at, effected: false, stage };
        if let Some(instance) = self.instance_at(seat) {
            instance.jobs.push(job);
        }
        let Seat { service, instance } = seat;
        self.note(Event::WorkStarted { order, service, instance, attempt });
        match (commit, offset) {
            (CommitMode::Before, Some(offset)) => self.commit(seat, id, offset),
            _ if self.crashes_at(seat, CrashPoint::AfterReceive) => {}
            (CommitMode::Before | CommitMode::After | CommitMode::Auto, _) => self.work(seat, id),
        }
    }

    pub(super) fn commit_mode(&self, seat: Seat) -> CommitMode {
        match &self.services[usize::from(seat.service)].spec.input {
            Input::Topic { commit, .. } => *commit,
            Input::Http { .. } | Input::Queue { .. } => CommitMode::After,
        }
    }

    fn work(&mut self, seat: Seat, job: u64) {
        let until = self.now + self.service_at(seat).draw_work();
        self.wait(seat, job, Stage::Working { until }, until);
    }

    fn wait(&mut self, seat: Seat, job: u64, stage: Stage, until: Instant) {
        if let Some(job) = self.job_at(seat, job) {
            job.stage = stage;
        }
        self.agenda.add(until, Task::Job { seat, job });
    }

    pub(super) fn job_is_due(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        match job.stage {
            Stage::Working { .. } => self.work_is_over(seat, id),
            Stage::Waiting { .. } => {
                job.attempt += 1;
                let (order, attempt) = (job.order, job.attempt);
                let Seat { service, instance } = seat;
                self.note(Event::WorkStarted { order, service, instance, attempt });
                self.work(seat, id);
            }
            Stage::Refused { .. } => {
                if let Source::Record { partition, offset } = job.source.clone() {
                    self.commit(seat, id, (partition, offset + 1));
                }
            }
            Stage::Calling { .. }
            | Stage::Publishing { .. }
            | Stage::Answering
            | Stage::Committing => {}
        }
    }

    /// The time for the work is up: it failed, or its effect is in the world.
    fn work_is_over(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let (order, cause, document) =
            (job.order, job.cause_of_repeat(), Order::from_bytes(&job.body));
        let service = self.service_at(seat);
        let Some(document) = document else {
            let reason = format!("{} cannot read the message", service.spec.id);
            return self.fail(seat, id, reason.into());
        };
        if service.spec.does == Some(Effect::Label) && !document.has_address() {
            return self.fail(seat, id, "the address is malformed".into());
        }
        if service.draw_failure() {
            let reason = format!("{} failed", service.spec.id);
            return self.fail(seat, id, reason.into());
        }
        match service.spec.does {
            Some(Effect::Charge) if document.paid => {}
            Some(Effect::Charge) if !document.card_is_good => return self.decline(seat, id, order),
            Some(effect) => self.effect(seat, id, effect, cause),
            None => {}
        }
        if !self.crashes_at(seat, CrashPoint::AfterWork) {
            self.call_from(seat, id, 0);
        }
    }

    /// The card issuer says no: the buyer hears it, nothing is passed on.
    fn decline(&mut self, seat: Seat, job: u64, order: u32) {
        self.note(Event::Declined { order, service: seat.service });
        self.ledger.decline(order);
        match self.job_at(seat, job).map(|job| job.source.clone()) {
            Some(Source::Call { call }) => {
                self.answer_call(seat.into(), call, Err(DECLINED.into()));
                self.done(seat, job);
            }
            Some(Source::Record { .. } | Source::Delivery { .. }) | None => self.finish(seat, job),
        }
    }

    /// The call that was waited for succeeded.
    pub(super) fn next_call(&mut self, seat: Seat, id: u64) {
        let Some(Stage::Calling { index }) = self.job_at(seat, id).map(|job| job.stage) else {
            return;
        };
        let callee = self.service_at(seat).calls[usize::from(index)].0;
        let charged = self.services[usize::from(callee)].spec.does == Some(Effect::Charge);
        if charged && let Some(job) = self.job_at(seat, id) {
            let paid = Order::from_bytes(&job.body).map(|order| Order { paid: true, ..order });
            job.body = paid.map_or(job.body.clone(), |order| order.to_bytes());
        }
        self.call_from(seat, id, index + 1);
    }

    /// Makes the first call that is switched on from `index` on; after the last, publishes.
    fn call_from(&mut self, seat: Seat, id: u64, index: u16) {
        let calls = &self.service_at(seat).calls;
        let next = (index..calls.len() as u16).find(|index| calls[usize::from(*index)].1);
        let Some(index) = next else {
            return self.publish(seat, id);
        };
        let callee = calls[usize::from(index)].0;
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        job.stage = Stage::Calling { index };
        let (order, body) = (job.order, job.body.clone());
        let call = self.id();
        self.calls.insert(call, Caller::Job { seat, job: id, order });
        self.call_service(seat.into(), callee, call, order, body);
    }

    fn publish(&mut self, seat: Seat, id: u64) {
        let spec = self.service_at(seat).spec.clone();
        let open = spec.publishes.len() as u16;
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        job.stage = Stage::Publishing { open };
        let (order, body) = (job.order, job.body.clone());
        if open == 0 {
            return self.enqueue_and_finish(seat, id);
        }
        for topic in &spec.publishes {
            self.produce(seat, id, order, topic, body.clone());
        }
    }

    /// A record of the job is in its topic.
    pub(super) fn published(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let Stage::Publishing { open } = job.stage else {
            return;
        };
        job.stage = Stage::Publishing { open: open - 1 };
        if open == 1 {
            self.enqueue_and_finish(seat, id);
        }
    }

    fn enqueue_and_finish(&mut self, seat: Seat, id: u64) {
        let spec = self.service_at(seat).spec.clone();
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let (order, body) = (job.order, job.body.clone());
        for task in &spec.enqueues {
            self.enqueue(seat, order, task, body.clone());
        }
        if let Some(job) = self.job_at(seat, id) {
            job.stage = Stage::Answering;
        }
        if !self.crashes_at(seat, CrashPoint::BeforeAck) {
            self.finish(seat, id);
        }
    }

    /// Everything is done but the answer.
    pub(super) fn finish(&mut self, seat: Seat, id: u64) {
        let Some(source) = self.job_at(seat, id).map(|job| job.source.clone()) else {
            return;
        };
        match source {
            Source::Call { call } => {
                self.answer_call(seat.into(), call, Ok(()));
                self.done(seat, id);
            }
            Source::Record { partition, offset } if self.commit_mode(seat) == CommitMode::After => {
                self.commit(seat, id, (partition, offset + 1));
            }
            Source::Record { .. } => self.done(seat, id),
            Source::Delivery { channel, delivery_tag, .. } => {
                if self.service_at(seat).ack == AckMode::After {
                    let method = rabbitmq::Method::BasicAck { delivery_tag, multiple: false };
                    self.send_method(seat, channel, None, method);
                }
                self.done(seat, id);
            }
        }
    }

    /// The broker answered a commit: before the work it allows it, after the work it ends the job.
    pub(super) fn committed(&mut self, seat: Seat, outcome: Result<(), kafka::ErrorCode>) {
        let committing = |job: &&Job| job.stage == Stage::Committing;
        let job = self
            .instance_at(seat)
            .and_then(|instance| instance.jobs.iter().find(committing))
            .map(|job| job.id);
        let Some(id) = job else { return };
        match (self.commit_mode(seat), outcome) {
            (CommitMode::Before, Ok(())) => {
                if !self.crashes_at(seat, CrashPoint::AfterReceive) {
                    self.work(seat, id);
                }
            }
            (CommitMode::Before, Err(_)) => {
                let until = self.now + RETRY_BACKOFF;
                self.wait(seat, id, Stage::Refused { until }, until);
            }
            // A refused commit does not undo the work: whoever owns the partition now repeats it.
            (CommitMode::After | CommitMode::Auto, Ok(()) | Err(_)) => self.done(seat, id),
        }
    }

    pub(super) fn drop_job(&mut self, seat: Seat, id: u64) {
        if let Some(instance) = self.instance_at(seat) {
            instance.jobs.retain(|job| job.id != id);
        }
        self.take_next(seat);
    }

    fn done(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let (order, taken_at) = (job.order, job.taken_at);
        let now = self.now;
        let service = self.service_at(seat);
        service.handled += 1;
        service.handled_rate.count(now);
        service.latency.record(now.since(taken_at));
        let Seat { service, instance } = seat;
        self.note(Event::WorkDone { order, service, instance });
        self.drop_job(seat, id);
    }

    /// The work failed. What follows depends on where the message came from.
    pub(super) fn fail(&mut self, seat: Seat, id: u64, reason: Rc<str>) {
        let Some(job) = self.job_at(seat, id).cloned() else {
            return;
        };
        let Seat { service, instance } = seat;
        let order = job.order;
        if *reason != *DECLINED {
            self.service_at(seat).failed += 1;
            self.note(Event::WorkFailed { order, service, instance, reason: reason.clone() });
        }
        match &job.source {
            Source::Call { call } => {
                self.answer_call(seat.into(), *call, Err(reason));
                self.drop_job(seat, id);
            }
            Source::Record { .. } => self.record_failed(seat, &job, &reason),
            Source::Delivery { channel, delivery_tag, .. } => {
                self.delivery_failed(seat, order, *channel, *delivery_tag, &reason);
                self.drop_job(seat, id);
            }
        }
    }

    /// A record stays where it is: it is tried again in place, and the partition waits; after the
    /// last attempt it is skipped.
    fn record_failed(&mut self, seat: Seat, job: &Job, reason: &str) {
        let spec = self.service_at(seat).spec.clone();
        let Input::Topic { retry, .. } = &spec.input else {
            return;
        };
        if let Some(delay) = retry.after(job.attempt, &mut self.service_at(seat).retry_draws) {
            let until = self.now + delay;
            return self.wait(seat, job.id, Stage::Waiting { until }, until);
        }
        let (id, attempts) = (&spec.id, job.attempt);
        let text = format!("was skipped by {id} after {attempts} attempts: {reason}");
        let finding = self.ledger.lose(self.now, job.order, text);
        self.note_finding(job.order, finding);
        self.finish(seat, job.id);
    }

    /// Takes up the next message that the instance has or can have.
    pub(super) fn take_next(&mut self, seat: Seat) {
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        if !instance.up {
            return;
        }
        match &mut instance.intake {
            Intake::Nothing => {}
            Intake::Http { waiting } => {
                if let Some(next) = waiting.pop_front() {
                    let source = Source::Call { call: next.call };
                    self.begin(seat, next.order, next.body, source, 1, next.arrived_at);
                }
            }
            Intake::Topic { .. } => self.next_record(seat),
            Intake::Queue { .. } => self.next_delivery(seat),
        }
    }

    /// True if the instance crashed here because a learner asked for it.
    fn crashes_at(&mut self, seat: Seat, point: CrashPoint) -> bool {
        let service = self.service_at(seat);
        if service.crash_at != Some(point) {
            return false;
        }
        service.crash_at = None;
        let reason = match point {
            CrashPoint::AfterReceive => "crashed after it had received a message",
            CrashPoint::AfterWork => "crashed after the work, before it told anyone",
            CrashPoint::BeforeAck => "crashed just before the acknowledgement",
        };
        self.crash(seat, reason);
        true
    }
}
