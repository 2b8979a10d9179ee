//! Two runs side by side: what differs between them, and what one buyer waits for in each.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;
use crate::simulation::{Effect, Endpoint, Event, Input, Observation, World};
use crate::ui::format;
use crate::ui::model::Model;

/// Orders that are looked through for a buyer who has an answer in both runs.
const SEARCHED: u32 = 2_000;

#[derive(Clone, Debug, PartialEq)]
pub struct CompareView {
    pub title: &'static str,
    /// What both have in common.
    pub shared: String,
    pub sides: [SideView; 2],
    pub groups: Vec<(&'static str, Vec<Row>)>,
    /// Where two futures part: when, and what happened then in each.
    pub parting: Option<(Instant, [String; 2])>,
    /// Two futures may be alike to the last event.
    pub alike: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SideView {
    pub name: String,
    pub about: String,
    pub observation: Rc<Observation>,
    pub p95: (String, bool),
    pub failed: (String, bool),
    pub wait: Option<Wait>,
}

/// A figure of both runs, and which of them has the better one.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: &'static str,
    pub values: [String; 2],
    pub better: Option<bool>,
}

/// How long a buyer waits for an answer, and for what.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    pub order: u32,
    pub total_ms: u64,
    /// The longer of the two waits is the length of both bars.
    pub scale_ms: u64,
    pub accepted: bool,
    /// How long after the order the mail was sent, if it was.
    pub mail_ms: Option<u64>,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub name: String,
    pub kind: PartKind,
    pub micros: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Nothing is done for the order.
    Line,
    Work,
    Log,
}

/// What is better, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Better {
    Less,
    More,
    /// Milliseconds; 0 where nobody had an answer, which is neither.
    Sooner,
}

