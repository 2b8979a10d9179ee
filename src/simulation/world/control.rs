//! Commands: what a learner's hand does, and how instances start and crash.

use super::*;
use crate::engine::kafka::{Consumer, ConsumerConfig, Producer, ProducerConfig};
use crate::simulation::command::CommandError;
use crate::simulation::job::{Job, Source, Stage};
use crate::simulation::scenario::{CommitMode, Input, Work};
use crate::simulation::service::{Instance, Intake};

/// More would be a number mistyped.
const INSTANCES_MOST: u32 = 64;
const PER_MINUTE_MOST: u32 = 1_000_000;

impl World {
    /// Says why a command could not be carried out; nothing happens.
    pub fn check(&self, command: &Command) -> Result<(), CommandError> {
        let refuse = |message: String| Err(CommandError { message });
        match command {
            Command::Kill { service, instance } | Command::Restart { service, instance } => {
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
            Command::Poison { service } | Command::CrashAt { service, .. } => {
                self.index_of(service).map(|_| ())
            }
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
            Command::Call { service, callee, .. } => {
                let (caller, callee_index) = (self.index_of(service)?, self.index_of(callee)?);
                let calls = &self.services[caller].calls;
                if calls.iter().any(|(index, _)| usize::from(*index) == callee_index) {
                    return Ok(());
                }
                refuse(format!("{service} does not call {callee}"))
            }
            Command::ArrivalRate { per_minute } => {
                if *per_minute <= PER_MINUTE_MOST {
                    return Ok(());
                }
                refuse(format!("at most {PER_MINUTE_MOST} orders per minute can be placed"))
            }
        }
    }

    fn index_of(&self, service: &str) -> Result<usize, CommandError> {
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
            Command::SetWork { service, work } => self.edit(service)?.work = *work,
            Command::FailRate { service, per_mille } => {
                self.edit(service)?.fail_per_mille = *per_mille;
            }
            Command::Poison { service } => self.edit(service)?.poison_next = true,
            Command::CrashAt { service, point } => self.edit(service)?.crash_at = Some(*point),
            Command::Instances { service, count } => self.set_instances(service, *count)?,
            Command::Prefetch { service, count } => {
                self.edit(service)?.prefetch = *count;
                self.reconnect(service)?;
            }
            Command::Ack { service, mode } => {
                self.edit(service)?.ack = *mode;
                self.reconnect(service)?;
            }
            Command::Call { service, callee, enabled } => {
                let callee = self.index_of(callee)? as u16;
                let calls = &mut self.edit(service)?.calls;
                calls.iter_mut().filter(|call| call.0 == callee).for_each(|call| call.1 = *enabled);
            }
            Command::ArrivalRate { per_minute } => self.set_arrivals(*per_minute),
        }
        Ok(())
    }

    fn edit(&mut self, service: &str) -> Result<&mut Service, CommandError> {
        let index = self.index_of(service)?;
        Ok(&mut self.services[index])
    }

    /// All instances of a service, or the one with this number (from 1).
    fn seats(&self, service: &str, instance: Option<u32>) -> Result<Vec<Seat>, CommandError> {
        let index = self.index_of(service)?;
        let count = self.services[index].instances.len() as u16;
        let service = index as u16;
        let wanted = |seat: &Seat| instance.is_none_or(|n| n == u32::from(seat.instance) + 1);
        let seats = (0..count).map(|instance| Seat { service, instance });
        Ok(seats.filter(wanted).collect())
    }

    /// Starts or stops instances at the end of the list. One that stops closes its connections in
    /// good order; what it had in hand goes back.
    fn set_instances(&mut self, service: &str, count: u32) -> Result<(), CommandError> {
        let index = self.index_of(service)?;
        let down = self.services[index].instances_up() == 0;
        let before = self.services[index].instances.len() as u32;
        for instance in before..count {
            let seat = Seat { service: index as u16, instance: instance as u16 };
            self.start_instance(seat);
            if down {
                self.crash(seat, "the service is down");
            }
        }
        for instance in (count..before).rev() {
            let seat = Seat { service: index as u16, instance: instance as u16 };
            self.leave_group(seat);
            self.crash(seat, "stopped");
            self.services[index].instances.pop();
        }
        Ok(())
    }

