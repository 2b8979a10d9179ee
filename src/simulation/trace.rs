//! The trace: everything that happened, in order, with its reason.
//!
//! Entries are kept in shared blocks, so cloning a world does not copy its history; beyond
//! [`KEPT`] entries the oldest are forgotten, while the hash goes on over all of them.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::engine::{Instant, kafka, rabbitmq};

use super::journeys::Journeys;
use super::projection::Read;
use super::scenario::Effect;

/// A block that is shared is copied when it grows: small ones are copied quickly.
const BLOCK: usize = 512;
/// About an hour of the shop at 200 orders a minute.
const KEPT: usize = 800 * BLOCK;

/// What the texts of an entry take, on average.
const STRINGS: usize = 40;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Entry {
    pub at: Instant,
    pub event: Event,
}

/// What can happen. Services are named by their index in the scenario, orders by their number.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Event {
    OrderPlaced {
        order: u32,
    },
    OrderAnswered {
        order: u32,
        accepted: bool,
        reason: Rc<str>,
    },
    /// A message, call or answer left for its destination.
    Sent {
        order: Option<u32>,
        from: super::Endpoint,
        to: super::Endpoint,
        what: &'static str,
    },
    /// It met nobody: the other end is down.
    Dropped {
        order: Option<u32>,
        to: super::Endpoint,
        what: &'static str,
    },
    Published {
        order: u32,
        service: u16,
        topic: Rc<str>,
        partition: u32,
        offset: u64,
    },
    PublishFailed {
        order: u32,
        service: u16,
        topic: Rc<str>,
        reason: Rc<str>,
    },
    WorkStarted {
        order: u32,
        service: u16,
        instance: u16,
        attempt: u32,
    },
    WorkDone {
        order: u32,
        service: u16,
        instance: u16,
    },
    WorkFailed {
        order: u32,
        service: u16,
        instance: u16,
        reason: Rc<str>,
    },
    /// A business effect is in the world.
    Effected {
        order: u32,
        service: u16,
        effect: Effect,
    },
    Declined {
        order: u32,
        service: u16,
    },
    Crashed {
        service: u16,
        instance: u16,
        reason: Rc<str>,
    },
    Started {
        service: u16,
        instance: u16,
    },
    /// An instance gave partitions up, or lost them.
    Revoked {
        service: u16,
        instance: u16,
        partitions: Vec<kafka::TopicPartition>,
        reason: &'static str,
    },
    /// An instance cannot go on reading its topic.
    ReadFailed {
        service: u16,
        instance: u16,
        error: &'static str,
    },
    Commanded {
        command: Rc<str>,
    },
    /// RabbitMQ refused a method.
    Refused {
        connection: u32,
        error: Rc<str>,
    },
    Kafka(kafka::Event),
    RabbitMq(rabbitmq::Event),
    AlertFired {
        rule: Rc<str>,
        value: u64,
    },
    AlertCleared {
        rule: Rc<str>,
        value: u64,
    },
    /// The referee's finding: what was lost or doubled, and why.
    Found {
        order: u32,
        finding: Rc<str>,
    },
    /// A caller did not get its answer in time.
    CallTimedOut {
        order: u32,
        caller: super::Endpoint,
        callee: u16,
    },
    /// A further attempt of a call.
    CallRetried {
        order: u32,
        caller: super::Endpoint,
        callee: u16,
        attempt: u32,
    },
    /// The circuit breaker of a caller is in another state.
    BreakerTurned {
        caller: super::Endpoint,
        callee: u16,
        state: &'static str,
    },
    /// A call was turned away at the door.
    CallRejected {
        order: u32,
        service: u16,
        reason: Rc<str>,
    },
    /// A call was turned away because others are more urgent.
    CallShed {
        order: u32,
        service: u16,
        reason: Rc<str>,
    },
    /// A mandatory task reached no queue and came back.
    TaskReturned {
        order: u32,
        service: u16,
    },
    /// A scaler asked for another number of instances.
    Scaled {
        service: u16,
        from: u32,
        to: u32,
        waiting: u64,
    },
    /// A faulty link lost a message.
    LostOnLink {
        order: Option<u32>,
        from: super::Endpoint,
        to: super::Endpoint,
        what: &'static str,
    },
    /// A connection between an instance and RabbitMQ broke.
    Disconnected {
        service: u16,
        instance: u16,
        reason: &'static str,
    },
    /// A command had no effect, or not the whole.
    InVain {
        what: &'static str,
        reason: Rc<str>,
    },
    /// A message was passed over: the service's store says that it is done with the order.
    Skipped {
        order: u32,
        service: u16,
    },
    /// The outside recognised an idempotency key and did nothing.
    Recognised {
        order: u32,
        service: u16,
        effect: Effect,
    },
    /// The row of an order is in the service's database.
    Written {
        order: u32,
        service: u16,
    },
    /// A message is not tried again.
    GivenUp {
        order: u32,
        service: u16,
        reason: Rc<str>,
    },
    /// An instance goes on with a partition from its last snapshot, or from the start.
    Restored {
        service: u16,
        partition: u32,
        offset: u64,
    },
    SnapshotTaken {
        service: u16,
        partition: u32,
        offset: u64,
    },
    /// A buyer looked an order up that was just placed.
    OrderRead {
        order: u32,
        read: Read,
    },
}

