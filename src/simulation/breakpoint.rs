//! Breakpoints: what must be so for a run to stop.
//!
//! They are written as text and read against a world, so that a name which does not exist is told
//! at once:
//!
//! ```text
//! lag > 10000
//! queue dead-letters > 0 or an alert fires
//! a message is dead-lettered
//! queue email-notifications is empty and /checkout/failed = 0
//! ```
//!
//! Every figure of the observation can be named by its address; the words are short for addresses.

use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;

use super::observation::{GroupFigures, Observation};
use super::scenario::Input;
use super::service::{Condition, Service};
use super::world::{QueueRole, World};

/// It is reached when all tests of one of its cases hold at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    cases: Vec<Vec<Test>>,
}

/// A figure by its address, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Test {
    at: String,
    asked: Asked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Number(Relation, u64),
    Word {
        equal: bool,
        word: String,
    },
    /// Greater than just before.
    Rises,
    /// Less than just before.
    Falls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    AtMost,
    Equal,
    Other,
    AtLeast,
    Greater,
}

/// Longer signs first: `>=` begins like `>`.
const RELATIONS: [(&str, Relation); 6] = [
    (">=", Relation::AtLeast),
    ("<=", Relation::AtMost),
    ("!=", Relation::Other),
    (">", Relation::Greater),
    ("<", Relation::Less),
    ("=", Relation::Equal),
];

impl Breakpoint {
    /// Reads a breakpoint for runs like this world's.
    pub fn parse(text: &str, world: &World) -> Result<Breakpoint, String> {
        let mut cases = Vec::new();
        for case in text.split(" or ") {
            let mut alternatives = vec![Vec::new()];
            for part in case.split(" and ") {
                let tests = part_of(part.trim(), world)?;
                alternatives = combined(&alternatives, &tests);
            }
            cases.extend(alternatives);
        }
        Ok(Breakpoint { cases })
    }

    /// Any alert of the world fires or clears.
    pub fn alert_changes(world: &World) -> Breakpoint {
        Breakpoint { cases: [alerts(world, "fired", Asked::Rises), clearings(world)].concat() }
    }

    /// Nothing waits or is in hand in a queue.
    pub fn queue_is_empty(name: &str) -> Breakpoint {
        Breakpoint { cases: vec![empty_queue(name)] }
    }
}

/// Each alternative, with the tests of each further one: "and" binds closer than "or".
fn combined(alternatives: &[Vec<Test>], further: &[Vec<Test>]) -> Vec<Vec<Test>> {
    let join = |left: &Vec<Test>| {
        further.iter().map(|right| [&left[..], &right[..]].concat()).collect::<Vec<_>>()
    };
    alternatives.iter().flat_map(join).collect()
}

/// The alternatives that one part of a breakpoint means.
fn part_of(part: &str, world: &World) -> Result<Vec<Vec<Test>>, String> {
    if part.is_empty() {
        return Err("something is missing".to_owned());
    }
    if let Some(found) = sentence(part, world) {
        return found;
    }
    for (sign, relation) in RELATIONS {
        if let Some((figure, value)) = part.split_once(sign) {
            let at = address(figure.trim(), world)?;
            return Ok(vec![vec![Test { at, asked: compared(relation, value.trim())? }]]);
        }
    }
    for (ending, asked) in [(" rises", Asked::Rises), (" falls", Asked::Falls)] {
        if let Some(figure) = part.strip_suffix(ending) {
            return Ok(vec![vec![Test { at: address(figure.trim(), world)?, asked }]]);
        }
    }
    Err(format!("'{part}' is not understood"))
}

fn compared(relation: Relation, value: &str) -> Result<Asked, String> {
    let digits: String = value.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    match (digits.parse(), relation) {
        (Ok(number), _) => Ok(Asked::Number(relation, number)),
        (Err(_), Relation::Equal | Relation::Other) if !value.is_empty() => {
            let equal = relation == Relation::Equal;
            Ok(match value {
                "true" => Asked::Number(relation, 1),
                "false" => Asked::Number(relation, 0),
                word => Asked::Word { equal, word: word.to_owned() },
            })
        }
        (Err(_), _) => Err(format!("'{value}' is no whole number")),
    }
}