type Figure = (&'static str, Better, fn(&Observation) -> u64);

const BUYER: [Figure; 6] = [
    ("Checkout p95, now", Better::Sooner, |now| now.checkout.p95_ms),
    ("Checkout p95, worst", Better::Sooner, |now| now.checkout.peak_p95_ms),
    ("Failed orders", Better::Less, |now| now.checkout.failed),
    ("Paid but failed", Better::Less, |now| now.ledger.paid_but_failed),
    ("Charged twice", Better::Less, |now| now.ledger.charged_twice),
    ("Mails still owed", Better::Less, |now| effect(&now.ledger.missing, "mail")),
];

const SHOP: [Figure; 8] = [
    ("Accepted orders", Better::More, |now| now.checkout.accepted),
    ("Completed orders", Better::More, |now| now.ledger.completed),
    ("Most in one queue", Better::Less, most_ready),
    ("Largest lag so far", Better::Less, most_lag),
    ("Retries, last minute", Better::Less, |now| now.checkout.retries_last_minute),
    ("Done twice", Better::Less, |now| now.ledger.duplicated),
    ("Dead-lettered", Better::Less, |now| now.ledger.dead_lettered),
    ("Lost", Better::Less, |now| now.ledger.lost),
];

fn effect(effects: &litemap::LiteMap<String, u64>, name: &str) -> u64 {
    effects.get(name).copied().unwrap_or(0)
}

fn most_ready(now: &Observation) -> u64 {
    now.queues.values().map(|queue| queue.peak_ready).max().unwrap_or(0)
}

fn most_lag(now: &Observation) -> u64 {
    now.groups.values().map(|group| group.peak_lag).max().unwrap_or(0)
}

/// A time to wait; a dash while nobody had an answer.
fn waited(millis: u64) -> String {
    if millis == 0 { "–".to_owned() } else { format::duration(millis) }
}

/// The page of a comparison, while there is one.
pub fn compare(model: &Model) -> Option<CompareView> {
    let rivals = model.rivals.as_ref()?;
    let worlds = [model.world(), rivals.other.world()];
    let seen = worlds.map(|world| Rc::new(world.observe()));
    let rows = |figures: &[Figure]| figures.iter().map(|figure| row(figure, &seen)).collect();
    let groups = vec![("For the buyer", rows(&BUYER)), ("For the shop", rows(&SHOP))];
    let [first, other] = waits(worlds);
    let side = |index: usize, wait| {
        let (name, about) = rivals.names[index].clone();
        let (mine, theirs) = (&seen[index].checkout, &seen[1 - index].checkout);
        SideView {
            name,
            about,
            observation: seen[index].clone(),
            p95: (waited(mine.p95_ms), mine.p95_ms > theirs.p95_ms),
            failed: (format::count(mine.failed), mine.failed > theirs.failed),
            wait,
        }
    };
    let [first_placed, other_placed] = seen.each_ref().map(|now| now.ledger.placed);
    let orders = if first_placed == other_placed {
        format!("The same {} orders", format::count(first_placed))
    } else {
        format!("{} against {} orders", format::count(first_placed), format::count(other_placed))
    };
    let parting = rivals.parting.as_ref().map(|first| {
        let line =
            |line: &Option<String>| line.clone().unwrap_or_else(|| "nothing then".to_owned());
        (Instant::from_millis(first.at_ms), [line(&first.left), line(&first.right)])
    });
    Some(CompareView {
        title: if rivals.futures { "Two futures" } else { "Two designs" },
        shared: format!(
            "{orders} so far, {} a minute now, seed {}",
            format::count(worlds[0].arrivals_per_minute().into()),
            model.timeline.seed()
        ),
        sides: [side(0, first), side(1, other)],
        groups,
        alike: rivals.futures && parting.is_none() && model.destination.is_none(),
        parting,
    })
}

fn row((name, better, value): &Figure, seen: &[Rc<Observation>; 2]) -> Row {
    let [first, other] = [value(&seen[0]), value(&seen[1])];
    let values = [first, other].map(|value| match better {
        Better::Sooner => waited(value),
        Better::Less | Better::More => format::count(value),
    });
    let told = *better != Better::Sooner || (first > 0 && other > 0);
    let better = (first != other && told).then_some((other > first) == (*better == Better::More));
    Row { name, values, better }
}

/// The newest buyer who has an answer in both runs, a yes if there is one, and the way to it.
fn waits(worlds: [&World; 2]) -> [Option<Wait>; 2] {
    let answer = |world: &World, order| world.ledger().account(order)?.accepted;
    let newest = worlds.map(|world| world.ledger().placed());
    let newest = newest[0].min(newest[1]);
    let mut found = None;
    for order in (newest.saturating_sub(SEARCHED) + 1..=newest).rev() {
        match [answer(worlds[0], order), answer(worlds[1], order)] {
            [Some(true), Some(true)] => {
                found = Some((order, true, true));
                break;
            }
            [Some(first), Some(other)] if found.is_none() => found = Some((order, first, other)),
            _ => {}
        }
    }
    let Some((order, first, other)) = found else {
        return [None, None];
    };
    let mut waits = [wait(worlds[0], order, first), wait(worlds[1], order, other)];
    let longest = waits.iter().flatten().map(|wait| wait.total_ms).max().unwrap_or(1).max(1);
    waits.iter_mut().flatten().for_each(|wait| wait.scale_ms = longest);
    waits
}

/// Reads one order's way to its answer off the trace, as far as it is kept.
fn wait(world: &World, order: u32, accepted: bool) -> Option<Wait> {
    let journey = world.trace().journey(order);
    let placed = journey.first().filter(|one| matches!(one.event, Event::OrderPlaced { .. }))?.at;
    let mut wait =
        Wait { order, total_ms: 0, scale_ms: 1, accepted, mail_ms: None, parts: Vec::new() };
    let (mut since, mut what) = (placed, ("waiting".to_owned(), PartKind::Line));
    for entry in journey {
        let millis = entry.at.since(placed).as_millis() as u64;
        if let Event::Effected { effect: Effect::Mail, .. } = entry.event {
            wait.mail_ms = wait.mail_ms.or(Some(millis));
        }
        if wait.total_ms > 0 {
            continue;
        }
        if let Some(appended) = appended(world, &entry.event) {
            let appended = appended.max(since);
            wait.pass(&what, appended.since(since));
            wait.pass(&("the log's answer".to_owned(), PartKind::Log), entry.at.since(appended));
            since = entry.at;
        } else if let Some(next) = phase(world, &entry.event) {
            wait.pass(&what, entry.at.since(since));
            (since, what) = (entry.at, next);
        } else if let Event::OrderAnswered { .. } = entry.event {
            wait.pass(&what, entry.at.since(since));
            wait.total_ms = millis.max(1);
        }
    }
    (wait.total_ms > 0).then_some(wait)
}

impl Wait {
    /// So much time passes; what goes on is one part.
    fn pass(&mut self, (name, kind): &(String, PartKind), time: Duration) {
        let micros = time.as_micros() as u64;
        match self.parts.last_mut().filter(|part| part.name == *name) {
            Some(part) => part.micros += micros,
            None if micros == 0 => {}
            None => self.parts.push(Part { name: name.clone(), kind: *kind, micros }),
        }
    }
}

/// Whether a service keeps the buyer waiting: what reads a log or a queue does not.
fn holds(world: &World, service: u16) -> bool {
    matches!(world.services()[usize::from(service)].spec.input, Input::Http { .. })
}

/// When the record was appended of whose acknowledgement an event tells.
fn appended(world: &World, event: &Event) -> Option<Instant> {
    match event {
        Event::Published { service, topic, partition, offset, .. } if holds(world, *service) => {
            let partitions = world.kafka().topic(topic)?.partitions();
            partitions.get(*partition as usize)?.appended_at(*offset)
        }
        _ => None,
    }
}

/// What begins for a buyer with an event, if anything else does.
fn phase(world: &World, event: &Event) -> Option<(String, PartKind)> {
    let (service, works) = match event {
        Event::WorkStarted { service, .. } => (*service, true),
        Event::WorkDone { service, .. } | Event::WorkFailed { service, .. } => (*service, false),
        Event::Sent {
            from: Endpoint::Service { .. },
            to: Endpoint::Service { service, .. },
            ..
        } => (*service, false),
        _ => return None,
    };
    holds(world, service).then(|| match works {
        true => (world.services()[usize::from(service)].spec.title.clone(), PartKind::Work),
        false => ("waiting".to_owned(), PartKind::Line),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Command;
    use crate::ui::model::{Msg, Route};

    fn at(model: &mut Model, minutes: u64) -> CompareView {
        model.update(Msg::Seek(Instant::from_secs(minutes * 60)));
        model.arrive();
        compare(model).expect("two runs are compared")
    }

    fn row<'a>(view: &'a CompareView, name: &str) -> &'a Row {
        let mut rows = view.groups.iter().flat_map(|group| &group.1);
        rows.find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}"))
    }

    #[test]
    fn the_flash_sale_is_eight_seconds_by_calls_against_45_ms_through_the_log() {
        let mut model = Model::shop();
        model.update(Msg::Visit(Route::Compare(String::new())));
        let view = at(&mut model, 44);
        let p95 = view.sides.each_ref().map(|side| side.observation.checkout.p95_ms);
        assert!((7_500..=8_500).contains(&p95[0]), "{p95:?}");
        assert!((40..=50).contains(&p95[1]), "{p95:?}");
        let checkout = row(&view, "Checkout p95, now");
        assert_eq!(checkout.values, p95.map(format::duration));
        assert_eq!(checkout.better, Some(true), "the log is better");
        assert_eq!(row(&view, "Most in one queue").better, Some(false));
        assert_eq!(row(&view, "Charged twice").better, None, "neither did");
        assert!(view.shared.starts_with("The same "), "{}", view.shared);

        let [calls, log] = view.sides.map(|side| side.wait.expect("a buyer with two answers"));
        assert_eq!(calls.order, log.order, "one buyer");
        for wait in [&calls, &log] {
            let sum: u64 = wait.parts.iter().map(|part| part.micros).sum();
            assert_eq!(sum / 1_000, wait.total_ms, "{wait:?}");
        }
        let names = |wait: &Wait| wait.parts.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert!(names(&calls).contains(&"payment".to_owned()), "{calls:?}");
        assert!(calls.total_ms > 5_000 && log.total_ms < 60, "{calls:?}\n{log:?}");
        assert!(names(&log).contains(&"the log's answer".to_owned()), "{log:?}");
    }

    #[test]
    fn two_futures_say_where_they_part_and_which_has_the_better_figures() {
        let mut model = Model::shop();
        model.update(Msg::Seek(Instant::from_secs(120)));
        model.update(Msg::Seek(Instant::from_secs(60)));
        let kill = Command::Kill { service: "email".into(), instance: None };
        model.update(Msg::Command(kill));
        model.update(Msg::Seek(Instant::from_secs(180)));
        model.update(Msg::Compare(0));
        let go = model.take_errands().into_iter().find_map(|errand| match errand {
            crate::ui::model::Errand::Go(route) => Some(route),
            _ => None,
        });
        model.update(Msg::Visit(go.expect("the address of the comparison")));
        let view = compare(&model).expect("two runs are compared");
        assert_eq!(model.now(), Instant::from_secs(120), "where the shorter one ends");
        assert_eq!(view.sides.each_ref().map(|side| &*side.name), ["email killed", "Left alone"]);
        let (parted, events) = view.parting.clone().expect("they part");
        assert_eq!(parted, Instant::from_secs(60));
        assert!(events[0].contains("email"), "{events:?}");
        assert_eq!(row(&view, "Mails still owed").better, Some(true));
        assert_eq!(row(&view, "Failed orders").values, ["0", "0"]);
    }
}
