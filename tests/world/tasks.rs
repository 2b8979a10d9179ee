//! Tasks on their way into queues: bounded queues, publisher confirms, mandatory, priorities.

use ackademy::simulation::{Observation, Timeline};
use serde_json::{Value, json};

use super::calls::{at, command, lines, of, run, service};

/// Checkout enqueues ten tasks a second for a worker that makes one.
fn shop(queue: Value, binding: &str, confirms: bool, mandatory: bool) -> Timeline {
    let task = json!({"exchange": "tasks", "routing_key": "mail", "mandatory": mandatory});
    let passes_on = json!({"enqueues": [task], "publisher_confirms": confirms});
    let worker = json!({"queue": {"queue": "mails", "prefetch": 1}});
    run(json!({
        "arrivals": {"per_minute": 600, "priorities": [{"priority": 5, "percent": 30}]},
        "links": {"rabbitmq_us": 5_000},
        "exchanges": [{"name": "tasks", "type": "direct"}],
        "queues": [{"name": "mails", "arguments": queue}],
        "bindings": [{"exchange": "tasks", "queue": "mails", "routing_key": binding}],
        "services": [
            service("checkout", json!({"http": {}}), 1, passes_on),
            service("email", worker, 1_000, json!({"does": "mail"})),
        ]
    }))
}

fn full(overflow: &str, confirms: bool) -> Observation {
    let queue = json!({"x-max-length": 50, "x-overflow": overflow});
    at(&mut shop(queue, "mail", confirms, false), 60)
}

#[test]
fn a_full_queue_loses_its_oldest_or_its_newest_silently_without_confirms() {
    let oldest = full("drop-head", false);
    let newest = full("reject-publish", false);
    for figures in [&oldest, &newest] {
        assert_eq!(figures.checkout.failed, 0);
        assert!((450..=500).contains(&figures.ledger.lost), "{:?}", figures.ledger);
    }
    let confirmed = full("drop-head", true);
    assert!(confirmed.ledger.lost > 450, "a confirm does not keep a message from being dropped");
    assert_eq!(confirmed.checkout.failed, 0);
}

#[test]
fn with_confirms_the_buyer_hears_of_a_queue_that_refuses() {
    let figures = full("reject-publish", true);
    assert_eq!(figures.ledger.lost, 0, "whoever has a yes gets a mail");
    assert!((450..=500).contains(&figures.checkout.failed), "{:?}", figures.checkout);
    assert_eq!(of(&figures.services, "checkout").unconfirmed, 0);
    // A confirm costs the way to the broker and back: 2 × 5 ms on top of 1 ms of work.
    assert_eq!(figures.checkout.p50_ms, 13);
    assert_eq!(full("reject-publish", false).checkout.p50_ms, 3);
}

#[test]
fn confirms_can_be_switched_on_and_off() {
    let queue = json!({"x-max-length": 50, "x-overflow": "reject-publish"});
    let mut run = shop(queue, "mail", false, false);
    let silent = at(&mut run, 30);
    command(&mut run, json!({"publisher_confirms": {"service": "checkout", "enabled": true}}));
    let told = at(&mut run, 60);
    assert!(silent.ledger.lost > 100 && silent.checkout.failed == 0);
    assert_eq!(told.ledger.lost, silent.ledger.lost);
    assert!(told.checkout.failed > 200);
    command(&mut run, json!({"publisher_confirms": {"service": "checkout", "enabled": false}}));
    let again = at(&mut run, 90);
    assert!(again.ledger.lost > told.ledger.lost + 200);
    assert_eq!(again.checkout.failed, told.checkout.failed);
}

#[test]
fn an_unroutable_task_vanishes_unless_it_is_mandatory() {
    let unroutable = |confirms, mandatory| {
        let mut run = shop(json!({}), "other", confirms, mandatory);
        let figures = at(&mut run, 30);
        (figures, lines(run.world()))
    };
    let (vanished, _) = unroutable(true, false);
    assert!(vanished.ledger.lost > 290, "an unroutable task is confirmed all the same");
    assert_eq!((vanished.checkout.failed, of(&vanished.services, "checkout").returned), (0, 0));
    let (returned, told) = unroutable(true, true);
    assert_eq!(returned.ledger.lost, 0);
    assert!(returned.checkout.failed > 290);
    assert!(of(&returned.services, "checkout").returned > 290);
    assert!(told.iter().any(|line| line.contains("a task of checkout came back: 312 NO_ROUTE")));
    let (unheard, _) = unroutable(false, true);
    assert!(unheard.ledger.lost > 290, "it comes back when the buyer has had an answer");
}

#[test]
fn the_priority_of_an_order_is_that_of_its_tasks() {
    let priorities = |arguments: Value| {
        let mut run = shop(arguments, "mail", false, false);
        at(&mut run, 30);
        let queue = run.world().rabbitmq().queue("mails").expect("it is declared");
        let priority = |waiting: &ackademy::engine::rabbitmq::QueuedMessage| {
            waiting.message.properties().priority
        };
        queue.ready().map(priority).collect::<Vec<_>>()
    };
    let ranked = priorities(json!({"x-max-priority": 10}));
    let urgent = ranked.iter().filter(|priority| **priority == Some(5)).count();
    assert!((40..=80).contains(&urgent), "{urgent} of {}", ranked.len());
    assert!(ranked[..urgent].iter().all(|priority| *priority == Some(5)), "urgent first");
    let plain = priorities(json!({}));
    assert!(plain[..urgent].contains(&Some(0)), "an ordinary queue keeps the order of arrival");
}
