//! What breaks between and below the services: links, processes, brokers, disks, topics.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::{Command, Observation, Scenario, Timeline};

/// A checkout that publishes to a log, and a payment that reads it; `topic`, `producer` and `input`
/// are further fields of the topic, the producer and the consumer.
fn log(orders: u32, topic: &str, producer: &str, input: &str) -> String {
    format!(
        r#"{{"version": 1, "name": "log", "title": "log", "seed": 3,
        "arrivals": {{"per_minute": 600, "limit": {orders}}},
        "topics": [{{"name": "orders", "partitions": 1 {topic}}}],
        "services": [
          {{"id": "checkout", "title": "", "role": "", "input": {{"http": {{}}}},
            "work": {{"fixed_ms": 1}}, "publishes": ["orders"] {producer}}},
          {{"id": "payment", "title": "", "role": "", "does": "charge",
            "input": {{"topic": {{"topic": "orders", "group": "payment" {input}}}}},
            "work": {{"fixed_ms": 20}}}}]}}"#
    )
}

const COPIES: &str = r#", "replication_factor": 3"#;
const ACKS_1: &str = r#", "producer": {"acks": "1"}"#;

/// A checkout that enqueues mails directly; `nodes` and `queue` are further fields.
fn mail(orders: u32, nodes: u32, queue: &str, task: &str) -> String {
    format!(
        r#"{{"version": 1, "name": "mail", "title": "mail", "seed": 3,
        "arrivals": {{"per_minute": 600, "limit": {orders}}},
        "rabbitmq": {{"nodes": {nodes}}},
        "exchanges": [{{"name": "tasks", "type": "direct"}}],
        "queues": [{{"name": "mails" {queue}}}],
        "bindings": [{{"exchange": "tasks", "queue": "mails", "routing_key": "mail"}}],
        "services": [
          {{"id": "checkout", "title": "", "role": "", "input": {{"http": {{}}}},
            "work": {{"fixed_ms": 1}},
            "enqueues": [{{"exchange": "tasks", "routing_key": "mail" {task}}}]}},
          {{"id": "email", "title": "", "role": "", "does": "mail",
            "input": {{"queue": {{"queue": "mails"}}}}, "work": {{"fixed_ms": 80}}}}]}}"#
    )
}

/// A checkout that calls the payment and waits for it.
fn chain(orders: u32) -> String {
    format!(
        r#"{{"version": 1, "name": "chain", "title": "chain", "seed": 3,
        "arrivals": {{"per_minute": 600, "limit": {orders}}},
        "services": [
          {{"id": "checkout", "title": "", "role": "", "input": {{"http": {{}}}},
            "work": {{"fixed_ms": 1}}, "calls": [{{"service": "payment"}}]}},
          {{"id": "payment", "title": "", "role": "", "does": "charge",
            "input": {{"http": {{}}}}, "work": {{"fixed_ms": 20}}}}]}}"#
    )
}

fn scenario(document: &str) -> Rc<Scenario> {
    Rc::new(Scenario::from_json(document).unwrap_or_else(|error| panic!("{error}: {document}")))
}

