//! Single claims, each named by its test.

use super::{MAIN, World, deliveries, text};
use crate::engine::Instant;
use crate::engine::rabbitmq::{
    ChannelId, Effect, Event, Method, Properties, QueueDeclare, Reply, RequeueReason, Scope, Table,
    Timer, Value,
};

const OTHER: ChannelId = ChannelId { connection: 1, channel: 2 };

fn numbers(upto: u32) -> Vec<String> {
    (1..=upto).map(|number| number.to_string()).collect()
}

fn filled(upto: u32) -> World {
    let mut world = World::new();
    world.declare("a", Table::new());
    for body in numbers(upto) {
        world.publish("a", &body);
    }
    world
}

#[test]
fn requeued_message_returns_to_its_place() {
    let mut world = filled(4);
    for _ in 0..3 {
        world.get("a");
    }
    for delivery_tag in [2, 3, 1] {
        world.ask(MAIN, Method::BasicReject { delivery_tag, requeue: true });
    }
    assert_eq!(world.ready("a"), numbers(4));
}

#[test]
fn a_clone_is_not_changed_by_what_happens_to_the_original() {
    let mut world = filled(3);
    world.consume(MAIN, "a", "c");
    let before = world.clone();
    world.ask(MAIN, Method::BasicAck { delivery_tag: 3, multiple: true });
    world.ask(MAIN, Method::QueueDelete { queue: "a".into(), if_unused: false, if_empty: false });
    assert!(world.broker.queue("a").is_none());
    let queue = before.broker.queue("a").expect("the clone kept its queue");
    assert_eq!((queue.unacked_count(), queue.consumer_count()), (3, 1));
    assert_eq!(queue.counters().acked, 0);
}

#[test]
fn a_clone_goes_on_as_the_original_would() {
    let mut world = filled(5);
    let mut copy = world.clone();
    assert_eq!(world.consume(MAIN, "a", "c"), copy.consume(MAIN, "a", "c"));
    let nack = Method::BasicNack { delivery_tag: 4, multiple: true, requeue: true };
    assert_eq!(world.ask(MAIN, nack.clone()), copy.ask(MAIN, nack));
}

#[test]
fn a_closed_channel_refuses_everything_until_opened_again() {
    let mut world = filled(1);
    let (reply, effects) = world.ask(MAIN, Method::BasicAck { delivery_tag: 9, multiple: false });
    let Reply::Refused(error) = reply else { panic!("{reply:?}") };
    assert_eq!((error.scope, error.code), (Scope::Channel, 406));
    assert!(effects.contains(&Effect::ChannelClosed { channel: MAIN, error }));
    let (reply, effects) = world.ask(MAIN, Method::ConfirmSelect);
    assert!(matches!(reply, Reply::Refused(_)) && effects.is_empty());
    world.ask(MAIN, Method::ChannelOpen);
    assert!(matches!(world.get("a"), Reply::GetOk { delivery_tag: 1, .. }));
}

#[test]
fn a_method_on_a_channel_that_was_never_opened_closes_the_connection() {
    let mut world = filled(1);
    let get = Method::BasicGet { queue: "a".into(), no_ack: false };
    let (reply, effects) = world.ask(OTHER, get.clone());
    let Reply::Refused(error) = reply else { panic!("{reply:?}") };
    assert_eq!((error.scope, error.code, error.name), (Scope::Connection, 504, "CHANNEL_ERROR"));
    assert!(effects.contains(&Effect::ConnectionClosed { connection: 1, error }));
    assert!(!world.broker.is_open(MAIN));
    assert!(matches!(world.ask(MAIN, get).0, Reply::Refused(_)));
}

#[test]
fn messages_that_come_back_say_why() {
    let mut world = filled(1);
    let why = |effects: Vec<Effect>| {
        let reason = |effect: &Effect| match effect {
            Effect::Event(Event::Requeued { reason, .. }) => Some(*reason),
            _ => None,
        };
        effects.iter().find_map(reason)
    };
    world.get("a");
    let reject = Method::BasicReject { delivery_tag: 1, requeue: true };
    assert_eq!(why(world.ask(MAIN, reject).1), Some(RequeueReason::GivenBack));
    world.get("a");
    assert_eq!(why(world.ask(MAIN, Method::ChannelClose).1), Some(RequeueReason::ChannelClosed));
    world.ask(MAIN, Method::ChannelOpen);
    world.get("a");
    assert_eq!(why(world.restart()), Some(RequeueReason::Restart));
}

