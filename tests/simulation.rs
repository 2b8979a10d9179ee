//! What the simulation promises: the figures of the flash sale day, determinism, time travel,
//! the referee's balance, and refusals of bad input.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::scenarios;
use ackademy::simulation::{
    AckMode, Command, CrashPoint, Observation, Scenario, Source, Timeline, World,
};

fn scenario(name: &str) -> Rc<Scenario> {
    let document = scenarios::document(name).expect("the scenario is embedded");
    Rc::new(Scenario::from_json(document).expect("the embedded scenarios are sound"))
}

fn run(name: &str, seed: u64) -> Timeline {
    Timeline::new(scenario(name), seed)
}

fn secs(secs: u64) -> Instant {
    Instant::from_secs(secs)
}

fn kill(service: &str) -> Command {
    Command::Kill { service: service.into(), instance: None }
}

fn restart(service: &str) -> Command {
    Command::Restart { service: service.into(), instance: None }
}

fn observe(run: &Timeline) -> Observation {
    let observation = run.world().observe();
    assert_balanced(&observation);
    observation
}

/// Every order has exactly one status.
fn assert_balanced(observation: &Observation) {
    let ledger = &observation.ledger;
    let sum = ledger.completed + ledger.in_progress + ledger.lost + ledger.dead_lettered;
    assert_eq!(ledger.placed, sum, "orders are not accounted for: {ledger:?}");
}

fn name(of: &str) -> Rc<str> {
    of.into()
}

#[test]
fn flash_sale_day_keeps_every_order() {
    let mut run = run("flash-sale-day", 26);
    run.run_until(secs(30 * 60));
    let at_restart = observe(&run);
    let email = &at_restart.queues[&name("email-notifications")];
    assert!((3_300..=3_500).contains(&email.ready), "peak of {}", email.ready);
    assert!((165..=175).contains(&email.arriving_per_minute), "{}", email.arriving_per_minute);
    for queue in ["invoice-generation", "shipping-labels"] {
        let figures = &at_restart.queues[&name(queue)];
        assert!(figures.ready <= 5, "{queue} has {} waiting", figures.ready);
        assert!((160..=180).contains(&figures.leaving_per_minute), "{queue} keeps its pace");
    }

    run.run_until(secs(34 * 60));
    assert!(
        observe(&run).queues[&name("email-notifications")].ready <= 5,
        "empty within four minutes"
    );

    run.run_until(secs(60 * 60));
    let end = observe(&run);
    assert_eq!((end.ledger.lost, end.ledger.charged_twice, end.ledger.duplicated), (0, 0, 0));
    assert_eq!(end.checkout.failed, 0);
    assert!(end.ledger.in_progress < 10, "{} are in progress", end.ledger.in_progress);
    assert_eq!((end.ledger.dead_lettered, end.queues[&name("dead-letters")].ready), (12, 12));
    assert!((3_300..=3_500).contains(&end.queues[&name("email-notifications")].peak_ready));
    assert!((40..=50).contains(&end.checkout.p95_ms), "p95 of {} ms", end.checkout.p95_ms);
}

