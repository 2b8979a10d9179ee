//! Taking messages: consumers, `basic.get`, acknowledgements and windows.
//!
//! <https://www.rabbitmq.com/docs/consumers>, <https://www.rabbitmq.com/docs/confirms>.

use std::rc::Rc;

use super::broker::Broker;
use super::channel::Held;
use super::cluster::Command;
use super::consumers::Consumer;
use super::effect::{Effect, Timer};
use super::event::Event;
use super::method::{AmqpError, BasicConsume, ChannelId, Reply};
use super::queue::Queue;
use super::settle::Outcome;
use super::targets::QueueId;
use super::value::{Table, Value};
use super::work::Context;
use crate::engine::Set;

impl Broker {
    pub(super) fn consume(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        mut consume: BasicConsume,
    ) -> Result<Reply, AmqpError> {
        if self.channels[&id].consumers.contains_key(&consume.consumer_tag) {
            let text = format!("attempt to reuse consumer tag '{}'", consume.consumer_tag);
            return Err(AmqpError::not_allowed(text));
        }
        let queue = self.find_available(&consume.queue, id.connection)?;
        let priority = consumer_priority(&consume.arguments)?;
        let channel = &self.channels[&id];
        check_consumable(self.queue_at(queue), consume.exclusive, channel.limiter.is_active())?;
        let window = Some(u32::from(channel.prefetch)).filter(|window| *window > 0);
        if consume.consumer_tag.is_empty() {
            consume.consumer_tag = self.made_up_name("amq.ctag");
        }
        let tag = consume.consumer_tag;
        let mut consumer = Consumer::new(id, Rc::clone(&tag), priority);
        consumer.no_ack = consume.no_ack;
        consumer.exclusive = consume.exclusive;
        // Without acknowledgements there is nothing to count.
        consumer.window = window.filter(|_| !consume.no_ack);

        let mut work = self.work(queue, cx).expect("the queue was just found");
        let before = work.active_tag();
        let key = work.queue.consumers.add(consumer);
        work.queue.had_consumers = true;
        if work.queue.expiry_timer.take().is_some() {
            let timer = Timer::QueueExpiry { queue: Rc::clone(&work.queue.name) };
            work.cx.effects.push(Effect::Cancel { timer });
        }
        let (name, consumer_tag) = (Rc::clone(&work.queue.name), Rc::clone(&tag));
        work.cx.event(Event::ConsumerAdded { queue: name, consumer_tag, channel: id });
        work.note_activation(before);
        self.channel_mut(id).consumers.insert(Rc::clone(&tag), (queue, key));
        self.run(cx, queue);
        Ok(Reply::ConsumeOk { consumer_tag: tag })
    }

    /// Ends a consumer. What it holds stays with its channel.
    pub(super) fn cancel(&mut self, cx: &mut Context, id: ChannelId, tag: &str) {
        let Some((queue, key)) = self.channel_mut(id).consumers.remove(tag) else {
            return;
        };
        let mut work = self.work(queue, cx).expect("a queue outlives its consumers");
        if let Some(waiting) = &mut work.queue.waiting {
            waiting.push(Command::Cancel { channel: id, consumer: key });
            return;
        }
        work.remove_consumer(id, key);
        if work.queue.is_abandoned() {
            self.delete_queue(cx, queue);
        }
    }

    pub(super) fn get(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        name: &str,
        no_ack: bool,
    ) -> Result<Reply, AmqpError> {
        let queue = self.find_available(name, id.connection)?;
        let mut work = self.work(queue, cx).expect("the queue was just found");
        if work.queue.settings.is_quorum() && work.queue.settings.single_active {
            let text = format!("queue '{name}' in vhost '/' in use by a single active consumer");
            return Err(AmqpError::resource_locked(text));
        }
        Ok(work.get(id, no_ack))
    }

