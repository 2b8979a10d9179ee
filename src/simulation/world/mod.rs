//! The world: the whole state of a run at one instant.
//!
//! Everything that happens is an item of the agenda: an order is placed, a parcel arrives, a piece
//! of work ends, a timer fires. [`World::run_until`] takes them one by one. The engines are called
//! when a parcel reaches them and answer with parcels; nothing else moves between the parts.

mod administration;
mod admission;
mod arrivals;
mod breakage;
mod brokers;
mod calls;
mod confirms;
mod connections;
mod control;
mod database;
mod figures;
mod http;
mod links;
mod log;
mod offsets;
mod pause;
mod projection;
mod promises;
mod referee;
mod replay;
mod sampling;
mod scaling;
mod schemas;
mod settings;
mod setup;
mod tasks;
mod timers;
mod transactions;
mod weight;
mod work;

use std::rc::Rc;
use std::time::Duration;

pub(super) use brokers::check_setting;
pub use figures::QueueRole;
use links::Faults;
use litemap::LiteMap;
pub(super) use schemas::{check_versions, registry_of};
pub(super) use setup::policy;

use super::agenda::{Agenda, Place};
use super::alert::AlertState;
use super::command::Command;
use super::ledger::Ledger;
use super::line::Line;
use super::metrics::Metrics;
use super::parcel::{Cargo, Endpoint, Parcel, Parcels};
use super::projection::Readers;
use super::random::Stream;
use super::scenario::{Buyers, Scenario};
use super::service::Service;
use super::trace::{Event, Trace};
use crate::engine::kafka::{self, ClientId, Cluster};
use crate::engine::rabbitmq::{self, Broker};
use crate::engine::{Instant, Spare};

/// The state of a run at one instant. Cloning it is cheap enough for checkpoints: what is old and
/// does not change any more is shared.
#[derive(Clone, Debug)]
pub struct World {
    scenario: Rc<Scenario>,
    now: Instant,
    agenda: Agenda<Task>,
    timers: timers::Timers,
    kafka: Cluster,
    rabbitmq: Broker,
    services: Vec<Service>,
    parcels: Parcels,
    /// Numbers for parcels, jobs, calls, clients and connections.
    next_id: u64,
    clients: LiteMap<ClientId, Client>,
    connections: LiteMap<u32, Seat>,
    /// Connections, closed ones too, on which the broker forgets what it sends, and whose they are.
    forgetful: LiteMap<u32, u16>,
    /// Connections, closed ones too, on which a service has asked for confirms, and whose they are.
    confirming: LiteMap<u32, u16>,
    calls: LiteMap<u64, Caller>,
    arrivals: arrivals::Arrivals,
    buyers: Rc<Buyers>,
    pub(super) ledger: Ledger,
    pub(super) metrics: Metrics,
    pub(super) alerts: Vec<AlertState>,
    pub(super) trace: Trace,
    accepted: u64,
    refused: u64,
    /// Attempts on which buyers gave up waiting.
    timed_out: u64,
    /// Attempts of buyers who came back.
    bought_again: u64,
    roles: Rc<LiteMap<Rc<str>, QueueRole>>,
    /// Where offsets of groups were moved, the last time in each partition.
    moved: Vec<offsets::Moved>,
    faults: Faults,
    readers: Readers,
    schemas: schemas::Schemas,
    /// Services that read more than one message about an order, by index.
    watched: Rc<Vec<u16>>,
    /// The scenario with the bindings and partitions of now, for whoever draws it.
    standing: Rc<Scenario>,
    /// What the learner decided, by question.
    decisions: LiteMap<Rc<str>, Rc<str>>,
    /// How many things of the agenda have happened.
    happened: u64,
    /// Room for the effects of clients.
    consumer_effects: Spare<kafka::ConsumerEffect>,
    producer_effects: Spare<kafka::ProducerEffect>,
}

/// An instance of a service, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seat {
    service: u16,
    instance: u16,
}

impl From<Seat> for Endpoint {
    fn from(seat: Seat) -> Endpoint {
        Endpoint::Service { service: seat.service, instance: seat.instance }
    }
}

/// Whose Kafka client a [`ClientId`] is.
#[derive(Clone, Copy, Debug)]
struct Client {
    seat: Seat,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Consumer,
    Producer,
}

/// Who waits for the answer to an HTTP call.
#[derive(Clone, Copy, Debug)]
enum Caller {
    Buyer {
        order: u32,
        attempt: u32,
    },
    Job {
        seat: Seat,
        job: u64,
        order: u32,
        made_at: Instant,
    },
    /// A buyer who looks an order up.
    Reader {
        order: u32,
        asked_at: Instant,
    },
}

