//! A topic from close by: every record has a cell with its key and its offset.

use super::super::View;
use super::super::geometry::{Point, Rect, at};
use super::super::layout::{CLOSE_LAG, Tape};
use super::super::shape::{Align, Dash, Face, Scene, Shape, Stroke, Tone};
use super::super::token::Token;
use super::super::trips::Scratch;
use super::{bookmark_x, bookmarks, cell_center, committed, flags, log, right_edge};
use crate::engine::Instant;
use crate::ui::model::Selection;

const TOOTH: f32 = 9.4;

pub(super) fn tape(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, tape: &Tape) {
    for partition in 0..tape.partitions {
        strip(scene, tape, partition);
        cells(scene, view, tape, partition);
        super::glow(scene, view, tape, partition, 1);
        let (y, half) = (tape.row(partition), tape.cell_height / 2.0);
        for (line, group) in tape.groups.iter().copied().enumerate() {
            front(scene, view, scratch, tape, (partition, line, group));
        }
        flags::flags(scene, view, scratch, tape, (Some(partition), y - half - 19.0));
        let pen = [at(tape.pen_x, y - half - 3.0), at(tape.pen_x, y + half + 3.0)];
        scene.line(&pen, Stroke::solid(Tone::Log, 1.8), 1.0);
    }
}

/// The tape itself: torn on the left, where older records follow, with its row of holes.
fn strip(scene: &mut Scene, tape: &Tape, partition: u32) {
    let half = tape.cell_height / 2.0;
    let (top, bottom) = (tape.row(partition) - half, tape.row(partition) + half);
    let (left, right) = (tape.rect.x + 6.0, tape.pen_x);
    let teeth = ((bottom - top) / TOOTH) as u32;
    let edge = (1..=teeth).map(|tooth| {
        at(left - if tooth % 2 == 1 { 5.0 } else { 0.0 }, bottom - tooth as f32 * TOOTH)
    });
    let corners = [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
    let rim = Stroke::solid(Tone::LogLine, 1.0);
    let outline: Vec<Point> = corners.into_iter().chain(edge).collect();
    scene.area(&outline, Tone::Tape, Some(rim), 1.0);
    let mut x = right - tape.step / 4.0;
    while x > left + 4.0 {
        scene.disc(at(x, top + 4.5), 1.5, Tone::LogZone, 1.0);
        scene.disc(at(x, bottom - 4.5), 1.5, Tone::LogZone, 1.0);
        x -= tape.step / 2.0;
    }
}

fn cells(scene: &mut Scene, view: &View<'_>, tape: &Tape, partition: u32) {
    let Some(log) = log(view, tape, partition) else {
        return;
    };
    let end = log.log_end_offset();
    let flying = if view.clock.reduced {
        0
    } else {
        super::records::flying(view, tape, partition).unwrap_or(0) as u64
    };
    let first = log.log_start_offset().max(end.saturating_sub(u64::from(tape.room())));
    for offset in first..end {
        let center = cell_center(view, tape, partition, offset);
        let rect = Rect::new(center.x - tape.cell / 2.0, center.y - 24.0, tape.cell, 48.0);
        if rect.x < tape.rect.x + 4.0 {
            continue;
        }
        let landed = offset < end - flying;
        let token = log.record(offset).map(|record| Token::keyed(record.key.as_deref()));
        let token = token.filter(|_| landed);
        cell(scene, view, rect, token, (log.appended_at(offset), offset < log.high_watermark()));
        // One that is still coming in lies where the one before it is just leaving.
        if landed {
            let base = at(center.x, tape.row(partition) + tape.cell_height / 2.0 + 14.0);
            scene.write(base, format_args!("{offset}"), Face::Data, Tone::Text3, Align::Middle);
        }
    }
    let next = at(tape.pen_x + 4.0, tape.row(partition) + tape.cell_height / 2.0 + 14.0);
    scene.write(next, format_args!("{end}"), Face::Data, Tone::LogText, Align::Start);
    let readable = log.high_watermark();
    if readable < end {
        let words = at(next.x, next.y - tape.cell_height);
        scene.write(words, format_args!("HW {readable}"), Face::Data, Tone::LogText, Align::Start);
    }
}

/// A record: its key and when it was appended. One on its way leaves its cell empty; one above
/// the high watermark has a hollow cell.
fn cell(
    scene: &mut Scene,
    view: &View<'_>,
    rect: Rect,
    token: Option<Token>,
    (then, readable): (Option<Instant>, bool),
) {
    let hollow = Some(Stroke::dashed(Tone::CellNew, 1.0, Dash::Short));
    let Some(token) = token else {
        scene.push(Shape::Box { rect, radius: 4.0, fill: None, stroke: hollow, alpha: 1.0 });
        return;
    };
    let chosen = [view.pen.followed, view.pen.selected].contains(&Some(token.order))
        || view.options.selection == Some(Selection::Order(token.order));
    let (tone, width) = if chosen { (Tone::Text, 1.8) } else { (Tone::LogLine, 1.0) };
    let (fill, stroke) = match readable {
        true => (Some(Tone::Card), Some(Stroke::solid(tone, width))),
        false => (None, hollow),
    };
    scene.push(Shape::Box { rect, radius: 4.0, fill, stroke, alpha: 1.0 });
    let middle: Point = rect.center();
    view.pen.token(scene, token, at(middle.x, middle.y - 14.0), 6.0, 1.0);
    let base = at(middle.x, middle.y + 6.0);
    let tone = if chosen { Tone::Text } else { Tone::Text2 };
    scene.write(base, format_args!("#{}", token.order), Face::Data, tone, Align::Middle);
    let tenths = then.map_or(0, Instant::as_millis) / 100;
    let (minutes, seconds) = (tenths / 600, tenths / 10 % 60);
    let words = format_args!("{minutes}:{seconds:02}.{}", tenths % 10);
    scene.write(at(base.x, base.y + 13.0), words, Face::Note, Tone::Text3, Align::Middle);
}

/// A group's line and its lag below.
fn front(
    scene: &mut Scene,
    view: &View<'_>,
    scratch: &Scratch,
    tape: &Tape,
    (partition, line, group): (u32, usize, usize),
) {
    let (y, half) = (tape.row(partition), tape.cell_height / 2.0);
    let x = bookmark_x(view, scratch, group, tape, partition);
    let alpha = if flags::is_assigning(view, group) { 0.4 } else { 1.0 };
    let tone = flags::tone_of(group);
    let stroke = Stroke::dashed(tone, 1.6, flags::dash_of(group));
    let ends = [at(x, y - half - 3.0), at(x, y + half + 2.0)];
    scene.line(&ends, Stroke::solid(Tone::Tape, 4.0), alpha);
    scene.line(&ends, stroke, alpha);
    bookmarks::line(scene, tape, group, partition, x);
    let Some(log) = log(view, tape, partition) else {
        return;
    };
    let lag = log.log_end_offset().saturating_sub(committed(view, group, tape, partition));
    let level = y + half + 26.0 + CLOSE_LAG * line as f32;
    if lag > 0 {
        let right = right_edge(tape);
        let bracket = [at(x, level - 5.0), at(x, level), at(right, level), at(right, level - 5.0)];
        scene.line(&bracket, stroke, alpha);
    }
    let base = at(tape.pen_x + 4.0, level + 1.0);
    scene.write(base, format_args!("lag {lag}"), Face::Flag, tone, Align::Start);
}
