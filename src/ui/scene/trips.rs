//! Trips: the last moments of the trace as tokens on their way.
//!
//! Each event becomes a leg with a beginning and a length in wall time. A leg begins when its
//! event happened, but not before the leg of the same message that came before it is over; so a
//! message is never in two places, however short its real way was.

use rustc_hash::FxHashMap;

use crate::engine::rabbitmq::{self, ChannelId};
use crate::simulation::{Endpoint, Event, World};

use super::elections::{self, Election};
use super::layout::Layout;
use super::motion::{CROWD, Clock, HOP, SLIDE, STATE, in_out};
use super::token::{Form, Token, number_in};
use super::{Options, View, legs, trays};

/// How far back the trace is read: long enough for every leg that may still be drawn.
const WINDOW: f32 = 4.5 * HOP;
/// Beyond this many entries a frame would take too long; then flows are drawn instead of tokens.
pub(super) const ENTRIES: usize = 160 * CROWD;

/// Tokens nearer to each other than this become one blot.
const STEP: f32 = 9.0;
/// So few are never a crowd.
const FEW: usize = 6;
/// A tray has come to rest when nothing happened to it for so long: longer than any token that it
/// has to do with is on its way.
const REST: f32 = 5.0 * HOP;

/// Where a message can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Work(usize),
    Rung(usize),
    Dead(usize),
    /// Between its publisher and the exchange.
    Published,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// `next` is the age of the order's next call or answer.
    Call {
        from: Endpoint,
        to: Endpoint,
        answer: bool,
        next: Option<f32>,
    },
    Publish {
        service: usize,
    },
    Enqueued {
        queue: usize,
    },
    Delivered {
        queue: usize,
        channel: ChannelId,
        tag: u64,
        again: bool,
    },
    Acked {
        queue: usize,
        channel: ChannelId,
        tag: u64,
    },
    Requeued {
        queue: usize,
    },
    Moved {
        from: Place,
        to: Place,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Note {
    age: f32,
    order: u32,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    Call { from: Option<usize>, to: Option<usize>, answer: bool },
    Publish { service: usize },
    Bind { queue: usize },
    Take { queue: usize, slot: Option<(ChannelId, u64)> },
    Tick { queue: usize, slot: (ChannelId, u64) },
    GiveBack { queue: usize },
    Fall { queue: usize, to: Place },
    Return { rung: usize, queue: usize },
}

/// One token on one stretch of its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    pub token: Token,
    pub way: Way,
    /// How long ago it began.
    pub begun: f32,
    pub lasts: f32,
}

/// A commit of a group that is still sliding, or a record that a reader has just taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    pub order: u32,
    pub service: usize,
    pub age: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Commit {
    pub group: usize,
    pub partition: u32,
    pub offset: u64,
    pub age: f32,
}

/// What one frame reads from the trace. Kept between frames for its buffers alone.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    notes: Vec<Note>,
    pub(super) legs: Vec<Leg>,
    /// The age at which a message is where it was last seen going to; negative is still to come.
    free: FxHashMap<(u32, Place), (f32, Form)>,
    /// By order: the age of the call or answer that was noted last, which comes next in time.
    called: FxHashMap<u32, f32>,
    pub taken: Vec<Taken>,
    pub commits: Vec<Commit>,
    pub elections: Vec<Election>,
    /// By work queue: how far its line has still to close up, in places.
    pub closing: Vec<f32>,
    /// By work queue and by wire: more passes than single tokens can show.
    pub crowded: Vec<bool>,
    pub publishes_crowd: bool,
    pub calls_crowd: bool,
    pub reads_crowd: bool,
    /// By tray of dead letters: how long ago the last one arrived.
    pub fallen: Vec<f32>,
    pub truncated: bool,
}

