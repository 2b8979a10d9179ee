//! A message: its properties, its body and what the broker has noted on it.
//!
//! Immutable once routed and always behind an `Rc`; every queue that holds a copy shares it. The
//! properties are those of the basic class in AMQP 0-9-1; the headers that the broker adds are
//! described at <https://www.rabbitmq.com/docs/dlx#effects> and
//! <https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling>.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::death::{Death, DeathReason, Deaths};
use super::method::{AmqpError, BasicPublish};
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

/// The names by which a learner knows a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pub message_id: Option<Rc<str>>,
    pub correlation_id: Option<Rc<str>>,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message_id, &self.correlation_id) {
            (Some(id), _) | (None, Some(id)) => f.write_str(id),
            (None, None) => f.write_str("message"),
        }
    }
}

/// A routed message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    identity: Rc<Identity>,
    exchange: Rc<str>,
    routing_key: Rc<str>,
    /// Further keys, from the `CC` header.
    carbon_copies: Option<Rc<[Rc<str>]>>,
    /// Further keys that the consumer does not get to see, from the `BCC` header.
    blind_copies: Option<Rc<[Rc<str>]>>,
    properties: Properties,
    body: Rc<[u8]>,
    /// The `expiration` property as a number of milliseconds.
    ttl_ms: Option<u64>,
    deaths: Option<Rc<Deaths>>,
    /// How often a consumer of a quorum queue failed on it: rejected it or went away with it.
    failures: u32,
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

    /// What `x-death` says, the newest entry first.
    pub fn deaths(&self) -> &[Death] {
        self.deaths.as_ref().map_or(&[], |deaths| deaths.entries())
    }

    /// The entry of the death that came first, as `x-first-death-queue` and `-reason` name it.
    pub fn first_death(&self) -> Option<&Death> {
        self.deaths.as_ref()?.first()
    }

    pub fn identity(&self) -> &Rc<Identity> {
        &self.identity
    }

    /// Checks what the publisher set and notes the keys to route by.
    pub(super) fn from_publish(publish: BasicPublish) -> Result<Message, AmqpError> {
        let BasicPublish { exchange, routing_key, mut properties, body, .. } = publish;
        let ttl_ms = properties.expiration.as_deref().map(parse_expiration).transpose()?;
        let carbon_copies = copies(&properties.headers, "CC")?;
        let blind_copies = copies(&properties.headers, "BCC")?;
        properties.headers.remove("BCC");
        let headers = properties.headers.clone();
        let identity = Rc::new(Identity {
            message_id: properties.message_id.clone(),
            correlation_id: properties.correlation_id.clone(),
        });
        Ok(Message {
            identity,
            exchange,
            routing_key,
            carbon_copies,
            blind_copies,
            properties,
            body,
            ttl_ms,
            deaths: None,
            failures: 0,
            headers,
        })
    }

    /// Every key to route by: the routing key, then those of `CC` and `BCC`.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Rc<str>> {
        let carbon = self.carbon_copies.iter().flat_map(|keys| keys.iter());
        let blind = self.blind_copies.iter().flat_map(|keys| keys.iter());
        std::iter::once(&self.routing_key).chain(carbon).chain(blind)
    }

    pub(super) fn ttl_ms(&self) -> Option<u64> {
        self.ttl_ms
    }

    pub(super) fn priority(&self) -> u8 {
        self.properties.priority.unwrap_or(0)
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The message as it goes to the dead letter exchange. It loses its expiration, so that it
    /// does not expire there again; with a key of its own it also loses its `CC` and `BCC` keys.
    pub(super) fn dead_letter(
        &self,
        reason: DeathReason,
        queue: &Rc<str>,
        exchange: &Rc<str>,
        routing_key: Option<&Rc<str>>,
        failures: u32,
    ) -> Message {
        let visible = std::iter::once(&self.routing_key)
            .chain(self.carbon_copies.iter().flat_map(|keys| keys.iter()));
        let death = Death {
            queue: Rc::clone(queue),
            reason,
            count: 1,
            exchange: Rc::clone(&self.exchange),
            routing_keys: visible.cloned().collect(),
            original_expiration: self.ttl_ms.map(|ttl| ttl.to_string().into()),
        };
        let deaths = Deaths::record(self.deaths.as_deref(), death, &self.exchange);
        let mut properties = self.properties.clone();
        properties.expiration = None;
        let mut headers = properties.headers.clone();
        deaths.write_headers(&mut headers);
        let kept = routing_key.is_none();
        Message {
            identity: Rc::clone(&self.identity),
            exchange: Rc::clone(exchange),
            routing_key: Rc::clone(routing_key.unwrap_or(&self.routing_key)),
            carbon_copies: self.carbon_copies.clone().filter(|_| kept),
            blind_copies: self.blind_copies.clone().filter(|_| kept),
            properties,
            body: Rc::clone(&self.body),
            ttl_ms: None,
            deaths: Some(Rc::new(deaths)),
            failures,
            headers,
        }
    }

    /// Whether dead-lettering it into `queue` closes a circle without a reject.
    pub(super) fn circles_to(&self, queue: &str) -> bool {
        self.deaths.as_ref().is_some_and(|deaths| deaths.circle_to(queue))
    }

    /// The message with the `x-delivery-count` of a quorum queue.
    pub(super) fn with_delivery_count(&self, count: u32) -> Message {
        let mut message = self.clone();
        message.headers.insert("x-delivery-count", Value::Int(i64::from(count)));
        message
    }
}

/// The longest time to live that RabbitMQ takes, ten years.
pub(super) const MAX_TTL_MS: u64 = 315_360_000_000;

/// The `expiration` property: a whole number and nothing else.
fn parse_expiration(text: &str) -> Result<u64, AmqpError> {
    let ttl = text.parse::<i64>().ok().and_then(|ttl| u64::try_from(ttl).ok());
    ttl.filter(|ttl| *ttl <= MAX_TTL_MS)
        .ok_or_else(|| AmqpError::precondition_failed(format!("invalid expiration '{text}'")))
}

/// The keys listed under `CC` or `BCC` (<https://www.rabbitmq.com/docs/sender-selected>).
fn copies(headers: &Table, name: &str) -> Result<Option<Rc<[Rc<str>]>>, AmqpError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let Some(list) = value.as_list() else {
        let text = format!("invalid type for header '{name}': a list of keys is needed");
        return Err(AmqpError::precondition_failed(text));
    };
    Ok(Some(list.iter().filter_map(Value::as_text).cloned().collect()))
}