#[test]
fn a_queue_without_a_name_gets_one() {
    let mut world = World::new();
    let (reply, _) = world.ask(MAIN, Method::QueueDeclare(QueueDeclare::default()));
    let Reply::QueueDeclareOk { queue, .. } = reply else { panic!("{reply:?}") };
    assert!(queue.starts_with("amq.gen-") && world.broker.queue(&queue).is_some(), "{queue}");
    let taken = QueueDeclare { name: "amq.gen-mine".into(), ..Default::default() };
    let (reply, _) = world.ask(MAIN, Method::QueueDeclare(taken));
    assert!(matches!(reply, Reply::Refused(error) if error.code == 403));
}

#[test]
fn a_lost_connection_takes_along_its_exclusive_queues() {
    let mut world = World::new();
    let queue = QueueDeclare { name: "mine".into(), exclusive: true, ..Default::default() };
    world.ask(MAIN, Method::QueueDeclare(queue));
    world.ask(MAIN, Method::ConnectionClose);
    assert!(world.broker.queue("mine").is_none());
    assert!(!world.broker.is_open(MAIN));
}

#[test]
fn closing_a_connection_hands_nothing_to_its_own_other_channels() {
    let mut world = filled(1);
    world.ask(OTHER, Method::ChannelOpen);
    world.consume(MAIN, "a", "x");
    world.consume(OTHER, "a", "y");
    let (_, effects) = world.ask(MAIN, Method::ConnectionClose);
    assert!(deliveries(&effects).is_empty());
    assert_eq!(world.ready("a"), numbers(1));
}

#[test]
fn a_restart_keeps_what_is_durable_and_persistent() {
    let mut world = World::new();
    world.declare("kept", Table::new());
    let queue = QueueDeclare { name: "lost".into(), ..Default::default() };
    world.ask(MAIN, Method::QueueDeclare(queue));
    let persistent = Properties { delivery_mode: Some(2), ..Default::default() };
    world.publish_with("kept", "persistent", persistent);
    world.publish("kept", "transient");
    world.restart();
    assert_eq!(world.ready("kept"), ["persistent"]);
    assert!(world.broker.queue("lost").is_none());
    let (reply, _) = world.ask(MAIN, Method::ChannelOpen);
    assert!(matches!(reply, Reply::Refused(_)), "the connection went with the restart");
}

#[test]
fn a_timer_that_was_overtaken_does_nothing() {
    let mut world = World::new();
    world.declare("a", Table::new().with("x-message-ttl", Value::Int(1000)));
    world.publish("a", "1");
    let timer = Timer::MessageExpiry { queue: "a".into() };
    assert!(world.broker.timeout(Instant::from_millis(500), timer.clone()).is_empty());
    world.get("a");
    world.advance(2000);
    assert!(world.broker.timeout(world.now, timer).is_empty());
    assert_eq!(world.broker.queue("a").map(|queue| queue.unacked_count()), Some(1));
}

#[test]
fn a_deleted_queue_cancels_its_timers() {
    let mut world = World::new();
    world.declare("a", Table::new().with("x-expires", Value::Int(500)));
    let delete = Method::QueueDelete { queue: "a".into(), if_unused: false, if_empty: false };
    let (_, effects) = world.ask(MAIN, delete);
    let timer = Timer::QueueExpiry { queue: "a".into() };
    assert!(effects.contains(&Effect::Cancel { timer }));
}

#[test]
fn a_message_that_comes_back_tells_a_quorum_consumer_how_often() {
    let mut world = World::new();
    world.declare("q", Table::new().with("x-queue-type", Value::text("quorum")));
    world.consume(MAIN, "q", "c");
    world.publish("q", "m");
    for count in 1..=3 {
        let nack = Method::BasicReject { delivery_tag: count, requeue: true };
        let (_, effects) = world.ask(MAIN, nack);
        let [delivery] = deliveries(&effects)[..] else { panic!("{effects:?}") };
        let shown = delivery.message.headers().get("x-delivery-count").and_then(Value::as_int);
        assert_eq!(shown, i64::try_from(count).ok());
        assert_eq!(text(delivery.message.body()), "m");
    }
}

#[test]
fn dropped_messages_say_why() {
    let mut world = World::new();
    world.declare("a", Table::new().with("x-max-length", Value::Int(1)));
    world.publish("a", "1");
    let effects = world.publish("a", "2");
    let dropped = effects.iter().any(|effect| {
        matches!(effect, Effect::Event(Event::Dropped { reason, .. }) if reason.name() == "maxlen")
    });
    assert!(dropped, "{effects:?}");
}