fn command(text: &str) -> Command {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Plays a scenario with commands at milliseconds, until a second.
fn play(document: &str, commands: &[(u64, &str)], until_secs: u64) -> Timeline {
    let mut run = Timeline::new(scenario(document), 3);
    for (at_ms, text) in commands {
        run.run_until(Instant::from_millis(*at_ms));
        run.command(command(text)).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    run.run_until(Instant::from_secs(until_secs));
    run
}

fn observe(run: &Timeline) -> Observation {
    let seen = run.world().observe();
    let ledger = &seen.ledger;
    let sum = ledger.completed + ledger.in_progress + ledger.lost + ledger.dead_lettered;
    assert_eq!(ledger.placed, sum, "orders are not accounted for: {ledger:?}");
    seen
}

fn seen(document: &str, commands: &[(u64, &str)], until_secs: u64) -> Observation {
    observe(&play(document, commands, until_secs))
}

/// Placed, completed, lost, and effects that happened twice.
fn outcome(seen: &Observation) -> (u64, u64, u64, u64) {
    let ledger = &seen.ledger;
    (ledger.placed, ledger.completed, ledger.lost, ledger.duplicated)
}

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
    let findings = one.world().ledger().findings();
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
fn a_worker_cut_off_longer_than_the_heartbeat_does_its_work_again() {
    let cut = (2_050, r#"{"cut": {"from": "email", "to": "rabbitmq"}}"#);
    let heal = |at| (at, r#"{"heal": {"from": "email", "to": "rabbitmq"}}"#);
    let short = seen(&mail(100, 1, "", ""), &[cut, heal(30_000)], 80);
    assert_eq!(outcome(&short), (100, 100, 0, 0), "TCP brings what was under way");
    let long = seen(&mail(100, 1, "", ""), &[cut, heal(90_000)], 150);
    assert_eq!(outcome(&long), (100, 100, 0, 1), "its ack was lost with the connection");
    assert_eq!(seen(&mail(100, 1, "", ""), &[cut], 80).rabbitmq.connections, 1);
}

#[test]
fn publishes_on_a_broken_connection_are_lost_and_named() {
    let fault = r#"{"link_fault": {"from": "checkout", "to": "rabbitmq",
                    "fault": {"loss_per_mille": 30}}}"#;
    let run = play(&mail(100, 1, "", ""), &[(0, fault)], 60);
    let (placed, completed, lost, _) = outcome(&observe(&run));
    let refused = observe(&run).checkout.failed;
    assert!(lost > 0, "publishes without confirms are lost");
    assert_eq!(placed, completed + lost, "{refused} were refused while there was no connection");
    assert!(run.world().ledger().findings()[0].text.contains("no confirm"));
    assert_eq!(outcome(&seen(&mail(100, 1, "", ""), &[], 60)), (100, 100, 0, 0));
}

#[test]
fn a_restart_of_rabbitmq_keeps_what_is_durable_and_persistent() {
    let script = [
        (1_000, r#"{"kill": {"service": "email"}}"#),
        (5_000, r#"{"kill_node": {"node": 1}}"#),
        (8_000, r#"{"restart_node": {"node": 1}}"#),
        (20_000, r#"{"restart": {"service": "email"}}"#),
    ];
    let kept = seen(&mail(100, 1, "", ""), &script, 60);
    assert_eq!((kept.ledger.lost, kept.ledger.in_progress), (0, 0), "{:?}", kept.ledger);
    assert!(kept.checkout.failed > 20, "publishers are told while it is down");
    let transient = seen(&mail(100, 1, "", r#", "persistent": false"#), &script, 60);
    assert!(transient.ledger.lost > 20, "{:?}", transient.ledger);
    assert_eq!(transient.ledger.in_progress, 0);
}

#[test]
fn a_quorum_queue_goes_on_without_one_of_three_nodes() {
    let quorum = r#", "arguments": {"x-queue-type": "quorum"}"#;
    let kill = [(3_000, r#"{"kill_node": {"node": 1}}"#)];
    let goes_on = seen(&mail(100, 3, quorum, ""), &kill, 60);
    assert_eq!(
        (goes_on.ledger.lost, goes_on.ledger.in_progress, goes_on.rabbitmq.nodes_up),
        (0, 0, 2)
    );
    assert!(goes_on.ledger.completed == 100 && goes_on.checkout.failed < 70);
    let classic = seen(&mail(100, 3, "", ""), &kill, 60);
    assert!(classic.checkout.failed + classic.ledger.lost > 60, "{:?}", classic.ledger);
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

#[test]
fn the_nth_message_is_spoiled_and_no_other() {
    let failed = |commands: &[(u64, &str)]| {
        let seen = seen(&mail(20, 1, "", ""), commands, 30);
        (seen.ledger.effects[&"mail".to_owned()], seen.services[&"email".into()].failed)
    };
    assert_eq!(failed(&[]), (20, 0));
    assert_eq!(failed(&[(0, r#"{"poison_nth": {"service": "email", "nth": 7}}"#)]), (19, 1));
    assert_eq!(failed(&[(0, r#"{"malformed": {"service": "email"}}"#)]), (19, 1));
    let run =
        play(&mail(20, 1, "", ""), &[(0, r#"{"poison_nth": {"service": "email", "nth": 7}}"#)], 30);
    let mails = |order| {
        run.world().ledger().account(order).map(|one| one.times(ackademy::simulation::Effect::Mail))
    };
    assert_eq!((mails(6), mails(7), mails(8)), (Some(1), Some(0), Some(1)));
}

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
fn scenarios_have_alternate_exchanges_headers_policies_and_exchanges_behind_exchanges() {
    let document = mail(30, 1, "", "")
        .replace(
            r#""exchanges": [{"name": "tasks", "type": "direct"}]"#,
            r#""exchanges": [
                {"name": "tasks", "type": "direct", "arguments": {"alternate-exchange": "rest"}},
                {"name": "rest", "type": "fanout"},
                {"name": "by-country", "type": "headers"}]"#,
        )
        .replace(r#""queues": ["#, r#""queues": [{"name": "german"}, {"name": "unrouted"},"#)
        .replace(
            r#""bindings": ["#,
            r#""bindings": [
                {"exchange": "rest", "queue": "unrouted"},
                {"exchange": "tasks", "to_exchange": "by-country", "routing_key": "mail"},
                {"exchange": "by-country", "queue": "german",
                 "arguments": {"x-match": "all", "country": "DE"}},"#,
        )
        .replace(
            r#""enqueues": ["#,
            r#""enqueues": [
                {"exchange": "tasks", "routing_key": "mail", "headers": {"country": "DE"}},
                {"exchange": "tasks", "routing_key": "nowhere", "priority": 4},"#,
        )
        .replace(
            r#""rabbitmq": {"nodes": 1}"#,
            r#""rabbitmq": {"policies": [{"name": "short", "pattern": "^german$",
                "apply_to": "queues", "definition": {"max-length": 5}}]}"#,
        );
    let seen = seen(&document, &[], 30);
    let ready = |queue: &str| seen.queues[&Rc::from(queue)].ready;
    assert_eq!((ready("german"), ready("unrouted")), (5, 30));
    assert_eq!(seen.ledger.effects[&"mail".to_owned()], 60, "both tasks reach the workers");
}

#[test]
fn what_reaches_no_queue_is_dropped_and_returned_only_if_it_is_mandatory() {
    let text = |task: &str| {
        let document =
            mail(1, 1, "", task).replace(r#""routing_key": "mail" "#, r#""routing_key": "x" "#);
        let document = document.replace(r#""routing_key": "mail","#, r#""routing_key": "x","#);
        let run = play(&document, &[], 2);
        observe(&run);
        run.world().ledger().findings()[0].text.clone()
    };
    assert_eq!(&*text(""), "had an unroutable message at tasks: x");
    let returned = text(r#", "mandatory": true"#);
    assert_eq!(&*returned, "had an unroutable message at tasks: x, returned to its publisher");
}

#[test]
fn a_message_with_its_own_time_to_live_is_not_mailed_late() {
    let script = [
        (0, r#"{"kill": {"service": "email"}}"#),
        (10_000, r#"{"restart": {"service": "email"}}"#),
    ];
    let stale = seen(&mail(20, 1, "", r#", "expiration_ms": 3000"#), &script, 30);
    assert_eq!(
        (stale.ledger.effects[&"mail".to_owned()], stale.queues[&"mails".into()].expired),
        (0, 20)
    );
    assert_eq!(seen(&mail(20, 1, "", ""), &script, 30).ledger.effects[&"mail".to_owned()], 20);
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

/// A number below a bound, by a small generator of its own.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Something that breaks, and what mends it.
fn fault_of_the_log(dice: &mut Dice) -> (String, String) {
    let link = dice.pick(&[
        r#""from": "checkout", "to": "kafka""#,
        r#""from": "kafka", "to": "payment""#,
        r#""from": "kafka/1", "to": "kafka/2""#,
        r#""from": "buyer", "to": "checkout""#,
    ]);
    let service = dice.pick(&["checkout", "payment"]);
    let broker = 1 + dice.below(3);
    let heal = format!(r#"{{"heal": {{{link}}}}}"#);
    match dice.below(6) {
        0 => (format!(r#"{{"cut": {{{link}}}}}"#), heal),
        1 => (format!(r#"{{"cut": {{{link}, "one_way": true}}}}"#), heal),
        2 => (format!(r#"{{"link_fault": {{{link}, "fault": {{"delay_ms": 900}}}}}}"#), heal),
        3 => (
            format!(r#"{{"pause": {{"service": "{service}"}}}}"#),
            format!(r#"{{"resume": {{"service": "{service}"}}}}"#),
        ),
        4 => (
            format!(r#"{{"disk_full": {{"of": "kafka/{broker}"}}}}"#),
            format!(r#"{{"disk_free": {{"of": "kafka/{broker}"}}}}"#),
        ),
        _ => (
            format!(r#"{{"kill_broker": {{"broker": {broker}}}}}"#),
            format!(r#"{{"restart_broker": {{"broker": {broker}}}}}"#),
        ),
    }
}

/// The same around RabbitMQ.
fn fault_of_queues(dice: &mut Dice) -> (String, String) {
    let service = dice.pick(&["checkout", "email"]);
    let link = format!(r#""from": "{service}", "to": "rabbitmq""#);
    let heal = format!(r#"{{"heal": {{{link}}}}}"#);
    match dice.below(6) {
        0 => (format!(r#"{{"cut": {{{link}}}}}"#), heal),
        1 => (format!(r#"{{"cut": {{{link}, "one_way": true}}}}"#), heal),
        2 => {
            let fault = r#""fault": {"loss_per_mille": 50, "reorder_per_mille": 200}"#;
            (format!(r#"{{"link_fault": {{{link}, {fault}}}}}"#), heal)
        }
        3 => (
            format!(r#"{{"pause": {{"service": "{service}"}}}}"#),
            format!(r#"{{"resume": {{"service": "{service}"}}}}"#),
        ),
        4 => (
            r#"{"disk_full": {"of": "rabbitmq"}}"#.to_owned(),
            r#"{"disk_free": {"of": "rabbitmq"}}"#.to_owned(),
        ),
        _ => (
            r#"{"kill_node": {"node": 1}}"#.to_owned(),
            r#"{"restart_node": {"node": 1}}"#.to_owned(),
        ),
    }
}

/// Breaks and mends things, mends the rest, waits, and says what came of it, and by what.
fn after_random_faults(
    document: &str,
    seed: u64,
    fault: fn(&mut Dice) -> (String, String),
) -> (Observation, String) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut run = Timeline::new(scenario(document), seed);
    let give = |run: &mut Timeline, text: &str| {
        run.command(command(text)).unwrap_or_else(|error| panic!("{error}: {text}"));
    };
    let mut script = Vec::new();
    for _ in 0..6 {
        let (broken, mended) = fault(&mut dice);
        give(&mut run, &broken);
        let pause = Duration::from_millis(200 + dice.below(4_000));
        run.run_until(run.now() + pause);
        observe(&run);
        if dice.below(2) == 0 {
            give(&mut run, &mended);
        }
        script.extend([broken, mended]);
    }
    for mended in script.iter().skip(1).step_by(2) {
        give(&mut run, mended);
    }
    for broker in 1..=3 {
        give(&mut run, &format!(r#"{{"restart_broker": {{"broker": {broker}}}}}"#));
    }
    give(&mut run, r#"{"restart_node": {"node": 1}}"#);
    run.run_until(run.now() + Duration::from_secs(300));
    (observe(&run), script.join("\n"))
}

/// Nothing acknowledged is lost where the topic promises it, whatever breaks and is mended. Where
/// it does not, the ledger names what is lost, and no order stays open.
#[test]
fn whatever_breaks_nothing_is_lost_with_copies_in_sync() {
    let sync = r#", "replication_factor": 3, "min_insync_replicas": 2"#;
    let session = r#", "session_timeout_ms": 6000"#;
    let mut lost_with_acks_1 = 0;
    for seed in 1..=60 {
        let (all, script) =
            after_random_faults(&log(150, sync, "", session), seed, fault_of_the_log);
        assert_eq!(all.ledger.lost, 0, "seed {seed} lost an order:\n{script}");
        assert_eq!(all.ledger.in_progress, 0, "seed {seed}, {:?}:\n{script}", all.ledger);
        let (one, script) =
            after_random_faults(&log(150, COPIES, ACKS_1, session), seed, fault_of_the_log);
        assert_eq!(one.ledger.in_progress, 0, "seed {seed}, {:?}:\n{script}", one.ledger);
        lost_with_acks_1 += one.ledger.lost;
    }
    assert!(lost_with_acks_1 > 0, "the faults are harmless");
}

/// Each order is mailed, refused, or lost by name: none is forgotten.
#[test]
fn whatever_breaks_around_the_queue_the_ledger_names_every_loss() {
    let mut totals = (0, 0, 0);
    for seed in 1..=60 {
        let (seen, script) = after_random_faults(&mail(150, 1, "", ""), seed, fault_of_queues);
        assert_eq!(seen.ledger.in_progress, 0, "seed {seed}, {:?}:\n{script}", seen.ledger);
        let (_, completed, lost, doubled) = outcome(&seen);
        totals = (totals.0 + completed, totals.1 + lost, totals.2 + doubled);
    }
    assert!(totals.0 > 0 && totals.1 > 0 && totals.2 > 0, "{totals:?}");
}
