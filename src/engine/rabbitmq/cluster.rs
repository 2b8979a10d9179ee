//! The nodes of the broker, and what queues do when some are down.
//!
//! A classic queue lives on the node it was declared on and is away while that node is. A quorum
//! queue has members on several nodes and goes on while most of them are up
//! (<https://www.rabbitmq.com/docs/quorum-queues#availability>). Without a majority nothing that
//! concerns the queue is agreed on: publishes, acknowledgements and lost channels wait for it in
//! order, publishes wait unconfirmed, and nothing is delivered. What waited on a channel that
//! closed meanwhile is forgotten. Only majorities are modelled, not the log that they agree on.

use std::rc::Rc;

use super::broker::Broker;
use super::consumers::Consumers;
use super::effect::Effect;
use super::event::{DropReason, Event};
use super::message::Message;
use super::method::{AmqpError, ChannelId};
use super::queue::{Gate, Queue};
use super::round::ConsumerKey;
use super::settle::Outcome;
use super::targets::QueueId;
use super::work::{Context, Work};
use crate::engine::Instant;

/// Something that a quorum queue is to do once it has a majority again.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Enqueue { message: Rc<Message>, from: Option<ChannelId>, number: u64 },
    Settle { channel: ChannelId, seqs: Vec<u64>, consumer: Option<ConsumerKey>, outcome: Outcome },
    Cancel { channel: ChannelId, consumer: ConsumerKey },
    LoseChannels { channels: Vec<ChannelId>, seqs: Vec<u64> },
}

/// How many members a quorum queue has, if there are nodes for them and the argument
/// `x-quorum-initial-group-size` says nothing else.
const GROUP_SIZE: u32 = 3;

impl Broker {
    /// A broker of that many nodes, numbered from zero.
    pub fn with_nodes(nodes: u32) -> Broker {
        Broker { nodes, ..Broker::new() }
    }

    pub fn is_up(&self, node: u32) -> bool {
        node < self.nodes && !self.down.contains(&node)
    }

    /// Opens a connection to a node and says whether the node is up. `Method::ConnectionOpen`
    /// opens one to the first node that is.
    pub fn connect(&mut self, now: Instant, connection: u32, node: u32) -> (bool, Vec<Effect>) {
        let mut cx = Context::new(now);
        let up = self.is_up(node);
        if up {
            self.open_connection(&mut cx, connection, node);
        }
        (up, cx.effects)
    }

    /// Stops a node. Its connections close; queues that it leaves without a majority are away.
    pub fn stop_node(&mut self, now: Instant, node: u32) -> Vec<Effect> {
        let mut cx = Context::new(now);
        if !self.is_up(node) {
            return cx.effects;
        }
        self.down.insert(node);
        cx.event(Event::NodeStopped { node });
        let hit =
            self.queues().filter(|queue| queue.waiting.is_none() && !self.has_majority(queue));
        let hit: Vec<QueueId> = hit.map(|queue| queue.id).collect();
        for id in &hit {
            let work = self.work(*id, &mut cx).expect("the queue was just listed");
            work.queue.waiting = Some(Vec::new());
            let queue = Rc::clone(&work.queue.name);
            work.cx.event(Event::QueueUnavailable { queue });
        }
        // Before the channels go that would give back to it what they hold.
        for id in hit {
            if self.queues[id as usize].as_ref().is_some_and(|queue| !queue.settings.is_quorum()) {
                self.stop_classic(&mut cx, id);
            }
        }
        let there = self.connections.iter().filter(|(_, at)| **at == node);
        let there: Vec<u32> = there.map(|(connection, _)| *connection).collect();
        for connection in there {
            let error = AmqpError::connection_forced("broker forced connection closure: shutdown");
            self.close_connection(&mut cx, connection, Some(error));
        }
        self.deliver_dead_letters(&mut cx);
        cx.effects
    }

    /// Starts a node again, with what its queues had kept.
    pub fn start_node(&mut self, now: Instant, node: u32) -> Vec<Effect> {
        let mut cx = Context::new(now);
        if !self.down.remove(&node) {
            return cx.effects;
        }
        cx.event(Event::NodeStarted { node });
        let back =
            self.queues().filter(|queue| queue.waiting.is_some() && self.has_majority(queue));
        let back: Vec<QueueId> = back.map(|queue| queue.id).collect();
        for id in back {
            let mut work = self.work(id, &mut cx).expect("the queue was just listed");
            let queue = Rc::clone(&work.queue.name);
            work.cx.event(Event::QueueAvailable { queue });
            let mut commands = work.queue.waiting.take().unwrap_or_default();
            work.touch();
            // Nothing is delivered any more to channels that are gone.
            if matches!(commands.first(), Some(Command::LoseChannels { .. })) {
                self.catch_up(&mut cx, id, commands.remove(0));
            }
            if let Some(mut work) = self.work(id, &mut cx) {
                work.look_at_limits();
            }
            for command in commands {
                self.catch_up(&mut cx, id, command);
            }
        }
        self.deliver_dead_letters(&mut cx);
        self.send_confirms(&mut cx);
        cx.effects
    }

