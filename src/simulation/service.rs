//! Services at run time: instances, settings that a learner can change, and figures.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use crate::engine::Instant;
use crate::engine::kafka::{
    ClientId, Consumer, ConsumerRecord, ErrorCode, Producer, TopicPartition,
};
use crate::engine::rabbitmq::Delivery;

use super::breaker::{Breaker, BreakerState};
use super::command::CrashPoint;
use super::database::Database;
use super::job::{Job, Stage};
use super::metrics::{Latency, Rate};
use super::projection::View;
use super::random::Stream;
use super::scenario::{AckMode, Admission, Autoscale, CallSpec, Input, ServiceSpec, Work};

/// How a service stands, as its lamp shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Up,
    /// Some of its instances are down.
    Degraded,
    Slow,
    Failing,
    Down,
}

impl Condition {
    /// In the order of the conditions.
    pub const NAMES: [&'static str; 5] = ["up", "degraded", "slow", "failing", "down"];

    pub fn name(self) -> &'static str {
        Condition::NAMES[self as usize]
    }
}

/// How a message is spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilage {
    /// It is no JSON document.
    Poison,
    /// It is one, and a field has the wrong type.
    Malformed,
}

impl Spoilage {
    fn bytes(self) -> &'static [u8] {
        match self {
            Spoilage::Poison => b"\xff\xfe not an order",
            Spoilage::Malformed => b"{\"order_id\":\"order-0\",\"amount_cents\":\"twelve\"}",
        }
    }
}

/// A service of the scenario and all that a run changes about it.
#[derive(Clone, Debug)]
pub struct Service {
    pub spec: Rc<ServiceSpec>,
    pub work: Work,
    /// 100 is the normal pace, 1 000 is ten times slower.
    pub slow_percent: u32,
    pub fail_per_mille: u32,
    pub prefetch: u16,
    pub ack: AckMode,
    /// It waits for the broker's answers to its tasks.
    pub confirms: bool,
    /// The services it can call over HTTP.
    pub calls: Vec<Outgoing>,
    pub admission: Rc<Admission>,
    pub autoscale: Option<Rc<Autoscale>>,
    /// The next message for it will be unreadable.
    pub poison_next: bool,
    /// A later message for it, counted from the next one as 1, will be spoiled in this way.
    pub spoiled: Option<(u32, Spoilage)>,
    pub crash_at: Option<CrashPoint>,
    pub instances: Vec<Instance>,
    pub down_since: Option<Instant>,
    pub handled: u64,
    pub failed: u64,
    pub crashes: u64,
    /// Calls that were turned away at the door.
    pub rejected: u64,
    /// Calls that were turned away because others are more urgent.
    pub shed: u64,
    /// Calls whose caller had given up when the work was done.
    pub abandoned: u64,
    /// Mandatory tasks that came back.
    pub returned: u64,
    /// How often its number of instances was changed by its scaler.
    pub scaled: u64,
    pub(super) scaling: Scaling,
    /// When its bucket of tokens is full again.
    pub(super) bucket_full_at: Instant,
    /// Messages that it passed over, because it was done with their orders.
    pub skipped: u64,
    /// Requests whose idempotency key the outside recognised.
    pub recognised: u64,
    /// Messages that it will not try again.
    pub given_up: u64,
    pub transactions_committed: u64,
    pub transactions_aborted: u64,
    pub(super) database: Database,
    /// What is saved of its projection, by partition.
    pub(super) snapshots: LiteMap<TopicPartition, View>,
    pub(super) snapshots_taken: u64,
    pub(super) folded: u64,
    pub(super) handled_rate: Rate,
    pub(super) failed_rate: Rate,
    /// Time for which its places for work were taken, by pieces of work that are over.
    pub(super) busy_ms: Rate,
    pub(super) latency: Latency,
    pub(super) work_draws: Stream,
    pub(super) failure_draws: Stream,
    pub(super) retry_draws: Stream,
    pub(super) call_draws: Stream,
    lasting_failures: Stream,
    /// The instance that the next call goes to, round robin.
    pub(super) next_instance: u16,
}