/// What can be due.
#[derive(Clone, Debug)]
enum Task {
    PlaceOrder,
    ChangeArrivals {
        per_minute: u32,
        over_ms: u64,
    },
    Arrive(u64),
    /// A piece of work ends, or a failed one is to be tried again.
    Job {
        seat: Seat,
        job: u64,
    },
    Timer(Timer),
    Fault(u32),
    /// One of the faults that this run has drawn.
    Surprise(u32),
    Sample,
    PlaceRecorded(u32),
    Burst {
        left: u32,
        every_us: u64,
    },
    BuyAgain {
        order: u32,
        attempt: u32,
    },
    /// An instance that is to stop has had its time.
    Leave(Seat),
    StartInstances {
        service: u16,
        count: u32,
    },
    /// No answer to this call of a Kafka client will come.
    GiveUp(kafka::Call),
    /// Connections to RabbitMQ that were silent for too long are closed.
    Heartbeats,
    /// A connection to RabbitMQ broke.
    BreakConnection(u32),
    Reconnect(Seat),
    /// The relay of a service looks into its outbox.
    Relay(u16),
    /// What a crash left in a service's database is compared with the log.
    Audit {
        service: u16,
        order: u32,
    },
    /// A buyer looks an order up.
    Read {
        order: u32,
    },
    /// A reader does not wait any longer for the order.
    ReadTimeout {
        call: u64,
    },
}

/// Timers that the engines and their clients set and cancel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Kafka(kafka::Timer),
    RabbitMq(rabbitmq::Timer),
    Consumer(ClientId, kafka::ConsumerTimer),
    Producer(ClientId, kafka::ProducerTimer),
    /// A caller waits no longer.
    Call(u64),
    /// The scaler of a service looks at what waits.
    Scaler(u16),
    /// The rate of orders goes on towards another one.
    Ramp,
}

impl World {
    pub fn now(&self) -> Instant {
        self.now
    }

    pub fn scenario(&self) -> &Rc<Scenario> {
        &self.scenario
    }

    /// The scenario with the bindings and partitions that there are now.
    pub fn standing(&self) -> &Rc<Scenario> {
        &self.standing
    }

    /// What the learner decided about a question.
    pub fn decision(&self, question: &str) -> Option<&Rc<str>> {
        self.decisions.get(question)
    }

    pub fn kafka(&self) -> &Cluster {
        &self.kafka
    }

    pub fn rabbitmq(&self) -> &Broker {
        &self.rabbitmq
    }

