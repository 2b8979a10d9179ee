//! A message: its properties, its body and what the broker has noted on it.
//!
//! Immutable once routed and always behind an `Rc`; every queue that holds a copy shares it. The
//! properties are those of the basic class in AMQP 0-9-1; the headers that the broker adds are
//! described at <https://www.rabbitmq.com/docs/dlx#effects> and
//! <https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling>.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::value::{Table, Value};

/// What a publisher may say about a message. Names as in AMQP 0-9-1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Properties {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub headers: Table,
    /// 2 is persistent, anything else transient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_mode: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Rc<str>>,
    /// Milliseconds, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub message_type: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Rc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Rc<str>>,
}

impl Properties {
    pub fn is_persistent(&self) -> bool {
        self.delivery_mode == Some(2)
    }
}

/// Why a queue let go of a message that it then dead-lettered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeathReason {
    Expired,
    Rejected,
    MaxLen,
    DeliveryLimit,
}

impl DeathReason {
    /// The name that `x-death` carries.
    pub fn name(self) -> &'static str {
        match self {
            DeathReason::Expired => "expired",
            DeathReason::Rejected => "rejected",
            DeathReason::MaxLen => "maxlen",
            DeathReason::DeliveryLimit => "delivery_limit",
        }
    }
}

/// One entry of `x-death`: all deaths of the message in one queue for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Death {
    pub queue: Rc<str>,
    pub reason: DeathReason,
    pub count: u64,
    /// Exchange and keys of the first such death.
    pub exchange: Rc<str>,
    pub routing_keys: Rc<[Rc<str>]>,
    pub original_expiration: Option<Rc<str>>,
}

/// The names by which a learner knows a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pub message_id: Option<Rc<str>>,
    pub correlation_id: Option<Rc<str>>,
}

/// Which queue let a message go, why, and where it had been published: the values of
/// `x-first-death-*` and `x-last-death-*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DeathNote {
    reason: DeathReason,
    queue: Rc<str>,
    exchange: Rc<str>,
}

/// The whole history of deaths; the newest entry comes first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Deaths {
    entries: Vec<Death>,
    first: DeathNote,
    last: DeathNote,
}

/// A routed message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    exchange: Rc<str>,
    routing_key: Rc<str>,
    /// The keys of the `CC` header, then those of `BCC`.
    carbon_copies: Option<Rc<[Rc<str>]>>,
    blind_copies: Option<Rc<[Rc<str>]>>,
    properties: Properties,
    body: Rc<[u8]>,
    deaths: Option<Rc<Deaths>>,
    delivery_count: u32,
    /// The headers as delivered.
    headers: Table,
}

impl Message {
    /// The exchange it was last published to, or dead-lettered to.
    pub fn exchange(&self) -> &Rc<str> {
        &self.exchange
    }

    pub fn routing_key(&self) -> &Rc<str> {
        &self.routing_key
    }

    /// As published, less what the broker takes off; for the headers as delivered see `headers`.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    pub fn body(&self) -> &Rc<[u8]> {
        &self.body
    }

    /// The headers as delivered: the publisher's, and those that the broker adds.
    pub fn headers(&self) -> &Table {
        &self.headers
    }
}
