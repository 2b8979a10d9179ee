//! Events: what happened in the broker, for a learner to see and for traces.
//!
//! They change nothing. Each that concerns a message carries the message's identity, and prints
//! as one readable line.

use std::fmt;
use std::rc::Rc;

use super::death::DeathReason;
use super::message::Identity;
use super::method::{AmqpError, ChannelId};

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
    /// The queue's node is down.
    Unavailable,
    /// It waited for a majority of the queue's members when its channel closed.
    Unconfirmed,
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
            DropReason::Unavailable => "queue unavailable",
            DropReason::Unconfirmed => "unconfirmed when its channel closed",
        }
    }
}

/// Why a message came back to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequeueReason {
    /// The client gave it back: nacked, rejected or recovered it.
    GivenBack,
    /// Its channel or connection closed before it was acknowledged.
    ChannelClosed,
    /// The broker, or the queue's node, stopped.
    Restart,
}

impl RequeueReason {
    pub fn name(self) -> &'static str {
        match self {
            RequeueReason::GivenBack => "given back",
            RequeueReason::ChannelClosed => "its channel closed",
            RequeueReason::Restart => "restart",
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
        queues: Rc<[Rc<str>]>,
        message: Rc<Identity>,
    },
    Unroutable {
        exchange: Rc<str>,
        routing_key: Rc<str>,
        returned: bool,
        message: Rc<Identity>,
    },
    Enqueued {
        queue: Rc<str>,
        ready: u64,
        message: Rc<Identity>,
    },
    Delivered {
        queue: Rc<str>,
        channel: ChannelId,
        /// Empty for `basic.get`.
        consumer_tag: Rc<str>,
        delivery_tag: u64,
        redelivered: bool,
        message: Rc<Identity>,
    },
    Acked {
        queue: Rc<str>,
        channel: ChannelId,
        delivery_tag: u64,
        message: Rc<Identity>,
    },
    /// Rejected or negatively acknowledged, without requeueing.
    Rejected {
        queue: Rc<str>,
        channel: ChannelId,
        delivery_tag: u64,
        message: Rc<Identity>,
    },
    Requeued {
        queue: Rc<str>,
        reason: RequeueReason,
        message: Rc<Identity>,
    },
    Expired {
        queue: Rc<str>,
        message: Rc<Identity>,
    },
    Dropped {
        queue: Rc<str>,
        reason: DropReason,
        message: Rc<Identity>,
    },
    DeadLettered {
        queue: Rc<str>,
        reason: DeathReason,
        exchange: Rc<str>,
        routing_key: Rc<str>,
        queues: Rc<[Rc<str>]>,
        message: Rc<Identity>,
    },
    Confirmed {
        channel: ChannelId,
        delivery_tag: u64,
        ack: bool,
        message: Rc<Identity>,
    },
    Restarted,
    /// Under an alarm, and it has published: nothing more is read from it.
    ConnectionBlocked {
        connection: u32,
        reason: &'static str,
    },
    ConnectionUnblocked {
        connection: u32,
    },
    NodeStopped {
        node: u32,
    },
    NodeStarted {
        node: u32,
    },
    /// Most of its members are down.
    QueueUnavailable {
        queue: Rc<str>,
    },
    QueueAvailable {
        queue: Rc<str>,
    },
    /// Its settings have changed with the policies; `policy` is the one that counts now.
    PolicyApplied {
        queue: Rc<str>,
        policy: Option<Rc<str>>,
    },
}

