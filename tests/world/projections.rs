//! Projections: a read model is a fold of its topic, with or without snapshots, and lags behind
//! the write.

use ackademy::engine::Instant;
use ackademy::simulation::{Observation, ProjectionFigures};
use serde_json::{Value, json};

use super::shared::{at, group, refusal, run, see, service};

const END: u64 = 120;

/// Sixty orders, two a second; checkout and payment tell of each in one topic, `list` folds it.
fn shop(projection: Value) -> Value {
    json!({
        "version": 1, "name": "list", "title": "List", "seed": 3,
        "arrivals": {"per_minute": 120, "limit": 60},
        "topics": [
            {"name": "order-created", "partitions": 3},
            {"name": "order-events", "partitions": 3}
        ],
        "services": [
            {
                "id": "checkout", "title": "checkout", "role": "takes the order",
                "input": {"http": {}}, "work": {"fixed_ms": 5},
                "publishes": ["order-created", "order-events"], "event": "created"
            },
            {
                "id": "payment", "title": "payment", "role": "charges the card",
                "input": {"topic": {"topic": "order-created", "group": "payment"}},
                "work": {"fixed_ms": 100}, "does": "charge",
                "publishes": ["order-events"], "event": "paid"
            },
            {
                "id": "list", "title": "list", "role": "lists the orders",
                "input": {"topic": {
                    "topic": "order-events", "group": "list", "session_timeout_ms": 6000}},
                "work": {"fixed_ms": 50}, "projection": projection
            }
        ]
    })
}

fn list(end: &Observation) -> ProjectionFigures {
    service(end, "list").projection.clone().expect("it is a projection")
}

fn states(end: &Observation) -> Vec<(String, u64)> {
    list(end).states.iter().map(|(event, orders)| (event.to_string(), *orders)).collect()
}

#[test]
fn the_state_of_an_order_is_the_fold_of_its_events() {
    let mut run = run(&shop(json!({})));
    let early = see(&mut run, 20);
    assert!(list(&early).orders < 60 && list(&early).balance_cents > 0);
    let end = see(&mut run, END);
    assert_eq!(states(&end), [("created".to_owned(), 0), ("paid".to_owned(), 60)]);
    assert_eq!((list(&end).orders, list(&end).folded), (60, 120));
    run.seek(Instant::from_secs(20));
    assert_eq!(run.world().observe(), early, "what was true then");
}

#[test]
fn without_a_key_no_partition_knows_the_whole_order() {
    let mut shop = shop(json!({}));
    for producer in 0..2 {
        shop["services"][producer]["record_key"] = json!("none");
        shop["services"][producer]["producer"] = json!({"batch_size": 1});
    }
    let end = see(&mut run(&shop), END);
    assert!(list(&end).orders > 60, "{} orders of 60", list(&end).orders);
    assert!(states(&end)[0].1 > 0, "orders that look unpaid for ever");
}

#[test]
fn a_snapshot_shortens_the_replay_and_changes_no_sum() {
    let restarted = |projection: Value| {
        let mut run = run(&shop(projection));
        at(&mut run, 30, json!({"kill": {"service": "list"}}));
        at(&mut run, 40, json!({"restart": {"service": "list"}}));
        let end = see(&mut run, END);
        assert_eq!(end.ledger.lost, 0);
        list(&end)
    };
    let never = see(&mut run(&shop(json!({}))), END);
    let (whole, short) = (restarted(json!({})), restarted(json!({"snapshot_every": 10})));
    for figures in [&whole, &short] {
        assert_eq!(figures.balance_cents, list(&never).balance_cents);
        assert_eq!((figures.orders, &figures.states), (60, &list(&never).states));
    }
    assert!(whole.folded > 200, "{} folded", whole.folded);
    assert!(short.folded < 160 && short.snapshots >= 9, "{short:?}");
}

