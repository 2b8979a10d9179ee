//! Whatever is broken and mended, in whatever shop: no order is unaccounted for.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::{
    AckMode, AcksSpec, Command, CommitMode, CrashPoint, Deduplication, Delay, FindingKind, Input,
    LinkFault, OffsetPosition, OrderStatus, ProducerSpec, RecordKey, Retry, Scenario, Setting,
    Timeline, Work, World,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::for_all;
use crate::scenarios::scenario;

/// A way to break or mend a world; the hand says which part of it. A command that makes no sense
/// in a world is refused by it, and left out.
type Kind = fn(&Hand) -> Command;

/// Faults that lose nothing where messages are acknowledged after the work. A new kind of fault is
/// a line more, in one of the three lists.
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
    |hand| Command::CrashAt { service: hand.service(), point: CrashPoint::AfterPublish },
    |hand| Command::CrashAt { service: hand.service(), point: CrashPoint::BeforeAck },
    |hand| Command::Instances { service: hand.service(), count: 1 + hand.number(5) },
    |hand| Command::Prefetch { service: hand.service(), count: hand.number(6) as u16 },
    |hand| Command::Ack { service: hand.service(), mode: AckMode::After },
    |hand| Command::ArrivalRate { per_minute: hand.number(600) },
    |hand| Command::Pause { service: hand.service(), instance: None },
    |hand| Command::Pause { service: hand.service(), instance: Some(1 + hand.number(3)) },
    |hand| Command::Resume { service: hand.service(), instance: None },
    |hand| hand.set(Setting::Commit(CommitMode::After)),
    |hand| hand.set(Setting::IdempotencyKey(true)),
    |hand| hand.set(Setting::RecordKey(RecordKey::Country)),
    |hand| hand.alter_topic("max.message.bytes", "2000000"),
    |hand| hand.alter_topic("segment.ms", "1000"),
    |hand| Command::AddPartitions { topic: hand.topic(), total: 1 + hand.number(16) },
];

/// Faults that lose nothing either if, besides, brokers keep copies and publishers wait for them.
const COPIED: &[Kind] = &[
    |hand| Command::KillBroker { broker: hand.broker() },
    |hand| Command::RestartBroker { broker: hand.broker() },
    |hand| Command::DiskFull { of: format!("kafka/{}", hand.broker()).into() },
    |hand| Command::DiskFree { of: format!("kafka/{}", hand.broker()).into() },
    |hand| Command::KillNode { node: 1 + hand.number(3) },
    |hand| Command::RestartNode { node: 1 + hand.number(3) },
    |_| Command::DiskFull { of: "rabbitmq".into() },
    |_| Command::DiskFree { of: "rabbitmq".into() },
    |hand| {
        let (from, to, one_way) = hand.link();
        Command::Cut { from, to, one_way }
    },
    |hand| {
        let (from, to, _) = hand.link();
        Command::Heal { from, to }
    },
    |hand| hand.link_fault(LinkFault { loss_per_mille: hand.rate(), ..LinkFault::default() }),
    |hand| hand.link_fault(LinkFault { duplicate_per_mille: hand.rate(), ..LinkFault::default() }),
    |hand| hand.link_fault(LinkFault { reorder_per_mille: hand.rate(), ..LinkFault::default() }),
    |hand| hand.link_fault(LinkFault { delay_ms: hand.rate().into(), ..LinkFault::default() }),
    |hand| Command::LoseReply { of: hand.service() },
    |_| Command::LoseReply { of: "kafka".into() },
    |hand| hand.alter_topic("retention.ms", "2000"),
];

