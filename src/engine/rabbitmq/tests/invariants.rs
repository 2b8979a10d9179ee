//! What must hold after every step.

use litemap::LiteMap;

use super::World;
use crate::engine::rabbitmq::settings::QueueType;
use crate::engine::rabbitmq::{Broker, Queue};

/// The first thing that is wrong with the broker.
pub(super) fn check(broker: &Broker) -> Result<(), String> {
    for queue in broker.queues() {
        let found = check_counts(queue).and_then(|()| check_order(queue));
        found
            .and_then(|()| check_idle(broker, queue))
            .map_err(|why| format!("queue {}: {why}", queue.name()))?;
    }
    check_channels(broker)
}

/// Every message is in exactly one place.
fn check_counts(queue: &Queue) -> Result<(), String> {
    let counters = queue.counters();
    let left = counters.acked + counters.expired + counters.dropped + counters.dead_lettered;
    let here = queue.ready_count() + queue.unacked_count() + queue.undelivered_count();
    if counters.published != left + here {
        return Err(format!("{counters:?}, {here} still here"));
    }
    let (count, bytes) = queue.ready().fold((0, 0), |(count, bytes), queued| {
        (count + 1, bytes + queued.message.body().len() as u64)
    });
    if (count, bytes) != (queue.ready_count(), queue.ready_bytes()) {
        return Err(format!("{count} ready messages of {bytes} bytes are counted otherwise"));
    }
    Ok(())
}

/// A classic queue is in order of priority and then of arrival.
fn check_order(queue: &Queue) -> Result<(), String> {
    let highest = queue.settings.max_priority;
    let rank = |queued: &crate::engine::rabbitmq::QueuedMessage| {
        (highest - queued.message.priority().min(highest), queued.seq)
    };
    let ordered = queue.ready().map(rank).is_sorted();
    if queue.kind() == QueueType::Classic && !ordered {
        return Err("out of order".to_owned());
    }
    Ok(())
}

/// Nobody who could take a ready message is left waiting.
fn check_idle(broker: &Broker, queue: &Queue) -> Result<(), String> {
    let mut copy = broker.clone();
    let mut cx = crate::engine::rabbitmq::work::Context::new(crate::engine::Instant::ZERO);
    let mut work = copy.work(queue.id, &mut cx).expect("the queue is there");
    if !work.queue.ready.is_empty() && work.choose().is_some() {
        return Err("a consumer has room and messages are ready".to_owned());
    }
    let full = queue
        .consumers
        .iter()
        .find(|consumer| consumer.window.is_some_and(|window| consumer.held > window));
    match full {
        Some(consumer) => Err(format!("consumer {} holds more than its window", consumer.tag)),
        None => Ok(()),
    }
}

/// Queues and channels agree on what is unacknowledged.
fn check_channels(broker: &Broker) -> Result<(), String> {
    let mut held = LiteMap::new_vec();
    for queue in broker.queues() {
        for (channel, tag, queued) in queue.unacked() {
            held.insert((channel, tag), (queue.id, queued.seq));
        }
    }
    for (id, channel) in &broker.channels {
        for one in channel.unacked.iter() {
            let tag = one.tag;
            let gone = broker.queues[one.queue as usize].is_none();
            if !gone && held.remove(&(*id, tag)) != Some((one.queue, one.seq)) {
                return Err(format!("channel {id} holds #{tag}, its queue does not know"));
            }
        }
    }
    match held.keys().next() {
        Some((channel, tag)) => Err(format!("no channel {channel} holds #{tag}")),
        None => Ok(()),
    }
}

#[test]
fn the_check_notices_a_lost_message() {
    let mut world = World::new();
    world.declare("a", Default::default());
    world.publish("a", "1");
    assert_eq!(check(&world.broker), Ok(()));
    let mut cx = crate::engine::rabbitmq::work::Context::new(world.now);
    let work = world.broker.work(0, &mut cx).expect("the queue is there");
    work.queue.ready.pop();
    assert!(check(&world.broker).is_err());
}

#[test]
fn the_check_notices_a_forgotten_delivery() {
    let mut world = World::new();
    world.declare("a", Default::default());
    world.publish("a", "1");
    world.get("a");
    world.broker.channel_mut(super::MAIN).take_all();
    assert!(check(&world.broker).is_err());
}