    pub fn services(&self) -> &[Service] {
        &self.services
    }

    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| &*service.spec.id == id)
    }

    /// What is in flight, in the order of sending.
    pub fn parcels(&self) -> impl Iterator<Item = &Parcel> {
        self.parcels.values()
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub fn alerts(&self) -> &[AlertState] {
        &self.alerts
    }

    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The sentence for an entry of the trace.
    pub fn line<'a>(&'a self, entry: &'a super::trace::Entry) -> Line<'a> {
        Line { entry, services: &self.services }
    }

    /// Orders per minute at present.
    pub fn arrivals_per_minute(&self) -> u32 {
        self.arrivals.per_minute
    }

    /// When something happens next.
    pub fn next_due(&self) -> Option<Instant> {
        self.agenda.next_due()
    }

    /// How many things of the agenda have happened: a measure of the work in a run.
    pub fn happened(&self) -> u64 {
        self.happened
    }

    /// Lets everything happen that is due by `until`, and ends there.
    pub fn run_until(&mut self, until: Instant) {
        let all = self.run_some(until, u64::MAX);
        debug_assert!(all, "nobody lives to see so many things happen");
    }

    /// Lets at most so many things happen. True if nothing more is due by `until`, where it ends.
    pub(super) fn run_some(&mut self, until: Instant, most: u64) -> bool {
        for _ in 0..most {
            let Some((due, task)) = self.agenda.pop_until(until) else {
                self.now = self.now.max(until);
                return true;
            };
            self.now = due;
            self.happened += 1;
            self.carry_out(task);
        }
        false
    }

    fn carry_out(&mut self, task: Task) {
        let Some(task) = self.unless_frozen(task) else {
            return;
        };
        match task {
            Task::PlaceOrder => self.place_next_order(),
            Task::ChangeArrivals { per_minute, over_ms } => {
                self.ramp_arrivals(per_minute, over_ms);
            }
            Task::Arrive(parcel) => self.arrive(parcel),
            Task::Job { seat, job } => self.job_is_due(seat, job),
            Task::Timer(timer) => self.fire(timer),
            Task::Fault(index) => self.timed_fault(index),
            Task::Surprise(index) => self.surprise(index),
            Task::Sample => self.sample(),
            Task::PlaceRecorded(index) => self.place_recorded(index),
            Task::Burst { left, every_us } => self.burst(left, every_us),
            Task::BuyAgain { order, attempt } => self.buy_again(order, attempt),
            Task::Leave(seat) => self.leave(seat),
            Task::StartInstances { service, count } => self.instances_are_ready(service, count),
            Task::GiveUp(call) => self.give_up(call),
            Task::Heartbeats => self.miss_heartbeats(),
            Task::BreakConnection(connection) => {
                self.lose_connection(connection, "a frame was lost");
            }
            Task::Reconnect(seat) => self.reconnect_to_rabbitmq(seat),
            Task::Read { order } => self.read(order),
            Task::ReadTimeout { call } => self.read_timeout(call),
            Task::Relay(service) => self.relay(service),
            Task::Audit { service, order } => self.audit(service, order),
        }
    }

    fn timed_fault(&mut self, index: u32) {
        let command: Command = self.scenario.faults[index as usize].command.clone();
        self.command(&command).expect("the scenario's faults were checked when it was read");
    }

    /// A surprise that has no object any more, as a learner was faster, does not take place.
    fn surprise(&mut self, index: u32) {
        let scenario = self.scenario.clone();
        let mut all = scenario.surprises.iter().flat_map(|surprises| &surprises.of);
        if let Some(command) = all.nth(index as usize) {
            let _refused = self.command(command);
        }
    }

    fn fire(&mut self, timer: Timer) {
        if let Some(set) = self.timers.remove(&timer)
            && set.due > self.now
        {
            return self.schedule(timer, set.due);
        }
        match timer {
            Timer::Kafka(timer) => self.kafka_timer(timer),
            Timer::RabbitMq(timer) => {
                let effects = self.rabbitmq.timeout(self.now, timer);
                self.rabbitmq_effects(effects);
            }
            Timer::Consumer(client, timer) => {
                self.drive_consumer(client, kafka::ConsumerInput::Timer(timer));
            }
            Timer::Producer(client, timer) => {
                self.drive_producer(client, kafka::ProducerInput::Timer(timer));
            }
            Timer::Call(call) => self.call_timed_out(call),
            Timer::Scaler(service) => self.scale(service),
            Timer::Ramp => self.ramp_step(),
        }
    }

    /// Sets a keyed timer; one that was set before under the same key is replaced. One that is put
    /// off stays on the agenda and is set anew when it comes up there: sessions begin anew at each
    /// sign of life.
    fn schedule(&mut self, timer: Timer, due: Instant) {
        let due = due.max(self.now);
        match self.timers.get_mut(&timer) {
            Some(set) if set.place.due() <= due => set.due = due,
            Some(set) => {
                let place = self.agenda.add(due, Task::Timer(timer));
                self.agenda.remove(set.place);
                (set.place, set.due) = (place, due);
            }
            None => {
                let place = self.agenda.add(due, Task::Timer(timer.clone()));
                self.timers.insert(timer, place);
            }
        }
    }

    fn cancel(&mut self, timer: &Timer) {
        if let Some(set) = self.timers.remove(timer) {
            self.agenda.remove(set.place);
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn note(&mut self, event: Event) {
        self.count(&event);
        self.trace.push(self.now, event);
    }

    /// Sends something on its way.
    fn send(&mut self, from: Endpoint, to: Endpoint, order: Option<u32>, cargo: Cargo) {
        let links = &self.scenario.links;
        let micros = [links.http_us, links.kafka_us, links.rabbitmq_us][cargo.protocol()];
        let latency = Duration::from_micros(micros);
        if order.is_some() {
            self.note(Event::Sent { order, from, to, what: cargo.name() });
        }
        let broker = self.broker_of(&cargo);
        let (sent_at, mut due_at) = (self.now, self.now + latency);
        if self.faults.may_lose() {
            match self.pass((from, to, broker), latency, order, &cargo) {
                Some(due) => due_at = due,
                None => return,
            }
        }
        self.put(Parcel { from, to, broker, sent_at, due_at, order, cargo });
    }

    fn put(&mut self, parcel: Parcel) {
        let (id, lane, due) = (self.id(), parcel.cargo.protocol(), parcel.due_at);
        self.parcels.insert(id, parcel);
        self.agenda.queue(lane, due, Task::Arrive(id));
    }

    fn arrive(&mut self, id: u64) {
        if self.faults.may_lose() && !self.gets_through(id) {
            return;
        }
        let Some(parcel) = self.parcels.remove(&id) else {
            return;
        };
        match parcel.cargo {
            Cargo::HttpRequest { call, body } => {
                self.take_call(parcel.to, call, parcel.order, body);
            }
            Cargo::HttpResponse { call, outcome } => self.take_answer(call, outcome),
            Cargo::KafkaRequest { call, request } => {
                let produced = self.produced_by(parcel.from, &request);
                self.ask_kafka(parcel.broker, call, request);
                self.note_appended(parcel.from, produced);
            }
            Cargo::KafkaResponse { call, response } => self.kafka_answered(call, response),
            Cargo::AmqpMethod { channel, method } => {
                self.ask_rabbitmq(channel, method);
            }
            Cargo::AmqpDelivery(delivery) => self.take_delivery(parcel.to, delivery),
            Cargo::AmqpConfirm { connection, number, multiple, ack } => {
                self.take_confirms(connection, number, multiple, ack);
            }
            Cargo::AmqpReturn { connection } => {
                self.take_return(connection, parcel.order.unwrap_or(0));
            }
        }
    }

    fn service_at(&mut self, seat: Seat) -> &mut Service {
        &mut self.services[usize::from(seat.service)]
    }

    fn instance_at(&mut self, seat: Seat) -> Option<&mut super::service::Instance> {
        self.service_at(seat).instances.get_mut(usize::from(seat.instance))
    }
}