/// Faults that can cost messages in any shop, which the referee must then tell.
const LOSSY: &[Kind] = &[
    |hand| Command::Poison { service: hand.service() },
    |hand| Command::PoisonNth { service: hand.service(), nth: 1 + hand.number(9) },
    |hand| Command::Malformed { service: hand.service() },
    |hand| Command::Ack { service: hand.service(), mode: AckMode::Before },
    |hand| Command::Ack { service: hand.service(), mode: AckMode::Auto },
    |hand| Command::ExpireRecords { topic: hand.topic() },
    |hand| Command::ElectUnclean { topic: hand.topic() },
    |hand| hand.alter_topic("min.insync.replicas", "1"),
    |hand| hand.alter_topic("unclean.leader.election.enable", "true"),
    |hand| Command::ResetOffsets {
        group: hand.group(),
        partition: None,
        to: OffsetPosition::Latest,
    },
    |hand| Command::ResetOffsets {
        group: hand.group(),
        partition: Some(0),
        to: OffsetPosition::Earliest,
    },
    |hand| hand.set(Setting::Commit(CommitMode::Before)),
    |hand| hand.set(Setting::Commit(CommitMode::Auto)),
    |hand| hand.set(Setting::FailForGoodPerMille(hand.number(300))),
    |hand| hand.set(Setting::Deduplicates(Some(Deduplication { lifetime_ms: 60_000 }))),
    |hand| {
        hand.set(Setting::Producer(ProducerSpec {
            acks: hand.one_of(&[AcksSpec::None, AcksSpec::Leader, AcksSpec::All]),
            ..ProducerSpec::default()
        }))
    },
    |hand| Command::PublisherConfirms { service: hand.service(), enabled: false },
];

/// All that ends what was begun, so that the world comes to rest.
fn mended(scenario: &Scenario) -> Vec<Command> {
    let mut mends =
        vec![Command::ArrivalRate { per_minute: 0 }, Command::DiskFree { of: "rabbitmq".into() }];
    for broker in 1..=scenario.kafka.brokers {
        mends.push(Command::DiskFree { of: format!("kafka/{broker}").into() });
        mends.push(Command::RestartBroker { broker });
    }
    mends.extend((1..=scenario.rabbitmq.nodes).map(|node| Command::RestartNode { node }));
    for one in ends(scenario) {
        let others = ends(scenario).into_iter().filter(|other| *other != one);
        mends.extend(others.map(|to| Command::Heal { from: one.clone(), to }));
    }
    for service in scenario.services.iter().map(|one| one.id.clone()) {
        mends.extend([
            Command::FailRate { service: service.clone(), per_mille: 0 },
            Command::Slow { service: service.clone(), percent: 100 },
            Command::SetWork { service: service.clone(), work: Work::FixedMs(20) },
            Command::Restart { service: service.clone(), instance: None },
            Command::Resume { service, instance: None },
        ]);
    }
    mends
}

/// Whatever a link can end at.
fn ends(scenario: &Scenario) -> Vec<Rc<str>> {
    let brokers = (1..=scenario.kafka.brokers).map(|broker| format!("kafka/{broker}").into());
    let parts = ["buyer", "kafka", "rabbitmq"].map(Rc::from);
    let services = scenario.services.iter().map(|service| service.id.clone());
    services.chain(parts).chain(brokers).collect()
}

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

    fn one_of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.number(choices.len() as u32) as usize]
    }

    /// Of a thousand, or as many milliseconds.
    fn rate(&self) -> u32 {
        self.pick / 1_000 % 400
    }

    fn broker(&self) -> u32 {
        1 + self.number(self.scenario.kafka.brokers)
    }

    fn topic(&self) -> Rc<str> {
        self.scenario.topics[self.number(self.scenario.topics.len() as u32) as usize].name.clone()
    }

    fn group(&self) -> Rc<str> {
        let groups: Vec<&Rc<str>> = self
            .scenario
            .services
            .iter()
            .filter_map(|service| match &service.input {
                Input::Topic { group, .. } => Some(group),
                Input::Http { .. } | Input::Queue { .. } => None,
            })
            .collect();
        self.one_of(&groups).clone()
    }

    fn set(&self, setting: Setting) -> Command {
        Command::Set { service: self.service(), setting }
    }

    fn alter_topic(&self, setting: &str, value: &str) -> Command {
        Command::AlterTopic { topic: self.topic(), setting: setting.into(), value: value.into() }
    }

    /// A link of a service to anything, or between two brokers, and whether one way is meant.
    fn link(&self) -> (Rc<str>, Rc<str>, bool) {
        let one_way = (self.pick / 400_000).is_multiple_of(5);
        if self.number(7) == 0 {
            let (one, brokers) = (self.broker(), self.scenario.kafka.brokers);
            let next = one % brokers + 1;
            return (format!("kafka/{one}").into(), format!("kafka/{next}").into(), one_way);
        }
        let mut others = ends(self.scenario);
        others.retain(|other| *other != self.service());
        let other = others[self.number(others.len() as u32) as usize].clone();
        (self.service(), other, one_way)
    }

    fn link_fault(&self, fault: LinkFault) -> Command {
        let (from, to, one_way) = self.link();
        Command::LinkFault { from, to, one_way, fault }
    }
}

