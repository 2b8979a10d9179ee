//! What a service promises about a message: passing over what is done, telling lasting errors from
//! passing ones, giving up, and changes of all that while it runs.

use super::*;
use crate::engine::kafka::{Header, Record};
use crate::simulation::command::{CommandError, CrashPoint};
use crate::simulation::job::{Job, Stage};
use crate::simulation::order::Order;
use crate::simulation::scenario::{
    AckMode, CommitMode, ConsumerSpec, Effect, GivesUp, Input, LastingError, RecordKey, ServiceSpec,
};
use crate::simulation::service::Intake;
use crate::simulation::setting::Setting;

/// The header that names the order where the key does not.
pub(super) const ORDER_ID: &str = "order-id";
/// The header that names the event where the topic does not.
pub(super) const EVENT_TYPE: &str = "event-type";

impl World {
    /// True if the message of a job is passed over: the service is done with its order.
    pub(super) fn passes_over(&mut self, seat: Seat, id: u64) -> bool {
        let Some(order) = self.job_at(seat, id).map(|job| job.order) else {
            return false;
        };
        let now = self.now;
        let service = self.service_at(seat);
        let Some(store) = service.spec.deduplicates else {
            return false;
        };
        let lifetime = Duration::from_millis(store.lifetime_ms);
        if !service.database.remembers(now, order, lifetime) {
            return false;
        }
        service.skipped += 1;
        self.note(Event::Skipped { order, service: seat.service });
        self.never_published(seat, order);
        self.finish(seat, id);
        true
    }

    /// The service is done with the order of a job. With a database this is part of the
    /// transaction that writes the row.
    pub(super) fn remember(&mut self, seat: Seat, id: u64) {
        let Some(order) = self.job_at(seat, id).map(|job| job.order) else {
            return;
        };
        let now = self.now;
        let service = self.service_at(seat);
        if service.spec.deduplicates.is_some() && service.spec.database.is_none() {
            service.database.remember(now, order);
        }
    }

    /// True if the outside has seen the order's idempotency key and so does nothing.
    pub(super) fn is_recognised(&mut self, seat: Seat, order: u32, effect: Effect) -> bool {
        let service = self.service_at(seat);
        if !service.spec.idempotency_key || !service.database.key_is_known(order) {
            return false;
        }
        service.recognised += 1;
        self.note(Event::Recognised { order, service: seat.service, effect });
        true
    }

    /// The work failed for a reason that the service may know to be a lasting one.
    pub(super) fn fail_with(&mut self, seat: Seat, id: u64, error: LastingError, reason: String) {
        let lasting = self.service_at(seat).spec.lasting_errors.contains(&error);
        if let Some(job) = self.job_at(seat, id) {
            job.lasting = lasting;
        }
        self.fail(seat, id, reason.into());
    }

    /// Produces a record that is given up to the dead letter topic; the offset is committed once it
    /// is there.
    pub(super) fn produce_dead_letter(
        &mut self,
        seat: Seat,
        job: &Job,
        topic: &Rc<str>,
        reason: &str,
    ) {
        if let Some(job) = self.job_at(seat, job.id) {
            job.stage = Stage::GivingUp;
        }
        self.gave_up(seat, job.order, reason);
        self.begin_transaction(seat);
        let value = self.poisoned_record(topic, job.body.clone());
        self.produce(seat, (job.id, job.order), topic, &job.body, value);
    }

    fn gave_up(&mut self, seat: Seat, order: u32, reason: &str) {
        self.service_at(seat).given_up += 1;
        self.note(Event::GivenUp { order, service: seat.service, reason: reason.into() });
    }

    /// The record that was given up is in the dead letter topic.
    pub(super) fn is_dead_letter(&mut self, seat: Seat, id: u64) {
        if let Some(order) = self.job_at(seat, id).map(|job| job.order) {
            self.ledger.dead_letter(order, false);
            self.finish(seat, id);
        }
    }

    /// Publishes a message with a lasting error to where its worker gives up, and acks it, in
    /// confirm mode once the broker has it there. False if the worker has no such place, cannot
    /// reach it, or may hope.
    pub(super) fn gives_up_delivery(&mut self, seat: Seat, job: &Job, reason: &str) -> bool {
        let spec = self.service_at(seat).spec.clone();
        let Input::Queue { gives_up: Some(task), .. } = &spec.input else {
            return false;
        };
        if !job.lasting || job.stage == Stage::GivingUp || self.is_disconnected(seat) {
            return false;
        }
        self.gave_up(seat, job.order, reason);
        self.enqueue(seat, job.id, job.order, task, job.body.clone());
        if !self.service_at(seat).confirms {
            self.delivery_is_given_up(seat, job.id);
        } else if let Some(job) = self.job_at(seat, job.id) {
            job.stage = Stage::GivingUp;
        }
        true
    }

    /// The message that was given up is where it should be.
    pub(super) fn delivery_is_given_up(&mut self, seat: Seat, id: u64) {
        self.ack_on(seat, id, AckMode::After);
        self.drop_job(seat, id);
    }

