//! Everything a hand can do to one thing on the stage, by name. The inspector, the command palette
//! and the keys offer these, so a command that is here is everywhere.

use std::rc::Rc;

use crate::engine::rabbitmq;
use crate::simulation::{Command, CrashPoint, Input, OffsetPosition, QueueRole, Service, World};

use super::{Model, Selection};

/// Ten times slower.
const SLOW_PERCENT: u32 = 1_000;
const NORMAL_PERCENT: u32 = 100;
const FAIL_PER_MILLE: u32 = 300;
const POINTS: [CrashPoint; 5] = [
    CrashPoint::AfterReceive,
    CrashPoint::AfterWork,
    CrashPoint::AfterWrite,
    CrashPoint::AfterPublish,
    CrashPoint::BeforeAck,
];

/// What an action is about; each kind has an icon and a place of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    Power,
    Pace,
    Failure,
    Poison,
    /// Where the next piece of work crashes.
    Crash,
    Link,
    Storage,
    Repair,
}

/// One touch of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub kind: ActionKind,
    /// In the fault menu, where the thing's name stands above: "Slow ×10".
    pub label: String,
    /// On its own: "Slow email ×10".
    pub name: String,
    /// What it is called while it is in force: "Bring email back to pace".
    back: String,
    /// The key that does the same while the thing is selected.
    pub key: &'static str,
    /// What it does is in force; it then takes that back.
    pub on: bool,
    pub command: Command,
}

impl Action {
    fn new(kind: ActionKind, label: &str, name: String, command: Command) -> Action {
        let label = label.to_owned();
        Action { kind, label, name, back: String::new(), key: "", on: false, command }
    }

    /// What a press does now.
    pub fn said(&self) -> &str {
        if self.on && !self.back.is_empty() { &self.back } else { &self.name }
    }

    fn back(self, back: String) -> Action {
        Action { back, ..self }
    }

    fn key(self, key: &'static str) -> Action {
        Action { key, ..self }
    }

    fn on(self, on: bool) -> Action {
        Action { on, ..self }
    }
}

impl Model {
    /// What can be done to one thing now, the most usual first: what the lesson allows and the
    /// world would not refuse.
    pub fn actions(&self, selection: &Selection) -> Vec<Action> {
        let world = self.world();
        let mut actions = match selection {
            Selection::Service(id) => world.service(id).map(|one| of_service(world, one)),
            Selection::Partition(topic, _) => Some(of_topic(world, topic)),
            Selection::Queue(name) => Some(of_queue(world, name)),
            Selection::Exchange(_) | Selection::Order(_) => None,
        }
        .unwrap_or_default();
        actions.retain(|one| self.offers_now(&one.command));
        actions
    }

    /// Whether the lesson allows a command and the world would carry it out.
    pub fn offers_now(&self, command: &Command) -> bool {
        self.allows(command) && self.world().check(command).is_ok()
    }
}

fn of_service(world: &World, service: &Service) -> Vec<Action> {
    let mut actions = power(service);
    actions.extend(pace(world, service));
    actions.extend(messages(service));
    let publishes = !(service.spec.publishes.is_empty() && service.spec.enqueues.is_empty());
    let points = POINTS.iter().filter(|one| publishes || **one != CrashPoint::AfterPublish);
    actions.extend(points.map(|point| crash(service, *point)));
    actions.extend(neighbours(service).iter().map(|other| cut(world, service, other)));
    let id = || service.spec.id.clone();
    let title = &service.spec.title;
    if let Input::Topic { group, .. } = &service.spec.input {
        actions.extend(offsets(group));
    }
    let name = format!("Lose the next reply of {title}");
    let lose = Command::LoseReply { of: id() };
    actions.push(Action::new(ActionKind::Link, "Lose next reply", name, lose));
    let rebuild = Command::Rebuild { service: id() };
    let name = format!("Rebuild the projection of {title}");
    actions.push(Action::new(ActionKind::Repair, "Rebuild", name, rebuild));
    actions
}

