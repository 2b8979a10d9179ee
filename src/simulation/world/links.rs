//! What breaks between the parts: messages that links hold up or lose, and connections that end.

use super::*;
use crate::engine::kafka::{
    Acks, ConsumerInput, ErrorCode, ProducerInput, ProducerTimer, TopicPartition,
};
use crate::engine::rabbitmq::{ChannelId, Method};
use crate::simulation::command::CommandError;
use crate::simulation::network::{LinkFault, Network, Node};
use crate::simulation::order::number_of;
use crate::simulation::scenario::Input;
use crate::simulation::service::Intake;

/// Kafka's `request.timeout.ms` for consumers.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Kafka's `reconnect.backoff.max.ms`.
const RECONNECT_BACKOFF: Duration = Duration::from_secs(1);
/// Kafka's `replica.fetch.backoff.ms`.
const REPLICA_FETCH_BACKOFF: Duration = Duration::from_secs(1);
/// RabbitMQ's `heartbeat`: a peer that was not heard of for so long is gone.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(60);

/// What is broken between and below the services.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    pub network: Network,
    /// Parcels that wait at a cut link, in the order in which they came there.
    pub held: Vec<u64>,
    /// Instances whose process stands still, and since when.
    pub paused: Vec<(Seat, Instant)>,
    /// What came due for them meanwhile.
    pub frozen: Vec<(Seat, Task)>,
    /// Whose next reply is lost.
    pub lost_replies: Vec<Node>,
    /// Kafka brokers without space.
    pub full_disks: Vec<u32>,
    /// Timers of the Kafka cluster that came due while no broker was alive.
    pub stopped: Vec<kafka::Timer>,
    /// What RabbitMQ has not read from connections that it blocks.
    pub unread: Vec<(ChannelId, Method)>,
    /// Messages that links have lost.
    pub lost: u64,
}

impl Faults {
    pub fn new(seed: u64) -> Faults {
        Faults {
            network: Network::new(seed),
            held: Vec::new(),
            paused: Vec::new(),
            frozen: Vec::new(),
            lost_replies: Vec::new(),
            full_disks: Vec::new(),
            stopped: Vec::new(),
            unread: Vec::new(),
            lost: 0,
        }
    }

    /// True once anything can happen to what is on its way.
    pub fn may_lose(&self) -> bool {
        !self.network.is_untouched() || !self.lost_replies.is_empty()
    }
}

impl World {
    /// The end of a link that a learner names.
    pub(super) fn node(&self, name: &str) -> Result<Node, CommandError> {
        let (id, number) = match name.split_once('/') {
            Some((id, number)) => (id, number.parse::<u16>().ok().filter(|number| *number > 0)),
            None => (name, None),
        };
        let numbered = name.contains('/');
        let brokers = self.scenario.kafka.brokers;
        let service = self.services.iter().position(|one| &*one.spec.id == id);
        match (id, number, service) {
            ("buyer", None, _) if !numbered => Ok(Node::Buyer),
            ("rabbitmq", None, _) if !numbered => Ok(Node::RabbitMq),
            ("kafka", None, _) if !numbered => Ok(Node::Kafka(None)),
            ("kafka", Some(n), _) if u32::from(n) <= brokers => Ok(Node::Kafka(Some(n.into()))),
            (_, None, Some(service)) if !numbered => Ok(Node::Service(service as u16, None)),
            (_, Some(n), Some(service)) => Ok(Node::Service(service as u16, Some(n - 1))),
            _ => {
                let ids: Vec<&str> = self.services.iter().map(|one| &*one.spec.id).collect();
                let message = format!(
                    "there is no '{name}'; an end of a link is buyer, kafka, kafka/1 to \
                     kafka/{brokers}, rabbitmq, {}",
                    ids.join(", ")
                );
                Err(CommandError { message })
            }
        }
    }

