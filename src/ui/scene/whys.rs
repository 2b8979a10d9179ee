//! Why something was refused, dropped, doubled or given up: a badge at the place where it
//! happened, for a short time, in the words of the protocol.
//!
//! Badges are read off the trace, so rewinding shows them again. Each place has one: the newest
//! reason, and how many came before it.

use std::rc::Rc;

use crate::engine::{kafka, rabbitmq};
use crate::simulation::{Endpoint, Event, World};

use super::Options;
use super::geometry::{Point, Rect, at};
use super::layout::Layout;
use super::motion::Clock;
use super::notes::{Place, place_of, service_of};
use super::trips::ENTRIES;

/// How long a badge stays, in milliseconds of wall time.
const STAYS: f32 = 2_500.0;
/// More badges at once say nothing.
const MOST: usize = 8;
const HEIGHT: f32 = 16.0;
const LETTER: f32 = 6.7;
const WIDEST: f32 = 300.0;

/// What kind of thing happened, which decides the colour of its badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyKind {
    Refused,
    /// It came again.
    Again,
    /// Somebody is no longer who may write or commit.
    Fenced,
}

impl WhyKind {
    pub fn class(self) -> &'static str {
        match self {
            WhyKind::Refused => "refused",
            WhyKind::Again => "again",
            WhyKind::Fenced => "fenced",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    pub kind: WhyKind,
    /// The name of the place.
    pub place: Rc<str>,
    pub reason: Rc<str>,
    /// How many came before this one.
    pub more: u32,
    pub rect: Rect,
    spot: Spot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    /// Where producers come to a topic.
    Door(usize),
    /// At the pens of a topic.
    Pen(usize),
    Card(usize),
    Exchange(usize),
    Tray(Place),
}

/// The badges of the present moment, none over another one.
pub fn whys(world: &World, layout: &Layout, options: &Options) -> Vec<Why> {
    let clock = Clock::new(world.now(), options);
    let mut reader = Reader { world, layout, found: None, whys: Vec::new() };
    for entry in world.trace().since(clock.ago(STAYS)).take(ENTRIES) {
        reader.read(&entry.event);
    }
    let mut whys = reader.whys;
    for index in 0..whys.len() {
        let mut rect = rect(layout, &whys[index]);
        let left = rect.x;
        while let Some(other) = whys[..index].iter().find(|other| other.rect.overlaps(&rect)) {
            rect.x = other.rect.right() + 2.0;
            if rect.right() > layout.width - 4.0 {
                rect = Rect { x: left, y: rect.y + HEIGHT + 2.0, ..rect };
            }
        }
        whys[index].rect = rect;
    }
    whys
}

struct Reader<'a> {
    world: &'a World,
    layout: &'a Layout,
    /// What the referee said of an effect; the effect itself, which is older, comes next.
    found: Option<(u32, Rc<str>)>,
    whys: Vec<Why>,
}

