//! Changes of topics and groups, and mistakes in scenarios and commands.

use super::*;

#[test]
fn records_that_expire_unread_are_lost_and_named() {
    let script = [
        (3_000, r#"{"kill": {"service": "payment"}}"#),
        (12_000, r#"{"expire_records": {"topic": "orders"}}"#),
        (13_000, r#"{"restart": {"service": "payment"}}"#),
    ];
    let expired = seen(&log(100, "", "", ""), &script, 90);
    let (placed, completed, lost, _) = outcome(&expired);
    assert!(lost > 60 && placed == completed + lost, "{:?}", expired.ledger);
    let kept = seen(&log(100, "", "", ""), &[script[0], script[2]], 90);
    assert_eq!(outcome(&kept), (100, 100, 0, 0));

    // The same by Kafka's own clock: short retention, short segments, a consumer that is away.
    let short = log(100, r#", "retention_ms": 4000, "segment_ms": 1000"#, "", "")
        .replace(r#""topics""#, r#""kafka": {"log_retention_check_interval_ms": 5000}, "topics""#);
    let script = [
        (3_000, r#"{"kill": {"service": "payment"}}"#),
        (30_000, r#"{"restart": {"service": "payment"}}"#),
    ];
    let expired = seen(&short, &script, 120);
    let (placed, completed, lost, _) = outcome(&expired);
    assert!(lost > 60 && placed == completed + lost, "{:?}", expired.ledger);
}

#[test]
fn offsets_are_reset_only_while_the_group_is_empty() {
    let reset = |to: &str| format!(r#"{{"reset_offsets": {{"group": "payment", "to": {to}}}}}"#);
    let kill = (20_000, r#"{"kill": {"service": "payment"}}"#);
    let restart = (80_000, r#"{"restart": {"service": "payment"}}"#);
    let charged = |at: u64, to: &str| {
        let commands = [kill, (at, &*reset(to)), restart];
        seen(&log(50, "", "", ""), &commands, 100).ledger.effects[&"charge".to_owned()]
    };
    assert_eq!(charged(75_000, r#""earliest""#), 100, "everything is read again");
    assert_eq!(charged(75_000, r#""latest""#), 50);
    assert_eq!(charged(75_000, r#"{"shift_by": -10}"#), 60);
    assert_eq!(charged(75_000, r#"{"at_ms": 2550}"#), 75);
    assert_eq!(charged(21_000, r#""earliest""#), 50, "the dead member's session is still there");
}

#[test]
fn offsets_of_one_partition_are_reset_to_a_record() {
    let committed = |reset: &str| -> Vec<u64> {
        let body = format!(r#"{{"reset_offsets": {{"group": "payment", {reset}}}}}"#);
        let script = [(20_000, r#"{"kill": {"service": "payment"}}"#), (75_000, &*body)];
        let run = play(&log(50, "", "", ""), &script, 80);
        let kafka = run.world().kafka();
        let group = kafka.group("payment").expect("it has read");
        kafka.lag("payment").iter().map(|(at, _)| group.committed(at).unwrap_or(0)).collect()
    };
    let before = committed(r#""to": {"shift_by": 0}"#);
    let after = committed(r#""partition": 0, "to": {"offset": 3}"#);
    assert_eq!(after[0], 3);
    assert_eq!(after[1..], before[1..], "the other partitions stay where they are");
    let clamped = committed(r#""partition": 0, "to": {"offset": 1000000}"#);
    assert_eq!(clamped[0], before[0], "an offset behind the end is the end");
}

#[test]
fn records_that_a_reset_skips_are_lost_and_named() {
    let script = [
        (6_000, r#"{"kill": {"service": "payment"}}"#),
        (75_000, r#"{"reset_offsets": {"group": "payment", "to": "latest"}}"#),
        (80_000, r#"{"restart": {"service": "payment"}}"#),
    ];
    let run = play(&log(100, "", "", ""), &script, 120);
    let (placed, completed, lost, _) = outcome(&observe(&run));
    assert!((30..=60).contains(&lost) && placed == completed + lost, "{lost} are lost");
    let first = run.world().ledger().findings().next().expect("a loss is named");
    assert!(first.text.contains("whose offset lies behind it"), "{}", first.text);
}

#[test]
fn topics_are_changed_while_they_are_used() {
    let script = [
        (1_000, r#"{"add_partitions": {"topic": "orders", "total": 3}}"#),
        (
            1_000,
            r#"{"alter_topic": {"topic": "orders", "setting": "retention.ms", "value": "60000"}}"#,
        ),
    ];
    let run = play(&log(50, "", "", ""), &script, 20);
    let topic = run.world().kafka().topic("orders").expect("it is declared");
    assert_eq!(topic.partitions().len(), 3);
    let entries = topic.config().entries();
    assert!(entries.contains(&("retention.ms", "60000".to_owned())), "{entries:?}");
    let fewer = play(
        &log(50, "", "", ""),
        &[(1_000, r#"{"add_partitions": {"topic": "orders", "total": 1}}"#)],
        2,
    );
    let lines = fewer.world().trace().entries().map(|entry| fewer.world().line(entry).to_string());
    assert!(lines.into_iter().any(|line| line.contains("INVALID_PARTITIONS")));
}

#[test]
fn mistakes_name_their_field() {
    let cases = [
        (log(1, r#", "replication_factor": 4"#, "", ""), "topics[0].replication_factor"),
        (log(1, r#", "min_insync_replicas": 0"#, "", ""), "topics[0].min_insync_replicas"),
        (log(1, r#", "cleanup_policy": "burn""#, "", ""), "topics[0].cleanup_policy"),
        (log(1, "", r#", "producer": {"acks": "2"}"#, ""), "services[0].producer.acks"),
        (mail(1, 9, "", ""), "rabbitmq.nodes"),
        (
            mail(1, 1, "", "").replace(r#""queue": "mails", "r"#, r#""to_exchange": "x", "r"#),
            "bindings[0].to_exchange",
        ),
    ];
    for (document, field) in cases {
        let error = Scenario::from_json(&document).expect_err(field).to_string();
        assert!(error.contains(field), "{error} does not name {field}");
    }
    let refused = [
        (r#"{"cut": {"from": "checkout", "to": "mars"}}"#, "there is no 'mars'"),
        (r#"{"cut": {"from": "buyer", "to": "kafka"}}"#, "nothing goes"),
        (r#"{"cut": {"from": "kafka/4", "to": "kafka/1"}}"#, "kafka/4"),
        (r#"{"kill_broker": {"broker": 4}}"#, "1 to 3"),
        (r#"{"kill_node": {"node": 0}}"#, "1 to 1"),
        (r#"{"lose_reply": {"of": "payment"}}"#, "sends no replies"),
        (r#"{"disk_full": {"of": "checkout"}}"#, "no disk"),
        (r#"{"poison_nth": {"service": "payment", "nth": 0}}"#, "number 1"),
        (r#"{"alter_topic": {"topic": "orders", "setting": "x", "value": "1"}}"#, "not one of"),
        (r#"{"reset_offsets": {"group": "x", "to": "latest"}}"#, "no service"),
    ];
    let mut run = Timeline::new(scenario(&log(1, "", "", "")), 3);
    for (text, why) in refused {
        let error = run.command(command(text)).expect_err(text).to_string();
        assert!(error.contains(why), "{error} does not say {why}");
    }
}