/// Sentences that need no sign.
fn sentence(part: &str, world: &World) -> Option<Result<Vec<Vec<Test>>, String>> {
    let rises = |at: &str| Ok(one(at, Asked::Rises));
    let words: Vec<&str> = part.split(' ').collect();
    Some(match words[..] {
        ["a", "message", "is", "dead-lettered"] => Ok(dead_letters(world)),
        ["an", "order", "is", "lost"] => rises("/ledger/lost"),
        ["an", "order", "is", "charged", "twice"] => rises("/ledger/charged_twice"),
        ["an", "order", "fails"] => rises("/checkout/failed"),
        ["an", "effect", "is", "doubled"] => rises("/ledger/duplicated"),
        ["an", "alert", "fires"] => Ok(alerts(world, "fired", Asked::Rises)),
        ["an", "alert", "clears"] => Ok(clearings(world)),
        ["alert", .., "fires"] => named(part, "alert ", " fires", "alerts", world)
            .map(|at| one(&format!("{at}/fired"), Asked::Rises)),
        ["alert", .., "clears"] => named(part, "alert ", " clears", "alerts", world)
            .map(|at| one(&format!("{at}/firing"), Asked::Falls)),
        ["queue", _, "is", "empty"] => named(part, "queue ", " is empty", "queues", world)
            .map(|at| vec![empty_queue(at.trim_start_matches("/queues/"))]),
        ["service", name, "is", state] => {
            if !Condition::NAMES.contains(&state) {
                return Some(Err(format!("a service is {}", Condition::NAMES.join(", "))));
            }
            let asked = Asked::Word { equal: true, word: state.to_owned() };
            found("services", name, world).map(|at| one(&format!("{at}/state"), asked))
        }
        ["group", name, "rebalances"] => {
            found("groups", name, world).map(|at| one(&format!("{at}/generation"), Asked::Rises))
        }
        _ => return None,
    })
}

fn one(at: &str, asked: Asked) -> Vec<Vec<Test>> {
    vec![vec![Test { at: at.to_owned(), asked }]]
}

/// A message comes into any queue on which nobody works and which nothing leaves by itself.
fn dead_letters(world: &World) -> Vec<Vec<Test>> {
    let queues = world.rabbitmq().queues().map(|queue| queue.name());
    let dead = queues.filter(|name| world.queue_role(name) == QueueRole::DeadLetters);
    dead.flat_map(|name| one(&format!("/queues/{name}/published"), Asked::Rises)).collect()
}

fn alerts(world: &World, field: &str, asked: Asked) -> Vec<Vec<Test>> {
    let rules = world.alerts().iter().map(|alert| &alert.rule.rule);
    rules.flat_map(|rule| one(&format!("/alerts/{rule}/{field}"), asked.clone())).collect()
}

fn clearings(world: &World) -> Vec<Vec<Test>> {
    alerts(world, "firing", Asked::Falls)
}

fn empty_queue(name: &str) -> Vec<Test> {
    let none = |field: &str| Test {
        at: format!("/queues/{name}/{field}"),
        asked: Asked::Number(Relation::Equal, 0),
    };
    vec![none("ready"), none("unacked")]
}

/// The address of a figure that is written as an address or in words.
fn address(figure: &str, world: &World) -> Result<String, String> {
    if figure.starts_with('/') {
        return match world.figure(figure) {
            Some(Value::Array(_) | Value::Object(_)) => {
                Err(format!("{figure} is no single figure, go on to one of its parts"))
            }
            Some(_) => Ok(figure.to_owned()),
            None if is_of_later_group(figure, world) => Ok(figure.to_owned()),
            None => Err(format!("there is no figure {figure}")),
        };
    }
    let words: Vec<&str> = figure.split(' ').collect();
    match words[..] {
        ["lag"] => Ok("/max_group_lag".to_owned()),
        ["p95"] => Ok("/checkout/p95_ms".to_owned()),
        ["lag", "of", group] => Ok(format!("{}/lag", found("groups", group, world)?)),
        ["queue", name] => Ok(format!("{}/ready", found("queues", name, world)?)),
        _ => Err(format!("there is no figure '{figure}'")),
    }
}