impl Service {
    pub fn new(spec: Rc<ServiceSpec>, seed: u64, calls: Vec<Outgoing>) -> Service {
        let admission = match &spec.input {
            Input::Http { admission, .. } => admission.clone(),
            Input::Topic { .. } | Input::Queue { .. } => Admission::default(),
        };
        let (prefetch, ack) = match &spec.input {
            Input::Queue { prefetch, ack, .. } => (*prefetch, *ack),
            Input::Http { .. } | Input::Topic { .. } => (0, AckMode::After),
        };
        Service {
            work: spec.work.clone(),
            slow_percent: 100,
            fail_per_mille: spec.fail_per_mille,
            prefetch,
            ack,
            confirms: spec.publisher_confirms,
            calls,
            admission: Rc::new(admission),
            autoscale: spec.autoscale.clone().map(Rc::new),
            poison_next: false,
            spoiled: None,
            crash_at: None,
            instances: Vec::new(),
            down_since: None,
            handled: 0,
            failed: 0,
            crashes: 0,
            rejected: 0,
            shed: 0,
            abandoned: 0,
            returned: 0,
            scaled: 0,
            scaling: Scaling::default(),
            bucket_full_at: Instant::ZERO,
            skipped: 0,
            recognised: 0,
            given_up: 0,
            transactions_committed: 0,
            transactions_aborted: 0,
            database: Database::default(),
            snapshots: LiteMap::new(),
            snapshots_taken: 0,
            folded: 0,
            handled_rate: Rate::default(),
            failed_rate: Rate::default(),
            busy_ms: Rate::default(),
            latency: Latency::default(),
            work_draws: Stream::new(seed, &format!("work of {}", spec.id)),
            failure_draws: Stream::new(seed, &format!("failures of {}", spec.id)),
            retry_draws: Stream::new(seed, &format!("retries of {}", spec.id)),
            call_draws: Stream::new(seed, &format!("retries of calls of {}", spec.id)),
            lasting_failures: Stream::new(seed, &format!("lasting failures of {}", spec.id)),
            next_instance: 0,
            spec,
        }
    }

    pub fn instances_up(&self) -> u64 {
        self.instances.iter().filter(|instance| instance.up).count() as u64
    }

    /// Instances that are not about to stop.
    pub fn instances_staying(&self) -> u32 {
        self.instances.iter().filter(|instance| !instance.leaving).count() as u32
    }

    /// True if a message to come will be spoiled for it.
    pub(super) fn is_poisoned(&self) -> bool {
        self.poison_next || self.spoiled.is_some()
    }

    /// A message for it passes. Returns what it holds instead, if it is the one to be spoiled.
    pub(super) fn spoil(&mut self) -> Option<&'static [u8]> {
        if std::mem::take(&mut self.poison_next) {
            return Some(Spoilage::Poison.bytes());
        }
        let (left, how) = self.spoiled.as_mut()?;
        *left -= 1;
        if *left > 0 {
            return None;
        }
        let bytes = how.bytes();
        self.spoiled = None;
        Some(bytes)
    }

    pub fn condition(&self) -> Condition {
        match self.instances_up() {
            0 => Condition::Down,
            _ if self.fail_per_mille > 0 => Condition::Failing,
            _ if self.slow_percent > 100 => Condition::Slow,
            up if up < self.instances.len() as u64 => Condition::Degraded,
            _ => Condition::Up,
        }
    }

    /// The state of the breaker before one of its calls; of several instances, the worst.
    pub fn breaker(&self, call: usize) -> BreakerState {
        let states = self.instances.iter().filter(|it| it.up).map(|it| it.breakers[call].state());
        states.max().unwrap_or_default()
    }

    /// The mean time of a piece of work at the present pace, in milliseconds.
    pub fn work_ms(&self) -> u64 {
        self.work.mean_ms() * u64::from(self.slow_percent) / 100
    }

    /// About how many bytes a copy of it takes that is changed.
    pub(super) fn weight(&self) -> usize {
        const ITEM: usize = 150;
        let held = |instance: &Instance| {
            let taken = match &instance.intake {
                Intake::Nothing => 0,
                Intake::Http { waiting } => waiting.len(),
                Intake::Topic { records, .. } => records.len(),
                Intake::Queue { hand } => hand.len(),
            };
            taken + instance.jobs.len()
        };
        let items: usize = self.instances.iter().map(held).sum();
        size_of::<Service>() + self.latency.weight() + items * ITEM
    }

    /// Draws how long the next piece of work takes.
    pub(super) fn draw_work(&mut self) -> Duration {
        let micros = self.work.draw_us(&mut self.work_draws);
        Duration::from_micros(micros * u64::from(self.slow_percent) / 100)
    }

    /// Whether it can never work on an order: the same answer at every attempt.
    pub(super) fn can_never_do(&self, order: u32) -> bool {
        let per_mille = self.spec.fail_for_good_per_mille;
        per_mille > 0 && self.lasting_failures.of(u64::from(order)).chance(per_mille, 1_000)
    }

    /// Draws whether the next piece of work fails in passing.
    pub(super) fn draw_failure(&mut self) -> bool {
        self.failure_draws.chance(self.fail_per_mille, 1_000)
    }
}

