//! Trays, hands and exchanges: what waits, what is in hand, what was given up.

use crate::engine::rabbitmq::{ChannelId, Queue, QueueType, QueuedMessage};

use super::View;
use super::geometry::{Point, Rect, at};
use super::layout::Tray;
use super::motion::FLASH;
use super::notes::Place;
use super::shape::{Dash, Scene, Shape, Spot, Stroke, Tone};
use super::token::Token;
use super::trips::Scratch;
use super::wires;
use crate::ui::model::Selection;

/// Up to so many orders are drawn one by one.
pub const SINGLES: u64 = 12;
/// Beyond them, so many at the head stay real.
const HEAD: usize = 4;
const PILE_STEP: f32 = 6.0;
/// Room for the figure on the left of a pile.
const FIGURE: f32 = 98.0;
/// More slots than this are a number.
const SLOTS: u64 = 10;

pub(super) fn exchanges(scene: &mut Scene, view: &View<'_>) {
    for spot in &view.layout.exchanges {
        let (c, r) = (spot.center, spot.radius);
        let selected = matches!(&view.options.selection, Some(Selection::Exchange(name)) if *name == spot.name);
        if selected {
            scene.ring(c, r + 4.0, Stroke::solid(Tone::Text, 1.5), 1.0);
        }
        let rim = Stroke::solid(Tone::Queue, 1.5);
        scene.spot(Spot::Circle, c, r, (Some(Tone::Tray), Some(rim)), 1.0);
        let ink = Stroke::solid(Tone::QueueText, 1.6);
        let size = r / 18.0;
        for side in [-1.0, 1.0] {
            let track = super::Track::from(at(c.x - 8.0 * size, c.y + 5.0 * side * size))
                .bezier_to(
                    at(c.x - 2.0 * size, c.y + 5.0 * side * size),
                    at(c.x + size, c.y - 5.0 * side * size),
                    at(c.x + 8.0 * size, c.y - 5.0 * side * size),
                );
            scene.line(track.points(), ink, 1.0);
            let tip = at(c.x + 8.4 * size, c.y - 5.0 * side * size);
            let wing = |up: f32| at(tip.x - 3.0 * size, tip.y + 2.8 * up * size);
            scene.line(&[wing(-1.0), tip, wing(1.0)], ink, 1.0);
        }
    }
}

pub(super) fn trays(scene: &mut Scene, view: &View<'_>, scratch: &Scratch) {
    for (queue, tray) in view.layout.trays.iter().enumerate() {
        work_tray(scene, view, scratch, queue, tray);
        hand(scene, view, scratch, queue);
    }
    for (rung, tray) in view.layout.rungs.iter().enumerate() {
        waiting_tray(scene, view, scratch, rung, tray);
    }
    for (dead, tray) in view.layout.dead.iter().enumerate() {
        dead_tray(scene, view, scratch, dead, tray);
    }
}

fn queue_of<'a>(view: &View<'a>, tray: &Tray) -> Option<&'a Queue> {
    view.world.rabbitmq().queue(tray.queues.first()?)
}

/// An open box with rounded corners below and a lip on each side.
fn body(scene: &mut Scene, view: &View<'_>, tray: &Tray, fill: Tone, edge: Tone) {
    let r = tray.rect;
    let lip = 4.0;
    let radius = if r.h > 50.0 { 9.0 } else { 7.0 };
    let corners = [
        at(r.x - lip, r.y),
        at(r.x, r.y),
        at(r.x, r.bottom()),
        at(r.right(), r.bottom()),
        at(r.right(), r.y),
        at(r.right() + lip, r.y),
    ];
    let track = super::Track::route(&corners, radius);
    let stroke = Stroke::solid(edge, 1.5);
    scene.area(track.points(), fill, None, 1.0);
    scene.line(track.points(), stroke, 1.0);
    let selected = match &view.options.selection {
        Some(Selection::Queue(name)) => tray.queues.contains(name),
        _ => false,
    };
    if selected {
        let stroke = Some(Stroke::solid(Tone::Text, 1.5));
        let rect = r.grown(5.0);
        scene.push(Shape::Box { rect, radius: 11.0, fill: None, stroke, alpha: 1.0 });
    }
}

fn spacing(tray: &Tray) -> f32 {
    ((tray.rect.w - 32.0) / (SINGLES - 1) as f32).min(18.0)
}

/// Where the message with an index from the head lies.
fn single(tray: &Tray, index: f32) -> Point {
    at(tray.rect.right() - 17.0 - index * spacing(tray), tray.rect.bottom() - 15.0)
}

