//! The way to and from RabbitMQ: connections, publishes, deliveries and answers.

use super::*;
use crate::engine::rabbitmq::{
    BasicConsume, BasicPublish, ChannelId, Delivery, ExchangeBinding, ExchangeDeclare,
    ExchangeType, Method, Properties, QueueBinding, QueueDeclare, Table, Value,
};
use crate::simulation::job::Source;
use crate::simulation::order::{Order, number_of, numbered};
use crate::simulation::scenario::{AckMode, Binding, EnqueueSpec, ExchangeSpec, Input, QueueSpec};
use crate::simulation::service::Intake;

const CONSUMING: u16 = 1;
pub(super) const PUBLISHING: u16 = 2;

impl World {
    /// A method reaches the broker. False if it was refused.
    pub(super) fn ask_rabbitmq(&mut self, channel: ChannelId, method: Method) -> bool {
        let connection = channel.connection;
        if method == Method::ConnectionClose {
            self.forget_unsent(connection);
        } else if self.rabbitmq.is_blocked(connection) {
            self.faults.unread.push((channel, method));
            return true;
        }
        let lost = links::published_order(&method);
        let (reply, effects) = self.rabbitmq.handle(self.now, channel, method);
        let taken = !matches!(reply, rabbitmq::Reply::Refused(_));
        if let rabbitmq::Reply::Refused(error) = reply {
            // A checked scenario meets few refusals: a queue declared with arguments that clash, or
            // a connection that broke.
            let error = error.to_string().into();
            self.note(Event::Refused { connection, error });
            if !self.listens_for_confirms(connection) {
                self.lose_publish(lost);
            }
        }
        self.rabbitmq_effects(effects);
        taken
    }

    pub(super) fn rabbitmq_effects(&mut self, effects: Vec<rabbitmq::Effect>) {
        let told = self.publisher_is_told(&effects);
        let mut closed = None;
        for effect in effects {
            match effect {
                rabbitmq::Effect::Deliver(delivery) => self.deliver(delivery),
                rabbitmq::Effect::Schedule { timer, due } => {
                    self.schedule(Timer::RabbitMq(timer), due);
                }
                rabbitmq::Effect::Cancel { timer } => self.cancel(&Timer::RabbitMq(timer)),
                rabbitmq::Effect::Event(event) => {
                    // What waited for a majority is dropped right after its channel has closed.
                    if let rabbitmq::Event::ChannelClosed { channel, .. } = &event {
                        closed = Some(channel.connection);
                    }
                    let knows = is_unconfirmed(&event)
                        && closed.is_some_and(|closed| self.listens_for_confirms(closed));
                    self.rabbitmq_event(event, told || knows);
                }
                rabbitmq::Effect::Return { channel, message, .. } => {
                    let id = message.properties().correlation_id.as_deref();
                    let order = id.and_then(number_of).unwrap_or(0);
                    let connection = channel.connection;
                    self.answer_publisher(connection, order, Cargo::AmqpReturn { connection });
                }
                rabbitmq::Effect::Confirm { channel, delivery_tag: number, multiple, ack } => {
                    let connection = channel.connection;
                    let cargo = Cargo::AmqpConfirm { connection, number, multiple, ack };
                    self.answer_publisher(connection, 0, cargo);
                }
                rabbitmq::Effect::ConnectionUnblocked { connection } => self.read_on(connection),
                rabbitmq::Effect::ConsumerCancelled { channel, .. } => {
                    self.lose_connection(channel.connection, "its consumer was cancelled");
                }
                rabbitmq::Effect::ChannelClosed { channel, .. } => {
                    self.lose_connection(channel.connection, "its channel was closed");
                }
                rabbitmq::Effect::ConnectionClosed { connection, .. } => {
                    self.lose_connection(connection, "the broker closed it");
                }
                rabbitmq::Effect::ConnectionBlocked { .. } => {}
            }
        }
    }

