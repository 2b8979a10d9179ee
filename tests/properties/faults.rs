//! Whatever is broken and mended, in whatever shop: no order is unaccounted for.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::{
    AckMode, Command, CommitMode, CrashPoint, Delay, FindingKind, Input, OrderStatus, Retry,
    Scenario, Timeline, Work, World,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::for_all;
use crate::scenarios::scenario;

/// A way to break or mend a world; the hand says which part of it. A command that makes no sense
/// in a world is refused by it, and left out.
type Kind = fn(&Hand) -> Command;

/// Faults that lose nothing where messages are acknowledged after the work. A new kind of fault is
/// a line more, here or below.
const SAFE: &[Kind] = &[
    |hand| Command::Kill { service: hand.service(), instance: None },
    |hand| Command::Kill { service: hand.service(), instance: Some(1 + hand.number(3)) },
    |hand| Command::Restart { service: hand.service(), instance: None },
    |hand| Command::Slow { service: hand.service(), percent: 50 + hand.number(1_500) },
    |hand| Command::SetWork {
        service: hand.service(),
        work: Work::FixedMs(hand.number(500).into()),
    },
    |hand| Command::FailRate { service: hand.service(), per_mille: hand.number(1_001) },
    |hand| Command::CrashAt { service: hand.service(), point: CrashPoint::AfterReceive },
    |hand| Command::CrashAt { service: hand.service(), point: CrashPoint::AfterWork },
    |hand| Command::CrashAt { service: hand.service(), point: CrashPoint::BeforeAck },
    |hand| Command::Instances { service: hand.service(), count: 1 + hand.number(5) },
    |hand| Command::Prefetch { service: hand.service(), count: hand.number(6) as u16 },
    |hand| Command::Ack { service: hand.service(), mode: AckMode::After },
    |hand| Command::ArrivalRate { per_minute: hand.number(600) },
    |hand| Command::Pause { service: hand.service(), instance: None },
    |hand| Command::Resume { service: hand.service(), instance: None },
];

/// Faults that can cost messages, which the referee must then tell.
const LOSSY: &[Kind] = &[
    |hand| Command::Poison { service: hand.service() },
    |hand| Command::PoisonNth { service: hand.service(), nth: 1 + hand.number(9) },
    |hand| Command::Malformed { service: hand.service() },
    |hand| Command::Ack { service: hand.service(), mode: AckMode::Before },
    |hand| Command::LoseReply { of: hand.service() },
    |_| Command::LoseReply { of: "kafka".into() },
    |hand| Command::Cut { from: hand.service(), to: "kafka".into(), one_way: false },
    |hand| Command::Cut { from: hand.service(), to: "rabbitmq".into(), one_way: true },
    |hand| Command::Heal { from: hand.service(), to: "kafka".into() },
    |_| Command::KillBroker { broker: 1 },
    |_| Command::RestartBroker { broker: 1 },
    |hand| Command::Ack { service: hand.service(), mode: AckMode::Auto },
];

/// What ends every fault, so that the world comes to rest.
const MENDED: &[Kind] = &[
    |_| Command::ArrivalRate { per_minute: 0 },
    |hand| Command::FailRate { service: hand.service(), per_mille: 0 },
    |hand| Command::Slow { service: hand.service(), percent: 100 },
    |hand| Command::SetWork { service: hand.service(), work: Work::FixedMs(20) },
    |hand| Command::Restart { service: hand.service(), instance: None },
    |hand| Command::Resume { service: hand.service(), instance: None },
    |hand| Command::Heal { from: hand.service(), to: "kafka".into() },
    |hand| Command::Heal { from: hand.service(), to: "rabbitmq".into() },
    |_| Command::RestartBroker { broker: 1 },
];

/// A world, and which part of it is meant.
struct Hand<'a> {
    scenario: &'a Scenario,
    pick: u32,
}

impl Hand<'_> {
    fn service(&self) -> Rc<str> {
        let services = &self.scenario.services;
        services[self.pick as usize % services.len()].id.clone()
    }

    /// A number below `bound`, whichever service it is.
    fn number(&self, bound: u32) -> u32 {
        self.pick / self.scenario.services.len() as u32 % bound
    }
}

/// One fault of a script: how long after the one before, which, where.
#[derive(Clone, Copy, Debug)]
struct Fault {
    after_ms: u64,
    kind: usize,
    pick: u32,
}

fn script(kinds: usize) -> impl Strategy<Value = (u64, Vec<Fault>)> {
    let fault = (0..6_000_u64, 0..kinds, 0..1_000_000_u32)
        .prop_map(|(after_ms, kind, pick)| Fault { after_ms, kind, pick });
    (0..200_u64, vec(fault, 0..16))
}

/// Plays a script, mends everything, and waits until nothing more can happen.
fn play(
    scenario: &Rc<Scenario>,
    script: &[Fault],
    look: fn(&World) -> Checked,
) -> Result<Timeline, String> {
    let mut run = Timeline::new(scenario.clone(), scenario.seed);
    run.run_until(Instant::from_secs(5));
    for fault in script {
        run.run_until(run.now() + Duration::from_millis(fault.after_ms));
        let hand = Hand { scenario, pick: fault.pick };
        let kind = SAFE.iter().chain(LOSSY).nth(fault.kind).expect("scripts have known kinds");
        // What makes no sense in this world is refused and changes nothing.
        let _refused = run.command(kind(&hand));
        look(run.world())?;
    }
    // The rate of orders changes by itself up to here.
    run.run_until(run.now().max(Instant::from_secs(61)));
    // A crash that waits for the next message comes after the first mending.
    for _ in 0..3 {
        for pick in 0..scenario.services.len() as u32 {
            for mend in MENDED {
                run.command(mend(&Hand { scenario, pick })).map_err(|error| error.message)?;
            }
        }
        run.run_until(run.now() + Duration::from_secs(20));
    }
    run.run_until(run.now() + Duration::from_secs(240));
    look(run.world())?;
    Ok(run)
}

