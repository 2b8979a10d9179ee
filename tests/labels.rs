//! No word of the stage lies on another one, nor on a part that it does not belong to: in every
//! lesson, in every form, while orders come and while something has failed.
//!
//! What the canvas writes is read off the scene. What the page writes over it stands where its
//! style sheet says, which is told here once more, in the widths of the page's fonts.

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::lessons::{Catalogue, Entry};
use ackademy::simulation::{Command, Scenario, Timeline, World};
use ackademy::ui::model::embedded;
use ackademy::ui::scene::{
    Align, Face, Form, Layout, Options, Rect, Scene, Shape, TapeStyle, Tray, ZoneKind, draw, whys,
};

/// The widths of letters, in pixels, and how far a line reaches above and below its base.
const MONO: f32 = 6.6;
const NAME: f32 = 7.1;
const SANS: f32 = 5.7;
const BOLD: f32 = 6.2;
const UP: f32 = 8.0;
const DOWN: f32 = 2.5;

/// Words in their box; those with one owner may be as close as their part wants them.
#[derive(Clone, Debug)]
struct Label {
    words: String,
    rect: Rect,
}

fn label(words: impl Into<String>, rect: Rect) -> Label {
    Label { words: words.into(), rect }
}

fn long(words: &str, letter: f32) -> f32 {
    words.chars().count() as f32 * letter
}

/// What the canvas writes, but for what stands in cells and on tokens.
fn written(scene: &Scene, layout: &Layout) -> Vec<Label> {
    let in_cells = |rect: &Rect| {
        let strip = |tape: &ackademy::ui::scene::Tape| {
            (0..tape.partitions).any(|partition| {
                let half = tape.cell_height.max(tape.pitch.min(20.0)) / 2.0;
                let (x, y) = (tape.rect.x, tape.row(partition) - half);
                Rect::new(x, y, tape.pen_x - x, 2.0 * half).contains(rect.center())
            })
        };
        layout.tapes.iter().any(strip)
    };
    let words = |shape: &Shape| {
        let Shape::Text { at, text, face, tone, align, .. } = *shape else {
            return None;
        };
        let words = scene.text(text);
        let letter = match face {
            Face::Digit => return None,
            Face::Note => SANS,
            Face::Data => MONO,
            Face::Name => NAME,
            Face::Flag | Face::Figure => BOLD,
            Face::Partition => 8.4,
        };
        let width = long(words, letter);
        let left = match align {
            Align::Start => at.x,
            Align::Middle => at.x - width / 2.0,
            Align::End => at.x - width,
        };
        let mut rect = Rect::new(left, at.y - UP, width, UP + DOWN);
        if tone == ackademy::ui::scene::Tone::Invert {
            // With the cloth of the flag.
            rect = Rect::new(rect.x - 5.0, at.y - 11.8, rect.w + 10.0, 16.0);
        }
        (!in_cells(&rect)).then(|| label(words, rect))
    };
    scene.shapes().iter().filter_map(words).collect()
}

fn zone_names(layout: &Layout) -> impl Iterator<Item = Label> {
    layout.zones.iter().map(|zone| {
        let words = match (zone.kind, layout.form) {
            (ZoneKind::Log, _) => "The log keeps",
            (ZoneKind::Queue, Form::Medium) => "The queue",
            (ZoneKind::Queue, _) => "The queue hands out",
        };
        let at = zone.name_at;
        label(words, Rect::new(at.x, at.y, 23.0 + long(words, SANS), 15.0))
    })
}

fn topic_names(layout: &Layout) -> impl Iterator<Item = Label> {
    layout.tapes.iter().enumerate().map(|(topic, tape)| {
        let low = layout.form == Form::Strip;
        let crowded = tape.groups.is_empty() == low || (low && topic > 0);
        let bare = layout.form.is_stacked() && crowded;
        let mut note = format!("{} partitions", tape.partitions);
        if layout.topology.topics[topic].copies > 1 {
            note += ", 3 copies each";
        }
        if tape.groups.is_empty() && layout.form == Form::Wide {
            note += ", no group reads it yet";
        }
        let note = if bare { 0.0 } else { 9.0 + long(&note, SANS) };
        let (x, y) = (tape.title.x, tape.title.y - 11.0);
        label(&*tape.name, Rect::new(x, y + 1.0, long(&tape.name, NAME) + note, 13.0))
    })
}

fn exchange_names(layout: &Layout) -> impl Iterator<Item = Label> {
    let shown = layout.exchanges.iter().filter(|_| layout.form != Form::Strip);
    shown.map(|spot| {
        let kind = format!("{} exchange", spot.kind);
        let (at, name) = (spot.label, long(&spot.name, NAME));
        let width = name.max(long(&kind, SANS));
        let rect = if layout.form.is_stacked() {
            Rect::new(at.x, at.y - 11.0, name, 14.0)
        } else {
            Rect::new(at.x - width, at.y - 11.0, width, 28.0)
        };
        label(&*spot.name, rect)
    })
}