#[test]
fn members_hand_their_part_over_with_its_snapshot() {
    let mut shop = shop(json!({"snapshot_every": 10}));
    shop["services"][2]["instances"] = json!(3);
    let mut run = run(&shop);
    at(&mut run, 20, json!({"kill": {"service": "list", "instance": 2}}));
    at(&mut run, 40, json!({"restart": {"service": "list"}}));
    let end = see(&mut run, END);
    assert_eq!((list(&end).orders, states(&end)[1].1), (60, 60));
}

#[test]
fn a_mended_fold_gives_other_sums_once_it_is_rebuilt() {
    let right = list(&see(&mut run(&shop(json!({}))), END)).balance_cents;
    let mut run = run(&shop(json!({"drops_cents": true, "snapshot_every": 10})));
    let wrong = see(&mut run, 60);
    assert!(list(&wrong).balance_cents < right);
    let mend = json!({"projection": {"snapshot_every": 10}});
    at(&mut run, 60, json!({"set": {"service": "list", "setting": mend}}));
    assert_eq!(list(&see(&mut run, 70)).balance_cents, list(&wrong).balance_cents);
    at(&mut run, 70, json!({"rebuild": {"service": "list"}}));
    let building = see(&mut run, 72);
    assert!(list(&building).orders < 60 && group(&building, "list").lag > 0);
    assert_eq!(group(&building, "payment").lag, 0);
    let end = see(&mut run, END);
    assert_eq!((list(&end).balance_cents, list(&end).orders), (right, 60));
    assert_eq!((end.ledger.completed, end.ledger.duplicated, group(&end, "list").lag), (60, 0, 0));
}

fn read_back(waits: bool) -> Value {
    let mut shop = shop(json!({}));
    shop["reads"] = json!({"service": "list", "waits": waits, "patience_ms": 5000});
    shop
}

#[test]
fn a_buyer_reads_the_own_write_only_after_waiting_for_it() {
    let reads = |waits: bool| see(&mut run(&read_back(waits)), END).reads.expect("buyers read");
    let (at_once, patient) = (reads(false), reads(true));
    assert!(at_once.stale > 50, "{at_once:?}");
    assert_eq!((at_once.fresh + at_once.stale, at_once.failed), (60, 0));
    assert_eq!((patient.fresh, patient.stale), (60, 0));
    assert!(patient.p50_ms > at_once.p50_ms + 30, "{patient:?} against {at_once:?}");
}

#[test]
fn readers_can_be_made_to_wait_and_meet_nobody_when_the_projection_is_down() {
    let mut run = run(&read_back(false));
    at(&mut run, 10, json!({"reads": {"waits": true}}));
    let stale = see(&mut run, 10).reads.expect("buyers read").stale;
    at(&mut run, 20, json!({"kill": {"service": "list"}}));
    let end = see(&mut run, END).reads.expect("buyers read");
    assert_eq!(end.stale, stale, "nobody read an old list any more");
    assert!(end.failed > 15 && end.fresh > 15, "{end:?}");
}

#[test]
fn a_reader_does_not_wait_for_ever() {
    let mut shop = read_back(true);
    shop["reads"]["patience_ms"] = json!(20);
    let reads = see(&mut run(&shop), END).reads.expect("buyers read");
    assert!(reads.stale > 50 && reads.p95_ms < 40, "{reads:?}");
}

#[test]
fn a_projection_that_would_do_things_twice_is_refused() {
    let mut shop_that_does = shop(json!({}));
    shop_that_does["services"][2]["does"] = json!("mail");
    let mut strangers = read_back(false);
    strangers["reads"]["service"] = json!("payment");
    let cases = [
        (shop(json!({"snapshot_every": 0})), "services[2].projection.snapshot_every"),
        (shop_that_does, "services[2].projection"),
        (strangers, "reads.service"),
    ];
    for (shop, path) in cases {
        assert!(refusal(&shop).contains(path), "{} does not name {path}", refusal(&shop));
    }
}
