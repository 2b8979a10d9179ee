//! One order and everything that happened to it.

use crate::engine::{Instant, kafka, rabbitmq};
use crate::simulation::{Effect, Event, Order, OrderStatus, World};
use crate::ui::model::Model;

use super::places::{DeathRow, deaths};

/// Messages of one queue that are looked through for the order.
const SEARCHED: usize = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Plain,
    Log,
    Queue,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JourneyStep {
    pub at: Instant,
    pub family: Family,
    pub title: String,
    pub sub: String,
    pub bad: bool,
    /// It was tried before.
    pub retried: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OrderView {
    pub number: u32,
    pub id: String,
    pub hue: u8,
    pub status: &'static str,
    pub bad: bool,
    pub followed: bool,
    pub journey: Vec<JourneyStep>,
    pub effects: Vec<(&'static str, u8)>,
    /// Its payload as JSON, as far as a record of it is kept.
    pub payload: Option<String>,
    pub deaths: Vec<DeathRow>,
    pub findings: Vec<String>,
}

pub fn order(model: &Model, number: u32) -> Option<OrderView> {
    let world = model.world();
    let account = world.ledger().account(number)?;
    let (status, bad) = status(account.status);
    let entries = world.trace().journey(number);
    let mut retried = false;
    let mut journey = Vec::new();
    for entry in &entries {
        if let Some(mut step) = step(world, &entry.event) {
            step.at = entry.at;
            retried |= step.bad;
            step.retried = retried;
            journey.push(step);
        }
    }
    let effects = [
        Effect::Charge,
        Effect::Reserve,
        Effect::Mail,
        Effect::Invoice,
        Effect::Label,
        Effect::Count,
    ];
    let findings = world.ledger().findings().filter(|finding| finding.order == number);
    let id = Order::id(number);
    Some(OrderView {
        number,
        hue: kafka::key_hue(id.as_bytes()),
        status,
        bad,
        followed: model.followed == Some(number),
        journey,
        effects: effects
            .into_iter()
            .map(|effect| (effect.done(), account.times(effect)))
            .filter(|(_, times)| *times > 0)
            .collect(),
        payload: payload(world, &entries),
        deaths: message_deaths(world, &id),
        findings: findings.map(|finding| finding.text.to_string()).collect(),
        id,
    })
}

fn status(status: OrderStatus) -> (&'static str, bool) {
    match status {
        OrderStatus::InProgress => ("in progress", false),
        OrderStatus::Completed => ("completed", false),
        OrderStatus::Declined => ("card declined", false),
        OrderStatus::Refused => ("refused, nothing charged", false),
        OrderStatus::DeadLettered => ("dead-lettered", true),
        OrderStatus::Lost => ("lost", true),
    }
}

/// A step of the journey; what only moves bytes is left out.
fn step(world: &World, event: &Event) -> Option<JourneyStep> {
    let name = |index: &u16| world.services()[usize::from(*index)].spec.title.clone();
    let (family, title, sub, bad) = match event {
        Event::OrderPlaced { .. } => (Family::Plain, "placed".into(), "by a buyer".into(), false),
        Event::OrderAnswered { accepted: true, .. } => {
            (Family::Plain, "answered".into(), "the buyer has a yes".into(), false)
        }
        Event::OrderAnswered { accepted: false, reason, .. } => {
            (Family::Plain, "failed at the door".into(), reason.to_string(), true)
        }
        Event::Published { service, topic, partition, offset, .. } => (
            Family::Log,
            format!("appended to {topic}"),
            format!("p{partition}@{offset} by {}", name(service)),
            false,
        ),
        Event::PublishFailed { service, topic, reason, .. } => (
            Family::Log,
            format!("not appended to {topic}"),
            format!("{}: {reason}", name(service)),
            true,
        ),
        Event::WorkStarted { service, instance, attempt, .. } => (
            family_of(world, *service),
            format!("{} takes it", name(service)),
            format!("instance {}, attempt {attempt}", instance + 1),
            false,
        ),
        Event::WorkFailed { service, reason, .. } => (
            family_of(world, *service),
            format!("{} failed", name(service)),
            reason.to_string(),
            true,
        ),
        Event::Effected { service, effect, .. } => (
            family_of(world, *service),
            effect.done().to_owned(),
            format!("by {}", name(service)),
            false,
        ),
        Event::Declined { service, .. } => {
            (Family::Plain, "card declined".into(), format!("seen by {}", name(service)), false)
        }
        Event::Found { finding, .. } => {
            (Family::Plain, "the ledger".into(), finding.to_string(), true)
        }
        Event::RabbitMq(event) => return queue_step(event),
        Event::Sent { .. }
        | Event::Dropped { .. }
        | Event::WorkDone { .. }
        | Event::Crashed { .. }
        | Event::Started { .. }
        | Event::Revoked { .. }
        | Event::ReadFailed { .. }
        | Event::Commanded { .. }
        | Event::Refused { .. }
        | Event::Kafka(_)
        | Event::AlertFired { .. }
        | Event::AlertCleared { .. }
        | Event::CallTimedOut { .. }
        | Event::CallRetried { .. }
        | Event::BreakerTurned { .. }
        | Event::CallRejected { .. }
        | Event::CallShed { .. }
        | Event::TaskReturned { .. }
        | Event::Scaled { .. }
        | Event::LostOnLink { .. }
        | Event::Disconnected { .. }
        | Event::InVain { .. }
        | Event::Skipped { .. }
        | Event::Recognised { .. }
        | Event::Written { .. }
        | Event::GivenUp { .. }
        | Event::Restored { .. }
        | Event::SnapshotTaken { .. }
        | Event::OrderRead { .. } => return None,
    };
    Some(JourneyStep { at: Instant::ZERO, family, title, sub, bad, retried: false })
}

fn queue_step(event: &rabbitmq::Event) -> Option<JourneyStep> {
    let (title, sub, bad) = match event {
        rabbitmq::Event::Enqueued { queue, ready, .. } => {
            ("queued".to_owned(), format!("{queue}, {ready} ready"), false)
        }
        rabbitmq::Event::Acked { queue, .. } => ("acked".to_owned(), queue.to_string(), false),
        rabbitmq::Event::Requeued { queue, .. } => ("requeued".to_owned(), queue.to_string(), true),
        rabbitmq::Event::Rejected { queue, .. } => ("rejected".to_owned(), queue.to_string(), true),
        rabbitmq::Event::Expired { queue, .. } => ("expired".to_owned(), queue.to_string(), false),
        rabbitmq::Event::DeadLettered { queue, reason, .. } => {
            let title = format!("dead-lettered, {}", reason.name());
            (title, format!("left {queue}"), true)
        }
        rabbitmq::Event::Dropped { queue, reason, .. } => {
            ("dropped".to_owned(), format!("{queue}: {}", reason.name()), true)
        }
        rabbitmq::Event::Unroutable { exchange, routing_key, .. } => {
            ("unroutable".to_owned(), format!("{exchange}, {routing_key}"), true)
        }
        _ => return None,
    };
    let family = Family::Queue;
    Some(JourneyStep { at: Instant::ZERO, family, title, sub, bad, retried: false })
}

fn family_of(world: &World, service: u16) -> Family {
    match world.services()[usize::from(service)].spec.input {
        crate::simulation::Input::Http { .. } => Family::Plain,
        crate::simulation::Input::Topic { .. } => Family::Log,
        crate::simulation::Input::Queue { .. } => Family::Queue,
    }
}

fn payload(world: &World, entries: &[&crate::simulation::Entry]) -> Option<String> {
    let (topic, partition, offset) = entries.iter().find_map(|entry| match &entry.event {
        Event::Published { topic, partition, offset, .. } => Some((topic, *partition, *offset)),
        _ => None,
    })?;
    let at = kafka::TopicPartition { topic: topic.clone(), partition };
    let record = world.kafka().partition(&at)?.record(offset)?;
    let value = crate::json::parse(std::str::from_utf8(record.value.as_deref()?).ok()?).ok()?;
    serde_json::to_string_pretty(&value).ok()
}

/// The `x-death` of the message about the order that died most.
fn message_deaths(world: &World, id: &str) -> Vec<DeathRow> {
    let about = |message: &rabbitmq::QueuedMessage| {
        message.message.identity().correlation_id.as_deref() == Some(id)
    };
    let found = world.rabbitmq().queues().flat_map(|queue| {
        let ready = queue.ready().take(SEARCHED).filter(|one| about(one));
        let unacked = queue.unacked().map(|(_, _, one)| one).filter(|one| about(one));
        ready.chain(unacked).map(|one| deaths(&one.message)).collect::<Vec<_>>()
    });
    found.max_by_key(Vec::len).unwrap_or_default()
}