    pub(super) fn cut(&mut self, from: &str, to: &str, one_way: bool) -> Result<(), CommandError> {
        for (from, to) in ways(from, to, one_way) {
            let ends = (self.node(from)?, self.node(to)?);
            self.faults.network.cut(self.now, ends.0, ends.1, &format!("{from} to {to}"));
        }
        self.agenda.add(self.now + HEARTBEAT, Task::Heartbeats);
        Ok(())
    }

    pub(super) fn set_link_fault(
        &mut self,
        (from, to, one_way): (&str, &str, bool),
        fault: LinkFault,
    ) -> Result<(), CommandError> {
        for (from, to) in ways(from, to, one_way) {
            let ends = (self.node(from)?, self.node(to)?);
            self.faults.network.set_fault(ends.0, ends.1, &format!("{from} to {to}"), fault);
        }
        Ok(())
    }

    /// A link is as new, and what it held up arrives, unless its sender gave it up meanwhile.
    pub(super) fn heal(&mut self, from: &str, to: &str) -> Result<(), CommandError> {
        for (from, to) in ways(from, to, false) {
            let ends = (self.node(from)?, self.node(to)?);
            self.faults.network.heal(ends.0, ends.1);
        }
        for id in std::mem::take(&mut self.faults.held) {
            let stale = self.parcels.get(&id).is_none_or(|parcel| self.is_given_up(parcel));
            if stale {
                self.forget_parcel(id);
            } else {
                self.agenda.add(self.now, Task::Arrive(id));
            }
        }
        Ok(())
    }

    /// Nobody waits for this parcel any more. A publish without confirms is lost with it.
    fn forget_parcel(&mut self, id: u64) {
        if let Some(Parcel { from, cargo: Cargo::AmqpMethod { method, .. }, .. }) =
            self.parcels.remove(&id)
            && !confirms(&self.services, from)
        {
            self.lose_publish(published_order(&method));
        }
    }

    pub(super) fn held_messages(&self) -> u64 {
        let held = self.faults.held.iter().filter(|id| self.parcels.get(id).is_some());
        held.count() as u64
    }

    fn is_given_up(&self, parcel: &Parcel) -> bool {
        match &parcel.cargo {
            Cargo::HttpRequest { call, .. } => !self.calls.contains_key(call),
            Cargo::KafkaRequest { call, request } => {
                !self.awaits(*call) && unanswered_records(request).is_none()
            }
            Cargo::AmqpMethod { channel, method } => {
                let open = self.connections.contains_key(&channel.connection);
                !open && *method != Method::ConnectionClose
            }
            Cargo::AmqpConfirm { connection, .. } | Cargo::AmqpReturn { connection } => {
                !self.connections.contains_key(connection)
            }
            Cargo::HttpResponse { .. } | Cargo::KafkaResponse { .. } | Cargo::AmqpDelivery(_) => {
                false
            }
        }
    }

    /// True while a Kafka client waits for the answer to a call.
    fn awaits(&self, call: kafka::Call) -> bool {
        let Some(Client { seat, role }) = self.clients.get(&call.client).copied() else {
            return false;
        };
        let service = &self.services[usize::from(seat.service)];
        let Some(instance) = service.instances.get(usize::from(seat.instance)) else {
            return false;
        };
        match (role, &instance.intake, &instance.producer) {
            (Role::Consumer, Intake::Topic { consumer, .. }, _) => {
                consumer.awaits(call.correlation)
            }
            (Role::Producer, _, Some((_, producer))) => producer.awaits(call.correlation),
            _ => false,
        }
    }

