//! RabbitMQ: one place for each message, windows, order, restarts, majorities, dead letters.

use std::collections::BTreeSet;
use std::time::Duration;

use ackademy::engine::rabbitmq::{
    ApplyTo, Event, ExchangeDeclare, ExchangeType, Method, Policy, PolicyBy, Properties,
    QueueBinding, Table, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::for_all;
use crate::kafka_checks::Checked;
use crate::rabbitmq_checks::{ends, first_in_first_out, in_order, survives};
use crate::rabbitmq_net::{AUTO, Answers, Net, numbers};

fn arguments(fields: &[(&str, Value)]) -> Table {
    fields.iter().fold(Table::new(), |table, (name, value)| table.with(*name, value.clone()))
}

fn dying_to(queue: &str, fields: &[(&str, Value)]) -> Table {
    arguments(fields)
        .with("x-dead-letter-exchange", Value::text(""))
        .with("x-dead-letter-routing-key", Value::text(queue))
}

fn persistent() -> Properties {
    Properties { delivery_mode: Some(2), ..Properties::default() }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Ack,
    Requeue,
    Discard,
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![3 => Just(Way::Ack), 2 => Just(Way::Requeue), 2 => Just(Way::Discard)]
}

impl Net {
    /// Settles one of the deliveries that a channel holds, and perhaps those before it.
    fn settle(&mut self, channel: u32, pick: usize, multiple: bool, way: Way) -> Checked {
        let held = self.held(channel);
        let Some(delivery_tag) = held.get(pick % held.len().max(1)).copied() else {
            return Ok(());
        };
        let method = match way {
            Way::Ack => Method::BasicAck { delivery_tag, multiple },
            Way::Requeue => Method::BasicNack { delivery_tag, multiple, requeue: true },
            Way::Discard => Method::BasicNack { delivery_tag, multiple, requeue: false },
        };
        self.ask(channel, method).map(|_| ())
    }
}

// --- Each message is in one place ----------------------------------------------------------------

const CHANNELS: u32 = 3;
const QUEUES: [&str; 7] = ["short", "aged", "quorum", "full", "refusing", "fan-1", "fan-2"];

#[derive(Clone, Debug)]
enum OnQueues {
    Publish { from: u32, queue: usize, properties: Properties },
    Fan { from: u32 },
    Consume { from: u32, queue: usize, auto: bool, prefetch: u16 },
    Cancel { from: u32, queue: usize, auto: bool },
    Get { from: u32, queue: usize, auto: bool },
    Settle { from: u32, pick: usize, multiple: bool, way: Way },
    Recover { from: u32 },
    Close { from: u32 },
    Advance { ms: u64 },
    Purge { queue: usize },
    Bound { length: Option<u8> },
    Restart,
}

fn properties() -> impl Strategy<Value = Properties> {
    let expiration = prop_oneof![3 => Just(None), 1 => (0..5_u64).prop_map(Some)];
    (any::<bool>(), proptest::option::of(0..6_u8), expiration).prop_map(
        |(durable, priority, ttl)| Properties {
            delivery_mode: durable.then_some(2),
            priority,
            expiration: ttl.map(|ttl| (ttl * 100).to_string().into()),
            ..Properties::default()
        },
    )
}

fn on_queues() -> impl Strategy<Value = OnQueues> {
    use OnQueues as C;
    let (from, queue) = (1..=CHANNELS, 0..QUEUES.len());
    prop_oneof![
        9 => (from.clone(), queue.clone(), properties())
            .prop_map(|(from, queue, properties)| C::Publish { from, queue, properties }),
        2 => from.clone().prop_map(|from| C::Fan { from }),
        4 => (from.clone(), queue.clone(), any::<bool>(), 0..4_u16)
            .prop_map(|(from, queue, auto, prefetch)| C::Consume { from, queue, auto, prefetch }),
        1 => (from.clone(), queue.clone(), any::<bool>())
            .prop_map(|(from, queue, auto)| C::Cancel { from, queue, auto }),
        4 => (from.clone(), queue.clone(), any::<bool>())
            .prop_map(|(from, queue, auto)| C::Get { from, queue, auto }),
        7 => (from.clone(), 0..9_usize, any::<bool>(), way())
            .prop_map(|(from, pick, multiple, way)| C::Settle { from, pick, multiple, way }),
        1 => from.clone().prop_map(|from| C::Recover { from }),
        2 => from.prop_map(|from| C::Close { from }),
        4 => (0..250_u64).prop_map(|ms| C::Advance { ms }),
        1 => queue.prop_map(|queue| C::Purge { queue }),
        1 => proptest::option::of(0..4_u8).prop_map(|length| C::Bound { length }),
        1 => Just(C::Restart),
    ]
}

/// Queues of each kind that lead to each other when messages die.
fn prepared() -> Result<Net, String> {
    let (int, text) = (Value::Int, Value::text);
    let mut net = Net::new(1);
    net.open(1)?;
    net.declare("short", dying_to("aged", &[("x-max-length", int(3))]))?;
    let aged = [("x-message-ttl", int(300)), ("x-max-priority", int(3))];
    net.declare("aged", dying_to("quorum", &aged))?;
    let quorum = [("x-queue-type", text("quorum")), ("x-delivery-limit", int(2))];
    net.declare("quorum", dying_to("short", &quorum))?;
    let full = [("x-max-length", int(2)), ("x-overflow", text("reject-publish"))];
    net.declare("full", arguments(&full))?;
    let refusing = [("x-max-length", int(2)), ("x-overflow", text("reject-publish-dlx"))];
    net.declare("refusing", dying_to("short", &refusing))?;
    let fan = ExchangeDeclare {
        name: "fan".into(),
        kind: ExchangeType::Fanout,
        durable: true,
        auto_delete: false,
        internal: false,
        passive: false,
        arguments: Table::new(),
    };
    net.ask(1, Method::ExchangeDeclare(fan))?;
    for queue in ["fan-1", "fan-2"] {
        net.declare(queue, Table::new())?;
        net.ask(
            1,
            Method::QueueBind(QueueBinding {
                queue: queue.into(),
                exchange: "fan".into(),
                routing_key: "".into(),
                arguments: Table::new(),
            }),
        )?;
    }
    Ok(net)
}

fn tag_of(queue: usize, auto: bool) -> String {
    format!("{}{}", QUEUES[queue], if auto { AUTO } else { "" })
}

fn play(net: &mut Net, command: OnQueues) -> Checked {
    (1..=CHANNELS).try_for_each(|channel| net.open(channel))?;
    match command {
        OnQueues::Publish { from, queue, properties } => {
            net.publish(from, "", QUEUES[queue], properties)?;
        }
        OnQueues::Fan { from } => {
            net.publish(from, "fan", "", persistent())?;
        }
        OnQueues::Consume { from, queue, auto, prefetch } => {
            let tag = tag_of(queue, auto);
            // The same tag again would close the connection.
            let known = |(channel, other): (_, &std::rc::Rc<str>)| {
                channel == crate::rabbitmq_net::channel(from) && **other == *tag
            };
            if !net.broker.queues().flat_map(|queue| queue.consumers()).any(known) {
                net.consume(from, QUEUES[queue], &tag, prefetch)?;
            }
        }
        OnQueues::Cancel { from, queue, auto } => {
            net.ask(from, Method::BasicCancel { consumer_tag: tag_of(queue, auto).into() })?;
        }
        OnQueues::Get { from, queue, auto } => {
            net.get(from, QUEUES[queue], auto)?;
        }
        OnQueues::Settle { from, pick, multiple, way } => net.settle(from, pick, multiple, way)?,
        OnQueues::Recover { from } => {
            net.ask(from, Method::BasicRecover { requeue: true })?;
        }
        OnQueues::Close { from } => {
            net.ask(from, Method::ConnectionClose)?;
        }
        OnQueues::Advance { ms } => net.advance(Duration::from_millis(ms))?,
        OnQueues::Purge { queue } => {
            net.ask(1, Method::QueuePurge { queue: QUEUES[queue].into() })?;
        }
        OnQueues::Bound { length } => bound(net, length)?,
        OnQueues::Restart => {
            let effects = net.broker.restart(net.now);
            net.hear(effects)?;
        }
    }
    net.check()
}

/// Bounds some queues by a policy, or no longer.
fn bound(net: &mut Net, length: Option<u8>) -> Checked {
    let effects = match length {
        None => net.broker.clear_policy(net.now, PolicyBy::User, "bound"),
        Some(length) => net
            .broker
            .set_policy(
                net.now,
                PolicyBy::User,
                Policy {
                    name: "bound".into(),
                    pattern: "^(fan-|quorum)".into(),
                    apply_to: ApplyTo::Queues,
                    priority: 0,
                    definition: arguments(&[("max-length", Value::Int(length.into()))]),
                },
            )
            .map_err(|error| error.to_string())?,
    };
    net.hear(effects)
}

#[test]
fn each_message_is_in_one_place_and_each_window_is_kept() {
    for_all(20_000, vec(on_queues(), 1..50), |commands| {
        let mut net = prepared()?;
        commands.into_iter().try_for_each(|command| play(&mut net, command))
    });
}

// --- Order -----------------------------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum OnOrder {
    Publish { priority: u8 },
    Ack { multiple: bool },
    Requeue { pick: usize },
    Get,
}

