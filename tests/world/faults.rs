//! Every fault: what the ledger or an observation tells of it, and that undo leaves nothing of it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use ackademy::engine::Instant;
use ackademy::json;
use ackademy::simulation::{Command, Scenario, Timeline};
use serde_json::{Value, json};

use super::network::{ACKS_1, COPIES, chain, log, mail};
use super::shop::{EMAIL, PAYMENT, shop, shop_with};

/// A fault, the world it happens in, and the figure that shows it.
struct Case {
    world: String,
    /// What was done before it, and what is done after it, at milliseconds.
    before: &'static [(u64, &'static str)],
    fault: (u64, &'static str),
    after: &'static [(u64, &'static str)],
    secs: u64,
    figure: &'static str,
    without: RangeInclusive<u64>,
    with: RangeInclusive<u64>,
}

fn case(world: impl ToString, at_ms: u64, fault: &'static str) -> Case {
    Case {
        world: world.to_string(),
        before: &[],
        fault: (at_ms, fault),
        after: &[],
        secs: 60,
        figure: "/ledger/lost",
        without: 0..=0,
        with: 1..=1,
    }
}

impl Case {
    fn before(self, before: &'static [(u64, &'static str)]) -> Case {
        Case { before, ..self }
    }

    fn after(self, after: &'static [(u64, &'static str)]) -> Case {
        Case { after, ..self }
    }

    /// At a second, a figure is in the first range without the fault and in the second with it.
    fn tells(
        self,
        secs: u64,
        figure: &'static str,
        without: RangeInclusive<u64>,
        with: RangeInclusive<u64>,
    ) -> Case {
        Case { secs, figure, without, with, ..self }
    }

    fn commands(&self, with_fault: bool) -> Vec<(u64, &'static str)> {
        let fault = Some(self.fault).filter(|_| with_fault);
        self.before.iter().copied().chain(fault).chain(self.after.iter().copied()).collect()
    }
}