    /// A parcel is at the end of its link. Returns false if it gets no further for now.
    pub(super) fn gets_through(&mut self, id: u64) -> bool {
        let Some(parcel) = self.parcels.get(&id) else {
            return false;
        };
        let (from, to, sent_at) = (parcel.from, parcel.to, parcel.sent_at);
        if self.faults.network.cut_since(from, to, parcel.broker).is_none() {
            return true;
        }
        match &parcel.cargo {
            Cargo::KafkaRequest { call, .. } | Cargo::KafkaResponse { call, .. } => {
                let due = (sent_at + REQUEST_TIMEOUT).max(self.now);
                self.agenda.add(due, Task::GiveUp(*call));
            }
            // Nobody says good-bye to the broker: it misses the heartbeats.
            Cargo::AmqpMethod { method: Method::ConnectionClose, .. } => {
                if self.now.since(sent_at) >= HEARTBEAT {
                    return true;
                }
                self.agenda.add(sent_at + HEARTBEAT, Task::Arrive(id));
                return false;
            }
            Cargo::HttpRequest { .. }
            | Cargo::HttpResponse { .. }
            | Cargo::AmqpMethod { .. }
            | Cargo::AmqpDelivery(_)
            | Cargo::AmqpConfirm { .. }
            | Cargo::AmqpReturn { .. } => {}
        }
        self.faults.held.push(id);
        false
    }

    /// Takes a message over a link that somebody did something to. Returns when it arrives, or
    /// `None` if it is lost.
    pub(super) fn pass(
        &mut self,
        (from, to, broker): (Endpoint, Endpoint, Option<u32>),
        latency: Duration,
        order: Option<u32>,
        cargo: &Cargo,
    ) -> Option<Instant> {
        let http = matches!(cargo, Cargo::HttpRequest { .. } | Cargo::HttpResponse { .. });
        let ends = (from, to, broker);
        let passage = self.faults.network.passage(ends, (self.now, latency), !http);
        if passage.lost || self.reply_is_lost(from, cargo) {
            let what = cargo.name();
            self.note(Event::LostOnLink { order, from, to, what });
            self.faults.lost += 1;
            self.lost_on_link(to, cargo);
            return None;
        }
        let copied = matches!(
            cargo,
            Cargo::HttpRequest { .. }
                | Cargo::KafkaRequest { request: kafka::Request::Produce(_), .. }
                | Cargo::AmqpMethod { method: Method::BasicPublish(_), .. }
        );
        if passage.doubled && copied {
            self.count_resent(from, cargo);
            let (sent_at, due_at, cargo) = (self.now, passage.due, cargo.clone());
            self.put(Parcel { from, to, broker, sent_at, due_at, order, cargo });
        }
        Some(passage.due)
    }

    fn reply_is_lost(&mut self, from: Endpoint, cargo: &Cargo) -> bool {
        let is_reply = match cargo {
            Cargo::HttpResponse { .. } => true,
            Cargo::KafkaResponse { response: kafka::Response::Produce(outcomes), .. } => {
                outcomes.iter().all(|(_, outcome)| outcome.is_ok())
            }
            _ => false,
        };
        let lost = &mut self.faults.lost_replies;
        let place = lost.iter().position(|node| node.covers(from, None)).filter(|_| is_reply);
        place.map(|place| lost.remove(place)).is_some()
    }

    /// Who hears of a lost message. Kafka's clients and RabbitMQ's notice that their connection
    /// broke; an HTTP caller hears nothing and waits.
    fn lost_on_link(&mut self, to: Endpoint, cargo: &Cargo) {
        match cargo {
            Cargo::HttpRequest { .. } | Cargo::HttpResponse { .. } => {}
            Cargo::KafkaRequest { call, request } => {
                self.lose_unanswered(request);
                self.agenda.add(self.now, Task::GiveUp(*call));
            }
            Cargo::KafkaResponse { call, .. } => {
                self.agenda.add(self.now, Task::GiveUp(*call));
            }
            Cargo::AmqpMethod { channel, method } => {
                if !self.listens_for_confirms(channel.connection) {
                    self.lose_publish(published_order(method));
                }
                self.agenda.add(self.now, Task::BreakConnection(channel.connection));
            }
            Cargo::AmqpDelivery(delivery) => {
                if let Endpoint::Service { service, .. } = to {
                    self.delivery_met_nobody(service, delivery);
                }
                let connection = delivery.channel.connection;
                self.agenda.add(self.now, Task::BreakConnection(connection));
            }
            Cargo::AmqpConfirm { connection, .. } | Cargo::AmqpReturn { connection } => {
                self.agenda.add(self.now, Task::BreakConnection(*connection));
            }
        }
    }