/// One fault of a script: how long after the one before, which, where.
#[derive(Clone, Copy, Debug)]
struct Fault {
    after_ms: u64,
    kind: usize,
    pick: u32,
}

fn kind_of(fault: &Fault) -> Kind {
    let mut kinds = SAFE.iter().chain(COPIED).chain(LOSSY);
    *kinds.nth(fault.kind).expect("scripts have known kinds")
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
        // What makes no sense in this world is refused and changes nothing.
        let _refused = run.command(kind_of(fault)(&hand));
        look(run.world())?;
    }
    // The rate of orders changes by itself up to here.
    run.run_until(run.now().max(Instant::from_secs(61)));
    // A crash that waits for the next message comes after the first mending.
    for _ in 0..3 {
        for mend in mended(scenario) {
            // Between some parts there is no link.
            let _refused = run.command(mend);
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
        service.producer = ProducerSpec::default();
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

/// Such a shop with three copies of everything, and publishers who wait until these are there.
fn copied(scenario: &Scenario) -> Scenario {
    let mut scenario = Scenario::clone(&careful(scenario));
    scenario.rabbitmq.nodes = 3;
    for topic in &mut scenario.topics {
        (topic.replication_factor, topic.min_insync_replicas) = (3, Some(2));
    }
    for queue in &mut scenario.queues {
        queue.arguments.insert("x-queue-type".to_owned(), "quorum".into());
        queue.arguments.insert("x-overflow".to_owned(), "reject-publish".into());
        if queue.arguments.contains_key("x-dead-letter-exchange") {
            queue.arguments.insert("x-dead-letter-strategy".to_owned(), "at-least-once".into());
        }
    }
    scenario.services.iter_mut().for_each(|service| service.publisher_confirms = true);
    scenario
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
    for_all(1_000, script(SAFE.len() + COPIED.len() + LOSSY.len()), |(seed, script)| {
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

#[test]
fn what_has_copies_outlives_brokers_disks_and_links() {
    for_all(500, script(SAFE.len() + COPIED.len()), |(seed, script)| {
        let run = play(&impatient(copied(&scenario(seed))), &script, is_sound)?;
        nothing_is_silent(run.world())?;
        promises_are_kept(run.world())
    });
}

#[test]
fn undo_and_redo_of_any_script_give_the_runs_that_were() {
    for_all(60, script(SAFE.len() + COPIED.len() + LOSSY.len()), |(seed, script)| {
        let shop = scenario(seed);
        let mut run = Timeline::new(shop.clone(), seed);
        for fault in script {
            run.run_until(run.now() + Duration::from_millis(fault.after_ms));
            let _refused =
                run.command(kind_of(&fault)(&Hand { scenario: &shop, pick: fault.pick }));
        }
        run.run_until(run.now() + Duration::from_secs(5));
        let (end, whole) = (run.now(), run.world().trace().hash());
        while run.undo().is_some() {
            let mut never = Timeline::with_inputs(shop.clone(), seed, run.inputs().to_vec());
            never.run_until(end);
            if run.world().trace().hash() != never.world().trace().hash() {
                return Err(format!("undo leaves something after {:?}", run.inputs()));
            }
        }
        while run.redo().is_some() {}
        match run.world().trace().hash() == whole {
            true => Ok(()),
            false => Err("redo gives another run".to_owned()),
        }
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
