//! Records on their way: along the fan to their cell, and as copies from the bookmark to a reader.

use crate::engine::Instant;
use crate::engine::kafka::partition_for_key;

use super::View;
use super::geometry::{Point, Track, at};
use super::layout::{Route, Tape, TapeStyle};
use super::motion::{HOP, out};
use super::shape::Scene;
use super::tapes;
use super::token::{Token, with_key};
use super::trips::{Scratch, Taken};

/// How wide the names of rows and their end offsets are.
const NAME: f32 = 29.0;
const OFFSET: f32 = 30.0;

pub(super) fn flights(scene: &mut Scene, view: &View<'_>, scratch: &Scratch) {
    if view.clock.reduced {
        return;
    }
    for (index, tape) in view.layout.tapes.iter().enumerate() {
        appended(scene, view, index, tape);
    }
    if !scratch.crowds.reads {
        for taken in &scratch.taken {
            fetched(scene, view, scratch, taken);
        }
    }
}

/// How many of the newest records of a partition are still on their way; `None` is a crowd.
pub(super) fn flying(view: &View<'_>, tape: &Tape, partition: u32) -> Option<usize> {
    let mut count = 0;
    for (index, then) in recent(view, tape, partition).enumerate() {
        if index == view.options.crowd {
            return None;
        }
        count += usize::from(view.clock.age(then) < HOP);
    }
    Some(count)
}

/// When the records of the last moments were appended, the newest first.
pub(super) fn recent<'a>(
    view: &View<'a>,
    tape: &Tape,
    partition: u32,
) -> impl Iterator<Item = Instant> + use<'a> {
    let topic = view.world.kafka().topic(&tape.name);
    let log = topic.and_then(|topic| topic.partitions().get(partition as usize));
    let clock = view.clock;
    let offsets = log.into_iter().flat_map(|log| {
        (0..log.log_end_offset()).rev().map_while(|offset| log.appended_at(offset))
    });
    offsets.take_while(move |then| clock.is_recent(*then))
}

fn appended(scene: &mut Scene, view: &View<'_>, topic: usize, tape: &Tape) {
    let Some(log) = view.world.kafka().topic(&tape.name) else {
        return;
    };
    let Some(service) = view.layout.topology.topics[topic].producers.first().copied() else {
        return;
    };
    for (partition, log) in (0..tape.partitions).zip(log.partitions()) {
        let Some(count) = flying(view, tape, partition).filter(|count| *count > 0) else {
            continue;
        };
        let Some(track) = view.layout.track(Route::Fan { service, topic, partition }) else {
            continue;
        };
        let end = log.log_end_offset();
        for offset in end - count as u64..end {
            let (Some(record), Some(then)) = (log.record(offset), log.appended_at(offset)) else {
                continue;
            };
            let t = view.clock.along(view.clock.age(then) / HOP);
            let target = tapes::cell_center(view, tape, partition, offset);
            let place = over_groove(track, tape, target, t);
            let token = Token::keyed(record.key.as_deref());
            view.pen.token(scene, token, place, 4.5, beside_words(tape, place));
        }
    }
}

/// Along the wire to the row's left end and then over the groove to the cell.
fn over_groove(track: &Track, tape: &Tape, target: Point, t: f32) -> Point {
    let row_start = at(tape.rect.x.max(track.end().x), target.y);
    let gap = track.end().distance(row_start);
    let groove = row_start.distance(target);
    let way = (track.length() + gap + groove) * t;
    if way <= track.length() {
        track.after(way)
    } else if way <= track.length() + gap {
        track.end().toward(row_start, (way - track.length()) / gap.max(0.1))
    } else {
        row_start.toward(target, (way - track.length() - gap) / groove.max(0.1))
    }
}

/// A copy lifts at the bookmark and flies to the reader; the cell stays.
fn fetched(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, taken: &Taken) {
    let topology = &view.layout.topology;
    let Some(group) = topology.group_of(taken.service) else {
        return;
    };
    let topic = topology.groups[group].topic;
    let tape = &view.layout.tapes[topic];
    let partition = with_key(taken.order, |key| partition_for_key(key, tape.partitions));
    let Some(log) = view.world.kafka().topic(&tape.name) else {
        return;
    };
    let Some(log) = log.partitions().get(partition as usize) else {
        return;
    };
    // A copy does not leave before the record itself has landed.
    let committed = tapes::committed(view, group, tape, partition);
    let near = committed.saturating_sub(3)..(committed + 4).min(log.log_end_offset());
    let is_it = |offset: &u64| {
        let key = log.record(*offset).and_then(|record| record.key.clone());
        with_key(taken.order, |wanted| key.as_deref() == Some(wanted))
    };
    let offset = near.into_iter().find(is_it);
    let landed = offset
        .and_then(|offset| log.appended_at(offset))
        .map_or(f32::MAX, |then| view.clock.age(then) - HOP);
    let begun = taken.age.min(landed);
    if !(0.0..HOP).contains(&begun) {
        return;
    }
    let start = match (offset, tape.style) {
        (Some(offset), TapeStyle::Close) => tapes::cell_center(view, tape, partition, offset),
        _ => at(tapes::bookmark_x(view, scratch, group, tape, partition), tape.row(partition)),
    };
    let route = Route::Read { service: taken.service, topic };
    let Some(track) = view.layout.track(route) else {
        return;
    };
    let place =
        to_reader(tape, track, start, out(begun / HOP) * 0.5 + view.clock.along(begun / HOP) * 0.5);
    view.pen.token(scene, Token::fresh(taken.order), place, 4.5, beside_words(tape, place));
}

/// A token is faint while it passes the name of a row or its end offset: the words stay readable.
fn beside_words(tape: &Tape, place: Point) -> f32 {
    let row = tape.rect.y..tape.rect.bottom();
    let name = tape.label_x.is_some_and(|x| (x - NAME..x + 2.0).contains(&place.x));
    let offset = tape.offset_x.is_some_and(|x| (x - OFFSET..x + 2.0).contains(&place.x));
    if row.contains(&place.y) && (name || offset) { 0.25 } else { 1.0 }
}

/// From a cell to the wire of its reader and along it.
fn to_reader(tape: &Tape, track: &Track, start: Point, t: f32) -> Point {
    let first = track.start();
    if first.x > tape.rect.right() {
        let join = at(first.x, start.y.clamp(tape.rect.y, tape.rect.bottom()));
        return three(start, join, first, track, 0.0, t);
    }
    // The wire leaves below the tape: straight down to it, then along.
    let turn = track.points().get(1).copied().unwrap_or(first);
    let down = track.points().iter().find(|point| point.y > first.y + 2.0).copied().unwrap_or(turn);
    let level =
        track.points().iter().map(|point| point.y).fold(down.y, f32::max).min(down.y + 12.0);
    let x = start.x.min(first.x);
    let skip = if track.length() > first.x - x + (level - first.y) {
        (level - first.y) + (first.x - x)
    } else {
        0.0
    };
    three(start, at(x, level), track.after(skip), track, skip, t)
}

/// Two straight stretches, then the rest of a track from a way on.
fn three(start: Point, join: Point, on: Point, track: &Track, skip: f32, t: f32) -> Point {
    let (one, two) = (start.distance(join), join.distance(on));
    let rest = (track.length() - skip).max(0.0);
    let way = (one + two + rest) * t;
    if way <= one {
        start.toward(join, way / one.max(0.1))
    } else if way <= one + two {
        join.toward(on, (way - one) / two.max(0.1))
    } else {
        track.after(skip + way - one - two)
    }
}
