//! Queues of a million messages: what it costs to add to one, to copy it and to let it expire.

use std::rc::Rc;

use super::{MAIN, World};
use crate::engine::rabbitmq::{BasicPublish, Method, Properties, Table};

const MANY: u32 = 1_000_000;

fn publish(world: &mut World, ttl_ms: Option<u64>) {
    let expiration = ttl_ms.map(|ttl| ttl.to_string().into());
    let publish = BasicPublish {
        routing_key: "long".into(),
        properties: Properties { expiration, ..Properties::default() },
        ..BasicPublish::default()
    };
    world.ask(MAIN, Method::BasicPublish(Rc::new(publish)));
}

fn filled(messages: u32) -> World {
    let mut world = World::new();
    world.declare("long", Table::new());
    (0..messages).for_each(|_| publish(&mut world, None));
    world
}

/// How often heads of lanes were looked at by something.
fn looks(world: &mut World, something: impl FnOnce(&mut World)) -> u64 {
    let count = |world: &World| world.broker.queue("long").map_or(0, |queue| queue.ready.looks());
    let before = count(world);
    something(world);
    count(world) - before
}

#[test]
fn a_publish_to_a_long_queue_does_as_much_as_to_a_short_one() {
    let mut short = filled(10);
    let mut long = filled(MANY);
    let of_short = looks(&mut short, |world| publish(world, Some(1_000)));
    let of_long = looks(&mut long, |world| publish(world, Some(1_000)));
    assert_eq!(of_short, of_long);
    assert_eq!(long.broker.queue("long").map(|queue| queue.ready_count()), Some(1_000_001));
}

#[test]
fn a_time_to_live_of_messages_is_looked_at_only_at_the_head() {
    let mut world = filled(0);
    for number in 0..10_000 {
        publish(&mut world, Some(1_000 + number % 7));
    }
    assert!(looks(&mut world, |world| drop(world.advance(500))) == 0);
    // Each message that goes is looked at, and the one that is then the head.
    let to_expire = looks(&mut world, |world| drop(world.advance(2_000)));
    assert!((10_000..=10_000 * 3).contains(&to_expire), "{to_expire}");
    assert!(world.ready("long").is_empty());
}

#[test]
fn a_copy_of_the_broker_shares_a_long_queue_and_then_all_but_its_ends() {
    let world = filled(MANY);
    let queue = |world: &World| Rc::clone(world.broker.queues[0].as_ref().expect("declared"));
    let mut copy = world.clone();
    assert!(Rc::ptr_eq(&queue(&world), &queue(&copy)));
    copy.get("long");
    publish(&mut copy, None);
    let (shared, chunks) = queue(&world).ready.shared_chunks(&queue(&copy).ready);
    assert!(chunks > 1_000 && shared + 2 >= chunks, "{shared} of {chunks}");
}