fn on_order() -> impl Strategy<Value = OnOrder> {
    prop_oneof![
        4 => (0..4_u8).prop_map(|priority| OnOrder::Publish { priority }),
        2 => any::<bool>().prop_map(|multiple| OnOrder::Ack { multiple }),
        2 => (0..9_usize).prop_map(|pick| OnOrder::Requeue { pick }),
        3 => Just(OnOrder::Get),
    ]
}

#[test]
fn one_consumer_gets_equal_priorities_in_order() {
    for_all(5_000, (1..6_u16, vec(on_order(), 1..60)), |(prefetch, commands)| {
        let mut net = Net::new(1);
        net.open(1)?;
        net.declare("q", arguments(&[("x-max-priority", Value::Int(3))]))?;
        net.consume(1, "q", "c", prefetch)?;
        let mut priorities = Vec::new();
        for command in commands {
            match command {
                OnOrder::Publish { priority } => {
                    priorities.push(priority);
                    let priority = Some(priority);
                    net.publish(1, "", "q", Properties { priority, ..Properties::default() })?;
                }
                OnOrder::Ack { multiple } => net.settle(1, 0, multiple, Way::Ack)?,
                OnOrder::Requeue { .. } | OnOrder::Get => {}
            }
        }
        let number = |event: &Event| match event {
            Event::Delivered { message, .. } => message.message_id.as_deref()?.parse().ok(),
            _ => None,
        };
        let delivered = net.events.iter().filter_map(number);
        let delivered: Vec<(u8, u32)> =
            delivered.map(|number: u32| (priorities[number as usize], number)).collect();
        first_in_first_out(&delivered)
    });
}

