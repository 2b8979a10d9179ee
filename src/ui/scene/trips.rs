//! Trips: the last moments of the trace as tokens on their way.
//!
//! Each note becomes a leg with a beginning and an end in virtual time, and a length in wall time.
//! A leg begins when its event happened, but not before the leg of the same message that came
//! before it is over; so a message is never in two places, however short its real way was.

use std::rc::Rc;

use crate::engine::{Instant, rabbitmq};
use crate::simulation::{Event, World};

use super::elections::{self, Election};
use super::layout::Layout;
use super::motion::{CROWD, Clock, FLASH, HOP, SLIDE, STATE, in_out};
use super::notes::{Note, Notes, Place, Way, What};
use super::token::{Form, Token};
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

/// One token on one stretch of its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    pub token: Token,
    pub way: Way,
    /// How much of the time that it takes is over.
    pub t: f32,
}

/// A record that a reader has just taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    pub order: u32,
    pub service: usize,
    pub age: f32,
}

/// A commit of a group that is still sliding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Commit {
    pub group: usize,
    pub partition: u32,
    pub offset: u64,
    pub age: f32,
}

/// More passes than single tokens can show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crowds {
    /// By work queue and its wires.
    pub trays: Vec<bool>,
    pub publishes: bool,
    pub calls: bool,
    pub reads: bool,
}

/// What one frame knows of the last moments. All but the notes is worked out anew for each frame,
/// and what the notes say is the same as if they were read anew.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    notes: Notes,
    read: Read,
    pub(super) legs: Vec<Leg>,
    pub taken: Vec<Taken>,
    pub commits: Vec<Commit>,
    pub elections: Vec<Election>,
    /// By work queue: how far its line has still to close up, in places.
    pub closing: Vec<f32>,
    pub crowds: Crowds,
    /// By tray of dead letters: how long ago the last one arrived.
    pub fallen: Vec<f32>,
    pub truncated: bool,
}

/// What the notes were read from.
#[derive(Clone, Debug, Default)]
struct Read {
    /// How many entries the trace had, and its hash.
    entries: u64,
    hash: u64,
    layout: Option<Rc<Layout>>,
    /// What a leg's times depend on.
    terms: Option<(f64, bool, bool, usize)>,
}

impl Scratch {
    pub(super) fn read(&mut self, view: &View<'_>) {
        self.renew(view);
        let crowds = std::mem::take(&mut self.crowds);
        self.count(view);
        if self.crowds != crowds {
            self.notes.call_all();
        }
        while let Some(oldest) = self.notes.next_due() {
            self.follow(view, oldest);
        }
        self.set_out(view);
    }

    /// Whether a message is on the wire of the binding that leads to a tray.
    pub(super) fn matches(&self, view: &View<'_>, queue: usize) -> bool {
        if view.clock.reduced || self.truncated {
            return trays::arrives(view, queue);
        }
        self.crowds.trays[queue] || self.legs.iter().any(|leg| leg.way == Way::Bind { queue })
    }

    /// True while a message is still on its way to where the world has it already.
    pub(super) fn busy(&self, view: &View<'_>, order: u32, place: Place) -> bool {
        let left = self.notes.left(self.notes.newest(order), order, place);
        left.is_some_and(|(free, _)| free > view.world.now())
    }

