//! What a service promises about a message: acknowledgement and commit against the work, lasting
//! errors, stores of what is done, idempotency keys, databases and outboxes.

use std::rc::Rc;

use ackademy::engine::rabbitmq::QueuedMessage;
use ackademy::simulation::{AckMode, Command, CommitMode, Observation, Order, Timeline};
use serde_json::{Value, json};

use super::shared::{at, count, group, queue, refusal, run, see, service, topic};
use super::shop::*;

#[test]
fn without_a_fault_every_promise_keeps_every_order() {
    let plain = see(&mut run(&shop()), END);
    assert_eq!((plain.ledger.completed, damage(&plain)), (20, (0, 0)));
    let cases = [
        (EMAIL, "input/queue/ack", json!("before")),
        (EMAIL, "input/queue/ack", json!("auto")),
        (PAYMENT, "input/topic/commit", json!("before")),
        (PAYMENT, "input/topic/commit", json!("auto")),
        (PAYMENT, "deduplicates", json!({})),
        (PAYMENT, "idempotency_key", json!(true)),
        (PAYMENT, "database", json!({})),
        (CHECKOUT, "database", json!({"publishes": "before_write"})),
        (CHECKOUT, "database", json!({"publishes": "after_write"})),
        (CHECKOUT, "database", json!({"publishes": {"outbox": {}}})),
        (CHECKOUT, "record_key", json!("country")),
        (CHECKOUT, "record_key", json!("none")),
    ];
    for (target, field, value) in cases {
        let end = see(&mut run(&shop_with(target, field, value.clone())), END);
        assert_eq!((end.ledger.completed, damage(&end)), (20, (0, 0)), "{field} {value}");
    }
}

#[test]
fn where_a_worker_acks_and_where_it_dies_decide_between_zero_one_and_many() {
    let cases = [
        ("after", "after_receive", (0, 0)),
        ("after", "after_work", (0, 1)),
        ("after", "before_ack", (0, 1)),
        ("before", "after_receive", (1, 0)),
        ("before", "after_work", (0, 0)),
        ("before", "before_ack", (0, 0)),
        ("auto", "after_receive", (1, 0)),
    ];
    for (ack, point, expected) in cases {
        let (_, end) = crash(&shop_with(EMAIL, "input/queue/ack", json!(ack)), "email", point);
        assert_eq!(damage(&end), expected, "ack {ack}, crash {point}");
        assert_eq!(end.ledger.completed + end.ledger.lost, 20, "ack {ack}, crash {point}");
    }
}

#[test]
fn a_worker_that_changes_its_mode_gives_back_what_it_has_in_hand() {
    let changed = |from: &str, to: &str| {
        let mut shop = shop_with(EMAIL, "input/queue/ack", json!(from));
        shop = with(shop, EMAIL, "work", json!({"fixed_ms": 900}));
        let mut run = run(&shop);
        at(&mut run, 10, json!({"ack": {"service": "email", "mode": to}}));
        let end = see(&mut run, END);
        assert_eq!(service(&end, "email").ack == AckMode::Auto, to == "auto");
        end.ledger.lost
    };
    assert_eq!(changed("after", "auto"), 0, "the broker had it still");
    assert!(changed("auto", "after") > 0, "the broker had forgotten it");
}

#[test]
fn where_a_consumer_commits_and_where_it_dies_decide_between_zero_one_and_many() {
    let cases = [
        ("after", "after_receive", (0, 0)),
        ("after", "after_work", (0, 1)),
        ("after", "before_ack", (0, 2)),
        ("before", "after_receive", (1, 0)),
        ("before", "after_work", (1, 0)),
        ("before", "before_ack", (0, 0)),
    ];
    for (commit, point, expected) in cases {
        let (_, end) =
            crash(&shop_with(PAYMENT, "input/topic/commit", json!(commit)), "payment", point);
        assert_eq!(damage(&end), expected, "commit {commit}, crash {point}");
    }
}

#[test]
fn commits_by_the_clock_repeat_what_they_had_not_reached() {
    let shop = shop_with(PAYMENT, "input/topic/commit", json!("auto"));
    let (_, end) = crash(&shop, "payment", "after_receive");
    assert_eq!(end.ledger.lost, 0);
    assert!(end.ledger.charged_twice >= 2, "{} charged twice", end.ledger.charged_twice);
}

