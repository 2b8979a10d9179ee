//! Nodes that go down, alarms, policies, and what is refused.

use super::{MAIN, World, deliveries};
use crate::engine::rabbitmq::channel::Unconfirmed;
use crate::engine::rabbitmq::confirms::confirm;
use crate::engine::rabbitmq::work::Context;
use crate::engine::rabbitmq::{
    Alarm, ApplyTo, BasicPublish, Broker, ChannelId, Effect, Event, ExchangeDeclare, ExchangeType,
    Message, Method, Policy, PolicyBy, PolicyError, Properties, Reply, Scope, Table, Value,
};
use std::rc::Rc;

const CONSUMER: ChannelId = ChannelId { connection: 2, channel: 1 };

/// Three nodes, a publisher in confirm mode on the first and a consumer on the second.
fn three_nodes(queue: Table) -> World {
    let mut world = World::new();
    world.broker = Broker::with_nodes(3);
    for (channel, node) in [(MAIN, 0), (CONSUMER, 1)] {
        assert!(world.broker.connect(world.now, channel.connection, node).0);
        world.ask(channel, Method::ChannelOpen);
    }
    world.ask(MAIN, Method::ConfirmSelect);
    world.declare("q", queue);
    world
}

fn quorum() -> Table {
    Table::new().with("x-queue-type", Value::text("quorum"))
}

fn confirms(effects: &[Effect]) -> Vec<(u64, bool)> {
    let confirm = |effect: &Effect| match effect {
        Effect::Confirm { delivery_tag, ack, .. } => Some((*delivery_tag, *ack)),
        _ => None,
    };
    effects.iter().filter_map(confirm).collect()
}

