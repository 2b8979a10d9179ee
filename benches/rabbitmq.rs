//! One message's way through RabbitMQ: published, routed by topic, delivered and acknowledged; and
//! what a checkpoint of a long queue costs.

use std::hint::black_box;
use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::engine::rabbitmq::{
    BasicConsume, BasicPublish, Broker, ChannelId, Effect, ExchangeDeclare, ExchangeType, Method,
    Properties, QueueBinding, QueueDeclare, Table,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const CHANNEL: ChannelId = ChannelId { connection: 1, channel: 1 };
const QUEUES: usize = 10;
const MESSAGES: u64 = 1_000;

/// A broker with a topic exchange, and the keys that its bindings match.
struct Shop {
    broker: Broker,
    publishes: Vec<BasicPublish>,
    next: usize,
    unacked: u16,
}

impl Shop {
    fn new(bindings: usize, prefetch: u16) -> Shop {
        let mut shop = Shop { broker: Broker::new(), publishes: Vec::new(), next: 0, unacked: 0 };
        shop.ask(Method::ConnectionOpen);
        shop.ask(Method::ChannelOpen);
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
        shop.publishes = (0..MESSAGES as usize).map(|it| publish(it * 7_919 % bindings)).collect();
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
    fn turn(&mut self, prefetch: u16) {
        let publish = self.publishes[self.next].clone();
        self.next = (self.next + 1) % self.publishes.len();
        let effects = self.ask(Method::BasicPublish(publish));
        for effect in black_box(&effects) {
            if let Effect::Deliver(delivery) = effect {
                self.unacked += 1;
                if self.unacked == prefetch {
                    self.unacked = 0;
                    let delivery_tag = delivery.delivery_tag;
                    black_box(self.ask(Method::BasicAck { delivery_tag, multiple: prefetch > 1 }));
                }
            }
        }
    }
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

/// A broker with one queue of that many messages.
fn filled(messages: u64) -> Shop {
    let mut shop = Shop::new(1, 1);
    shop.ask(Method::QueueDeclare(QueueDeclare { name: "long".into(), ..Default::default() }));
    let publish = BasicPublish { routing_key: "long".into(), ..Default::default() };
    for _ in 0..messages {
        shop.ask(Method::BasicPublish(publish.clone()));
    }
    shop
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("publish, route, deliver, ack");
    group.throughput(Throughput::Elements(MESSAGES));
    for (bindings, prefetch) in [(10, 1), (10, 10), (10, 100), (10_000, 100)] {
        let mut shop = Shop::new(bindings, prefetch);
        group.bench_function(format!("{bindings} bindings, prefetch {prefetch}"), |bench| {
            bench.iter(|| (0..MESSAGES).for_each(|_| shop.turn(prefetch)));
        });
    }
    group.finish();

    let long = filled(1_000_000);
    criterion.bench_function("publish to a queue of a million", |bench| {
        let mut shop = filled(1_000_000);
        let publish = BasicPublish { routing_key: "long".into(), ..Default::default() };
        bench.iter(|| {
            black_box(shop.ask(Method::BasicPublish(publish.clone())));
            let get = Method::BasicGet { queue: "long".into(), no_ack: true };
            black_box(shop.ask(get));
        });
    });
    criterion.bench_function("copy a queue of a million and change the copy", |bench| {
        bench.iter(|| {
            let mut copy =
                Shop { broker: long.broker.clone(), publishes: Vec::new(), next: 0, unacked: 0 };
            let get = Method::BasicGet { queue: "long".into(), no_ack: true };
            black_box(copy.ask(get));
        });
    });
}

criterion_group!(group, benches);
criterion_main!(group);
