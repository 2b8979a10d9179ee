//! Lines and areas over time, as SVG paths.

use std::fmt::Write;

use crate::engine::Instant;
use crate::simulation::{MarkerKind, Series, Timeline};
use crate::ui::format::decimal;

/// A chart of one series up to the present, with the marks of what was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Heights of the line from left to right, 0 to 1, with their places from 0 to 1.
    pub points: Vec<(f64, f64)>,
    /// Values with a line across the chart, and their heights.
    pub grid: Vec<(u64, f64)>,
    pub marks: Vec<Mark>,
    pub family: &'static str,
    /// The chart in a sentence.
    pub summary: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub place: f64,
    pub kind: MarkerKind,
}

impl Chart {
    /// The last `window` seconds of a series.
    pub fn new(
        timeline: &Timeline,
        series: Option<&Series>,
        family: &'static str,
        name: &str,
    ) -> Chart {
        let now = timeline.now();
        let end = now.as_millis().max(60_000) as f64;
        let values: Vec<(f64, u64)> = series.map_or_else(Vec::new, |series| {
            (1..)
                .zip(series.points())
                .map(|(n, value)| {
                    ((n * series.step_secs() * 1_000) as f64 / end, u64::from(*value))
                })
                .collect()
        });
        let largest = values.iter().map(|(_, value)| *value).max().unwrap_or(0);
        // A quiet tray must not look like a full one.
        let top = (largest.max(10) as f64) * 1.08;
        let mark = |marker: crate::simulation::Marker| Mark {
            place: marker.at.as_millis() as f64 / end,
            kind: marker.kind,
        };
        let marks = timeline.markers().into_iter().filter(|marker| marker.at <= now).map(mark);
        let last = values.last().map_or(0, |(_, value)| *value);
        let count = crate::ui::format::count;
        Chart {
            points: values.iter().map(|(place, value)| (*place, *value as f64 / top)).collect(),
            grid: grid(largest).into_iter().map(|value| (value, value as f64 / top)).collect(),
            marks: marks.collect(),
            family,
            summary: format!("{name}: {} now, {} at most.", count(last), count(largest)),
        }
    }
}

/// One or two round values below the largest.
fn grid(largest: u64) -> Vec<u64> {
    if largest < 10 {
        return Vec::new();
    }
    let decade = 10u64.pow(largest.ilog10());
    let half = [10, 5, 2, 1].into_iter().map(|n| n * decade / 2).find(|n| n * 2 <= largest);
    half.map_or_else(Vec::new, |half| vec![half, half * 2])
}

/// The path of a line in a box of `width` by `height`.
pub fn line(points: &[(f64, f64)], width: f64, height: f64) -> String {
    let mut path = String::with_capacity(points.len() * 12);
    for (index, (x, y)) in points.iter().enumerate() {
        let letter = if index == 0 { 'M' } else { 'L' };
        let (x, y) = (decimal(x * width), decimal((1.0 - y) * (height - 1.0)));
        let _ = write!(path, "{letter}{x} {y}");
    }
    path
}

/// The path of the area under a line.
pub fn area(points: &[(f64, f64)], width: f64, height: f64) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let [left, right, bottom] = [first.0 * width, last.0 * width, height].map(decimal);
    format!("{}L{right} {bottom}L{left} {bottom}Z", line(points, width, height))
}

/// Where a moment stands on an axis that ends at `end`, from 0 to 1.
pub(super) fn place(at: Instant, end: Instant) -> f64 {
    (at.as_micros() as f64 / end.as_micros().max(1) as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_across_stand_at_round_values() {
        assert_eq!(grid(1_240), [500, 1_000]);
        assert_eq!(grid(9), [0u64; 0]);
        assert_eq!(grid(77), [25, 50]);
    }

    #[test]
    fn a_path_runs_from_left_to_right_and_upwards() {
        let points = [(0.0, 0.0), (1.0, 1.0)];
        assert_eq!(line(&points, 100.0, 31.0), "M0 30L100 0");
        assert_eq!(area(&points, 100.0, 31.0), "M0 30L100 0L100 31L0 31Z");
    }
}