impl Reader<'_> {
    fn add(&mut self, spot: Option<Spot>, kind: WhyKind, reason: impl Into<Rc<str>>) {
        let Some((spot, place)) = spot.and_then(|spot| Some((spot, self.name(spot)?))) else {
            return;
        };
        if let Some(why) = self.whys.iter_mut().find(|why| why.spot == spot) {
            why.more += 1;
        } else if self.whys.len() < MOST {
            let rect = Rect::default();
            self.whys.push(Why { kind, place, reason: reason.into(), more: 0, rect, spot });
        }
    }

    fn read(&mut self, event: &Event) {
        use WhyKind::{Again, Refused};
        let card = |service: &u16| Some(Spot::Card(usize::from(*service)));
        let found = self.found.take();
        match event {
            Event::Kafka(event) => self.kafka(event),
            Event::RabbitMq(event) => self.rabbitmq(event),
            Event::PublishFailed { topic, reason, .. } => {
                // Of a schema refusal the field is what matters, and its subject is the topic's.
                let words = reason.split_once(": ").map_or(&**reason, |(_, field)| field);
                let schema = reason.starts_with("does not fit");
                self.add(
                    self.tape(topic).map(Spot::Door),
                    Refused,
                    if schema { words } else { reason },
                );
            }
            Event::Refused { error, .. } => {
                let reason = error.split(" - ").next().unwrap_or_default();
                self.add(self.named_in(error), Refused, reason);
            }
            Event::InVain { reason, .. } => {
                // What is in vain is asked of Kafka or of the registry beside it.
                let tapes = &self.layout.tapes;
                let named = tapes.iter().position(|tape| reason.contains(&*tape.name));
                self.add(Some(Spot::Door(named.unwrap_or(0))), Refused, reason.clone());
            }
            Event::CallRejected { service, reason, .. }
            | Event::CallShed { service, reason, .. }
            | Event::GivenUp { service, reason, .. } => {
                self.add(card(service), Refused, reason.clone());
            }
            Event::ReadFailed { service, error, .. } => self.add(card(service), Refused, *error),
            Event::Dropped { to: Endpoint::Service { service, .. }, .. } => {
                self.add(card(service), Refused, "connection refused");
            }
            Event::LostOnLink { from, to, what, .. } => {
                let end = [to, from].into_iter().find_map(|end| service_of(*end));
                self.add(end.map(Spot::Card), Refused, format!("{what} lost"));
            }
            Event::Skipped { service, .. } => self.add(card(service), Again, "duplicate, skipped"),
            Event::Recognised { service, .. } => {
                self.add(card(service), Again, "idempotency key known");
            }
            Event::Found { order, finding } => self.found = Some((*order, finding.clone())),
            Event::Effected { order, service, .. } => {
                if let Some((_, finding)) = found.filter(|found| found.0 == *order) {
                    self.add(card(service), Again, finding);
                }
            }
            _ => {}
        }
    }

    fn kafka(&mut self, event: &kafka::Event) {
        use kafka::Event as E;
        let pen = |at: &kafka::TopicPartition| self.tape(&at.topic).map(Spot::Pen);
        match event {
            E::AppendRefused { partition, error } => {
                self.add(pen(partition), WhyKind::Refused, error.name());
            }
            E::DuplicateIgnored { partition, .. } => {
                self.add(pen(partition), WhyKind::Again, "duplicate sequence number");
            }
            E::LeaderElected { partition, broker: None, .. } => {
                self.add(pen(partition), WhyKind::Refused, "LEADER_NOT_AVAILABLE");
            }
            E::Truncated { partition, lost, .. } if !lost.is_empty() => {
                let words = format!("truncated, {} lost", lost.len());
                self.add(pen(partition), WhyKind::Refused, words);
            }
            E::CommitRefused { group, error, .. } => {
                let groups = &self.layout.topology.groups;
                let node = groups.iter().find(|node| node.id == *group);
                let card = node.and_then(|node| node.services.first()).copied().map(Spot::Card);
                self.add(card, WhyKind::Fenced, error.name());
            }
            E::ProducerFenced { transactional_id, epoch, .. } => {
                let id = transactional_id.rsplit_once('-').map(|(id, _)| id);
                let services = self.world.services();
                let service = services.iter().position(|one| Some(&*one.spec.id) == id);
                let words = format!("PRODUCER_FENCED below epoch {epoch}");
                self.add(service.map(Spot::Card), WhyKind::Fenced, words);
            }
            _ => {}
        }
    }

    fn rabbitmq(&mut self, event: &rabbitmq::Event) {
        use rabbitmq::Event as E;
        let tray = |queue: &str| place_of(self.layout, queue).map(Spot::Tray);
        match event {
            E::Dropped { queue, reason, .. } => {
                self.add(tray(queue), WhyKind::Refused, reason.name());
            }
            E::Delivered { queue, redelivered: true, .. } => {
                self.add(tray(queue), WhyKind::Again, "redelivered");
            }
            E::DeadLettered { queue, reason, queues, .. } => {
                let to = queues.first().and_then(|to| place_of(self.layout, to));
                let place = match to {
                    Some(Place::Dead(_)) => to.map(Spot::Tray),
                    // Back from where it waited: nothing went wrong.
                    Some(Place::Work(_)) => None,
                    _ => tray(queue),
                };
                self.add(place, WhyKind::Refused, reason.name());
            }
            E::Unroutable { exchange, returned, .. } => {
                let spots = &self.layout.exchanges;
                let spot = spots.iter().position(|spot| spot.name == *exchange);
                let words = if *returned { "312 NO_ROUTE" } else { "unroutable, dropped" };
                self.add(spot.map(Spot::Exchange), WhyKind::Refused, words);
            }
            _ => {}
        }
    }

    fn tape(&self, topic: &str) -> Option<usize> {
        self.layout.tapes.iter().position(|tape| *tape.name == *topic)
    }

    /// The queue or exchange that a refusal speaks of; without one, the first exchange or queue.
    fn named_in(&self, error: &str) -> Option<Spot> {
        let layout = self.layout;
        let quoted = |name: &str| error.contains(&format!("'{name}'"));
        let work = layout.trays.iter().position(|tray| quoted(&tray.queues[0]));
        let spot = layout.exchanges.iter().position(|spot| quoted(&spot.name));
        let first = (!layout.trays.is_empty()).then_some(Spot::Tray(Place::Work(0)));
        work.map(|queue| Spot::Tray(Place::Work(queue))).or(spot.map(Spot::Exchange)).or(first)
    }

    /// The name of a place that the layout has.
    fn name(&self, spot: Spot) -> Option<Rc<str>> {
        let layout = self.layout;
        match spot {
            Spot::Door(tape) | Spot::Pen(tape) => Some(layout.tapes.get(tape)?.name.clone()),
            Spot::Card(service) => Some(self.world.services().get(service)?.spec.id.clone()),
            Spot::Exchange(index) => Some(layout.exchanges.get(index)?.name.clone()),
            Spot::Tray(place) => Some(tray(layout, place)?.queues.first()?.clone()),
        }
    }
}

