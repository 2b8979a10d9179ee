//! The lines of the groups through a tape, and the flags that name them.

use crate::engine::sort_few;
use std::fmt;

use super::super::View;
use super::super::geometry::{Point, Rect, at};
use super::super::layout::Tape;
use super::super::shape::{Align, Dash, Face, Scene, Stroke, Tone};
use super::super::trips::Scratch;
use super::{bookmark_x, bookmarks, committed, log, right_edge};

const FLAG_HEIGHT: f32 = 16.0;
/// How far a group's flag rises while it shares out its partitions.
const LIFT: f32 = 4.0;
/// How far the name of a topic reaches below its base.
const NAME_BELOW: f32 = 3.0;
const MOST: usize = 8;

/// Where one flag is drawn.
#[derive(Clone, Copy, Debug, Default)]
struct Flag {
    group: usize,
    /// Where its line leaves the tape.
    x: f32,
    left: f32,
    right: f32,
    /// It points to the right of its line.
    outward: bool,
    /// Records behind, when the line is outside the window.
    behind: Option<u64>,
}

/// Solid, dashed, dotted.
pub(super) fn dash_of(group: usize) -> Dash {
    match Tape::line_of(group) {
        0 => Dash::Solid,
        1 => Dash::Long,
        _ => Dash::Dots,
    }
}

pub(super) fn tone_of(group: usize) -> Tone {
    Tone::Group(Tape::line_of(group))
}

/// A group that is sharing out its partitions lifts its flag.
pub(super) fn is_assigning(view: &View<'_>, group: usize) -> bool {
    let id = &view.layout.topology.groups[group].id;
    let group = view.world.kafka().group(id);
    group.is_some_and(|group| group.state().name().contains("Rebalance"))
}

pub(super) fn fronts(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, tape: &Tape) {
    let top = tape.rect.y - 4.0;
    for group in tape.groups.iter().rev().copied() {
        let alpha = if is_assigning(view, group) { 0.4 } else { 1.0 };
        let halo = Stroke::solid(Tone::Tape, 4.0);
        let half = tape.pitch / 2.0;
        let mut line = Vec::new();
        for partition in 0..tape.partitions {
            let x = bookmark_x(view, scratch, group, tape, partition);
            let y = tape.row(partition);
            let upper = if partition == 0 { top } else { y - half };
            line.extend_from_slice(&[at(x, upper), at(x, y + half)]);
        }
        scene.line(&line, halo, alpha);
        let stroke = Stroke::dashed(tone_of(group), 1.5, dash_of(group));
        scene.line(&line, stroke, alpha);
        for partition in 0..tape.partitions {
            let x = bookmark_x(view, scratch, group, tape, partition);
            bookmarks::line(scene, tape, group, partition, x);
        }
        join_bridge(scene, view, scratch, tape, group);
    }
    flags(scene, view, scratch, tape, (None, tape.flags_y));
}

/// The flags of all rows, or of one that is drawn close.
pub(super) fn flags(
    scene: &mut Scene,
    view: &View<'_>,
    scratch: &Scratch,
    tape: &Tape,
    (partition, top): (Option<u32>, f32),
) {
    let mut flags = [Flag::default(); MOST];
    let count = places(view, scratch, tape, partition, &mut flags);
    for flag in &flags[..count] {
        draw(scene, view, tape, flag, partition.or((tape.partitions == 1).then_some(0)), top);
    }
}

/// From the end of a line down to the wire that leads to a reader below.
fn join_bridge(scene: &mut Scene, view: &View<'_>, scratch: &Scratch, tape: &Tape, group: usize) {
    let Some(last) = tape.partitions.checked_sub(1) else {
        return;
    };
    for service in &view.layout.topology.groups[group].services {
        let topic = view.layout.topology.groups[group].topic;
        let route = super::super::Route::Read { service: *service, topic };
        let Some(track) = view.layout.track(route) else {
            continue;
        };
        let start = track.start();
        let below = (start.y - tape.rect.bottom()).abs() < 1.0 && start.x < tape.pen_x;
        if !below || view.layout.form.is_stacked() {
            continue;
        }
        let x = bookmark_x(view, scratch, group, tape, last).min(start.x + 7.0);
        let level = track.points().iter().take(8).map(|point| point.y).fold(start.y, f32::max);
        let line = [at(x, tape.rect.bottom() - 2.0), at(x, level)];
        scene.line(&line, Stroke::solid(tone_of(group), 1.5), 0.55);
    }
}