fn power(service: &Service) -> Vec<Action> {
    let (title, up) = (&service.spec.title, service.instances_up());
    let id = || service.spec.id.clone();
    let all = service.instances.len() as u64;
    let mut actions = Vec::new();
    let mut add = |label: &str, name: String, command: Command| {
        actions.push(Action::new(ActionKind::Power, label, name, command));
    };
    if up > 0 {
        add("Kill", format!("Kill {title}"), Command::Kill { service: id(), instance: None });
    }
    if up > 0 && all > 1 {
        let kill = Command::Kill { service: id(), instance: Some(1) };
        add("Kill one", format!("Kill one instance of {title}"), kill);
    }
    if up < all {
        let restart = Command::Restart { service: id(), instance: None };
        add("Restart", format!("Restart {title}"), restart);
    }
    // The key ends all or, once something is down, starts it again: the same as the power button.
    if let Some(power) = actions.iter_mut().find(|one| one.label != "Kill one") {
        power.key = "K";
    }
    actions
}

fn pace(world: &World, service: &Service) -> [Action; 3] {
    let title = &service.spec.title;
    let id = || service.spec.id.clone();
    let slow = service.slow_percent > NORMAL_PERCENT;
    let percent = if slow { NORMAL_PERCENT } else { SLOW_PERCENT };
    let paused = world.paused_instances(service) > 0;
    let pause = match paused {
        true => Command::Resume { service: id(), instance: None },
        false => Command::Pause { service: id(), instance: None },
    };
    let fails = service.fail_per_mille > 0;
    let per_mille = if fails { 0 } else { FAIL_PER_MILLE };
    let slow_down = Command::Slow { service: id(), percent };
    let fail = Command::FailRate { service: id(), per_mille };
    let new = Action::new;
    [
        new(ActionKind::Pace, "Slow ×10", format!("Slow {title} ×10"), slow_down)
            .back(format!("Bring {title} back to pace"))
            .key("S")
            .on(slow),
        new(ActionKind::Pace, "Pause", format!("Pause {title}, as a garbage collection"), pause)
            .back(format!("Resume {title}"))
            .on(paused),
        new(ActionKind::Failure, "Fail 30\u{202f}%", format!("Fail 30 % of {title}"), fail)
            .back(format!("Let {title} fail no more"))
            .on(fails),
    ]
}

fn messages(service: &Service) -> [Action; 2] {
    let title = &service.spec.title;
    let poison = Command::Poison { service: service.spec.id.clone() };
    let malformed = Command::Malformed { service: service.spec.id.clone() };
    [
        Action::new(ActionKind::Poison, "Poison next", format!("Poison next for {title}"), poison)
            .key("P")
            .on(service.poison_next),
        Action::new(
            ActionKind::Poison,
            "Malform next",
            format!("Malform the next message for {title}"),
            malformed,
        )
        .on(service.spoiled.is_some()),
    ]
}

fn crash(service: &Service, point: CrashPoint) -> Action {
    let words = point.to_string();
    let name = format!("Crash {} {words}", service.spec.title);
    let command = Command::CrashAt { service: service.spec.id.clone(), point };
    Action::new(ActionKind::Crash, &words, name, command).on(service.crash_at == Some(point))
}

/// The ends of the links that a service has: what it reads from, writes to and calls.
fn neighbours(service: &Service) -> Vec<Rc<str>> {
    let spec = &service.spec;
    let mut ends: Vec<Rc<str>> = match &spec.input {
        Input::Http { .. } => Vec::new(),
        Input::Topic { .. } => vec!["kafka".into()],
        Input::Queue { .. } => vec!["rabbitmq".into()],
    };
    if !spec.publishes.is_empty() {
        ends.push("kafka".into());
    }
    if !spec.enqueues.is_empty() {
        ends.push("rabbitmq".into());
    }
    ends.extend(service.calls.iter().map(|call| call.spec.service.clone()));
    ends.sort();
    ends.dedup();
    ends
}

fn cut(world: &World, service: &Service, other: &Rc<str>) -> Action {
    let (from, title) = (service.spec.id.clone(), &service.spec.title);
    let (to, broken) = (other.clone(), world.is_link_broken(&from, other));
    let command = match broken {
        true => Command::Heal { from, to },
        false => Command::Cut { from, to, one_way: false },
    };
    let name = format!("Cut {title} from {other}");
    Action::new(ActionKind::Link, &format!("Cut from {other}"), name, command)
        .back(format!("Heal the link of {title} to {other}"))
        .on(broken)
}