/// The name of a tray and its count, which need room beside each other or below.
fn tray_words(form: Form, tray: &Tray, count: &str, kind: Kind) -> [Label; 2] {
    let r = tray.rect;
    let stacked = form.is_stacked();
    let name = match kind {
        Kind::Rung => "30 s",
        Kind::Work | Kind::Dead => &tray.queues[0],
    };
    let (left, top, letter) = match (kind, stacked) {
        (Kind::Rung, true) => (6.0, 6.0, 5.5),
        (Kind::Rung, false) => (9.0, 4.0, NAME),
        (Kind::Dead, true) => (7.0, 6.0, 5.6),
        (Kind::Dead, false) => (9.0, 4.0, NAME),
        (Kind::Work, true) => (10.0, 6.0, 6.5),
        (Kind::Work, false) => (10.0, if form == Form::Wide { 8.0 } else { 5.0 }, NAME),
    };
    let word = if kind == Kind::Work && !stacked { " ready" } else { "" };
    let width = long(count, if kind == Kind::Rung { 7.2 } else { 7.8 }) + long(word, SANS);
    let right = |edge: f32, top: f32| Rect::new(r.right() - edge - width, r.y + top, width, 14.0);
    let below = |left: f32, top: f32| Rect::new(r.x + left, r.y + top, width, 14.0);
    let place = match (kind, form) {
        (Kind::Work, Form::Narrow | Form::Strip) => below(10.0, 20.0),
        (Kind::Work, Form::Phone) => right(10.0, 5.0),
        (Kind::Work, _) => right(10.0, if form == Form::Wide { 7.0 } else { 4.0 }),
        (Kind::Rung, Form::Narrow | Form::Strip) => below(4.0, 16.0),
        (Kind::Rung, _) => right(if stacked { 6.0 } else { 8.0 }, 3.0),
        (Kind::Dead, Form::Phone | Form::Narrow) => right(9.0, 16.0),
        (Kind::Dead, _) => right(9.0, 3.0),
    };
    let name = label(name, Rect::new(r.x + left, r.y + top, long(name, letter), 10.0));
    [name, label(format!("{count} of {}", tray.queues[0]), place)]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Work,
    Rung,
    Dead,
}

fn trays(layout: &Layout) -> impl Iterator<Item = (&Tray, &'static str, Kind)> {
    let work = layout.trays.iter().map(|tray| (tray, "12", Kind::Work));
    let rungs = layout.rungs.iter().map(|tray| (tray, "46", Kind::Rung));
    work.chain(rungs).chain(layout.dead.iter().map(|tray| (tray, "281", Kind::Dead)))
}

fn tray_names(layout: &Layout) -> impl Iterator<Item = Label> {
    trays(layout).flat_map(|(tray, count, kind)| tray_words(layout.form, tray, count, kind))
}

/// Names of rows that are drawn close, the legend and those who wait at the door.
fn others(layout: &Layout) -> Vec<Label> {
    let mut all = Vec::new();
    for tape in layout.tapes.iter().filter(|tape| tape.style == TapeStyle::Close) {
        let rows = (0..tape.partitions).map(|row| (row, tape.label_x.unwrap_or(0.0)));
        all.extend(rows.map(|(row, x)| {
            label(format!("p{row}"), Rect::new(x - 18.0, tape.row(row) - 6.0, 16.0, 12.0))
        }));
    }
    all.extend(layout.legend.map(|at| label("the legend", Rect::new(at.x, at.y, 110.0, 100.0))));
    let buyers = |at: ackademy::ui::scene::Point| Rect::new(at.x - 34.0, at.y + 12.5, 68.0, 28.0);
    all.extend(layout.buyers.map(|at| label("buyers wait", buyers(at))));
    all
}

/// What no word may lie on.
fn parts(layout: &Layout) -> Vec<Label> {
    let cards = layout.cards.iter().map(|card| label(format!("card {}", card.service), card.rect));
    let trays =
        trays(layout).map(|(tray, ..)| label(format!("tray {}", tray.queues[0]), tray.rect));
    let exchanges = layout.exchanges.iter().map(|spot| {
        let (c, r) = (spot.center, spot.radius);
        label(format!("exchange {}", spot.name), Rect::new(c.x - r, c.y - r, 2.0 * r, 2.0 * r))
    });
    let switches = layout.brokers.iter().chain(&layout.nodes).map(|rect| label("switch", *rect));
    cards.chain(trays).chain(exchanges).chain(switches).collect()
}