impl Scratch {
    pub(super) fn read(&mut self, view: &View<'_>) {
        self.clear(view);
        let horizon = view.clock.ago(WINDOW.max(view.clock.recent()));
        let most = view.options.crowd.saturating_mul(ENTRIES / CROWD);
        for (count, entry) in view.world.trace().since(horizon).enumerate() {
            if count == most {
                self.truncated = true;
                break;
            }
            let age = view.clock.age(entry.at);
            elections::take(&mut self.elections, view.layout, age, &entry.event);
            if !view.clock.reduced {
                self.take(view, age, &entry.event);
            }
        }
        if view.clock.reduced {
            return;
        }
        self.count_crowds(view);
        let notes = std::mem::take(&mut self.notes);
        for index in (0..notes.len()).rev() {
            self.follow(view, &notes, index);
        }
        self.notes = notes;
    }

    fn clear(&mut self, view: &View<'_>) {
        self.notes.clear();
        self.legs.clear();
        self.free.clear();
        self.called.clear();
        self.taken.clear();
        self.commits.clear();
        self.elections.clear();
        self.closing.clear();
        self.closing.resize(view.layout.trays.len(), 0.0);
        self.crowded.clear();
        self.crowded.resize(view.layout.trays.len(), false);
        self.fallen.clear();
        self.fallen.resize(view.layout.dead.len(), f32::MAX);
        (self.publishes_crowd, self.calls_crowd) = (false, false);
        (self.reads_crowd, self.truncated) = (false, false);
    }

    /// Whether a message is on the wire of the binding that leads to a tray.
    pub(super) fn matches(&self, view: &View<'_>, queue: usize) -> bool {
        if view.clock.reduced || self.truncated {
            return trays::arrives(view, queue);
        }
        self.crowded[queue] || self.legs.iter().any(|leg| leg.way == Way::Bind { queue })
    }

    /// Notes an event of the trace if it moves something.
    fn take(&mut self, view: &View<'_>, age: f32, event: &Event) {
        match event {
            Event::Sent { order: Some(order), from, to, what } => {
                let what = match (*what, from) {
                    // An older one is over, and counts for no crowd.
                    ("request" | "response", _) if age < HOP.max(view.clock.recent()) => {
                        let (from, to, answer) = (*from, *to, *what == "response");
                        What::Call { from, to, answer, next: self.called.insert(*order, age) }
                    }
                    ("amqp method", Endpoint::Service { service, .. }) => {
                        What::Publish { service: usize::from(*service) }
                    }
                    _ => return,
                };
                self.notes.push(Note { age, order: *order, what });
            }
            Event::WorkStarted { order, service, attempt: 1, .. } => {
                let service = usize::from(*service);
                if view.layout.topology.group_of(service).is_some() {
                    self.taken.push(Taken { order: *order, service, age });
                }
            }
            Event::Kafka(crate::engine::kafka::Event::OffsetCommitted {
                group,
                partition,
                offset,
            }) if age < SLIDE => {
                let groups = &view.layout.topology.groups;
                if let Some(group) = groups.iter().position(|node| node.id == *group) {
                    let (partition, offset) = (partition.partition, *offset);
                    self.commits.push(Commit { group, partition, offset, age });
                }
            }
            Event::RabbitMq(event) => self.take_message(view, age, event),
            _ => {}
        }
    }

    fn take_message(&mut self, view: &View<'_>, age: f32, event: &rabbitmq::Event) {
        use rabbitmq::Event as E;
        let place = |name: &str| place_of(view.layout, name);
        let (message, what) = match event {
            E::Enqueued { queue, message, .. } => match place(queue) {
                Some(Place::Work(queue)) => (message, What::Enqueued { queue }),
                _ => return,
            },
            E::Delivered { queue, channel, delivery_tag, redelivered, message, .. } => {
                let Some(Place::Work(queue)) = place(queue) else {
                    return;
                };
                let (channel, tag, again) = (*channel, *delivery_tag, *redelivered);
                (message, What::Delivered { queue, channel, tag, again })
            }
            E::Acked { queue, channel, delivery_tag, message } => {
                let Some(Place::Work(queue)) = place(queue) else {
                    return;
                };
                (message, What::Acked { queue, channel: *channel, tag: *delivery_tag })
            }
            E::Requeued { queue, message, .. } => {
                let Some(Place::Work(queue)) = place(queue) else {
                    return;
                };
                (message, What::Requeued { queue })
            }
            E::DeadLettered { queue, queues, message, .. } => {
                let to = queues.first().and_then(|name| place(name));
                let (Some(from), Some(to)) = (place(queue), to) else {
                    return;
                };
                (message, What::Moved { from, to })
            }
            _ => return,
        };
        let key = message.correlation_id.as_deref().map(str::as_bytes);
        let Some(order) = key.and_then(number_in) else {
            return;
        };
        self.notes.push(Note { age, order, what });
    }

