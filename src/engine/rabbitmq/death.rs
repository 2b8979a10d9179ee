//! The deaths of a message: what `x-death` and its companions say.
//!
//! A queue that lets go of a message unacknowledged notes where and why, once for each pair of
//! queue and reason, the newest first. Published at <https://www.rabbitmq.com/docs/dlx#effects>;
//! the exact contents are those that RabbitMQ 4.0 writes. The `time` field is left out, because
//! the engine owns no wall clock.

use std::rc::Rc;

use super::value::{Table, Value};

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

/// Which queue let a message go, why, and where it had been published: the values of
/// `x-first-death-*` and `x-last-death-*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct DeathNote {
    reason: DeathReason,
    queue: Rc<str>,
    exchange: Rc<str>,
}

/// The whole history of deaths; the newest entry comes first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Deaths {
    entries: Vec<Death>,
    first: DeathNote,
    last: DeathNote,
}

impl Deaths {
    /// The history with one more death. `prior` is the history so far.
    pub(super) fn record(prior: Option<&Deaths>, death: Death, published_to: &Rc<str>) -> Deaths {
        let note = DeathNote {
            reason: death.reason,
            queue: Rc::clone(&death.queue),
            exchange: Rc::clone(published_to),
        };
        let Some(prior) = prior else {
            return Deaths { entries: vec![death], first: note.clone(), last: note };
        };
        let mut entries = prior.entries.clone();
        let known = entries
            .iter()
            .position(|entry| entry.reason == death.reason && entry.queue == death.queue);
        // An entry keeps the exchange and keys of its first death, and moves to the front.
        let entry = match known {
            Some(place) => {
                let mut entry = entries.remove(place);
                entry.count += 1;
                entry
            }
            None => death,
        };
        entries.insert(0, entry);
        Deaths { entries, first: prior.first.clone(), last: note }
    }

    pub(super) fn entries(&self) -> &[Death] {
        &self.entries
    }

    /// The entry of the first death of all, which others may have been put before since.
    pub(super) fn first(&self) -> Option<&Death> {
        let is_first =
            |death: &&Death| death.queue == self.first.queue && death.reason == self.first.reason;
        self.entries.iter().find(is_first)
    }

    /// Whether entering `queue` would close a circle in which no consumer rejected the message.
    ///
    /// <https://www.rabbitmq.com/docs/dlx#automatic-dead-lettering-cycles>: such a message is
    /// dropped. Only the deaths since the last one in that queue count.
    pub(super) fn circle_to(&self, queue: &str) -> bool {
        let Some(last_there) = self.entries.iter().position(|death| &*death.queue == queue) else {
            return false;
        };
        let since = &self.entries[..=last_there];
        since.iter().all(|death| death.reason != DeathReason::Rejected)
    }

    /// Writes the history over whatever the publisher put under these names.
    pub(super) fn write_headers(&self, headers: &mut Table) {
        let list: Vec<Value> = self.entries.iter().map(Death::as_value).collect();
        headers.insert("x-death", Value::List(list.into()));
        headers.insert("x-first-death-reason", Value::text(self.first.reason.name()));
        headers.insert("x-first-death-queue", Value::from(&self.first.queue));
        headers.insert("x-first-death-exchange", Value::from(&self.first.exchange));
        headers.insert("x-last-death-reason", Value::text(self.last.reason.name()));
        headers.insert("x-last-death-queue", Value::from(&self.last.queue));
        headers.insert("x-last-death-exchange", Value::from(&self.last.exchange));
    }
}

impl Death {
    fn as_value(&self) -> Value {
        let keys: Vec<Value> = self.routing_keys.iter().map(Value::from).collect();
        // No queue lives long enough to count past an i64.
        let mut table = Table::new()
            .with("count", Value::Int(self.count as i64))
            .with("exchange", Value::from(&self.exchange))
            .with("queue", Value::from(&self.queue))
            .with("reason", Value::text(self.reason.name()))
            .with("routing-keys", Value::List(keys.into()));
        if let Some(expiration) = &self.original_expiration {
            table.insert("original-expiration", Value::from(expiration));
        }
        Value::Table(table)
    }
}
