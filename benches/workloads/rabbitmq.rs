//! One message's way through RabbitMQ: published, routed by topic, delivered and acknowledged; and
//! what long queues cost.

use std::hint::black_box;
use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::engine::rabbitmq::{
    BasicConsume, BasicPublish, Broker, ChannelId, Effect, ExchangeDeclare, ExchangeType, Method,
    Properties, QueueBinding, QueueDeclare, Table,
};

use super::{Aim, Measure, Workload};

const CHANNEL: ChannelId = ChannelId { connection: 1, channel: 1 };
const QUEUES: usize = 10;
/// Messages in one round, and in a long queue.
const MESSAGES: usize = 5_000;
const MANY: u64 = 1_000_000;
const COPIES: u64 = 100;

pub fn measures() -> Vec<Measure> {
    let mut all = Vec::new();
    for prefetch in [1, 10, 100] {
        let name = |bindings| {
            format!("RabbitMQ: topic exchange, bindings {bindings}, prefetch {prefetch}")
        };
        for bindings in [10, 10_000] {
            let start = move || Shop::new(bindings, prefetch);
            let mut measure = Measure::new(name(bindings), "messages", start);
            if bindings == 10 && prefetch == 100 {
                measure = measure.aim(Aim::PerSecond(1_000_000));
            }
            if bindings > 10 {
                measure = measure.aim(Aim::Times(2.0, name(10)));
            }
            all.push(measure);
        }
    }
    all.extend(long_queues());
    all
}

/// The ends of a queue cost the same however long it is, and copies share what lies between.
fn long_queues() -> Vec<Measure> {
    let mut all = Vec::new();
    for (what, ttl_ms) in [("", None), (" with a time to live", Some(3_600_000))] {
        let name = |length| format!("RabbitMQ: publish{what} and get, queue of {length}");
        let of = |length| {
            Measure::new(name(length), "messages", move || ends_of_a_queue(length, ttl_ms))
        };
        all.push(of(10));
        all.push(of(MANY).aim(Aim::Times(2.0, name(10))));
    }
    let copy = Measure::new(
        "RabbitMQ: copy a queue of a million and change the copy".into(),
        "copies",
        copies_of_a_million,
    );
    all.push(copy.aim(Aim::Micros(5_000)));
    all
}

/// A broker with a topic exchange, and messages whose keys its bindings match.
struct Shop {
    broker: Broker,
    publishes: Vec<BasicPublish>,
    prefetch: u16,
    unacked: u16,
}

impl Workload for Shop {
    fn run(&mut self) -> u64 {
        for number in 0..MESSAGES {
            self.turn(number);
        }
        MESSAGES as u64
    }
}

impl Shop {
    fn new(bindings: usize, prefetch: u16) -> Shop {
        let mut shop = Shop { broker: open(), publishes: Vec::new(), prefetch, unacked: 0 };
        shop.ask(Method::ExchangeDeclare(ExchangeDeclare {
            name: "orders".into(),
            kind: ExchangeType::Topic,
            durable: true,
            auto_delete: false,
            internal: false,
            passive: false,
            arguments: Table::new(),
        }));
        shop.ask(Method::BasicQos { prefetch_count: prefetch, global: false });
        for number in 0..QUEUES {
            shop.consume(&format!("queue-{number}"));
        }
        for customer in 0..bindings {
            shop.bind(customer);
        }
        // As many messages for few bindings as for many, so that only the bindings differ. A stride
        // that has no divisor in common with the counts of bindings spreads them evenly.
        shop.publishes = (0..1_000).map(|it| publish(it * 7_919 % bindings)).collect();
        shop
    }

    fn consume(&mut self, queue: &str) {
        let declare = QueueDeclare { name: queue.into(), durable: true, ..Default::default() };
        self.ask(Method::QueueDeclare(declare));
        self.ask(Method::BasicConsume(BasicConsume {
            queue: queue.into(),
            consumer_tag: queue.into(),
            no_ack: false,
            exclusive: false,
            arguments: Table::new(),
        }));
    }

    /// Binds a customer's orders, from any region, to one of the queues.
    fn bind(&mut self, customer: usize) {
        self.ask(Method::QueueBind(QueueBinding {
            queue: format!("queue-{}", customer % QUEUES).into(),
            exchange: "orders".into(),
            routing_key: format!("order.*.customer-{customer}.#").into(),
            arguments: Table::new(),
        }));
    }

    fn ask(&mut self, method: Method) -> Vec<Effect> {
        self.broker.handle(Instant::ZERO, CHANNEL, method).1
    }

    /// Publishes one message, and acknowledges what has been delivered once a window of them is in
    /// hand.
    fn turn(&mut self, number: usize) {
        let publish = self.publishes[number % self.publishes.len()].clone();
        let effects = self.ask(Method::BasicPublish(Rc::new(publish)));
        for effect in black_box(&effects) {
            if let Effect::Deliver(delivery) = effect {
                self.unacked += 1;
                if self.unacked == self.prefetch {
                    self.unacked = 0;
                    let delivery_tag = delivery.delivery_tag;
                    let multiple = self.prefetch > 1;
                    black_box(self.ask(Method::BasicAck { delivery_tag, multiple }));
                }
            }
        }
    }
}

fn open() -> Broker {
    let mut broker = Broker::new();
    broker.handle(Instant::ZERO, CHANNEL, Method::ConnectionOpen);
    broker.handle(Instant::ZERO, CHANNEL, Method::ChannelOpen);
    broker
}

fn publish(customer: usize) -> BasicPublish {
    BasicPublish {
        exchange: "orders".into(),
        routing_key: format!("order.north.customer-{customer}.placed").into(),
        properties: Properties {
            message_id: Some(format!("m-{customer}").into()),
            delivery_mode: Some(2),
            ..Default::default()
        },
        body: Rc::from(&b"one order"[..]),
        ..Default::default()
    }
}

/// A broker with one queue of that many messages, and what was published to it.
fn filled(messages: u64, ttl_ms: Option<u64>) -> (Broker, BasicPublish) {
    let mut broker = open();
    let declare = QueueDeclare { name: "long".into(), ..Default::default() };
    broker.handle(Instant::ZERO, CHANNEL, Method::QueueDeclare(declare));
    let expiration = ttl_ms.map(|ttl| ttl.to_string().into());
    let publish = BasicPublish {
        routing_key: "long".into(),
        properties: Properties { expiration, ..Default::default() },
        ..Default::default()
    };
    for _ in 0..messages {
        broker.handle(Instant::ZERO, CHANNEL, Method::BasicPublish(Rc::new(publish.clone())));
    }
    (broker, publish)
}

fn ends_of_a_queue(messages: u64, ttl_ms: Option<u64>) -> impl FnMut() -> u64 {
    let (mut broker, publish) = filled(messages, ttl_ms);
    move || {
        for _ in 0..MESSAGES {
            let method = Method::BasicPublish(Rc::new(publish.clone()));
            black_box(broker.handle(Instant::ZERO, CHANNEL, method));
            black_box(broker.handle(Instant::ZERO, CHANNEL, get()));
        }
        MESSAGES as u64
    }
}

fn copies_of_a_million() -> impl FnMut() -> u64 {
    let (long, _) = filled(MANY, None);
    move || {
        for _ in 0..COPIES {
            let mut copy = long.clone();
            black_box(copy.handle(Instant::ZERO, CHANNEL, get()));
        }
        COPIES
    }
}

fn get() -> Method {
    Method::BasicGet { queue: "long".into(), no_ack: true }
}