impl fmt::Display for Event {
    // One event, one line, to be read as a table.
    #[rustfmt::skip]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Event as E;
        match self {
            E::ConnectionOpened { connection: c } => write!(f, "connection {c} opened"),
            E::ConnectionClosed { connection: c, error } => {
                write!(f, "connection {c} closed{}", Why(error))
            }
            E::ChannelOpened { channel: c } => write!(f, "channel {c} opened"),
            E::ChannelClosed { channel: c, error } => write!(f, "channel {c} closed{}", Why(error)),
            E::ExchangeDeclared { exchange } => write!(f, "exchange {exchange} declared"),
            E::ExchangeDeleted { exchange } => write!(f, "exchange {exchange} deleted"),
            E::QueueDeclared { queue } => write!(f, "queue {queue} declared"),
            E::QueueDeleted { queue, messages: n } => write!(f, "queue {queue} deleted, had {n}"),
            E::QueueExpired { queue } => write!(f, "queue {queue} expired"),
            E::QueuePurged { queue, messages: n } => write!(f, "queue {queue} purged of {n}"),
            E::Bound { source, destination, routing_key: key } => {
                write!(f, "bound {source} to {destination} with key '{key}'")
            }
            E::Unbound { source, destination, routing_key: key } => {
                write!(f, "unbound {source} from {destination} with key '{key}'")
            }
            E::ConsumerAdded { queue, consumer_tag: tag, channel: c } => {
                write!(f, "{queue} has consumer {tag} on {c}")
            }
            E::ConsumerRemoved { queue, consumer_tag: tag, channel: c } => {
                write!(f, "{queue} lost consumer {tag} on {c}")
            }
            E::ConsumerActivated { queue, consumer_tag: tag, channel: c } => {
                write!(f, "{queue} now serves consumer {tag} on {c}")
            }
            E::Routed { exchange, routing_key: key, queues, message } => {
                write!(f, "{} routed {message} by '{key}' to {}", Named(exchange), Names(queues))
            }
            E::Unroutable { exchange, routing_key: key, returned, message } => {
                let fate = if *returned { "returned" } else { "dropped" };
                write!(f, "{} {fate} {message} with key '{key}': unroutable", Named(exchange))
            }
            E::Enqueued { queue, ready, message } => write!(f, "{queue} got {message}, now {ready}"),
            E::Delivered { queue, channel, consumer_tag: tag, delivery_tag, redelivered, message } => {
                let again = if *redelivered { ", again" } else { "" };
                write!(f, "{queue} gave {message} to {channel} {tag} #{delivery_tag}{again}")
            }
            E::Acked { queue, channel, delivery_tag, message } => {
                write!(f, "{queue} let go of {message}: acked by {channel} #{delivery_tag}")
            }
            E::Rejected { queue, channel, delivery_tag, message } => {
                write!(f, "{queue} let go of {message}: rejected by {channel} #{delivery_tag}")
            }
            E::Requeued { queue, reason, message } => {
                write!(f, "{queue} took back {message}: {}", reason.name())
            }
            E::Expired { queue, message } => write!(f, "{queue} let go of {message}: expired"),
            E::Dropped { queue, reason, message } => {
                write!(f, "{queue} dropped {message}: {}", reason.name())
            }
            E::DeadLettered { queue, reason, exchange, routing_key: key, queues, message } => {
                let (why, by, to) = (reason.name(), Named(exchange), Names(queues));
                write!(f, "{queue} dead-lettered {message} ({why}): {by} by '{key}' to {to}")
            }
            E::Confirmed { channel, delivery_tag, ack: true, message } => {
                write!(f, "confirmed publish #{delivery_tag} of {channel}, {message}")
            }
            E::Confirmed { channel, delivery_tag, ack: false, message } => {
                write!(f, "refused publish #{delivery_tag} of {channel}, {message}")
            }
            E::Restarted => f.write_str("broker restarted"),
            E::ConnectionBlocked { connection: c, reason } => {
                write!(f, "connection {c} blocked: {reason}")
            }
            E::ConnectionUnblocked { connection: c } => write!(f, "connection {c} unblocked"),
            E::NodeStopped { node } => write!(f, "node {node} stopped"),
            E::NodeStarted { node } => write!(f, "node {node} started"),
            E::QueueUnavailable { queue } => write!(f, "queue {queue} is without a majority"),
            E::QueueAvailable { queue } => write!(f, "queue {queue} has a majority again"),
            E::PolicyApplied { queue, policy: Some(policy) } => {
                write!(f, "queue {queue} follows policy {policy}")
            }
            E::PolicyApplied { queue, policy: None } => write!(f, "queue {queue} has no policy"),
        }
    }
}

/// The reason of a close, if it had one.
struct Why<'a>(&'a Option<AmqpError>);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// An exchange by name; the default exchange has none.
struct Named<'a>(&'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(default)" } else { self.0 })
    }
}

/// Names in a row.
struct Names<'a>(&'a [Rc<str>]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            write!(f, "{}{name}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Event {
    /// The message that the event is about, if it is about one.
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            Event::Routed { message, .. }
            | Event::Unroutable { message, .. }
            | Event::Enqueued { message, .. }
            | Event::Delivered { message, .. }
            | Event::Acked { message, .. }
            | Event::Rejected { message, .. }
            | Event::Requeued { message, .. }
            | Event::Expired { message, .. }
            | Event::Dropped { message, .. }
            | Event::DeadLettered { message, .. }
            | Event::Confirmed { message, .. } => Some(message),
            Event::ConnectionOpened { .. }
            | Event::ConnectionClosed { .. }
            | Event::ChannelOpened { .. }
            | Event::ChannelClosed { .. }
            | Event::ExchangeDeclared { .. }
            | Event::ExchangeDeleted { .. }
            | Event::QueueDeclared { .. }
            | Event::QueueDeleted { .. }
            | Event::QueueExpired { .. }
            | Event::QueuePurged { .. }
            | Event::Bound { .. }
            | Event::Unbound { .. }
            | Event::ConsumerAdded { .. }
            | Event::ConsumerRemoved { .. }
            | Event::ConsumerActivated { .. }
            | Event::Restarted
            | Event::ConnectionBlocked { .. }
            | Event::ConnectionUnblocked { .. }
            | Event::NodeStopped { .. }
            | Event::NodeStarted { .. }
            | Event::QueueUnavailable { .. }
            | Event::QueueAvailable { .. }
            | Event::PolicyApplied { .. } => None,
        }
    }
}