/// True for a figure of a group whose first member has not joined yet.
fn is_of_later_group(figure: &str, world: &World) -> bool {
    let group = |name: &Rc<str>| {
        let groups = LiteMap::from_iter([(name.clone(), GroupFigures::default())]);
        Observation { groups, ..Observation::default() }.figure(figure).is_some()
    };
    groups(world).iter().any(group)
}

/// The address of what stands between two parts of a sentence; names of alerts have spaces.
fn named(
    part: &str,
    before: &str,
    after: &str,
    kind: &str,
    world: &World,
) -> Result<String, String> {
    let name = part.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    found(kind, name.unwrap_or_default(), world)
}

/// `/queues/email-notifications`, if there is one.
fn found(kind: &str, name: &str, world: &World) -> Result<String, String> {
    let names = names_of(kind, world);
    if names.iter().any(|one| &**one == name) {
        return Ok(format!("/{kind}/{name}"));
    }
    let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Err(format!("there is no '{name}' among the {kind}; there are: {there}"))
}

fn names_of(kind: &str, world: &World) -> Vec<Rc<str>> {
    match kind {
        "queues" => world.rabbitmq().queues().map(|queue| queue.name().clone()).collect(),
        "alerts" => world.alerts().iter().map(|alert| alert.rule.rule.as_str().into()).collect(),
        "groups" => groups(world),
        _ => world.services().iter().map(|service| service.spec.id.clone()).collect(),
    }
}

fn groups(world: &World) -> Vec<Rc<str>> {
    let group = |service: &Service| match &service.spec.input {
        Input::Topic { group, .. } => Some(group.clone()),
        Input::Http { .. } | Input::Queue { .. } => None,
    };
    world.services().iter().filter_map(group).collect()
}

/// A breakpoint during a run: each test with its figure of the instant before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    cases: Vec<Vec<(Test, u64)>>,
}

impl Watch {
    pub fn begin(breakpoint: &Breakpoint, world: &World) -> Watch {
        let watched = |test: &Test| (test.clone(), world.number(&test.at).unwrap_or(0));
        let cases = breakpoint.cases.iter();
        Watch { cases: cases.map(|case| case.iter().map(watched).collect()).collect() }
    }

    /// Looks at the world at the present instant.
    pub fn is_reached(&mut self, world: &World) -> bool {
        let mut reached = false;
        for case in &mut self.cases {
            let mut all = true;
            for (test, before) in case {
                all &= test.holds(before, world);
            }
            reached |= all;
        }
        reached
    }
}

impl Test {
    /// Asks, and remembers what is for the next time.
    fn holds(&self, before: &mut u64, world: &World) -> bool {
        if let Asked::Word { equal, word } = &self.asked {
            let is = world.figure(&self.at);
            return is.is_some_and(|is| (is.as_str() == Some(word)) == *equal);
        }
        let Some(now) = world.number(&self.at) else {
            return false;
        };
        let before = std::mem::replace(before, now);
        match self.asked {
            Asked::Number(relation, value) => relation.holds(now, value),
            Asked::Rises => now > before,
            Asked::Falls => now < before,
            Asked::Word { .. } => unreachable!("words were asked for above"),
        }
    }
}

impl Relation {
    fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Relation::Less => left < right,
            Relation::AtMost => left <= right,
            Relation::Equal => left == right,
            Relation::Other => left != right,
            Relation::AtLeast => left >= right,
            Relation::Greater => left > right,
        }
    }
}
