//! Zones and wires: what joins the parts, and flows where single tokens would be too many.

use super::geometry::{Point, Rect, Track, at};
use super::layout::{Note, Route, Wire, WireStyle, ZoneKind};
use super::motion::HOP;
use super::records;
use super::shape::{Align, Dash, Face, Scene, Shape, Stroke, Tone};
use super::trips::Scratch;
use super::{View, trays};

/// The width of a letter of a key.
const LETTER: f32 = 6.6;

pub(super) fn zones(scene: &mut Scene, view: &View<'_>) {
    for zone in &view.layout.zones {
        let tone = match zone.kind {
            ZoneKind::Log => Tone::LogZone,
            ZoneKind::Queue => Tone::QueueZone,
        };
        scene.fill_box(zone.rect, 14.0, tone);
    }
}

pub(super) fn wires(scene: &mut Scene, view: &View<'_>, scratch: &Scratch) {
    for wire in &view.layout.wires {
        draw_wire(scene, view, scratch, wire);
    }
    for note in &view.layout.notes {
        let lit = note.binds.is_some_and(|queue| scratch.matches(view, queue));
        let tone = if lit { Tone::Text } else { note.tone };
        if note.binds.is_some() {
            ground(scene, note, lit);
        }
        let face = if note.mono { Face::Data } else { Face::Note };
        let align = if note.ends { Align::End } else { Align::Start };
        scene.write(note.at, format_args!("{}", note.text), face, tone, align);
    }
}

/// Behind a binding's key, over the wires: it lights up while a message that the key matches passes.
fn ground(scene: &mut Scene, note: &Note, lit: bool) {
    let width = note.text.len() as f32 * LETTER + 8.0;
    let left = if note.ends { note.at.x + 4.0 - width } else { note.at.x - 4.0 };
    let rect = Rect::new(left, note.at.y - 11.5, width, 16.0);
    // Its edge lights up, not its ground: what is written keeps its contrast in every theme.
    let fill = Some(if lit { Tone::Tray } else { Tone::QueueZone });
    let stroke = lit.then_some(Stroke::solid(Tone::Queue, 1.0));
    scene.push(Shape::Box { rect, radius: 4.0, fill, stroke, alpha: 1.0 });
}

fn draw_wire(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, wire: &Wire) {
    let broken = is_broken(view, wire.route);
    let cut = match wire.route {
        _ if broken => true,
        Route::Serve { service, .. } | Route::Read { service, .. } => is_down(view, service),
        Route::Call { caller, callee } => is_down(view, callee) || !is_called(view, caller, callee),
        _ => false,
    };
    let (mut tone, width, mut alpha) = match wire.style {
        WireStyle::Plain | WireStyle::Dashed => (wire.tone, 1.5, 1.0),
        WireStyle::Hair => (wire.tone, 1.0, 0.8),
        WireStyle::Faint => (wire.tone, 1.5, 0.55),
        WireStyle::Hidden => return,
    };
    if let Route::Fan { topic, partition, .. } = wire.route
        && is_live(view, topic, partition)
    {
        (tone, alpha) = (Tone::Log, 1.0);
    }
    if matches!(wire.route, Route::Bind { queue, .. } if scratch.matches(view, queue)) {
        tone = Tone::Queue;
    }
    let dash = match wire.style {
        _ if cut => Dash::Cut,
        WireStyle::Dashed => Dash::Short,
        _ => Dash::Solid,
    };
    if broken {
        (tone, alpha) = (Tone::Fail, 1.0);
    } else if cut {
        alpha *= 0.7;
    }
    scene.line(wire.track.points(), Stroke { tone, width, dash }, alpha);
    if let Some(head) = wire.arrow {
        arrow_head(scene, &wire.track, head);
    }
}

/// Crosses on links that are cut or faulty, over all that stands there.
pub(super) fn crosses(scene: &mut Scene, view: &View<'_>) {
    for wire in &view.layout.wires {
        // One cross stands for all wires of a fan.
        let marked = !matches!(wire.route, Route::Fan { partition: 1.., .. });
        if marked && wire.style != WireStyle::Hidden && is_broken(view, wire.route) {
            cross(scene, wire.track.after(wire.track.length() / 2.0));
        }
    }
}

/// Whether a command has cut the link that a wire stands for, or made it faulty.
fn is_broken(view: &View<'_>, route: Route) -> bool {
    let id = |service: usize| view.world.services().get(service).map(|one| &*one.spec.id);
    let ends = match route {
        Route::Fan { service, .. } | Route::Read { service, .. } => (id(service), Some("kafka")),
        Route::Publish { service, .. }
        | Route::Direct { service, .. }
        | Route::Serve { service, .. } => (id(service), Some("rabbitmq")),
        Route::Call { caller, callee } => (id(caller), id(callee)),
        Route::Buy { service } => (Some("buyer"), id(service)),
        _ => return false,
    };
    matches!(ends, (Some(from), Some(to)) if view.world.is_link_broken(from, to))
}