#[test]
fn a_consumer_changes_where_it_commits_and_back() {
    let mut run = run(&shop());
    at(&mut run, 3, promise("payment", "commit", json!("before")));
    at(&mut run, 8, json!({"crash_at": {"service": "payment", "point": "after_receive"}}));
    at(&mut run, 10, json!({"restart": {"service": "payment"}}));
    at(&mut run, 12, promise("payment", "commit", json!("after")));
    assert_eq!(service(&see(&mut run, 13), "payment").commit, CommitMode::After);
    at(&mut run, 20, json!({"crash_at": {"service": "payment", "point": "after_receive"}}));
    at(&mut run, 25, json!({"restart": {"service": "payment"}}));
    assert_eq!(damage(&see(&mut run, END)), (1, 0));
}

#[test]
fn a_lasting_error_is_not_tried_again_by_who_knows_it() {
    let failing = shop_with(PAYMENT, "fail_for_good_per_mille", json!(300));
    let attempts = |shop: &Value| {
        let end = see(&mut run(shop), END);
        assert!(end.ledger.lost > 0, "nothing failed");
        assert_eq!(service(&end, "payment").given_up, end.ledger.lost);
        (end.ledger.lost, service(&end, "payment").failed)
    };
    let (lost, failed) = attempts(&failing);
    assert_eq!(failed, lost);
    let (lost_too, failed) = attempts(&with(failing, PAYMENT, "lasting_errors", json!([])));
    assert_eq!((lost_too, failed), (lost, 4 * lost), "the same orders, after four attempts each");
}

#[test]
fn a_dead_letter_topic_keeps_what_would_be_skipped() {
    let failing = shop_with(PAYMENT, "fail_for_good_per_mille", json!(300));
    let skipped = see(&mut run(&failing), END).ledger.lost;
    let letters = json!({"dead_letter_topic": "order-created.dlt"});
    let end = see(&mut run(&with(failing, PAYMENT, "input/topic/gives_up", letters)), END);
    assert_eq!((end.ledger.lost, end.ledger.dead_lettered), (0, skipped));
    assert_eq!(topic(&end, "order-created.dlt").records, skipped);
    assert_eq!(group(&end, "payment").lag, 0);
}

#[test]
fn a_worker_that_knows_a_poisoned_message_spares_it_the_ladder() {
    let poison = |shop: &Value| {
        let mut run = run(shop);
        at(&mut run, 5, json!({"poison": {"service": "email"}}));
        see(&mut run, 40)
    };
    let hopeful = poison(&shop());
    assert!(service(&hopeful, "email").failed > 20, "it goes round and round");
    assert_eq!(hopeful.ledger.dead_lettered, 0);
    let place = json!({"exchange": "dlx", "routing_key": "dead"});
    let knowing = shop_with(EMAIL, "input/queue/gives_up", place);
    let knowing = poison(&with(knowing, EMAIL, "lasting_errors", json!(["unreadable"])));
    assert_eq!((service(&knowing, "email").failed, knowing.ledger.dead_lettered), (1, 1));
    assert_eq!((queue(&knowing, "dead-letters").ready, knowing.ledger.lost), (1, 0));
}

#[test]
fn repaired_dead_letters_are_replayed() {
    let mut shop = shop_with(EMAIL, "does", json!("label"));
    shop["arrivals"]["malformed_addresses"] = json!([3, 5]);
    shop = with(shop, EMAIL, "lasting_errors", json!(["malformed_address"]));
    shop = with(
        shop,
        EMAIL,
        "input/queue/gives_up",
        json!({"exchange": "dlx", "routing_key": "dead"}),
    );
    let replayed = |repair: bool| {
        let mut run = run(&shop);
        assert_eq!(see(&mut run, 30).ledger.dead_lettered, 2);
        let to = json!({
            "queue": "dead-letters", "exchange": "tasks", "routing_key": "mail", "repair": repair
        });
        at(&mut run, 30, json!({"replay": to}));
        let end = see(&mut run, END);
        (end.ledger.completed, end.ledger.dead_lettered, queue(&end, "dead-letters").ready)
    };
    assert_eq!(replayed(true), (20, 0, 0));
    assert_eq!(replayed(false), (18, 2, 2));
}