type Checked = Result<(), String>;

/// Every order has exactly one status.
fn is_balanced(world: &World) -> Checked {
    let ledger = world.observe().ledger;
    let sum = ledger.completed + ledger.in_progress + ledger.lost + ledger.dead_lettered;
    if ledger.placed == sum { Ok(()) } else { Err(format!("not balanced: {ledger:?}")) }
}

/// The dead do not work, and who works by one message at a time has one.
fn is_orderly(world: &World) -> Checked {
    for service in world.services() {
        for instance in &service.instances {
            let by_calls = matches!(service.spec.input, Input::Http { .. });
            let fits = if instance.up {
                by_calls || instance.jobs.len() <= 1
            } else {
                instance.jobs.is_empty()
            };
            if !fits {
                return Err(format!("{} has {} jobs", service.spec.id, instance.jobs.len()));
            }
        }
    }
    Ok(())
}

/// Everything that was acknowledged came to an end, or the referee says what became of it.
fn nothing_is_silent(world: &World) -> Checked {
    let ledger = world.ledger();
    let losses = ledger.findings().filter(|finding| finding.kind == FindingKind::Loss);
    let told: BTreeSet<u32> = losses.map(|finding| finding.order).collect();
    for order in 1..=ledger.placed() {
        let status = ledger.account(order).map(|account| account.status);
        match status {
            Some(OrderStatus::InProgress) => {
                return Err(format!("order-{order} was forgotten:\n{}", journey(world, order)));
            }
            Some(OrderStatus::Lost) if !told.contains(&order) => {
                return Err(format!("order-{order} is lost, and nobody says why"));
            }
            Some(_) => {}
            None => return Err(format!("order-{order} has no account")),
        }
    }
    Ok(())
}

/// Where messages are acknowledged after the work and nobody gives up, none is lost. A call promises
/// less: whose caller crashed may be done after the buyer heard that it failed.
fn promises_are_kept(world: &World) -> Checked {
    let ledger = world.ledger().figures();
    match ledger.lost - ledger.paid_but_failed {
        0 => Ok(()),
        lost => {
            let findings = world.ledger().findings();
            let texts: Vec<String> =
                findings.map(|it| format!("order-{} {}", it.order, it.text)).collect();
            Err(format!("{lost} lost: {}", texts.join("; ")))
        }
    }
}

fn journey(world: &World, order: u32) -> String {
    let lines = world.trace().journey(order).into_iter().map(|entry| world.line(entry).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// The same shop with messages acknowledged after the work, and nobody who gives up on one.
fn careful(scenario: &Scenario) -> Rc<Scenario> {
    let mut scenario = scenario.clone();
    for service in &mut scenario.services {
        match &mut service.input {
            Input::Topic { commit, retry, .. } => {
                *commit = CommitMode::After;
                *retry = Retry { attempts: u32::MAX, delay: Delay::FixedMs(100) };
            }
            Input::Queue { ack, .. } => *ack = AckMode::After,
            Input::Http { .. } => {}
        }
    }
    for queue in scenario.queues.iter_mut().filter(|queue| &*queue.name != "dead-letters") {
        queue.arguments.insert("x-dead-letter-exchange".to_owned(), "dlx".into());
    }
    Rc::new(scenario)
}

/// The same shop in which nobody waits for ever for an answer that was lost.
fn impatient(mut scenario: Scenario) -> Rc<Scenario> {
    scenario.arrivals.buyers.patience_ms = Some(20_000);
    for call in scenario.services.iter_mut().flat_map(|service| &mut service.calls) {
        call.timeout_ms = Some(10_000);
    }
    Rc::new(scenario)
}

fn is_sound(world: &World) -> Checked {
    is_balanced(world).and_then(|()| is_orderly(world))
}

#[test]
fn no_order_is_forgotten_whatever_breaks() {
    for_all(1_000, script(SAFE.len() + LOSSY.len()), |(seed, script)| {
        let shop = impatient(Scenario::clone(&scenario(seed)));
        let run = play(&shop, &script, is_sound)?;
        nothing_is_silent(run.world())
    });
}

#[test]
fn what_is_acknowledged_after_the_work_is_never_lost() {
    for_all(300, script(SAFE.len()), |(seed, script)| {
        let run = play(&careful(&scenario(seed)), &script, is_sound)?;
        nothing_is_silent(run.world())?;
        promises_are_kept(run.world())
    });
}

/// The checks can fail: with automatic acks and a crash an order is lost.
#[test]
fn a_broken_promise_is_found() {
    let lossy = (0..200).any(|seed| {
        let kill = Fault { after_ms: 2_000, kind: 0, pick: seed };
        let drawn = scenario(u64::from(seed));
        let run = play(&drawn, &[kill], is_sound).expect("the world is sound");
        promises_are_kept(run.world()).is_err()
    });
    assert!(lossy, "no shop of two hundred lost anything");
}
