//! Declaring, binding and deleting exchanges and queues.
//!
//! <https://www.rabbitmq.com/docs/queues>, <https://www.rabbitmq.com/docs/exchanges>. Declaring
//! again what is there asks only whether it is the same; deleting what is not there is no error.

use std::rc::Rc;

use super::binding::note_unbound;
use super::broker::Broker;
use super::effect::{Effect, Timer};
use super::event::{DropReason, Event};
use super::exchange::Exchange;
use super::method::{AmqpError, ChannelId, ExchangeDeclare, QueueDeclare, Reply};
use super::queue::Queue;
use super::round::ConsumerKey;
use super::settings::check_same_arguments;
use super::targets::{Destination, QueueId};
use super::value::Value;
use super::work::Context;
use crate::engine::Set;

impl Broker {
    pub(super) fn declare_exchange(
        &mut self,
        cx: &mut Context,
        declare: ExchangeDeclare,
    ) -> Result<(), AmqpError> {
        check_not_default(&declare.name)?;
        match self.exchanges.get(&declare.name) {
            Some(_) if declare.passive => return Ok(()),
            Some(exchange) => return exchange.check_equivalent(&declare),
            None if declare.passive => return Err(AmqpError::no_exchange(&declare.name)),
            None => check_not_reserved("exchange", &declare.name)?,
        }
        let mut exchange = Exchange::declare(declare)?;
        exchange.set_alternate(self.policies.alternate(exchange.name()));
        let name = Rc::clone(exchange.name());
        cx.event(Event::ExchangeDeclared { exchange: Rc::clone(&name) });
        self.exchanges.insert(name, Rc::new(exchange));
        Ok(())
    }

    pub(super) fn delete_exchange_if(
        &mut self,
        cx: &mut Context,
        name: &str,
        if_unused: bool,
    ) -> Result<(), AmqpError> {
        check_not_default(name)?;
        check_not_reserved("exchange", name)?;
        let Some(exchange) = self.exchanges.get(name) else {
            return Ok(());
        };
        if if_unused && exchange.binding_count() > 0 {
            let text = format!("exchange '{name}' in vhost '/' in use");
            return Err(AmqpError::precondition_failed(text));
        }
        self.delete_exchange(cx, name);
        Ok(())
    }

    /// Deletes an exchange with the bindings from and to it.
    pub(super) fn delete_exchange(&mut self, cx: &mut Context, name: &str) {
        let Some(exchange) = self.exchanges.remove(name) else {
            return;
        };
        for binding in exchange.bindings() {
            note_unbound(cx, exchange.name(), binding);
        }
        cx.event(Event::ExchangeDeleted { exchange: Rc::clone(exchange.name()) });
        self.unbind_destination(cx, &Destination::Exchange(name.into()));
    }

    pub(super) fn declare_queue(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
        mut declare: QueueDeclare,
    ) -> Result<Reply, AmqpError> {
        if declare.passive {
            let id = self.find_queue(&declare.name, channel.connection)?;
            return Ok(self.declare_ok(cx, id));
        }
        if declare.name.is_empty() {
            declare.name = self.made_up_name("amq.gen");
        } else {
            check_not_reserved("queue", &declare.name)?;
        }
        if let Some(id) = self.queue_ids.get(&declare.name).copied() {
            check_same_queue(self.queue_at(id), &declare, channel.connection)?;
            return Ok(self.declare_ok(cx, id));
        }
        let id = QueueId::try_from(self.queues.len()).expect("fewer queues than memory");
        let mut queue = Queue::declare(id, declare, channel.connection)?;
        let size = queue.arguments.get("x-quorum-initial-group-size").and_then(Value::as_int);
        let node = self.connections[&channel.connection];
        queue.members = self.members(node, queue.settings.is_quorum(), size);
        self.policies.apply(&mut queue);
        let name = Rc::clone(queue.name());
        cx.event(Event::QueueDeclared { queue: Rc::clone(&name) });
        self.queue_ids.insert(name, id);
        self.queues.push(Some(Rc::new(queue)));
        Ok(self.declare_ok(cx, id))
    }

    /// Being asked for counts as use of the queue.
    fn declare_ok(&mut self, cx: &mut Context, id: QueueId) -> Reply {
        let queue = self.queue_at(id);
        if !queue.is_available() {
            // A quorum queue that cannot be asked counts as empty (`rabbit_quorum_queue`).
            let queue = Rc::clone(queue.name());
            return Reply::QueueDeclareOk { queue, message_count: 0, consumer_count: 0 };
        }
        let consumer_count = self.declared_consumers(id);
        let mut work = self.work(id, cx).expect("the queue was just found");
        work.touch();
        Reply::QueueDeclareOk {
            queue: Rc::clone(work.queue.name()),
            message_count: work.queue.ready_count(),
            consumer_count,
        }
    }

    /// A quorum queue counts whoever is served or holds messages: a consumer that waits to become
    /// the active one is not counted, one that was cancelled and each `basic.get` are, as long as
    /// they hold something (`rabbit_fifo`).
    fn declared_consumers(&self, id: QueueId) -> u64 {
        let queue = self.queue_at(id);
        if !queue.settings.is_quorum() {
            return queue.consumer_count();
        }
        let held = self.channels.values().flat_map(|channel| channel.unacked.iter());
        let held = held.filter(|held| held.queue == id);
        let (got, delivered): (Vec<_>, Vec<_>) =
            held.map(|held| held.consumer).partition(Option::is_none);
        let gone = |key: &ConsumerKey| queue.consumers.get(*key).is_none();
        let cancelled: Set<ConsumerKey> = delivered.into_iter().flatten().filter(gone).collect();
        let served = if queue.settings.single_active {
            u64::from(queue.active_consumer().is_some())
        } else {
            queue.consumer_count()
        };
        served + got.len() as u64 + cancelled.len() as u64
    }