    fn count_crowds(&mut self, view: &View<'_>) {
        let (mut publishes, mut calls, crowd) = (0, 0, view.options.crowd);
        let recent = view.clock.recent();
        for queue in 0..self.crowded.len() {
            let enqueued = self
                .notes
                .iter()
                .filter(|note| note.age < recent && note.what == What::Enqueued { queue });
            // On a short wire fewer tokens have room beside each other.
            let room =
                legs::way_in(view, queue).map_or(CROWD, |track| (track.length() / STEP) as usize);
            let room = room.clamp(FEW, CROWD) * crowd / CROWD;
            self.crowded[queue] = self.truncated || enqueued.count() > room;
        }
        for note in self.notes.iter().filter(|note| note.age < recent) {
            match note.what {
                What::Publish { .. } => publishes += 1,
                What::Call { .. } => calls += 1,
                _ => {}
            }
        }
        let taken = self.taken.iter().filter(|taken| taken.age < recent).count();
        self.publishes_crowd = self.truncated || publishes > 3 * crowd;
        self.calls_crowd = self.truncated || calls > 3 * crowd;
        self.reads_crowd = self.truncated || taken > 2 * crowd;
    }

    /// True while a message is still on its way to where the world has it already.
    pub(super) fn busy(&self, order: u32, place: Place) -> bool {
        self.free.get(&(order, place)).is_some_and(|(free, _)| *free < 0.0)
    }

    /// Adds a leg behind those that the message has behind it; without a form it keeps the one it
    /// has. Tells how long ago the leg began.
    fn leg(
        &mut self,
        order: u32,
        form: Option<Form>,
        way: Way,
        (after, ends): (Place, Place),
        (age, lasts): (f32, f32),
    ) -> f32 {
        let before = self.free.get(&(order, after)).copied();
        let begun = before.map_or(age, |(free, _)| age.min(free));
        let form = form.or(before.map(|it| it.1)).unwrap_or(Form::Fresh);
        self.free.insert((order, ends), (begun - lasts, form));
        if after != ends {
            self.free.insert((order, after), (begun, form));
        }
        if (0.0..lasts).contains(&begun) {
            self.legs.push(Leg { token: Token::fresh(order).with(form), way, begun, lasts });
        }
        begun
    }