impl Event {
    /// The order that the event is about, where the event itself says so.
    pub fn order(&self) -> Option<u32> {
        match self {
            Event::OrderPlaced { order }
            | Event::OrderAnswered { order, .. }
            | Event::Published { order, .. }
            | Event::PublishFailed { order, .. }
            | Event::WorkStarted { order, .. }
            | Event::WorkDone { order, .. }
            | Event::WorkFailed { order, .. }
            | Event::Effected { order, .. }
            | Event::Declined { order, .. }
            | Event::Found { order, .. }
            | Event::CallTimedOut { order, .. }
            | Event::CallRetried { order, .. }
            | Event::CallRejected { order, .. }
            | Event::CallShed { order, .. }
            | Event::TaskReturned { order, .. }
            | Event::Skipped { order, .. }
            | Event::Recognised { order, .. }
            | Event::Written { order, .. }
            | Event::GivenUp { order, .. }
            | Event::OrderRead { order, .. } => Some(*order),
            Event::Sent { order, .. }
            | Event::Dropped { order, .. }
            | Event::LostOnLink { order, .. } => *order,
            Event::RabbitMq(event) => {
                let id = event.identity()?.correlation_id.as_deref()?;
                super::order::number_of(id)
            }
            Event::Revoked { .. }
            | Event::ReadFailed { .. }
            | Event::Crashed { .. }
            | Event::Started { .. }
            | Event::Commanded { .. }
            | Event::Refused { .. }
            | Event::Kafka(_)
            | Event::AlertFired { .. }
            | Event::AlertCleared { .. }
            | Event::BreakerTurned { .. }
            | Event::Scaled { .. }
            | Event::Disconnected { .. }
            | Event::InVain { .. }
            | Event::Restored { .. }
            | Event::SnapshotTaken { .. } => None,
        }
    }
}

/// The history of a world.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    blocks: VecDeque<Rc<Vec<Entry>>>,
    forgotten: u64,
    journeys: Journeys,
    hash: Fnv,
}

