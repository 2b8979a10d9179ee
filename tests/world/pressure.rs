//! More comes than can be done: admission, shedding, autoscaling; and how orders come.

use ackademy::simulation::{Event, Observation, Scenario, Timeline};
use serde_json::{Value, json};

use super::calls::{at, command, lines, of, run, service};

/// A shop of one service that answers after 100 ms and has 10 places: 100 orders a second.
fn door(arrivals: Value, admission: Value) -> Timeline {
    let input = json!({"http": {"concurrency": 10, "admission": admission}});
    run(json!({
        "arrivals": arrivals,
        "services": [service("checkout", input, 100, json!({"does": "charge"}))]
    }))
}

#[test]
fn a_bounded_queue_refuses_what_an_unbounded_one_lets_wait() {
    let arrivals = json!({"per_minute": 9_000});
    let mut open = door(arrivals.clone(), json!({}));
    let mut bounded = door(arrivals, json!({"queue": 50, "retry_after_s": 30}));
    let (open, bounded_figures) = (at(&mut open, 30), at(&mut bounded, 30));
    assert_eq!(open.checkout.failed, 0);
    assert!(open.checkout.p95_ms > 9_000, "waiting grows: {} ms", open.checkout.p95_ms);
    assert!(bounded_figures.checkout.p95_ms < 700, "{} ms", bounded_figures.checkout.p95_ms);
    assert_eq!(of(&bounded_figures.services, "checkout").waiting, 50);
    assert!(of(&bounded_figures.services, "checkout").rejected > 1_300);
    let refused = "503: checkout is busy, Retry-After: 30";
    assert!(lines(bounded.world()).iter().any(|line| line.contains(refused)));

    let unbounded = json!({"set_admission": {"service": "checkout", "admission": {}}});
    command(&mut bounded, unbounded);
    let before = of(&at(&mut bounded, 31).services, "checkout").rejected;
    assert_eq!(of(&at(&mut bounded, 40).services, "checkout").rejected, before);
}

#[test]
fn buyers_come_back_when_the_refusal_says_so() {
    let buyers = json!({"retry": {"attempts": 3, "delay": {"fixed_ms": 1_000}}});
    let arrivals = json!({
        "per_minute": 0, "buyers": buyers, "bursts": [{"at_ms": 1_000, "orders": 100}]
    });
    let mut patient = door(arrivals.clone(), json!({"queue": 40, "retry_after_s": 30}));
    let first = at(&mut patient, 10);
    assert_eq!(first.checkout.failed, 0, "nobody has given up yet");
    assert_eq!(first.ledger.in_progress, 50);
    let second = at(&mut patient, 40);
    assert_eq!((second.checkout.failed, second.checkout.retried), (0, 50));
    let entries = patient.world().trace().entries();
    let mut back = entries.filter(|entry| matches!(entry.event, Event::CallRetried { .. }));
    assert!(back.all(|entry| (31_000..31_300).contains(&entry.at.as_millis())));

    let mut eager = door(arrivals, json!({"queue": 40}));
    let eager = at(&mut eager, 10);
    assert_eq!((eager.checkout.failed, eager.checkout.retried), (0, 50), "they come after 1 s");
}

#[test]
fn a_rate_limit_lets_in_what_it_says_and_a_second_of_it_at_once() {
    let mut limited = door(json!({"per_minute": 3_000}), json!({"rate_per_second": 20}));
    let minute = at(&mut limited, 60);
    let expected = 20 * 61;
    assert!(minute.checkout.accepted.abs_diff(expected) < 10, "{}", minute.checkout.accepted);
    assert!(lines(limited.world()).iter().any(|line| line.contains("429: too many calls")));
    let burst = json!({"per_minute": 0, "bursts": [{"at_ms": 0, "orders": 100}]});
    let mut burst = door(burst, json!({"rate_per_second": 20}));
    assert_eq!(at(&mut burst, 60).checkout.accepted, 20);
}