/// Where messages leave a tray.
pub(super) fn head(view: &View<'_>, queue: usize) -> Point {
    single(&view.layout.trays[queue], 0.0)
}

/// Where the next message will lie.
pub(super) fn tail(view: &View<'_>, queue: usize) -> Point {
    let tray = &view.layout.trays[queue];
    let ready = queue_of(view, tray).map_or(0, Queue::ready_count);
    if ready > SINGLES {
        // At its edge: behind it are the words about the pile.
        return at(tray.rect.x - 1.0, tray.rect.center().y);
    }
    single(tray, ready.saturating_sub(1) as f32)
}

/// Why nothing gets into a queue, in a word.
pub fn why_closed(queue: &Queue) -> Option<&'static str> {
    match queue.kind() {
        QueueType::Quorum if !queue.is_available() => Some("no quorum"),
        QueueType::Classic if !queue.is_available() => Some("node down"),
        _ => queue.is_full().then_some("full"),
    }
}

fn work_tray(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, index: usize, tray: &Tray) {
    let Some(queue) = queue_of(view, tray) else {
        return;
    };
    let ready = queue.ready_count();
    let closed = why_closed(queue).is_some();
    let edge = match ready > SINGLES {
        _ if closed => Tone::Fail,
        true => Tone::Queue,
        false => Tone::QueueLine,
    };
    body(scene, view, tray, Tone::Tray, edge);
    if closed {
        // The lip is closed.
        let (left, right, y) = (tray.rect.x - 4.0, tray.rect.right() + 4.0, tray.rect.y);
        scene.line(&[at(left, y), at(right, y)], Stroke::solid(Tone::Fail, 2.5), 1.0);
    }
    if ready > SINGLES {
        pile(scene, view, tray, queue);
        return;
    }
    let closing = scratch.closing[index];
    let mut place = 0.0;
    for message in queue.ready() {
        let token = Token::queued(message, false);
        if scratch.busy(view, token.order, Place::Work(index)) {
            continue;
        }
        let spot = single(tray, place + closing);
        view.pen.token(scene, token, spot, 6.0, 1.0);
        arrival_glow(scene, view, message, spot);
        place += 1.0;
    }
}

/// Without motion, what has just come glows where it lies.
fn arrival_glow(scene: &mut Scene, view: &View<'_>, message: &QueuedMessage, spot: Point) {
    let age = view.clock.age(message.enqueued_at);
    if view.clock.reduced && age < FLASH {
        scene.ring(spot, 9.0, Stroke::solid(Tone::QueueText, 2.0), 1.0 - age / FLASH);
    }
}

/// How many messages one dot of a pile stands for: the smallest scale that fits.
pub fn pile_scale(ready: u64, tray: &Rect) -> u64 {
    let (columns, rows) = pile_room(tray);
    let room = u64::from(columns * rows);
    let mut scale = 10;
    while ready.saturating_sub(HEAD as u64).div_ceil(scale) > room {
        scale *= if scale.to_string().starts_with('1') { 5 } else { 2 };
    }
    scale
}

fn pile_room(tray: &Rect) -> (u32, u32) {
    let figure = if tray.w > 200.0 { FIGURE } else { 14.0 };
    let columns = ((tray.w - figure - 34.0) / PILE_STEP).max(1.0) as u32;
    let rows = ((tray.h - if tray.w > 200.0 { 30.0 } else { 24.0 }) / PILE_STEP).max(1.0) as u32;
    (columns, rows)
}

fn pile(scene: &mut Scene, view: &View<'_>, tray: &Tray, queue: &Queue) {
    let ready = queue.ready_count();
    let r = tray.rect;
    let (_, rows) = pile_room(&r);
    let scale = pile_scale(ready, &r);
    let rest = ready.saturating_sub(HEAD as u64);
    scene.push(Shape::Pile {
        right: r.right() - 34.0,
        bottom: r.bottom() - 9.0,
        rows,
        count: rest.div_ceil(scale) as u32,
        step: PILE_STEP,
        radius: 2.1,
    });
    let rows_of_head = ((r.h - 16.0) / 15.5).min(HEAD as f32) as usize;
    let line = [at(r.right() - 29.0, r.bottom() - 4.0), at(r.right() - 29.0, r.y + 26.0)];
    scene.line(&line, Stroke::dashed(Tone::QueueLine, 1.0, Dash::Short), 1.0);
    for (index, message) in queue.ready().take(rows_of_head).enumerate() {
        let spot = at(r.right() - 15.0, r.bottom() - 12.0 - 15.5 * index as f32);
        view.pen.token(scene, Token::queued(message, false), spot, 6.0, 1.0);
    }
}

