//! Small scenarios and the hands that play them.

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::json;
use ackademy::simulation::{
    Command, GroupFigures, Observation, QueueFigures, Scenario, ServiceFigures, Timeline,
    TopicFigures,
};
use serde_json::Value;

/// A scenario document as a run at its start.
pub fn run(document: &Value) -> Timeline {
    let scenario = Scenario::from_document(document).expect("the scenario is sound");
    let seed = scenario.seed;
    Timeline::new(Rc::new(scenario), seed)
}

/// What is wrong with a scenario, as `field: message`.
pub fn refusal(document: &Value) -> String {
    Scenario::from_document(document).expect_err("the scenario is not sound").to_string()
}

/// Gives a command, as JSON, at a second of the run.
pub fn at(run: &mut Timeline, secs: u64, command: Value) {
    run.run_until(Instant::from_secs(secs));
    let command: Command = json::from_value(&command).expect("it is a command");
    run.command(command.clone()).unwrap_or_else(|error| panic!("{command}: {error}"));
}

pub fn see(run: &mut Timeline, secs: u64) -> Observation {
    run.run_until(Instant::from_secs(secs));
    let observation = run.world().observe();
    let ledger = &observation.ledger;
    let sum = ledger.completed + ledger.in_progress + ledger.lost + ledger.dead_lettered;
    assert_eq!(ledger.placed, sum, "orders are not accounted for: {ledger:?}");
    observation
}

/// How many entries of the trace tell of something, by a piece of their sentence.
pub fn count(run: &Timeline, words: &str) -> usize {
    let world = run.world();
    let lines = world.trace().entries().map(|entry| world.line(entry).to_string());
    lines.filter(|line| line.contains(words)).count()
}

pub fn service<'a>(seen: &'a Observation, id: &str) -> &'a ServiceFigures {
    &seen.services[&Rc::from(id)]
}

pub fn topic<'a>(seen: &'a Observation, name: &str) -> &'a TopicFigures {
    &seen.topics[&Rc::from(name)]
}

pub fn group<'a>(seen: &'a Observation, id: &str) -> &'a GroupFigures {
    &seen.groups[&Rc::from(id)]
}

pub fn queue<'a>(seen: &'a Observation, name: &str) -> &'a QueueFigures {
    &seen.queues[&Rc::from(name)]
}

/// Numbers below a bound, by a small generator (xorshift).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