#[test]
fn low_priorities_are_shed_first() {
    let arrivals = json!({
        "per_minute": 7_200, "priorities": [{"priority": 5, "percent": 50}]
    });
    let refused = |shed_below: Value| {
        let admission = json!({"queue": 100, "shed_below": shed_below});
        let mut run = door(arrivals.clone(), admission);
        let figures = at(&mut run, 30);
        (of(&figures.services, "checkout").shed, of(&figures.services, "checkout").rejected)
    };
    let (shed, rejected) = refused(json!(1));
    assert_eq!(rejected, 0, "the urgent half always finds room");
    assert!((500..=620).contains(&shed), "{shed}");
    let (shed, rejected) = refused(Value::Null);
    assert_eq!(shed, 0);
    assert!((450..=550).contains(&rejected), "{rejected}");
}

/// Checkout enqueues a task for a worker that makes one in a second.
fn pipeline(per_minute: u32, admission: Value, autoscale: Value) -> Timeline {
    let input = json!({"http": {"admission": admission}});
    let worker = json!({"queue": {"queue": "mails", "prefetch": 1}});
    run(json!({
        "arrivals": {"per_minute": per_minute},
        "exchanges": [{"name": "tasks", "type": "direct"}],
        "queues": [{"name": "mails"}],
        "bindings": [{"exchange": "tasks", "queue": "mails", "routing_key": "mail"}],
        "services": [
            service("checkout", input, 1, json!({"enqueues":
                [{"exchange": "tasks", "routing_key": "mail"}]})),
            service("email", worker, 1_000, json!({"does": "mail", "autoscale": autoscale})),
        ]
    }))
}

#[test]
fn the_door_closes_while_the_queue_behind_it_is_too_deep() {
    let guard = json!({"measure": {"queue_ready": "mails"}, "above": 100});
    let admission = json!({"depth": guard, "retry_after_s": 30});
    let mut guarded = pipeline(600, admission, Value::Null);
    let full = at(&mut guarded, 60);
    assert!(
        (100..=103).contains(&of(&full.queues, "mails").peak_ready),
        "{:?}",
        of(&full.queues, "mails")
    );
    assert!(of(&full.services, "checkout").rejected > 350);
    let refused = "503: checkout is busy, Retry-After: 30";
    assert!(lines(guarded.world()).iter().any(|line| line.contains(refused)));
    assert_eq!(full.ledger.lost, 0, "what was let in is kept");

    let mut open = pipeline(600, json!({}), Value::Null);
    let open = at(&mut open, 60);
    assert_eq!(of(&open.services, "checkout").rejected, 0);
    assert!(of(&open.queues, "mails").ready > 500);
}

fn scaled(autoscale: Value) -> (Timeline, Observation) {
    let mut run = pipeline(30, json!({}), autoscale);
    command(&mut run, json!({"burst": {"orders": 300, "within_ms": 1_000}}));
    let figures = at(&mut run, 70);
    (run, figures)
}

#[test]
fn a_scaler_starts_workers_by_depth_and_stops_them_later() {
    let (_, alone) = scaled(Value::Null);
    assert!(of(&alone.queues, "mails").ready > 200);
    assert_eq!(of(&alone.services, "email").instances, 1);

    let rules = json!({
        "by": {"queue_ready": "mails"}, "target": 30, "min": 1, "max": 8, "every_ms": 5_000,
        "start_ms": 10_000, "cooldown_ms": 60_000
    });
    let (mut run, grown) = scaled(rules);
    assert_eq!(of(&grown.queues, "mails").ready, 0, "worked off");
    assert_eq!(of(&grown.services, "email").instances, 8);
    let told = lines(run.world());
    let asked = told.iter().position(|line| line.contains("email scaled from 1 to 8 instances"));
    let asked = asked.unwrap_or_else(|| panic!("it did not ask for eight"));
    let started = told.iter().position(|line| line.contains("email/8 is up"));
    assert!(told[asked].starts_with("00:00:05.0") && asked < started.expect("the eighth is up"));
    let up = &told[started.expect("the eighth is up")];
    assert!(up.starts_with("00:00:15.0"), "an instance takes ten seconds to start: {up}");

    let shrunk = at(&mut run, 240);
    assert_eq!(
        (of(&shrunk.services, "email").instances, of(&shrunk.services, "email").scaled),
        (1, 2)
    );
    assert_eq!((shrunk.ledger.lost, shrunk.ledger.duplicated), (0, 0));

    command(&mut run, json!({"set_autoscale": {"service": "email"}}));
    command(&mut run, json!({"burst": {"orders": 300, "within_ms": 1_000}}));
    assert_eq!(of(&at(&mut run, 300).services, "email").instances, 1, "no scaler, no workers");
}

