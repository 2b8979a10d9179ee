//! Topics as tapes: cells by who has read them, the pen, and each group's line and flag.

mod bookmarks;
mod close;
mod flags;
mod groups;
mod replicas;

use crate::engine::kafka::{Partition, TopicPartition};

pub use bookmarks::{Grip, held};
pub use groups::owner;

use super::View;
use super::geometry::{Point, Rect, at};
use super::layout::{Tape, TapeStyle};
use super::motion::{FLASH, SETTLE, SLIDE, in_out, settle};
use super::records;
use super::shape::{Dash, Scene, Shape, Stroke, Tone};
use super::trips::Scratch;
use crate::simulation::World;
use crate::ui::model::Selection;

/// One cell stands for one record up to so many records a second on a tape.
const EACH: f64 = 20.0;
/// Records that are looked at for the advance of a tape.
const YOUNG: u64 = 8;
/// From the pen to the right edge of the newest cell.
const PEN_GAP: f32 = 1.6;

/// How many records one cell of a tape stands for: 1, 10, 100, … It follows the rate that was
/// asked for, not the one of the moment, so that the drawing does not flicker.
pub fn records_per_cell(world: &World, tape: &Tape, speed: f64) -> u64 {
    if tape.style == TapeStyle::Close {
        return 1;
    }
    let per_second = f64::from(world.arrivals_per_minute()) / 60.0 * speed;
    let mut scale = 1;
    while per_second / f64::from(tape.partitions) / scale as f64 > EACH {
        scale *= 10;
    }
    scale
}

pub(super) fn tapes(scene: &mut Scene, view: &View<'_>, scratch: &Scratch) {
    for tape in &view.layout.tapes {
        if view.world.kafka().topic(&tape.name).is_none() {
            continue;
        }
        if tape.style == TapeStyle::Close {
            close::tape(scene, view, scratch, tape);
        } else {
            compact(scene, view, scratch, tape);
        }
        for partition in 0..tape.partitions {
            replicas::replicas(scene, view, scratch, tape, partition);
        }
        groups::sharing(scene, view, tape);
        bookmarks::ghost(scene, view, tape);
    }
}

fn compact(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, tape: &Tape) {
    scene.fill_box(tape.rect, 4.0, Tone::Tape);
    let scale = records_per_cell(view.world, tape, view.options.speed);
    for partition in 0..tape.partitions {
        row(scene, view, tape, partition, scale);
    }
    flags::fronts(scene, view, scratch, tape);
    let pen = [at(tape.pen_x, tape.rect.y - 1.0), at(tape.pen_x, tape.rect.bottom() + 1.0)];
    scene.line(&pen, Stroke::solid(Tone::Log, 1.5), 1.0);
    selected(scene, view, tape);
}

fn selected(scene: &mut Scene, view: &View<'_>, tape: &Tape) {
    let Some(Selection::Partition(topic, partition)) = &view.options.selection else {
        return;
    };
    if *topic != tape.name || *partition >= tape.partitions {
        return;
    }
    let y = tape.row(*partition) - tape.pitch / 2.0;
    let rect = Rect::new(tape.rect.x - 1.0, y, tape.rect.w + 2.0, tape.pitch).grown(1.0);
    let stroke = Some(Stroke::solid(Tone::Text, 1.5));
    scene.push(Shape::Box { rect, radius: 4.0, fill: None, stroke, alpha: 1.0 });
}

pub(super) fn log<'a>(view: &View<'a>, tape: &Tape, partition: u32) -> Option<&'a Partition> {
    view.world.kafka().topic(&tape.name)?.partitions().get(partition as usize)
}

/// Where a group goes on after a restart; the start of the log before its first commit.
pub(super) fn committed(view: &View<'_>, group: usize, tape: &Tape, partition: u32) -> u64 {
    let start = log(view, tape, partition).map_or(0, Partition::log_start_offset);
    let at = TopicPartition { topic: tape.name.clone(), partition };
    let group = view.world.kafka().group(&view.layout.topology.groups[group].id);
    group.and_then(|group| group.committed(&at)).unwrap_or(start).max(start)
}

/// The right edge of the newest cell.
pub(super) fn right_edge(tape: &Tape) -> f32 {
    tape.pen_x - PEN_GAP
}

/// How far what is left of an offset has still to move to the left: the newer records that are
/// just clicking in each push it by one cell.
fn shift(view: &View<'_>, tape: &Tape, log: &Partition, offset: u64) -> f32 {
    if view.clock.reduced {
        return 0.0;
    }
    let end = log.log_end_offset();
    let first = offset.max(end.saturating_sub(YOUNG));
    let cells: f32 = (first..end)
        .filter_map(|newer| log.appended_at(newer))
        .map(|then| view.clock.age(then))
        .filter(|age| *age < SETTLE)
        .map(|age| 1.0 - settle(age / SETTLE))
        .sum();
    cells * tape.step
}