/// Slots beside each other when there are many.
fn slot_place(view: &View<'_>, queue: usize, slot: u64, capacity: u64) -> Point {
    let hand = view.layout.hands[queue];
    let shown = capacity.clamp(1, SLOTS);
    let columns = if shown > 5 { 2 } else { 1 };
    let rows = shown.div_ceil(columns);
    let step = slot_step(rows, hand.room);
    let (row, column) = (slot % rows, slot / rows);
    let y = hand.center.y + (row as f32 - (rows - 1) as f32 / 2.0) * step;
    let x = hand.center.x + (column as f32 - (columns - 1) as f32 / 2.0) * 13.0;
    at(x, y)
}

fn slot_step(rows: u64, room: f32) -> f32 {
    (room / rows as f32).min(16.0)
}

/// The slot of a delivery: each instance has as many as its prefetch, and its tags take turns.
fn slot_number(view: &View<'_>, queue: usize, channel: ChannelId, tag: u64) -> Option<u64> {
    let tray = &view.layout.trays[queue];
    let consumers = queue_of(view, tray)?.consumers();
    let seat = consumers.map(|(consumer, _)| consumer).position(|it| it == channel)? as u64;
    let prefetch = prefetch(view, queue).max(1);
    Some(seat + (tag % prefetch) * instances(view, queue))
}

fn prefetch(view: &View<'_>, queue: usize) -> u64 {
    let workers = &view.layout.topology.work[queue].workers;
    let services = workers.iter().filter_map(|it| view.world.services().get(*it));
    services.map(|service| u64::from(service.prefetch)).max().unwrap_or(1)
}

fn instances(view: &View<'_>, queue: usize) -> u64 {
    let workers = &view.layout.topology.work[queue].workers;
    let services = workers.iter().filter_map(|it| view.world.services().get(*it));
    services.map(|service| service.instances.len() as u64).sum::<u64>().max(1)
}

fn capacity(view: &View<'_>, queue: usize) -> u64 {
    prefetch(view, queue).max(1).saturating_mul(instances(view, queue))
}

/// The place of a delivery's slot, or the middle of the hand when it has none of its own.
pub(super) fn slot_or_hand(view: &View<'_>, queue: usize, slot: Option<(ChannelId, u64)>) -> Point {
    let capacity = capacity(view, queue);
    slot.and_then(|(channel, tag)| slot_number(view, queue, channel, tag))
        .filter(|slot| *slot < capacity.min(SLOTS))
        .map_or(view.layout.hands[queue].center, |slot| slot_place(view, queue, slot, capacity))
}

/// The token of a delivery that is still unacknowledged.
pub(super) fn token_in_hand(
    view: &View<'_>,
    queue: usize,
    (channel, tag): (ChannelId, u64),
) -> Option<Token> {
    let queue = queue_of(view, &view.layout.trays[queue])?;
    let mut unacked = queue.unacked();
    unacked
        .find(|(holder, number, _)| *holder == channel && *number == tag)
        .map(|(_, _, message)| Token::queued(message, false))
}

fn hand(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, index: usize) {
    let place = view.layout.hands[index];
    let Some(queue) = queue_of(view, &view.layout.trays[index]) else {
        return;
    };
    let workers = &view.layout.topology.work[index].workers;
    if workers.is_empty() || place.room <= 0.0 {
        return;
    }
    let capacity = capacity(view, index);
    let shown = capacity.clamp(1, SLOTS);
    let columns = if shown > 5 { 2.0 } else { 1.0 };
    let rows = shown.div_ceil(columns as u64);
    let step = slot_step(rows, place.room);
    let (width, height) = (18.0 + (columns - 1.0) * 13.0, (rows - 1) as f32 * step + 20.0);
    let rect =
        Rect::new(place.center.x - width / 2.0, place.center.y - height / 2.0, width, height);
    let down = workers.iter().all(|service| wires::is_down(view, *service));
    let rim = if down {
        Stroke::dashed(Tone::FailLine, 1.0, Dash::Rim)
    } else {
        Stroke::solid(Tone::QueueLine, 1.0)
    };
    let (fill, stroke) = (Some(Tone::Stage), Some(rim));
    scene.push(Shape::Box { rect, radius: 9.0, fill, stroke, alpha: 1.0 });
    let radius = (step / 2.0 - 1.2).min(5.0);
    for slot in 0..shown {
        let center = slot_place(view, index, slot, capacity);
        scene.ring(center, radius, Stroke::solid(Tone::Line2, 1.2), 1.0);
    }
    let mut spare = 0;
    for (channel, tag, message) in queue.unacked() {
        let token = Token::queued(message, false);
        if scratch.busy(view, token.order, Place::Work(index)) {
            continue;
        }
        let slot = slot_number(view, index, channel, tag).unwrap_or(spare);
        spare += 1;
        if slot < shown {
            let spot = slot_place(view, index, slot, capacity);
            view.pen.token(scene, token, spot, radius + 0.4, 1.0);
        }
    }
}