/// Orders placed in each second.
fn placed(mut run: Timeline, secs: usize) -> Vec<u64> {
    at(&mut run, secs as u64);
    let mut counts = vec![0; secs];
    for entry in run.world().trace().entries() {
        let second = (entry.at.as_millis() / 1_000) as usize;
        if matches!(entry.event, Event::OrderPlaced { .. }) && second < secs {
            counts[second] += 1;
        }
    }
    counts
}

#[test]
fn poisson_arrivals_vary_as_much_as_their_mean() {
    let spread = |gaps: &str| {
        let counts = placed(door(json!({"per_minute": 1_200, "gaps": gaps}), json!({})), 300);
        let sum: u64 = counts.iter().sum();
        let squares: u64 = counts.iter().map(|count| count.abs_diff(20).pow(2)).sum();
        (sum / 300, squares / 300)
    };
    let (mean, variance) = spread("poisson");
    assert!((19..=20).contains(&mean), "{mean}");
    assert!((16..=24).contains(&variance), "{variance}");
    assert_eq!(spread("even").1, 0);
}

#[test]
fn rates_ramp_and_bursts_and_records_come_on_top() {
    let ramp = json!({"at_ms": 10_000, "per_minute": 1_200, "over_ms": 40_000});
    let counts = placed(door(json!({"per_minute": 0, "changes": [ramp]}), json!({})), 60);
    assert_eq!(counts[..10].iter().sum::<u64>(), 0);
    assert!((4..=6).contains(&counts[20]), "{} at a quarter of the way", counts[20]);
    assert!((14..=16).contains(&counts[40]), "{} at three quarters", counts[40]);
    assert_eq!(counts[55], 20);
    assert!((580..=620).contains(&counts.iter().sum::<u64>()), "{counts:?}");

    let bursts = json!([{"at_ms": 5_000, "orders": 50, "within_ms": 5_000}]);
    let counts = placed(door(json!({"per_minute": 0, "bursts": bursts}), json!({})), 20);
    assert_eq!((counts[4], counts[5], counts[9], counts[10]), (0, 10, 10, 0));

    let recorded = json!([100, 1_200, 1_300, 3_000]);
    let counts = placed(door(json!({"per_minute": 0, "recorded_ms": recorded}), json!({})), 4);
    assert_eq!(counts, [1, 2, 0, 1]);
}

#[test]
fn a_learner_can_ramp_down_again() {
    let mut run = door(json!({"per_minute": 1_200}), json!({}));
    at(&mut run, 10);
    command(&mut run, json!({"ramp": {"per_minute": 0, "over_ms": 20_000}}));
    let counts = placed(run, 60);
    assert!((9..=11).contains(&counts[20]), "{} half way down", counts[20]);
    assert_eq!(counts[31..].iter().sum::<u64>(), 0);
}

#[test]
fn a_buyer_gives_up_and_is_charged_all_the_same() {
    let arrivals = |patience: Value| json!({"per_minute": 60, "buyers": {"patience_ms": patience}});
    let mut hasty = door(arrivals(json!(50)), json!({}));
    let figures = at(&mut hasty, 60);
    assert_eq!((figures.checkout.accepted, figures.checkout.p95_ms), (0, 50));
    assert!(figures.checkout.timed_out > 50 && figures.ledger.paid_but_failed > 50);
    command(&mut hasty, json!({"set_buyers": {"buyers": {"patience_ms": 1_000}}}));
    assert!(at(&mut hasty, 120).checkout.accepted > 50);
    let mut calm = door(arrivals(Value::Null), json!({}));
    assert_eq!(at(&mut calm, 60).ledger.paid_but_failed, 0);
}

