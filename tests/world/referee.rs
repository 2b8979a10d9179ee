//! The referee: what is owed against what was done, money, lateness, order, and why.

use ackademy::engine::Instant;
use ackademy::simulation::{
    Effect, Finding, FindingKind, Ledger, OrderStatus, Scenario, Subject, Timeline,
};
use serde_json::{Value, json};

use crate::small::{desk, findings, kill, observe, of, play, restart};

#[test]
fn what_is_owed_is_held_against_what_was_done() {
    let down = [(5_000, kill("email")), (40_000, restart("email"))];
    let before = observe(&play(&desk(), &down, 30)).ledger;
    assert_eq!((of(&before.expected, "mail"), of(&before.missing, "charge")), (20, 0));
    assert!(of(&before.missing, "mail") > 10, "{before:?}");
    assert_eq!(of(&before.effects, "mail") + of(&before.missing, "mail"), 20);
    let after = observe(&play(&desk(), &down, 60)).ledger;
    assert_eq!((of(&after.missing, "mail"), of(&after.extra, "mail"), after.completed), (0, 0, 20));
}

#[test]
fn what_was_charged_twice_is_counted_in_cents() {
    let crash = json!({"crash_at": {"service": "payment", "point": "after_work"}});
    let crashed = play(&desk(), &[(5_000, crash), (12_000, restart("payment"))], 60);
    let ledger = observe(&crashed).ledger;
    assert_eq!((ledger.charged_twice, of(&ledger.extra, "charge")), (1, 1));
    let [finding] = findings(&crashed).try_into().expect("one thing went wrong");
    assert_eq!(finding.kind, FindingKind::Duplicate);
    assert!(finding.text.contains("its offset was not committed"), "{}", finding.text);
    let message = finding.message.expect("a record was read twice");
    assert!(message.starts_with("order-created-") && message.contains(" @ "), "{message}");
    let account = crashed.world().ledger().account(finding.order).expect("it was placed");
    assert_eq!(ledger.money.charged_twice_cents, u64::from(account.amount_cents));
    assert_eq!(
        ledger.money.charged_cents,
        ledger.money.owed_cents + ledger.money.charged_twice_cents
    );

    let calm = play(&desk(), &[], 60);
    let ledger = observe(&calm).ledger;
    assert_eq!((ledger.money.charged_twice_cents, findings(&calm).len()), (0, 0));
    assert!(ledger.money.charged_cents > 0);
}

#[test]
fn what_is_lost_before_it_is_charged_is_never_charged() {
    let mut scenario = desk();
    scenario["services"][1]["input"]["topic"]["commit"] = json!("before");
    let crash = json!({"crash_at": {"service": "payment", "point": "after_receive"}});
    let run = play(&scenario, &[(5_000, crash), (12_000, restart("payment"))], 60);
    let ledger = observe(&run).ledger;
    let finding = &findings(&run)[0];
    let price = run.world().ledger().account(finding.order).expect("it was placed").amount_cents;
    assert_eq!((ledger.lost, of(&ledger.missing, "charge")), (1, 1));
    assert_eq!(ledger.money.never_charged_cents, u64::from(price));
    assert!(finding.message.is_some() && finding.kind == FindingKind::Loss);
    let calm = observe(&play(&scenario, &[], 60)).ledger;
    assert_eq!((calm.lost, calm.money.never_charged_cents), (0, 0));
}

#[test]
fn a_mail_that_misses_its_deadline_is_late_and_the_cause_is_named() {
    let mut scenario = desk();
    scenario["deadlines"] = json!([{"effect": "mail", "within_ms": 5000}]);
    let calm = play(&scenario, &[], 60);
    assert_eq!((observe(&calm).ledger.late, findings(&calm).len()), (0, 0));
    let run = play(&scenario, &[(8_500, kill("email")), (30_000, restart("email"))], 60);
    let ledger = observe(&run).ledger;
    assert!((10..=13).contains(&ledger.late), "{} are late", ledger.late);
    assert_eq!((of(&ledger.overdue, "mail"), of(&ledger.overdue, "charge")), (ledger.late, 0));
    assert_eq!((ledger.completed, ledger.lost), (20, 0), "late is not lost");
    let first = &findings(&run)[0];
    assert_eq!(first.kind, FindingKind::Late);
    assert!(first.message.as_deref().is_some_and(|message| message.starts_with("m-")));
    for part in ["is not mailed within 5000 ms", "mails got m-", "email is down"] {
        assert!(first.text.contains(part), "'{}' lacks '{part}'", first.text);
    }
}