    /// The records of a write with `acks=0` that did not arrive: nobody will ever know.
    pub(super) fn lose_unanswered(&mut self, request: &kafka::Request) {
        for order in unanswered_records(request).into_iter().flatten() {
            let text = "had a record lost on the way to kafka: its producer asked for no \
                        acknowledgement (acks=0)";
            self.lose_order(order, text.to_owned());
        }
    }

    pub(super) fn lose_order(&mut self, order: u32, text: String) {
        let finding = self.ledger.lose(self.now, order, text);
        self.note_finding(order, finding);
    }

    /// A publish about this order did not reach RabbitMQ.
    pub(super) fn lose_publish(&mut self, order: Option<u32>) {
        if let Some(order) = order {
            let text = "had a task lost on the way to rabbitmq: its publisher asked for no \
                        confirm";
            self.lose_order(order, text.to_owned());
        }
    }

    /// A request reaches the cluster if the broker that it is for is alive and still leads.
    pub(super) fn reaches_broker(
        &mut self,
        broker: Option<u32>,
        call: kafka::Call,
        request: &kafka::Request,
    ) -> bool {
        if self.all_brokers_are_dead() {
            self.lose_unanswered(request);
            self.agenda.add(self.now + RECONNECT_BACKOFF, Task::GiveUp(call));
            return false;
        }
        let kafka::Request::Produce(produce) = request else {
            return true;
        };
        let at = &produce.batches[0].partition;
        let leader = self.kafka.partition(at).and_then(|partition| partition.leader());
        if leader.is_none() {
            self.lose_unanswered(request);
        }
        let Some(broker) = broker.filter(|broker| leader.is_some_and(|leads| leads != *broker))
        else {
            return true;
        };
        self.lose_unanswered(request);
        if self.kafka.dead_brokers().contains(&broker) {
            self.agenda.add(self.now, Task::GiveUp(call));
        } else if produce.acks != Acks::None {
            let refused = vec![(at.clone(), Err(ErrorCode::NotLeaderOrFollower))];
            self.kafka_answers(call, kafka::Response::Produce(refused));
        }
        false
    }

    /// The broker that a write is for, or that answers one.
    pub(super) fn broker_of(&self, cargo: &Cargo) -> Option<u32> {
        let at = match cargo {
            Cargo::KafkaRequest { request: kafka::Request::Produce(produce), .. } => {
                &produce.batches.first()?.partition
            }
            Cargo::KafkaResponse { response: kafka::Response::Produce(outcomes), .. } => {
                &outcomes.first()?.0
            }
            _ => return None,
        };
        self.kafka.partition(at)?.leader()
    }

    /// A consumer leaves out of its fetch what is led by a broker that it cannot reach.
    pub(super) fn leave_out_unreachable(&self, seat: Seat, request: &mut kafka::Request) {
        let network = &self.faults.network;
        let kafka::Request::Fetch(fetch) = request else {
            return;
        };
        let is_cut = |broker| {
            let there = network.cut_since(seat.into(), Endpoint::Kafka, broker);
            there.or(network.cut_since(Endpoint::Kafka, seat.into(), broker)).is_some()
        };
        if network.is_untouched() || is_cut(None) {
            return;
        }
        let is_near = |(at, _): &&(TopicPartition, u64)| {
            !is_cut(self.kafka.partition(at).and_then(|partition| partition.leader()))
        };
        fetch.positions = fetch.positions.iter().filter(is_near).cloned().collect();
    }