fn cross(scene: &mut Scene, middle: Point) {
    const ARM: f32 = 5.0;
    for rise in [-ARM, ARM] {
        let ends = [at(middle.x - ARM, middle.y - rise), at(middle.x + ARM, middle.y + rise)];
        scene.line(&ends, Stroke::solid(Tone::Fail, 2.0), 1.0);
    }
}

/// A fan's wire is lit while a record is on it.
fn is_live(view: &View<'_>, topic: usize, partition: u32) -> bool {
    let tape = &view.layout.tapes[topic];
    records::recent(view, tape, partition).next().is_some()
}

pub(super) fn is_down(view: &View<'_>, service: usize) -> bool {
    view.world.services().get(service).is_none_or(|service| service.instances_up() == 0)
}

fn is_called(view: &View<'_>, caller: usize, callee: usize) -> bool {
    let calls = view.world.services().get(caller).map(|service| &service.calls);
    calls.is_none_or(|calls| {
        calls.iter().any(|call| usize::from(call.callee) == callee && call.spec.enabled)
    })
}

fn arrow_head(scene: &mut Scene, track: &Track, tone: Tone) {
    let end = track.end();
    let before = track.after(track.length() - 5.0);
    let way = before.distance(end).max(0.1);
    let (dx, dy) = ((end.x - before.x) / way, (end.y - before.y) / way);
    let wing =
        |side: f32| at(end.x - 4.6 * dx + side * 2.8 * dy, end.y - 4.6 * dy - side * 2.8 * dx);
    scene.line(&[wing(1.0), end, wing(-1.0)], Stroke::solid(tone, 1.5), 1.0);
}

/// Flows on the wires that carry too much for single tokens; with reduced motion their dots stand.
pub(super) fn flows(scene: &mut Scene, view: &View<'_>, scratch: &Scratch) {
    let phase = if view.clock.reduced { 0.0 } else { view.clock.phase() };
    for wire in &view.layout.wires {
        let tone = match wire.route {
            Route::Fan { topic, partition, .. } => {
                let tape = &view.layout.tapes[topic];
                records::flying(view, tape, partition).is_none().then_some(Tone::Log)
            }
            Route::Read { service, topic } => {
                let moves = scratch.crowds.reads && !is_down(view, service) && grows(view, topic);
                moves.then_some(Tone::Log)
            }
            Route::Publish { service, .. } | Route::Direct { service, .. } => {
                let moves = scratch.crowds.publishes && !is_down(view, service);
                (moves && works(view, service)).then_some(Tone::Queue)
            }
            Route::Bind { queue, .. } => {
                // A crowd was counted, unless there was too much to count.
                let moves = scratch.crowds.trays[queue]
                    && (!scratch.truncated || trays::arrives(view, queue));
                moves.then_some(Tone::Queue)
            }
            Route::Serve { queue, service } => {
                let moves = scratch.crowds.trays[queue] && !is_down(view, service);
                let passes = !scratch.truncated && trays::is_empty(view, queue);
                (moves && (passes || trays::leaves(view, queue))).then_some(Tone::Queue)
            }
            Route::Call { caller, callee } => {
                let moves = scratch.crowds.calls && !is_down(view, callee);
                (moves && is_called(view, caller, callee)).then_some(Tone::Text2)
            }
            Route::Buy { service } => {
                (scratch.crowds.calls && !is_down(view, service)).then_some(Tone::Text2)
            }
            Route::Retry { .. } | Route::GiveUp { .. } | Route::Return { .. } | Route::Frame => {
                None
            }
        };
        if let Some(tone) = tone {
            flow(scene, &wire.track, phase, tone);
        }
    }
}

/// Whether the newest record of a topic is young.
fn grows(view: &View<'_>, topic: usize) -> bool {
    let tape = &view.layout.tapes[topic];
    (0..tape.partitions).any(|it| records::recent(view, tape, it).next().is_some())
}

fn works(view: &View<'_>, service: usize) -> bool {
    let service = view.world.services().get(service);
    service.is_some_and(|service| service.instances.iter().any(|it| !it.jobs.is_empty()))
}

fn flow(scene: &mut Scene, track: &Track, phase: f32, tone: Tone) {
    const APART: f32 = 9.0;
    let shift = (phase * (HOP / 2.0)) % APART;
    let mut way = shift;
    while way < track.length() {
        let place: Point = track.after(way);
        scene.disc(place, 1.9, tone, 0.9);
        way += APART;
    }
}
