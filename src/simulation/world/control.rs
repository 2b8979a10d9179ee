//! Commands: what a learner's hand does, and how instances start and crash.

use super::*;
use crate::engine::kafka::{Consumer, ConsumerConfig, Producer};
use crate::simulation::breaker::Breaker;
use crate::simulation::command::CommandError;
use crate::simulation::job::{Job, Source, Stage};
use crate::simulation::scenario::{AckMode, CommitMode, Input};
use crate::simulation::service::{Instance, Intake, Spoilage};

/// More would be a number mistyped.
const INSTANCES_MOST: u32 = 64;
pub(super) const PER_MINUTE_MOST: u32 = 1_000_000;

impl World {
    /// Says why a command could not be carried out; nothing happens.
    pub fn check(&self, command: &Command) -> Result<(), CommandError> {
        let refuse = |message: String| Err(CommandError { message });
        match command {
            Command::Kill { service, instance }
            | Command::Restart { service, instance }
            | Command::Pause { service, instance }
            | Command::Resume { service, instance } => {
                let count = self.services[self.index_of(service)?].instances.len() as u32;
                match instance {
                    Some(n) if *n == 0 || *n > count => {
                        refuse(format!("{service} has instances 1 to {count}, not {n}"))
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Command::Slow { service, percent } => {
                self.index_of(service)?;
                if (1..=100_000).contains(percent) {
                    return Ok(());
                }
                refuse(format!("the pace of {service} is a percentage from 1 to 100000"))
            }
            Command::SetWork { service, work } => {
                self.index_of(service)?;
                work.check().map_err(|message| CommandError { message })
            }
            Command::FailRate { service, per_mille } => {
                self.index_of(service)?;
                if *per_mille <= 1_000 {
                    return Ok(());
                }
                refuse(format!("{service} can fail at most 1000 of 1000 times"))
            }
            Command::Poison { service }
            | Command::Malformed { service }
            | Command::CrashAt { service, .. } => {
                self.index_of(service)?;
                self.check_promise(command)
            }
            Command::Set { .. }
            | Command::Rebuild { .. }
            | Command::Replay { .. }
            | Command::Reads { .. } => self.check_promise(command),
            Command::Cut { .. }
            | Command::Heal { .. }
            | Command::LinkFault { .. }
            | Command::LoseReply { .. }
            | Command::KillBroker { .. }
            | Command::RestartBroker { .. }
            | Command::KillNode { .. }
            | Command::RestartNode { .. }
            | Command::DiskFull { .. }
            | Command::DiskFree { .. }
            | Command::PoisonNth { .. }
            | Command::ExpireRecords { .. }
            | Command::AlterTopic { .. }
            | Command::AddPartitions { .. }
            | Command::ResetOffsets { .. }
            | Command::ElectUnclean { .. } => self.check_breakage(command),
            Command::RegisterSchema { .. } | Command::SetCompatibility { .. } => {
                self.check_schema(command)
            }
            Command::Bind { .. }
            | Command::Unbind { .. }
            | Command::SetPolicy { .. }
            | Command::ClearPolicy { .. } => self.check_administration(command),
            Command::Decide { .. } => Ok(()),
            Command::Instances { service, count } => {
                self.index_of(service)?;
                if (1..=INSTANCES_MOST).contains(count) {
                    return Ok(());
                }
                refuse(format!("{service} can have 1 to {INSTANCES_MOST} instances"))
            }
            Command::Prefetch { service, .. } | Command::Ack { service, .. } => {
                match self.services[self.index_of(service)?].spec.input {
                    Input::Queue { .. } => Ok(()),
                    Input::Http { .. } | Input::Topic { .. } => {
                        refuse(format!("{service} is not a worker on a queue"))
                    }
                }
            }
            Command::Call { service, callee, .. } => self.call_index(service, callee).map(|_| ()),
            Command::ArrivalRate { per_minute } => {
                if *per_minute <= PER_MINUTE_MOST {
                    return Ok(());
                }
                refuse(format!("at most {PER_MINUTE_MOST} orders per minute can be placed"))
            }
            Command::SetCall { .. }
            | Command::SetAdmission { .. }
            | Command::SetAutoscale { .. }
            | Command::SetBuyers { .. }
            | Command::PublisherConfirms { .. }
            | Command::Ramp { .. }
            | Command::Burst { .. } => self.check_setting(command),
        }
    }

    pub(super) fn index_of(&self, service: &str) -> Result<usize, CommandError> {
        let found = self.services.iter().position(|candidate| &*candidate.spec.id == service);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.services.iter().map(|one| &*one.spec.id).collect();
            let message =
                format!("there is no service '{service}'; there are {}", names.join(", "));
            CommandError { message }
        })
    }

    /// Carries out a command at the present instant.
    pub fn command(&mut self, command: &Command) -> Result<(), CommandError> {
        self.check(command)?;
        self.note(Event::Commanded { command: command.to_string().into() });
        match command {
            Command::Kill { service, instance } => {
                for seat in self.seats(service, *instance)? {
                    self.crash(seat, "killed");
                }
            }
            Command::Restart { service, instance } => {
                for seat in self.seats(service, *instance)? {
                    self.start_instance(seat);
                }
            }
            Command::Slow { service, percent } => self.edit(service)?.slow_percent = *percent,
            Command::SetWork { service, work } => self.edit(service)?.work = work.clone(),
            Command::FailRate { service, per_mille } => {
                self.edit(service)?.fail_per_mille = *per_mille;
            }
            Command::Pause { service, instance } => {
                for seat in self.seats(service, *instance)? {
                    self.pause(seat);
                }
            }
            Command::Resume { service, instance } => {
                for seat in self.seats(service, *instance)? {
                    self.resume(seat);
                }
            }
            Command::Poison { service } => self.edit(service)?.poison_next = true,
            Command::Malformed { service } => {
                self.edit(service)?.spoiled = Some((1, Spoilage::Malformed));
            }
            Command::PoisonNth { service, nth } => {
                self.edit(service)?.spoiled = Some((*nth, Spoilage::Poison));
            }
            Command::Cut { .. }
            | Command::Heal { .. }
            | Command::LinkFault { .. }
            | Command::LoseReply { .. }
            | Command::KillBroker { .. }
            | Command::RestartBroker { .. }
            | Command::KillNode { .. }
            | Command::RestartNode { .. }
            | Command::DiskFull { .. }
            | Command::DiskFree { .. }
            | Command::ExpireRecords { .. }
            | Command::AlterTopic { .. }
            | Command::AddPartitions { .. }
            | Command::ResetOffsets { .. }
            | Command::ElectUnclean { .. } => self.break_or_mend(command)?,
            Command::CrashAt { service, point } => self.edit(service)?.crash_at = Some(*point),
            Command::Instances { service, count } => {
                let index = self.index_of(service)?;
                self.services[index].scaling.asked = *count;
                self.set_instances(index, *count);
            }
            Command::Prefetch { service, count } => {
                let seats = self.disconnect(service)?;
                self.edit(service)?.prefetch = *count;
                self.start_all(seats);
            }
            Command::Ack { service, mode } => {
                let seats = self.disconnect(service)?;
                self.edit(service)?.ack = *mode;
                self.start_all(seats);
            }
            Command::Call { service, callee, enabled } => {
                let (caller, index) = self.call_index(service, callee)?;
                Rc::make_mut(&mut self.services[caller].calls[index].spec).enabled = *enabled;
            }
            Command::ArrivalRate { per_minute } => self.set_arrivals(*per_minute),
            Command::SetCall { .. }
            | Command::SetAdmission { .. }
            | Command::SetAutoscale { .. }
            | Command::SetBuyers { .. }
            | Command::PublisherConfirms { .. }
            | Command::Ramp { .. }
            | Command::Burst { .. } => self.set_rules(command)?,
            Command::Set { service, setting } => self.set_promise(service, setting)?,
            Command::Rebuild { service } => self.rebuild(service)?,
            Command::Replay { .. } => self.replay(command),
            Command::RegisterSchema { .. } | Command::SetCompatibility { .. } => {
                self.change_schema(command);
            }
            Command::Bind { .. }
            | Command::Unbind { .. }
            | Command::SetPolicy { .. }
            | Command::ClearPolicy { .. } => self.administer_rabbitmq(command),
            Command::Decide { question, answer } => {
                self.decisions.insert(question.clone(), answer.clone());
            }
            Command::Reads { waits } => {
                if let Some(spec) = &mut self.readers.spec {
                    spec.waits = *waits;
                }
            }
        }
        Ok(())
    }

    pub(super) fn edit(&mut self, service: &str) -> Result<&mut Service, CommandError> {
        let index = self.index_of(service)?;
        Ok(&mut self.services[index])
    }

    /// All instances of a service, or the one with this number (from 1).
    pub(super) fn seats(
        &self,
        service: &str,
        instance: Option<u32>,
    ) -> Result<Vec<Seat>, CommandError> {
        let index = self.index_of(service)?;
        let count = self.services[index].instances.len() as u16;
        let service = index as u16;
        let wanted = |seat: &Seat| instance.is_none_or(|n| n == u32::from(seat.instance) + 1);
        let seats = (0..count).map(|instance| Seat { service, instance });
        Ok(seats.filter(wanted).collect())
    }

    /// Closes the connections of a service's workers, while their old settings still tell what
    /// becomes of their messages. Returns who has to connect again.
    fn disconnect(&mut self, service: &str) -> Result<Vec<Seat>, CommandError> {
        let mut seats = self.seats(service, None)?;
        seats.retain(|seat| self.instance_at(*seat).is_some_and(|instance| instance.up));
        for seat in &seats {
            self.crash(*seat, "reconnects with new settings");
        }
        Ok(seats)
    }

    fn start_all(&mut self, seats: Vec<Seat>) {
        seats.into_iter().for_each(|seat| self.start_instance(seat));
    }

    /// Starts an instance that is down or new. One that is up stays as it is.
    pub(super) fn start_instance(&mut self, seat: Seat) {
        if self.instance_at(seat).is_some_and(|instance| instance.up) {
            return;
        }
        let spec = self.service_at(seat).spec.clone();
        let producer = self.new_producer(seat);
        let intake = match &spec.input {
            Input::Http { .. } => Intake::Http { waiting: Default::default() },
            Input::Queue { .. } => Intake::Queue { hand: Default::default() },
            Input::Topic { .. } => {
                let client = self.client(seat, Role::Consumer);
                let config = consumer_config(seat, &spec.input);
                let consumer = Box::new(Consumer::new(client, config));
                Intake::Topic { client, consumer, records: Default::default(), polled: false }
            }
        };
        let service = self.service_at(seat);
        let breakers = vec![Breaker::default(); service.calls.len()];
        let instance = Instance {
            up: true,
            leaving: false,
            jobs: Vec::new(),
            intake,
            breakers,
            producer,
            connection: None,
            published: None,
            unconfirmed: Default::default(),
            renew: false,
            transaction: None,
            event: None,
            views: LiteMap::new(),
        };
        service.down_since = None;
        match service.instances.get_mut(usize::from(seat.instance)) {
            Some(place) => *place = instance,
            None => service.instances.push(instance),
        }
        let Seat { service, instance } = seat;
        self.note(Event::Started { service, instance });
        self.connect(seat);
        self.begin_consuming(seat);
        self.relay_soon(service);
    }

    fn new_producer(&mut self, seat: Seat) -> Option<(ClientId, Producer)> {
        let spec = self.service_at(seat).spec.clone();
        if !promises::publishes_records(&spec) {
            return None;
        }
        let client = self.client(seat, Role::Producer);
        let config = spec.producer.config(&spec.id, seat.instance + 1);
        Some((client, Producer::new(client, config)))
    }

    /// Replaces an instance's producer by a new one.
    pub(super) fn start_producer(&mut self, seat: Seat) {
        self.clients.retain(|_, client| client.seat != seat || client.role != Role::Producer);
        self.cancel_orphans();
        let producer = self.new_producer(seat);
        if let Some(instance) = self.instance_at(seat) {
            instance.producer = producer;
        }
    }

    fn client(&mut self, seat: Seat, role: Role) -> ClientId {
        let client = ClientId(self.id() as u32);
        self.clients.insert(client, Client { seat, role });
        client
    }

    /// An instance is gone from one moment to the next.
    pub(super) fn crash(&mut self, seat: Seat, reason: &str) {
        let now = self.now;
        let Some(instance) = self.instance_at(seat).filter(|instance| instance.up) else {
            return;
        };
        instance.up = false;
        let jobs = std::mem::take(&mut instance.jobs);
        let intake = std::mem::replace(&mut instance.intake, Intake::Nothing);
        instance.producer = None;
        instance.unconfirmed.clear();
        instance.views.clear();
        let connection = instance.connection.take();
        let service = self.service_at(seat);
        service.crashes += 1;
        if service.instances_up() == 0 {
            service.down_since = Some(now);
        }
        let Seat { service, instance } = seat;
        self.note(Event::Crashed { service, instance, reason: reason.into() });
        self.resume(seat);
        self.forget_clients(seat);
        self.service_at(seat).database.relay_is_gone(instance);
        for job in &jobs {
            self.job_is_cut_off(seat, job);
        }
        self.intake_is_cut_off(seat, intake);
        if let Some(connection) = connection {
            self.connections.remove(&connection);
            let channel = rabbitmq::ChannelId { connection, channel: 0 };
            self.send_method(seat, channel, None, rabbitmq::Method::ConnectionClose);
        }
    }

    fn forget_clients(&mut self, seat: Seat) {
        self.clients.retain(|_, client| client.seat != seat);
        self.cancel_orphans();
    }

    /// Takes the timers of clients that are gone off the agenda.
    fn cancel_orphans(&mut self) {
        let clients = &self.clients;
        let orphans: Vec<Timer> = self
            .timers
            .keys()
            .filter(|timer| match timer {
                Timer::Consumer(client, _) | Timer::Producer(client, _) => {
                    !clients.contains_key(client)
                }
                Timer::Kafka(_)
                | Timer::RabbitMq(_)
                | Timer::Call(_)
                | Timer::Scaler(_)
                | Timer::Ramp => false,
            })
            .cloned()
            .collect();
        for timer in orphans {
            self.cancel(&timer);
        }
    }

    /// What a crash means for the message that was being worked on.
    fn job_is_cut_off(&mut self, seat: Seat, job: &Job) {
        self.place_is_free(seat, job.began_at);
        let service = self.service_at(seat);
        let id = service.spec.id.clone();
        let ack = service.ack;
        let committed_before = job.commit == CommitMode::Before;
        let passes_on = !service.spec.publishes.is_empty()
            || !service.spec.enqueues.is_empty()
            || service.spec.database.is_some();
        let done = job.stage == Stage::Answering || (job.effected && !passes_on);
        match &job.source {
            Source::Call { call } => {
                self.audit_after_crash(seat, *call, job.order);
                let reason = format!("{id} is down: connection reset").into();
                self.answer_call(seat.into(), *call, Err(reason));
            }
            Source::Delivery { channel, .. }
                if !done
                    && (ack == AckMode::Before
                        || self.forgetful.contains_key(&channel.connection)) =>
            {
                self.lose_delivery(job.order, seat.service, ack, job.source.message());
            }
            Source::Record { .. } if committed_before && !done => {
                let text =
                    format!("was in the hands of {id} when it crashed; its offset was committed");
                let finding = self.ledger.lose(self.now, job.order, text);
                self.note_finding_on(job.order, finding, job.source.message());
            }
            Source::Delivery { .. } | Source::Record { .. } => {}
        }
    }

    fn intake_is_cut_off(&mut self, seat: Seat, intake: Intake) {
        match intake {
            Intake::Nothing | Intake::Topic { .. } => {}
            Intake::Http { waiting } => {
                let id = self.service_at(seat).spec.id.clone();
                for call in waiting {
                    let reason = format!("{id} is down: connection reset").into();
                    self.answer_call(seat.into(), call.call, Err(reason));
                }
            }
            Intake::Queue { hand } => {
                for delivery in hand {
                    self.delivery_met_nobody(seat.service, &delivery);
                }
            }
        }
    }
}

/// A member's settings: the scenario's, and Kafka's defaults for the rest.
fn consumer_config(seat: Seat, input: &Input) -> ConsumerConfig {
    let Input::Topic {
        topic,
        group,
        assignor,
        session_timeout_ms,
        max_poll_records,
        commit,
        consumer,
        ..
    } = input
    else {
        unreachable!("only services on a topic have a consumer");
    };
    let mut config = ConsumerConfig::new(group.clone(), vec![topic.clone()]);
    config.client_name = format!("{group}-{}", seat.instance + 1).into();
    consumer.apply(&mut config, seat.instance + 1);
    config.enable_auto_commit = *commit == CommitMode::Auto;
    if let Some(name) = assignor {
        config.assignor = kafka::Assignor::from_name(name)
            .expect("the scenario's assignors were checked when it was read");
    }
    if let Some(ms) = session_timeout_ms {
        config.session_timeout = Duration::from_millis(*ms);
    }
    if let Some(records) = max_poll_records {
        config.max_poll_records = *records;
    }
    config
}