/// Two orders without an address are dead letters; what becomes of them by a replay of these.
fn letters(replay: impl Fn(&[Rc<str>]) -> Value) -> (u64, u64, Vec<bool>) {
    let mut shop = shop_with(EMAIL, "does", json!("label"));
    shop["arrivals"]["malformed_addresses"] = json!([3, 5]);
    shop["queues"][0]["arguments"]["x-dead-letter-routing-key"] = json!("dead");
    let mut run = run(&shop);
    see(&mut run, END);
    let waiting = |run: &Timeline| -> Vec<(Rc<str>, bool)> {
        let queue = run.world().rabbitmq().queue("dead-letters").expect("it is declared");
        let one = |one: &QueuedMessage| {
            let id = one.message.properties().message_id.clone();
            (id.expect("tasks have ids"), one.redelivered)
        };
        queue.ready().map(one).collect()
    };
    let ids: Vec<Rc<str>> = waiting(&run).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2);
    let mut command = replay(&ids);
    command["queue"] = json!("dead-letters");
    at(&mut run, END, json!({"replay": command}));
    let left = waiting(&run).into_iter().map(|(_, redelivered)| redelivered).collect();
    let end = see(&mut run, 2 * END);
    (end.ledger.completed, end.ledger.dead_lettered, left)
}

#[test]
fn a_dead_letter_goes_back_to_where_it_was_published_first() {
    assert_eq!(letters(|_| json!({"repair": true})), (20, 0, vec![]));
}

#[test]
fn only_the_chosen_dead_letters_are_replayed_and_the_others_stay_redelivered() {
    let second = letters(|ids| json!({"repair": true, "only": [&*ids[1]]}));
    assert_eq!(second, (19, 1, vec![true]));
}

#[test]
fn an_edited_dead_letter_says_what_was_written() {
    let body = |number: u32| {
        let order = json!({
            "order_id": Order::id(number), "amount_cents": 100, "country": "DE",
            "address": "2 Quay", "card_is_good": true
        });
        order.to_string()
    };
    let mended = letters(|ids| json!({"only": [&*ids[0]], "body": body(3)}));
    assert_eq!(mended, (19, 1, vec![true]));
    let still_bad = letters(|ids| json!({"only": [&*ids[0]], "body": "no order"}));
    assert_eq!(still_bad.0, 18);
}

#[test]
fn a_body_belongs_to_one_dead_letter() {
    let run = run(&shop_with(EMAIL, "does", json!("label")));
    let command = json!({"replay": {"queue": "dead-letters", "body": "{}"}});
    let command: Command = ackademy::json::from_value(&command).expect("it is a command");
    let error = run.world().check(&command).expect_err("which message is meant?");
    assert!(error.message.contains("one message"), "{error}");
}

#[test]
fn a_service_that_reads_the_dead_letter_topic_brings_its_orders_back() {
    let mut shop = shop_with(PAYMENT, "fail_for_good_per_mille", json!(300));
    let letters = json!({"dead_letter_topic": "order-created.dlt"});
    shop = with(shop, PAYMENT, "input/topic/gives_up", letters);
    let repair = json!({
        "id": "repair", "title": "repair", "role": "sends letters back",
        "input": {"topic": {"topic": "order-created.dlt", "group": "repair"}},
        "work": {"fixed_ms": 10}, "publishes": ["order-created"]
    });
    shop["services"].as_array_mut().expect("services are a list").push(repair);
    shop["faults"] = json!([{"at_ms": 0, "command": {"kill": {"service": "repair"}}}]);
    let mut run = run(&shop);
    assert!(see(&mut run, 40).ledger.dead_lettered > 0);
    at(&mut run, 40, promise("payment", "fail_for_good_per_mille", json!(0)));
    at(&mut run, 41, json!({"restart": {"service": "repair"}}));
    let end = see(&mut run, END);
    assert_eq!((end.ledger.completed, end.ledger.dead_lettered, damage(&end)), (20, 0, (0, 0)));
}

#[test]
fn a_store_of_what_is_done_saves_from_a_second_charge() {
    let (_, without) = crash(&shop(), "payment", "before_ack");
    assert_eq!(without.ledger.charged_twice, 1);
    let store = |lifetime_ms: u64| {
        let shop = shop_with(PAYMENT, "deduplicates", json!({"lifetime_ms": lifetime_ms}));
        crash(&shop, "payment", "before_ack").1
    };
    let remembered = store(60_000);
    assert_eq!((remembered.ledger.charged_twice, service(&remembered, "payment").skipped), (0, 1));
    assert_eq!(damage(&remembered), (0, 0));
    let forgotten = store(1_000);
    assert_eq!((forgotten.ledger.charged_twice, service(&forgotten, "payment").skipped), (1, 0));
}

