//! Settings of Kafka's clients as services have them: transactions, isolation, static members.

use serde_json::{Value, json};

use super::shared::{at, group, run, see, service, topic};
use super::shop::*;

/// The shop in which payment publishes `order-paid` and `invoice` reads that.
fn invoiced(producer: Value, isolation_level: &str) -> Value {
    let mut shop = with(shop(), PAYMENT, "publishes", json!(["order-paid"]));
    shop = with(shop, PAYMENT, "producer", producer);
    let invoice = json!({
        "id": "invoice", "title": "invoice", "role": "makes the PDF",
        "input": {"topic": {
            "topic": "order-paid", "group": "invoice",
            "consumer": {"isolation_level": isolation_level}}},
        "work": {"fixed_ms": 10}, "does": "invoice"
    });
    shop["services"].as_array_mut().expect("services are a list").push(invoice);
    shop
}

#[test]
fn a_transaction_makes_records_and_offset_visible_together_and_nothing_outside() {
    let crashed = |producer: Value, isolation: &str| {
        let (_, end) = crash(&invoiced(producer, isolation), "payment", "after_publish");
        assert_eq!(end.ledger.lost, 0);
        let payment = service(&end, "payment");
        let transactions = (payment.transactions_committed, payment.transactions_aborted);
        (effect(&end, "invoice"), effect(&end, "charge"), transactions)
    };
    assert_eq!(crashed(json!({}), "read_committed"), (21, 21, (0, 0)));
    let transactional = json!({"transactional": true});
    assert_eq!(crashed(transactional.clone(), "read_uncommitted"), (21, 21, (20, 0)));
    assert_eq!(crashed(transactional, "read_committed"), (20, 21, (20, 0)), "charged outside");
}

#[test]
fn a_zombie_that_comes_back_cannot_commit_what_another_did() {
    let zombie = |producer: Value| {
        let mut shop = invoiced(producer, "read_committed");
        shop["services"][PAYMENT]["instances"] = json!(2);
        shop = with(shop, PAYMENT, "input/topic/consumer", json!({"max_poll_interval_ms": 3000}));
        let mut run = run(&shop);
        at(&mut run, 8, json!({"slow": {"service": "payment", "percent": 15_000}}));
        at(&mut run, 9, json!({"slow": {"service": "payment", "percent": 100}}));
        let end = see(&mut run, END);
        let aborted = service(&end, "payment").transactions_aborted;
        (effect(&end, "charge") - 20, effect(&end, "invoice") - 20, aborted, end.ledger.lost)
    };
    let (charged, invoiced, _, _) = zombie(json!({}));
    assert!(charged > 0 && invoiced == charged, "{charged} and {invoiced} too many");
    assert_eq!(zombie(json!({"transactional": true})), (charged, 0, charged, 0));
}

#[test]
fn a_lasting_error_in_a_transaction_goes_to_the_dead_letter_topic_with_its_offset() {
    let shop = invoiced(json!({"transactional": true}), "read_committed");
    let shop = with(shop, PAYMENT, "fail_for_good_per_mille", json!(300));
    let letters = json!({"dead_letter_topic": "order-created.dlt"});
    let end = see(&mut run(&with(shop, PAYMENT, "input/topic/gives_up", letters)), END);
    assert!(end.ledger.dead_lettered > 0);
    assert_eq!(end.ledger.dead_lettered + end.ledger.completed, 20);
    assert_eq!(service(&end, "payment").transactions_committed, 20);
    assert_eq!((end.ledger.lost, group(&end, "payment").lag), (0, 0));
}

#[test]
fn a_producer_that_waits_for_nobody_is_quick_and_one_that_lingers_is_slow() {
    let median = |producer: Value| {
        let mut shop = shop_with(CHECKOUT, "producer", producer);
        shop["links"] = json!({"kafka_us": 20_000});
        see(&mut run(&shop), 20).checkout.p50_ms
    };
    let (all, none, slow) =
        (median(json!({})), median(json!({"acks": "0"})), median(json!({"linger_ms": 200})));
    assert!(none + 40 <= all && all + 150 <= slow, "{none}, {all} and {slow} ms");
}

