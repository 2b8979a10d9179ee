//! Services at run time: instances, settings that a learner can change, and figures.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;
use crate::engine::kafka::{ClientId, Consumer, ConsumerRecord, Producer};
use crate::engine::rabbitmq::Delivery;

use super::command::CrashPoint;
use super::job::Job;
use super::metrics::{Latency, Rate};
use super::random::Stream;
use super::scenario::{AckMode, Input, ServiceSpec, Work};

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
    pub fn name(self) -> &'static str {
        match self {
            Condition::Up => "up",
            Condition::Degraded => "degraded",
            Condition::Slow => "slow",
            Condition::Failing => "failing",
            Condition::Down => "down",
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
    /// The services it can call over HTTP, by index, and whether it does.
    pub calls: Vec<(u16, bool)>,
    /// The next message for it will be unreadable.
    pub poison_next: bool,
    pub crash_at: Option<CrashPoint>,
    pub instances: Vec<Instance>,
    pub down_since: Option<Instant>,
    pub handled: u64,
    pub failed: u64,
    pub crashes: u64,
    pub(super) handled_rate: Rate,
    pub(super) latency: Latency,
    pub(super) work_draws: Stream,
    pub(super) failure_draws: Stream,
    pub(super) retry_draws: Stream,
    /// The instance that the next call goes to, round robin.
    pub(super) next_instance: u16,
}

impl Service {
    pub fn new(spec: Rc<ServiceSpec>, seed: u64, calls: Vec<(u16, bool)>) -> Service {
        let (prefetch, ack) = match &spec.input {
            Input::Queue { prefetch, ack, .. } => (*prefetch, *ack),
            Input::Http { .. } | Input::Topic { .. } => (0, AckMode::After),
        };
        Service {
            work: spec.work,
            slow_percent: 100,
            fail_per_mille: spec.fail_per_mille,
            prefetch,
            ack,
            calls,
            poison_next: false,
            crash_at: None,
            instances: Vec::new(),
            down_since: None,
            handled: 0,
            failed: 0,
            crashes: 0,
            handled_rate: Rate::default(),
            latency: Latency::default(),
            work_draws: Stream::new(seed, &format!("work of {}", spec.id)),
            failure_draws: Stream::new(seed, &format!("failures of {}", spec.id)),
            retry_draws: Stream::new(seed, &format!("retries of {}", spec.id)),
            next_instance: 0,
            spec,
        }
    }

    pub fn instances_up(&self) -> u64 {
        self.instances.iter().filter(|instance| instance.up).count() as u64
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

    /// The mean time of a piece of work at the present pace, in milliseconds.
    pub fn work_ms(&self) -> u64 {
        let normal = match self.work {
            Work::FixedMs(ms) => ms,
            Work::UniformMs { min, max } => (min + max) / 2,
        };
        normal * u64::from(self.slow_percent) / 100
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
        let micros = match self.work {
            Work::FixedMs(ms) => ms * 1_000,
            Work::UniformMs { min, max } => self.work_draws.between(min * 1_000, max * 1_000),
        };
        Duration::from_micros(micros * u64::from(self.slow_percent) / 100)
    }

    /// Draws whether the next piece of work fails in passing.
    pub(super) fn draw_failure(&mut self) -> bool {
        self.failure_draws.chance(self.fail_per_mille, 1_000)
    }
}

/// One process of a service.
#[derive(Clone, Debug)]
pub struct Instance {
    pub up: bool,
    /// What it works on.
    pub jobs: Vec<Job>,
    pub intake: Intake,
    pub(super) producer: Option<(ClientId, Producer)>,
    /// Its connection to RabbitMQ, if it has one.
    pub(super) connection: Option<u32>,
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