    pub(super) fn delete_queue_if(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
        name: &str,
        if_unused: bool,
        if_empty: bool,
    ) -> Result<Reply, AmqpError> {
        if !self.queue_ids.contains_key(name) {
            return Ok(Reply::QueueDeleteOk { message_count: 0 });
        }
        let id = self.find_available(name, channel.connection)?;
        let queue = self.queue_at(id);
        if queue.settings.is_quorum() && (if_unused || if_empty) {
            let text = "quorum queues cannot be deleted with if-unused or if-empty";
            return Err(AmqpError::not_implemented(text));
        }
        let reason = if if_unused && queue.consumer_count() > 0 {
            "in use"
        } else if if_empty && queue.ready_count() > 0 {
            "is not empty"
        } else {
            let message_count = queue.ready_count();
            self.delete_queue(cx, id);
            return Ok(Reply::QueueDeleteOk { message_count });
        };
        let text = format!("queue '{name}' in vhost '/' {reason}");
        Err(AmqpError::precondition_failed(text))
    }

    /// Deletes a queue with its messages and bindings. Nothing is dead-lettered.
    pub(super) fn delete_queue(&mut self, cx: &mut Context, id: QueueId) {
        self.delete_queue_because(cx, id, DropReason::QueueDeleted);
    }

    pub(super) fn delete_queue_because(
        &mut self,
        cx: &mut Context,
        id: QueueId,
        reason: DropReason,
    ) {
        let place = &mut self.queues[id as usize];
        let queue = place.take().expect("a queue is deleted once");
        self.queue_ids.remove(queue.name());
        let consumers: Vec<_> =
            queue.consumers().map(|(channel, tag)| (channel, Rc::clone(tag))).collect();
        for (channel, consumer_tag) in consumers {
            self.channel_mut(channel).consumers.remove(&consumer_tag);
            let queue = Rc::clone(queue.name());
            let tag = Rc::clone(&consumer_tag);
            cx.event(Event::ConsumerRemoved { queue, consumer_tag: tag, channel });
            cx.effects.push(Effect::ConsumerCancelled { channel, consumer_tag });
        }
        let timers = [
            queue.message_timer.map(|_| Timer::MessageExpiry { queue: Rc::clone(&queue.name) }),
            queue.expiry_timer.map(|_| Timer::QueueExpiry { queue: Rc::clone(&queue.name) }),
            (queue.undelivered.first())
                .map(|_| Timer::DeadLetters { queue: Rc::clone(&queue.name) }),
        ];
        cx.effects.extend(timers.into_iter().flatten().map(|timer| Effect::Cancel { timer }));
        let held = queue.unacked.iter().map(|held| &held.message);
        let undelivered = queue.undelivered.iter().map(|(message, _)| message);
        let lost: Vec<_> = held.chain(queue.ready.iter()).chain(undelivered).collect();
        for message in &lost {
            let (queue, message) = (Rc::clone(&queue.name), Rc::clone(message.message.identity()));
            cx.event(Event::Dropped { queue, reason, message });
        }
        let messages = lost.len() as u64;
        cx.event(Event::QueueDeleted { queue: Rc::clone(&queue.name), messages });
        self.unbind_destination(cx, &Destination::Queue(id));
    }

    /// Empties a queue of what is ready.
    pub(super) fn purge(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
        name: &str,
    ) -> Result<Reply, AmqpError> {
        let id = self.find_available(name, channel.connection)?;
        let mut work = self.work(id, cx).expect("the queue was just found");
        let purged = work.queue.ready.take_all();
        for message in &purged {
            work.drop_message(message, DropReason::Purged);
        }
        if work.queue.settings.is_quorum() {
            work.finish_quorum();
        }
        let messages = purged.len() as u64;
        let queue = Rc::clone(work.queue.name());
        cx.event(Event::QueuePurged { queue, messages });
        Ok(Reply::QueuePurgeOk { message_count: messages })
    }
}

pub(super) fn check_not_default(exchange: &str) -> Result<(), AmqpError> {
    if exchange.is_empty() {
        return Err(AmqpError::access_refused("operation not permitted on the default exchange"));
    }
    Ok(())
}

/// Names that begin with `amq.` belong to the broker.
fn check_not_reserved(what: &str, name: &str) -> Result<(), AmqpError> {
    if name.starts_with("amq.") {
        let text = format!("{what} name '{name}' contains reserved prefix 'amq.*'");
        return Err(AmqpError::access_refused(text));
    }
    Ok(())
}

fn check_same_queue(
    queue: &Queue,
    declare: &QueueDeclare,
    connection: u32,
) -> Result<(), AmqpError> {
    if queue.owner != declare.exclusive.then_some(connection) {
        return Err(queue.locked());
    }
    let field = if queue.durable != declare.durable {
        "durable"
    } else if queue.auto_delete != declare.auto_delete {
        "auto_delete"
    } else {
        return check_same_arguments(queue.name(), &queue.arguments, &declare.arguments);
    };
    let text = format!("inequivalent arg '{field}' for queue '{}' in vhost '/'", queue.name());
    Err(AmqpError::precondition_failed(text))
}
