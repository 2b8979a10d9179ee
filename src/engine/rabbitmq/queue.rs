//! A queue: its messages, its consumers and its counts.
//!
//! Here is what a queue is and holds; what happens to it is in `work` and its neighbours.

use std::rc::Rc;

use super::chunks::{Chunks, Numbered};
use super::cluster::Command;
use super::consumers::Consumers;
use super::death::DeathReason;
use super::method::{AmqpError, ChannelId, QueueDeclare};
pub use super::ready::QueuedMessage;
use super::ready::Ready;
use super::settings::{QueueType, Settings};
use super::targets::QueueId;
use super::value::Table;
use crate::engine::{Instant, Set};

/// What a queue has done since it was declared.
///
/// Every message counted in `published` is ready, unacknowledged, undelivered, or counted in exactly one of
/// `acked`, `expired`, `dropped` and `dead_lettered`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    /// Routed to the queue, whether it took them or not.
    pub published: u64,
    /// Handed out, redeliveries included.
    pub delivered: u64,
    /// Acknowledged, by itself or by the client.
    pub acked: u64,
    /// Handed out although they had been before.
    pub redelivered: u64,
    /// Given back.
    pub requeued: u64,
    /// Gone by time to live, and not dead-lettered.
    pub expired: u64,
    /// Gone for any other reason without being dead-lettered.
    pub dropped: u64,
    /// Passed on to at least one other queue by the dead letter exchange.
    pub dead_lettered: u64,
}

#[derive(Clone, Debug)]
pub struct Queue {
    pub(super) id: QueueId,
    pub(super) name: Rc<str>,
    pub(super) durable: bool,
    /// The connection that alone may use it, and takes it along when it closes.
    pub(super) owner: Option<u32>,
    pub(super) auto_delete: bool,
    pub(super) arguments: Table,
    pub(super) settings: Settings,
    pub(super) ready: Ready,
    /// In order of arrival.
    pub(super) unacked: Chunks<Unacked>,
    pub(super) next_seq: u64,
    pub(super) consumers: Consumers,
    pub(super) had_consumers: bool,
    pub(super) message_timer: Option<Instant>,
    pub(super) expiry_timer: Option<Instant>,
    pub(super) gate: Gate,
    /// The nodes that have a member of it.
    pub(super) members: Vec<u32>,
    /// Without a majority of its members: what it is to do when it has one again.
    pub(super) waiting: Option<Vec<Command>>,
    pub(super) policy: Option<Rc<str>>,
    /// Dead letters that found no queue, to be tried again.
    pub(super) undelivered: Vec<(QueuedMessage, DeathReason)>,
    pub(super) counters: Counters,
}

/// A message that was handed out and not yet acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Unacked {
    pub(super) channel: ChannelId,
    pub(super) tag: u64,
    pub(super) message: QueuedMessage,
}

impl Numbered for Unacked {
    fn number(&self) -> u64 {
        self.message.seq
    }
}

/// Which publishers a full quorum queue has told to stop (`rabbit_fifo`). It lets the publish
/// that fills it pass, and only then closes.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate {
    pub(super) known: Set<ChannelId>,
    pub(super) closed_to: Set<ChannelId>,
}

impl Gate {
    pub(super) fn forget(&mut self, channels: &[ChannelId]) {
        for channel in channels {
            self.known.remove(channel);
            self.closed_to.remove(channel);
        }
    }
}

impl Queue {
    pub fn name(&self) -> &Rc<str> {
        &self.name
    }

    pub fn arguments(&self) -> &Table {
        &self.arguments
    }

    pub fn kind(&self) -> QueueType {
        self.settings.kind
    }

    /// The policy that counts for it.
    pub fn policy(&self) -> Option<&Rc<str>> {
        self.policy.as_ref()
    }

    /// The nodes that have a member of it, beginning with the one it was declared on.
    pub fn members(&self) -> &[u32] {
        &self.members
    }

    /// Whether most of its members are up.
    pub fn is_available(&self) -> bool {
        self.waiting.is_none()
    }

    pub fn is_durable(&self) -> bool {
        self.durable
    }

    pub fn ready_count(&self) -> u64 {
        self.ready.count()
    }

