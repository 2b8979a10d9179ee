//! The time bar: how far the run is, what was done when, and the key quantity over it.

use crate::engine::Instant;
use crate::engine::sort_few;
use crate::simulation::MarkerKind;
use crate::ui::format;
use crate::ui::model::{Model, Speed};

use super::chart::{Chart, Line, place};
use super::{measure_name, series_of};

/// Ends of the axis, in seconds. The first that leaves a tenth of the bar free is taken.
const ENDS: [u64; 14] = [
    60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 604_800,
];
const TICKS: u64 = 4;
/// A name needs about this much of the bar to stand alone.
const NAME_WIDTH: f64 = 0.13;

#[derive(Clone, Debug, PartialEq)]
pub struct TimeView {
    pub now: Instant,
    pub end: Instant,
    pub furthest: Instant,
    /// The moment at which the instruments are read off.
    pub reading: Option<Instant>,
    pub playing: bool,
    pub running: bool,
    pub speed: Speed,
    pub marks: Vec<TimeMark>,
    pub ticks: Vec<(f64, String)>,
    /// The key quantity of this run, and of the other one while two are compared.
    pub lines: Vec<Line>,
    pub family: &'static str,
    pub quantity: String,
    /// The present future first; empty when there is only one.
    pub futures: Vec<Future>,
    pub has_future: bool,
    /// Two runs are compared: nothing is forked.
    pub compared: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TimeMark {
    pub at: Instant,
    pub place: f64,
    pub label: String,
    pub kind: MarkerKind,
    /// There is room for its name beside it.
    pub named: bool,
}

/// A future of this run; the one without a branch is the present one.
#[derive(Clone, Debug, PartialEq)]
pub struct Future {
    pub branch: Option<u32>,
    pub name: String,
    pub title: String,
}

impl TimeView {
    pub fn place(&self, at: Instant) -> f64 {
        place(at, self.end)
    }
}

pub fn time(model: &Model) -> TimeView {
    let timeline = &model.timeline;
    let furthest = timeline.furthest().now();
    let end = end_for(model.destination.map_or(furthest, |to| furthest.max(to)));
    let (lines, family, quantity) = key_quantity(model, end);
    TimeView {
        now: timeline.now(),
        end,
        furthest,
        reading: model.reading,
        playing: model.playing,
        running: model.running.is_some(),
        speed: model.speed,
        marks: marks(model, end),
        ticks: (0..=TICKS).map(|n| tick(end, n)).collect(),
        lines,
        family,
        quantity,
        futures: futures(model),
        has_future: timeline.has_future(),
        compared: model.rivals.is_some(),
    }
}

fn end_for(furthest: Instant) -> Instant {
    let seconds = furthest.as_millis() / 1_000;
    let end = ENDS.iter().find(|end| seconds * 10 < **end * 9);
    Instant::from_secs(end.copied().unwrap_or(seconds * 10 / 9 + 1))
}

fn tick(end: Instant, number: u64) -> (f64, String) {
    let at = Instant::from_micros(end.as_micros() * number / TICKS);
    (number as f64 / TICKS as f64, format::tick(at))
}

fn marks(model: &Model, end: Instant) -> Vec<TimeMark> {
    let mut markers = model.timeline.markers();
    if let Some(rivals) = &model.rivals {
        let mut others = rivals.other.markers();
        others.retain(|marker| !markers.contains(marker));
        markers.append(&mut others);
        sort_few(&mut markers, |marker| marker.at);
    }
    // What lies beyond the axis has no place on it yet.
    markers.retain(|marker| marker.at <= end);
    let places: Vec<f64> = markers.iter().map(|marker| place(marker.at, end)).collect();
    let mut marks = Vec::with_capacity(markers.len());
    for (index, marker) in markers.into_iter().enumerate() {
        let next = places.get(index + 1).copied().unwrap_or(1.0);
        marks.push(TimeMark {
            at: marker.at,
            place: places[index],
            // As the card of the service writes it: `30 %`.
            label: marker.label.replace(".0 %", " %"),
            kind: marker.kind,
            named: next - places[index] >= NAME_WIDTH,
        });
    }
    marks
}

/// A line for each run that is shown, all to one scale.
fn key_quantity(model: &Model, end: Instant) -> (Vec<Line>, &'static str, String) {
    let Some(measure) = &model.timeline.scenario().key_quantity else {
        return (Vec::new(), "plain", String::new());
    };
    let (series, family) = series_of(model.timeline.furthest(), measure);
    let mut all = vec![(series, "")];
    if let Some(rivals) = &model.rivals {
        all.push((series_of(rivals.other.furthest(), measure).0, "l2"));
    }
    (Chart::of(&all, end, None).lines, family, measure_name(measure))
}

fn futures(model: &Model) -> Vec<Future> {
    let branches = model.timeline.branches();
    if branches.is_empty() {
        return Vec::new();
    }
    let present = Future {
        branch: None,
        name: "This run".to_owned(),
        title: "The future that is shown".to_owned(),
    };
    let others = (0..).zip(branches).map(|(index, branch)| Future {
        branch: Some(index),
        name: branch.name.clone(),
        title: format!(
            "Switch to {}, left at {}, played to {}",
            branch.name,
            format::clock(branch.forked_at),
            format::clock(branch.end().now()),
        ),
    });
    std::iter::once(present).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_always_leaves_room_for_the_future() {
        for (seconds, end) in [(0, 60), (53, 60), (54, 120), (1_038, 1_200), (1_090, 1_800)] {
            assert_eq!(end_for(Instant::from_secs(seconds)), Instant::from_secs(end));
        }
    }
}