/// All pairs that lie on each other.
fn clashes(layout: &Layout, world: &World) -> Vec<String> {
    let options = Options::default();
    let scene = draw(world, layout, &options);
    let free: Vec<Label> = (written(&scene, layout).into_iter())
        .chain(zone_names(layout))
        .chain(topic_names(layout))
        .chain(exchange_names(layout))
        .chain(others(layout))
        .collect();
    let named: Vec<Label> = tray_names(layout).collect();
    let badges = whys(world, layout, &options);
    let badges: Vec<Label> = badges.iter().map(|why| label(&*why.reason, why.rect)).collect();
    let all: Vec<&Label> = free.iter().chain(&named).collect();
    let mut faults = Vec::new();
    let mut check = |one: &Label, other: &Label| {
        if one.rect.grown(-0.5).overlaps(&other.rect) {
            faults.push(format!("{} | {}", one.words, other.words));
        }
    };
    for (index, one) in all.iter().enumerate() {
        all[index + 1..].iter().for_each(|other| check(one, other));
    }
    for part in parts(layout) {
        free.iter().for_each(|one| check(one, &part));
    }
    // There is no room above the trays of the low drawing.
    for badge in badges.iter().filter(|_| layout.form != Form::Strip) {
        named.iter().for_each(|name| check(badge, name));
    }
    for one in free.iter().filter(|one| !one.rect.inside(&layout.bounds())) {
        faults.push(format!("{} leaves the stage", one.words));
    }
    faults
}

#[test]
fn a_word_that_is_moved_onto_another_one_is_found() {
    let mut layout = Layout::new(&embedded("shop").expect("it is embedded"), Form::Wide);
    let world = World::new(embedded("shop").expect("it is embedded"), 7);
    assert_eq!(clashes(&layout, &world), Vec::<String>::new());
    layout.zones[1].name_at = layout.zones[0].name_at;
    assert_eq!(clashes(&layout, &world), ["The log keeps | The queue hands out"]);
    layout.zones[1].name_at = layout.cards[0].rect.center();
    assert_eq!(clashes(&layout, &world), ["The queue hands out | card 0"]);
}

/// The worlds of all lessons and of the sandbox.
fn worlds() -> Vec<Rc<Scenario>> {
    let catalogue = Catalogue::embedded();
    let lesson = |entry: &Entry| catalogue.lesson(&entry.slug).expect("it can be read").scenario;
    let names = ackademy::scenarios::NAMES;
    let sandbox = names.into_iter().filter_map(embedded);
    catalogue.playable().map(lesson).chain(sandbox).collect()
}

#[test]
fn no_word_lies_on_another_one() {
    let mut faults = std::collections::BTreeMap::<String, usize>::new();
    for scenario in worlds() {
        let own = Form::ALL.map(|form| Layout::new(&scenario, form));
        let tall = [Form::Wide, Form::Medium].map(|form| Layout::filling(&scenario, form, 728.0));
        let mut run = Timeline::new(scenario.clone(), 7);
        let mut look = |run: &Timeline| {
            for layout in own.iter().chain(&tall) {
                for fault in clashes(layout, run.world()) {
                    let fault = format!("{} {:?}: {fault}", scenario.name, layout.form);
                    *faults.entry(fault).or_default() += 1;
                }
            }
        };
        for ms in [0, 1_300, 20_000, 25_000] {
            run.run_until(Instant::from_millis(ms));
            look(&run);
        }
        for service in &scenario.services {
            let fail = Command::FailRate { service: service.id.clone(), per_mille: 500 };
            // Not every service can fail.
            let _given = run.command(fail);
        }
        for ms in [30_000, 33_700, 40_300] {
            run.run_until(Instant::from_millis(ms));
            look(&run);
        }
    }
    let faults: Vec<String> =
        faults.iter().map(|(fault, times)| format!("{fault} ({times})")).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_raised_flag_far_behind_stays_off_the_name_of_its_topic() {
    let scenario = embedded("shop").expect("it is embedded");
    let mut run = Timeline::new(scenario.clone(), 7);
    let slow = Command::Slow { service: "payment".into(), percent: 1_000 };
    run.command(slow).expect("payment can be slow");
    let is_sharing_out = |run: &Timeline| {
        let group = run.world().kafka().group("payment");
        group.is_some_and(|group| group.state().name().contains("Rebalance"))
    };
    let raised = (3_000..4_000).find(|second| {
        run.run_until(Instant::from_secs(*second));
        is_sharing_out(&run)
    });
    assert!(raised.is_some(), "the group never shares out its partitions");
    for form in Form::ALL {
        let faults = clashes(&Layout::new(&scenario, form), run.world());
        assert!(faults.is_empty(), "{form:?}: {faults:?}");
    }
}
