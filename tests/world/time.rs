//! Time: undo and redo, seeking, breakpoints, runs as files, two runs side by side.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::{
    Breakpoint, Command, Comparison, Played, Run, Scenario, Timeline, Watch, Work, World,
};

fn shop() -> Rc<Scenario> {
    Scenario::embedded("shop").expect("the shop is embedded")
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

/// A run of the shop with commands at seconds, played to `end`.
fn played(commands: &[(u64, Command)], end: u64) -> Timeline {
    let mut run = Timeline::new(shop(), 7);
    for (at, command) in commands {
        run.run_until(secs(*at));
        run.command(command.clone()).expect("the command makes sense");
    }
    run.run_until(secs(end));
    run
}

fn hash(run: &Timeline) -> u64 {
    run.world().trace().hash()
}

fn waiting(run: &Timeline) -> u64 {
    run.world().number("/queues/email-notifications/ready").expect("the queue is declared")
}

// --- Undo and redo ----------------------------------------------------------------------------

#[test]
fn undo_gives_the_run_without_the_command_and_redo_the_run_with_it() {
    let mut run = played(&[(20, kill("email")), (40, kill("invoice"))], 90);
    let (with_both, backlog) = (hash(&run), waiting(&run));
    assert!(backlog > 150, "{backlog} mails wait");

    assert_eq!(run.undo(), Some((secs(40), kill("invoice"))));
    assert_eq!((run.now(), hash(&run)), (secs(90), hash(&played(&[(20, kill("email"))], 90))));
    assert_eq!(run.undo(), Some((secs(20), kill("email"))));
    assert_eq!(hash(&run), hash(&played(&[], 90)));
    assert!(waiting(&run) < 5, "email was never down");
    assert_eq!((run.undo(), run.inputs().len()), (None, 0));

    assert_eq!(run.redo(), Some((secs(20), kill("email"))));
    assert_eq!(run.redo(), Some((secs(40), kill("invoice"))));
    assert_eq!((run.redo(), hash(&run), waiting(&run)), (None, with_both, backlog));
}

#[test]
fn undo_leaves_nothing_behind_for_later_seeks() {
    let mut run = played(&[(20, kill("email")), (60, restart("email"))], 120);
    run.undo();
    run.undo();
    run.redo();
    for second in [120, 30, 10, 70, 119] {
        run.seek(secs(second));
        let mut straight = Timeline::with_inputs(shop(), 7, run.inputs().to_vec());
        straight.run_until(secs(second));
        assert_eq!(hash(&run), hash(&straight), "at {second} s");
    }
    assert!(waiting(&run) > 200, "email was not restarted");
}

#[test]
fn a_command_that_lies_ahead_can_be_taken_back_too() {
    let mut run = played(&[(60, kill("email"))], 90);
    run.seek(secs(30));
    assert!(run.undo().is_some());
    assert!(!run.has_future(), "what came of the command is gone");
    run.run_until(secs(90));
    assert_eq!(hash(&run), hash(&played(&[], 90)));
}

#[test]
fn a_new_command_ends_what_could_be_redone() {
    let mut run = played(&[(20, kill("email"))], 30);
    run.undo();
    assert!(run.can_redo().is_some());
    run.command(kill("invoice")).expect("invoice can be killed");
    assert_eq!(run.can_redo(), None);
    assert_eq!(run.redo(), None);
    assert_eq!(run.can_undo(), Some(&(secs(30), kill("invoice"))));
}

#[test]
fn commands_of_one_instant_replay_as_they_were_given() {
    let at_once = [kill("email"), restart("email"), kill("payment"), restart("payment")];
    let mut run = played(&[(15, kill("invoice"))], 20);
    for command in at_once {
        run.command(command).expect("the command makes sense");
    }
    let there = hash(&run);
    run.run_until(secs(60));
    let end = hash(&run);
    run.seek(secs(20));
    assert_eq!(hash(&run), there);
    run.seek(secs(60));
    assert_eq!(hash(&run), end);
}

// --- Seeking ----------------------------------------------------------------------------------

#[test]
fn any_instant_of_a_busy_hour_is_reached_from_anywhere() {
    let scenario = Scenario::embedded("flash-sale-day").expect("it is embedded");
    let mut straight = World::new(scenario.clone(), 26);
    let mut run = Timeline::new(scenario, 26);
    run.run_until(secs(3_600));
    let moments = [7_u64, 599, 600, 1_234, 2_400, 2_555, 2_640, 2_701, 3_599];
    let hashes = moments.map(|second| {
        straight.run_until(secs(second));
        straight.trace().hash()
    });
    for index in [8, 0, 5, 3, 4, 7, 1, 6, 2, 5] {
        run.seek(secs(moments[index]));
        assert_eq!(hash(&run), hashes[index], "at {} s", moments[index]);
    }
}

/// A seek repeats the work since a checkpoint: never more than a small part of the whole run.
#[test]
fn no_seek_repeats_much_of_the_run() {
    let scenario = Scenario::embedded("flash-sale-day").expect("it is embedded");
    let mut run = Timeline::new(scenario.clone(), 26);
    run.run_until(secs(3_600));
    let whole = run.world().happened();
    let checkpoints: Vec<Instant> = run.checkpoints().collect();
    assert!((25..=64).contains(&checkpoints.len()), "{} checkpoints", checkpoints.len());
    let mut straight = World::new(scenario, 26);
    let mut before = 0;
    for checkpoint in checkpoints.into_iter().chain([secs(3_600)]) {
        straight.run_until(checkpoint);
        let work = straight.happened() - before;
        assert!(work * 20 < whole, "{work} of {whole} things before {checkpoint}");
        before = straight.happened();
    }
}

// --- Breakpoints ------------------------------------------------------------------------------

fn breakpoint(text: &str, world: &World) -> Breakpoint {
    Breakpoint::parse(text, world).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Plays the shop with `email` dead until the breakpoint; the instant at which it was reached.
fn reached(text: &str, commands: &[(u64, Command)]) -> Option<Instant> {
    let inputs = commands.iter().map(|(at, command)| (secs(*at), command.clone())).collect();
    let mut run = Timeline::with_inputs(shop(), 7, inputs);
    let breakpoint = breakpoint(text, run.world());
    run.run_to(&breakpoint, secs(300)).then(|| run.now())
}

#[test]
fn a_run_stops_at_the_very_instant() {
    let down = [(20, kill("email"))];
    let at = reached("queue email-notifications > 100", &down).expect("the queue fills");
    let mut run = Timeline::with_inputs(shop(), 7, vec![(secs(20), kill("email"))]);
    run.run_until(at - Duration::from_micros(1));
    assert_eq!(waiting(&run), 100, "just before it");
    run.run_until(at);
    assert_eq!(waiting(&run), 101);
    assert_eq!(reached("queue email-notifications > 100", &[]), None, "without the fault");
}

#[test]
fn what_can_be_waited_for_is_waited_for() {
    let email_down = (20, kill("email"));
    let poison = (20, Command::Poison { service: "shipping".into() });
    let after_work = ackademy::simulation::CrashPoint::AfterWork;
    let crash = (20, Command::CrashAt { service: "payment".into(), point: after_work });
    let cases: [(&str, &[(u64, Command)]); 13] = [
        ("lag > 5", &[(20, Command::Slow { service: "payment".into(), percent: 900 })]),
        ("lag of payment >= 10", &[(20, kill("payment"))]),
        ("a message is dead-lettered", std::slice::from_ref(&poison)),
        ("queue dead-letters > 0", std::slice::from_ref(&poison)),
        ("an order is charged twice", &[crash.clone(), (25, restart("payment"))]),
        ("an effect is doubled", &[crash, (25, restart("payment"))]),
        ("an order fails", &[(20, kill("checkout"))]),
        ("service email is down", std::slice::from_ref(&email_down)),
        ("group payment rebalances", &[]),
        ("/checkout/failed = 0 and /ledger/placed >= 50", &[]),
        ("/services/email/state != up", std::slice::from_ref(&email_down)),
        ("/queues/email-notifications/ready rises", std::slice::from_ref(&email_down)),
        ("lag > 1_000_000 or service email is down", std::slice::from_ref(&email_down)),
    ];
    for (text, commands) in cases {
        let at = reached(text, commands);
        assert!(at.is_some_and(|at| at < secs(300)), "{text}: {at:?}");
    }
    for text in ["an order is lost", "an alert fires", "lag > 1,000,000", "an order fails"] {
        assert_eq!(reached(text, &[]), None, "{text}");
    }
}

#[test]
fn an_empty_queue_and_a_clearing_alert_come_after_the_restart() {
    let scenario = Scenario::embedded("shop").expect("it is embedded");
    let mut scenario = Scenario::clone(&scenario);
    scenario.alerts[1].above = 0;
    let name = scenario.alerts[1].rule.clone();
    let inputs = vec![
        (secs(20), kill("email")),
        (secs(21), Command::Poison { service: "shipping".into() }),
        (secs(90), restart("email")),
    ];
    let mut run = Timeline::with_inputs(Rc::new(scenario), 7, inputs);
    run.run_until(secs(60));
    let empty = breakpoint("queue email-notifications is empty", run.world());
    assert!(run.run_to(&empty, secs(300)) && run.now() > secs(90));
    run.seek(secs(22));
    let fires = breakpoint(&format!("alert {name} fires"), run.world());
    assert!(run.run_to(&fires, secs(300)));
    assert_eq!(run.world().number(&format!("/alerts/{name}/firing")), Some(1));
    let clears = breakpoint("an alert clears", run.world());
    assert!(!run.run_to(&clears, secs(200)), "nobody empties the dead letters");
}

#[test]
fn a_watch_goes_on_where_it_stopped() {
    let mut run = Timeline::with_inputs(shop(), 7, vec![(secs(20), kill("email"))]);
    let breakpoint = breakpoint("service email is down", run.world());
    let mut watch = Watch::begin(&breakpoint, run.world());
    let slices = (1..60).find(|second| run.run_watched(&mut watch, secs(*second)));
    assert_eq!((slices, run.now()), (Some(20), secs(20)));
}

#[test]
fn a_breakpoint_that_makes_no_sense_says_why() {
    let world = World::new(shop(), 7);
    for (text, part) in [
        ("", "something is missing"),
        ("lag", "'lag' is not understood"),
        ("lag > many", "'many' is no whole number"),
        ("lag of paymint > 3", "'paymint'"),
        ("lag of paymint > 3", "payment"),
        ("queue nowhere > 3", "email-notifications"),
        ("service emial is down", "email"),
        ("alert x fires", "there is no 'x' among the alerts"),
        ("/services/email/calls > 3", "no single figure"),
        ("/queues/dead-letters/redy > 3", "there is no figure /queues/dead-letters/redy"),
        ("/groups/payment/leg > 3", "there is no figure"),
        ("lag > 3 or", "'3 or' is no whole number"),
        ("the moon is full", "is not understood"),
        ("service email is dwon", "a service is up, degraded, slow, failing, down"),
    ] {
        let error = Breakpoint::parse(text, &world).expect_err(text);
        assert!(error.contains(part), "{text}: '{error}' lacks '{part}'");
    }
    assert!(Breakpoint::parse("/groups/payment/lag > 3", &world).is_ok(), "it will be there");
}

// --- Runs as files ----------------------------------------------------------------------------

#[test]
fn a_run_comes_back_from_its_file_and_its_link() {
    let run = played(&[(20, kill("email")), (40, restart("email"))], 70);
    let document = Run::of(&run, None);
    assert_eq!(document.scenario, Played::Named("shop".to_owned()), "the reader has it");
    let json = document.to_json();
    assert!(json.len() < 400, "{} bytes", json.len());
    for read in [Run::from_json(&json), Run::from_code(&document.to_code())] {
        let again = read.and_then(|read| read.open(None)).expect("it was written here");
        assert_eq!((again.now(), hash(&again)), (secs(70), hash(&run)));
    }
}

#[test]
fn a_scenario_that_nobody_else_has_travels_with_its_run() {
    let mut document = (*shop().document).clone();
    document["arrivals"]["per_minute"] = 77.into();
    let scenario = Scenario::from_document(&document).expect("it is sound");
    let mut run = Timeline::new(Rc::new(scenario), 3);
    run.run_until(secs(30));
    run.command(kill("email")).expect("email can be killed");
    run.run_until(secs(60));
    let json = Run::of(&run, None).to_json();
    let again = Run::from_json(&json).and_then(|read| read.open(None)).expect("it is whole");
    assert_eq!((again.scenario().arrivals.per_minute, hash(&again)), (77, hash(&run)));
}

#[test]
fn undone_commands_are_not_in_the_file() {
    let mut run = played(&[(20, kill("email")), (40, kill("invoice"))], 70);
    run.undo();
    assert_eq!(Run::of(&run, None).inputs, [(secs(20), kill("email"))]);
}

#[test]
fn a_damaged_file_says_what_and_where() {
    let sound = Run::of(&played(&[(20, kill("email")), (30, kill("invoice"))], 40), None).to_json();
    let whole = {
        let mut document = (*shop().document).clone();
        document["title"] = "Mine".into();
        let scenario = Scenario::from_document(&document).expect("it is sound");
        Run::of(&Timeline::new(Rc::new(scenario), 1), None).to_json()
    };
    for (text, part) in [
        (sound[..sound.len() - 9].to_owned(), "breaks at line 1, character"),
        ("[]".to_owned(), "says no version"),
        (sound.replace("\"version\":1", "\"version\":2"), "has version 2"),
        (sound.replace("\"seed\":7", "\"seed\":\"x\""), "'seed' is no whole number"),
        (sound.replace("\"seed\"", "\"sede\""), "'sede' is unknown"),
        (sound.replace(",\"seed\":7", ""), "'seed' is missing"),
        (sound.replace("\"at_ms\":40000", "\"at_ms\":99999999999"), "24 hours"),
        (sound.replace("\"shop\"", "\"shap\""), "no scenario 'shap'"),
        (sound.replace("\"shop\"", "7"), "neither a name nor a scenario"),
        (sound.replace("{\"service\":\"invoice\"}", "{\"srv\":1}"), "Command 2 "),
        (sound.replace("\"invoice\"", "\"nobody\""), "Command 2 "),
        (whole.replace("\"partitions\":12", "\"partitions\":0"), "topics[0].partitions"),
    ] {
        let read = Run::from_json(&text).and_then(|run| run.open(None));
        let error = read.expect_err(part);
        assert!(error.message.contains(part), "'{error}' lacks '{part}'");
        let rescued = error.rescued.map(|run| run.inputs.len());
        assert_eq!(rescued, part.starts_with("Command").then_some(1), "{part}");
    }
}

// --- Two runs ---------------------------------------------------------------------------------

#[test]
fn runs_that_are_alike_have_no_difference() {
    let (mut left, mut right) = (Timeline::new(shop(), 7), Timeline::new(shop(), 7));
    let comparison = Comparison::of(&mut left, &mut right, secs(60));
    assert!(comparison.is_empty(), "{comparison:?}");
}

#[test]
fn the_first_event_and_the_figures_that_differ_are_named() {
    let mut left = Timeline::new(shop(), 7);
    let mut right = Timeline::with_inputs(shop(), 7, vec![(secs(20), kill("email"))]);
    let comparison = Comparison::of(&mut left, &mut right, secs(60));
    let first = comparison.first.expect("they differ");
    assert_eq!(first.at_ms, 20_000);
    assert!(first.right.is_some_and(|line| line.contains("email killed")), "the command");
    let mut until_then = Timeline::new(shop(), 7);
    until_then.run_until(secs(20) - Duration::from_micros(1));
    assert_eq!(first.same_events, until_then.world().trace().len());
    let figure = |name: &str| comparison.figures.iter().find(|one| one.figure == name);
    let ready = figure("/queues/email-notifications/ready").expect("it differs");
    assert!(ready.left.as_u64() < ready.right.as_u64() && ready.since_ms > 20_000);
    let state = figure("/services/email/state").expect("it differs");
    let words = (state.left.as_str(), state.right.as_str(), state.since_ms);
    assert_eq!(words, (Some("up"), Some("down"), 20_000));
    assert_eq!(figure("/ledger/placed"), None, "as many orders were placed");
    assert_eq!(figure("/services/invoice/handled"), None, "invoice does not care");
}

// --- Chance -----------------------------------------------------------------------------------

/// The work of `email` is drawn, not fixed, so that its stream is used.
fn with_drawn_work() -> Rc<Scenario> {
    let mut scenario = Scenario::clone(&shop());
    for service in &mut scenario.services {
        service.work = Work::UniformMs { min: 5, max: 25 };
        service.fail_per_mille = 20;
    }
    Rc::new(scenario)
}

#[test]
fn the_work_time_of_one_service_shifts_no_draw_of_another() {
    let end = secs(60);
    let play = |inputs| {
        let mut run = Timeline::with_inputs(with_drawn_work(), 7, inputs);
        run.run_until(end);
        run
    };
    let calm = play(Vec::new());
    let work = Work::UniformMs { min: 30, max: 90 };
    let slower = play(vec![(Instant::ZERO, Command::SetWork { service: "email".into(), work })]);
    let figures = |run: &Timeline, service: &str| {
        let all = ["handled", "failed", "p50_ms", "p95_ms", "p99_ms"];
        all.map(|figure| run.world().number(&format!("/services/{service}/{figure}")))
    };
    for service in ["checkout", "payment", "inventory", "analytics", "invoice", "shipping"] {
        assert_eq!(figures(&calm, service), figures(&slower, service), "{service}");
    }
    assert_ne!(figures(&calm, "email"), figures(&slower, "email"), "the command has no effect");
    let placed = |run: &Timeline| {
        let ledger = run.world().ledger();
        let at = |order| ledger.account(order).map(|account| account.placed_at);
        (1..=ledger.placed()).map(at).collect::<Vec<_>>()
    };
    assert_eq!(placed(&calm), placed(&slower));
}
