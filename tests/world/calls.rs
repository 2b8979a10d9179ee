//! Synchronous calls: timeouts, retries, breakers and bulkheads.

use std::rc::Rc;

use ackademy::simulation::{
    CallFigures, Command, Event, Measure, Observation, Scenario, Timeline, World,
};
use litemap::LiteMap;
use serde_json::{Value, json};

pub use super::shared::see as at;

/// A run of a small scenario that is written in the test.
pub fn run(document: Value) -> Timeline {
    let mut document = document;
    for (name, value) in [("version", json!(1)), ("name", json!("t")), ("title", json!("t"))] {
        document[name] = value;
    }
    document["seed"] = json!(1);
    let scenario = Scenario::from_document(&document).unwrap_or_else(|error| panic!("{error}"));
    Timeline::new(Rc::new(scenario), 1)
}

pub fn service(id: &str, input: Value, work_ms: u64, rest: Value) -> Value {
    let mut service = json!({
        "id": id, "title": id, "role": "", "input": input, "work": {"fixed_ms": work_ms}
    });
    for (name, value) in rest.as_object().expect("the rest is an object") {
        service[name] = value.clone();
    }
    service
}

pub fn command(run: &mut Timeline, command: Value) {
    let command: Command = ackademy::json::from_value(&command).expect("it is a command");
    run.command(command).unwrap_or_else(|error| panic!("{error}"));
}

/// The figures of one service, queue or alert.
pub fn of<'a, T>(figures: &'a LiteMap<Rc<str>, T>, name: &str) -> &'a T {
    figures.get(name).unwrap_or_else(|| panic!("there is no {name}"))
}

pub fn lines(world: &World) -> Vec<String> {
    world.trace().entries().map(|entry| world.line(entry).to_string()).collect()
}

/// Checkout calls payment by these rules; payment has `places` places.
fn chain(per_minute: u32, rules: Value, places: u32, work_ms: u64) -> Timeline {
    let mut call = json!({"service": "payment"});
    for (name, value) in rules.as_object().expect("the rules are an object") {
        call[name] = value.clone();
    }
    run(json!({
        "arrivals": {"per_minute": per_minute},
        "services": [
            service("checkout", json!({"http": {}}), 0, json!({"calls": [call]})),
            service("payment", json!({"http": {"concurrency": places}}), work_ms, json!({"does": "charge"})),
        ]
    }))
}

fn payment_call(observation: &Observation) -> &CallFigures {
    of(&of(&observation.services, "checkout").outgoing, "payment")
}

#[test]
fn a_call_that_takes_too_long_fails_though_its_work_is_done() {
    let mut patient = chain(60, json!({}), 10, 1_000);
    let patient = at(&mut patient, 60);
    assert_eq!((patient.checkout.failed, patient.ledger.paid_but_failed), (0, 0));

    let mut hasty = chain(60, json!({"timeout_ms": 300}), 10, 1_000);
    let figures = at(&mut hasty, 60);
    assert_eq!(figures.checkout.accepted, 0);
    assert_eq!(figures.checkout.p95_ms, 302);
    assert!(figures.ledger.paid_but_failed > 50, "the card is charged a little later");
    assert_eq!(figures.ledger.lost, figures.ledger.paid_but_failed);
    assert_eq!(of(&figures.services, "payment").abandoned, figures.ledger.paid_but_failed);
    assert!(payment_call(&figures).timed_out > 50);
    let measured = hasty.world().measure(&Measure::CallsTimedOut("checkout".into()));
    assert_eq!(measured, payment_call(&figures).timed_out);
    let told = lines(hasty.world());
    assert!(told.iter().any(|line| line.ends_with("checkout/1 gave up on payment, order-1")));
    assert!(told.iter().any(|line| line.contains("504: no answer from payment within 300 ms")));

    let call = json!({"service": "payment", "timeout_ms": 2_000});
    command(&mut hasty, json!({"set_call": {"service": "checkout", "call": call}}));
    let longer = at(&mut hasty, 120);
    assert!(longer.checkout.accepted > 50);
    assert!(longer.ledger.paid_but_failed <= figures.ledger.paid_but_failed + 1);
}