    fn answer_publisher(&mut self, connection: u32, order: u32, cargo: Cargo) {
        if let Some(seat) = self.connections.get(&connection).copied() {
            let order = (order > 0).then_some(order);
            self.send(Endpoint::RabbitMq, seat.into(), order, cargo);
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let connection = delivery.channel.connection;
        if let Some(seat) = self.connections.get(&connection).copied() {
            let order = Some(order_of(&delivery));
            let cargo = Cargo::AmqpDelivery(delivery);
            self.send(Endpoint::RabbitMq, seat.into(), order, cargo);
        } else if let Some(service) = self.forgetful.get(&connection).copied() {
            // It has not heard yet that the worker is gone.
            self.delivery_met_nobody(service, &delivery);
        }
    }

    /// Keeps rates, peaks and the referee's account of dead letters, then notes the event.
    fn rabbitmq_event(&mut self, event: rabbitmq::Event, told: bool) {
        let now = self.now;
        match &event {
            rabbitmq::Event::Enqueued { queue, ready, message } => {
                let flow = self.metrics.queues.entry(queue.clone()).or_default();
                flow.arriving.count(now);
                if *ready > flow.peak_ready.0 {
                    flow.peak_ready = (*ready, now);
                }
                self.dead_letter_moved(queue, message, false);
            }
            rabbitmq::Event::Acked { queue, message, .. }
            | rabbitmq::Event::Rejected { queue, message, .. } => {
                self.metrics.queues.entry(queue.clone()).or_default().leaving.count(now);
                self.dead_letter_moved(queue, message, true);
            }
            rabbitmq::Event::Dropped {
                reason: rabbitmq::DropReason::RejectedPublish | rabbitmq::DropReason::Unconfirmed,
                ..
            }
            | rabbitmq::Event::Unroutable { .. }
                if told => {}
            rabbitmq::Event::Dropped { queue, reason, message } => {
                let text = format!("had a message dropped by {queue}: {}", reason.name());
                self.lose_message(message, text);
            }
            rabbitmq::Event::Unroutable { exchange, routing_key, message, returned } => {
                let back = if *returned { ", returned to its publisher" } else { "" };
                let text = format!("had an unroutable message at {exchange}: {routing_key}{back}");
                self.lose_message(message, text);
            }
            _ => {}
        }
        self.note(Event::RabbitMq(event));
    }

    fn lose_message(&mut self, message: &rabbitmq::Identity, text: String) {
        let order = message.correlation_id.as_deref().and_then(number_of);
        if let Some(order) = order {
            let finding = self.ledger.lose(self.now, order, text);
            self.note_finding_on(order, finding, message.message_id.clone());
        }
    }

    fn dead_letter_moved(&mut self, queue: &str, message: &rabbitmq::Identity, back: bool) {
        if self.queue_role(queue) == QueueRole::DeadLetters
            && let Some(order) = message.correlation_id.as_deref().and_then(number_of)
        {
            self.ledger.dead_letter(order, back);
        }
    }

    /// Opens what an instance needs: a channel to consume on, one to publish on.
    pub(super) fn connect(&mut self, seat: Seat) {
        let service = self.service_at(seat);
        let (spec, prefetch_count, ack) = (service.spec.clone(), service.prefetch, service.ack);
        let confirms = service.confirms;
        let queue = match &spec.input {
            Input::Queue { queue, .. } => Some(queue.clone()),
            Input::Http { .. } | Input::Topic { .. } => None,
        };
        let publishes = promises::publishes_tasks(&spec);
        if queue.is_none() && !publishes {
            return;
        }
        let connection = self.id() as u32;
        self.connections.insert(connection, seat);
        if let Some(instance) = self.instance_at(seat) {
            instance.connection = Some(connection);
        }
        let consuming = ChannelId { connection, channel: CONSUMING };
        let publishing = ChannelId { connection, channel: PUBLISHING };
        self.send_method(seat, consuming, None, Method::ConnectionOpen);
        if publishes {
            self.send_method(seat, publishing, None, Method::ChannelOpen);
            if confirms {
                self.select_confirms(seat);
            }
        }
        let Some(queue) = queue else { return };
        self.send_method(seat, consuming, None, Method::ChannelOpen);
        self.send_method(seat, consuming, None, Method::BasicQos { prefetch_count, global: false });
        if ack == AckMode::Auto {
            self.forgetful.insert(connection, seat.service);
        }
        let consume = Method::BasicConsume(BasicConsume {
            queue,
            consumer_tag: format!("{}-{}", spec.id, seat.instance + 1).into(),
            no_ack: ack == AckMode::Auto,
            exclusive: false,
            arguments: Table::default(),
        });
        self.send_method(seat, consuming, None, consume);
    }

    pub(super) fn send_method(
        &mut self,
        seat: Seat,
        channel: ChannelId,
        order: Option<u32>,
        method: Method,
    ) {
        let cargo = Cargo::AmqpMethod { channel, method };
        self.send(seat.into(), Endpoint::RabbitMq, order, cargo);
    }

    /// Publishes one task about an order, for a job or a row of the outbox.
    pub(super) fn enqueue(
        &mut self,
        seat: Seat,
        id: u64,
        order: u32,
        task: &EnqueueSpec,
        body: Rc<[u8]>,
    ) {
        let Some(connection) = self.instance_at(seat).and_then(|instance| instance.connection)
        else {
            return;
        };
        let body = self.poisoned_task(task, body);
        let ranked = !self.scenario.arrivals.priorities.is_empty();
        let priority = if ranked { Order::from_bytes(&body).map(|it| it.priority) } else { None };
        let message_id = numbered("m-", self.id());
        let publish = Rc::new(BasicPublish {
            exchange: task.exchange.clone(),
            routing_key: task.routing_key.clone(),
            mandatory: task.mandatory,
            immediate: false,
            properties: Properties {
                content_type: Some("application/json".into()),
                delivery_mode: Some(if task.persistent { 2 } else { 1 }),
                correlation_id: Some(Order::id(order).into()),
                message_id: Some(message_id.into()),
                headers: table(&task.headers),
                priority: task.priority.or(priority),
                expiration: task.expiration_ms.map(|ms| ms.to_string().into()),
                ..Properties::default()
            },
            body,
        });
        let channel = ChannelId { connection, channel: PUBLISHING };
        self.send_method(seat, channel, Some(order), Method::BasicPublish(publish));
        self.await_confirm(seat, id);
    }

    /// Spoils the message if it is for a service that is to be poisoned.
    pub(super) fn poisoned(&mut self, service: u16, body: Rc<[u8]>) -> Rc<[u8]> {
        self.services[usize::from(service)].spoil().map_or(body, Rc::from)
    }

    fn poisoned_task(&mut self, task: &EnqueueSpec, body: Rc<[u8]>) -> Rc<[u8]> {
        if !self.services.iter().any(Service::is_poisoned) {
            return body;
        }
        let queues = self.rabbitmq.routes(&task.exchange, &task.routing_key);
        let takes = |service: &Service| match &service.spec.input {
            Input::Queue { queue, .. } => queues.contains(queue),
            Input::Http { .. } | Input::Topic { .. } => false,
        };
        let target =
            self.services.iter().position(|service| service.is_poisoned() && takes(service));
        match target {
            Some(service) => self.poisoned(service as u16, body),
            None => body,
        }
    }

    /// A delivery reaches its worker.
    pub(super) fn take_delivery(&mut self, to: Endpoint, delivery: Delivery) {
        let seat = self.connections.get(&delivery.channel.connection).copied();
        let Some(seat) = seat else {
            if let Endpoint::Service { service, .. } = to {
                self.delivery_met_nobody(service, &delivery);
            }
            return;
        };
        if let Some(instance) = self.instance_at(seat)
            && let Intake::Queue { hand } = &mut instance.intake
        {
            hand.push_back(delivery);
        }
        self.next_delivery(seat);
    }

    /// Begins the next message in hand.
    pub(super) fn next_delivery(&mut self, seat: Seat) {
        let now = self.now;
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        if !instance.jobs.is_empty() {
            return;
        }
        let Intake::Queue { hand } = &mut instance.intake else {
            return;
        };
        let Some(delivery) = hand.pop_front() else {
            return;
        };
        let (order, attempt) = (order_of(&delivery), attempt_of(&delivery));
        let Delivery { channel, delivery_tag, redelivered, message, .. } = delivery;
        let id = message.properties().message_id.clone();
        let source = Source::Delivery { channel, delivery_tag, redelivered, message: id };
        self.begin(seat, order, message.body().clone(), source, attempt, now);
    }

    /// A worker could not do its task: it rejects the message, and the queue hands it to its dead
    /// letter exchange, unless it takes it back. What was acknowledged automatically is gone.
    pub(super) fn delivery_failed(
        &mut self,
        seat: Seat,
        (order, message): (u32, Option<Rc<str>>),
        channel: ChannelId,
        delivery_tag: u64,
        reason: &str,
    ) {
        if self.service_at(seat).ack == AckMode::After {
            let input = &self.service_at(seat).spec.input;
            let requeue = matches!(input, Input::Queue { requeues: true, .. });
            let method = Method::BasicReject { delivery_tag, requeue };
            return self.settle(seat, channel, method);
        }
        let service = self.service_at(seat);
        let (id, why) = (service.spec.id.clone(), promises::why_forgotten(service.ack));
        let text = format!("lost its message for {id}: {reason}, and {why}");
        let finding = self.ledger.lose(self.now, order, text);
        self.note_finding_on(order, finding, message);
    }

    pub(super) fn lose_delivery(
        &mut self,
        order: u32,
        service: u16,
        ack: AckMode,
        message: Option<Rc<str>>,
    ) {
        let service = &self.services[usize::from(service)];
        let (id, why) = (&service.spec.id, promises::why_forgotten(ack));
        let text = format!("lost its message for {id}: it crashed, and {why}");
        let finding = self.ledger.lose(self.now, order, text);
        self.note_finding_on(order, finding, message);
    }

    /// The worker is gone. With manual acks the broker still has the message.
    pub(super) fn delivery_met_nobody(&mut self, service: u16, delivery: &Delivery) {
        if self.forgetful.contains_key(&delivery.channel.connection) {
            let message = delivery.message.properties().message_id.clone();
            self.lose_delivery(order_of(delivery), service, AckMode::Auto, message);
        }
    }
}

fn order_of(delivery: &Delivery) -> u32 {
    let id = delivery.message.properties().correlation_id.as_deref();
    id.and_then(number_of).unwrap_or(0)
}

/// Which attempt a delivery is, by its history: each rejection in this queue was one.
fn attempt_of(delivery: &Delivery) -> u32 {
    let deaths = delivery.message.headers().get("x-death").and_then(Value::as_list);
    let rejections = deaths.unwrap_or_default().iter().filter_map(|death| match death {
        Value::Table(death)
            if death.get("queue").and_then(Value::as_text) == Some(&delivery.queue)
                && death.get("reason").and_then(Value::as_text).map(|it| &**it)
                    == Some("rejected") =>
        {
            death.get("count").and_then(Value::as_int)
        }
        _ => None,
    });
    1 + rejections.sum::<i64>() as u32
}

pub(super) fn exchange_declare(spec: &ExchangeSpec) -> Method {
    let kind = match &*spec.kind {
        "fanout" => ExchangeType::Fanout,
        "topic" => ExchangeType::Topic,
        "headers" => ExchangeType::Headers,
        _ => ExchangeType::Direct,
    };
    Method::ExchangeDeclare(ExchangeDeclare {
        name: spec.name.clone(),
        kind,
        durable: spec.durable,
        auto_delete: false,
        internal: false,
        passive: false,
        arguments: table(&spec.arguments),
    })
}

/// A document's object as AMQP writes it.
pub(super) fn table(object: &LiteMap<String, serde_json::Value>) -> Table {
    let mut table = Table::default();
    for (name, value) in object {
        let value = match (value.as_i64(), value.as_bool(), value.as_str()) {
            (Some(int), _, _) => Value::Int(int),
            (_, Some(bool), _) => Value::Bool(bool),
            (_, _, Some(text)) => Value::text(text),
            (None, None, None) => Value::Null,
        };
        table.insert(name.as_str(), value);
    }
    table
}

pub(super) fn queue_declare(spec: &QueueSpec) -> Method {
    let arguments = table(&spec.arguments);
    let (name, durable) = (spec.name.clone(), spec.durable);
    Method::QueueDeclare(QueueDeclare { name, durable, arguments, ..QueueDeclare::default() })
}

pub(super) fn bind(spec: &Binding) -> Method {
    match spec.to_exchange.clone() {
        Some(destination) => Method::ExchangeBind(exchange_binding(destination, spec)),
        None => Method::QueueBind(queue_binding(spec)),
    }
}

pub(super) fn unbind(spec: &Binding) -> Method {
    match spec.to_exchange.clone() {
        Some(destination) => Method::ExchangeUnbind(exchange_binding(destination, spec)),
        None => Method::QueueUnbind(queue_binding(spec)),
    }
}

fn exchange_binding(destination: Rc<str>, spec: &Binding) -> ExchangeBinding {
    ExchangeBinding {
        destination,
        source: spec.exchange.clone(),
        routing_key: spec.routing_key.clone(),
        arguments: table(&spec.arguments),
    }
}

fn queue_binding(spec: &Binding) -> QueueBinding {
    QueueBinding {
        queue: spec.queue.clone(),
        exchange: spec.exchange.clone(),
        routing_key: spec.routing_key.clone(),
        arguments: table(&spec.arguments),
    }
}

/// True if the publisher of a message that is gone has had no answer to it.
fn is_unconfirmed(event: &rabbitmq::Event) -> bool {
    use rabbitmq::{DropReason, Event};
    matches!(event, Event::Dropped { reason: DropReason::Unconfirmed, .. })
}