#[test]
fn dead_letters_carry_the_history_of_their_retries() {
    let mut run = run("flash-sale-day", 26);
    run.run_until(secs(30 * 60));
    let queue = run.world().rabbitmq().queue("dead-letters").expect("it is declared");
    assert!(queue.ready_count() > 0);
    for waiting in queue.ready() {
        let history = format!("{:?}", waiting.message.headers());
        for rung in ["retry-1s", "retry-5s", "retry-30s"] {
            assert!(history.contains(rung), "{history} does not tell of {rung}");
        }
        assert!(history.contains("rejected") && history.contains("expired"), "{history}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_one_does_not() {
    let hash = |seed| {
        let mut run = run("shop", seed);
        run.run_until(secs(120));
        run.world().trace().hash()
    };
    assert_eq!(hash(7), hash(7));
    assert_ne!(hash(7), hash(8));
}

#[test]
fn the_size_of_the_frames_changes_nothing() {
    let mut straight = run("shop", 7);
    straight.command(kill("email")).expect("email can be killed");
    straight.run_until(secs(90));
    let mut choppy = run("shop", 7);
    choppy.command(kill("email")).expect("email can be killed");
    while choppy.now() < secs(90) {
        let next = choppy.now() + Duration::from_micros(16_667);
        choppy.run_until(next.min(secs(90)));
    }
    assert_eq!(straight.world().trace().hash(), choppy.world().trace().hash());
}

#[test]
fn slower_work_of_one_service_does_not_shift_the_draws_of_another() {
    let arrivals = |slow: bool| {
        let mut run = run("shop", 7);
        if slow {
            let command = Command::Slow { service: "checkout".into(), percent: 700 };
            run.command(command).expect("checkout can be slow");
        }
        run.run_until(secs(60));
        let world = run.world();
        (1..=world.ledger().placed())
            .map(|order| world.ledger().account(order).expect("it was placed").placed_at)
            .collect::<Vec<_>>()
    };
    assert_eq!(arrivals(false), arrivals(true));
}

/// A run with a kill and a restart, played to its end.
fn eventful() -> Timeline {
    let mut run = run("shop", 7);
    run.run_until(secs(40));
    run.command(kill("email")).expect("email can be killed");
    run.run_until(secs(100));
    run.command(restart("email")).expect("email can be restarted");
    run.command(Command::Poison { service: "shipping".into() }).expect("it can be poisoned");
    run.run_until(secs(200));
    run
}

#[test]
fn seeking_anywhere_and_back_gives_the_same_world() {
    let mut run = eventful();
    let end = run.world().trace().hash();
    for second in [199, 150, 100, 99, 41, 40, 39, 5, 0] {
        run.seek(secs(second));
        assert_eq!(run.now(), secs(second));
        let there = run.world().trace().hash();
        let mut straight = Timeline::with_inputs(run.scenario().clone(), 7, run.inputs().to_vec());
        straight.run_until(secs(second));
        assert_eq!(there, straight.world().trace().hash(), "at {second} s");
        run.seek(secs(200));
        assert_eq!(run.world().trace().hash(), end, "after {second} s and back");
    }
    assert!(run.branches().is_empty(), "looking does not fork");
}

#[test]
fn a_command_in_the_past_forks_and_keeps_the_old_future() {
    let mut run = eventful();
    let old_end = run.world().trace().hash();
    run.seek(secs(30));
    run.command(kill("invoice")).expect("invoice can be killed");
    assert_eq!((run.branches().len(), run.inputs().len()), (1, 1));
    run.run_until(secs(200));
    assert_eq!(observe(&run).services[&name("invoice")].state, "down");
    assert_eq!(run.branches()[0].end().trace().hash(), old_end);
    run.switch_to(0);
    run.run_until(secs(200));
    assert_eq!(run.world().trace().hash(), old_end);
    assert_eq!(run.branches().len(), 1);
}

#[test]
fn a_step_goes_to_the_next_thing_that_happens() {
    let mut run = run("shop", 7);
    run.run_until(secs(10));
    let (before, events) = (run.now(), run.world().trace().len());
    while run.world().trace().len() == events {
        run.step(secs(20));
    }
    assert!(run.now() > before && run.now() < secs(20));
}

#[test]
fn killing_email_fails_no_order_and_its_queue_drains_after_the_restart() {
    let mut run = run("shop", 7);
    run.run_until(secs(60));
    run.command(kill("email")).expect("email can be killed");
    run.run_until(secs(180));
    let down = observe(&run);
    assert!(down.queues[&name("email-notifications")].ready > 250);
    assert_eq!((down.checkout.failed, down.ledger.lost), (0, 0));
    run.command(restart("email")).expect("email can be restarted");
    run.run_until(secs(300));
    let up = observe(&run);
    assert!(up.queues[&name("email-notifications")].ready < 5);
    assert_eq!((up.ledger.lost, up.services[&name("email")].state.as_str()), (0, "up"));
}

#[test]
fn a_poisoned_task_climbs_the_ladder_to_the_dead_letters() {
    let mut run = run("shop", 7);
    run.run_until(secs(20));
    run.command(Command::Poison { service: "email".into() }).expect("it can be poisoned");
    run.run_until(secs(80));
    let end = observe(&run);
    assert_eq!((end.queues[&name("dead-letters")].ready, end.ledger.dead_lettered), (1, 1));
    assert_eq!(end.services[&name("email")].failed, 4, "one try and three retries");
}

/// Kills the worker while it has messages and says what became of them.
fn crash_with(mode: AckMode, point: CrashPoint) -> Observation {
    let mut run = run("shop", 7);
    let service: Rc<str> = "email".into();
    run.command(Command::Instances { service: service.clone(), count: 1 }).expect("one worker");
    run.command(Command::Ack { service: service.clone(), mode }).expect("email is a worker");
    run.run_until(secs(30));
    run.command(Command::CrashAt { service: service.clone(), point }).expect("it can crash");
    run.run_until(secs(40));
    run.command(Command::Restart { service, instance: None }).expect("it can be restarted");
    run.run_until(secs(70));
    observe(&run)
}

#[test]
fn where_a_worker_crashes_decides_what_becomes_of_the_message() {
    let received = crash_with(AckMode::After, CrashPoint::AfterReceive);
    assert!(received.queues[&name("email-notifications")].redelivered > 0);
    assert_eq!((received.ledger.lost, received.ledger.duplicated), (0, 0));
    for point in [CrashPoint::AfterWork, CrashPoint::BeforeAck] {
        let worked = crash_with(AckMode::After, point);
        assert_eq!((worked.ledger.lost, worked.ledger.duplicated), (0, 1), "{point:?}");
    }
    let forgotten = crash_with(AckMode::Auto, CrashPoint::AfterReceive);
    assert!(forgotten.ledger.lost > 0 && forgotten.ledger.duplicated == 0);
}

#[test]
fn a_member_that_dies_makes_its_group_rebalance() {
    let mut run = run("shop", 7);
    run.run_until(secs(30));
    let before = observe(&run).groups[&name("payment")].clone();
    assert_eq!((before.members, before.assignment.as_slice()), (3, [4, 4, 4].as_slice()));
    let victim = Command::Kill { service: "payment".into(), instance: Some(2) };
    run.command(victim).expect("payment has three instances");
    run.run_until(secs(60));
    let after = observe(&run).groups[&name("payment")].clone();
    assert_eq!((after.members, after.assignment.as_slice()), (2, [6, 6].as_slice()));
    assert!(after.generation > before.generation);
}

#[test]
fn commands_that_make_no_sense_are_refused_and_change_nothing() {
    let mut run = run("shop", 7);
    let hash = run.world().trace().hash();
    let refused = [
        kill("nobody"),
        Command::Kill { service: "payment".into(), instance: Some(9) },
        Command::Instances { service: "email".into(), count: 0 },
        Command::Prefetch { service: "payment".into(), count: 3 },
        Command::FailRate { service: "email".into(), per_mille: 2_000 },
    ];
    for command in refused {
        assert!(run.command(command.clone()).is_err(), "{command:?} was taken");
    }
    assert_eq!(run.world().trace().hash(), hash);
    assert!(run.inputs().is_empty());
}

#[test]
fn a_broken_scenario_is_refused_with_line_and_field() {
    let sound = scenarios::document("shop").expect("it is embedded");
    let cases = [
        (sound.replace("\"version\": 1", "\"version\": 9"), "version"),
        (sound.replace("\"partitions\": 12", "\"partitions\": \"12\""), "topics[0].partitions"),
        (sound.replace("\"partitions\": 12", "\"partitions\": 0"), "topics[0].partitions"),
        (sound.replace("\"publishes\": [\"order-paid\"]", "\"publishes\": [\"x\"]"), "publishes"),
        (sound.replace("\"seed\": 7,", "\"seed\": 7, \"sede\": 1,"), "sede"),
        (sound.replace("\"queue_ready\": \"dead-letters\"", "\"queue_ready\": \"x\""), "alerts[1]"),
    ];
    for (document, field) in cases {
        assert_ne!(document, sound, "the case for {field} changed nothing");
        let error = Scenario::from_json(&document).expect_err(field);
        assert!(error.to_string().contains(field), "{error} does not name {field}");
    }
    let error = Scenario::from_json("{\n  \"version\": 1,\n  \"name\": }").expect_err("no JSON");
    assert_eq!(error.line, Some(3));
}

/// Invariants that hold at every instant of an eventful run.
fn assert_sound(world: &World) {
    assert_balanced(&world.observe());
    for service in world.services() {
        for instance in &service.instances {
            assert!(instance.up || instance.jobs.is_empty(), "the dead do not work");
            for job in &instance.jobs {
                let by_one = !matches!(job.source, Source::Call { .. });
                assert!(!by_one || instance.jobs.len() == 1, "one message at a time");
            }
        }
    }
    for queue in world.rabbitmq().queues() {
        let counters = queue.counters();
        let inside = queue.ready_count() + queue.unacked_count();
        let gone = counters.acked + counters.expired + counters.dropped + counters.dead_lettered;
        assert!(counters.published <= inside + gone + counters.requeued, "{}", queue.name());
    }
}

#[test]
fn random_hands_break_no_invariant() {
    let services =
        ["checkout", "payment", "inventory", "analytics", "email", "invoice", "shipping"];
    for seed in 0..6_u64 {
        let mut run = run("shop", seed);
        let mut draw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |bound: u64| {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            draw % bound
        };
        for _ in 0..60 {
            let service: Rc<str> = services[next(7) as usize].into();
            let command = match next(9) {
                0 | 1 => Command::Kill { service, instance: None },
                2 | 3 => Command::Restart { service, instance: None },
                4 => Command::Poison { service },
                5 => Command::FailRate { service, per_mille: next(400) as u32 },
                6 => Command::Instances { service, count: 1 + next(5) as u32 },
                7 => Command::CrashAt { service, point: CrashPoint::AfterWork },
                _ => Command::ArrivalRate { per_minute: next(900) as u32 },
            };
            run.command(command).expect("the command makes sense");
            let to = run.now() + Duration::from_millis(200 + next(4_000));
            run.run_until(to);
            assert_sound(run.world());
        }
    }
}