fn tray(layout: &Layout, place: Place) -> Option<&super::Tray> {
    match place {
        Place::Work(index) => layout.trays.get(index),
        Place::Rung(index) => layout.rungs.get(index),
        Place::Dead(index) => layout.dead.get(index),
        Place::Published => None,
    }
}

/// Where a badge stands if nothing is in its way.
fn rect(layout: &Layout, why: &Why) -> Rect {
    let more = if why.more > 0 { 3 + why.more.to_string().len() } else { 0 };
    let letters = (why.reason.chars().count() + more) as f32;
    let width = (letters * LETTER + 12.0).min(WIDEST).min(layout.width - 8.0);
    let corner = match why.spot {
        Spot::Door(tape) => {
            let tape = &layout.tapes[tape];
            at(tape.title.x, tape.rect.y - HEIGHT - 2.0)
        }
        Spot::Pen(tape) => {
            let tape = &layout.tapes[tape];
            at(tape.pen_x - 6.0 - width, tape.rect.center().y - HEIGHT / 2.0)
        }
        Spot::Card(service) => layout
            .card(service)
            .map_or(Point::default(), |card| at(card.rect.x + 8.0, card.rect.y - 10.0)),
        Spot::Exchange(index) => {
            let spot = &layout.exchanges[index];
            at(spot.center.x - width / 2.0, spot.center.y - spot.radius - HEIGHT - 4.0)
        }
        Spot::Tray(place) => {
            tray(layout, place).map_or(Point::default(), |it| at(it.rect.x + 8.0, it.rect.y - 14.0))
        }
    };
    let x = corner.x.clamp(4.0, (layout.width - width - 4.0).max(4.0));
    Rect::new(x, corner.y.max(0.0), width, HEIGHT)
}