#[test]
fn an_effect_that_comes_between_two_looks_is_late_too() {
    let mut scenario = desk();
    scenario["deadlines"] = json!([{"effect": "charge", "within_ms": 40}]);
    let run = play(&scenario, &[], 60);
    assert_eq!(observe(&run).ledger.late, 20);
    assert!(findings(&run).iter().any(|finding| finding.text.contains("was charged after ")));
}

#[test]
fn deadlines_that_mean_nothing_are_refused() {
    let refused = |deadlines: Value, field: &str| {
        let mut scenario = desk();
        scenario["deadlines"] = deadlines;
        let error = ackademy::simulation::Scenario::from_json(&scenario.to_string());
        let error = error.expect_err(field).to_string();
        assert!(error.contains(field), "{error} does not name {field}");
    };
    refused(json!([{"effect": "label", "within_ms": 5}]), "deadlines[0].effect");
    refused(json!([{"effect": "mail", "within_ms": 0}]), "deadlines[0].within_ms");
    let twice = json!([{"effect": "mail", "within_ms": 5}, {"effect": "mail", "within_ms": 6}]);
    refused(twice, "deadlines[1]");
}

/// One order, of which two messages go to the same worker. A message that fails waits for five seconds.
fn two_messages() -> Value {
    let mut scenario = desk();
    scenario["arrivals"] = json!({"per_minute": 60, "limit": 1});
    scenario["exchanges"] =
        json!([{"name": "tasks", "type": "direct"}, {"name": "dlx", "type": "direct"}]);
    scenario["queues"] = json!([
        {"name": "mails", "arguments": {"x-dead-letter-exchange": "dlx"}},
        {"name": "later", "arguments": {"x-message-ttl": 5000, "x-dead-letter-exchange": "tasks"}}
    ]);
    scenario["bindings"] = json!([
        {"exchange": "tasks", "queue": "mails", "routing_key": "mail"},
        {"exchange": "tasks", "queue": "mails", "routing_key": "welcome"},
        {"exchange": "dlx", "queue": "later", "routing_key": "welcome"}
    ]);
    scenario["services"][0]["enqueues"] = json!([{"exchange": "tasks", "routing_key": "welcome"}]);
    scenario["services"][1]["work"] = json!({"fixed_ms": 500});
    scenario
}

#[test]
fn a_retry_that_lets_a_later_message_pass_is_a_reordering() {
    let fails = |per_mille: u64| json!({"fail_rate": {"service": "email", "per_mille": per_mille}});
    let run = play(&two_messages(), &[(0, fails(1_000)), (1_300, fails(0))], 10);
    assert_eq!(observe(&run).ledger.reordered, 1);
    let reordered = findings(&run).into_iter().find(|one| one.kind == FindingKind::Reordering);
    let finding = reordered.expect("it is counted");
    assert!(finding.text.contains("out of order by email"), "{}", finding.text);
    assert!(finding.message.expect("a message came late").starts_with("m-"));
    assert_eq!(observe(&play(&two_messages(), &[], 10)).ledger.reordered, 0);
}

/// Pseudorandom numbers for generated books.
fn draws(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |bound| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    }
}

