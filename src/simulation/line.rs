//! What an entry of the trace says, as a line.

use std::fmt;

use super::projection::Read;
use super::trace::{Entry, Event};

/// Writes entries with the names that the scenario gives.
#[derive(Debug)]
pub struct Line<'a> {
    pub entry: &'a Entry,
    pub services: &'a [super::Service],
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  ", self.entry.at)?;
        self.what(f)
    }
}

impl Line<'_> {
    fn service(&self, index: u16) -> &str {
        self.services.get(usize::from(index)).map_or("?", |service| &service.spec.id)
    }

    fn endpoint(&self, endpoint: super::Endpoint) -> String {
        match endpoint {
            super::Endpoint::Buyer => "buyer".to_owned(),
            super::Endpoint::Kafka => "kafka".to_owned(),
            super::Endpoint::RabbitMq => "rabbitmq".to_owned(),
            super::Endpoint::Service { service, instance } => {
                format!("{}/{}", self.service(service), instance + 1)
            }
        }
    }

    /// The sentence without the time.
    pub fn what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry.event {
            Event::OrderPlaced { order } => write!(f, "order-{order} placed"),
            Event::OrderAnswered { order, accepted: true, .. } => {
                write!(f, "order-{order} accepted")
            }
            Event::OrderAnswered { order, accepted: false, reason } => {
                write!(f, "order-{order} failed: {reason}")
            }
            Event::Sent { order, from, to, what } => {
                let (from, to) = (self.endpoint(*from), self.endpoint(*to));
                write!(f, "{what} {from} → {to}{}", Of(*order))
            }
            Event::Dropped { order, to, what } => {
                write!(f, "{what} met nobody at {}{}", self.endpoint(*to), Of(*order))
            }
            Event::Published { order, service, topic, partition, offset } => {
                let service = self.service(*service);
                write!(f, "{service} published order-{order} to {topic}-{partition} @ {offset}")
            }
            Event::PublishFailed { order, service, topic, reason } => {
                let service = self.service(*service);
                write!(f, "{service} could not publish order-{order} to {topic}: {reason}")
            }
            Event::WorkStarted { order, service, instance, attempt } => {
                let service = self.service(*service);
                write!(f, "{service}/{} takes order-{order}, attempt {attempt}", instance + 1)
            }
            Event::WorkDone { order, service, instance } => {
                write!(f, "{}/{} is done with order-{order}", self.service(*service), instance + 1)
            }
            Event::WorkFailed { order, service, instance, reason } => {
                let service = self.service(*service);
                write!(f, "{service}/{} failed on order-{order}: {reason}", instance + 1)
            }
            Event::Effected { order, service, effect } => {
                write!(f, "order-{order} {} by {}", effect.done(), self.service(*service))
            }
            Event::Declined { order, service } => {
                write!(f, "order-{order} declined by the card issuer, {}", self.service(*service))
            }
            Event::Crashed { service, instance, reason } => {
                write!(f, "{}/{} is down: {reason}", self.service(*service), instance + 1)
            }
            Event::Started { service, instance } => {
                write!(f, "{}/{} is up", self.service(*service), instance + 1)
            }
            Event::Revoked { service, instance, partitions, reason } => {
                write!(f, "{}/{} gives up", self.service(*service), instance + 1)?;
                partitions.iter().try_for_each(|at| write!(f, " {at}"))?;
                write!(f, ": {reason}")
            }
            Event::ReadFailed { service, instance, error } => {
                let service = self.service(*service);
                write!(f, "{service}/{} cannot read: {error}", instance + 1)
            }
            Event::Commanded { command } => write!(f, "{command}"),
            Event::Refused { connection, error } => {
                write!(f, "rabbitmq refused connection {connection}: {error}")
            }
            Event::Kafka(event) => write!(f, "{event}"),
            Event::RabbitMq(event) => write!(f, "{event}"),
            Event::AlertFired { rule, value } => write!(f, "alert {rule} fired at {value}"),
            Event::AlertCleared { rule, value } => write!(f, "alert {rule} cleared at {value}"),
            Event::Found { order, finding } => write!(f, "ledger: order-{order} {finding}"),
            Event::CallTimedOut { .. }
            | Event::CallRetried { .. }
            | Event::BreakerTurned { .. }
            | Event::CallRejected { .. }
            | Event::CallShed { .. }
            | Event::TaskReturned { .. }
            | Event::Scaled { .. }
            | Event::LostOnLink { .. }
            | Event::Disconnected { .. }
            | Event::InVain { .. } => self.call_or_link(f),
            Event::Skipped { .. }
            | Event::Recognised { .. }
            | Event::Written { .. }
            | Event::Restored { .. }
            | Event::SnapshotTaken { .. }
            | Event::OrderRead { .. }
            | Event::GivenUp { .. } => self.promise(f),
        }
    }

    /// What is said of calls, load and links.
    fn call_or_link(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry.event {
            Event::CallTimedOut { order, caller, callee } => {
                let (caller, callee) = (self.endpoint(*caller), self.service(*callee));
                write!(f, "{caller} gave up on {callee}, order-{order}")
            }
            Event::CallRetried { order, caller, callee, attempt } => {
                let (caller, callee) = (self.endpoint(*caller), self.service(*callee));
                write!(f, "{caller} calls {callee} again, order-{order}, attempt {attempt}")
            }
            Event::BreakerTurned { caller, callee, state } => {
                let (caller, callee) = (self.endpoint(*caller), self.service(*callee));
                write!(f, "circuit breaker of {caller} for {callee} is {state}")
            }
            Event::CallRejected { order, service, reason } => {
                write!(f, "{} rejected order-{order}: {reason}", self.service(*service))
            }
            Event::CallShed { order, service, reason } => {
                write!(f, "{} shed order-{order}: {reason}", self.service(*service))
            }
            Event::TaskReturned { order, service } => {
                write!(
                    f,
                    "a task of {} came back: 312 NO_ROUTE, order-{order}",
                    self.service(*service)
                )
            }
            Event::Scaled { service, from, to, waiting } => {
                let service = self.service(*service);
                write!(f, "{service} scaled from {from} to {to} instances, {waiting} wait")
            }
            Event::LostOnLink { order, from, to, what } => {
                let (from, to) = (self.endpoint(*from), self.endpoint(*to));
                write!(f, "{what} {from} → {to} was lost on the way{}", Of(*order))
            }
            Event::Disconnected { service, instance, reason } => {
                let service = self.service(*service);
                write!(f, "{service}/{} lost its connection to rabbitmq: {reason}", instance + 1)
            }
            Event::InVain { what, reason } => write!(f, "{what}: {reason}"),
            _ => Ok(()),
        }
    }

    /// What is said of promises and what keeps them.
    fn promise(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry.event {
            Event::Skipped { order, service } => {
                write!(
                    f,
                    "{} passes over order-{order}, it is done with it",
                    self.service(*service)
                )
            }
            Event::Recognised { order, service, effect } => {
                let service = self.service(*service);
                write!(f, "order-{order} not {} again: {service} sent its key", effect.done())
            }
            Event::Written { order, service } => {
                write!(f, "{} wrote order-{order} to its database", self.service(*service))
            }
            Event::Restored { service, partition, offset } => {
                let service = self.service(*service);
                write!(f, "{service} folds partition {partition} from offset {offset} on")
            }
            Event::SnapshotTaken { service, partition, offset } => {
                let service = self.service(*service);
                write!(f, "{service} saved partition {partition} up to offset {offset}")
            }
            Event::OrderRead { order, read: Read::Fresh } => write!(f, "order-{order} read"),
            Event::OrderRead { order, read: Read::Stale } => {
                write!(f, "order-{order} looked up and not there yet")
            }
            Event::OrderRead { order, read: Read::Failed } => {
                write!(f, "order-{order} looked up in vain")
            }
            Event::GivenUp { order, service, reason } => {
                write!(f, "{} gave order-{order} up: {reason}", self.service(*service))
            }
            _ => Ok(()),
        }
    }
}

/// `, order-12` or nothing.
struct Of(Option<u32>);

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(order) => write!(f, ", order-{order}"),
            None => Ok(()),
        }
    }
}