/// Finds room for all flags: each hangs left of its line unless another one is in the way; then
/// the first goes to the right, and others move further left.
fn places(
    view: &View<'_>,
    scratch: &Scratch,
    tape: &Tape,
    partition: Option<u32>,
    flags: &mut [Flag; MOST],
) -> usize {
    let mut count = 0;
    for group in tape.groups.iter().copied().take(MOST) {
        let x = bookmark_x(view, scratch, group, tape, partition.unwrap_or(0));
        // A close row has the lag below it.
        let behind = if partition.is_none() { behind(view, tape, group) } else { None };
        flags[count] = Flag { group, x, behind, ..Flag::default() };
        count += 1;
    }
    let flags = &mut flags[..count];
    sort_few(flags, |flag| -flag.x);
    let stacked = view.layout.form.is_stacked();
    let limit = if stacked { view.layout.width - 4.0 } else { right_edge(tape) + 62.0 };
    // Nothing stands left of the flags above a tape where there is little room.
    let leftmost = if stacked && partition.is_none() { 4.0 } else { tape.rect.x - 24.0 };
    let mut edge = f32::MAX;
    for index in 0..flags.len() {
        let width = width(view, &flags[index]);
        let x = flags[index].x;
        let next = flags.get(index + 1).map_or(f32::MIN, |flag| flag.x);
        let outward = index == 0 && next > x - width && x + width <= limit;
        if outward {
            (flags[index].left, flags[index].right) = (x - 0.7, x - 0.7 + width);
            edge = x - 2.0;
        } else {
            let right = (x + 0.8).min(edge);
            let mut left = (right - width).max(leftmost);
            // With no room on the left it stands beside those that dock there already.
            let over = |other: &&Flag, left| other.left < left + width && other.right > left;
            while let Some(other) = flags[..index].iter().find(|other| over(other, left)) {
                left = other.right + 2.0;
            }
            (flags[index].left, flags[index].right) = (left, left + width);
            edge = edge.min(left - 2.0);
        }
        flags[index].outward = outward || flags[index].right > x + 8.0;
    }
    count
}

/// How far behind a group is at least, if every row is outside the window.
fn behind(view: &View<'_>, tape: &Tape, group: usize) -> Option<u64> {
    let scale = super::records_per_cell(view.world, tape, view.options.speed);
    let room = u64::from(tape.room()) * scale;
    let lag = |partition: u32| {
        let end = log(view, tape, partition).map_or(0, |log| log.log_end_offset());
        end.saturating_sub(committed(view, group, tape, partition))
    };
    let all = (0..tape.partitions).all(|partition| lag(partition) > room);
    all.then(|| (0..tape.partitions).map(lag).sum())
}

fn width(view: &View<'_>, flag: &Flag) -> f32 {
    let letters = view.layout.topology.groups[flag.group].id.chars().count();
    let more = flag.behind.map_or(0, |behind| 2 + digits(behind));
    width_of(letters + more)
}

/// The width of a flag with so many letters.
pub(super) fn width_of(letters: usize) -> f32 {
    letters as f32 * 6.4 + 17.0
}

fn digits(number: u64) -> usize {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    digits + (digits - 1) / 3
}

fn draw(
    scene: &mut Scene,
    view: &View<'_>,
    tape: &Tape,
    flag: &Flag,
    partition: Option<u32>,
    top: f32,
) {
    let lifted = is_assigning(view, flag.group);
    // As far as the name of the topic above lets it be.
    let room = (top - tape.title.y - NAME_BELOW).max(0.0);
    let (y, alpha) = if lifted { (top - room.min(LIFT), 0.6) } else { (top, 1.0) };
    let tone = tone_of(flag.group);
    if (flag.right < flag.x - 1.0 || flag.left > flag.x + 1.0) && !lifted {
        let near = if flag.right < flag.x { flag.right } else { flag.left };
        let level = y + FLAG_HEIGHT - 1.0;
        let bridge = [at(near, level), at(flag.x, level), at(flag.x, top + FLAG_HEIGHT)];
        scene.line(&bridge, Stroke::solid(tone, 1.5), 1.0);
    }
    shape(scene, (flag.left, flag.right), y, flag.outward, tone, alpha);
    let rect = Rect::new(flag.left, y, flag.right - flag.left, FLAG_HEIGHT);
    scene.grip(bookmarks::Grip { rect, group: flag.group, partition });
    let id = &view.layout.topology.groups[flag.group].id;
    let place = at(flag.left + if flag.outward { 6.5 } else { 9.5 }, y + 11.8);
    match flag.behind {
        Some(behind) => {
            let words = format_args!("{id} −{}", Thousands(behind));
            scene.write(place, words, Face::Flag, Tone::Invert, Align::Start);
        }
        None => scene.write(place, format_args!("{id}"), Face::Flag, Tone::Invert, Align::Start),
    }
}

/// A pennant with a notch at its free end.
pub(super) fn shape(
    scene: &mut Scene,
    (left, right): (f32, f32),
    y: f32,
    outward: bool,
    tone: Tone,
    alpha: f32,
) {
    let (middle, bottom) = (y + FLAG_HEIGHT / 2.0, y + FLAG_HEIGHT);
    let points: [Point; 5] = if outward {
        [at(left, y), at(right, y), at(right - 4.0, middle), at(right, bottom), at(left, bottom)]
    } else {
        [at(right, y), at(left, y), at(left + 4.0, middle), at(left, bottom), at(right, bottom)]
    };
    scene.area(&points, tone, None, alpha);
}

/// `12,345`
#[derive(Clone, Copy, Debug)]
pub struct Thousands(pub u64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1_000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Thousands(self.0 / 1_000), self.0 % 1_000)
    }
}
