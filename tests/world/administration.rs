//! What operators and learners change beside the services: bindings, policies, decisions, and how
//! many members share the work.

use ackademy::simulation::Timeline;
use serde_json::{Value, json};

use super::calls::{at, command, of, run, service};

/// Checkout publishes a task a second to a topic exchange that nothing is bound to.
fn unbound() -> Timeline {
    let task = json!({"exchange": "events", "routing_key": "order.completed.us"});
    run(json!({
        "arrivals": {"per_minute": 60},
        "exchanges": [{"name": "events", "type": "topic"}, {"name": "rest", "type": "fanout"}],
        "queues": [{"name": "mails"}, {"name": "left-over"}],
        "bindings": [{"exchange": "rest", "queue": "left-over"}],
        "services": [
            service("checkout", json!({"http": {}}), 1, json!({"enqueues": [task]})),
            service("email", json!({"queue": {"queue": "mails"}}), 10, json!({"does": "mail"})),
        ]
    }))
}

fn binding(key: &str) -> Value {
    json!({"binding": {"exchange": "events", "queue": "mails", "routing_key": key}})
}

#[test]
fn a_binding_counts_from_when_it_is_made_until_it_is_undone() {
    let mut shop = unbound();
    // The tenth is on its way.
    assert_eq!(at(&mut shop, 10).rabbitmq.unroutable_dropped, 9);
    assert_eq!(shop.world().standing().bindings.len(), 1);
    command(&mut shop, json!({"bind": binding("order.completed.*")}));
    assert_eq!(shop.world().standing().bindings.len(), 2);
    let bound = at(&mut shop, 20);
    assert_eq!(of(&bound.queues, "mails").published, 10);
    command(&mut shop, json!({"unbind": binding("order.completed.*")}));
    command(&mut shop, json!({"bind": binding("order.cancelled.*")}));
    let end = at(&mut shop, 30);
    assert_eq!((of(&end.queues, "mails").published, end.rabbitmq.unroutable_dropped), (10, 19));
    let refused =
        shop.command(read(&json!({"bind": {"binding": {"exchange": "none", "queue": "mails"}}})));
    assert!(refused.expect_err("it is not there").to_string().contains("no exchange 'none'"));
}

#[test]
fn a_policy_gives_an_exchange_an_alternate_and_can_be_cleared() {
    let mut shop = unbound();
    let definition = json!({"alternate-exchange": "rest"});
    let policy = json!({"name": "catch", "pattern": "^events$", "apply_to": "exchanges", "definition": definition});
    command(&mut shop, json!({"set_policy": {"policy": policy}}));
    let caught = at(&mut shop, 10);
    assert_eq!(
        (of(&caught.queues, "left-over").published, caught.rabbitmq.unroutable_dropped),
        (9, 0)
    );
    command(&mut shop, json!({"clear_policy": {"name": "catch"}}));
    assert_eq!(at(&mut shop, 20).rabbitmq.unroutable_dropped, 10);
    assert!(shop.command(read(&json!({"clear_policy": {"name": "catch"}}))).is_err());
    let unknown = json!({"name": "x", "pattern": "x", "definition": {"no-such-key": 1}});
    assert!(shop.command(read(&json!({"set_policy": {"policy": unknown}}))).is_err());
}

#[test]
fn mandatory_tasks_come_back_once_that_is_set() {
    let mut shop = unbound();
    command(&mut shop, json!({"set": {"service": "checkout", "setting": {"mandatory": true}}}));
    let end = at(&mut shop, 10);
    assert_eq!((end.rabbitmq.unroutable_returned, end.rabbitmq.unroutable_dropped), (9, 0));
}

#[test]
fn a_worker_that_requeues_meets_the_same_message_again_and_again() {
    let mut shop = unbound();
    command(&mut shop, json!({"bind": binding("#")}));
    command(&mut shop, json!({"set": {"service": "email", "setting": {"requeues": true}}}));
    command(&mut shop, json!({"poison": {"service": "email"}}));
    let end = at(&mut shop, 10);
    let mails = of(&end.queues, "mails");
    assert!(mails.requeued > 500 && mails.dead_lettered == 0, "{mails:?}");
    assert_eq!(end.ledger.lost, 0);
}

#[test]
fn a_decision_is_noted_and_changes_nothing_else() {
    let (mut plain, mut decided) = (unbound(), unbound());
    assert_eq!(decided.world().figure("/decisions/mail"), Some("".into()));
    command(&mut decided, json!({"decide": {"question": "mail", "answer": "queue"}}));
    assert_eq!(decided.world().figure("/decisions/mail"), Some("queue".into()));
    assert_eq!(at(&mut plain, 10).ledger, at(&mut decided, 10).ledger);
}

#[test]
fn a_member_that_gives_up_all_it_has_read_goes_on_with_what_it_keeps() {
    let reader = json!({"topic": {
        "topic": "orders", "group": "payment", "assignor": "cooperative-sticky", "max_poll_records": 10
    }});
    let mut shop = run(json!({
        "arrivals": {"per_minute": 3_000},
        "topics": [{"name": "orders", "partitions": 12}],
        "services": [
            service("checkout", json!({"http": {}}), 1, json!({"publishes": ["orders"]})),
            service("payment", reader, 100, json!({"does": "charge", "instances": 2})),
        ]
    }));
    at(&mut shop, 20);
    command(&mut shop, json!({"instances": {"service": "payment", "count": 12}}));
    at(&mut shop, 60);
    command(&mut shop, json!({"arrival_rate": {"per_minute": 0}}));
    assert_eq!(of(&at(&mut shop, 120).groups, "payment").lag, 0);
}

fn read(command: &Value) -> ackademy::simulation::Command {
    ackademy::json::from_value(command).expect("it is a command")
}
