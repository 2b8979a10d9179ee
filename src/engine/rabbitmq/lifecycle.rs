//! Connections and channels opening and closing, and the broker restarting.
//!
//! <https://www.rabbitmq.com/docs/connections>, <https://www.rabbitmq.com/docs/channels>; what a
//! restart keeps: <https://www.rabbitmq.com/docs/queues#durability>.

use std::rc::Rc;

use litemap::LiteMap;

use super::broker::Broker;
use super::channel::{Channel, Held};
use super::chunks::Numbered;
use super::consumers::Consumers;
use super::effect::Effect;
use super::event::{DropReason, Event, RequeueReason};
use super::method::{AmqpError, ChannelId};
use super::round::ConsumerKey;
use super::targets::QueueId;
use super::work::{Context, Work};
use crate::engine::Instant;

impl Broker {
    pub(super) fn open_connection(&mut self, cx: &mut Context, connection: u32, node: u32) {
        if self.connections.try_insert(connection, node).is_none() {
            cx.event(Event::ConnectionOpened { connection });
        }
    }

    /// Closes a connection, or notices that it is lost; its exclusive queues go with it.
    pub(super) fn close_connection(
        &mut self,
        cx: &mut Context,
        connection: u32,
        error: Option<AmqpError>,
    ) {
        self.connections.remove(&connection);
        self.blocked.remove(&connection);
        self.closing.retain(|id| id.connection != connection);
        let ids = self.channels.keys().copied();
        let channels: Vec<ChannelId> = ids.filter(|id| id.connection == connection).collect();
        self.lose_channels(cx, &channels, error.as_ref());
        let owned = self.queues().filter(|queue| queue.owner == Some(connection));
        let owned: Vec<QueueId> = owned.map(|queue| queue.id).collect();
        for queue in owned {
            self.delete_queue(cx, queue);
        }
        if let Some(error) = &error {
            cx.effects.push(Effect::ConnectionClosed { connection, error: error.clone() });
        }
        cx.event(Event::ConnectionClosed { connection, error });
    }

    pub(super) fn open_channel(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
    ) -> Result<(), AmqpError> {
        if self.is_open(channel) {
            return Err(AmqpError::channel_error("second 'channel.open' seen"));
        }
        self.closing.remove(&channel);
        self.channels.insert(channel, Rc::new(Channel::default()));
        cx.event(Event::ChannelOpened { channel });
        Ok(())
    }

    pub(super) fn close_channel(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
        error: Option<AmqpError>,
    ) {
        self.closing.remove(&channel);
        self.lose_channels(cx, &[channel], error.as_ref());
    }

    /// Takes channels away together, so that nothing one of them held is handed to another.
    fn lose_channels(
        &mut self,
        cx: &mut Context,
        channels: &[ChannelId],
        error: Option<&AmqpError>,
    ) {
        let mut held: LiteMap<QueueId, Vec<Held>> = LiteMap::new();
        for id in channels {
            let Some(channel) = self.channels.remove(id) else {
                continue;
            };
            for (queue, _) in channel.consumers.values() {
                held.entry(*queue).or_default();
            }
            for one in channel.unacked.iter() {
                held.entry(one.queue).or_default().push(*one);
            }
            if let Some(error) = error {
                let error = error.clone();
                cx.effects.push(Effect::ChannelClosed { channel: *id, error });
            }
            cx.event(Event::ChannelClosed { channel: *id, error: error.cloned() });
        }
        for queue in self.queues.iter_mut().flatten() {
            if queue.waiting.is_some() && queue.settings.is_quorum() {
                held.entry(queue.id).or_default();
            }
            if channels.iter().any(|channel| queue.gate.known.contains(channel)) {
                Rc::make_mut(queue).gate.forget(channels);
            }
        }
        for (queue, held) in held {
            let seqs = in_order_of_loss(held);
            let Some(mut work) = self.work(queue, cx) else {
                continue;
            };
            if work.queue.waiting.is_some() {
                work.lose_channels_later(channels, seqs);
                continue;
            }
            work.lose_channels(channels, &seqs);
            if work.queue.is_abandoned() {
                self.delete_queue(cx, queue);
            }
        }
    }

    /// Stops and starts the broker. All connections are closed; durable exchanges and queues stay,
    /// and in them what is persistent. Quorum queues keep everything.
    pub fn restart(&mut self, now: Instant) -> Vec<Effect> {
        let mut cx = Context::new(now);
        let error = AmqpError::connection_forced("broker forced connection closure: shutdown");
        for (id, _) in std::mem::take(&mut self.channels) {
            cx.event(Event::ChannelClosed { channel: id, error: Some(error.clone()) });
        }
        for (connection, _) in std::mem::take(&mut self.connections) {
            cx.effects.push(Effect::ConnectionClosed { connection, error: error.clone() });
            let error = Some(error.clone());
            cx.event(Event::ConnectionClosed { connection, error });
        }
        self.closing.clear();
        self.blocked.clear();
        self.alarms.clear();
        self.down.clear();
        cx.event(Event::Restarted);
        let queues: Vec<QueueId> = self.queues().map(|queue| queue.id).collect();
        for id in queues {
            let mut work = self.work(id, &mut cx).expect("the queue was just listed");
            work.queue.consumers = Consumers::new(&work.queue.settings);
            work.stop_waiting();
            let queue = &work.queue;
            if !queue.durable || queue.owner.is_some() || queue.is_abandoned() {
                self.delete_queue_because(&mut cx, id, DropReason::Restart);
            } else {
                work.start_again();
            }
        }
        let transient = self.exchanges().filter(|exchange| !exchange.is_durable());
        let transient: Vec<Rc<str>> =
            transient.map(|exchange| Rc::clone(exchange.name())).collect();
        for name in transient {
            self.delete_exchange(&mut cx, &name);
        }
        self.deliver_dead_letters(&mut cx);
        cx.effects
    }
}

impl Work<'_> {
    /// What a durable queue does after a restart.
    pub(super) fn start_again(&mut self) {
        let held: Vec<u64> = self.queue.unacked.iter().map(Numbered::number).collect();
        if self.queue.settings.is_quorum() {
            self.fail_quorum(&held, RequeueReason::Restart);
            self.finish_quorum();
        } else {
            for seq in held {
                let mut message = self.take_unacked(seq).message;
                message.redelivered = true;
                self.note_requeued(&message, RequeueReason::Restart);
                self.queue.ready.put_back(message);
            }
            for message in self.queue.ready.take_all() {
                if message.message.properties().is_persistent() {
                    self.queue.ready.put_back(message);
                } else {
                    self.drop_message(&message, DropReason::Restart);
                }
            }
            self.drop_over_length();
            self.drop_expired();
        }
        self.touch();
    }
}

/// A quorum queue takes back consumer by consumer, then what was got (`rabbit_fifo`); a classic
/// queue does not mind the order.
fn in_order_of_loss(mut held: Vec<Held>) -> Vec<u64> {
    let by_consumer = |held: &Held| -> (bool, Option<ConsumerKey>, u64) {
        (held.consumer.is_none(), held.consumer, held.tag)
    };
    held.sort_by_key(by_consumer);
    held.into_iter().map(|held| held.seq).collect()
}
