//! Scenarios made by a seed: small shops of any shape, for properties that hold in all of them.
//! Natively and in a browser the same seed gives the same scenario.

use std::rc::Rc;

use ackademy::simulation::Scenario;
use serde_json::{Value, json};

/// Draws for a scenario: xorshift64*, integers only (Vigna, 2016).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        least + drawn % (most - least + 1)
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.between(0, choices.len() as u64 - 1) as usize].clone()
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }
}

/// A shop: a door that calls some services and publishes, groups that read, workers on queues.
pub fn scenario(seed: u64) -> Rc<Scenario> {
    let document = document(seed);
    let scenario = Scenario::from_document(&document);
    Rc::new(scenario.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{document}")))
}

fn document(seed: u64) -> Value {
    let mut draw = Draw::new(seed);
    let called = draw.between(0, 2);
    let readers = draw.between(1, 3);
    let workers = draw.between(0, 3);
    let mut services = vec![door(&mut draw, called)];
    services.extend((0..called).map(|number| callee(&mut draw, number)));
    services.extend((0..readers).map(|number| reader(&mut draw, number, workers)));
    services.extend((0..workers).map(|number| worker(&mut draw, number)));
    let names: Vec<String> = (0..workers).map(|number| format!("tasks-{number}")).collect();
    let arguments = arguments(&mut draw);
    let queues = names.iter().map(|name| json!({"name": name, "arguments": arguments.clone()}));
    let bindings = names.iter().map(
        |name| json!({"exchange": "tasks", "queue": name, "routing_key": format!("{name}.#")}),
    );
    let dead = json!({"exchange": "dlx", "queue": "dead-letters", "routing_key": "#"});
    json!({
        "version": 1,
        "name": format!("drawn-{seed}"),
        "title": "Drawn",
        "seed": seed,
        "arrivals": arrivals(&mut draw),
        "links": {
            "http_us": draw.between(0, 2_000),
            "kafka_us": draw.between(0, 20_000),
            "rabbitmq_us": draw.between(0, 8_000),
        },
        "rabbitmq": {"nodes": draw.between(1, 3)},
        "topics": [topic(&mut draw)],
        "exchanges": [{"name": "tasks", "type": "topic"}, {"name": "dlx", "type": "topic"}],
        "queues": queues.chain([json!({"name": "dead-letters"})]).collect::<Vec<_>>(),
        "bindings": bindings.chain([dead]).collect::<Vec<_>>(),
        "services": services,
        "alerts": [{"rule": "lag", "measure": "max_group_lag", "above": draw.between(1, 200)}],
    })
}

/// A topic with one copy or several, and as many of them in sync as a write may need.
fn topic(draw: &mut Draw) -> Value {
    let copies = draw.between(1, 3);
    json!({
        "name": "orders",
        "partitions": draw.between(1, 12),
        "replication_factor": copies,
        "min_insync_replicas": draw.between(1, copies),
    })
}

/// What all queues of tasks are declared with.
fn arguments(draw: &mut Draw) -> Value {
    let mut arguments = json!({});
    if draw.chance(70) {
        arguments["x-dead-letter-exchange"] = json!("dlx");
    }
    if draw.chance(30) {
        arguments["x-queue-type"] = json!("quorum");
    }
    arguments
}

fn arrivals(draw: &mut Draw) -> Value {
    json!({
        "per_minute": draw.between(30, 400),
        "jitter_percent": draw.between(0, 100),
        "declined_percent": draw.between(0, 20),
        "changes": [{"at_ms": draw.between(1, 60_000), "per_minute": draw.between(0, 600)}],
        "malformed_addresses": [draw.between(1, 60)],
    })
}

fn door(draw: &mut Draw, called: u64) -> Value {
    let calls: Vec<Value> =
        (0..called).map(|number| json!({"service": format!("called-{number}")})).collect();
    json!({
        "id": "door",
        "title": "Door",
        "role": "takes orders",
        "instances": draw.between(1, 3),
        "input": {"http": {"concurrency": draw.between(1, 50)}},
        "work": work(draw, 20),
        "calls": calls,
        "publishes": ["orders"],
        "producer": {"acks": draw.one_of(&["all", "all", "1", "0"])},
    })
}

fn callee(draw: &mut Draw, number: u64) -> Value {
    json!({
        "id": format!("called-{number}"),
        "title": "Called",
        "role": "answers",
        "instances": draw.between(1, 2),
        "input": {"http": {}},
        "work": work(draw, 100),
        "fail_per_mille": fail_rate(draw),
    })
}

/// The first reader charges, and hands tasks to all workers.
fn reader(draw: &mut Draw, number: u64, workers: u64) -> Value {
    let task = |number| json!({"exchange": "tasks", "routing_key": format!("tasks-{number}.new")});
    let tasks = if number == 0 { (0..workers).map(task).collect() } else { Vec::new() };
    let assignors = ["range", "roundrobin", "sticky", "cooperative-sticky"];
    json!({
        "id": format!("reader-{number}"),
        "title": "Reader",
        "role": "reads",
        "instances": draw.between(1, 4),
        "input": {"topic": {
            "topic": "orders",
            "group": format!("group-{number}"),
            "assignor": draw.one_of(&assignors),
            "session_timeout_ms": draw.between(6_000, 12_000),
            "commit": draw.one_of(&["after", "after", "before", "auto"]),
            "retry": {"attempts": draw.between(0, 3), "delay": delay(draw)},
        }},
        "work": work(draw, 300),
        "fail_per_mille": fail_rate(draw),
        "does": draw.one_of(&["charge", "reserve", "count"]),
        "enqueues": tasks,
        "publisher_confirms": draw.chance(50),
    })
}

fn worker(draw: &mut Draw, number: u64) -> Value {
    let effects = ["mail", "invoice", "label"];
    json!({
        "id": format!("worker-{number}"),
        "title": "Worker",
        "role": "works",
        "instances": draw.between(1, 4),
        "input": {"queue": {
            "queue": format!("tasks-{number}"),
            "prefetch": draw.between(0, 5),
            "ack": draw.one_of(&["after", "after", "auto"]),
        }},
        "work": work(draw, 300),
        "fail_per_mille": fail_rate(draw),
        "does": effects[number as usize],
    })
}

fn work(draw: &mut Draw, most: u64) -> Value {
    let (one, other) = (draw.between(0, most), draw.between(0, most));
    if draw.chance(50) {
        json!({"fixed_ms": one})
    } else {
        json!({"uniform_ms": {"min": one.min(other), "max": one.max(other)}})
    }
}

fn fail_rate(draw: &mut Draw) -> u64 {
    if draw.chance(30) { draw.between(1, 100) } else { 0 }
}

fn delay(draw: &mut Draw) -> Value {
    let (short, long) = (draw.between(1, 200), draw.between(200, 2_000));
    draw.one_of(&[
        json!("immediate"),
        json!({"fixed_ms": short}),
        json!({"ladder_ms": [short, long]}),
        json!({"exponential": {"base_ms": short, "max_ms": long, "jitter_percent": 100}}),
    ])
}