    /// The bytes of the bodies of the ready messages.
    pub fn ready_bytes(&self) -> u64 {
        self.ready.bytes()
    }

    pub fn unacked_count(&self) -> u64 {
        self.unacked.len() as u64
    }

    pub fn consumer_count(&self) -> u64 {
        self.consumers.count()
    }

    /// Dead letters that found no queue and are kept, dead-lettering being at least once.
    pub fn undelivered_count(&self) -> u64 {
        self.undelivered.len() as u64
    }

    /// Channel and tag of each consumer, in the order in which they came.
    pub fn consumers(&self) -> impl Iterator<Item = (ChannelId, &Rc<str>)> {
        self.consumers.iter().map(|consumer| (consumer.channel, &consumer.tag))
    }

    /// The single active consumer, where there is one.
    pub fn active_consumer(&self) -> Option<(ChannelId, &Rc<str>)> {
        self.consumers.active().map(|consumer| (consumer.channel, &consumer.tag))
    }

    /// The ready messages from the head.
    pub fn ready(&self) -> impl DoubleEndedIterator<Item = &QueuedMessage> {
        self.ready.iter()
    }

    /// The unacknowledged messages with channel and delivery tag, in order of arrival.
    pub fn unacked(&self) -> impl DoubleEndedIterator<Item = (ChannelId, u64, &QueuedMessage)> {
        self.unacked.iter().map(|held| (held.channel, held.tag, &held.message))
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub(super) fn declare(
        id: QueueId,
        declare: QueueDeclare,
        connection: u32,
    ) -> Result<Queue, AmqpError> {
        let settings = Settings::parse(&declare)?;
        Ok(Queue {
            id,
            name: declare.name,
            durable: declare.durable,
            owner: declare.exclusive.then_some(connection),
            auto_delete: declare.auto_delete,
            arguments: declare.arguments,
            ready: Ready::new(&settings),
            unacked: Chunks::default(),
            next_seq: 0,
            consumers: Consumers::new(&settings),
            had_consumers: false,
            message_timer: None,
            expiry_timer: None,
            gate: Gate::default(),
            members: Vec::new(),
            waiting: None,
            policy: None,
            undelivered: Vec::new(),
            counters: Counters::default(),
            settings,
        })
    }

    /// Refuses a connection that may not use it.
    pub(super) fn check_access(&self, connection: u32) -> Result<(), AmqpError> {
        match self.owner {
            Some(owner) if owner != connection => Err(self.locked()),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn locked(&self) -> AmqpError {
        AmqpError::resource_locked(format!(
            "cannot obtain exclusive access to locked queue '{}' in vhost '/'",
            self.name
        ))
    }

    /// Whether its last consumer has left and it is to go with it.
    pub(super) fn is_abandoned(&self) -> bool {
        self.auto_delete && self.had_consumers && self.consumers.count() == 0
    }

    pub(super) fn is_over_length(&self) -> bool {
        let Settings { max_length, max_bytes, .. } = self.settings;
        max_length.is_some_and(|max| self.ready.count() > max)
            || max_bytes.is_some_and(|max| self.ready.bytes() > max)
    }

    /// Whether it is at its limit: the next message is refused or pushes another one out.
    pub fn is_full(&self) -> bool {
        self.would_overflow(0)
    }

    /// Whether one more message would put it over its length.
    pub(super) fn would_overflow(&self, body: u64) -> bool {
        let Settings { max_length, max_bytes, .. } = self.settings;
        max_length.is_some_and(|max| self.ready.count() + 1 > max)
            || max_bytes.is_some_and(|max| self.ready.bytes() + body > max)
    }

    /// Whether a quorum queue that was full has emptied enough to take publishes again, four
    /// fifths of its length (`rabbit_fifo`).
    pub(super) fn is_well_below_length(&self) -> bool {
        let Settings { max_length, max_bytes, .. } = self.settings;
        max_length.is_none_or(|max| self.ready.count() <= max / 5 * 4 + max % 5 * 4 / 5)
            && max_bytes.is_none_or(|max| self.ready.bytes() <= max / 5 * 4 + max % 5 * 4 / 5)
    }
}
