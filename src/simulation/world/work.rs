//! Work: what an instance does with a message, from taking it in to answering for it.
//!
//! A job works, books its effect, calls the services it depends on, writes its row, publishes its
//! records, enqueues its tasks, and only then answers: with a response, a committed offset or an
//! ack. The service's promises decide what of this comes before what.

use super::*;
use crate::simulation::command::CrashPoint;
use crate::simulation::job::{Job, Source, Stage};
use crate::simulation::scenario::{
    AckMode, CommitMode, Effect, GivesUp, Input, LastingError, Publishes,
};
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
        let commit = promises::commit_mode(&self.service_at(seat).spec);
        let offset = match &source {
            Source::Record { partition, offset } => Some((partition.clone(), offset + 1)),
            Source::Call { .. } | Source::Delivery { .. } => None,
        };
        if let (false, Source::Record { partition, offset }) = (self.moved.is_empty(), &source) {
            self.goes_on_after_move(seat, partition, *offset);
        }
        let job = Job {
            id,
            order,
            body,
            source,
            attempt,
            taken_at,
            began_at: self.now,
            effected: false,
            lasting: false,
            commit,
            committed: false,
            stage,
        };
        if let Some(instance) = self.instance_at(seat) {
            instance.jobs.push(job);
        }
        let Seat { service, instance } = seat;
        self.note(Event::WorkStarted { order, service, instance, attempt });
        self.ack_on(seat, id, AckMode::Before);
        match (commit, offset) {
            (CommitMode::Before, Some(offset)) => self.commit(seat, id, offset),
            _ if self.crashes_at(seat, CrashPoint::AfterReceive) => {}
            (CommitMode::Before | CommitMode::After | CommitMode::Auto, _) => self.work(seat, id),
        }
    }

    fn work(&mut self, seat: Seat, job: u64) {
        if self.passes_over(seat, job) {
            return;
        }
        let until = self.now + self.service_at(seat).draw_work();
        self.wait(seat, job, Stage::Working { until }, until);
    }

    pub(super) fn wait(&mut self, seat: Seat, job: u64, stage: Stage, until: Instant) {
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
            Stage::Backoff { index, attempt, .. } => self.try_call(seat, id, index, attempt),
            Stage::Writing { .. } => self.written(seat, id),
            Stage::Refused { .. } => {
                if let Source::Record { partition, offset } = job.source.clone() {
                    self.commit(seat, id, (partition, offset + 1));
                }
            }
            Stage::Calling { .. }
            | Stage::Confirming { .. }
            | Stage::Publishing { .. }
            | Stage::Answering
            | Stage::GivingUp
            | Stage::Committing => {}
        }
    }

    /// The time for the work is up: it failed, or its effect is in the world.
    fn work_is_over(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let order = job.order;
        let document = match self.read_order(seat, id) {
            Ok(document) => document,
            Err(reason) => return self.fail_with(seat, id, LastingError::Unreadable, reason),
        };
        let service = self.service_at(seat);
        if service.spec.does == Some(Effect::Label) && !document.has_address() {
            let reason = "the address is malformed".to_owned();
            return self.fail_with(seat, id, LastingError::MalformedAddress, reason);
        }
        if service.can_never_do(order) {
            let reason = format!("{} can never do this", service.spec.id);
            return self.fail_with(seat, id, LastingError::Refused, reason);
        }
        if service.draw_failure() {
            let reason = format!("{} failed", service.spec.id);
            return self.fail(seat, id, reason.into());
        }
        self.fold(seat, id, &document);
        match self.service_at(seat).spec.does {
            Some(Effect::Charge) if document.paid => {}
            Some(Effect::Charge) if !document.card_is_good => return self.decline(seat, id, order),
            Some(effect) => self.effect(seat, id, effect),
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

    pub(super) fn publish(&mut self, seat: Seat, id: u64) {
        let spec = self.service_at(seat).spec.clone();
        let open = spec.publishes.len() as u16;
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        job.stage = Stage::Publishing { open };
        let (order, body) = (job.order, job.body.clone());
        if open == 0 {
            return self.enqueue_all(seat, id);
        }
        let mut values = Vec::new();
        for topic in &spec.publishes {
            match self.record_value(seat, order, topic, body.clone()) {
                Ok(value) => values.push(value),
                Err(reason) => {
                    let reason = format!("the record for {topic} {reason}");
                    return self.fail(seat, id, reason.into());
                }
            }
        }
        self.begin_transaction(seat);
        for (topic, value) in spec.publishes.iter().zip(values) {
            self.produce(seat, (id, order), topic, &body, value);
        }
    }

    /// A record of the job is in its topic.
    pub(super) fn published(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        match &mut job.stage {
            Stage::Publishing { open } => {
                *open -= 1;
                if *open == 0 {
                    self.enqueue_all(seat, id);
                }
            }
            Stage::GivingUp => self.is_dead_letter(seat, id),
            _ => {}
        }
    }

    fn enqueue_all(&mut self, seat: Seat, id: u64) {
        let spec = self.service_at(seat).spec.clone();
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let (order, body) = (job.order, job.body.clone());
        if spec.enqueues.is_empty() {
            return self.all_is_passed_on(seat, id);
        }
        if self.is_disconnected(seat) {
            return self.fail(seat, id, "rabbitmq cannot be reached".into());
        }
        for task in &spec.enqueues {
            self.enqueue(seat, id, order, task, body.clone());
        }
        if !self.service_at(seat).confirms {
            self.all_is_passed_on(seat, id);
        } else if let Some(job) = self.job_at(seat, id) {
            job.stage = Stage::Confirming { returned: false };
        }
    }

    /// Nothing is left to pass on; only the answer is missing.
    pub(super) fn all_is_passed_on(&mut self, seat: Seat, id: u64) {
        let writes = self.publishes_when(seat.service) == Some(Publishes::BeforeWrite);
        match self.crashes_at(seat, CrashPoint::AfterPublish) {
            true => {}
            false if writes => self.write(seat, id),
            false => self.complete(seat, id),
        }
    }

    /// What the service promises is done; the answer is left.
    pub(super) fn complete(&mut self, seat: Seat, id: u64) {
        self.remember(seat, id);
        if let Some(job) = self.job_at(seat, id) {
            job.stage = Stage::Answering;
        }
        if !self.crashes_at(seat, CrashPoint::BeforeAck) {
            self.finish(seat, id);
        }
    }

    /// Everything is done but the answer.
    pub(super) fn finish(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let commit = job.commit;
        match job.source.clone() {
            Source::Call { call } => {
                self.answer_call(seat.into(), call, Ok(()));
                self.done(seat, id);
            }
            Source::Record { .. } if self.ends_in_transaction(seat, id) => {}
            Source::Record { partition, offset } if commit == CommitMode::After => {
                self.commit(seat, id, (partition, offset + 1));
            }
            Source::Record { .. } => self.done(seat, id),
            Source::Delivery { .. } => {
                self.ack_on(seat, id, AckMode::After);
                self.done(seat, id);
            }
        }
    }

    /// Acknowledges the delivery that a job works on, if this is when the service does so.
    pub(super) fn ack_on(&mut self, seat: Seat, id: u64, mode: AckMode) {
        if self.service_at(seat).ack != mode {
            return;
        }
        if let Some(Source::Delivery { channel, delivery_tag, .. }) =
            self.job_at(seat, id).map(|job| job.source.clone())
        {
            let method = rabbitmq::Method::BasicAck { delivery_tag, multiple: false };
            self.settle(seat, channel, method);
        }
    }

    /// The broker answered a commit: before the work it allows it, after the work it ends the job.
    pub(super) fn committed(&mut self, seat: Seat, outcome: Result<(), kafka::ErrorCode>) {
        let committing = |job: &&Job| job.stage == Stage::Committing;
        let job = self
            .instance_at(seat)
            .and_then(|instance| instance.jobs.iter().find(committing))
            .map(|job| (job.id, job.commit));
        let Some((id, commit)) = job else { return };
        match (commit, outcome) {
            (CommitMode::Before, Ok(())) => {
                if !self.crashes_at(seat, CrashPoint::AfterReceive) {
                    self.work(seat, id);
                }
            }
            // Its group went on without it: who owns the partition now reads the record again.
            (CommitMode::Before, Err(kafka::ErrorCode::UnknownMemberId)) => {
                self.leave_record(seat, id);
            }
            (CommitMode::Before, Err(_)) => {
                let until = self.now + RETRY_BACKOFF;
                self.wait(seat, id, Stage::Refused { until }, until);
            }
            // A refused commit does not undo the work: whoever owns the partition now repeats it.
            (CommitMode::After | CommitMode::Auto, Ok(()) | Err(_)) => self.done(seat, id),
        }
    }

    /// A record was not begun, as its commit was refused. If an attempt before had reached the group
    /// and only the answer had not come back, nobody will read it again.
    pub(super) fn leave_record(&mut self, seat: Seat, id: u64) {
        if let Some(order) = self.job_at(seat, id).filter(|job| job.committed).map(|job| job.order)
        {
            let id = self.service_at(seat).spec.id.clone();
            let text = format!("was passed over by {id}: its offset was committed, unheard");
            self.lose_order(order, text);
        }
        self.drop_job(seat, id);
    }

    pub(super) fn drop_job(&mut self, seat: Seat, id: u64) {
        if let Some(began_at) = self.job_at(seat, id).map(|job| job.began_at) {
            self.place_is_free(seat, began_at);
        }
        if let Some(instance) = self.instance_at(seat) {
            instance.jobs.retain(|job| job.id != id);
            if instance.leaving {
                self.leave_if_idle(seat);
            }
        }
        self.renew_when_idle(seat);
        self.take_next(seat);
    }

    pub(super) fn done(&mut self, seat: Seat, id: u64) {
        let Some(job) = self.job_at(seat, id) else {
            return;
        };
        let (order, taken_at) = (job.order, job.taken_at);
        if let Source::Record { partition, .. } = &job.source {
            let topic = partition.topic.clone();
            self.is_dead_letter_no_more(seat, &topic, order);
        }
        let now = self.now;
        let service = self.service_at(seat);
        service.handled += 1;
        service.handled_rate.count(now);
        service.latency.record(now.since(taken_at));
        let Seat { service, instance } = seat;
        self.note(Event::WorkDone { order, service, instance });
        self.handled(seat, id);
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
                if !self.gives_up_delivery(seat, &job, &reason) {
                    let about = (order, job.source.message());
                    self.delivery_failed(seat, about, *channel, *delivery_tag, &reason);
                    self.drop_job(seat, id);
                }
            }
        }
    }

    /// A record stays where it is: it is tried again in place, and the partition waits. After the
    /// last attempt, or at once when the error is a lasting one, it is given up.
    fn record_failed(&mut self, seat: Seat, job: &Job, reason: &str) {
        let spec = self.service_at(seat).spec.clone();
        let Input::Topic { retry, gives_up, .. } = &spec.input else {
            return;
        };
        if !job.lasting
            && let Some(delay) = retry.after(job.attempt, &mut self.service_at(seat).retry_draws)
        {
            let until = self.now + delay;
            return self.wait(seat, job.id, Stage::Waiting { until }, until);
        }
        if let GivesUp::DeadLetterTopic(topic) = gives_up {
            return self.produce_dead_letter(seat, job, topic, reason);
        }
        self.service_at(seat).given_up += 1;
        let (id, attempts) = (&spec.id, job.attempt);
        let text = format!("was skipped by {id} after {attempts} attempts: {reason}");
        let finding = self.ledger.lose(self.now, job.order, text);
        self.note_finding_on(job.order, finding, job.source.message());
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
    pub(super) fn crashes_at(&mut self, seat: Seat, point: CrashPoint) -> bool {
        let service = self.service_at(seat);
        if service.crash_at != Some(point) {
            return false;
        }
        service.crash_at = None;
        let reason = match point {
            CrashPoint::AfterReceive => "crashed after it had received a message",
            CrashPoint::AfterWork => "crashed after the work, before it told anyone",
            CrashPoint::BeforeAck => "crashed just before the acknowledgement",
            CrashPoint::AfterWrite => "crashed after it had written to its database",
            CrashPoint::AfterPublish => "crashed after it had published",
        };
        self.crash(seat, reason);
        true
    }
}
