//! What leaves the broker besides replies: frames for clients, timers to set, and events, which
//! are what a learner should see.
//!
//! Effects come in the order in which they happen. Timers are keyed: scheduling one that is set
//! moves it. A timer that fires although it has since been moved or cancelled does no harm.

use std::fmt;
use std::rc::Rc;

use super::message::{DeathReason, Identity, Message};
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
    /// The answer to the publish of that number, counted from `ConfirmSelect`.
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
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::MessageExpiry { queue } => write!(f, "message expiry of {queue}"),
            Timer::QueueExpiry { queue } => write!(f, "expiry of {queue}"),
        }
    }
}

/// Why a message was dropped without being dead-lettered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// The queue was over its length limit.
    MaxLen,
    /// A consumer rejected it without requeueing.
    Rejected,
    /// It was returned more often than the delivery limit allows.
    DeliveryLimit,
    /// The queue, being full, refused the publish.
    RejectedPublish,
    /// The queue was purged.
    Purged,
    /// The queue was deleted with the message in it.
    QueueDeleted,
    /// The broker restarted and the message or its queue was not kept.
    Restart,
    /// Dead-lettering would have led round in a circle without any consumer rejecting it.
    DeadLetterCycle,
    /// The dead letter exchange is not there.
    NoDeadLetterExchange,
    /// The dead letter exchange leads to no queue.
    DeadLetterUnroutable,
}

impl DropReason {
    pub fn name(self) -> &'static str {
        match self {
            DropReason::MaxLen => "maxlen",
            DropReason::Rejected => "rejected",
            DropReason::DeliveryLimit => "delivery_limit",
            DropReason::RejectedPublish => "reject-publish",
            DropReason::Purged => "purged",
            DropReason::QueueDeleted => "queue deleted",
            DropReason::Restart => "restart",
            DropReason::DeadLetterCycle => "dead letter cycle",
            DropReason::NoDeadLetterExchange => "no dead letter exchange",
            DropReason::DeadLetterUnroutable => "dead letter unroutable",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    ConnectionOpened {
        connection: u32,
    },
    ConnectionClosed {
        connection: u32,
        error: Option<AmqpError>,
    },
    ChannelOpened {
        channel: ChannelId,
    },
    ChannelClosed {
        channel: ChannelId,
        error: Option<AmqpError>,
    },
    ExchangeDeclared {
        exchange: Rc<str>,
    },
    ExchangeDeleted {
        exchange: Rc<str>,
    },
    QueueDeclared {
        queue: Rc<str>,
    },
    /// `messages` counts those that went with it, ready and unacknowledged.
    QueueDeleted {
        queue: Rc<str>,
        messages: u64,
    },
    QueueExpired {
        queue: Rc<str>,
    },
    QueuePurged {
        queue: Rc<str>,
        messages: u64,
    },
    Bound {
        source: Rc<str>,
        destination: Rc<str>,
        routing_key: Rc<str>,
    },
    Unbound {
        source: Rc<str>,
        destination: Rc<str>,
        routing_key: Rc<str>,
    },
    ConsumerAdded {
        queue: Rc<str>,
        consumer_tag: Rc<str>,
        channel: ChannelId,
    },
    ConsumerRemoved {
        queue: Rc<str>,
        consumer_tag: Rc<str>,
        channel: ChannelId,
    },
    /// With a single active consumer: this one is now served.
    ConsumerActivated {
        queue: Rc<str>,
        consumer_tag: Rc<str>,
        channel: ChannelId,
    },
    Routed {
        exchange: Rc<str>,
        routing_key: Rc<str>,
        queues: Vec<Rc<str>>,
        message: Identity,
    },
    Unroutable {
        exchange: Rc<str>,
        routing_key: Rc<str>,
        returned: bool,
        message: Identity,
    },
    Enqueued {
        queue: Rc<str>,
        ready: u64,
        message: Identity,
    },
    Delivered {
        queue: Rc<str>,
        channel: ChannelId,
        /// Empty for `basic.get`.
        consumer_tag: Rc<str>,
        delivery_tag: u64,
        redelivered: bool,
        message: Identity,
    },
    Acked {
        queue: Rc<str>,
        channel: ChannelId,
        delivery_tag: u64,
        message: Identity,
    },
    /// Rejected or negatively acknowledged, without requeueing.
    Rejected {
        queue: Rc<str>,
        channel: ChannelId,
        delivery_tag: u64,
        message: Identity,
    },
    /// Back to the queue: nacked, recovered, or its channel closed.
    Requeued {
        queue: Rc<str>,
        message: Identity,
    },
    Expired {
        queue: Rc<str>,
        message: Identity,
    },
    Dropped {
        queue: Rc<str>,
        reason: DropReason,
        message: Identity,
    },
    DeadLettered {
        queue: Rc<str>,
        reason: DeathReason,
        exchange: Rc<str>,
        routing_key: Rc<str>,
        queues: Vec<Rc<str>>,
        message: Identity,
    },
    Confirmed {
        channel: ChannelId,
        delivery_tag: u64,
        ack: bool,
        message: Identity,
    },
    Restarted,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
