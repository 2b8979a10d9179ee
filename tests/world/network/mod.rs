//! What breaks between and below the services: links, processes, brokers, disks, topics.

mod brokers;
mod links;
mod queues;
mod random;
mod topics;

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::simulation::{Command, Observation, Scenario, Timeline};

/// A checkout that publishes to a log, and a payment that reads it; `topic`, `producer` and `input`
/// are further fields of the topic, the producer and the consumer.
pub fn log(orders: u32, topic: &str, producer: &str, input: &str) -> String {
    format!(
        r#"{{"version": 1, "name": "log", "title": "log", "seed": 3,
        "arrivals": {{"per_minute": 600, "limit": {orders}}},
        "topics": [{{"name": "orders", "partitions": 1 {topic}}}],
        "services": [
          {{"id": "checkout", "title": "", "role": "", "input": {{"http": {{}}}},
            "work": {{"fixed_ms": 1}}, "publishes": ["orders"] {producer}}},
          {{"id": "payment", "title": "", "role": "", "does": "charge",
            "input": {{"topic": {{"topic": "orders", "group": "payment" {input}}}}},
            "work": {{"fixed_ms": 20}}}}]}}"#
    )
}

pub const COPIES: &str = r#", "replication_factor": 3"#;
pub const ACKS_1: &str = r#", "producer": {"acks": "1"}"#;

/// A checkout that enqueues mails directly; `nodes` and `queue` are further fields.
pub fn mail(orders: u32, nodes: u32, queue: &str, task: &str) -> String {
    format!(
        r#"{{"version": 1, "name": "mail", "title": "mail", "seed": 3,
        "arrivals": {{"per_minute": 600, "limit": {orders}}},
        "rabbitmq": {{"nodes": {nodes}}},
        "exchanges": [{{"name": "tasks", "type": "direct"}}],
        "queues": [{{"name": "mails" {queue}}}],
        "bindings": [{{"exchange": "tasks", "queue": "mails", "routing_key": "mail"}}],
        "services": [
          {{"id": "checkout", "title": "", "role": "", "input": {{"http": {{}}}},
            "work": {{"fixed_ms": 1}},
            "enqueues": [{{"exchange": "tasks", "routing_key": "mail" {task}}}]}},
          {{"id": "email", "title": "", "role": "", "does": "mail",
            "input": {{"queue": {{"queue": "mails"}}}}, "work": {{"fixed_ms": 80}}}}]}}"#
    )
}

/// A checkout that calls the payment and waits for it.
pub fn chain(orders: u32) -> String {
    format!(
        r#"{{"version": 1, "name": "chain", "title": "chain", "seed": 3,
        "arrivals": {{"per_minute": 600, "limit": {orders}}},
        "services": [
          {{"id": "checkout", "title": "", "role": "", "input": {{"http": {{}}}},
            "work": {{"fixed_ms": 1}}, "calls": [{{"service": "payment"}}]}},
          {{"id": "payment", "title": "", "role": "", "does": "charge",
            "input": {{"http": {{}}}}, "work": {{"fixed_ms": 20}}}}]}}"#
    )
}

fn scenario(document: &str) -> Rc<Scenario> {
    Rc::new(Scenario::from_json(document).unwrap_or_else(|error| panic!("{error}: {document}")))
}

fn command(text: &str) -> Command {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Plays a scenario with commands at milliseconds, until a second.
fn play(document: &str, commands: &[(u64, &str)], until_secs: u64) -> Timeline {
    let mut run = Timeline::new(scenario(document), 3);
    for (at_ms, text) in commands {
        run.run_until(Instant::from_millis(*at_ms));
        run.command(command(text)).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    run.run_until(Instant::from_secs(until_secs));
    run
}

fn observe(run: &Timeline) -> Observation {
    let seen = run.world().observe();
    let ledger = &seen.ledger;
    let sum = ledger.completed + ledger.in_progress + ledger.lost + ledger.dead_lettered;
    assert_eq!(ledger.placed, sum, "orders are not accounted for: {ledger:?}");
    seen
}

fn seen(document: &str, commands: &[(u64, &str)], until_secs: u64) -> Observation {
    observe(&play(document, commands, until_secs))
}

/// Placed, completed, lost, and effects that happened twice.
fn outcome(seen: &Observation) -> (u64, u64, u64, u64) {
    let ledger = &seen.ledger;
    (ledger.placed, ledger.completed, ledger.lost, ledger.duplicated)
}