    /// Closes the connections of a service's workers and opens new ones with the new settings.
    fn reconnect(&mut self, service: &str) -> Result<(), CommandError> {
        for seat in self.seats(service, None)? {
            if self.instance_at(seat).is_some_and(|instance| instance.up) {
                self.crash(seat, "reconnects with new settings");
                self.start_instance(seat);
            }
        }
        Ok(())
    }

    /// Starts an instance that is down or new. One that is up stays as it is.
    pub(super) fn start_instance(&mut self, seat: Seat) {
        if self.instance_at(seat).is_some_and(|instance| instance.up) {
            return;
        }
        let spec = self.service_at(seat).spec.clone();
        let producer = (!spec.publishes.is_empty()).then(|| {
            let client = self.client(seat, Role::Producer);
            (client, Producer::new(client, ProducerConfig::default()))
        });
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
        let instance = Instance { up: true, jobs: Vec::new(), intake, producer, connection: None };
        let service = self.service_at(seat);
        service.down_since = None;
        match service.instances.get_mut(usize::from(seat.instance)) {
            Some(place) => *place = instance,
            None => service.instances.push(instance),
        }
        let Seat { service, instance } = seat;
        self.note(Event::Started { service, instance });
        self.connect(seat);
        self.join_group(seat);
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
        let connection = instance.connection.take();
        let service = self.service_at(seat);
        service.crashes += 1;
        if service.instances_up() == 0 {
            service.down_since = Some(now);
        }
        let Seat { service, instance } = seat;
        self.note(Event::Crashed { service, instance, reason: reason.into() });
        self.forget_clients(seat);
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
        let clients = &self.clients;
        let orphans: Vec<Timer> = self
            .timers
            .keys()
            .filter(|timer| match timer {
                Timer::Consumer(client, _) | Timer::Producer(client, _) => {
                    !clients.contains_key(client)
                }
                Timer::Kafka(_) | Timer::RabbitMq(_) => false,
            })
            .cloned()
            .collect();
        for timer in orphans {
            self.cancel(&timer);
        }
    }

    /// What a crash means for the message that was being worked on.
    fn job_is_cut_off(&mut self, seat: Seat, job: &Job) {
        let service = self.service_at(seat);
        let id = service.spec.id.clone();
        let committed_before =
            matches!(service.spec.input, Input::Topic { commit: CommitMode::Before, .. });
        let passes_on = !service.spec.publishes.is_empty() || !service.spec.enqueues.is_empty();
        let done = job.stage == Stage::Answering || (job.effected && !passes_on);
        match &job.source {
            Source::Call { call } => {
                let reason = format!("{id} is down: connection reset").into();
                self.answer_call(seat.into(), *call, Err(reason));
            }
            Source::Delivery { channel, .. }
                if self.forgetful.contains_key(&channel.connection) && !done =>
            {
                self.lose_delivery(job.order, &id);
            }
            Source::Record { .. } if committed_before && !done => {
                let text =
                    format!("was in the hands of {id} when it crashed; its offset was committed");
                let finding = self.ledger.lose(self.now, job.order, text);
                self.note_finding(job.order, finding);
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
        topic, group, assignor, session_timeout_ms, max_poll_records, commit, ..
    } = input
    else {
        unreachable!("only services on a topic have a consumer");
    };
    let mut config = ConsumerConfig::new(group.clone(), vec![topic.clone()]);
    config.client_name = format!("{group}-{}", seat.instance + 1).into();
    config.auto_offset_reset = kafka::OffsetReset::Earliest;
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

impl Work {
    /// An hour for one message would be a number mistyped.
    pub fn check(self) -> Result<(), String> {
        const MOST_MS: u64 = 3_600_000;
        match self {
            Work::FixedMs(ms) if ms > MOST_MS => {
                Err(format!("work takes at most {MOST_MS} ms, not {ms}"))
            }
            Work::UniformMs { min, max } if min > max || max > MOST_MS => {
                Err(format!("work takes from min to max, at most {MOST_MS} ms, not {min} to {max}"))
            }
            Work::FixedMs(_) | Work::UniformMs { .. } => Ok(()),
        }
    }
}