fn refused(reply: &Reply) -> (Scope, u16) {
    match reply {
        Reply::Refused(error) => (error.scope, error.code),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_quorum_queue_goes_on_without_one_of_three_members() {
    let mut world = three_nodes(quorum());
    world.consume(CONSUMER, "q", "c");
    world.broker.stop_node(world.now, 2);
    let effects = world.publish("q", "1");
    assert_eq!((confirms(&effects), deliveries(&effects).len()), (vec![(1, true)], 1));
}

#[test]
fn without_a_majority_nothing_is_confirmed_or_delivered_until_it_is_back() {
    let mut world = three_nodes(quorum());
    world.publish("q", "1");
    world.broker.stop_node(world.now, 1);
    let effects = world.broker.stop_node(world.now, 2);
    let gone = Event::QueueUnavailable { queue: "q".into() };
    assert!(effects.contains(&Effect::Event(gone)));
    let effects = world.publish("q", "2");
    assert_eq!((confirms(&effects), world.ready("q")), (vec![], vec!["1".to_owned()]));
    let effects = world.broker.start_node(world.now, 1);
    assert_eq!(confirms(&effects), [(2, true)]);
    assert_eq!(world.ready("q"), ["1", "2"]);
}

/// Number and ack; number, multiple and ack.
type Answer = (u64, bool);
type Frame = (u64, bool, bool);

fn frames(effects: &[Effect]) -> Vec<Frame> {
    let frame = |effect: &Effect| match effect {
        Effect::Confirm { delivery_tag, multiple, ack, .. } => {
            Some((*delivery_tag, *multiple, *ack))
        }
        _ => None,
    };
    effects.iter().filter_map(frame).collect()
}

/// Numbers, whether each was taken, and which still wait, against the frames that say so.
#[test]
fn answers_that_come_together_take_few_frames() {
    let cases: [(&[Answer], &[u64], &[Frame]); 7] = [
        (&[(1, true)], &[], &[(1, false, true)]),
        (&[(1, true), (2, true), (3, true)], &[], &[(3, true, true)]),
        (&[(1, true), (2, true), (4, true)], &[3], &[(2, true, true), (4, false, true)]),
        (&[(2, true), (3, true)], &[1], &[(2, false, true), (3, false, true)]),
        (
            &[(1, true), (2, true), (3, false), (4, true)],
            &[],
            &[(2, true, true), (4, false, true), (3, false, false)],
        ),
        (&[(1, false)], &[], &[(1, true, false)]),
        (
            &[(1, false), (2, true), (3, true)],
            &[],
            &[(2, false, true), (3, false, true), (1, true, false)],
        ),
    ];
    for (answers, waiting, expected) in cases {
        let mut world = World::new();
        let open = Unconfirmed { number: 0, queues: 1, ack: true };
        world.broker.channel_mut(MAIN).unconfirmed =
            waiting.iter().map(|number| Unconfirmed { number: *number, ..open }).collect();
        let mut cx = Context::new(world.now);
        let message = Message::from_publish(BasicPublish::default()).expect("a sound message");
        // However they came.
        for (number, ack) in answers.iter().rev() {
            confirm(&mut cx, MAIN, Unconfirmed { number: *number, queues: 0, ack: *ack }, &message);
        }
        world.broker.send_confirms(&mut cx);
        assert_eq!(frames(&cx.effects), expected, "{answers:?}, waiting {waiting:?}");
    }
}

#[test]
fn publishes_that_waited_for_a_majority_are_confirmed_together() {
    let mut world = three_nodes(quorum());
    world.broker.stop_node(world.now, 1);
    world.broker.stop_node(world.now, 2);
    (1..=5).for_each(|number| drop(world.publish("q", &number.to_string())));
    let effects = world.broker.start_node(world.now, 2);
    assert_eq!(frames(&effects), [(5, true, true)]);
}

#[test]
fn a_quorum_queue_without_a_majority_refuses_to_be_used() {
    let mut world = three_nodes(quorum());
    world.broker.stop_node(world.now, 1);
    world.broker.stop_node(world.now, 2);
    assert_eq!(refused(&world.get("q")), (Scope::Connection, 541));
}

#[test]
fn what_was_acked_without_a_majority_on_a_lost_channel_comes_back() {
    let mut world = three_nodes(quorum());
    world.publish("q", "1");
    world.get("q");
    world.broker.stop_node(world.now, 1);
    world.broker.stop_node(world.now, 2);
    world.ask(MAIN, Method::BasicAck { delivery_tag: 1, multiple: false });
    world.publish("q", "2");
    world.ask(MAIN, Method::ConnectionClose);
    world.broker.start_node(world.now, 2);
    assert_eq!(world.ready("q"), ["1"]);
}

#[test]
fn nothing_goes_to_channels_that_were_lost_without_a_majority() {
    let mut world = three_nodes(quorum());
    for connection in [3, 4] {
        assert!(world.broker.connect(world.now, connection, 0).0);
        let channel = ChannelId { connection, channel: 1 };
        world.ask(channel, Method::ChannelOpen);
        world.consume(channel, "q", "c");
    }
    world.publish("q", "1");
    world.publish("q", "2");
    world.broker.stop_node(world.now, 1);
    world.broker.stop_node(world.now, 2);
    for connection in [3, 4] {
        world.ask(ChannelId { connection, channel: 0 }, Method::ConnectionClose);
    }
    let effects = world.broker.start_node(world.now, 1);
    assert_eq!((deliveries(&effects).len(), world.ready("q").len()), (0, 2));
}

#[test]
fn a_classic_queue_is_away_while_its_node_is() {
    let mut world = three_nodes(Table::new());
    let persistent = Properties { delivery_mode: Some(2), ..Properties::default() };
    world.publish_with("q", "kept", persistent);
    world.publish("q", "lost");
    let effects = world.broker.stop_node(world.now, 0);
    assert!(matches!(
        effects[..],
        [.., Effect::Event(Event::ConnectionClosed { connection: 1, .. })]
    ));
    world.ask(CONSUMER, Method::ConfirmSelect);
    let publish = BasicPublish { routing_key: "q".into(), ..BasicPublish::default() };
    let (_, effects) = world.ask(CONSUMER, Method::BasicPublish(Rc::new(publish)));
    assert_eq!(confirms(&effects), [(1, false)]);
    let get = Method::BasicGet { queue: "q".into(), no_ack: true };
    assert_eq!(refused(&world.ask(CONSUMER, get).0), (Scope::Channel, 404));
    world.broker.start_node(world.now, 0);
    assert_eq!(world.ready("q"), ["kept"]);
}

#[test]
fn no_connection_opens_while_every_node_is_down() {
    let mut world = World::new();
    world.broker.stop_node(world.now, 0);
    assert_eq!(refused(&world.ask(MAIN, Method::ConnectionOpen).0), (Scope::Connection, 320));
    world.broker.start_node(world.now, 0);
    assert_eq!(world.ask(MAIN, Method::ConnectionOpen).0, Reply::None);
}

#[test]
fn an_alarm_blocks_whoever_publishes_and_nobody_else() {
    let mut world = World::new();
    world.declare("q", Table::new());
    world.ask(CONSUMER, Method::ConnectionOpen);
    world.ask(CONSUMER, Method::ChannelOpen);
    world.consume(CONSUMER, "q", "c");
    assert!(world.broker.set_alarm(Alarm::Disk, true).is_empty());
    let effects = world.publish("q", "1");
    let blocked = Effect::ConnectionBlocked { connection: 1, reason: "low on disk" };
    assert!(effects.contains(&blocked) && deliveries(&effects).len() == 1);
    assert_eq!(world.get("q"), Reply::Blocked);
    let ack = Method::BasicAck { delivery_tag: 1, multiple: false };
    assert_eq!(world.ask(CONSUMER, ack).0, Reply::None);
    world.broker.set_alarm(Alarm::Memory, true);
    assert!(world.broker.set_alarm(Alarm::Disk, false).is_empty());
    let effects = world.broker.set_alarm(Alarm::Memory, false);
    assert_eq!(effects[0], Effect::ConnectionUnblocked { connection: 1 });
    assert_eq!(world.get("q"), Reply::GetEmpty);
}

fn policy(name: &str, priority: i64, definition: Table) -> Policy {
    let pattern = "^q".into();
    Policy { name: name.into(), pattern, apply_to: ApplyTo::Queues, priority, definition }
}

fn max_length(length: i64) -> Table {
    Table::new().with("max-length", Value::Int(length))
}

#[test]
fn the_policy_of_highest_priority_counts_and_the_operator_bounds_it() {
    let mut world = World::new();
    world.declare("q", Table::new());
    (1..=9).for_each(|number| drop(world.publish("q", &number.to_string())));
    let set = |world: &mut World, by, policy| {
        world.broker.set_policy(world.now, by, policy).expect("a sound policy");
        world.broker.queue("q").map(|queue| (queue.ready_count(), queue.policy().cloned()))
    };
    let user = PolicyBy::User;
    let low = set(&mut world, user, policy("low", 1, max_length(3)));
    assert_eq!(low, Some((3, Some("low".into()))));
    let high = set(&mut world, user, policy("high", 2, max_length(8)));
    assert_eq!(high, Some((3, Some("high".into()))));
    let operator = set(&mut world, PolicyBy::Operator, policy("bound", 0, max_length(2)));
    assert_eq!(operator, Some((2, Some("high".into()))));
    world.broker.clear_policy(world.now, PolicyBy::Operator, "bound");
    (1..=9).for_each(|number| drop(world.publish("q", &number.to_string())));
    assert_eq!(world.broker.queue("q").map(|queue| queue.ready_count()), Some(8));
}

#[test]
fn an_argument_and_a_policy_give_the_lower_limit_and_the_argument_for_the_rest() {
    let mut world = World::new();
    let definition = max_length(2).with("overflow", Value::text("reject-publish"));
    world.broker.set_policy(world.now, PolicyBy::User, policy("p", 0, definition)).expect("sound");
    let declared = Table::new().with("x-max-length", Value::Int(3));
    world.declare("q1", declared.with("x-overflow", Value::text("drop-head")));
    world.declare("q2", Table::new());
    for number in 1..=4 {
        world.publish("q1", &number.to_string());
        world.publish("q2", &number.to_string());
    }
    assert_eq!(world.ready("q1"), ["3", "4"]);
    assert_eq!(world.ready("q2"), ["1", "2"]);
}

#[test]
fn a_policy_gives_an_exchange_its_alternate() {
    let mut world = World::new();
    let exchange = |name: &str, kind| ExchangeDeclare {
        name: name.into(),
        kind,
        durable: true,
        auto_delete: false,
        internal: false,
        passive: false,
        arguments: Table::new(),
    };
    world.ask(MAIN, Method::ExchangeDeclare(exchange("main", ExchangeType::Direct)));
    let definition = Table::new().with("alternate-exchange", Value::text("amq.fanout"));
    let policy =
        Policy { pattern: "^main$".into(), apply_to: ApplyTo::All, ..policy("a", 0, definition) };
    world.broker.set_policy(world.now, PolicyBy::User, policy).expect("a sound policy");
    let alternate =
        |world: &World| world.broker.exchange("main").and_then(|it| it.alternate().cloned());
    assert_eq!(alternate(&world).as_deref(), Some("amq.fanout"));
    // Declared again without the argument it is the same exchange.
    let again = Method::ExchangeDeclare(exchange("main", ExchangeType::Direct));
    assert_eq!(world.ask(MAIN, again).0, Reply::None);
    world.broker.clear_policy(world.now, PolicyBy::User, "a");
    assert_eq!(alternate(&world), None);
}

#[test]
fn a_policy_that_means_nothing_is_refused_by_name() {
    let mut world = World::new();
    let unknown = Table::new().with("max-lenght", Value::Int(1));
    let letters = Table::new().with("dead-letter-exchange", Value::text("dlx"));
    let wrong = Table::new().with("max-length", Value::Null);
    let set = |world: &mut World, by, policy| world.broker.set_policy(world.now, by, policy);
    for (by, definition, error) in [
        (PolicyBy::User, unknown, PolicyError::UnknownKey("max-lenght".into())),
        (PolicyBy::User, wrong, PolicyError::WrongKind("max-length".into())),
        (PolicyBy::User, Table::new(), PolicyError::Empty),
        (PolicyBy::Operator, letters, PolicyError::UnknownKey("dead-letter-exchange".into())),
    ] {
        assert_eq!(set(&mut world, by, policy("p", 0, definition)), Err(error));
    }
    let negative = set(&mut world, PolicyBy::User, policy("p", 0, max_length(-1)));
    assert!(matches!(negative, Err(PolicyError::Value(_))), "{negative:?}");
    // A pattern that `re` knows and the engine does not is refused, not taken for another.
    let digits = Policy { pattern: "^q\\d+$".into(), ..policy("p", 0, max_length(1)) };
    let refused = set(&mut world, PolicyBy::User, digits);
    assert_eq!(refused, Err(PolicyError::Pattern("^q\\d+$".into())));
}

#[test]
fn publishes_that_the_broker_cannot_take_are_refused() {
    let mut world = World::new();
    let immediate = BasicPublish { immediate: true, ..BasicPublish::default() };
    let reply = world.ask(MAIN, Method::BasicPublish(Rc::new(immediate))).0;
    assert_eq!(refused(&reply), (Scope::Connection, 540));
    let mut world = World::new();
    let huge =
        BasicPublish { body: vec![0; 16 * 1024 * 1024 + 1].into(), ..BasicPublish::default() };
    assert_eq!(
        refused(&world.ask(MAIN, Method::BasicPublish(Rc::new(huge))).0),
        (Scope::Channel, 406)
    );
}

#[test]
fn dead_letters_at_least_once_wait_for_a_queue() {
    let mut world = World::new();
    let table = quorum().with("x-overflow", Value::text("reject-publish"));
    let table = table.with("x-dead-letter-exchange", Value::text(""));
    let table = table.with("x-dead-letter-routing-key", Value::text("dead"));
    world.declare("q", table.with("x-dead-letter-strategy", Value::text("at-least-once")));
    world.publish("q", "1");
    world.get("q");
    world.ask(MAIN, Method::BasicReject { delivery_tag: 1, requeue: false });
    let waiting = |world: &World| world.broker.queue("q").map(|queue| queue.undelivered_count());
    assert_eq!(waiting(&world), Some(1));
    world.declare("dead", Table::new());
    world.advance(180_000);
    assert_eq!((waiting(&world), world.ready("dead")), (Some(0), vec!["1".to_owned()]));
}