#[test]
fn a_buyer_who_comes_back_is_charged_again() {
    let retry = json!({"attempts": 1, "delay": "immediate"});
    let buyers = json!({"patience_ms": 50, "retry": retry});
    let mut run = door(json!({"per_minute": 60, "buyers": buyers}), json!({}));
    let figures = at(&mut run, 30);
    assert!(figures.ledger.charged_twice > 25, "{:?}", figures.ledger);
}

#[test]
fn work_takes_the_times_of_its_table() {
    let table = json!({"table_ms": [[900, 10], [90, 100], [10, 1_000]]});
    let mut run = door(json!({"per_minute": 3_000}), json!({}));
    command(&mut run, json!({"instances": {"service": "checkout", "count": 10}}));
    command(&mut run, json!({"set_work": {"service": "checkout", "work": table}}));
    let figures = at(&mut run, 120);
    let figures = of(&figures.services, "checkout");
    assert_eq!((figures.p50_ms, figures.p95_ms, figures.p99_ms), (10, 100, 100));
    assert_eq!(figures.work_ms, 28);
}

#[test]
fn settings_of_load_that_make_no_sense_are_refused_with_their_place() {
    let base = || {
        json!({
            "version": 1, "name": "t", "title": "t", "seed": 1, "arrivals": {"per_minute": 0},
            "services": [service("checkout", json!({"http": {"admission": {}}}), 0, json!({}))]
        })
    };
    let admission = "services[0].input.http.admission";
    let guard = json!({"measure": {"queue_ready": "x"}, "above": 1});
    let scaler = |target: u32, most: u32| json!({"by": "max_group_lag", "target": target, "min": 1, "max": most});
    let cases = [
        (
            "/services/0/input/http/admission/rate_per_second",
            json!(0),
            format!("{admission}.rate_per_second"),
        ),
        (
            "/services/0/input/http/admission/shed_below",
            json!(1),
            format!("{admission}.shed_below"),
        ),
        ("/services/0/input/http/admission/depth", guard, format!("{admission}.depth.measure")),
        ("/services/0/autoscale", scaler(0, 4), "services[0].autoscale.target".to_owned()),
        ("/services/0/autoscale", scaler(1, 65), "services[0].autoscale.max".to_owned()),
        ("/services/0/work", json!({"table_ms": [[999, 1]]}), "services[0].work".to_owned()),
        (
            "/arrivals/priorities",
            json!([{"priority": 1, "percent": 101}]),
            "arrivals.priorities".to_owned(),
        ),
        ("/arrivals/recorded_ms", json!([2, 1]), "arrivals.recorded_ms".to_owned()),
        ("/arrivals/buyers", json!({"patience_ms": 0}), "arrivals.buyers.patience_ms".to_owned()),
    ];
    for (place, value, field) in cases {
        let mut document = base();
        let (parent, name) = place.rsplit_once('/').expect("it has a parent");
        document.pointer_mut(parent).expect("it is there")[name] = value;
        let error = Scenario::from_document(&document).expect_err(&field);
        assert_eq!(error.field, field, "{error}");
    }
    assert!(Scenario::from_document(&base()).is_ok());
}