/// Where an empty group can go on reading.
fn offsets(group: &Rc<str>) -> [Action; 2] {
    let reset = |label: &str, to: OffsetPosition| {
        let name = format!("Reset offsets of {group} to the {label} record");
        let label = format!("Offsets to {label}");
        Action::new(
            ActionKind::Repair,
            &label,
            name,
            Command::ResetOffsets { group: group.clone(), partition: None, to },
        )
    };
    [reset("earliest", OffsetPosition::Earliest), reset("latest", OffsetPosition::Latest)]
}

fn of_topic(world: &World, topic: &Rc<str>) -> Vec<Action> {
    let dead = world.kafka().dead_brokers();
    let several = world.kafka().brokers() > 1;
    let mut actions: Vec<Action> = (1..=world.kafka().brokers())
        .flat_map(|broker| {
            let name = format!("broker {broker}");
            let down = dead.contains(&broker);
            let power = [Command::KillBroker { broker }, Command::RestartBroker { broker }];
            [switch(&name, down, power), disk(world, &format!("kafka/{broker}"), &name)]
        })
        .collect();
    let mut add = |kind: ActionKind, label: &str, command: Command| {
        actions.push(Action::new(kind, label, format!("{label}: {topic}"), command));
    };
    if several {
        add(
            ActionKind::Repair,
            "Elect unclean leaders",
            Command::ElectUnclean { topic: topic.clone() },
        );
    }
    add(ActionKind::Storage, "Expire all records", Command::ExpireRecords { topic: topic.clone() });
    let partitions = world.kafka().topic(topic).map_or(0, |topic| topic.partitions().len() as u32);
    let total = partitions * 2;
    add(
        ActionKind::Storage,
        &format!("Grow to {total} partitions"),
        Command::AddPartitions { topic: topic.clone(), total },
    );
    actions
}

/// Ends or starts a broker or a node.
fn switch(name: &str, down: bool, [kill, restart]: [Command; 2]) -> Action {
    let command = if down { restart } else { kill };
    let label = format!("Kill {name}");
    Action::new(ActionKind::Power, &label, label.clone(), command)
        .back(format!("Restart {name}"))
        .on(down)
}

fn disk(world: &World, of: &str, name: &str) -> Action {
    let full = world.is_disk_full(of);
    let command = match full {
        true => Command::DiskFree { of: of.into() },
        false => Command::DiskFull { of: of.into() },
    };
    let label = format!("Fill the disk of {name}");
    Action::new(ActionKind::Storage, &label, label.clone(), command)
        .back(format!("Free the disk of {name}"))
        .on(full)
}

fn of_queue(world: &World, name: &Rc<str>) -> Vec<Action> {
    let mut actions = Vec::new();
    if world.queue_role(name) == QueueRole::DeadLetters {
        actions.extend(replays(world, name));
    }
    let nodes = world.scenario().rabbitmq.nodes;
    actions.extend((1..=nodes).map(|node| {
        let down = !world.rabbitmq().is_up(node - 1);
        let power = [Command::KillNode { node }, Command::RestartNode { node }];
        let name = if nodes > 1 { format!("RabbitMQ node {node}") } else { "RabbitMQ".to_owned() };
        switch(&name, down, power)
    }));
    actions.push(disk(world, "rabbitmq", "RabbitMQ"));
    actions
}

/// Moving dead letters back to where they were first published to, as they are or repaired.
fn replays(world: &World, name: &Rc<str>) -> Vec<Action> {
    let known = |queue: &rabbitmq::Queue| queue.ready().any(|one| !one.message.deaths().is_empty());
    if !world.rabbitmq().queue(name).is_some_and(known) {
        return Vec::new();
    }
    let replay = |repair: bool, label: &str| {
        let mut command = super::replay(name.clone(), None, None);
        if let Command::Replay { repair: mends, .. } = &mut command {
            *mends = repair;
        }
        Action::new(ActionKind::Repair, label, format!("{label}: {name}"), command)
    };
    vec![replay(true, "Repair and replay all"), replay(false, "Replay all as they are")]
}
