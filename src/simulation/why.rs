//! Why: the whole journey of an order, or of one message about it, with what stood in its way.
//!
//! The story is read off the trace when it is asked for. What the trace has forgotten by then is
//! played once more: a run can be repeated exactly.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;

use super::line::Line;
use super::order::number_of;
use super::scenario::Input;
use super::timeline::Timeline;
use super::trace::{Entry, Event};
use super::world::World;
use super::{Order, OrderStatus, Service};
use crate::engine::kafka::{self, TopicPartition};
use crate::engine::{Instant, rabbitmq};

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Order(u32),
    /// A message in RabbitMQ, by its message id.
    Message(Rc<str>),
    Record(TopicPartition, u64),
}

impl Subject {
    /// Reads `order-17`, `m-204` or `order-created-3@17`.
    pub fn parse(text: &str) -> Result<Subject, String> {
        let record = |text: &str| {
            let (place, offset) = text.split_once('@')?;
            let (topic, partition) = place.trim().rsplit_once('-')?;
            let (topic, partition) = (topic.into(), partition.parse().ok()?);
            let at = TopicPartition { topic, partition };
            Some(Subject::Record(at, offset.trim().parse().ok()?))
        };
        let message = |text: &str| {
            text.strip_prefix("m-")?.parse::<u64>().ok()?;
            Some(Subject::Message(text.into()))
        };
        let order = |text: &str| number_of(text).map(Subject::Order);
        record(text).or_else(|| message(text)).or_else(|| order(text)).ok_or_else(|| {
            format!("'{text}' is no order-17, no message m-204 and no record order-created-3@17")
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Order(order) => f.write_str(&Order::id(*order)),
            Subject::Message(id) => f.write_str(id),
            Subject::Record(at, offset) => write!(f, "{at} @ {offset}"),
        }
    }
}

/// One step of a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub at_ms: u64,
    pub what: String,
    /// Something failed, crashed or was lost.
    pub trouble: bool,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    pub subject: String,
    pub order: String,
    /// How the order stands: `in_progress`, `completed`, …
    pub status: &'static str,
    pub steps: Vec<Step>,
    /// What the order is owed and does not have, and where that was seen last.
    pub open: Vec<String>,
}

impl fmt::Display for Why {
    /// A line for each step, then how the order stands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let mark = if step.trouble { '!' } else { ' ' };
            writeln!(f, "{} {mark} {}", Instant::from_millis(step.at_ms), step.what)?;
        }
        writeln!(f, "{} is {}", self.order, self.status.replace('_', " "))?;
        self.open.iter().try_for_each(|open| writeln!(f, "{open}"))
    }
}

impl Timeline {
    /// The journey of an order or a message up to the present.
    pub fn why(&self, subject: &Subject) -> Result<Why, String> {
        let unknown = || format!("there is nothing about {subject} so far");
        let order = self.order_of(subject).ok_or_else(unknown)?;
        let account = self.world().ledger().account(order).ok_or_else(unknown)?;
        let mut story = Story::new(subject, order);
        self.each_entry_since(account.placed_at, &mut |world, entry| story.take(world, entry));
        Ok(Why {
            subject: subject.to_string(),
            order: Order::id(order),
            status: account.status.name(),
            steps: story.steps,
            open: self.world().open_effects(order),
        })
    }

    fn order_of(&self, subject: &Subject) -> Option<u32> {
        match subject {
            Subject::Order(order) => Some(*order),
            Subject::Message(_) | Subject::Record(..) => {
                let mut found = None;
                self.each_entry_since(Instant::ZERO, &mut |_, entry| {
                    if found.is_none() && names(&entry.event, subject) {
                        found = entry.event.order();
                    }
                });
                found
            }
        }
    }