/// A waiting tray: the ring of each message runs down in virtual time.
fn waiting_tray(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, rung: usize, tray: &Tray) {
    body(scene, view, tray, Tone::Tray, Tone::QueueLine);
    let ttl = view.layout.topology.rungs[rung].ttl_ms as f32 * 1_000.0;
    let room = ((tray.rect.w - 10.0) / 17.0).max(1.0) as usize;
    let mut shown = 0;
    for name in &tray.queues {
        let Some(queue) = view.world.rabbitmq().queue(name) else {
            continue;
        };
        for message in queue.ready() {
            let token = Token::queued(message, false);
            if shown == room {
                return;
            }
            if scratch.busy(view, token.order, Place::Rung(rung)) {
                continue;
            }
            let spot =
                at(tray.rect.right() - 14.0 - 17.0 * shown as f32, tray.rect.bottom() - 13.0);
            let left = message.expires_at.map_or(0.0, |expiry| {
                expiry.since(view.world.now()).as_micros() as f32 / ttl.max(1.0)
            });
            scene.ring(spot, 7.6, Stroke::solid(Tone::Line2, 1.8), 1.0);
            let stroke = Stroke::solid(Tone::Queue, 1.8);
            scene.push(Shape::Arc {
                center: spot,
                radius: 7.6,
                turn: left.clamp(0.0, 1.0),
                stroke,
            });
            view.pen.token(scene, token, spot, 4.2, 1.0);
            shown += 1;
        }
    }
}

fn dead_tray(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, dead: usize, tray: &Tray) {
    let Some(queue) = queue_of(view, tray) else {
        return;
    };
    let some = queue.ready_count() > 0;
    let (fill, edge) =
        if some { (Tone::FailZone, Tone::Fail) } else { (Tone::QueueZone, Tone::FailLine) };
    body(scene, view, tray, fill, edge);
    let fallen = scratch.fallen[dead];
    if (0.0..FLASH).contains(&fallen) {
        let (rect, stroke) = (tray.rect.grown(3.0), Some(Stroke::solid(Tone::Fail, 3.0)));
        let alpha = 0.8 * (1.0 - fallen / FLASH);
        scene.push(Shape::Box { rect, radius: 11.0, fill: None, stroke, alpha });
    }
    let step = ((tray.rect.w - 26.0) / (SINGLES - 1) as f32).min(12.0);
    let mut place = 0.0;
    // The newest stay in sight when there are more than fit.
    for message in queue.ready().rev().take(SINGLES as usize) {
        let token = Token::queued(message, true);
        if scratch.busy(view, token.order, Place::Dead(dead)) {
            continue;
        }
        let spot = at(tray.rect.right() - 13.0 - place * step, tray.rect.bottom() - 9.0);
        view.pen.token(scene, token, spot, 4.8, 1.0);
        arrival_glow(scene, view, message, spot);
        place += 1.0;
    }
}

/// Whether something came to a queue within the last hop.
pub(super) fn arrives(view: &View<'_>, queue: usize) -> bool {
    let Some(queue) = queue_of(view, &view.layout.trays[queue]) else {
        return false;
    };
    let newest = queue.ready().next_back().map(|message| message.enqueued_at);
    let held = queue.unacked().map(|(_, _, message)| message.enqueued_at).max();
    newest.max(held).is_some_and(|then| view.clock.is_recent(then))
}

/// Whether nothing waits in a queue.
pub(super) fn is_empty(view: &View<'_>, queue: usize) -> bool {
    queue_of(view, &view.layout.trays[queue]).is_some_and(|queue| queue.ready_count() == 0)
}

/// Whether a queue has messages in hand that its workers are busy with.
pub(super) fn leaves(view: &View<'_>, queue: usize) -> bool {
    queue_of(view, &view.layout.trays[queue]).is_some_and(|queue| queue.unacked_count() > 0)
}