#[test]
fn a_burst_makes_callers_wait_until_they_give_up_and_a_queue_works_it_off() {
    // Five calls of 3 100 ms in all; 30 orders at once make 580 a minute.
    let work = [500, 200, 2_000, 300, 100];
    let ids = ["payment", "inventory", "email", "warehouse", "analytics"];
    let calls: Vec<Value> = ids.iter().map(|id| json!({"service": id})).collect();
    let input = json!({"http": {"concurrency": 30}});
    let mut services = vec![service("checkout", input, 0, json!({"calls": calls}))];
    let callee = |(id, ms): (&&str, u64)| service(id, json!({"http": {}}), ms, json!({}));
    services.extend(ids.iter().zip(work).map(callee));
    let mut chain = run(json!({
        "arrivals": {"per_minute": 200, "buyers": {"patience_ms": 8_000}}, "services": services
    }));
    let calm = at(&mut chain, 120);
    assert_eq!((calm.checkout.p95_ms, calm.checkout.failed), (3_112, 0));
    command(&mut chain, json!({"arrival_rate": {"per_minute": 2_000}}));
    let soon = at(&mut chain, 130);
    assert!((3_200..8_000).contains(&soon.checkout.peak_p95_ms), "{:?}", soon.checkout);
    let burst = at(&mut chain, 180);
    assert_eq!(burst.checkout.p95_ms, 8_000);
    assert!(burst.checkout.timed_out > 1_000, "{}", burst.checkout.timed_out);

    let mut queue = pipeline(200, json!({}), Value::Null);
    command(&mut queue, json!({"instances": {"service": "email", "count": 10}}));
    at(&mut queue, 120);
    command(&mut queue, json!({"arrival_rate": {"per_minute": 2_000}}));
    let burst = at(&mut queue, 180);
    assert_eq!((burst.checkout.failed, burst.checkout.p95_ms), (0, 3));
    command(&mut queue, json!({"arrival_rate": {"per_minute": 200}}));
    // Drain time is the backlog over the service rate less the arrival rate. A worker has a
    // message each 1 002 ms.
    let minutes = |backlog: u64| backlog * 60 / (598 - 200);
    let predicted = 180 + minutes(of(&burst.queues, "mails").ready);
    assert!(of(&at(&mut queue, predicted - 5).queues, "mails").ready > 0);
    assert_eq!(of(&at(&mut queue, predicted + 5).queues, "mails").ready, 0);
}

#[test]
fn a_consumer_group_scales_by_its_lag() {
    let lag_after = |autoscale: Value| {
        let topic = json!({"topic": {"topic": "orders", "group": "payment"}});
        let mut run = run(json!({
            "arrivals": {"per_minute": 600},
            "topics": [{"name": "orders", "partitions": 6}],
            "services": [
                service("checkout", json!({"http": {}}), 1, json!({"publishes": ["orders"]})),
                service("payment", topic, 400, json!({"does": "charge", "autoscale": autoscale})),
            ]
        }));
        at(&mut run, 180)
    };
    let alone = lag_after(Value::Null);
    assert!(of(&alone.groups, "payment").lag > 1_000, "{:?}", of(&alone.groups, "payment"));
    let rules = json!({
        "by": {"group_lag": "payment"}, "target": 20, "min": 1, "max": 6, "every_ms": 10_000
    });
    let scaled = lag_after(rules);
    assert_eq!(of(&scaled.groups, "payment").members, 6);
    assert!(of(&scaled.groups, "payment").lag < 60, "{:?}", of(&scaled.groups, "payment"));
    assert_eq!((scaled.ledger.lost, scaled.ledger.charged_twice), (0, 0));
}

#[test]
fn an_instance_that_is_to_stop_finishes_what_it_has_begun() {
    let input = json!({"http": {"concurrency": 10}});
    let mut shop = run(json!({
        "arrivals": {"per_minute": 600},
        "services": [service("checkout", input, 2_000, json!({"instances": 4}))]
    }));
    at(&mut shop, 10);
    command(&mut shop, json!({"instances": {"service": "checkout", "count": 3}}));
    let leaving = at(&mut shop, 11);
    assert_eq!(of(&leaving.services, "checkout").instances, 4, "one is not done yet");
    let gone = at(&mut shop, 20);
    assert_eq!((of(&gone.services, "checkout").instances, gone.checkout.failed), (3, 0));
    let last = lines(shop.world()).into_iter().rfind(|line| line.contains("checkout/4"));
    assert!(last.expect("it was there").ends_with("checkout/4 is down: stopped"));
    let kill = json!({"kill": {"service": "checkout", "instance": 3}});
    command(&mut shop, kill);
    assert!(at(&mut shop, 30).checkout.failed > 0, "a kill cuts off what it does");

    let mut slow = run(json!({
        "arrivals": {"per_minute": 60},
        "services": [service("checkout", json!({"http": {}}), 60_000, json!({"instances": 2}))]
    }));
    at(&mut slow, 10);
    command(&mut slow, json!({"instances": {"service": "checkout", "count": 1}}));
    assert_eq!(at(&mut slow, 39).checkout.failed, 0);
    let cut = at(&mut slow, 41);
    assert_eq!(
        (cut.checkout.failed, of(&cut.services, "checkout").instances),
        (5, 1),
        "after 30 s"
    );
}