    /// Shows every entry from an instant on, with a world that knows its names. What the trace has
    /// forgotten is replayed.
    fn each_entry_since(&self, since: Instant, show: &mut dyn FnMut(&World, &Entry)) {
        let trace = self.world().trace();
        if trace.entries().next().is_none_or(|oldest| trace.is_whole() || oldest.at < since) {
            let late_enough = trace.entries().filter(|entry| entry.at >= since);
            return late_enough.for_each(|entry| show(self.world(), entry));
        }
        let mut replay = self.clone();
        replay.seek(since - Duration::from_millis(1));
        let mut seen = replay.world().trace().len();
        while replay.now() < self.now() {
            replay.run_until((replay.now() + Duration::from_secs(1)).min(self.now()));
            let world = replay.world();
            let fresh = (world.trace().len() - seen) as usize;
            let mut entries: Vec<&Entry> = world.trace().entries().rev().take(fresh).collect();
            entries.reverse();
            let late_enough = entries.into_iter().filter(|entry| entry.at >= since);
            late_enough.for_each(|entry| show(world, entry));
            seen = world.trace().len();
        }
    }
}

/// True if an event names the message itself.
fn names(event: &Event, subject: &Subject) -> bool {
    match (event, subject) {
        (Event::RabbitMq(event), Subject::Message(id)) => {
            event.identity().and_then(|message| message.message_id.as_ref()) == Some(id)
        }
        (Event::Published { topic, partition, offset, .. }, Subject::Record(at, wanted)) => {
            (topic, partition, offset) == (&at.topic, &at.partition, wanted)
        }
        _ => false,
    }
}

/// A journey as it is put together, entry by entry.
struct Story<'a> {
    subject: &'a Subject,
    order: u32,
    /// The subject itself has turned up; before that, all that led to it belongs to the story.
    begun: bool,
    /// Records of the story, and the groups that have committed beyond each.
    records: Vec<(TopicPartition, u64, Vec<Rc<str>>)>,
    /// Queues in which messages of the story wait, by message.
    queues: Vec<(Option<Rc<str>>, Rc<str>)>,
    /// Who works on it: service and instance.
    hands: Vec<(u16, u16)>,
    steps: Vec<Step>,
}