/// The faults of services and of messages.
fn faults_of_services() -> Vec<Case> {
    let down: &[_] = &[(6_000, r#"{"kill": {"service": "payment"}}"#)];
    let still: &[_] = &[(6_000, r#"{"pause": {"service": "payment"}}"#)];
    let back: &[_] = &[
        (18_000, r#"{"restart": {"service": "payment"}}"#),
        (18_000, r#"{"restart": {"service": "email"}}"#),
    ];
    let auto = shop_with(EMAIL, "input/queue/ack", json!("auto"));
    let stored = shop_with(PAYMENT, "database", json!({}));
    let open = "/ledger/in_progress";
    let doubled = "/ledger/duplicated";
    vec![
        case(log(100, "", "", ""), 6_000, r#"{"kill": {"service": "payment"}}"#).tells(
            30,
            open,
            0..=0,
            30..=60,
        ),
        case(log(100, "", "", ""), 9_000, r#"{"restart": {"service": "payment"}}"#)
            .before(down)
            .tells(60, open, 30..=60, 0..=0),
        case(log(100, "", "", ""), 6_000, r#"{"pause": {"service": "payment"}}"#).tells(
            30,
            open,
            0..=0,
            30..=60,
        ),
        case(log(100, "", "", ""), 9_000, r#"{"resume": {"service": "payment"}}"#)
            .before(still)
            .tells(60, open, 30..=60, 0..=0),
        case(auto, 8_000, r#"{"crash_at": {"service": "email", "point": "after_receive"}}"#)
            .after(back),
        case(shop(), 8_000, r#"{"crash_at": {"service": "email", "point": "after_work"}}"#)
            .after(back)
            .tells(60, doubled, 0..=0, 1..=1),
        case(shop(), 8_000, r#"{"crash_at": {"service": "payment", "point": "before_ack"}}"#)
            .after(back)
            .tells(60, "/ledger/charged_twice", 0..=0, 1..=1),
        case(stored, 8_000, r#"{"crash_at": {"service": "payment", "point": "after_write"}}"#)
            .after(back)
            .tells(60, doubled, 0..=0, 1..=1),
        case(shop(), 8_000, r#"{"crash_at": {"service": "payment", "point": "after_publish"}}"#)
            .after(back)
            .tells(60, "/ledger/effects/mail", 20..=20, 21..=21),
        case(mail(100, 1, "", ""), 2_000, r#"{"slow": {"service": "email", "percent": 1000}}"#)
            .tells(15, open, 0..=0, 60..=80),
        case(
            log(100, "", "", ""),
            2_000,
            r#"{"fail_rate": {"service": "payment", "per_mille": 500}}"#,
        )
        .tells(60, "/services/payment/failed", 0..=0, 30..=90),
        case(
            log(100, "", "", ""),
            2_000,
            r#"{"set": {"service": "payment", "setting": {"fail_for_good_per_mille": 500}}}"#,
        )
        .tells(60, "/ledger/lost", 0..=0, 30..=50),
        case(shop(), 8_000, r#"{"poison": {"service": "email"}}"#).tells(60, open, 0..=0, 1..=1),
        case(mail(20, 1, "", ""), 0, r#"{"poison_nth": {"service": "email", "nth": 7}}"#),
        case(mail(20, 1, "", ""), 0, r#"{"malformed": {"service": "email"}}"#),
        case(chain(30), 1_000, r#"{"lose_reply": {"of": "payment"}}"#).tells(
            20,
            "/checkout/accepted",
            30..=30,
            29..=29,
        ),
        case(log(30, "", ACKS_1, ""), 1_000, r#"{"lose_reply": {"of": "kafka"}}"#).tells(
            20,
            "/ledger/charged_twice",
            0..=0,
            1..=1,
        ),
    ]
}

/// The faults of brokers, links and disks.
fn faults_between_services() -> Vec<Case> {
    let behind: &[_] = &[
        (0, r#"{"link_fault": {"from": "kafka/1", "to": "kafka/2", "fault": {"delay_ms": 400}}}"#),
        (0, r#"{"link_fault": {"from": "kafka/1", "to": "kafka/3", "fault": {"delay_ms": 400}}}"#),
    ];
    let one_left: &[_] = &[
        (2_000, r#"{"kill": {"service": "payment"}}"#),
        (3_000, r#"{"kill_broker": {"broker": 2}}"#),
        (3_000, r#"{"kill_broker": {"broker": 3}}"#),
        (6_000, r#"{"kill_broker": {"broker": 1}}"#),
        (8_000, r#"{"restart_broker": {"broker": 2}}"#),
    ];
    let payment_back: &[_] = &[(12_000, r#"{"restart": {"service": "payment"}}"#)];
    let open = "/ledger/in_progress";
    let whole = || log(100, "", "", "");
    let copies = || log(100, COPIES, ACKS_1, "");
    let mails = || mail(100, 1, "", "");
    vec![
        case(copies(), 5_600, r#"{"kill_broker": {"broker": 1}}"#)
            .before(behind)
            .tells(60, "/ledger/lost", 0..=0, 1..=12),
        case(log(50, COPIES, "", ""), 9_000, r#"{"restart_broker": {"broker": 1}}"#)
            .before(one_left)
            .after(payment_back)
            .tells(120, "/ledger/completed", 0..=0, 50..=50),
        case(log(50, COPIES, "", ""), 9_000, r#"{"elect_unclean": {"topic": "orders"}}"#)
            .before(one_left)
            .after(payment_back)
            .tells(120, "/ledger/lost", 0..=0, 11..=40),
        case(mails(), 5_000, r#"{"kill_node": {"node": 1}}"#)
            .tells(30, "/ledger/refused", 0..=0, 40..=60),
        case(mails(), 7_000, r#"{"restart_node": {"node": 1}}"#)
            .before(&[(2_000, r#"{"kill_node": {"node": 1}}"#)])
            .tells(30, "/ledger/refused", 70..=90, 40..=69),
        case(whole(), 6_000, r#"{"disk_full": {"of": "kafka/1"}}"#)
            .tells(30, open, 0..=0, 30..=60),
        case(whole(), 7_000, r#"{"disk_free": {"of": "kafka/1"}}"#)
            .before(&[(6_000, r#"{"disk_full": {"of": "kafka/1"}}"#)])
            .after(&[(8_000, r#"{"restart_broker": {"broker": 1}}"#)])
            .tells(60, open, 30..=60, 0..=0),
        case(mails(), 2_000, r#"{"disk_full": {"of": "rabbitmq"}}"#)
            .tells(30, open, 0..=0, 70..=90),
        case(mails(), 20_000, r#"{"disk_free": {"of": "rabbitmq"}}"#)
            .before(&[(2_000, r#"{"disk_full": {"of": "rabbitmq"}}"#)])
            .tells(60, open, 70..=90, 0..=0),
        case(whole(), 2_000, r#"{"cut": {"from": "checkout", "to": "kafka"}}"#)
            .tells(30, open, 0..=0, 70..=90),
        case(
            log(60, "", ACKS_1, ""),
            2_000,
            r#"{"cut": {"from": "kafka", "to": "checkout", "one_way": true}}"#,
        )
        .after(&[(40_000, r#"{"heal": {"from": "kafka", "to": "checkout"}}"#)])
        .tells(120, "/ledger/charged_twice", 0..=0, 1..=60),
        case(whole(), 12_000, r#"{"heal": {"from": "checkout", "to": "kafka"}}"#)
            .before(&[(2_000, r#"{"cut": {"from": "checkout", "to": "kafka"}}"#)])
            .tells(60, open, 70..=90, 0..=0),
        case(
            log(200, "", r#", "producer": {"acks": "0"}"#, ""),
            0,
            r#"{"link_fault": {"from": "checkout", "to": "kafka", "fault": {"loss_per_mille": 100}}}"#,
        )
        .tells(60, "/ledger/lost", 0..=0, 6..=40),
        case(
            chain(100),
            0,
            r#"{"link_fault": {"from": "checkout", "to": "payment", "one_way": true,
                "fault": {"duplicate_per_mille": 300}}}"#,
        )
        .tells(60, "/ledger/charged_twice", 0..=0, 20..=40),
        case(
            chain(100),
            0,
            r#"{"link_fault": {"from": "checkout", "to": "payment", "one_way": true,
                "fault": {"delay_ms": 300}}}"#,
        )
        .tells(11, "/checkout/p50_ms", 20..=30, 320..=330),
        case(
            chain(100),
            0,
            r#"{"link_fault": {"from": "checkout", "to": "payment", "one_way": true,
                "fault": {"reorder_per_mille": 300, "delay_ms": 100}}}"#,
        )
        .tells(11, "/checkout/p95_ms", 20..=30, 1_000..=1_100),
        case(whole(), 12_000, r#"{"expire_records": {"topic": "orders"}}"#)
            .before(&[(6_000, r#"{"kill": {"service": "payment"}}"#)])
            .after(&[(13_000, r#"{"restart": {"service": "payment"}}"#)])
            .tells(90, "/ledger/lost", 0..=0, 30..=70),
    ]
}

fn cases() -> Vec<Case> {
    faults_of_services().into_iter().chain(faults_between_services()).collect()
}

fn played(case: &Case, commands: &[(u64, &'static str)]) -> Timeline {
    let scenario = Scenario::from_json(&case.world).expect("the scenario is sound");
    let mut run = Timeline::new(scenario.into(), 3);
    for (at_ms, text) in commands {
        run.run_until(Instant::from_millis(*at_ms));
        let command: Command = json::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        run.command(command).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    run.run_until(Instant::from_secs(case.secs));
    run
}

fn hash(run: &Timeline) -> u64 {
    run.world().trace().hash()
}

#[test]
fn every_fault_shows_in_the_books() {
    let mut wrong = Vec::new();
    for case in cases() {
        for (with_fault, expected) in [(false, &case.without), (true, &case.with)] {
            let run = played(&case, &case.commands(with_fault));
            let seen = run.world().observe();
            let sum = seen.ledger.completed
                + seen.ledger.in_progress
                + seen.ledger.lost
                + seen.ledger.dead_lettered;
            assert_eq!(seen.ledger.placed, sum, "{:?}", case.fault);
            let figure = run.world().number(case.figure).expect("the figure is there");
            if !expected.contains(&figure) {
                let with = if with_fault { "with" } else { "without" };
                wrong.push(format!("{} is {figure} {with} {}", case.figure, case.fault.1));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn undo_leaves_nothing_of_a_fault_and_redo_brings_all_of_it_back() {
    for case in cases() {
        let commands = case.commands(true);
        let mut run = played(&case, &commands);
        let (broken, end) = (hash(&run), run.now());
        let mut left = commands.len();
        while left > case.before.len() {
            left -= 1;
            let undone = run.undo().map(|(at, _)| at.as_millis());
            assert_eq!((undone, run.now()), (Some(commands[left].0), end));
            let never = hash(&played(&case, &commands[..left]));
            assert_eq!(hash(&run), never, "{} undone", commands[left].1);
        }
        assert_ne!(hash(&run), broken, "{} does nothing", case.fault.1);
        while run.redo().is_some() {}
        assert_eq!(hash(&run), broken, "{} done again", case.fault.1);
    }
}

/// What a learner or an operator decides, rather than what breaks or mends. What a service can
/// never do is a fault, though it is set.
const DECISIONS: [&str; 27] = [
    "bind",
    "unbind",
    "set_policy",
    "clear_policy",
    "decide",
    "register_schema",
    "set_compatibility",
    "set_work",
    "instances",
    "prefetch",
    "ack",
    "call",
    "arrival_rate",
    "set_call",
    "set_admission",
    "set_autoscale",
    "set_buyers",
    "ramp",
    "publisher_confirms",
    "burst",
    "alter_topic",
    "add_partitions",
    "reset_offsets",
    "set",
    "rebuild",
    "reads",
    "replay",
];

/// The name of a fault: a crash has its point, a link what is wrong with it.
fn kind(command: &Value) -> Vec<String> {
    let (name, fields) = command.as_object().and_then(|it| it.iter().next()).expect("one command");
    match name.as_str() {
        "crash_at" => vec![format!("{name} {}", fields["point"].as_str().expect("a point"))],
        "link_fault" => {
            let wrong = fields["fault"].as_object().expect("faults have names");
            wrong.keys().map(|what| format!("{name} {what}")).collect()
        }
        _ => vec![name.clone()],
    }
}

#[test]
fn no_fault_is_without_a_case() {
    let schema = std::fs::read_to_string("docs/scenario.schema.json").expect("it is there");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let names = |place: &str| -> Vec<String> {
        let fields = schema.pointer(place).and_then(Value::as_object);
        fields.unwrap_or_else(|| panic!("{place} is not there")).keys().cloned().collect()
    };
    let variants = |name: &str| -> Vec<Value> {
        schema["$defs"][name]["oneOf"].as_array().expect("it has variants").clone()
    };
    let mut wanted = BTreeSet::new();
    for command in variants("Command") {
        let (name, _) = command["properties"].as_object().unwrap().iter().next().expect("a name");
        match name.as_str() {
            "crash_at" => wanted.extend(
                variants("CrashPoint")
                    .iter()
                    .map(|point| format!("{name} {}", point["const"].as_str().expect("a word"))),
            ),
            "link_fault" => wanted.extend(
                names("/$defs/LinkFault/properties").iter().map(|what| format!("{name} {what}")),
            ),
            _ => drop(wanted.insert(name.clone())),
        }
    }
    for decision in DECISIONS {
        assert!(wanted.remove(decision), "there is no command {decision}");
    }
    let mut covered = BTreeSet::new();
    for case in cases() {
        covered.extend(kind(&serde_json::from_str(case.fault.1).expect("it is JSON")));
    }
    covered.remove("set");
    assert_eq!(covered, wanted);
}