#[test]
fn an_idempotency_key_saves_from_the_charge_that_no_store_knows() {
    let store = shop_with(PAYMENT, "deduplicates", json!({}));
    let (_, without) = crash(&store, "payment", "after_work");
    assert_eq!(without.ledger.charged_twice, 1);
    let keyed = with(store, PAYMENT, "idempotency_key", json!(true));
    let (_, end) = crash(&keyed, "payment", "after_work");
    assert_eq!((end.ledger.charged_twice, service(&end, "payment").recognised), (0, 1));
    let mut undone = run(&keyed);
    at(&mut undone, 2, promise("payment", "idempotency_key", json!(false)));
    at(&mut undone, 8, json!({"crash_at": {"service": "payment", "point": "after_work"}}));
    at(&mut undone, 18, json!({"restart": {"service": "payment"}}));
    assert_eq!(see(&mut undone, END).ledger.charged_twice, 1);
}

#[test]
fn two_writes_without_a_transaction_come_apart() {
    let shop = |publishes: Value| shop_with(CHECKOUT, "database", json!({"publishes": publishes}));
    let stored = |end: &Observation| {
        let database = service(end, "checkout").database.clone().expect("it has a database");
        (database.rows, database.unpublished, database.unwritten, database.outbox)
    };
    let (_, written) = crash(&shop(json!("after_write")), "checkout", "after_write");
    assert_eq!((stored(&written).1, stored(&written).2, written.ledger.lost), (1, 0, 1));
    assert_eq!(topic(&written, "order-created").records, stored(&written).0 - 1);
    let (_, published) = crash(&shop(json!("before_write")), "checkout", "after_publish");
    assert_eq!((stored(&published).1, stored(&published).2, published.ledger.lost), (0, 1, 1));
    assert_eq!(topic(&published, "order-created").records, stored(&published).0 + 1);

    let (_, outbox) = crash(&shop(json!({"outbox": {}})), "checkout", "after_write");
    assert_eq!((stored(&outbox).1, stored(&outbox).2, stored(&outbox).3), (0, 0, 0));
    assert_eq!(topic(&outbox, "order-created").records, stored(&outbox).0);
    assert_eq!((damage(&outbox), outbox.ledger.paid_but_failed), ((1, 0), 1), "nobody answered");
    let careful = buyers_come_back(shop(json!({"outbox": {}})));
    let (_, careful) = crash(&careful, "checkout", "after_write");
    assert_eq!((stored(&careful).1, stored(&careful).2, stored(&careful).3), (0, 0, 0));
    assert_eq!(topic(&careful, "order-created").records, stored(&careful).0);
    assert_eq!(damage(&careful), (0, 0));
    let (_, twice) = crash(&shop(json!({"outbox": {}})), "checkout", "after_publish");
    assert_eq!((stored(&twice).1, stored(&twice).2, stored(&twice).3), (0, 0, 0));
    assert_eq!(topic(&twice, "order-created").records, stored(&twice).0 + 1, "at least once");
    assert_eq!(damage(&twice), (0, 2), "one charge and one mail too many");
}

#[test]
fn a_consumer_that_remembers_in_its_transaction_needs_an_outbox_too() {
    let shop = with(shop(), PAYMENT, "publishes", json!(["order-paid"]));
    let shop = with(shop, PAYMENT, "deduplicates", json!({}));
    let paid = |publishes: Value| {
        let shop = with(shop.clone(), PAYMENT, "database", json!({"publishes": publishes}));
        let (_, end) = crash(&shop, "payment", "after_write");
        (topic(&end, "order-paid").records, end.ledger.lost, end.ledger.charged_twice)
    };
    assert_eq!(paid(json!("after_write")), (19, 1, 0), "passed over, and never published");
    assert_eq!(paid(json!({"outbox": {"relay_every_ms": 100}})), (20, 0, 0));
}

