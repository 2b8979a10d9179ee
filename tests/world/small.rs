//! How the small worlds of these tests are made and played.

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::simulation::{Command, Finding, Observation, Scenario, Timeline};
use litemap::LiteMap;
use serde_json::{Value, json};

/// Plays a scenario with commands, each given as its JSON, up to a second.
pub fn play(scenario: &Value, commands: &[(u64, Value)], until_secs: u64) -> Timeline {
    let scenario = Scenario::from_json(&scenario.to_string()).expect("the scenario is sound");
    let seed = scenario.seed;
    let inputs = commands.iter().map(|(at_ms, command)| {
        let command: Command = ackademy::json::from_value(command).expect("it is a command");
        (Instant::from_millis(*at_ms), command)
    });
    let mut run = Timeline::with_inputs(Rc::new(scenario), seed, inputs.collect());
    run.run_until(Instant::from_secs(until_secs));
    run
}

/// What can be seen; every order has one status, and every cent is accounted for.
pub fn observe(run: &Timeline) -> Observation {
    let seen = run.world().observe();
    let ledger = &seen.ledger;
    let sum = ledger.completed + ledger.in_progress + ledger.lost + ledger.dead_lettered;
    assert_eq!(ledger.placed, sum, "orders are not accounted for: {ledger:?}");
    let money = &ledger.money;
    assert_eq!(
        money.owed_cents + money.charged_twice_cents,
        money.charged_cents + money.not_charged_cents,
        "cents are not accounted for: {money:?}"
    );
    seen
}

pub fn findings(run: &Timeline) -> Vec<Finding> {
    run.world().ledger().findings().cloned().collect()
}

/// The figure of one effect.
pub fn of(figures: &LiteMap<String, u64>, effect: &str) -> u64 {
    *figures.get(effect).expect("the system owes this effect")
}

/// A checkout that publishes, a payment that charges and enqueues, an email worker.
pub fn desk() -> Value {
    json!({
        "version": 1, "name": "desk", "title": "Desk", "seed": 3,
        "arrivals": {"per_minute": 60, "limit": 20},
        "topics": [{"name": "order-created", "partitions": 3}],
        "exchanges": [{"name": "tasks", "type": "direct"}],
        "queues": [{"name": "mails"}],
        "bindings": [{"exchange": "tasks", "queue": "mails", "routing_key": "mail"}],
        "services": [
            {
                "id": "checkout", "title": "Checkout", "role": "takes orders",
                "input": {"http": {}}, "work": {"fixed_ms": 5}, "publishes": ["order-created"]
            },
            {
                "id": "payment", "title": "Payment", "role": "charges", "does": "charge",
                "input": {"topic": {"topic": "order-created", "group": "payment", "session_timeout_ms": 6000}},
                "work": {"fixed_ms": 50},
                "enqueues": [{"exchange": "tasks", "routing_key": "mail"}]
            },
            {
                "id": "email", "title": "Email", "role": "mails", "does": "mail",
                "input": {"queue": {"queue": "mails"}}, "work": {"fixed_ms": 50}
            }
        ]
    })
}

pub fn kill(service: &str) -> Value {
    json!({"kill": {"service": service}})
}

pub fn restart(service: &str) -> Value {
    json!({"restart": {"service": service}})
}
