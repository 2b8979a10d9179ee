//! What clients ask of the broker and what it answers: methods, replies and refusals.
//!
//! One variant per method of AMQP 0-9-1 with RabbitMQ's extensions
//! (<https://www.rabbitmq.com/amqp-0-9-1-quickref>). Not here: framing, negotiation, heartbeats.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::message::{Message, Properties};
use super::value::Table;

/// A channel of a connection. The connection's number is chosen by whoever drives the broker.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
pub struct ChannelId {
    pub connection: u32,
    pub channel: u16,
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connection, self.channel)
    }
}

/// The types of exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeType {
    Direct,
    Fanout,
    Topic,
    Headers,
}

impl ExchangeType {
    pub fn name(self) -> &'static str {
        match self {
            ExchangeType::Direct => "direct",
            ExchangeType::Fanout => "fanout",
            ExchangeType::Topic => "topic",
            ExchangeType::Headers => "headers",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExchangeDeclare {
    pub name: Rc<str>,
    pub kind: ExchangeType,
    pub durable: bool,
    pub auto_delete: bool,
    /// Nothing can be published to it; it is reached through bindings.
    pub internal: bool,
    /// Only ask whether it is there.
    pub passive: bool,
    pub arguments: Table,
}

/// A binding between two exchanges, to make or to remove.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExchangeBinding {
    pub destination: Rc<str>,
    pub source: Rc<str>,
    pub routing_key: Rc<str>,
    pub arguments: Table,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct QueueDeclare {
    /// The empty name asks the broker to choose one.
    pub name: Rc<str>,
    pub durable: bool,
    pub exclusive: bool,
    pub auto_delete: bool,
    /// Only ask whether it is there.
    pub passive: bool,
    pub arguments: Table,
}

/// A binding of a queue, to make or to remove.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueueBinding {
    pub queue: Rc<str>,
    pub exchange: Rc<str>,
    pub routing_key: Rc<str>,
    pub arguments: Table,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BasicConsume {
    pub queue: Rc<str>,
    /// The empty tag asks the broker to choose one.
    pub consumer_tag: Rc<str>,
    pub no_ack: bool,
    pub exclusive: bool,
    pub arguments: Table,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BasicPublish {
    pub exchange: Rc<str>,
    pub routing_key: Rc<str>,
    pub mandatory: bool,
    /// Not taken by RabbitMQ: 540.
    pub immediate: bool,
    pub properties: Properties,
    pub body: Rc<[u8]>,
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// The connection of the `ChannelId`; its channel number plays no part.
    ConnectionOpen,
    /// The client closes the connection, or it is lost.
    ConnectionClose,
    ChannelOpen,
    ChannelClose,
    ExchangeDeclare(ExchangeDeclare),
    ExchangeDelete {
        exchange: Rc<str>,
        if_unused: bool,
    },
    ExchangeBind(ExchangeBinding),
    ExchangeUnbind(ExchangeBinding),
    QueueDeclare(QueueDeclare),
    QueueDelete {
        queue: Rc<str>,
        if_unused: bool,
        if_empty: bool,
    },
    QueuePurge {
        queue: Rc<str>,
    },
    QueueBind(QueueBinding),
    QueueUnbind(QueueBinding),
    /// With `global` one window for the whole channel, else one for each consumer started later.
    BasicQos {
        prefetch_count: u16,
        global: bool,
    },
    BasicConsume(BasicConsume),
    BasicCancel {
        consumer_tag: Rc<str>,
    },
    BasicPublish(Rc<BasicPublish>),
    BasicGet {
        queue: Rc<str>,
        no_ack: bool,
    },
    BasicAck {
        delivery_tag: u64,
        multiple: bool,
    },
    BasicNack {
        delivery_tag: u64,
        multiple: bool,
        requeue: bool,
    },
    BasicReject {
        delivery_tag: u64,
        requeue: bool,
    },
    BasicRecover {
        requeue: bool,
    },
    ConfirmSelect,
}

/// What the client gets back at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// Done, or a method that AMQP leaves unanswered.
    None,
    QueueDeclareOk {
        queue: Rc<str>,
        message_count: u64,
        consumer_count: u64,
    },
    QueueDeleteOk {
        message_count: u64,
    },
    QueuePurgeOk {
        message_count: u64,
    },
    ConsumeOk {
        consumer_tag: Rc<str>,
    },
    GetOk {
        delivery_tag: u64,
        redelivered: bool,
        message: Rc<Message>,
        message_count: u64,
    },
    GetEmpty,
    /// Under an alarm nothing is read from the connection: the method is to be brought again when
    /// the connection is unblocked.
    Blocked,
    /// The channel or the connection is closed, as the scope says.
    Refused(AmqpError),
}

/// What an error closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Channel,
    Connection,
}

/// An AMQP exception: reply code, its name and a text.
///
/// RabbitMQ sends neither 311 `CONTENT_TOO_LARGE` nor 313 `NO_CONSUMERS`: a message that is too
/// large is refused with 406, and `immediate`, to which 313 belongs, with 540 (`rabbit_channel`).
/// 312 `NO_ROUTE` closes nothing; it comes with a returned message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AmqpError {
    pub scope: Scope,
    pub code: u16,
    pub name: &'static str,
    pub text: String,
}

impl AmqpError {
    fn channel(code: u16, name: &'static str, text: String) -> AmqpError {
        AmqpError { scope: Scope::Channel, code, name, text }
    }

    fn connection(code: u16, name: &'static str, text: String) -> AmqpError {
        AmqpError { scope: Scope::Connection, code, name, text }
    }

    pub(super) fn access_refused(text: impl Into<String>) -> AmqpError {
        AmqpError::channel(403, "ACCESS_REFUSED", text.into())
    }

    pub(super) fn not_found(text: impl Into<String>) -> AmqpError {
        AmqpError::channel(404, "NOT_FOUND", text.into())
    }

    pub(super) fn no_queue(name: &str) -> AmqpError {
        AmqpError::not_found(format!("no queue '{name}' in vhost '/'"))
    }

    pub(super) fn no_exchange(name: &str) -> AmqpError {
        AmqpError::not_found(format!("no exchange '{name}' in vhost '/'"))
    }

    pub(super) fn resource_locked(text: impl Into<String>) -> AmqpError {
        AmqpError::channel(405, "RESOURCE_LOCKED", text.into())
    }

    pub(super) fn precondition_failed(text: impl Into<String>) -> AmqpError {
        AmqpError::channel(406, "PRECONDITION_FAILED", text.into())
    }

    pub(super) fn connection_forced(text: impl Into<String>) -> AmqpError {
        AmqpError::connection(320, "CONNECTION_FORCED", text.into())
    }

    pub(super) fn channel_error(text: impl Into<String>) -> AmqpError {
        AmqpError::connection(504, "CHANNEL_ERROR", text.into())
    }

    pub(super) fn not_allowed(text: impl Into<String>) -> AmqpError {
        AmqpError::connection(530, "NOT_ALLOWED", text.into())
    }

    pub(super) fn internal_error(text: impl Into<String>) -> AmqpError {
        AmqpError::connection(541, "INTERNAL_ERROR", text.into())
    }

    pub(super) fn not_implemented(text: impl Into<String>) -> AmqpError {
        AmqpError::connection(540, "NOT_IMPLEMENTED", text.into())
    }
}

impl fmt::Display for AmqpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} - {}", self.code, self.name, self.text)
    }
}