#[test]
fn retries_hide_failures_in_passing() {
    let failed = |attempts: u32| {
        let retry = json!({"attempts": attempts, "delay": {"fixed_ms": 100}});
        let mut run = chain(600, json!({"retry": retry}), 100, 50);
        command(&mut run, json!({"fail_rate": {"service": "payment", "per_mille": 300}}));
        at(&mut run, 60)
    };
    let (once, four_times) = (failed(0), failed(3));
    assert!((150..=210).contains(&once.checkout.failed), "{}", once.checkout.failed);
    assert!(four_times.checkout.failed < 15, "{}", four_times.checkout.failed);
    assert_eq!(payment_call(&once).retried, 0);
    assert!(payment_call(&four_times).retried > 150);
    // The first of them waits its 100 ms between two attempts of 50 ms.
    assert!(four_times.checkout.p95_ms >= 202);
}

/// A service that is nearly full gets twice as slow for a while. Returns the calls per placed
/// order, and the orders that fail in the half minute that begins a minute after it is sound again.
fn storm(rules: Value) -> (u64, u64) {
    let mut run = chain(1_200, rules, 5, 200);
    at(&mut run, 10);
    command(&mut run, json!({"slow": {"service": "payment", "percent": 200}}));
    at(&mut run, 40);
    command(&mut run, json!({"slow": {"service": "payment", "percent": 100}}));
    let before = at(&mut run, 100);
    let after = at(&mut run, 130);
    let calls = payment_call(&after).made * 100 / after.ledger.placed;
    (calls, after.checkout.failed - before.checkout.failed)
}

#[test]
fn retries_keep_a_sick_service_sick_and_a_breaker_lets_it_recover() {
    let retry = json!({"attempts": 3, "delay": "immediate"});
    let breaker = json!({"failures": 5, "open_ms": 5_000});
    let (plain_calls, plain_failed) = storm(json!({"timeout_ms": 1_000}));
    let (storm_calls, storm_failed) = storm(json!({"timeout_ms": 1_000, "retry": retry}));
    let (calm_calls, calm_failed) =
        storm(json!({"timeout_ms": 1_000, "retry": retry, "breaker": breaker}));
    assert!(plain_calls <= 100, "{plain_calls} calls for 100 orders");
    assert!(storm_calls > 250, "{storm_calls} calls for 100 orders");
    assert!(storm_failed > 400, "{storm_failed} of 600 orders fail long after");
    assert!(calm_calls < 110, "{calm_calls} calls for 100 orders");
    assert_eq!(calm_failed, 0, "without a breaker nor retries {plain_failed} fail");
}

#[test]
fn backoff_with_jitter_spreads_the_attempts() {
    let moments = |jitter_percent: u32| {
        let delay = json!({"exponential":
            {"base_ms": 1_000, "max_ms": 8_000, "jitter_percent": jitter_percent}});
        let rules = json!({"retry": {"attempts": 3, "delay": delay}});
        let mut run = chain(0, rules, 1_000, 1);
        command(&mut run, json!({"kill": {"service": "payment"}}));
        command(&mut run, json!({"burst": {"orders": 100, "within_ms": 0}}));
        at(&mut run, 20);
        let entries = run.world().trace().entries();
        let retried = entries.filter(|entry| matches!(entry.event, Event::CallRetried { .. }));
        let moments: std::collections::BTreeSet<u64> =
            retried.map(|entry| entry.at.as_millis()).collect();
        moments
    };
    assert_eq!(moments(0).into_iter().collect::<Vec<_>>(), [1_003, 3_005, 7_007]);
    assert!(moments(100).len() > 200, "{} moments", moments(100).len());
}