#[test]
fn what_comes_back_takes_its_old_place() {
    for_all(5_000, vec(on_order(), 1..60), |commands| {
        let mut net = Net::new(1);
        net.open(1)?;
        net.declare("q", Table::new())?;
        for command in commands {
            match command {
                OnOrder::Publish { .. } => {
                    net.publish(1, "", "q", Properties::default())?;
                }
                OnOrder::Ack { multiple } => net.settle(1, 0, multiple, Way::Ack)?,
                OnOrder::Requeue { pick } => net.settle(1, pick, pick % 2 == 0, Way::Requeue)?,
                OnOrder::Get => {
                    net.get(1, "q", false)?;
                }
            }
            let queue = net.broker.queue("q").ok_or("the queue is gone")?;
            in_order(&numbers(queue.ready()))?;
        }
        Ok(())
    });
}

// --- Restarts and majorities -----------------------------------------------------------------------

const NODES: u32 = 3;

#[derive(Clone, Copy, Debug)]
enum OnNodes {
    Publish { classic: bool, persistent: bool },
    Take { classic: bool },
    Settle { pick: usize, multiple: bool, requeue: bool },
    Lose,
    Stop { node: u32 },
    Start { node: u32 },
    Restart,
}

fn on_nodes() -> impl Strategy<Value = OnNodes> {
    use OnNodes as C;
    prop_oneof![
        6 => (any::<bool>(), any::<bool>())
            .prop_map(|(classic, persistent)| C::Publish { classic, persistent }),
        3 => any::<bool>().prop_map(|classic| C::Take { classic }),
        3 => (0..9_usize, any::<bool>(), any::<bool>())
            .prop_map(|(pick, multiple, requeue)| C::Settle { pick, multiple, requeue }),
        1 => Just(C::Lose),
        4 => (0..NODES).prop_map(|node| C::Stop { node }),
        4 => (0..NODES).prop_map(|node| C::Start { node }),
        1 => Just(C::Restart),
    ]
}

#[derive(Default)]
struct Promises {
    /// The messages of the channel that publishes, by number of publish.
    publishes: Vec<(u32, bool)>,
    kept: BTreeSet<u32>,
}

impl Promises {
    fn open(&mut self, net: &mut Net) -> Checked {
        if !net.broker.is_open(crate::rabbitmq_net::channel(2)) {
            net.open(2)?;
            net.answers = Answers::default();
            self.publishes.clear();
            net.ask(2, Method::ConfirmSelect)?;
        }
        net.open(1)
    }

    /// Takes note of what is confirmed.
    fn hear(&mut self, net: &Net) {
        let number_of = |number: &u64| self.publishes[*number as usize - 1];
        let acked = net.answers.told.iter().filter(|(_, ack)| **ack);
        let confirmed = acked.map(|(number, _)| number_of(number));
        self.kept.extend(confirmed.filter(|(_, keeps)| *keeps).map(|(number, _)| number));
    }
}

