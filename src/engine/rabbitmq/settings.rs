//! Queue arguments: what a queue was declared to be.
//!
//! <https://www.rabbitmq.com/docs/queues#optional-arguments>. Names that RabbitMQ does not know
//! are kept and have no effect; values of the wrong kind are refused with 406.

use std::rc::Rc;
use std::time::Duration;

use super::message::MAX_TTL_MS;
use super::method::{AmqpError, QueueDeclare};
use super::value::Table;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueType {
    Classic,
    Quorum,
}

impl QueueType {
    /// As `x-queue-type` has it.
    pub fn name(self) -> &'static str {
        match self {
            QueueType::Classic => "classic",
            QueueType::Quorum => "quorum",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overflow {
    DropHead,
    RejectPublish,
    RejectPublishDlx,
}

/// What becomes of a dead letter that no queue takes
/// (<https://www.rabbitmq.com/docs/quorum-queues#dead-lettering>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    AtMostOnce,
    AtLeastOnce,
}

/// The arguments, understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) kind: QueueType,
    pub(super) ttl_ms: Option<u64>,
    pub(super) expires: Option<Duration>,
    pub(super) max_length: Option<u64>,
    pub(super) max_bytes: Option<u64>,
    pub(super) overflow: Overflow,
    pub(super) dead_letter_exchange: Option<Rc<str>>,
    pub(super) dead_letter_key: Option<Rc<str>>,
    pub(super) dead_letter_strategy: Strategy,
    pub(super) max_priority: u8,
    pub(super) single_active: bool,
    /// How often a message may come back before it is given up; `None` is for ever.
    pub(super) delivery_limit: Option<u64>,
}

/// The delivery limit of a quorum queue that names none, since RabbitMQ 4.0
/// (<https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling>).
const DEFAULT_DELIVERY_LIMIT: u64 = 20;

/// Arguments that belong to the other types of queue and are refused (`rabbit_classic_queue` and
/// `rabbit_quorum_queue` list what each takes).
const NOT_FOR_CLASSIC: [&str; 5] = [
    "x-delivery-limit",
    "x-dead-letter-strategy",
    "x-quorum-initial-group-size",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
];
const NOT_FOR_QUORUM: [&str; 4] =
    ["x-max-priority", "x-queue-mode", "x-max-age", "x-stream-max-segment-size-bytes"];

/// Arguments that must be the same when a queue is declared again.
const COMPARED: [&str; 11] = [
    "x-expires",
    "x-message-ttl",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-overflow",
    "x-single-active-consumer",
    "x-delivery-limit",
    "x-queue-mode",
];

impl Settings {
    pub(super) fn parse(declare: &QueueDeclare) -> Result<Settings, AmqpError> {
        let kind = queue_type(&declare.arguments)?;
        check_fits_type(kind, declare)?;
        let settings = Settings::of(kind, &declare.arguments)?;
        if settings.dead_letter_key.is_some() && settings.dead_letter_exchange.is_none() {
            return Err(invalid("x-dead-letter-routing-key", "needs x-dead-letter-exchange"));
        }
        Ok(settings)
    }

    /// Whether a queue of the type has that argument.
    pub(super) fn knows(kind: QueueType, name: &str) -> bool {
        !foreign(kind).contains(&name)
    }

    /// What arguments come to, whether a queue was declared with them or policies gave them.
    pub(super) fn of(kind: QueueType, arguments: &Table) -> Result<Settings, AmqpError> {
        Ok(Settings {
            kind,
            ttl_ms: number(arguments, "x-message-ttl", 0, MAX_TTL_MS)?,
            expires: number(arguments, "x-expires", 1, MAX_TTL_MS)?.map(Duration::from_millis),
            max_length: number(arguments, "x-max-length", 0, u64::MAX)?,
            max_bytes: number(arguments, "x-max-length-bytes", 0, u64::MAX)?,
            overflow: overflow(arguments, kind)?,
            dead_letter_exchange: text(arguments, "x-dead-letter-exchange")?,
            dead_letter_key: text(arguments, "x-dead-letter-routing-key")?,
            max_priority: number(arguments, "x-max-priority", 0, 255)?
                .map_or(0, |max| u8::try_from(max).expect("checked to be at most 255")),
            single_active: flag(arguments, "x-single-active-consumer")?,
            dead_letter_strategy: strategy(arguments, kind)?,
            delivery_limit: delivery_limit(arguments, kind),
        })
    }

    pub(super) fn is_quorum(&self) -> bool {
        self.kind == QueueType::Quorum
    }
}

