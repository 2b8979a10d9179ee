//! Notes: what the last moments of the trace tell of movements.
//!
//! They are kept from frame to frame, so that a frame reads only what has happened since the last
//! one. The notes of one order are chained: they alone decide where its token is, so an order is
//! due to be followed anew when a note of it comes or goes. A few orders share each chain.

use crate::engine::rabbitmq::{self, ChannelId, Identity};
use crate::engine::{Instant, kafka};
use crate::simulation::{Endpoint, Event};

use super::View;
use super::layout::Layout;
use super::token::{Form, Token, number_in};

/// Where a message can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Work(usize),
    Rung(usize),
    Dead(usize),
    /// Between its publisher and the exchange.
    Published,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    Call {
        from: Option<usize>,
        to: Option<usize>,
        answer: bool,
    },
    Publish {
        service: usize,
    },
    Bind {
        queue: usize,
    },
    Take {
        queue: usize,
        slot: (ChannelId, u64),
    },
    Tick {
        queue: usize,
        slot: (ChannelId, u64),
    },
    GiveBack {
        queue: usize,
    },
    /// A dead letter: down to a waiting tray or to the dead letters, or back from waiting.
    Move {
        from: Place,
        to: Place,
    },
}

impl Way {
    /// Where a message is before and after.
    pub fn ends(self) -> Option<(Place, Place)> {
        match self {
            Way::Call { .. } => None,
            Way::Publish { .. } => Some((Place::Published, Place::Published)),
            Way::Bind { queue }
            | Way::Take { queue, .. }
            | Way::Tick { queue, .. }
            | Way::GiveBack { queue } => Some((Place::Work(queue), Place::Work(queue))),
            Way::Move { from, to } => Some((from, to)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Goes(Way),
    /// A reader took a record.
    Taken {
        service: usize,
    },
    Committed {
        group: usize,
        partition: u32,
        offset: u64,
    },
    Elected {
        tape: usize,
        partition: u32,
    },
    /// A broker's end.
    Stopped {
        broker: u32,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    /// How many entries of the trace came before its own.
    number: u64,
    pub at: Instant,
    pub what: What,
    /// The form that the message takes on, if that is told.
    pub told: Option<Form>,
    pub token: Token,
    /// When the token sets out and when it is there: never, if it is not drawn.
    pub begins: Instant,
    pub ends: Instant,
    /// The places of its neighbours in the chain; they may be gone.
    pub older: usize,
    pub newer: usize,
}

/// Orders with the same rest when divided by so many share a chain of notes.
const CHAINS: usize = 1 << 14;

#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    newest: usize,
    due: bool,
}

/// A note is named by its place: how many came before it, those that are gone as well.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// The oldest first; the first few are gone.
    kept: Vec<Note>,
    /// By note: until when it is in the picture. Most are over, and to tell that by the notes
    /// themselves would be to read megabytes in each frame.
    until: Vec<Instant>,
    few: usize,
    /// The place of the first.
    start: usize,
    chains: Vec<Chain>,
    due: Vec<usize>,
}

impl Notes {
    pub fn clear(&mut self) {
        // Place 0 is nobody's.
        self.start = self.start.max(1);
        self.chains.resize(CHAINS, Chain::default());
        self.few = self.kept.len();
        self.tidy();
    }

    /// The newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.kept[self.few..].iter().rev()
    }

    pub fn get(&self, place: usize) -> Option<&Note> {
        let index = place.checked_sub(self.start)?;
        self.kept.get(index).filter(|_| index >= self.few)
    }

    /// The notes that are in the picture at a moment, the oldest first.
    pub fn seen(&self, now: Instant) -> impl Iterator<Item = &Note> {
        let all = self.kept.iter().zip(&self.until);
        all.skip(self.few).filter(move |(_, until)| **until > now).map(|(note, _)| note)
    }

    /// Says when the token of a note is on its way, and until when it is in the picture.
    pub fn set(
        &mut self,
        place: usize,
        form: Form,
        (begins, ends): (Instant, Instant),
        until: Instant,
    ) {
        let index = place - self.start;
        let note = &mut self.kept[index];
        (note.begins, note.ends, note.token.form) = (begins, ends, form);
        self.until[index] = until;
    }

    /// The notes of an order from a place on, the newest first.
    fn back(&self, place: usize, order: u32) -> impl Iterator<Item = &Note> {
        let all = std::iter::successors(self.get(place), |note| self.get(note.older));
        all.filter(move |note| note.token.order == order)
    }

    pub fn before(&self, note: &Note) -> impl Iterator<Item = &Note> {
        self.back(note.older, note.token.order)
    }

    pub fn behind(&self, note: &Note) -> impl Iterator<Item = &Note> {
        let order = note.token.order;
        let all = std::iter::successors(self.get(note.newer), |note| self.get(note.newer));
        all.filter(move |note| note.token.order == order)
    }

    /// When a message was last free to leave a place, by the notes from one on back, and its form.
    pub fn left(&self, from: usize, order: u32, place: Place) -> Option<(Instant, Form)> {
        self.back(from, order).find_map(|note| {
            let What::Goes(way) = note.what else {
                return None;
            };
            let (after, ends) = way.ends().filter(|_| note.ends > Instant::ZERO)?;
            let free = match place {
                _ if place == ends => note.ends,
                _ if place == after => note.begins,
                _ => return None,
            };
            Some((free, note.token.form))
        })
    }

    pub fn newest(&self, order: u32) -> usize {
        self.chains[order as usize % CHAINS].newest
    }

    /// Notes an entry of the trace if it tells of something that moves.
    pub fn add(&mut self, view: &View<'_>, number: u64, at: Instant, event: &Event) {
        let Some((order, told, what)) = told(view.layout, event) else {
            return;
        };
        let still = matches!(what, What::Elected { .. } | What::Stopped { .. });
        if view.clock.reduced && !still {
            return;
        }
        let place = self.start + self.kept.len();
        let (token, begins, ends) = (Token::fresh(order), Instant::ZERO, Instant::ZERO);
        let chain = &mut self.chains[order as usize % CHAINS];
        let older = std::mem::replace(&mut chain.newest, place);
        if let Some(older) = older.checked_sub(self.start).and_then(|it| self.kept.get_mut(it)) {
            older.newer = place;
        }
        self.kept.push(Note { number, at, what, told, token, begins, ends, older, newer: 0 });
        self.until.push(ends);
        self.call(order);
    }

    /// Drops the notes of the first entries, and those that are not younger than `horizon`.
    pub fn forget(&mut self, first: u64, horizon: Instant) {
        while let Some(note) = self.kept.get(self.few)
            && (note.number < first || note.at <= horizon)
        {
            self.few += 1;
            self.call(note.token.order);
        }
        if self.few > self.kept.len() / 2 {
            self.tidy();
        }
    }

    fn tidy(&mut self) {
        self.kept.drain(..self.few);
        self.until.drain(..self.few);
        self.start += self.few;
        self.few = 0;
    }

    /// Makes the chain of an order due.
    fn call(&mut self, order: u32) {
        let index = order as usize % CHAINS;
        if !std::mem::replace(&mut self.chains[index].due, true) {
            self.due.push(index);
        }
    }

    pub fn call_all(&mut self) {
        for index in self.few..self.kept.len() {
            self.call(self.kept[index].token.order);
        }
    }

    /// The oldest note of the next chain that is due, if there is any.
    pub fn next_due(&mut self) -> Option<usize> {
        let chain = &mut self.chains[self.due.pop()?];
        chain.due = false;
        let mut place = chain.newest;
        while let Some(note) = self.get(place).filter(|note| self.get(note.older).is_some()) {
            place = note.older;
        }
        Some(place)
    }
}

/// What an event tells: of which order, and the form that its message takes on.
fn told(layout: &Layout, event: &Event) -> Option<(u32, Option<Form>, What)> {
    match event {
        Event::Sent { order: Some(order), from, to, what } => {
            let way = match (*what, from) {
                ("request" | "response", _) => {
                    let (from, to) = (service_of(*from), service_of(*to));
                    Way::Call { from, to, answer: *what == "response" }
                }
                ("amqp method", Endpoint::Service { service, .. }) => {
                    Way::Publish { service: usize::from(*service) }
                }
                _ => return None,
            };
            Some((*order, Some(Form::Fresh), What::Goes(way)))
        }
        Event::WorkStarted { order, service, attempt: 1, .. } => {
            let service = usize::from(*service);
            layout.topology.group_of(service)?;
            Some((*order, None, What::Taken { service }))
        }
        Event::Kafka(event) => Some((0, None, told_of_kafka(layout, event)?)),
        Event::RabbitMq(event) => {
            let (message, form, way) = told_of_rabbitmq(layout, event)?;
            let key = message.correlation_id.as_deref().map(str::as_bytes);
            Some((number_in(key?)?, form, What::Goes(way)))
        }
        _ => None,
    }
}

fn told_of_kafka(layout: &Layout, event: &kafka::Event) -> Option<What> {
    use kafka::Event as E;
    match event {
        E::OffsetCommitted { group, partition, offset } => {
            let group = layout.topology.groups.iter().position(|node| node.id == *group)?;
            Some(What::Committed { group, partition: partition.partition, offset: *offset })
        }
        E::LeaderElected { partition: at, broker: Some(_), .. } => {
            let tape = layout.tapes.iter().position(|tape| tape.name == at.topic)?;
            Some(What::Elected { tape, partition: at.partition })
        }
        E::BrokerStopped { broker } => Some(What::Stopped { broker: *broker }),
        _ => None,
    }
}

fn told_of_rabbitmq<'a>(
    layout: &Layout,
    event: &'a rabbitmq::Event,
) -> Option<(&'a Identity, Option<Form>, Way)> {
    use rabbitmq::Event as E;
    let tried = Some(Form::Tried(None));
    let work = |name: &str| match place_of(layout, name) {
        Some(Place::Work(queue)) => Some(queue),
        _ => None,
    };
    Some(match event {
        E::Enqueued { queue, message, .. } => {
            (message, Some(Form::Fresh), Way::Bind { queue: work(queue)? })
        }
        E::Delivered { queue, channel, delivery_tag, redelivered, message, .. } => {
            let way = Way::Take { queue: work(queue)?, slot: (*channel, *delivery_tag) };
            (message, tried.filter(|_| *redelivered), way)
        }
        E::Acked { queue, channel, delivery_tag, message } => {
            (message, None, Way::Tick { queue: work(queue)?, slot: (*channel, *delivery_tag) })
        }
        E::Requeued { queue, message, .. } => {
            (message, tried, Way::GiveBack { queue: work(queue)? })
        }
        E::DeadLettered { queue, queues, message, .. } => {
            let (from, to) = (place_of(layout, queue)?, place_of(layout, queues.first()?)?);
            let given_up = matches!((from, to), (Place::Work(_), Place::Dead(_)));
            let form = if given_up { Some(Form::GivenUp) } else { tried };
            (message, form, Way::Move { from, to })
        }
        _ => return None,
    })
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
