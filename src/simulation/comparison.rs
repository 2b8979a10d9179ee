//! Two runs side by side: the first event in which they differ, and the figures that came of it.

use std::time::Duration;

use litemap::LiteMap;
use serde::Serialize;
use serde_json::Value;

use super::timeline::Timeline;
use super::trace::Entry;
use super::world::World;
use crate::engine::Instant;
use crate::json::Json;

/// Traces and figures are looked at so often; no trace forgets what happened in so short a time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What differs between two runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// The first event that only one of them has; none if they ran alike.
    pub first: Option<Difference>,
    /// The figures that differ at the end, by address.
    pub figures: Vec<FigureDifference>,
}

/// The first difference, event by event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// So many events were the same.
    pub same_events: u64,
    pub at_ms: u64,
    /// What happened in each run; nothing if it had no further event by then.
    pub left: Option<String>,
    pub right: Option<String>,
}

/// One figure that differs at the end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureDifference {
    pub figure: String,
    /// The second from which on it differed, without becoming the same again.
    pub since_ms: u64,
    pub left: Value,
    pub right: Value,
}

impl Comparison {
    /// Plays two runs from where they stand to `until`.
    pub fn of(left: &mut Timeline, right: &mut Timeline, until: Instant) -> Comparison {
        let mut comparison = Comparison::default();
        let mut since = LiteMap::new();
        let alike = first_difference(left.world(), right.world(), 0).is_none();
        let mut same_events = if alike { left.world().trace().len() } else { 0 };
        while left.now().min(right.now()) < until {
            let next = (left.now().min(right.now()) + LOOK_EVERY).min(until);
            left.run_until(next);
            right.run_until(next);
            let worlds = (left.world(), right.world());
            if comparison.first.is_none() {
                comparison.first = first_difference(worlds.0, worlds.1, same_events);
                same_events = worlds.0.trace().len();
            }
            if comparison.first.is_some() {
                since = differing(worlds.0, worlds.1, &since);
            }
        }
        let (left, right) = (figures(left.world()), figures(right.world()));
        let difference = |(figure, since): (String, Instant)| FigureDifference {
            since_ms: since.as_millis(),
            left: left.get(&figure).cloned().unwrap_or(Value::Null),
            right: right.get(&figure).cloned().unwrap_or(Value::Null),
            figure,
        };
        comparison.figures = since.into_iter().map(difference).collect();
        comparison
    }

    /// They ran alike.
    pub fn is_empty(&self) -> bool {
        self.first.is_none() && self.figures.is_empty()
    }
}

/// Plays two runs from where they stand, as far as `until`, to the first event in which they differ.
pub fn parting(left: &mut Timeline, right: &mut Timeline, until: Instant) -> Option<Difference> {
    let alike = first_difference(left.world(), right.world(), 0).is_none();
    let mut same = if alike { left.world().trace().len() } else { 0 };
    while left.now() < until {
        let next = (left.now() + LOOK_EVERY).min(until);
        left.run_until(next);
        right.run_until(next);
        let first = first_difference(left.world(), right.world(), same);
        if first.is_some() {
            return first;
        }
        same = left.world().trace().len();
    }
    None
}

/// The first event that differs after so many that are the same. Events are compared by moment and
/// by what is said of them, which is what a learner sees; field by field, that of every kind of event
/// would be 8 KB of the page.
fn first_difference(left: &World, right: &World, same: u64) -> Option<Difference> {
    let traces = (left.trace(), right.trace());
    if traces.0.hash() == traces.1.hash() && traces.0.len() == traces.1.len() {
        return None;
    }
    let (mut ours, mut theirs) = (traces.0.after(same), traces.1.after(same));
    let mut same_events = same;
    loop {
        let (one, other) = (ours.next().map(said(left)), theirs.next().map(said(right)));
        if one != other {
            let at = [&one, &other].into_iter().flatten().map(|(at, _)| *at).min();
            return Some(Difference {
                same_events,
                at_ms: at.map_or(0, Instant::as_millis),
                left: one.map(|(_, line)| line),
                right: other.map(|(_, line)| line),
            });
        }
        one?;
        same_events += 1;
    }
}

fn said(world: &World) -> impl Fn(&Entry) -> (Instant, String) + '_ {
    move |entry| (entry.at, world.line(entry).to_string())
}

/// The figures that differ now, each with the moment since which it does.
fn differing(
    left: &World,
    right: &World,
    before: &LiteMap<String, Instant>,
) -> LiteMap<String, Instant> {
    let (ours, theirs) = (figures(left), figures(right));
    let names = ours.keys().chain(theirs.keys());
    let differ = names.filter(|name| ours.get(*name) != theirs.get(*name));
    differ.map(|name| (name.clone(), before.get(name).copied().unwrap_or(left.now()))).collect()
}

/// Every single figure of a world by its address.
fn figures(world: &World) -> LiteMap<String, Value> {
    let whole = world.observe().write();
    let mut found = LiteMap::new();
    gather(String::new(), whole, &mut found);
    found
}

fn gather(at: String, value: Value, found: &mut LiteMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, part) in fields {
                gather(format!("{at}/{name}"), part, found);
            }
        }
        Value::Array(parts) => {
            for (index, part) in parts.into_iter().enumerate() {
                gather(format!("{at}/{index}"), part, found);
            }
        }
        single => drop(found.insert(at, single)),
    }
}