/// Refuses a declaration whose arguments differ from those the queue has.
pub(super) fn check_same_arguments(
    queue: &str,
    existing: &Table,
    declared: &Table,
) -> Result<(), AmqpError> {
    let differs = |name: &&&str| existing.get(name) != declared.get(name);
    if let Some(name) = COMPARED.iter().find(differs) {
        let text = format!("inequivalent arg '{name}' for queue '{queue}' in vhost '/'");
        return Err(AmqpError::precondition_failed(text));
    }
    if queue_type(existing)? != queue_type(declared)? {
        let text = format!("inequivalent arg 'x-queue-type' for queue '{queue}' in vhost '/'");
        return Err(AmqpError::precondition_failed(text));
    }
    Ok(())
}

fn check_fits_type(kind: QueueType, declare: &QueueDeclare) -> Result<(), AmqpError> {
    if let Some(name) = foreign(kind).iter().find(|name| declare.arguments.contains(name)) {
        return Err(invalid(name, "not supported by this type of queue"));
    }
    // A quorum queue is replicated, so it is durable and nobody's own.
    if kind == QueueType::Quorum && (!declare.durable || declare.exclusive || declare.auto_delete) {
        return Err(AmqpError::precondition_failed(format!(
            "invalid property for queue '{}': a quorum queue is durable, not exclusive and not \
             auto-deleted",
            declare.name
        )));
    }
    Ok(())
}

fn foreign(kind: QueueType) -> &'static [&'static str] {
    match kind {
        QueueType::Classic => &NOT_FOR_CLASSIC,
        QueueType::Quorum => &NOT_FOR_QUORUM,
    }
}

fn invalid(name: &str, why: &str) -> AmqpError {
    AmqpError::precondition_failed(format!("invalid arg '{name}': {why}"))
}

fn number(table: &Table, name: &str, min: u64, max: u64) -> Result<Option<u64>, AmqpError> {
    let Some(value) = table.get(name) else {
        return Ok(None);
    };
    let int = value.as_int().ok_or_else(|| invalid(name, "not an integer"))?;
    let int = u64::try_from(int).map_err(|_| invalid(name, "negative"))?;
    if int < min || int > max {
        return Err(invalid(name, "out of range"));
    }
    Ok(Some(int))
}

fn text(table: &Table, name: &str) -> Result<Option<Rc<str>>, AmqpError> {
    let Some(value) = table.get(name) else {
        return Ok(None);
    };
    value.as_text().cloned().map(Some).ok_or_else(|| invalid(name, "not a string"))
}

fn flag(table: &Table, name: &str) -> Result<bool, AmqpError> {
    let Some(value) = table.get(name) else {
        return Ok(false);
    };
    value.as_bool().ok_or_else(|| invalid(name, "not a boolean"))
}

fn queue_type(table: &Table) -> Result<QueueType, AmqpError> {
    match text(table, "x-queue-type")?.as_deref() {
        None | Some("classic") => Ok(QueueType::Classic),
        Some("quorum") => Ok(QueueType::Quorum),
        Some(_) => Err(invalid("x-queue-type", "unsupported queue type")),
    }
}

fn overflow(table: &Table, kind: QueueType) -> Result<Overflow, AmqpError> {
    match (text(table, "x-overflow")?.as_deref(), kind) {
        (None | Some("drop-head"), _) => Ok(Overflow::DropHead),
        (Some("reject-publish"), _) => Ok(Overflow::RejectPublish),
        (Some("reject-publish-dlx"), QueueType::Classic) => Ok(Overflow::RejectPublishDlx),
        // A quorum queue takes the word and falls back to the default.
        (Some("reject-publish-dlx"), QueueType::Quorum) => Ok(Overflow::DropHead),
        (Some(_), _) => Err(invalid("x-overflow", "unknown overflow behaviour")),
    }
}

/// At least once needs a place for dead letters and a queue that drops nothing; a queue without
/// them falls back to at most once (`rabbit_quorum_queue`).
fn strategy(table: &Table, kind: QueueType) -> Result<Strategy, AmqpError> {
    let asked = match text(table, "x-dead-letter-strategy")?.as_deref() {
        None | Some("at-most-once") => Strategy::AtMostOnce,
        Some("at-least-once") => Strategy::AtLeastOnce,
        Some(_) => return Err(invalid("x-dead-letter-strategy", "unknown strategy")),
    };
    let can = kind == QueueType::Quorum
        && table.contains("x-dead-letter-exchange")
        && overflow(table, kind)? == Overflow::RejectPublish;
    Ok(if can { asked } else { Strategy::AtMostOnce })
}

/// A limit that is negative, or is no number at all, is taken and never reached.
fn delivery_limit(table: &Table, kind: QueueType) -> Option<u64> {
    match (kind, table.get("x-delivery-limit")) {
        (QueueType::Classic, _) => None,
        (QueueType::Quorum, None) => Some(DEFAULT_DELIVERY_LIMIT),
        (QueueType::Quorum, Some(limit)) => {
            limit.as_int().and_then(|limit| u64::try_from(limit).ok())
        }
    }
}