impl Trace {
    pub fn push(&mut self, at: Instant, event: Event) {
        let entry = Entry { at, event };
        entry.hash(&mut self.hash);
        self.journeys.push(entry.event.order());
        if self.blocks.back().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push_back(Rc::new(Vec::with_capacity(BLOCK)));
        }
        let block = self.blocks.back_mut().expect("a block was just pushed");
        match Rc::get_mut(block) {
            Some(alone) => alone.push(entry),
            None => {
                let mut copy = Vec::with_capacity(BLOCK);
                copy.extend_from_slice(block);
                copy.push(entry);
                *block = Rc::new(copy);
            }
        }
        if self.blocks.len() * BLOCK > KEPT {
            self.blocks.pop_front();
            self.forgotten += BLOCK as u64;
            self.journeys.forget_before(self.forgotten);
        }
    }

    /// Forgets what a later trace of the same run has forgotten, but for the last moments.
    pub(super) fn forget_as(&mut self, later: &Trace) {
        const LAST_MOMENTS: usize = 8;
        while self.forgotten < later.forgotten && self.blocks.len() > LAST_MOMENTS {
            self.blocks.pop_front();
            self.forgotten += BLOCK as u64;
        }
    }

    /// About how many bytes it holds that a later trace of the same run does not.
    pub(super) fn weight_beside(&self, later: &Trace) -> usize {
        let forgotten =
            later.forgotten.saturating_sub(self.forgotten).min(self.len() - self.forgotten);
        let own = forgotten as usize + BLOCK / 2;
        own * (size_of::<Entry>() + STRINGS) + self.blocks.len() * size_of::<Rc<Vec<Entry>>>()
    }

    /// All kept entries, oldest first; from the back, newest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    /// Entries later than `after`, newest first.
    pub fn since(&self, after: Instant) -> impl Iterator<Item = &Entry> {
        self.entries().rev().take_while(move |entry| entry.at > after)
    }

    /// The kept entries after the first so many, oldest first.
    pub fn after(&self, count: u64) -> impl Iterator<Item = &Entry> {
        let skipped = count.saturating_sub(self.forgotten) as usize;
        let blocks = self.blocks.iter().skip(skipped / BLOCK);
        blocks.flat_map(|block| block.iter()).skip(skipped % BLOCK)
    }

    /// Whether it begins with so many entries that have that hash.
    pub fn goes_on(&self, count: u64, hash: u64) -> bool {
        let mut whole = Fnv(hash);
        self.after(count).for_each(|entry| entry.hash(&mut whole));
        whole.0 == self.hash()
    }

    /// How many entries there were in all, kept or not.
    pub fn len(&self) -> u64 {
        let newest = self.blocks.back().map_or(0, |block| block.len());
        let full = self.blocks.len().saturating_sub(1) * BLOCK;
        self.forgotten + (full + newest) as u64
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A hash over every entry there ever was: two runs with equal hashes ran alike.
    pub fn hash(&self) -> u64 {
        self.hash.0
    }

    /// True while nothing is forgotten.
    pub fn is_whole(&self) -> bool {
        self.forgotten == 0
    }

    /// Everything kept that happened to one order, oldest first.
    pub fn journey(&self, order: u32) -> Vec<&Entry> {
        let numbers = self.journeys.of(order);
        let mut entries: Vec<&Entry> = numbers.map_while(|number| self.get(number)).collect();
        entries.reverse();
        entries
    }

    /// The entry that came after so many others, while it is kept.
    pub fn get(&self, number: u64) -> Option<&Entry> {
        let index = number.checked_sub(self.forgotten)? as usize;
        self.blocks.get(index / BLOCK)?.get(index % BLOCK)
    }
}

/// FNV-1a over words of 64 bits instead of bytes, the same on every machine: bytes are taken
/// little-endian and `usize` always as eight of them. Constants from the FNV reference by Fowler,
/// Noll and Vo.
#[derive(Clone, Copy, Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.write_u64(u64::from_le_bytes(word.try_into().expect("it has eight bytes")));
        }
        // The bytes behind the last whole word: the upper ones of the last eight.
        let rest = words.remainder();
        let word = match bytes.last_chunk() {
            Some(last) => u64::from_le_bytes(*last).checked_shr(64 - 8 * rest.len() as u32),
            None => Some(rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))),
        };
        self.write_u64(word.unwrap_or(0) | (rest.len() as u64) << 56);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    /// One multiplication for a whole word: the trace is hashed at every event.
    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0 ^ value).wrapping_mul(0x0100_0000_01b3);
        self.0 ^= self.0 >> 32;
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }

    fn write_i32(&mut self, value: i32) {
        self.write_u64(value as u64);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
}