impl<'a> Story<'a> {
    fn new(subject: &'a Subject, order: u32) -> Story<'a> {
        let begun = matches!(subject, Subject::Order(_));
        let (records, queues, hands) = (Vec::new(), Vec::new(), Vec::new());
        Story { subject, order, begun, records, queues, hands, steps: Vec::new() }
    }

    fn take(&mut self, world: &World, entry: &Entry) {
        let tells = match entry.event.order() {
            Some(order) => order == self.order && self.own(world, &entry.event),
            None => self.bears_on(world, &entry.event),
        };
        if tells {
            let what = Sentence(world.line(entry)).to_string();
            let (at_ms, trouble) = (entry.at.as_millis(), is_trouble(&entry.event));
            self.steps.push(Step { at_ms, what, trouble });
        }
    }

    /// An event about the order: true if it belongs to the story.
    fn own(&mut self, world: &World, event: &Event) -> bool {
        let itself = names(event, self.subject);
        let told = match (self.subject, event) {
            (_, Event::Sent { .. }) => false,
            (Subject::Order(_), _) | (_, Event::Found { .. }) => true,
            (_, Event::RabbitMq(_)) => itself,
            (_, event) if !self.begun => !is_publish_of_another(event, self.subject),
            (_, event) => worker_of(event).is_some_and(|service| self.is_read_by(world, service)),
        };
        self.begun |= itself;
        if told {
            self.follow(event);
        }
        told
    }

    /// Keeps up where the messages of the story are.
    fn follow(&mut self, event: &Event) {
        match event {
            Event::Published { topic, partition, offset, .. } => {
                let at = TopicPartition { topic: topic.clone(), partition: *partition };
                self.records.push((at, *offset, Vec::new()));
            }
            Event::RabbitMq(rabbitmq::Event::Enqueued { queue, message, .. }) => {
                self.queues.retain(|one| one.0 != message.message_id);
                self.queues.push((message.message_id.clone(), queue.clone()));
            }
            Event::RabbitMq(rabbitmq::Event::Acked { message, .. }) => {
                self.queues.retain(|one| one.0 != message.message_id);
            }
            Event::WorkStarted { service, instance, .. } => self.hands.push((*service, *instance)),
            Event::WorkDone { service, instance, .. }
            | Event::WorkFailed { service, instance, .. } => {
                self.hands.retain(|hand| hand != &(*service, *instance));
            }
            _ => {}
        }
    }

    /// True if an event that names no order concerns a message of the story.
    fn bears_on(&mut self, world: &World, event: &Event) -> bool {
        match event {
            Event::Crashed { service, instance, .. } => {
                let held = self.hands.len();
                self.hands.retain(|hand| hand != &(*service, *instance));
                self.hands.len() < held
            }
            Event::Commanded { command } => {
                let concerns = |service: &Service| {
                    command.strip_prefix(&*service.spec.id).is_some_and(|it| it.starts_with(' '))
                };
                world.services().iter().any(|one| concerns(one) && self.waits_for(one))
            }
            Event::Kafka(event) => self.log_event(event),
            _ => false,
        }
    }

    /// Commits, retention and elections, as far as they touch a record of the story.
    fn log_event(&mut self, event: &kafka::Event) -> bool {
        match event {
            kafka::Event::OffsetCommitted { group, partition, offset } => {
                let passed = self.records.iter_mut().filter(|(at, number, groups)| {
                    at == partition && number < offset && !groups.contains(group)
                });
                passed.map(|record| record.2.push(group.clone())).count() > 0
            }
            kafka::Event::Assigned { group, partitions, .. } => self
                .records
                .iter()
                .any(|(at, _, groups)| partitions.contains(at) && !groups.contains(group)),
            kafka::Event::SegmentDeleted { partition, log_start_offset, .. }
            | kafka::Event::RecordsDeleted { partition, log_start_offset } => self
                .records
                .iter()
                .any(|(at, offset, _)| at == partition && offset < log_start_offset),
            kafka::Event::Truncated { partition, to, .. } => {
                self.records.iter().any(|(at, offset, _)| at == partition && offset >= to)
            }
            _ => false,
        }
    }

    /// True if a message of the story is at this service or waits for it.
    fn waits_for(&self, service: &Service) -> bool {
        match &service.spec.input {
            Input::Http { .. } => false,
            Input::Topic { topic, group, .. } => self
                .records
                .iter()
                .any(|(at, _, groups)| at.topic == *topic && !groups.contains(group)),
            Input::Queue { queue, .. } => self.queues.iter().any(|(_, in_queue)| in_queue == queue),
        }
    }

    /// True if a service reads what the story is about.
    fn is_read_by(&self, world: &World, service: u16) -> bool {
        match (&world.services()[usize::from(service)].spec.input, self.subject) {
            (Input::Topic { topic, .. }, Subject::Record(at, _)) => *topic == at.topic,
            (Input::Queue { queue, .. }, Subject::Message(_)) => {
                self.queues.iter().any(|(_, in_queue)| in_queue == queue)
            }
            _ => false,
        }
    }
}

/// A record of the same order that is not the one in question.
fn is_publish_of_another(event: &Event, subject: &Subject) -> bool {
    matches!((event, subject), (Event::Published { .. }, Subject::Record(..)))
        && !names(event, subject)
}

/// The service whose work an event tells of.
fn worker_of(event: &Event) -> Option<u16> {
    match event {
        Event::WorkStarted { service, .. }
        | Event::WorkDone { service, .. }
        | Event::WorkFailed { service, .. }
        | Event::Effected { service, .. }
        | Event::Declined { service, .. }
        | Event::Skipped { service, .. }
        | Event::Recognised { service, .. }
        | Event::Written { service, .. }
        | Event::GivenUp { service, .. } => Some(*service),
        _ => None,
    }
}

fn is_trouble(event: &Event) -> bool {
    use rabbitmq::Event as Queue;
    match event {
        Event::OrderAnswered { accepted, .. } => !accepted,
        Event::Dropped { .. }
        | Event::PublishFailed { .. }
        | Event::WorkFailed { .. }
        | Event::Crashed { .. }
        | Event::CallTimedOut { .. }
        | Event::CallRejected { .. }
        | Event::CallShed { .. }
        | Event::TaskReturned { .. }
        | Event::LostOnLink { .. }
        | Event::GivenUp { .. }
        | Event::Found { .. } => true,
        Event::RabbitMq(event) => matches!(
            event,
            Queue::Unroutable { .. }
                | Queue::Rejected { .. }
                | Queue::Requeued { .. }
                | Queue::Dropped { .. }
                | Queue::DeadLettered { .. }
        ),
        Event::Kafka(event) => matches!(
            event,
            kafka::Event::SegmentDeleted { .. }
                | kafka::Event::RecordsDeleted { .. }
                | kafka::Event::Truncated { .. }
        ),
        _ => false,
    }
}

impl World {
    /// What an order is owed and does not have, with where that was seen last.
    pub fn open_effects(&self, order: u32) -> Vec<String> {
        let Some(account) = self.ledger().account(order) else {
            return Vec::new();
        };
        if matches!(account.status, OrderStatus::Declined | OrderStatus::Refused) {
            return Vec::new();
        }
        let open = self.ledger().owed().iter().filter(|effect| account.times(**effect) == 0);
        open.map(|effect| format!("not {}: {}", effect.done(), self.whereabouts(order, *effect).0))
            .collect()
    }