    /// Brings the notes up to the present: reads what is new, or all if they tell of another run.
    fn renew(&mut self, view: &View<'_>) {
        let (trace, read) = (view.world.trace(), &mut self.read);
        let most = view.options.crowd.saturating_mul(ENTRIES / CROWD) as u64;
        let terms = Some(view.options.terms());
        let same = read.layout.as_ref().is_some_and(|it| Rc::ptr_eq(it, view.layout));
        let fresh = trace.len().checked_sub(read.entries);
        let goes_on = fresh.is_some_and(|fresh| fresh <= most)
            && same
            && read.terms == terms
            && trace.goes_on(read.entries, read.hash);
        if !goes_on {
            self.notes.clear();
            *read = Read { layout: Some(view.layout.clone()), terms, ..Read::default() };
        }
        let horizon = view.clock.ago(WINDOW.max(view.clock.recent()));
        let first = trace.len().saturating_sub(most);
        self.truncated = first > 0 && trace.get(first - 1).is_some_and(|entry| entry.at > horizon);
        self.notes.forget(first, horizon);
        let open = trace.len() - read.entries.max(first);
        let new = trace.since(horizon).take(open as usize).count() as u64;
        let numbers = trace.len() - new..;
        for (number, entry) in numbers.zip(trace.after(trace.len() - new)) {
            self.notes.add(view, number, entry.at, &entry.event);
        }
        (read.entries, read.hash) = (trace.len(), trace.hash());
    }

    /// Counts what is new on the wires, and lists what is drawn off them.
    fn count(&mut self, view: &View<'_>) {
        let (crowd, recent) = (view.options.crowd, view.clock.recent());
        let (recent, last) = (view.clock.ago(recent), view.clock.ago(recent.max(2.0 * HOP)));
        let (mut publishes, mut calls, mut reads) = (0, 0, 0);
        let mut enqueued = vec![0; view.layout.trays.len()];
        self.taken.clear();
        self.commits.clear();
        self.elections.clear();
        for note in self.notes.iter().take_while(|note| note.at > last) {
            let new = usize::from(note.at > recent);
            let age = || view.clock.age(note.at);
            match note.what {
                What::Goes(Way::Publish { .. }) => publishes += new,
                What::Goes(Way::Call { .. }) => calls += new,
                What::Goes(Way::Bind { queue }) => enqueued[queue] += new,
                What::Goes(_) => {}
                What::Taken { service } => {
                    reads += new;
                    self.taken.push(Taken { order: note.token.order, service, age: age() });
                }
                What::Committed { group, partition, offset } if age() < SLIDE => {
                    self.commits.push(Commit { group, partition, offset, age: age() });
                }
                What::Committed { .. } => {}
                What::Elected { .. } | What::Stopped { .. } => {
                    elections::take(&mut self.elections, age(), note.what);
                }
            }
        }
        let all = self.truncated && !view.clock.reduced;
        let trays = enqueued.into_iter().enumerate();
        self.crowds = Crowds {
            trays: trays.map(|(queue, count)| all || count > room(view, queue)).collect(),
            publishes: all || publishes > 3 * crowd,
            calls: all || calls > 3 * crowd,
            reads: all || reads > 2 * crowd,
        };
    }

    /// Works out where an order's token is when, from its oldest note on.
    fn follow(&mut self, view: &View<'_>, mut place: usize) {
        while let Some(note) = self.notes.get(place) {
            let never = (Instant::ZERO, 0.0, Form::Fresh);
            let (newer, leg) = (note.newer, self.leg(view, note));
            let (begins, lasts, form) = leg.unwrap_or(never);
            let ends = begins + view.clock.span(lasts);
            // Where a message is given up, the tray flashes.
            let glows = if form == Form::GivenUp { FLASH } else { 0.0 };
            self.notes.set(place, form, (begins, ends), ends + view.clock.span(glows));
            place = newer;
        }
    }

