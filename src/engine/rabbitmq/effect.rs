//! What leaves the broker besides replies: frames for clients, timers to set, and events, which
//! are what a learner should see.
//!
//! Effects come in the order in which they happen. Timers are keyed: scheduling one that is set
//! moves it. A timer that fires although it has since been moved or cancelled does no harm.

use std::fmt;
use std::rc::Rc;

use super::event::Event;
use super::message::Message;
use super::method::{AmqpError, ChannelId};
use crate::engine::Instant;

/// A message on its way to a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delivery {
    pub channel: ChannelId,
    pub consumer_tag: Rc<str>,
    pub delivery_tag: u64,
    pub redelivered: bool,
    pub message: Rc<Message>,
    pub queue: Rc<str>,
}

/// What the world must do for the broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    Deliver(Delivery),
    /// A mandatory message that reached no queue.
    Return {
        channel: ChannelId,
        code: u16,
        text: &'static str,
        message: Rc<Message>,
    },
    /// The answer to the publish of that number, counted from `ConfirmSelect`. With `multiple` it
    /// answers all publishes before it as well that had no answer yet.
    Confirm {
        channel: ChannelId,
        delivery_tag: u64,
        multiple: bool,
        ack: bool,
    },
    /// The queue went away under the consumer.
    ConsumerCancelled {
        channel: ChannelId,
        consumer_tag: Rc<str>,
    },
    /// Under an alarm: the broker reads nothing from the connection until it is unblocked.
    ConnectionBlocked {
        connection: u32,
        reason: &'static str,
    },
    ConnectionUnblocked {
        connection: u32,
    },
    /// Closed by the broker, because of an error on it.
    ChannelClosed {
        channel: ChannelId,
        error: AmqpError,
    },
    /// Closed by the broker, with all its channels.
    ConnectionClosed {
        connection: u32,
        error: AmqpError,
    },
    Schedule {
        timer: Timer,
        due: Instant,
    },
    Cancel {
        timer: Timer,
    },
    Event(Event),
}

/// A timer of the broker. It carries the queue's name, so a queue has at most one of each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The message at the head of the queue reaches its time to live.
    MessageExpiry { queue: Rc<str> },
    /// The queue has been unused for its `x-expires`.
    QueueExpiry { queue: Rc<str> },
    /// Dead letters that found no queue are tried again.
    DeadLetters { queue: Rc<str> },
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::MessageExpiry { queue } => write!(f, "message expiry of {queue}"),
            Timer::QueueExpiry { queue } => write!(f, "expiry of {queue}"),
            Timer::DeadLetters { queue } => write!(f, "dead letters of {queue}"),
        }
    }
}