fn play_on_nodes(net: &mut Net, promises: &mut Promises, command: OnNodes) -> Checked {
    if (0..NODES).any(|node| net.broker.is_up(node)) {
        promises.open(net)?;
    }
    let name = |classic: bool| if classic { "classic" } else { "quorum" };
    let open = net.broker.is_open(crate::rabbitmq_net::channel(1));
    match command {
        OnNodes::Publish { classic, persistent: keeps } if open => {
            let properties = if keeps { persistent() } else { Properties::default() };
            // Before the answer can come.
            promises.publishes.push((net.published, keeps || !classic));
            net.publish(2, "", name(classic), properties)?;
        }
        OnNodes::Take { classic } if open => {
            net.get(1, name(classic), false)?;
        }
        OnNodes::Settle { pick, multiple, requeue } if open => {
            let way = if requeue { Way::Requeue } else { Way::Ack };
            net.settle(1, pick, multiple, way)?;
        }
        OnNodes::Lose if open => {
            net.ask(2, Method::ConnectionClose)?;
        }
        OnNodes::Stop { node } => {
            let effects = net.broker.stop_node(net.now, node);
            net.hear(effects)?;
        }
        OnNodes::Start { node } => {
            let effects = net.broker.start_node(net.now, node);
            net.hear(effects)?;
        }
        OnNodes::Restart => {
            let effects = net.broker.restart(net.now);
            net.hear(effects)?;
        }
        _ => {}
    }
    promises.hear(net);
    net.check()
}

#[test]
fn what_was_confirmed_survives_restarts_and_lost_nodes() {
    for_all(10_000, vec(on_nodes(), 1..50), |commands| {
        let mut net = Net::new(NODES);
        let mut promises = Promises::default();
        promises.open(&mut net)?;
        net.declare("classic", Table::new())?;
        let quorum =
            [("x-queue-type", Value::text("quorum")), ("x-delivery-limit", Value::Int(-1))];
        net.declare("quorum", arguments(&quorum))?;
        for command in commands {
            let before = net.events.len();
            let up = (0..NODES).filter(|node| net.broker.is_up(*node)).count();
            play_on_nodes(&mut net, &mut promises, command)?;
            let still_up = (0..NODES).filter(|node| net.broker.is_up(*node)).count();
            let of_quorum = |event: &&Event| match event {
                Event::Delivered { queue, .. } | Event::Enqueued { queue, .. } => {
                    &**queue == "quorum"
                }
                _ => false,
            };
            let moved = net.events[before..].iter().find(of_quorum);
            if let Some(event) = moved.filter(|_| up < 2 && still_up < 2) {
                return Err(format!("without a majority: {event}"));
            }
        }
        for node in 0..NODES {
            play_on_nodes(&mut net, &mut promises, OnNodes::Start { node })?;
        }
        let queues = net.broker.queues();
        let there = queues.flat_map(|queue| queue.ready().chain(queue.unacked().map(|it| it.2)));
        let there: BTreeSet<u32> = numbers(there).into_iter().collect();
        let acked = net.events.iter().filter_map(|event| match event {
            Event::Acked { message, .. } => message.message_id.as_deref()?.parse().ok(),
            _ => None,
        });
        survives(&promises.kept, &acked.collect(), &there)
    });
}

// --- Dead letters ----------------------------------------------------------------------------------

#[test]
fn a_circle_of_dead_letters_ends() {
    let graph = vec((0..4_usize, proptest::option::of(1..9_u64), 0..3_i64), 4);
    for_all(5_000, (graph, vec(0..4_usize, 1..12)), |(graph, publishes)| {
        let mut net = Net::new(1);
        net.open(1)?;
        for (number, (to, ttl, length)) in graph.iter().enumerate() {
            let mut table = dying_to(&format!("q{to}"), &[("x-max-length", Value::Int(*length))]);
            if let Some(ttl) = ttl {
                table.insert("x-message-ttl", Value::Int(*ttl as i64 * 10));
            }
            net.declare(&format!("q{number}"), table)?;
        }
        for queue in publishes {
            net.publish(1, "", &format!("q{queue}"), Properties::default())?;
            net.advance(Duration::from_millis(7))?;
        }
        net.advance(Duration::from_secs(60))?;
        net.check()?;
        for number in 0..net.published {
            let is_death = |event: &&Event| match event {
                Event::DeadLettered { message, .. } => {
                    message.message_id == Some(crate::rabbitmq_net::message_id(number))
                }
                _ => false,
            };
            ends(net.events.iter().filter(is_death).count(), graph.len())?;
        }
        Ok(())
    });
}