#[test]
fn the_key_decides_which_partition_a_record_goes_to() {
    let spread = |key: &str| {
        let mut shop = shop_with(CHECKOUT, "record_key", json!(key));
        shop["topics"][0]["partitions"] = json!(12);
        shop["arrivals"] = json!({"per_minute": 600, "limit": 600});
        let end = see(&mut run(&shop), END);
        let records = |one: &ackademy::simulation::PartitionFigures| one.end_offset;
        let ends: Vec<u64> = topic(&end, "order-created").partitions.iter().map(records).collect();
        assert_eq!(ends.iter().sum::<u64>(), 600);
        (ends.iter().filter(|end| **end > 0).count(), ends.into_iter().max())
    };
    let (by_order, by_country) = (spread("order_id"), spread("country"));
    assert_eq!(by_order.0, 12);
    assert!(by_order.1 < Some(90), "evenly: {by_order:?}");
    assert!(by_country.0 <= 6, "six countries: {by_country:?}");
    assert!(by_country.1 > Some(90), "a hot partition: {by_country:?}");
}

#[test]
fn promises_that_cannot_be_kept_are_refused_with_their_path() {
    let cases = [
        (PAYMENT, "fail_for_good_per_mille", json!(1_001), "services[1].fail_for_good_per_mille"),
        (
            PAYMENT,
            "deduplicates",
            json!({"lifetime_ms": 0}),
            "services[1].deduplicates.lifetime_ms",
        ),
        (CHECKOUT, "idempotency_key", json!(true), "services[0].idempotency_key"),
        (
            CHECKOUT,
            "database",
            json!({"publishes": {"outbox": {"relay_every_ms": 0}}}),
            "services[0].database.publishes.outbox.relay_every_ms",
        ),
        (
            EMAIL,
            "database",
            json!({"publishes": {"outbox": {}}}),
            "services[2].database.publishes.outbox",
        ),
        (
            PAYMENT,
            "input/topic/gives_up",
            json!({"dead_letter_topic": "nowhere"}),
            "services[1].input.topic.gives_up.dead_letter_topic",
        ),
        (PAYMENT, "producer", json!({"transactional": true}), "services[1].producer.transactional"),
        (PAYMENT, "producer", json!({"acks": "2"}), "services[1].producer.acks"),
        (
            PAYMENT,
            "input/topic/consumer",
            json!({"max_poll_interval_ms": 0}),
            "services[1].input.topic.consumer.max_poll_interval_ms",
        ),
        (
            EMAIL,
            "input/queue/gives_up",
            json!({"exchange": "nowhere", "routing_key": ""}),
            "services[2].input.queue.gives_up.exchange",
        ),
    ];
    for (target, field, value, path) in cases {
        let refused = refusal(&shop_with(target, field, value));
        assert!(refused.contains(path), "{refused} does not name {path}");
    }
    let mut run = run(&shop());
    for (target, name, value) in [
        ("checkout", "commit", json!("before")),
        ("checkout", "idempotency_key", json!(true)),
        ("email", "database", json!({"publishes": {"outbox": {}}})),
    ] {
        let command = ackademy::json::from_value(&promise(target, name, value));
        assert!(run.command(command.expect("it is a command")).is_err(), "{target} {name}");
    }
    assert_eq!(count(&run, "checkout"), count(&run, "checkout/1 is up"));
}

#[test]
fn an_outbox_keeps_a_task_until_the_broker_has_confirmed_it() {
    let lossy = |confirms: bool, per_mille: u32| {
        let outbox = json!({"publishes": {"outbox": {"relay_every_ms": 200}}});
        let shop = shop_with(PAYMENT, "database", outbox);
        let mut run = run(&with(shop, PAYMENT, "publisher_confirms", json!(confirms)));
        let fault = json!({"loss_per_mille": per_mille});
        let link = json!({"from": "payment", "to": "rabbitmq", "one_way": true, "fault": fault});
        at(&mut run, 5, json!({"link_fault": link}));
        at(&mut run, 25, json!({"heal": {"from": "payment", "to": "rabbitmq"}}));
        let end = see(&mut run, END);
        let outbox = service(&end, "payment").database.clone().expect("it has one").outbox;
        (end.ledger.lost > 0, outbox, queue(&end, "mails").published >= 20)
    };
    assert_eq!(lossy(false, 400), (true, 0, false), "rows are gone before their tasks arrive");
    assert_eq!(lossy(true, 400), (false, 0, true));
    assert_eq!((lossy(false, 0), lossy(true, 0)), ((false, 0, true), (false, 0, true)));
}
