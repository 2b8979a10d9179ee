//! What happened to a service, in sentences: its crashes, its messages, its group.

use std::rc::Rc;

use crate::engine::{Instant, kafka, rabbitmq};
use crate::simulation::{Event, Input, World};
use crate::ui::model::Model;

/// More than this is history, not news.
const SHOWN: usize = 6;
/// How far back the trace is read; at full speed that is a few minutes.
const READ: usize = 20_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    pub at: Instant,
    pub text: String,
    /// A term of the protocol, which stands out.
    pub term: Option<&'static str>,
    pub bad: bool,
}

/// What concerns one service, so that events of one kind and moment become one sentence.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Commanded(Rc<str>),
    Crashed(Rc<str>),
    Started,
    Failed(Rc<str>),
    PublishFailed(Rc<str>),
    Requeued,
    DeadLettered(&'static str),
    Expired,
    Rebalance(&'static str),
    Generation(u32, u32),
}

/// Those that the trace still has.
fn happenings(world: &World, service: &str) -> Vec<Happening> {
    let Some(index) = world.services().iter().position(|one| &*one.spec.id == service) else {
        return Vec::new();
    };
    let mut groups: Vec<(Instant, Kind, u64)> = Vec::new();
    for entry in world.trace().entries().rev().take(READ) {
        let Some(kind) = kind(world, index, &entry.event) else {
            continue;
        };
        let alike = groups.iter().rposition(|(at, known, _)| {
            *known == kind && at.since(entry.at).as_millis() < window_ms(&kind)
        });
        match alike {
            Some(place) => groups[place].2 += 1,
            None if groups.len() == SHOWN => break,
            None => groups.push((entry.at, kind, 1)),
        }
    }
    groups.into_iter().rev().map(|(at, kind, times)| sentence(at, &kind, times)).collect()
}

/// The newest happenings of a service, oldest first. The trace forgets; what was asked of the
/// service before it begins follows from the run itself.
pub fn history(model: &Model, service: &str) -> Vec<Happening> {
    let news = happenings(model.world(), service);
    let entries = || model.world().trace().entries();
    let begin = entries().rev().nth(READ).or_else(|| entries().next());
    let begin = begin.map_or(Instant::ZERO, |entry| entry.at);
    let older = model.timeline.markers().into_iter().filter(|marker| {
        marker.at < begin && marker.label.split_whitespace().any(|word| word == service)
    });
    let older: Vec<Happening> =
        older.map(|one| sentence(one.at, &Kind::Commanded(one.label.into()), 1)).collect();
    let room = SHOWN.saturating_sub(news.len());
    let skipped = older.len().saturating_sub(room);
    older.into_iter().skip(skipped).chain(news).collect()
}

/// Events of one kind within this time are one happening.
fn window_ms(kind: &Kind) -> u128 {
    match kind {
        Kind::Failed(_) | Kind::PublishFailed(_) | Kind::DeadLettered(_) | Kind::Expired => 10_000,
        _ => 100,
    }
}

fn kind(world: &World, index: usize, event: &Event) -> Option<Kind> {
    let spec = &world.services()[index].spec;
    let same = |service: &u16| usize::from(*service) == index;
    match event {
        Event::Commanded { command } => {
            let mut words = command.split_whitespace();
            let about = words.any(|word| word == &*spec.id);
            about.then(|| Kind::Commanded(command.clone()))
        }
        Event::Crashed { service, reason, .. } if same(service) => {
            Some(Kind::Crashed(reason.clone()))
        }
        Event::Started { service, .. } if same(service) => Some(Kind::Started),
        Event::WorkFailed { service, reason, .. } if same(service) => {
            Some(Kind::Failed(reason.clone()))
        }
        Event::PublishFailed { service, reason, .. } if same(service) => {
            Some(Kind::PublishFailed(reason.clone()))
        }
        Event::RabbitMq(event) => match &spec.input {
            Input::Queue { queue, .. } => of_queue(queue, event),
            Input::Http { .. } | Input::Topic { .. } => None,
        },
        Event::Kafka(event) => match &spec.input {
            Input::Topic { group, .. } => of_group(group, event),
            Input::Http { .. } | Input::Queue { .. } => None,
        },
        _ => None,
    }
}

fn of_queue(name: &Rc<str>, event: &rabbitmq::Event) -> Option<Kind> {
    match event {
        rabbitmq::Event::Requeued { queue, .. } if queue == name => Some(Kind::Requeued),
        rabbitmq::Event::DeadLettered { queue, reason, .. } if queue == name => {
            Some(Kind::DeadLettered(reason.name()))
        }
        rabbitmq::Event::Expired { queue, .. } if queue == name => Some(Kind::Expired),
        _ => None,
    }
}

fn of_group(name: &Rc<str>, event: &kafka::Event) -> Option<Kind> {
    match event {
        kafka::Event::RebalanceStarted { group, reason } if group == name => {
            Some(Kind::Rebalance(reason))
        }
        kafka::Event::GenerationFormed { group, generation, members, .. } if group == name => {
            Some(Kind::Generation(*generation, *members))
        }
        _ => None,
    }
}

fn sentence(at: Instant, kind: &Kind, times: u64) -> Happening {
    let counted = |noun: &str| crate::ui::format::counted(times, noun);
    let (text, term, bad) = match kind {
        Kind::Commanded(command) => {
            (format!("You: {}.", command.replace(".0 %", " %")), None, false)
        }
        Kind::Crashed(reason) => {
            (format!("{} down: {reason}. Its connection closed.", counted("instance")), None, true)
        }
        Kind::Started => (format!("{} up.", counted("instance")), None, false),
        Kind::Failed(reason) => (format!("{} failed: {reason}.", counted("piece")), None, true),
        Kind::PublishFailed(reason) => {
            (format!("{} not published: {reason}.", counted("message")), None, true)
        }
        Kind::Requeued => (
            format!("{} went back to the head, marked ", counted("unacked message")),
            Some("redelivered"),
            false,
        ),
        Kind::DeadLettered(reason) => {
            (format!("{} dead-lettered: ", counted("message")), Some(*reason), true)
        }
        Kind::Expired => (format!("{} expired.", counted("message")), None, true),
        Kind::Rebalance(reason) => (format!("Its group rebalances: {reason}."), None, false),
        Kind::Generation(generation, members) => {
            let members = crate::ui::format::counted(u64::from(*members), "member");
            (format!("Generation {generation} formed with {members}."), None, false)
        }
    };
    Happening { at, text, term, bad }
}
