//! Legs: tokens on their way, drawn where they are.

use super::geometry::{Point, Track, at};
use super::layout::Route;
use super::motion::{fall, in_out, out};
use super::notes::{Place, Way};
use super::shape::{Scene, Spot, Stroke, Tone};
use super::token::Token;
use super::trips::{Leg, Scratch};
use super::{View, trays, wires};

/// Draws every token that is on its way, and flows where there are too many.
pub(super) fn flights(scene: &mut Scene, view: &View<'_>, scratch: &Scratch) {
    wires::flows(scene, view, scratch);
    for leg in &scratch.legs {
        draw_leg(scene, view, leg);
    }
}

fn draw_leg(scene: &mut Scene, view: &View<'_>, leg: &Leg) {
    let Leg { token, way, t } = *leg;
    let pen = view.pen;
    match way {
        Way::Call { from, to, answer } => draw_call(scene, view, leg, (from, to, answer), t),
        Way::Publish { service } => {
            for exchange in 0..view.layout.exchanges.len() {
                if let Some(track) = view.layout.track(Route::Publish { service, exchange }) {
                    pen.token(scene, token, track.at(view.clock.along(t)), FLYING, 1.0);
                }
            }
        }
        Way::Bind { queue } => {
            if let Some(track) = way_in(view, queue) {
                let place = arrive(track, trays::tail(view, queue), view.clock.along(t));
                pen.token(scene, token, place, FLYING, 1.0);
            }
        }
        Way::Take { queue, slot } => {
            let end = trays::slot_or_hand(view, queue, Some(slot));
            let place = trays::head(view, queue).toward(end, in_out(t));
            pen.token(scene, token, place, 5.4, 1.0);
        }
        Way::Tick { queue, slot } => {
            let place = trays::slot_or_hand(view, queue, Some(slot));
            tick(scene, view, token, place, t);
        }
        Way::GiveBack { queue } => {
            let start = trays::slot_or_hand(view, queue, None);
            let place = start.toward(trays::head(view, queue), in_out(t));
            pen.token(scene, token, place, 5.4, 1.0);
        }
        Way::Move { from: Place::Work(queue), to } => {
            if let Some(place) = falling(view, queue, to, t) {
                pen.token(scene, token, place, 5.0, 1.0);
            }
        }
        Way::Move { from: Place::Rung(rung), to: Place::Work(queue) } => {
            if let Some(place) = returning(view, rung, queue, t) {
                pen.token(scene, token, place, FLYING, 1.0);
            }
        }
        Way::Move { .. } => {}
    }
}

const FLYING: f32 = 4.5;
/// How far a tick reaches.
const TICK: f32 = 3.4;

/// The wire on which fresh messages reach a tray.
pub(super) fn way_in<'a>(view: &View<'a>, queue: usize) -> Option<&'a Track> {
    let arrives = |route: Route| match route {
        Route::Bind { queue: to, .. } | Route::Direct { queue: to, .. } => to == queue,
        _ => false,
    };
    view.layout.wires.iter().find(|wire| arrives(wire.route)).map(|wire| &wire.track)
}

/// Along a wire and on to a point behind its end.
fn arrive(track: &Track, end: Point, t: f32) -> Point {
    let more = track.end().distance(end);
    let way = (track.length() + more) * t;
    if way <= track.length() {
        track.after(way)
    } else {
        track.end().toward(end, (way - track.length()) / more.max(0.1))
    }
}

fn falling(view: &View<'_>, queue: usize, to: Place, t: f32) -> Option<Point> {
    let service = *view.layout.topology.work.get(queue)?.workers.first()?;
    let (route, tray) = match to {
        Place::Rung(rung) => (Route::Retry { service, rung }, view.layout.rungs.get(rung)?),
        Place::Dead(dead) => (Route::GiveUp { service, dead }, view.layout.dead.get(dead)?),
        Place::Work(_) | Place::Published => return None,
    };
    let track = view.layout.track(route)?;
    let end = at(track.end().x, tray.rect.bottom() - 9.0);
    let t = 0.4 * t + 0.6 * fall(t);
    Some(arrive(track, end, t))
}

fn returning(view: &View<'_>, rung: usize, queue: usize, t: f32) -> Option<Point> {
    let back = view.layout.track(Route::Return { rung });
    match (back, way_in(view, queue)) {
        (Some(back), Some(bind)) if view.layout.topology.rungs[rung].back_to.is_some() => {
            let whole = back.length() + bind.length();
            let way = whole * in_out(t);
            Some(if way <= back.length() {
                back.after(way)
            } else {
                bind.after(way - back.length())
            })
        }
        (Some(back), _) => Some(back.at(in_out(t))),
        (None, _) => {
            let start = view.layout.rungs.get(rung)?.rect.center();
            Some(start.toward(trays::tail(view, queue), in_out(t)))
        }
    }
}

fn tick(scene: &mut Scene, view: &View<'_>, token: Token, place: Point, t: f32) {
    let small = 5.0 * (1.0 - out(t * 1.6));
    if small > 0.6 {
        view.pen.token(scene, token, place, small, 1.0);
    }
    let stroke = Stroke::solid(Tone::Ok, 1.8);
    scene.spot(Spot::Tick, place, TICK, (None, Some(stroke)), (t * 3.0).min(1.0));
}

fn draw_call(
    scene: &mut Scene,
    view: &View<'_>,
    leg: &Leg,
    (from, to, answer): (Option<usize>, Option<usize>, bool),
    t: f32,
) {
    let (caller, callee) = if answer { (to, from) } else { (from, to) };
    let route = match (caller, callee) {
        (Some(caller), Some(callee)) => Route::Call { caller, callee },
        (None, Some(service)) => Route::Buy { service },
        _ => return,
    };
    let Some(track) = view.layout.track(route) else {
        return;
    };
    let along = view.clock.along(if answer { 1.0 - t } else { t });
    let place = track.at(along);
    if answer {
        // An answer is a ring of the order's hue: the order itself is where its call went.
        scene.disc(place, 3.6, Tone::Stage, 1.0);
        scene.ring(place, 3.6, Stroke::solid(Tone::Key(leg.token.hue), 2.0), 1.0);
        scene.mark(place, leg.token.order);
    } else {
        view.pen.token(scene, leg.token, place, FLYING, 1.0);
    }
}