#[test]
fn a_group_without_an_offset_starts_where_auto_offset_reset_says() {
    let read = |reset: &str| {
        let consumer = json!({"auto_offset_reset": reset});
        let mut shop = shop_with(PAYMENT, "input/topic/consumer", consumer);
        shop["faults"] = json!([{"at_ms": 0, "command": {"kill": {"service": "payment"}}}]);
        let mut run = run(&shop);
        at(&mut run, 10, json!({"restart": {"service": "payment"}}));
        effect(&see(&mut run, END), "charge")
    };
    assert_eq!(read("earliest"), 20);
    assert!((1..15).contains(&read("latest")), "what came before it is not read");
}

#[test]
fn a_static_member_keeps_its_seat_over_a_restart() {
    let rebalances = |consumer: Value| {
        let shop = shop_with(PAYMENT, "input/topic/consumer", consumer);
        let mut run = run(&shop);
        let before = group(&see(&mut run, 8), "payment").generation;
        at(&mut run, 9, json!({"kill": {"service": "payment"}}));
        at(&mut run, 10, json!({"restart": {"service": "payment"}}));
        let end = see(&mut run, END);
        assert_eq!(end.ledger.completed, 20);
        group(&end, "payment").generation - before
    };
    assert!(rebalances(json!({})) > 0);
    assert_eq!(rebalances(json!({"group_instance_id": "payment"})), 0);
}

#[test]
fn commits_by_the_clock_repeat_less_when_the_clock_is_quick() {
    let repeated = |auto_commit_interval_ms: u64| {
        let shop = shop_with(PAYMENT, "input/topic/commit", json!("auto"));
        let consumer = json!({"auto_commit_interval_ms": auto_commit_interval_ms});
        let shop = with(shop, PAYMENT, "input/topic/consumer", consumer);
        crash(&shop, "payment", "after_receive").1.ledger.charged_twice
    };
    assert!(repeated(500) < repeated(5_000));
}

#[test]
fn a_producer_becomes_transactional_while_orders_come_in() {
    let mut run = run(&invoiced(json!({}), "read_committed"));
    at(&mut run, 5, promise("payment", "producer", json!({"transactional": true})));
    at(&mut run, 12, promise("payment", "producer", json!({})));
    let end = see(&mut run, END);
    let committed = service(&end, "payment").transactions_committed;
    assert!((3..15).contains(&committed), "{committed} transactions");
    assert_eq!((end.ledger.completed, damage(&end)), (20, (0, 0)));
}

#[test]
fn only_an_idempotent_producer_writes_once_when_an_answer_is_lost() {
    let end = |idempotent: bool, lost: bool| {
        let settings = json!({"enable_idempotence": idempotent});
        let mut run = run(&shop_with(CHECKOUT, "producer", settings));
        if lost {
            at(&mut run, 8, json!({"lose_reply": {"of": "kafka"}}));
        }
        let end = see(&mut run, END);
        (topic(&end, "order-created").records, damage(&end))
    };
    assert_eq!(end(false, true), (21, (0, 2)), "one order is charged and mailed twice");
    assert_eq!(end(true, true), (20, (0, 0)), "the broker knows the batch");
    assert_eq!((end(false, false), end(true, false)), ((20, (0, 0)), (20, (0, 0))));
}

#[test]
fn records_are_overtaken_when_a_retry_comes_late_unless_the_broker_knows_their_order() {
    let overtaken = |settings: Value| {
        let mut shop = shop_with(CHECKOUT, "producer", settings);
        shop["arrivals"] = json!({"per_minute": 1_200, "limit": 400});
        let lossy = json!({"loss_per_mille": 200});
        let mut run = run(&shop);
        at(&mut run, 0, json!({"link_fault": {"from": "checkout", "to": "kafka", "fault": lossy}}));
        topic(&see(&mut run, END), "order-created").overtaken
    };
    let in_flight = |most: u64| json!({"enable_idempotence": false, "max_in_flight_requests_per_connection": most});
    assert!(overtaken(in_flight(5)) > 0);
    assert_eq!((overtaken(in_flight(1)), overtaken(json!({"enable_idempotence": true}))), (0, 0));
}
