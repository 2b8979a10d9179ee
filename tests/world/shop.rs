//! A small shop whose services' promises are changed one by one, and what a crash does to it.

use ackademy::simulation::{Observation, Timeline};
use serde_json::{Value, json};

use super::shared::{at, run, see, service};

pub const END: u64 = 90;

/// Twenty orders, one a second: `payment` reads them from a topic, `email` works on its tasks.
pub fn shop() -> Value {
    json!({
        "version": 1, "name": "promises", "title": "Promises", "seed": 3,
        "arrivals": {"per_minute": 60, "limit": 20},
        "topics": [
            {"name": "order-created", "partitions": 3},
            {"name": "order-paid", "partitions": 3},
            {"name": "order-created.dlt", "partitions": 1}
        ],
        "exchanges": [{"name": "tasks", "type": "direct"}, {"name": "dlx", "type": "direct"}],
        "queues": [
            {"name": "mails", "arguments": {
                "x-dead-letter-exchange": "dlx", "x-dead-letter-routing-key": "again"}},
            {"name": "mails.retry", "arguments": {
                "x-message-ttl": 1000, "x-dead-letter-exchange": "tasks",
                "x-dead-letter-routing-key": "mail"}},
            {"name": "dead-letters"}
        ],
        "bindings": [
            {"exchange": "tasks", "queue": "mails", "routing_key": "mail"},
            {"exchange": "dlx", "queue": "mails.retry", "routing_key": "again"},
            {"exchange": "dlx", "queue": "dead-letters", "routing_key": "dead"}
        ],
        "services": [
            {
                "id": "checkout", "title": "checkout", "role": "takes the order",
                "input": {"http": {}}, "work": {"fixed_ms": 5}, "publishes": ["order-created"]
            },
            {
                "id": "payment", "title": "payment", "role": "charges the card",
                "input": {"topic": {
                    "topic": "order-created", "group": "payment", "session_timeout_ms": 6000,
                    "retry": {"attempts": 3, "delay": {"fixed_ms": 100}}}},
                "work": {"fixed_ms": 100}, "does": "charge",
                "enqueues": [{"exchange": "tasks", "routing_key": "mail"}]
            },
            {
                "id": "email", "title": "email", "role": "mails the buyer",
                "input": {"queue": {"queue": "mails"}}, "work": {"fixed_ms": 100}, "does": "mail"
            }
        ]
    })
}

pub const CHECKOUT: usize = 0;
pub const PAYMENT: usize = 1;
pub const EMAIL: usize = 2;

/// The shop with one field of one service set.
pub fn shop_with(service: usize, field: &str, value: Value) -> Value {
    with(shop(), service, field, value)
}

pub fn with(mut shop: Value, service: usize, field: &str, value: Value) -> Value {
    let target = &mut shop["services"][service];
    match field.rsplit_once('/') {
        Some((path, name)) => {
            target.pointer_mut(&format!("/{path}")).expect("the path is there")[name] = value;
        }
        None => target[field] = value,
    }
    shop
}

/// Buyers who hear that their order failed place it again, and `checkout` knows the ones that it
/// has: without both, a crash between write and answer charges an order that its buyer gave up.
pub fn buyers_come_back(mut shop: Value) -> Value {
    let again = json!({"attempts": 60, "delay": {"fixed_ms": 2000}});
    shop["arrivals"]["buyers"] = json!({"retry": again});
    with(shop, CHECKOUT, "deduplicates", json!({}))
}

/// Lets a service crash at a point, restarts it ten seconds later and plays to the end.
pub fn crash(shop: &Value, name: &str, point: &str) -> (Timeline, Observation) {
    let mut run = run(shop);
    at(&mut run, 8, json!({"crash_at": {"service": name, "point": point}}));
    at(&mut run, 18, json!({"restart": {"service": name}}));
    let end = see(&mut run, END);
    assert_eq!(service(&end, name).crashes, 1, "{name} did not crash {point}");
    (run, end)
}

/// Lost and doubled.
pub fn damage(end: &Observation) -> (u64, u64) {
    (end.ledger.lost, end.ledger.duplicated)
}

pub fn promise(service: &str, name: &str, value: Value) -> Value {
    json!({"set": {"service": service, "setting": {name: value}}})
}

pub fn effect(end: &Observation, name: &str) -> u64 {
    end.ledger.effects[&name.to_owned()]
}