    /// A Kafka client notices that no answer will come.
    pub(super) fn give_up(&mut self, call: kafka::Call) {
        let correlation = call.correlation;
        match self.clients.get(&call.client).map(|client| client.role) {
            None => {}
            Some(Role::Consumer) => {
                self.drive_consumer(call.client, ConsumerInput::Disconnected { correlation });
            }
            Some(Role::Producer) => {
                let timer = ProducerTimer::Request(correlation);
                self.drive_producer(call.client, ProducerInput::Timer(timer));
            }
        }
    }

    /// Sets a timer of the cluster. What a follower fetches takes as long as the link between the
    /// brokers asks.
    pub(super) fn schedule_kafka(&mut self, timer: kafka::Timer, due: Instant) {
        let mut due = due;
        if let Some(delay) = self.replication_delay(&timer) {
            if self.timers.is_set(&Timer::Kafka(timer.clone())) {
                return;
            }
            due += delay.unwrap_or(REPLICA_FETCH_BACKOFF);
        }
        self.schedule(Timer::Kafka(timer), due);
    }

    /// How much longer a fetch of a follower takes on a link that somebody did something to;
    /// `Some(None)` if it does not get through.
    fn replication_delay(&self, timer: &kafka::Timer) -> Option<Option<Duration>> {
        let kafka::Timer::ReplicaFetch { partition, broker } = timer else {
            return None;
        };
        if self.faults.network.is_untouched() {
            return None;
        }
        let leader = self.kafka.partition(partition)?.leader()?;
        Some(self.faults.network.replication_delay(leader, *broker))
    }

    /// A timer of the cluster is due. It waits while no broker is alive, and a follower's fetch
    /// while its link is cut.
    pub(super) fn kafka_timer(&mut self, timer: kafka::Timer) {
        if self.all_brokers_are_dead() {
            return self.faults.stopped.push(timer);
        }
        if self.replication_delay(&timer) == Some(None) {
            return self.schedule_kafka(timer, self.now);
        }
        if timer == kafka::Timer::Retention {
            return self.change_kafka(&|cluster, now| cluster.timeout(now, timer.clone()));
        }
        let effects = self.kafka.timeout(self.now, timer);
        self.kafka_effects(effects);
    }

    /// Says whether a reply of this part of the system can be lost.
    pub(super) fn check_reply(&self, of: &str) -> Result<(), CommandError> {
        let answers = match self.node(of)? {
            Node::Kafka(_) => true,
            Node::Service(service, _) => {
                matches!(self.services[usize::from(service)].spec.input, Input::Http { .. })
            }
            Node::Buyer | Node::RabbitMq => false,
        };
        if answers {
            return Ok(());
        }
        let message =
            format!("{of} sends no replies: a service that takes HTTP calls does, or kafka");
        Err(CommandError { message })
    }
}

/// Both directions of a link, or one.
fn ways<'a>(from: &'a str, to: &'a str, one_way: bool) -> impl Iterator<Item = (&'a str, &'a str)> {
    [(from, to), (to, from)].into_iter().take(if one_way { 1 } else { 2 })
}

/// The orders of a write whose producer does not wait for an answer.
fn unanswered_records(request: &kafka::Request) -> Option<Vec<u32>> {
    let kafka::Request::Produce(produce) = request else {
        return None;
    };
    let records = produce.batches.iter().flat_map(|batch| batch.records.iter());
    (produce.acks == Acks::None).then(|| records.filter_map(log::order_of).collect())
}

/// True if a sender waits for the broker's answers to what it publishes.
pub(super) fn confirms(services: &[Service], sender: Endpoint) -> bool {
    match sender {
        Endpoint::Service { service, .. } => services[usize::from(service)].confirms,
        Endpoint::Buyer | Endpoint::Kafka | Endpoint::RabbitMq => false,
    }
}

/// The order that a publish is about; no other method is about one.
pub(super) fn published_order(method: &Method) -> Option<u32> {
    let Method::BasicPublish(publish) = method else {
        return None;
    };
    number_of(publish.properties.correlation_id.as_deref()?)
}