#[test]
fn the_sums_are_right_with_a_hundred_thousand_orders() {
    let owed = [Effect::Charge, Effect::Mail, Effect::Label];
    let mut ledger = Ledger::new(owed.to_vec());
    let mut draw = draws(0x9e37_79b9_7f4a_7c15);
    for second in 0..100_000 {
        let now = Instant::from_secs(second);
        let order = ledger.place(now);
        ledger.price(order, 1_000 + draw(9_000) as u32);
        for _ in 0..draw(8) {
            let of = order - (draw(50) as u32).min(order - 1);
            match draw(12) {
                0 => ledger.decline(of),
                1 => ledger.dead_letter(of, false),
                2 => ledger.dead_letter(of, true),
                3 => drop(ledger.lose(now, of, "was dropped".to_owned())),
                4 => drop(ledger.answer(now, of, Err("503"))),
                5 => drop(ledger.answer(now, of, Ok(()))),
                _ => drop(ledger.book(now, of, owed[draw(3) as usize], "again")),
            }
        }
    }
    let accounts = || (1..=100_000).filter_map(|order| ledger.account(order));
    let figures = ledger.figures();
    assert_eq!(
        figures.placed,
        figures.completed + figures.in_progress + figures.lost + figures.dead_lettered
    );
    let is_owed = |status| !matches!(status, OrderStatus::Declined | OrderStatus::Refused);
    let expected = accounts().filter(|one| is_owed(one.status)).count() as u64;
    for effect in owed {
        let times = accounts().map(|one| u64::from(one.times(effect))).sum::<u64>();
        let without = accounts().filter(|one| is_owed(one.status) && one.times(effect) == 0);
        let name = effect.name();
        assert_eq!(of(&figures.effects, name), times);
        assert_eq!(of(&figures.expected, name), expected);
        assert_eq!(of(&figures.missing, name), without.count() as u64);
        assert_eq!(times + of(&figures.missing, name), expected + of(&figures.extra, name));
    }
    let cents = |times: &dyn Fn(u64) -> u64| {
        accounts()
            .map(|one| u64::from(one.amount_cents) * times(one.times(Effect::Charge).into()))
            .sum::<u64>()
    };
    assert_eq!(figures.money.charged_cents, cents(&|times| times));
    assert!(figures.duplicated > 1_000 && figures.lost > 1_000 && figures.paid_but_failed > 1_000);
}

fn why(run: &Timeline, subject: &str) -> ackademy::simulation::Why {
    let subject = Subject::parse(subject).expect("it names something");
    run.why(&subject).expect("there is a story")
}

#[test]
fn the_journey_of_an_order_crosses_services_topics_queues_and_attempts() {
    let crash = json!({"crash_at": {"service": "payment", "point": "after_work"}});
    let faults = [(5_000, crash), (12_000, restart("payment"))];
    let run = play(&desk(), &faults, 60);
    let order = findings(&run)[0].order;
    let story = why(&run, &format!("order-{order}"));
    let text = story.to_string();
    let parts = [
        "placed",
        "checkout published",
        "payment/1 takes",
        "charged by payment",
        "! payment/1 is down: crashed after the work",
        "payment restarted",
        "charged by payment",
        "ledger: ",
        "mails got m-",
        "payment committed order-created-",
        "mailed by email",
        "acked",
        "is completed",
    ];
    let mut rest = text.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("'{part}' is missing in {text}"));
        rest = &rest[at + part.len()..];
    }
    assert!(story.open.is_empty() && story.status == "completed");
    assert!(story.steps.is_sorted_by_key(|step| step.at_ms));

    let calm = why(&play(&desk(), &[], 60), &format!("order-{order}"));
    assert!(calm.steps.iter().all(|step| !step.trouble), "{calm}");
}

#[test]
fn an_order_that_waits_says_for_whom() {
    let run = play(&desk(), &[(5_000, kill("email"))], 30);
    let story = why(&run, "order-20");
    assert_eq!((story.status, story.open.len()), ("in_progress", 1));
    for part in ["not mailed", "mails got m-", "email is down"] {
        assert!(story.open[0].contains(part), "'{}' lacks '{part}'", story.open[0]);
    }
    let run = play(&desk(), &[(5_000, kill("payment"))], 30);
    let story = why(&run, "order-20");
    assert_eq!(story.open.len(), 2, "neither charged nor mailed");
    for open in &story.open {
        assert!(open.contains("order-created-") && open.contains("payment is down"), "{open}");
    }
}