    pub(super) fn settle(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        tag: u64,
        multiple: bool,
        outcome: Outcome,
    ) -> Result<(), AmqpError> {
        if multiple {
            let all = self.channel_mut(id).take_through(tag)?;
            self.settle_all(cx, id, all, outcome);
            return Ok(());
        }
        let held = self.channel_mut(id).take_one(tag)?;
        if let Some(mut work) = self.work(held.queue, cx) {
            work.settle_for(id, &[held.seq], held.consumer, outcome);
        }
        self.release(cx, id, u64::from(held.consumer.is_some()));
        Ok(())
    }

    /// `basic.recover`: everything unacknowledged on the channel goes back to its queue.
    pub(super) fn recover(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        requeue: bool,
    ) -> Result<(), AmqpError> {
        if !requeue {
            return Err(AmqpError::not_implemented("requeue=false"));
        }
        let all = self.channel_mut(id).take_all();
        self.settle_all(cx, id, all, Outcome::Requeue);
        Ok(())
    }

    /// Settles queue by queue; in a queue first what was got, one by one, and then consumer by
    /// consumer (`rabbit_channel`).
    fn settle_all(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        mut all: Vec<Held>,
        outcome: Outcome,
    ) {
        let consumed = all.iter().filter(|held| held.consumer.is_some()).count() as u64;
        all.sort_by_key(|held| (held.queue, held.consumer));
        let together = |one: &Held, other: &Held| {
            one.queue == other.queue && one.consumer == other.consumer && one.consumer.is_some()
        };
        for group in all.chunk_by(together) {
            if let Some(mut work) = self.work(group[0].queue, cx) {
                let seqs: Vec<u64> = group.iter().map(|held| held.seq).collect();
                work.settle_for(id, &seqs, group[0].consumer, outcome);
            }
        }
        self.release(cx, id, consumed);
    }

    /// Room in the window of the channel lets the queues that wait for it go on.
    fn release(&mut self, cx: &mut Context, id: ChannelId, settled: u64) {
        if settled > 0 && self.channels[&id].limiter.is_active() {
            let waiting = self.channel_mut(id).limiter.settled(settled);
            self.resume(cx, id, waiting);
        }
    }

    /// Sets a window. A window for consumers to come also lifts the one of the whole channel
    /// (`rabbit_channel`).
    pub(super) fn qos(&mut self, cx: &mut Context, id: ChannelId, count: u16, global: bool) {
        let channel = self.channel_mut(id);
        if !global {
            channel.prefetch = count;
        }
        let unacked = channel.unacked.len() as u64;
        let waiting = channel.limiter.set(if global { count } else { 0 }, unacked);
        self.resume(cx, id, waiting);
    }

    fn resume(&mut self, cx: &mut Context, id: ChannelId, waiting: Set<QueueId>) {
        for queue in waiting {
            if let Some(mut work) = self.work(queue, cx)
                && work.queue.consumers.resume(id)
            {
                work.run();
            }
        }
    }

    fn run(&mut self, cx: &mut Context, queue: QueueId) {
        if let Some(mut work) = self.work(queue, cx) {
            work.run();
        }
    }
}

/// The argument `x-priority` of a consumer, any integer.
fn consumer_priority(arguments: &Table) -> Result<i64, AmqpError> {
    match arguments.get("x-priority") {
        None => Ok(0),
        Some(value) => Value::as_int(value).ok_or_else(|| {
            AmqpError::precondition_failed("invalid arg 'x-priority': not an integer")
        }),
    }
}

fn check_consumable(queue: &Queue, exclusive: bool, channel_window: bool) -> Result<(), AmqpError> {
    let name = queue.name();
    if queue.settings.is_quorum() && channel_window {
        let text = format!("queue '{name}' in vhost '/' does not support global qos");
        return Err(AmqpError::not_implemented(text));
    }
    // Quorum queues take an exclusive consumer like any other (`rabbit_quorum_queue`).
    let claimed = queue.consumers.is_taken(exclusive) || exclusive && queue.settings.single_active;
    if claimed && !queue.settings.is_quorum() {
        let text = format!("queue '{name}' in vhost '/' in exclusive use");
        return Err(AmqpError::access_refused(text));
    }
    Ok(())
}