    /// Says why a command about what services promise makes no sense.
    pub(super) fn check_promise(&self, command: &Command) -> Result<(), CommandError> {
        let refuse = |message: String| Err(CommandError { message });
        match command {
            Command::CrashAt { service, point: CrashPoint::AfterWrite } => {
                match self.services[self.index_of(service)?].spec.database {
                    Some(_) => Ok(()),
                    None => refuse(format!("{service} has no database to write to")),
                }
            }
            Command::Rebuild { service } => {
                match self.services[self.index_of(service)?].spec.projection {
                    Some(_) => Ok(()),
                    None => refuse(format!("{service} has no projection")),
                }
            }
            Command::Replay { .. } => self.check_replay(command),
            Command::Reads { .. } => match self.scenario.reads {
                Some(_) => Ok(()),
                None => refuse("no buyer reads an order in this scenario".to_owned()),
            },
            Command::Set { service, setting } => self.with_setting(service, setting).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The declaration of a service with a promise changed, if that makes sense.
    pub(super) fn with_setting(
        &self,
        service: &str,
        setting: &Setting,
    ) -> Result<ServiceSpec, CommandError> {
        let mut spec = ServiceSpec::clone(&self.services[self.index_of(service)?].spec);
        setting.apply(&mut spec).map_err(|message| CommandError { message })?;
        let checked = self.scenario.check_promises(&spec);
        checked
            .map_err(|(field, message)| CommandError { message: format!("{field}: {message}") })?;
        schemas::check_versions(&self.scenario, self.registry(), &spec)
            .map_err(|message| CommandError { message })?;
        Ok(spec)
    }

    pub(super) fn set_promise(
        &mut self,
        service: &str,
        setting: &Setting,
    ) -> Result<(), CommandError> {
        let spec = self.with_setting(service, setting)?;
        self.edit(service)?.spec = Rc::new(spec);
        if setting.needs_new_clients() {
            for seat in self.seats(service, None)? {
                if let Some(instance) = self.instance_at(seat) {
                    instance.renew = instance.up;
                }
                self.renew_when_idle(seat);
            }
        }
        Ok(())
    }

    /// An instance with old settings reconnects as soon as no work depends on its clients.
    pub(super) fn renew_when_idle(&mut self, seat: Seat) {
        let sent_by = Some(seat.instance);
        let relays = self.service_at(seat).database.outbox.iter().any(|row| row.sent_by == sent_by);
        let Some(instance) = self.instance_at(seat).filter(|instance| instance.renew) else {
            return;
        };
        let publishes = |job: &Job| matches!(job.stage, Stage::Publishing { .. });
        let takes_calls = matches!(instance.intake, Intake::Http { .. });
        let busy = match takes_calls {
            true => instance.jobs.iter().any(publishes),
            false => !instance.jobs.is_empty(),
        };
        if busy || relays {
            return;
        }
        instance.renew = false;
        if takes_calls {
            return self.start_producer(seat);
        }
        self.leave_group(seat);
        self.crash(seat, "reconnects with new settings");
        self.start_instance(seat);
    }
}

/// Where a service commits its offsets; others than consumers do it after the work, so to say.
pub(super) fn commit_mode(spec: &ServiceSpec) -> CommitMode {
    match &spec.input {
        Input::Topic { commit, .. } => *commit,
        Input::Http { .. } | Input::Queue { .. } => CommitMode::After,
    }
}

pub(super) fn consumer(spec: &ServiceSpec) -> Option<ConsumerSpec> {
    match &spec.input {
        Input::Topic { consumer, .. } => Some(consumer.clone()),
        Input::Http { .. } | Input::Queue { .. } => None,
    }
}

/// True if a service needs a producer.
pub(super) fn publishes_records(spec: &ServiceSpec) -> bool {
    let gives_up = matches!(spec.input, Input::Topic { gives_up: GivesUp::DeadLetterTopic(_), .. });
    gives_up || !spec.publishes.is_empty()
}

/// True if a service needs a channel to publish on.
pub(super) fn publishes_tasks(spec: &ServiceSpec) -> bool {
    !spec.enqueues.is_empty() || matches!(spec.input, Input::Queue { gives_up: Some(_), .. })
}

/// Why the broker does not have a message any more that a worker had in hand.
pub(super) fn why_forgotten(ack: AckMode) -> &'static str {
    match ack {
        AckMode::Auto => "the broker had forgotten the message when it sent it (automatic ack)",
        AckMode::Before | AckMode::After => "it had acknowledged the message before the work",
    }
}

/// The event that a record tells, if a header says so.
pub(super) fn event_of(record: &Record) -> Option<Rc<str>> {
    let (_, event) = record.headers.iter().find(|(name, _)| **name == *EVENT_TYPE)?;
    std::str::from_utf8(event).ok().map(Rc::from)
}

/// The key of a record about an order. Unless it is the order's id, a header has that.
pub(super) fn key_and_headers(
    key: RecordKey,
    order: u32,
    body: &[u8],
) -> (Option<Rc<[u8]>>, Vec<Header>) {
    let id: Rc<[u8]> = Order::id(order).into_bytes().into();
    let key = match key {
        RecordKey::OrderId => return (Some(id), Vec::new()),
        RecordKey::Country => {
            Order::from_bytes(body).map(|order| order.country.into_bytes().into())
        }
        RecordKey::None => None,
    };
    (key, vec![(ORDER_ID.into(), id)])
}