    /// When the leg of a note begins, how long it lasts, and the form of its token; `None` if it
    /// is not drawn.
    fn leg(&self, view: &View<'_>, note: &Note) -> Option<(Instant, f32, Form)> {
        let What::Goes(way) = note.what else {
            return None;
        };
        let (clock, mut at) = (view.clock, note.at);
        let crowds = &self.crowds;
        let crowded = match way {
            Way::Call { .. } => crowds.calls,
            Way::Publish { .. } => crowds.publishes,
            Way::Bind { queue }
            | Way::Take { queue, .. }
            | Way::Tick { queue, .. }
            | Way::GiveBack { queue } => crowds.trays[queue],
            Way::Move { .. } => false,
        };
        if crowded {
            return None;
        }
        let left = |place| self.notes.left(note.older, note.token.order, place);
        let published = left(Place::Published);
        let lasts = match way {
            Way::Call { .. } => {
                let is_call = |it: &&Note| matches!(it.what, What::Goes(Way::Call { .. }));
                let next = self.notes.behind(note).find(is_call);
                next.map_or(HOP, |next| (clock.between(at, next.at) * 0.8).clamp(90.0, HOP))
            }
            Way::Publish { .. } => {
                // Several that were published at once are one token.
                let since = published.map(|(free, _)| clock.between(free, at) + HOP);
                if since.is_some_and(|since| since.abs() <= 1.0) {
                    return None;
                }
                HOP
            }
            Way::Bind { queue } => {
                if self.is_moved(view, note, queue) {
                    return None;
                }
                at = published.map_or(at, |(free, _)| at.max(free));
                HOP
            }
            Way::Take { .. } => SLIDE,
            Way::Tick { .. } => STATE,
            Way::GiveBack { .. } => HOP,
            Way::Move { from: Place::Work(_), to: Place::Rung(_) | Place::Dead(_) } => HOP,
            Way::Move { from: Place::Rung(_), to: Place::Work(_) } => 1.5 * HOP,
            Way::Move { .. } => return None,
        };
        let before = way.ends().and_then(|(after, _)| left(after));
        let begins = before.map_or(at, |(free, _)| at.max(free));
        let form = note.told.or(before.map(|(_, form)| form)).unwrap_or(Form::Fresh);
        Some((begins, lasts, form))
    }

    /// Whether a message came to a queue as a dead letter, which is a leg of its own.
    fn is_moved(&self, view: &View<'_>, note: &Note, queue: usize) -> bool {
        let near = |it: &&Note| view.clock.between(it.at, note.at).abs() < 0.01;
        let there = Place::Work(queue);
        let moves = |it: &Note| matches!(it.what, What::Goes(Way::Move { to, .. }) if to == there);
        self.notes.before(note).take_while(near).any(moves)
            || self.notes.behind(note).take_while(near).any(moves)
    }

    /// Lists the tokens that are on their way, the oldest note first.
    fn set_out(&mut self, view: &View<'_>) {
        let (clock, now) = (view.clock, view.world.now());
        self.legs.clear();
        self.closing.clear();
        self.closing.resize(view.layout.trays.len(), 0.0);
        self.fallen.clear();
        self.fallen.resize(view.layout.dead.len(), f32::MAX);
        self.notes.seen(now).for_each(|note| {
            let (What::Goes(way), mut token) = (note.what, note.token) else {
                return;
            };
            if note.ends <= now {
                if let Way::Move { from: Place::Work(_), to: Place::Dead(dead) } = way {
                    self.fallen[dead] = self.fallen[dead].min(clock.age(note.ends));
                }
                return;
            }
            if note.begins > now {
                return;
            }
            let t = clock.age(note.begins) / clock.between(note.begins, note.ends);
            if let Way::Take { queue, slot } = way {
                if t > 0.0 {
                    self.closing[queue] += 1.0 - in_out(t);
                }
                let acked = Way::Tick { queue, slot };
                let acks = |it: &Note| matches!(it.what, What::Goes(way) if way == acked);
                if !self.notes.behind(note).any(acks) {
                    token = trays::token_in_hand(view, queue, slot).unwrap_or(token);
                }
            }
            self.legs.push(Leg { token, way, t });
        });
    }
}

/// How many tokens have room beside each other on the wire to a tray.
fn room(view: &View<'_>, queue: usize) -> usize {
    let room = legs::way_in(view, queue).map_or(CROWD, |track| (track.length() / STEP) as usize);
    room.clamp(FEW, CROWD) * view.options.crowd / CROWD
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