    /// Where the message was seen last that is to bring about an effect, or what it comes from; and
    /// the name of that message.
    pub(super) fn whereabouts(
        &self,
        order: u32,
        effect: super::Effect,
    ) -> (String, Option<Rc<str>>) {
        let services = self.services();
        let Some(doer) = services.iter().position(|one| one.spec.does == Some(effect)) else {
            return ("no service does it".to_owned(), None);
        };
        let journey = self.trace().journey(order);
        let input = &services[doer].spec.input;
        let message = journey.iter().find_map(|entry| enqueued_for(input, &entry.event));
        let near = journey.iter().rev().find(|entry| match &entry.event {
            Event::RabbitMq(event) => {
                let id = event.identity().and_then(|message| message.message_id.as_ref());
                message.is_some() && id == message
            }
            Event::Published { topic, .. } => {
                matches!(input, Input::Topic { topic: read, .. } if read == topic)
            }
            event => worker_of(event) == Some(doer as u16),
        });
        let moves = |entry: &&&Entry| {
            !matches!(
                entry.event,
                Event::Sent { .. }
                    | Event::Found { .. }
                    | Event::OrderAnswered { .. }
                    | Event::WorkDone { .. }
            )
        };
        let Some(seen) = near.or_else(|| journey.iter().rev().find(moves)) else {
            return ("its trace is forgotten".to_owned(), None);
        };
        let down = services.iter().filter(|one| one.instances_up() == 0);
        let down: Vec<&str> = down
            .filter(|one| leads_to(&seen.event, &one.spec.input))
            .map(|one| &*one.spec.id)
            .collect();
        let down =
            if down.is_empty() { "".to_owned() } else { format!("; {} is down", down.join(", ")) };
        let text = format!("last seen at {}: {}{down}", seen.at, Sentence(self.line(seen)));
        (text, message_of(&seen.event))
    }
}

/// The message that an event is about, as its broker names it.
fn message_of(event: &Event) -> Option<Rc<str>> {
    match event {
        Event::RabbitMq(event) => event.identity()?.message_id.clone(),
        Event::Published { topic, partition, offset, .. } => {
            Some(format!("{topic}-{partition} @ {offset}").into())
        }
        _ => None,
    }
}

/// The id of a message that an event puts into the queue of an input.
fn enqueued_for<'a>(input: &Input, event: &'a Event) -> Option<&'a Rc<str>> {
    match (input, event) {
        (
            Input::Queue { queue, .. },
            Event::RabbitMq(rabbitmq::Event::Enqueued { queue: into, message, .. }),
        ) if queue == into => message.message_id.as_ref(),
        _ => None,
    }
}

/// True if after an event a message is where this input takes it from.
fn leads_to(event: &Event, input: &Input) -> bool {
    match (event, input) {
        (Event::Published { topic, .. }, Input::Topic { topic: read, .. }) => topic == read,
        (
            Event::RabbitMq(
                rabbitmq::Event::Enqueued { queue, .. } | rabbitmq::Event::Requeued { queue, .. },
            ),
            Input::Queue { queue: read, .. },
        ) => queue == read,
        _ => false,
    }
}

/// What an entry says, without its time.
struct Sentence<'a>(Line<'a>);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.what(f)
    }
}