    /// Turns a note into a leg; notes come oldest first.
    fn follow(&mut self, view: &View<'_>, notes: &[Note], index: usize) {
        let Note { age, order, what } = notes[index];
        match what {
            What::Call { from, to, answer, next } if !self.calls_crowd => {
                let lasts = next.map_or(HOP, |next| ((age - next) * 0.8).clamp(90.0, HOP));
                if age < lasts {
                    let way = Way::Call { from: service_of(from), to: service_of(to), answer };
                    self.legs.push(Leg { token: Token::fresh(order), way, begun: age, lasts });
                }
            }
            What::Publish { service } if !self.publishes_crowd => {
                let there = Place::Published;
                let free = self.free.get(&(order, there));
                if free.is_none_or(|(free, _)| (free + HOP - age).abs() > 1.0) {
                    let way = Way::Publish { service };
                    self.leg(order, Some(Form::Fresh), way, (there, there), (age, HOP));
                }
            }
            What::Enqueued { queue } if !self.crowded[queue] => {
                let there = Place::Work(queue);
                let near = &notes[index.saturating_sub(4)..(index + 5).min(notes.len())];
                let moved = near.iter().any(|it| {
                    let to = matches!(it.what, What::Moved { to, .. } if to == there);
                    it.order == order && to && (it.age - age).abs() < 0.01
                });
                if !moved {
                    let published = self.free.get(&(order, Place::Published));
                    let age = published.map_or(age, |it| age.min(it.0));
                    let way = Way::Bind { queue };
                    self.leg(order, Some(Form::Fresh), way, (there, there), (age, HOP));
                }
            }
            What::Delivered { queue, channel, tag, again } if !self.crowded[queue] => {
                let there = Place::Work(queue);
                let way = Way::Take { queue, slot: Some((channel, tag)) };
                let form = again.then_some(Form::Tried(None));
                let begun = self.leg(order, form, way, (there, there), (age, SLIDE));
                if begun > 0.0 {
                    self.closing[queue] += 1.0 - in_out(begun / SLIDE);
                }
                if (0.0..SLIDE).contains(&begun)
                    && let Some(known) = trays::token_in_hand(view, queue, channel, tag)
                    && let Some(leg) = self.legs.last_mut()
                {
                    leg.token = known;
                }
            }
            What::Acked { queue, channel, tag } if !self.crowded[queue] => {
                let there = Place::Work(queue);
                let way = Way::Tick { queue, slot: (channel, tag) };
                self.leg(order, None, way, (there, there), (age, STATE));
            }
            What::Requeued { queue } if !self.crowded[queue] => {
                let there = Place::Work(queue);
                let way = Way::GiveBack { queue };
                self.leg(order, Some(Form::Tried(None)), way, (there, there), (age, HOP));
            }
            What::Moved { from, to } => self.move_on(order, from, to, age),
            _ => {}
        }
    }

    /// A dead letter: down to a waiting tray or to the dead letters, or back from waiting.
    fn move_on(&mut self, order: u32, from: Place, to: Place, age: f32) {
        let (tried, ends) = (Some(Form::Tried(None)), (from, to));
        match ends {
            (Place::Work(queue), Place::Rung(_)) => {
                self.leg(order, tried, Way::Fall { queue, to }, ends, (age, HOP));
            }
            (Place::Work(queue), Place::Dead(dead)) => {
                let way = Way::Fall { queue, to };
                let landed = self.leg(order, Some(Form::GivenUp), way, ends, (age, HOP)) - HOP;
                if landed >= 0.0 {
                    self.fallen[dead] = self.fallen[dead].min(landed);
                }
            }
            (Place::Rung(rung), Place::Work(queue)) => {
                self.leg(order, tried, Way::Return { rung, queue }, ends, (age, 1.5 * HOP));
            }
            _ => {}
        }
    }
}

pub(super) fn service_of(end: Endpoint) -> Option<usize> {
    match end {
        Endpoint::Service { service, .. } => Some(usize::from(service)),
        Endpoint::Buyer | Endpoint::Kafka | Endpoint::RabbitMq => None,
    }
}

/// The tray that a queue lies in.
pub(super) fn place_of(layout: &Layout, name: &str) -> Option<Place> {
    let holds = |tray: &super::Tray| tray.queues.iter().any(|queue| &**queue == name);
    let work = layout.trays.iter().position(holds).map(Place::Work);
    work.or_else(|| layout.rungs.iter().position(holds).map(Place::Rung))
        .or_else(|| layout.dead.iter().position(holds).map(Place::Dead))
}

/// By work tray: whether no token is on its way to it or from it.
pub fn at_rest(world: &World, layout: &Layout, options: &Options) -> Vec<bool> {
    let clock = Clock::new(world.now(), options);
    let mut rest = vec![true; layout.trays.len()];
    if clock.reduced {
        return rest;
    }
    for entry in world.trace().since(clock.ago(REST)).take(ENTRIES) {
        use rabbitmq::Event as E;
        if let Event::RabbitMq(
            E::Enqueued { queue, .. }
            | E::Delivered { queue, .. }
            | E::Acked { queue, .. }
            | E::Requeued { queue, .. }
            | E::DeadLettered { queue, .. },
        ) = &entry.event
            && let Some(tray) = layout.trays.iter().position(|tray| tray.queues.contains(queue))
        {
            rest[tray] = false;
        }
    }
    rest
}