/// The middle of a record's cell.
pub(super) fn cell_center(view: &View<'_>, tape: &Tape, partition: u32, offset: u64) -> Point {
    let y = tape.row(partition);
    let Some(log) = log(view, tape, partition) else {
        return at(right_edge(tape), y);
    };
    let scale = records_per_cell(view.world, tape, view.options.speed);
    let back = (log.log_end_offset().saturating_sub(offset + 1) / scale) as f32;
    let moved = if scale == 1 { shift(view, tape, log, offset + 1) } else { 0.0 };
    let x = right_edge(tape) - (back + 0.5) * tape.step + moved;
    at(x.max(tape.rect.x + 3.0), y)
}

/// Where a group's line crosses a row; at the left edge when it is further back than the window.
pub(super) fn bookmark_x(
    view: &View<'_>,
    scratch: &Scratch,
    group: usize,
    tape: &Tape,
    partition: u32,
) -> f32 {
    let Some(log) = log(view, tape, partition) else {
        return right_edge(tape);
    };
    let scale = records_per_cell(view.world, tape, view.options.speed);
    let committed = committed(view, group, tape, partition);
    let recent = scratch.commits.iter().rev();
    let mut slid = 0.0;
    let mut before = None;
    for commit in recent.filter(|it| it.group == group && it.partition == partition) {
        let from = before.unwrap_or(commit.offset.saturating_sub(1));
        slid += (commit.offset.saturating_sub(from)) as f32 * (1.0 - in_out(commit.age / SLIDE));
        before = Some(commit.offset);
    }
    let behind = log.log_end_offset().saturating_sub(committed);
    let back = (behind as f32 + slid) / scale as f32;
    let moved = if scale == 1 { shift(view, tape, log, committed) } else { 0.0 };
    (right_edge(tape) - back * tape.step + moved).max(tape.rect.x + 1.5)
}

/// The cells of one partition: dim where every group is past, bright where none is.
fn row(scene: &mut Scene, view: &View<'_>, tape: &Tape, partition: u32, scale: u64) {
    let Some(log) = log(view, tape, partition) else {
        return;
    };
    let end = log.log_end_offset();
    let hollow = match records::flying(view, tape, partition) {
        Some(count) if scale == 1 && !view.clock.reduced => count as u64,
        Some(_) | None => 0,
    };
    let (mut all, mut some) = (u64::MAX, 0);
    for group in &tape.groups {
        let past = committed(view, *group, tape, partition);
        (all, some) = (all.min(past), some.max(past));
    }
    if tape.groups.is_empty() {
        (all, some) = (end, end);
    }
    let first = log.log_start_offset().max(end.saturating_sub(u64::from(tape.room()) * scale));
    // What is on its way is hollow, and so is what the followers do not have yet.
    let landed = (end - hollow).min(log.high_watermark()).max(first);
    let moved = if scale == 1 { shift(view, tape, log, landed) } else { 0.0 };
    let runs = [
        (first, all.min(landed), Tone::CellRead),
        (all.max(first), some.min(landed), Tone::CellSome),
        (some.max(first), landed, Tone::CellNew),
    ];
    let right = right_edge(tape) + moved;
    let inset = (tape.step - tape.cell) / 2.0;
    for (from, to, tone) in runs {
        if from >= to {
            continue;
        }
        let back = (end - from).div_ceil(scale);
        let count = back - (end - to).div_ceil(scale);
        if count == 0 {
            continue;
        }
        let place = at(right - back as f32 * tape.step + inset, tape.row(partition));
        scene.push(Shape::Cells {
            at: place,
            count: count as u32,
            step: tape.step,
            width: tape.cell,
            height: tape.cell_height,
            tone,
        });
    }
    for cell in 0..(end - landed).div_ceil(scale) {
        let offset = end - 1 - cell * scale;
        outline(scene, cell_center(view, tape, partition, offset), tape, Tone::CellNew, 1.0);
    }
    glow(scene, view, tape, partition, scale);
}

fn outline(scene: &mut Scene, center: Point, tape: &Tape, tone: Tone, alpha: f32) {
    let (width, height) = (tape.cell - 1.0, tape.cell_height - 1.0);
    let rect = Rect::new(center.x - width / 2.0, center.y - height / 2.0, width, height);
    let stroke = Some(Stroke { tone, width: 1.0, dash: Dash::Solid });
    scene.push(Shape::Box { rect, radius: 1.0, fill: None, stroke, alpha });
}

/// Without motion, a new record glows where it belongs.
pub(super) fn glow(scene: &mut Scene, view: &View<'_>, tape: &Tape, partition: u32, scale: u64) {
    if !view.clock.reduced || scale > 1 {
        return;
    }
    let Some(log) = log(view, tape, partition) else {
        return;
    };
    let end = log.log_end_offset();
    for offset in end.saturating_sub(YOUNG)..end {
        let age = log.appended_at(offset).map_or(f32::MAX, |then| view.clock.age(then));
        if age < FLASH {
            let center = cell_center(view, tape, partition, offset);
            let (width, height) = (tape.cell + 4.0, tape.cell_height + 4.0);
            let rect = Rect::new(center.x - width / 2.0, center.y - height / 2.0, width, height);
            let stroke = Some(Stroke::solid(Tone::LogText, 2.0));
            let alpha = 1.0 - age / FLASH;
            scene.push(Shape::Box { rect, radius: 3.0, fill: None, stroke, alpha });
        }
    }
}