/// A call that a service makes, and what became of it so far.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub spec: Rc<CallSpec>,
    /// The service that is called, by index.
    pub callee: u16,
    pub made: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub retried: u64,
    /// Calls that the caller's own bulkhead or breaker stopped.
    pub stopped: u64,
    /// How often a breaker opened.
    pub opened: u64,
}

impl Outgoing {
    pub fn new(spec: CallSpec, callee: u16) -> Outgoing {
        let spec = Rc::new(spec);
        Outgoing {
            spec,
            callee,
            made: 0,
            failed: 0,
            timed_out: 0,
            retried: 0,
            stopped: 0,
            opened: 0,
        }
    }
}

/// How far a scaler is.
#[derive(Clone, Debug, Default)]
pub(super) struct Scaling {
    /// Instances that it asked for; some may be starting.
    pub asked: u32,
    /// Since when fewer would do.
    pub fewer_since: Option<Instant>,
}

/// One process of a service.
#[derive(Clone, Debug)]
pub struct Instance {
    pub up: bool,
    /// It is to stop, takes nothing new, and finishes what it has begun.
    pub leaving: bool,
    /// What it works on.
    pub jobs: Vec<Job>,
    pub intake: Intake,
    /// One for each call that the service can make.
    pub breakers: Vec<Breaker>,
    pub(super) producer: Option<(ClientId, Producer)>,
    /// Its connection to RabbitMQ, if it has one.
    pub(super) connection: Option<u32>,
    /// Tasks published since its channel is in confirm mode, if it is.
    pub(super) published: Option<u64>,
    /// Their numbers that the broker has not answered for, with the jobs that wait.
    pub(super) unconfirmed: LiteMap<u64, u64>,
    /// Its clients have old settings; it reconnects as soon as nothing depends on them.
    pub(super) renew: bool,
    /// The event that the record in hand tells, if it says so itself.
    pub(super) event: Option<Rc<str>>,
    /// Its part of the service's projection.
    pub(super) views: LiteMap<TopicPartition, View>,
    /// How far its transaction is, if its producer is transactional.
    pub(super) transaction: Option<Transaction>,
}

impl Instance {
    /// How many of its jobs wait for the answer of the call with this index.
    pub fn waiting_for(&self, call: u16) -> u64 {
        let waits = |job: &&Job| matches!(job.stage, Stage::Calling { index, .. } if index == call);
        self.jobs.iter().filter(waits).count() as u64
    }
}

/// The transactional producer of an instance: the call that is running, or that it waits for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transaction {
    Initializing,
    Ready,
    Open,
    SendingOffsets,
    Committing,
    Aborting(ErrorCode),
}

/// What an instance has taken in and not begun.
#[derive(Clone, Debug)]
pub enum Intake {
    /// Down or not started.
    Nothing,
    /// Calls that wait for a free place: number, order, body, arrival.
    Http { waiting: VecDeque<WaitingCall> },
    Topic {
        client: ClientId,
        consumer: Box<Consumer>,
        records: VecDeque<ConsumerRecord>,
        /// A poll is waiting for records.
        polled: bool,
    },
    /// Deliveries in hand, unacknowledged unless the broker forgot them when it sent them.
    Queue { hand: VecDeque<Delivery> },
}

#[derive(Clone, Debug)]
pub struct WaitingCall {
    pub call: u64,
    pub order: u32,
    pub body: Rc<[u8]>,
    pub arrived_at: Instant,
}
