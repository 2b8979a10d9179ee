//! A channel: delivery tags, what is unacknowledged, its windows and its confirms.
//!
//! <https://www.rabbitmq.com/docs/channels>, <https://www.rabbitmq.com/docs/consumer-prefetch>.

use std::rc::Rc;

use litemap::LiteMap;

use super::chunks::{Chunks, Numbered};
use super::method::{AmqpError, ChannelId};
use super::round::ConsumerKey;
use super::targets::{NO_QUEUE, QueueId};
use crate::engine::Set;

/// All open channels. Shared with earlier copies of the broker until changed.
pub(super) type Channels = LiteMap<ChannelId, Rc<Channel>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    last_tag: u64,
    /// In order of their delivery tags.
    pub(super) unacked: Chunks<Held>,
    pub(super) consumers: LiteMap<Rc<str>, (QueueId, ConsumerKey)>,
    /// The window of consumers started from now on; zero is none.
    pub(super) prefetch: u16,
    pub(super) limiter: Limiter,
    /// In confirm mode: the number of the last publish.
    pub(super) confirms: Option<u64>,
    /// Publishes that wait for queues without a majority.
    pub(super) unconfirmed: Vec<Unconfirmed>,
}

/// A publish that is confirmed when the last of its queues has answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unconfirmed {
    pub(super) number: u64,
    pub(super) queues: u32,
    pub(super) ack: bool,
}

/// An unacknowledged delivery: where the message is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) tag: u64,
    pub(super) queue: QueueId,
    pub(super) seq: u64,
    /// `None` when it was got with `basic.get`.
    pub(super) consumer: Option<ConsumerKey>,
}

impl Numbered for Held {
    fn number(&self) -> u64 {
        self.tag
    }
}

impl Channel {
    /// Tags count all deliveries of the channel, those that need no ack included.
    pub(super) fn next_tag(&mut self) -> u64 {
        self.last_tag += 1;
        self.last_tag
    }

    /// The deliveries up to that tag, oldest first. Zero means all there are, which may be none.
    pub(super) fn take_through(&mut self, tag: u64) -> Result<Vec<Held>, AmqpError> {
        if tag == 0 {
            return Ok(self.take_all());
        }
        if !self.unacked.contains(tag) {
            return Err(unknown_tag(tag));
        }
        Ok(self.take_while(tag))
    }

    pub(super) fn take_all(&mut self) -> Vec<Held> {
        self.take_while(u64::MAX)
    }

    fn take_while(&mut self, last: u64) -> Vec<Held> {
        let mut taken = Vec::new();
        while self.unacked.front().is_some_and(|held| held.tag <= last) {
            taken.extend(self.unacked.pop_front());
        }
        taken
    }

    /// The queue has forgotten what it had delivered here; the tags stay, and mean nothing.
    pub(super) fn forget_queue(&mut self, queue: QueueId) {
        for mut held in self.take_all() {
            if held.queue == queue {
                held.queue = NO_QUEUE;
            }
            self.unacked.push_back(held);
        }
    }

    pub(super) fn take_one(&mut self, tag: u64) -> Result<Held, AmqpError> {
        self.unacked.remove(tag).ok_or_else(|| unknown_tag(tag))
    }
}

fn unknown_tag(tag: u64) -> AmqpError {
    AmqpError::precondition_failed(format!("unknown delivery tag {tag}"))
}

/// The window of the whole channel (`basic.qos` with `global`).
#[derive(Clone, Debug, Default)]
pub(super) struct Limiter {
    /// Zero is no limit.
    limit: u16,
    /// What was delivered to consumers under the limit and not yet acknowledged.
    volume: u64,
    /// Queues that wait for room.
    waiting: Set<QueueId>,
}

impl Limiter {
    pub(super) fn is_active(&self) -> bool {
        self.limit > 0
    }

    fn is_full(&self) -> bool {
        self.limit > 0 && self.volume >= u64::from(self.limit)
    }

    /// Asks to deliver one message. A refused queue is told when there is room.
    pub(super) fn permits(&mut self, queue: QueueId, needs_ack: bool) -> bool {
        if self.is_full() {
            self.waiting.insert(queue);
            return false;
        }
        if self.is_active() && needs_ack {
            self.volume += 1;
        }
        true
    }

    /// Sets the limit and returns the queues that may go on. A limit set anew starts from what
    /// is unacknowledged, gets included (`rabbit_channel`).
    pub(super) fn set(&mut self, limit: u16, unacked: u64) -> Set<QueueId> {
        let was_full = self.is_full();
        self.volume = match (self.limit, limit) {
            (_, 0) => 0,
            (0, _) => unacked,
            (_, _) => self.volume,
        };
        self.limit = limit;
        self.released(was_full)
    }

    /// Counts acknowledgements and returns the queues that may go on.
    pub(super) fn settled(&mut self, messages: u64) -> Set<QueueId> {
        let was_full = self.is_full();
        self.volume = self.volume.saturating_sub(messages);
        self.released(was_full)
    }

    fn released(&mut self, was_full: bool) -> Set<QueueId> {
        if was_full && !self.is_full() { std::mem::take(&mut self.waiting) } else { Set::new() }
    }
}
