//! Links that hold up, lose, double, delay and reorder, and processes that stand still.

use super::*;

#[test]
fn a_cut_holds_up_and_a_heal_lets_through() {
    let cut = (2_000, r#"{"cut": {"from": "checkout", "to": "kafka"}}"#);
    let heal = (12_000, r#"{"heal": {"from": "checkout", "to": "kafka"}}"#);
    let document = log(100, "", "", "");
    let while_cut = seen(&document, &[cut], 30);
    assert!(while_cut.ledger.completed < 25, "{:?}", while_cut.ledger);
    assert!(while_cut.network.held > 0 && while_cut.network.cut == 2);
    let healed = seen(&document, &[cut, heal], 60);
    assert_eq!(outcome(&healed), (100, 100, 0, 0));
    assert_eq!((healed.network.held, healed.network.cut), (0, 0));
}

#[test]
fn answers_that_are_cut_off_make_a_producer_write_twice_unless_it_is_idempotent() {
    let script = [
        (2_000, r#"{"cut": {"from": "kafka", "to": "checkout", "one_way": true}}"#),
        (40_000, r#"{"heal": {"from": "kafka", "to": "checkout"}}"#),
    ];
    let plain = seen(&log(60, "", ACKS_1, ""), &script, 120);
    assert!(plain.ledger.duplicated > 0 && plain.ledger.charged_twice > 0, "{:?}", plain.ledger);
    let idempotent = seen(&log(60, "", "", ""), &script, 120);
    assert_eq!(outcome(&idempotent), (60, 60, 0, 0));
}

#[test]
fn a_consumer_behind_a_cut_is_out_of_its_group_and_comes_back() {
    let script = [
        (2_000, r#"{"cut": {"from": "payment", "to": "kafka"}}"#),
        (60_000, r#"{"heal": {"from": "payment", "to": "kafka"}}"#),
    ];
    let document = log(100, "", "", r#", "session_timeout_ms": 10000"#);
    let out = seen(&document, &script[..1], 30);
    assert_eq!(out.groups[&"payment".into()].members, 0);
    let back = seen(&document, &script, 150);
    assert_eq!((back.groups[&"payment".into()].members, back.ledger.completed), (1, 100));
}

#[test]
fn a_link_that_loses_is_survived_by_retries_which_may_double() {
    let fault = |per_mille: u32| {
        format!(
            r#"{{"link_fault": {{"from": "checkout", "to": "kafka",
               "fault": {{"loss_per_mille": {per_mille}}}}}}}"#
        )
    };
    let plain = seen(&log(200, "", ACKS_1, ""), &[(0, &fault(100))], 60);
    assert!(plain.network.lost > 10 && plain.ledger.duplicated > 3, "{:?}", plain.ledger);
    let idempotent = seen(&log(200, "", "", ""), &[(0, &fault(100))], 60);
    assert_eq!(outcome(&idempotent), (200, 200, 0, 0));
    let calm = seen(&log(200, "", ACKS_1, ""), &[(0, &fault(0))], 60);
    assert_eq!((outcome(&calm), calm.network.lost), ((200, 200, 0, 0), 0));

    let forgetful = log(200, "", r#", "producer": {"acks": "0"}"#, "");
    let (placed, completed, lost, _) = outcome(&seen(&forgetful, &[(0, &fault(100))], 60));
    assert!(lost > 5 && placed == completed + lost, "{lost} are lost, {completed} completed");
}

#[test]
fn consumers_survive_a_link_that_loses() {
    let fault = r#"{"link_fault": {"from": "payment", "to": "kafka",
                    "fault": {"loss_per_mille": 100}}}"#;
    let seen = seen(&log(200, "", "", ""), &[(0, fault)], 120);
    assert_eq!((seen.ledger.completed, seen.ledger.lost), (200, 0), "{:?}", seen.ledger);
    assert!(seen.network.lost > 20);
}

#[test]
fn doubled_calls_charge_twice_and_delayed_ones_take_longer() {
    let fault = |what: &str| {
        let head =
            r#"{"link_fault": {"from": "checkout", "to": "payment", "one_way": true, "fault": "#;
        format!("{head}{what}}}}}")
    };
    let doubled = seen(&chain(100), &[(0, &fault(r#"{"duplicate_per_mille": 300}"#))], 60);
    assert!((20..40).contains(&doubled.ledger.charged_twice), "{:?}", doubled.ledger);
    let calm = seen(&chain(100), &[], 11);
    let delayed = seen(&chain(100), &[(0, &fault(r#"{"delay_ms": 300}"#))], 11);
    assert_eq!(delayed.checkout.p50_ms, calm.checkout.p50_ms + 300);
    assert_eq!(outcome(&calm), (100, 100, 0, 0));
}

#[test]
fn reordered_calls_overtake_each_other() {
    let fault = r#"{"link_fault": {"from": "buyer", "to": "checkout",
                    "fault": {"reorder_per_mille": 300, "delay_ms": 100}}}"#;
    let keys = |commands: &[(u64, &str)]| {
        let run = play(&log(100, "", "", ""), commands, 30);
        let topic = run.world().kafka().topic("orders").expect("it is declared");
        let records = topic.partitions()[0].records_from(0);
        records.map(|(_, one)| one.key.as_ref().map(|key| key.to_vec())).collect::<Vec<_>>()
    };
    let in_order: Vec<_> = (1..=100).map(|n| Some(format!("order-{n}").into_bytes())).collect();
    assert_eq!(keys(&[]), in_order);
    let reordered = keys(&[(0, fault)]);
    assert_eq!(reordered.len(), 100);
    assert_ne!(reordered, in_order);
}

#[test]
fn a_lost_reply_leaves_the_work_done_and_the_caller_waiting() {
    let lose = (1_000, r#"{"lose_reply": {"of": "payment"}}"#);
    let lost = seen(&chain(30), &[lose], 20);
    assert_eq!((lost.checkout.accepted, lost.ledger.effects[&"charge".to_owned()]), (29, 30));
    assert_eq!(seen(&chain(30), &[], 20).checkout.accepted, 30);

    let lose = [(1_000, r#"{"lose_reply": {"of": "kafka"}}"#)];
    assert_eq!(seen(&log(30, "", ACKS_1, ""), &lose, 20).ledger.charged_twice, 1);
    assert_eq!(seen(&log(30, "", "", ""), &lose, 20).ledger.charged_twice, 0);
}

#[test]
fn a_member_that_stood_still_for_too_long_is_refused_its_commit() {
    let document = log(100, "", "", r#", "session_timeout_ms": 6000"#)
        .replace(r#""does": "charge","#, r#""does": "charge", "instances": 2,"#)
        .replace(r#""partitions": 1"#, r#""partitions": 2"#)
        .replace(r#""fixed_ms": 20"#, r#""fixed_ms": 150"#);
    let pause =
        |instance: u32| format!(r#"{{"pause": {{"service": "payment", "instance": {instance}}}}}"#);
    let resume = r#"{"resume": {"service": "payment"}}"#;
    let long = [(8_010, &*pause(1)), (8_010, &*pause(2)), (28_000, resume)];
    let zombies = play(&document, &long, 60);
    let refused = zombies
        .world()
        .trace()
        .entries()
        .filter(|entry| zombies.world().line(entry).to_string().contains("UNKNOWN_MEMBER_ID"));
    assert!(refused.count() > 0, "a commit is refused");
    let ledger = observe(&zombies).ledger;
    assert!(ledger.duplicated > 0 && ledger.completed == 100, "{ledger:?}");

    let short = [(8_010, &*pause(1)), (8_010, &*pause(2)), (12_000, resume)];
    assert_eq!(outcome(&seen(&document, &short, 60)), (100, 100, 0, 0));
    let still = seen(&document, &long[..2], 20);
    assert_eq!(still.services[&"payment".into()].instances_paused, 2);
    assert_eq!(still.groups[&"payment".into()].members, 0);
}

#[test]
fn other_draws_do_not_shift_when_a_link_is_faulty() {
    let placed = |commands: &[(u64, &str)]| {
        let run = play(
            &chain(50).replace(r#""limit""#, r#""jitter_percent": 90, "limit""#),
            commands,
            10,
        );
        let account = |order| run.world().ledger().account(order).map(|one| one.placed_at);
        (1..=50).map(account).collect::<Vec<_>>()
    };
    let fault = r#"{"link_fault": {"from": "buyer", "to": "checkout",
                    "fault": {"loss_per_mille": 500}}}"#;
    assert_eq!(placed(&[]), placed(&[(0, fault)]));
}
