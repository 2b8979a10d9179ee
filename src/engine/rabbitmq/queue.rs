//! A queue, as seen from outside.

use std::rc::Rc;

use super::message::Message;
use super::method::ChannelId;
use super::value::Table;
use crate::engine::Instant;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueuedMessage {
    pub message: Rc<Message>,
    pub redelivered: bool,
    pub enqueued_at: Instant,
    pub expires_at: Option<Instant>,
}

/// What a queue has done since it was declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    pub published: u64,
    pub delivered: u64,
    pub acked: u64,
    pub redelivered: u64,
    pub requeued: u64,
    pub expired: u64,
    pub dropped: u64,
    pub dead_lettered: u64,
}

#[derive(Clone, Debug)]
pub struct Queue {
    name: Rc<str>,
    arguments: Table,
    ready: Vec<QueuedMessage>,
    unacked: Vec<(ChannelId, u64, QueuedMessage)>,
    counters: Counters,
}

impl Queue {
    pub fn name(&self) -> &Rc<str> {
        &self.name
    }

    pub fn arguments(&self) -> &Table {
        &self.arguments
    }

    pub fn ready_count(&self) -> u64 {
        self.ready.len() as u64
    }

    pub fn unacked_count(&self) -> u64 {
        self.unacked.len() as u64
    }

    pub fn consumer_count(&self) -> u64 {
        0
    }

    pub fn ready(&self) -> impl DoubleEndedIterator<Item = &QueuedMessage> {
        self.ready.iter()
    }

    pub fn unacked(&self) -> impl DoubleEndedIterator<Item = (ChannelId, u64, &QueuedMessage)> {
        self.unacked
            .iter()
            .map(|(channel, tag, message)| (*channel, *tag, message))
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }
}