#[test]
fn one_message_has_a_story_of_its_own() {
    let run = play(&two_messages(), &[], 10);
    let texts = |subject: &str| {
        let story = why(&run, subject);
        assert_eq!(story.order, "order-1");
        story.steps.into_iter().map(|step| step.what).collect::<Vec<_>>().join("\n")
    };
    let whole = texts("order-1");
    let ids: Vec<&str> = whole
        .lines()
        .filter_map(|line| line.strip_prefix("mails got ")?.split(',').next())
        .collect();
    let [welcome, mail] = ids.try_into().expect("two messages");
    assert!(texts(welcome).contains(welcome) && !texts(welcome).contains(mail));
    assert!(texts(mail).contains(mail) && !texts(mail).contains(welcome));
    assert!(texts(mail).contains("charged by payment"), "what led to it belongs to it");
    let record =
        whole.lines().find_map(|line| line.split(" to ").nth(1)).expect("it was published");
    let told = texts(record);
    assert!(told.contains("payment committed") && !told.contains("mails got"), "{told}");
}

#[test]
fn what_the_trace_has_forgotten_is_told_all_the_same() {
    let scenario = ackademy::scenarios::document("flash-sale-day").expect("it is embedded");
    let scenario = serde_json::from_str(scenario).expect("it is JSON");
    let mut run = play(&scenario, &[], 120);
    let early = why(&run, "order-17");
    assert_eq!((early.status, early.open.len()), ("completed", 0));
    run.run_until(Instant::from_secs(2_640));
    assert!(!run.world().trace().is_whole(), "the trace is too short to forget");
    assert_eq!(why(&run, "order-17"), early);
    let message = early.steps.iter().find_map(|step| step.what.split(" got ").nth(1));
    let message = message.and_then(|rest| rest.split(',').next()).expect("a task was enqueued");
    assert_eq!(why(&run, message).order, "order-17");
}

#[test]
fn nothing_is_told_of_what_is_not_there() {
    let run = play(&desk(), &[], 5);
    for subject in ["order-21", "m-1", "order-created-0@400"] {
        let subject = Subject::parse(subject).expect("it names something");
        assert!(run.why(&subject).expect_err("it is not there").contains(&subject.to_string()));
    }
    for text in ["order-x", "mails", "m-", "a@b", ""] {
        assert!(Subject::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_repeat_after_a_reset_names_the_reset() {
    let reset = json!({"reset_offsets": {"group": "payment", "to": "earliest"}});
    let run = play(
        &desk(),
        &[(8_000, kill("payment")), (30_000, reset), (31_000, restart("payment"))],
        90,
    );
    let mut charged = findings(&run);
    charged.retain(|finding| finding.text.contains("was charged"));
    assert!(charged.len() > 3, "{charged:?}");
    for finding in charged {
        assert!(finding.text.contains("offset of its group was moved back"), "{finding:?}");
    }
}

/// The log becomes shorter than what the group has committed, and longer again before it goes on.
#[test]
fn records_behind_an_offset_that_outlived_its_log_are_named() {
    let scenario = Scenario::embedded("three-brokers").expect("it is embedded");
    let setting = json!({"topic": "orders", "setting": "min.insync.replicas", "value": "1"});
    let commands = [
        (1, json!({"alter_topic": setting})),
        (30, json!({"kill_broker": {"broker": 1}})),
        (50, json!({"arrival_rate": {"per_minute": 0}})),
        (60, kill("payment")),
        (61, json!({"kill_broker": {"broker": 2}})),
        (62, json!({"kill_broker": {"broker": 3}})),
        (63, json!({"restart_broker": {"broker": 1}})),
        (64, json!({"elect_unclean": {"topic": "orders"}})),
        (65, json!({"arrival_rate": {"per_minute": 120}})),
        (125, json!({"arrival_rate": {"per_minute": 0}})),
        (130, restart("payment")),
    ];
    let mut run = Timeline::new(scenario, 3);
    for (second, one) in commands {
        run.run_until(Instant::from_secs(second));
        let command = ackademy::json::from_value(&one).expect("it is a command");
        run.command(command).expect("it can be given");
    }
    run.run_until(Instant::from_secs(600));
    let ledger = observe(&run).ledger;
    assert_eq!(ledger.in_progress, 0, "{ledger:?}");
    let behind = |finding: &&Finding| finding.text.contains("whose offset lies behind it");
    assert!(findings(&run).iter().filter(behind).count() > 10);
}
