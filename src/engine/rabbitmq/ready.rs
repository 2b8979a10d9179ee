//! The messages of a queue that wait for a consumer, in the order in which they will go.
//!
//! A classic queue keeps one lane for each priority, highest first, each in order of arrival; a
//! message that comes back takes its old place (<https://www.rabbitmq.com/docs/priority>,
//! <https://www.rabbitmq.com/docs/confirms#consumer-nacks-requeue>). A quorum queue serves what
//! came back before anything else, in the order in which it came back, and weighs messages of
//! high priority against the rest by two to one (`rabbit_fifo_q`).

use std::rc::Rc;

use super::chunks::{Chunks, Numbered};
use super::message::Message;
use super::settings::{QueueType, Settings};
use crate::engine::Instant;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueuedMessage {
    pub message: Rc<Message>,
    pub redelivered: bool,
    pub enqueued_at: Instant,
    pub expires_at: Option<Instant>,
    /// Its place in order of arrival.
    pub(super) seq: u64,
    /// How often it was handed out and came back. Counted by quorum queues only.
    pub(super) returns: u32,
    /// How many of those were failures, as against plain requeues; this outlives the queue.
    pub(super) failures: u32,
}

impl Numbered for QueuedMessage {
    fn number(&self) -> u64 {
        self.seq
    }
}

#[derive(Clone, Debug)]
pub(super) struct Ready {
    order: Order,
    lanes: Vec<Chunks<QueuedMessage>>,
    count: u64,
    bytes: u64,
    /// How often the head was looked at, for tests that count work.
    #[cfg(test)]
    looks: std::cell::Cell<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    /// Lane 0 holds the highest priority.
    ByPriority { highest: u8 },
    /// Lanes for what came back, for high and for low priority. `turn` counts what was taken from
    /// the last two, modulo three.
    Weighted { turn: u8 },
}

const RETURNED: usize = 0;
const HIGH: usize = 1;
const LOW: usize = 2;

/// After this many messages of high priority comes one of low priority (`rabbit_fifo_q`).
const HIGH_TO_LOW: u8 = 2;

/// The highest priority that a quorum queue still takes for low
/// (<https://www.rabbitmq.com/docs/quorum-queues#priorities>).
const HIGHEST_LOW_PRIORITY: u8 = 4;

impl Ready {
    pub(super) fn new(settings: &Settings) -> Ready {
        let (order, lanes) = match settings.kind {
            QueueType::Classic => {
                let highest = settings.max_priority;
                (Order::ByPriority { highest }, usize::from(highest) + 1)
            }
            QueueType::Quorum => (Order::Weighted { turn: 0 }, 3),
        };
        Ready {
            order,
            lanes: vec![Chunks::default(); lanes],
            count: 0,
            bytes: 0,
            #[cfg(test)]
            looks: std::cell::Cell::default(),
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The bytes of the bodies.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Lane by lane. Between the last two lanes of a quorum queue this is not quite the order in
    /// which they will be taken.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &QueuedMessage> {
        self.lanes.iter().flat_map(Chunks::iter)
    }

    pub(super) fn head(&self) -> Option<&QueuedMessage> {
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1);
        self.lanes[self.next_lane()?].front()
    }

    #[cfg(test)]
    pub(super) fn looks(&self) -> u64 {
        self.looks.get()
    }

    #[cfg(test)]
    pub(super) fn shared_chunks(&self, other: &Ready) -> (usize, usize) {
        self.lanes[0].shared(&other.lanes[0])
    }

    /// Adds a new message, the last of its lane.
    pub(super) fn push(&mut self, message: QueuedMessage) {
        let lane = match self.order {
            Order::ByPriority { highest } => classic_lane(highest, &message),
            Order::Weighted { .. } if message.message.priority() > HIGHEST_LOW_PRIORITY => HIGH,
            Order::Weighted { .. } => LOW,
        };
        self.count_in(&message);
        self.lanes[lane].push_back(message);
    }

    /// Takes back a message that had been handed out.
    pub(super) fn put_back(&mut self, message: QueuedMessage) {
        self.count_in(&message);
        match self.order {
            Order::ByPriority { highest } => {
                self.lanes[classic_lane(highest, &message)].insert(message);
            }
            Order::Weighted { .. } => self.lanes[RETURNED].push_back(message),
        }
    }

    pub(super) fn pop(&mut self) -> Option<QueuedMessage> {
        let lane = self.next_lane()?;
        if let Order::Weighted { turn } = &mut self.order
            && lane != RETURNED
        {
            *turn = if *turn == HIGH_TO_LOW { 0 } else { *turn + 1 };
        }
        let message = self.lanes[lane].pop_front().expect("the next lane is not empty");
        self.count -= 1;
        self.bytes -= message.message.body().len() as u64;
        Some(message)
    }

    /// Takes everything out, in the order of `iter`.
    pub(super) fn take_all(&mut self) -> Vec<QueuedMessage> {
        self.count = 0;
        self.bytes = 0;
        if let Order::Weighted { turn } = &mut self.order {
            *turn = 0;
        }
        let mut all = Vec::new();
        for lane in &mut self.lanes {
            while let Some(message) = lane.pop_front() {
                all.push(message);
            }
        }
        all
    }

    fn count_in(&mut self, message: &QueuedMessage) {
        self.count += 1;
        self.bytes += message.message.body().len() as u64;
    }

    fn next_lane(&self) -> Option<usize> {
        match self.order {
            Order::ByPriority { .. } => self.lanes.iter().position(|lane| !lane.is_empty()),
            Order::Weighted { turn } => {
                if !self.lanes[RETURNED].is_empty() {
                    return Some(RETURNED);
                }
                match (self.lanes[HIGH].front(), self.lanes[LOW].front()) {
                    (None, None) => None,
                    (None, Some(_)) => Some(LOW),
                    // Low has its turn, unless high is the older one anyway.
                    (Some(high), Some(low)) if turn == HIGH_TO_LOW && low.seq < high.seq => {
                        Some(LOW)
                    }
                    (Some(_), _) => Some(HIGH),
                }
            }
        }
    }
}

/// Priorities above the queue's highest count as the highest.
fn classic_lane(highest: u8, message: &QueuedMessage) -> usize {
    usize::from(highest - message.message.priority().min(highest))
}