#[test]
fn a_breaker_opens_half_opens_and_closes() {
    let breaker = json!({"failures": 5, "open_ms": 10_000, "half_open_calls": 2});
    let mut run = chain(600, json!({"breaker": breaker}), 100, 20);
    command(&mut run, json!({"fail_rate": {"service": "payment", "per_mille": 1_000}}));
    let open = at(&mut run, 5);
    assert_eq!((payment_call(&open).breaker.as_str(), payment_call(&open).opened), ("open", 1));
    assert!(payment_call(&open).made <= 6, "{}", payment_call(&open).made);
    assert!(payment_call(&open).stopped > 40);
    at(&mut run, 25);
    command(&mut run, json!({"fail_rate": {"service": "payment", "per_mille": 0}}));
    let closed = at(&mut run, 40);
    assert_eq!(payment_call(&closed).breaker, "closed");
    assert!(payment_call(&closed).opened >= 2, "each try while it was sick opened it again");
    let told = lines(run.world());
    let states = ["open", "half-open", "open", "half-open"];
    let turns =
        told.iter().filter(|line| line.contains("circuit breaker of checkout/1 for payment is"));
    for (line, state) in turns.zip(states) {
        assert!(line.ends_with(state), "{line} is not {state}");
    }
    let last = told.iter().rfind(|line| line.contains("for payment is")).expect("it turned");
    assert!(last.ends_with("is closed"), "{last}");
    let before = closed.checkout.failed;
    assert_eq!(at(&mut run, 60).checkout.failed, before, "all is well");
}

#[test]
fn a_bulkhead_keeps_one_slow_service_from_taking_every_place() {
    let doors = |bulkhead: Value| {
        let call = json!({"service": "email", "bulkhead": bulkhead});
        let mut run = run(json!({
            "arrivals": {"per_minute": 600},
            "services": [
                service("checkout", json!({"http": {"concurrency": 20}}), 10, json!({"calls": [call]})),
                service("email", json!({"http": {}}), 5_000, json!({"does": "mail"})),
            ]
        }));
        at(&mut run, 60)
    };
    let (open, kept) = (doors(Value::Null), doors(json!(5)));
    assert_eq!(of(&open.services, "checkout").busy, 20);
    assert!(of(&open.services, "checkout").waiting > 100, "everybody waits behind the slow mails");
    assert_eq!(open.checkout.failed, 0);
    assert_eq!((of(&kept.services, "checkout").waiting, of(&kept.services, "email").busy), (0, 5));
    assert!(kept.checkout.p50_ms < 20, "most are refused at once: {} ms", kept.checkout.p50_ms);
    assert!(of(&of(&kept.services, "checkout").outgoing, "email").stopped > 400);
}

#[test]
fn settings_of_calls_that_make_no_sense_are_refused_with_their_place() {
    let cases = [
        (json!({"timeout_ms": 0}), "services[0].calls[0].timeout_ms"),
        (json!({"bulkhead": 0}), "services[0].calls[0].bulkhead"),
        (
            json!({"breaker": {"failures": 0, "open_ms": 1}}),
            "services[0].calls[0].breaker.failures",
        ),
        (json!({"breaker": {"failures": 1, "open_ms": 0}}), "services[0].calls[0].breaker.open_ms"),
        (
            json!({"retry": {"attempts": 1, "delay": {"ladder_ms": []}}}),
            "services[0].calls[0].retry",
        ),
    ];
    for (rules, field) in cases {
        let mut call = json!({"service": "payment"});
        for (name, value) in rules.as_object().expect("the rules are an object") {
            call[name] = value.clone();
        }
        let document = json!({
            "version": 1, "name": "t", "title": "t", "seed": 1, "arrivals": {"per_minute": 0},
            "services": [
                service("checkout", json!({"http": {}}), 0, json!({"calls": [call]})),
                service("payment", json!({"http": {}}), 0, json!({})),
            ]
        });
        let error = Scenario::from_document(&document).expect_err(field);
        assert_eq!(error.field, field, "{error}");
        let mut sound = chain(60, json!({}), 1, 1);
        let refused: Command =
            ackademy::json::from_value(&json!({"set_call": {"service": "checkout", "call": call}}))
                .expect("its grammar is right");
        let error = sound.command(refused).expect_err(field);
        let inner = field.trim_start_matches("services[0].calls[0].");
        assert!(error.message.contains(inner), "{error}");
    }
    let stranger = json!({"set_call": {"service": "payment", "call": {"service": "checkout"}}});
    let stranger: Command = ackademy::json::from_value(&stranger).expect("its grammar is right");
    let error = chain(60, json!({}), 1, 1).command(stranger).expect_err("payment calls nobody");
    assert_eq!(error.message, "payment does not call checkout");
}

