//! What is measured: the same work natively (`benches/engines.rs`) and in a browser
//! (`benches/browser`).

mod kafka;
mod rabbitmq;
mod simulation;

use std::fmt;

/// Something to measure.
pub struct Measure {
    pub name: String,
    /// What a round does many of.
    pub unit: &'static str,
    /// What it should come to in a browser.
    pub aims: Vec<Aim>,
    /// How many rounds count.
    pub rounds: usize,
    /// Makes it ready. What it needs may be large, so that only one is there at a time.
    pub start: Box<dyn FnOnce() -> Box<dyn Workload>>,
}

pub trait Workload {
    /// Goes before each round and is not measured.
    fn prepare(&mut self) {}

    /// A round: how many things it did.
    fn run(&mut self) -> u64;

    /// What else there is to say when all rounds are over.
    fn note(&self) -> String {
        String::new()
    }
}

/// A workload that needs no preparation.
impl<F: FnMut() -> u64> Workload for F {
    fn run(&mut self) -> u64 {
        self()
    }
}

pub enum Aim {
    /// At least so many in a second.
    PerSecond(u32),
    /// One within so many microseconds.
    Micros(u32),
    /// 95 of 100 rounds within so many microseconds.
    Mostly(u32),
    /// One in at most so many times what it takes in the measure of that name.
    Times(f64, String),
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Aim::PerSecond(least) => write!(f, "at least {least}/s"),
            Aim::Micros(most) => write!(f, "at most {most} µs"),
            Aim::Mostly(most) => write!(f, "95 % within {most} µs"),
            Aim::Times(most, other) => write!(f, "at most {most} × \u{201c}{other}\u{201d}"),
        }
    }
}

impl Measure {
    pub fn new<W: Workload + 'static>(
        name: String,
        unit: &'static str,
        start: impl FnOnce() -> W + 'static,
    ) -> Measure {
        Measure { name, unit, aims: Vec::new(), rounds: 21, start: Box::new(|| Box::new(start())) }
    }

    pub fn rounds(self, rounds: usize) -> Measure {
        Measure { rounds, ..self }
    }

    pub fn aim(mut self, aim: Aim) -> Measure {
        self.aims.push(aim);
        self
    }
}

/// All measures. One that others are compared with comes before them.
pub fn measures() -> Vec<Measure> {
    let mut all = kafka::measures();
    all.extend(rabbitmq::measures());
    all.extend(simulation::measures());
    all
}
