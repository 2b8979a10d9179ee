//! Kafka brokers that stop and start, and disks without space.

use super::*;

const SLOW_REPLICATION: [(u64, &str); 2] = [
    (0, r#"{"link_fault": {"from": "kafka/1", "to": "kafka/2", "fault": {"delay_ms": 400}}}"#),
    (0, r#"{"link_fault": {"from": "kafka/1", "to": "kafka/3", "fault": {"delay_ms": 400}}}"#),
];

#[test]
fn a_leader_that_dies_takes_along_what_it_alone_had_acknowledged() {
    let script: Vec<_> = SLOW_REPLICATION
        .into_iter()
        .chain([(5_600, r#"{"kill_broker": {"broker": 1}}"#)])
        .collect();
    let one = play(&log(100, COPIES, ACKS_1, ""), &script, 60);
    let (placed, completed, lost, doubled) = outcome(&observe(&one));
    assert!((1..=12).contains(&lost), "{lost} orders are lost");
    assert_eq!((placed, completed, doubled), (100, 100 - lost, 0));
    let findings: Vec<_> = one.world().ledger().findings().collect();
    assert_eq!(findings.len() as u64, lost, "each loss is named");
    assert!(findings[0].text.contains("broker 2 leads now"), "{}", findings[0].text);

    let all = seen(&log(100, COPIES, "", ""), &script, 60);
    assert_eq!(outcome(&all), (100, 100, 0, 0), "acks=all keeps every record");
    let calm = seen(&log(100, COPIES, ACKS_1, ""), &SLOW_REPLICATION, 60);
    assert_eq!(outcome(&calm), (100, 100, 0, 0), "without the kill nothing is lost");
}

#[test]
fn with_two_brokers_down_producers_are_refused_rather_than_lied_to() {
    let document = log(100, r#", "replication_factor": 3, "min_insync_replicas": 2"#, "", "");
    let down = [
        (3_000, r#"{"kill_broker": {"broker": 2}}"#),
        (3_000, r#"{"kill_broker": {"broker": 3}}"#),
    ];
    let refused = seen(&document, &down, 20);
    assert!(refused.checkout.accepted < 40, "{} orders are accepted", refused.checkout.accepted);
    assert_eq!((refused.ledger.lost, refused.kafka.brokers_up), (0, 1));
    assert_eq!(refused.topics[&"orders".into()].partitions[0].in_sync, [1]);

    let up = (20_000, r#"{"restart_broker": {"broker": 2}}"#);
    let back = seen(&document, &[down[0], down[1], up], 60);
    assert_eq!(outcome(&back), (100, 100, 0, 0), "the producers' retries succeed");
    assert_eq!(back.topics[&"orders".into()].partitions[0].in_sync, [1, 2]);
}

#[test]
fn an_unclean_election_loses_what_a_clean_one_waits_for() {
    let script = |last: &'static str| {
        [
            (2_000, r#"{"kill": {"service": "payment"}}"#),
            (3_000, r#"{"kill_broker": {"broker": 2}}"#),
            (3_000, r#"{"kill_broker": {"broker": 3}}"#),
            (6_000, r#"{"kill_broker": {"broker": 1}}"#),
            (8_000, r#"{"restart_broker": {"broker": 2}}"#),
            (9_000, last),
            (10_000, r#"{"restart": {"service": "payment"}}"#),
        ]
    };
    let document = log(50, COPIES, "", "");
    let unclean = seen(&document, &script(r#"{"elect_unclean": {"topic": "orders"}}"#), 120);
    let (placed, completed, lost, _) = outcome(&unclean);
    assert!(lost > 10 && placed == completed + lost, "{:?}", unclean.ledger);
    let clean = seen(&document, &script(r#"{"restart_broker": {"broker": 1}}"#), 120);
    assert_eq!(outcome(&clean), (50, 50, 0, 0));

    let configured =
        log(50, r#", "replication_factor": 3, "unclean_leader_election_enable": true"#, "", "");
    let by_itself = seen(&configured, &script(r#"{"restart_broker": {"broker": 1}}"#), 120);
    assert!(by_itself.ledger.lost > 10, "{:?}", by_itself.ledger);
}

#[test]
fn a_cluster_without_brokers_keeps_its_groups_and_goes_on_after_the_restart() {
    let document = log(100, "", "", "");
    let kill: Vec<String> =
        (1..=3).map(|n| format!(r#"{{"kill_broker": {{"broker": {n}}}}}"#)).collect();
    let restart: Vec<String> =
        (1..=3).map(|n| format!(r#"{{"restart_broker": {{"broker": {n}}}}}"#)).collect();
    let down: Vec<(u64, &str)> = kill.iter().map(|text| (4_000, text.as_str())).collect();
    let up = restart.iter().map(|text| (70_000, text.as_str()));
    let away = seen(&document, &down, 69);
    assert_eq!((away.kafka.brokers_up, away.kafka.offline_partitions), (0, 1));
    assert!(away.ledger.completed < 45);
    let back = seen(&document, &down.iter().copied().chain(up).collect::<Vec<_>>(), 120);
    assert_eq!(outcome(&back), (100, 100, 0, 0));
    assert_eq!(back.groups[&"payment".into()].generation, 1, "nobody's session ran out");
}

#[test]
fn a_write_without_acks_to_a_partition_without_a_leader_is_lost_and_named() {
    let script = [
        (5_000, r#"{"kill_broker": {"broker": 1}}"#),
        (8_000, r#"{"restart_broker": {"broker": 1}}"#),
    ];
    let forgetful = log(100, "", r#", "producer": {"acks": "0"}"#, "");
    let (placed, completed, lost, _) = outcome(&seen(&forgetful, &script, 60));
    assert!((20..=35).contains(&lost) && placed == completed + lost, "{lost} are lost");
    assert_eq!(outcome(&seen(&log(100, "", ACKS_1, ""), &script, 60)), (100, 100, 0, 0));
}

#[test]
fn a_full_disk_blocks_publishers_and_halts_a_broker() {
    let full = (2_000, r#"{"disk_full": {"of": "rabbitmq"}}"#);
    let free = (20_000, r#"{"disk_free": {"of": "rabbitmq"}}"#);
    let blocked = seen(&mail(100, 1, "", ""), &[full], 19);
    assert_eq!((blocked.rabbitmq.blocked_connections, blocked.ledger.lost), (1, 0));
    assert!(blocked.ledger.effects[&"mail".to_owned()] < 30);
    let freed = seen(&mail(100, 1, "", ""), &[full, free], 60);
    assert_eq!(outcome(&freed), (100, 100, 0, 0));

    let halts = [
        (2_000, r#"{"disk_full": {"of": "kafka/1"}}"#),
        (5_000, r#"{"restart_broker": {"broker": 1}}"#),
    ];
    let document = log(100, COPIES, "", "");
    let halted = seen(&document, &halts, 30);
    assert_eq!((halted.kafka.brokers_up, outcome(&halted)), (2, (100, 100, 0, 0)));
    let space = [halts[0], (4_000, r#"{"disk_free": {"of": "kafka/1"}}"#), halts[1]];
    assert_eq!(seen(&document, &space, 30).kafka.brokers_up, 3);
}