/// An hour of a flash sale day up to the end of the sale: p95 in the normal time and at the peak.
fn sale(document: &str) -> (Timeline, u64, u64) {
    let scenario = Scenario::from_json(document).unwrap_or_else(|error| panic!("{error}"));
    let mut run = Timeline::new(Rc::new(scenario), 26);
    let normal = at(&mut run, 9 * 60).checkout.p95_ms;
    let peak = at(&mut run, 44 * 60).checkout.p95_ms;
    (run, normal, peak)
}

#[test]
fn the_flash_sale_takes_eight_seconds_by_calls_and_45_ms_through_the_log() {
    let (mut calls, normal, peak) =
        sale(include_str!("../../scenarios/flash-sale-day-synchronous.json"));
    assert!((1_500..=1_700).contains(&normal), "{normal} ms by calls at 200 a minute");
    assert!((7_500..=8_500).contains(&peak), "{peak} ms by calls at 2 000 a minute");
    let (mut log, normal, peak) = sale(include_str!("../../scenarios/flash-sale-day.json"));
    assert!((40..=50).contains(&normal), "{normal} ms through the log at 200 a minute");
    assert!((40..=50).contains(&peak), "{peak} ms through the log at 2 000 a minute");
    let (calls, log) = (at(&mut calls, 3_600), at(&mut log, 3_600));
    assert_eq!(calls.ledger.placed, log.ledger.placed, "the same arrivals");
    assert!(calls.ledger.paid_but_failed > 3_000, "{:?}", calls.ledger);
    assert!(
        of(&calls.services, "checkout").rejected > 1_000,
        "{:?}",
        of(&calls.services, "checkout")
    );
    assert_eq!((log.checkout.failed, log.ledger.paid_but_failed), (0, 0));
    assert!(of(&calls.alerts, "checkout p95 above 5 s").fired == 1);
}

#[test]
fn a_caller_heeds_retry_after() {
    let moments = |retry_after_s: Value| {
        let admission = json!({"rate_per_second": 1, "retry_after_s": retry_after_s});
        let retry = json!({"attempts": 1, "delay": {"fixed_ms": 1_000}});
        let call = json!({"service": "payment", "retry": retry});
        let mut run = run(json!({
            "arrivals": {"per_minute": 0, "bursts": [{"at_ms": 0, "orders": 2}]},
            "services": [
                service("checkout", json!({"http": {}}), 0, json!({"calls": [call]})),
                service("payment", json!({"http": {"admission": admission}}), 0, json!({})),
            ]
        }));
        assert_eq!(at(&mut run, 60).checkout.accepted, 2);
        let entries = run.world().trace().entries();
        let retried = entries.filter(|entry| matches!(entry.event, Event::CallRetried { .. }));
        retried.map(|entry| entry.at.as_millis()).collect::<Vec<_>>()
    };
    assert_eq!(moments(Value::Null), [1_003]);
    assert_eq!(moments(json!(30)), [30_003]);
}