    /// The nodes with a member of a queue that is declared on `node` now: that one first.
    pub(super) fn members(&self, node: u32, quorum: bool, asked: Option<i64>) -> Vec<u32> {
        let size = match asked.and_then(|asked| u32::try_from(asked).ok()) {
            _ if !quorum => 1,
            Some(asked) => asked.clamp(1, self.nodes),
            None => GROUP_SIZE.min(self.nodes),
        };
        (0..size).map(|step| (node + step) % self.nodes).collect()
    }

    fn has_majority(&self, queue: &Queue) -> bool {
        let up = queue.members.iter().filter(|node| self.is_up(**node)).count();
        up * 2 > queue.members.len()
    }

    /// A queue that is away cannot be used: of a classic one the broker knows so at once, for a
    /// quorum queue it waits in vain (`rabbit_amqqueue`, `rabbit_quorum_queue`).
    pub(super) fn find_available(&self, name: &str, from: u32) -> Result<QueueId, AmqpError> {
        let id = self.find_queue(name, from)?;
        let queue = self.queue_at(id);
        match queue.waiting {
            None => Ok(id),
            Some(_) if queue.settings.is_quorum() => Err(AmqpError::internal_error(format!(
                "queue '{name}' in vhost '/': not enough nodes are up for a quorum"
            ))),
            Some(_) => Err(AmqpError::not_found(format!(
                "home node of queue '{name}' in vhost '/' is down or inaccessible"
            ))),
        }
    }

    /// The node of a classic queue is down: a durable one keeps what it would keep in a restart.
    fn stop_classic(&mut self, cx: &mut Context, id: QueueId) {
        let queue = self.queue_at(id);
        let abandoned = queue.auto_delete && queue.had_consumers;
        if !queue.durable || queue.owner.is_some() || abandoned {
            return self.delete_queue_because(cx, id, DropReason::Restart);
        }
        let consumers: Vec<_> =
            queue.consumers().map(|(channel, tag)| (channel, Rc::clone(tag))).collect();
        for (channel, consumer_tag) in consumers {
            self.channel_mut(channel).consumers.remove(&consumer_tag);
            let queue = Rc::clone(self.queue_at(id).name());
            let tag = Rc::clone(&consumer_tag);
            cx.event(Event::ConsumerRemoved { queue, consumer_tag: tag, channel });
            cx.effects.push(Effect::ConsumerCancelled { channel, consumer_tag });
        }
        let holders: Vec<ChannelId> = self.queue_at(id).unacked().map(|held| held.0).collect();
        for channel in holders {
            self.channel_mut(channel).forget_queue(id);
        }
        let mut work = self.work(id, cx).expect("the queue was just looked at");
        work.queue.consumers = Consumers::new(&work.queue.settings);
        work.start_again();
    }

    fn catch_up(&mut self, cx: &mut Context, id: QueueId, command: Command) {
        // The queue may have expired, or been deleted, while it was catching up.
        let Some(mut work) = self.work(id, cx) else { return };
        match command {
            Command::Enqueue { message, from, number } => {
                let taken = work.enqueue_quorum(Rc::clone(&message), from);
                if let Some(channel) = from {
                    self.answered(cx, channel, number, taken, &message);
                }
            }
            Command::Settle { seqs, consumer, outcome, .. } => {
                work.settle(&seqs, consumer, outcome);
            }
            Command::Cancel { channel, consumer } => work.remove_consumer(channel, consumer),
            Command::LoseChannels { channels, seqs } => work.lose_channels(&channels, &seqs),
        }
    }
}

impl Work<'_> {
    /// Channels are gone while the queue has no majority. What they asked for is forgotten with
    /// them; what they held comes back later, before anything else is done.
    pub(super) fn lose_channels_later(&mut self, channels: &[ChannelId], mut seqs: Vec<u64>) {
        let mut kept = Vec::new();
        let mut gone = Vec::new();
        for command in self.queue.waiting.take().unwrap_or_default() {
            match command {
                Command::Enqueue { message, from: Some(from), .. } if channels.contains(&from) => {
                    self.cx.event(Event::Dropped {
                        queue: Rc::clone(&self.queue.name),
                        reason: DropReason::Unconfirmed,
                        message: Rc::clone(message.identity()),
                    });
                }
                Command::Settle { channel, seqs: settled, .. } if channels.contains(&channel) => {
                    seqs.extend(settled);
                }
                Command::Cancel { channel, .. } if channels.contains(&channel) => {}
                Command::LoseChannels { channels: before, seqs: held } => {
                    gone = before;
                    seqs.splice(0..0, held);
                }
                command => kept.push(command),
            }
        }
        gone.extend_from_slice(channels);
        kept.insert(0, Command::LoseChannels { channels: gone, seqs });
        self.queue.waiting = Some(kept);
    }

    /// What a restart of the whole broker leaves of waiting: nothing.
    pub(super) fn stop_waiting(&mut self) {
        self.queue.waiting = None;
        self.queue.gate = Gate::default();
    }
}
