//! Bookmarks in a hand: what of a group's line and flag can be taken, where a hand puts it, and
//! the ghost that shows it there.

use std::rc::Rc;

use super::super::View;
use super::super::geometry::{Point, Rect, at};
use super::super::layout::{Layout, Tape, TapeStyle};
use super::super::shape::{Align, Dash, Face, Scene, Stroke, Tone};
use super::{flags, log, records_per_cell, right_edge};
use crate::simulation::{OffsetPosition, World};
use crate::ui::format;
use crate::ui::model::Held;

/// A hand need not meet a line exactly.
const REACH: f32 = 8.0;
/// So far left of a tape is its earliest record, however old.
const BEYOND: f32 = 6.0;

/// A part of the picture by which a group's bookmark can be taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grip {
    pub rect: Rect,
    pub group: usize,
    /// The row of a line; a flag over several rows has none.
    pub partition: Option<u32>,
}

/// The line of a group in one row.
pub(super) fn line(scene: &mut Scene, tape: &Tape, group: usize, partition: u32, x: f32) {
    let half = half(tape);
    let rect = Rect::new(x - REACH, tape.row(partition) - half, 2.0 * REACH, 2.0 * half);
    scene.grip(Grip { rect, group, partition: Some(partition) });
}

fn half(tape: &Tape) -> f32 {
    match tape.style {
        TapeStyle::Close => tape.cell_height / 2.0 + 3.0,
        TapeStyle::Compact | TapeStyle::Fine => tape.pitch / 2.0,
    }
}

/// The bookmark of a grip where a hand has brought it.
pub fn held(world: &World, layout: &Layout, speed: f64, grip: Grip, place: Point) -> Option<Held> {
    let tape = layout.tapes.iter().find(|tape| tape.groups.contains(&grip.group))?;
    let row = grip.partition.unwrap_or(0);
    let log = world.kafka().topic(&tape.name)?.partitions().get(row as usize)?;
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    let cells = ((right_edge(tape) - place.x) / tape.step).round().max(0.0) as u64;
    let back = cells * records_per_cell(world, tape, speed);
    let mut offset = end.saturating_sub(back).max(start);
    if place.x < tape.rect.x - BEYOND {
        offset = start;
    }
    let group = layout.topology.groups[grip.group].id.clone();
    let (to, label) = match grip.partition {
        Some(row) => {
            let label = format!("{group} p{row} to offset {offset}");
            (OffsetPosition::Offset(offset), label)
        }
        // All rows go to where they were when the record of the first one was written, as
        // `--to-datetime` does it: the same offset means nothing in another partition.
        None => match log.record(offset) {
            _ if offset == start => (OffsetPosition::Earliest, format!("{group} to earliest")),
            None => (OffsetPosition::Latest, format!("{group} to latest")),
            Some(record) => {
                let ms = record.timestamp_ms.max(0) as u64;
                let then = crate::engine::Instant::from_millis(ms);
                let label = format!("{group} to {}, p0 @ {offset}", format::clock_tenths(then));
                (OffsetPosition::AtMs(ms), label)
            }
        },
    };
    Some(Held {
        group,
        topic: tape.name.clone(),
        partition: grip.partition,
        to,
        label: Rc::from(label),
        place: (place.x, tape.row(row) + half(tape)),
        refused: None,
    })
}

/// Where the group would go on reading, with what the hand does in words.
pub(super) fn ghost(scene: &mut Scene, view: &View<'_>, tape: &Tape) {
    let held = view.options.held.as_ref().filter(|held| held.topic == tape.name);
    let Some(held) = held else {
        return;
    };
    let scale = records_per_cell(view.world, tape, view.options.speed);
    let mut flag = None;
    for (place, _, offset) in view.world.reset_targets(&held.group, held.partition, held.to) {
        let Some(log) = log(view, tape, place.partition).filter(|_| place.topic == tape.name)
        else {
            continue;
        };
        let back = log.log_end_offset().saturating_sub(offset) as f32 / scale as f32;
        let x = (right_edge(tape) - back * tape.step).max(tape.rect.x + 1.5);
        let (y, half) = (tape.row(place.partition), half(tape));
        let ends = [at(x, y - half), at(x, y + half)];
        scene.line(&ends, Stroke::solid(Tone::Tape, 4.0), 1.0);
        scene.line(&ends, Stroke::dashed(Tone::Text, 2.0, Dash::Short), 1.0);
        flag = flag.or(Some(at(x, y - half)));
    }
    let Some(pole) = flag else {
        return;
    };
    let width = flags::width_of(held.label.chars().count());
    let left = (pole.x + 1.0 - width).clamp(2.0, (view.layout.width - width - 2.0).max(2.0));
    let top = pole.y - 19.0;
    flags::shape(scene, (left, left + width), top, false, Tone::Text, 1.0);
    let words = at(left + 9.5, top + 11.8);
    scene.write(words, format_args!("{}", held.label), Face::Flag, Tone::Invert, Align::Start);
}
