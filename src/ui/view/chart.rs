//! Lines and areas over time, as SVG paths.

use std::fmt::Write;

use crate::engine::Instant;
use crate::simulation::{MarkerKind, Series, Timeline};
use crate::ui::format::decimal;

/// A line has about as many points as a chart has room for.
const POINTS: usize = 240;
pub const HEIGHT: f64 = 68.0;
/// A quiet tray must not look like a full one.
const LOWEST_TOP: u64 = 10;
/// Above the highest value there is some air.
const AIR: f64 = 1.08;
/// A threshold that would press the lines down to less than a third is only told in words.
const FAR: u64 = 3;

/// Series over one axis of time, with the marks of what was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    pub lines: Vec<Line>,
    /// Values with a line across the chart, and their heights.
    pub grid: Vec<(u64, f64)>,
    pub marks: Vec<Mark>,
    /// The heights above which alerts fire.
    pub thresholds: Vec<f64>,
    /// From when to when an alert fired.
    pub firings: Vec<(f64, f64)>,
    /// Moments with a line of their own, by its class.
    pub cursors: Vec<(f64, &'static str)>,
    pub family: &'static str,
    /// Of a chart that is 280 wide.
    pub height: f64,
    /// The chart in a sentence.
    pub summary: String,
}

/// Places from left to right and heights, all from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub class: &'static str,
    pub points: Vec<(f64, f64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub place: f64,
    pub kind: MarkerKind,
}

impl Chart {
    /// One series from the start to the present.
    pub fn new(
        timeline: &Timeline,
        series: Option<&Series>,
        family: &'static str,
        name: &str,
    ) -> Chart {
        let now = timeline.now();
        let end = now.max(Instant::from_secs(60));
        let mut chart = Chart::of(&[(series, "")], end, None);
        let last = series.and_then(|series| series.points().last()).copied().unwrap_or(0);
        let most = series.map_or(0, Series::max);
        let count = |value: u32| crate::ui::format::count(value.into());
        chart.summary = format!("{name}: {} now, {} at most.", count(last), count(most));
        chart.family = family;
        chart.marks = marks(timeline, now, end);
        chart
    }

    /// Series with their classes on an axis that ends at `end`. All have one scale, in which there
    /// is room for the threshold of an alert if it is not far off.
    pub fn of(
        series: &[(Option<&Series>, &'static str)],
        end: Instant,
        threshold: Option<u64>,
    ) -> Chart {
        let largest = series.iter().filter_map(|(series, _)| Some(series.as_ref()?.max())).max();
        let largest = u64::from(largest.unwrap_or(0));
        let near = threshold.filter(|above| *above <= FAR * largest.max(LOWEST_TOP));
        let top = largest.max(near.unwrap_or(0)).max(LOWEST_TOP) as f64 * AIR;
        let line = |(series, class): &(Option<&Series>, &'static str)| Line {
            class,
            points: series.map_or_else(Vec::new, |series| points(series, end, top)),
        };
        Chart {
            lines: series.iter().map(line).collect(),
            grid: grid(largest).into_iter().map(|value| (value, value as f64 / top)).collect(),
            thresholds: near.iter().map(|above| *above as f64 / top).collect(),
            height: HEIGHT,
            ..Chart::default()
        }
    }
}

/// What was done up to `until`, on an axis that ends at `end`.
pub fn marks(timeline: &Timeline, until: Instant, end: Instant) -> Vec<Mark> {
    let markers = timeline.markers().into_iter().filter(|marker| marker.at <= until);
    markers.map(|marker| Mark { place: place(marker.at, end), kind: marker.kind }).collect()
}

/// A series as a line. Of values that stand too close the largest is drawn: no peak is lost.
fn points(series: &Series, end: Instant, top: f64) -> Vec<(f64, f64)> {
    let each = series.points().len().div_ceil(POINTS).max(1);
    let point = |(n, values): (u64, &[u32])| {
        let last = n * each as u64 + values.len() as u64;
        let largest = values.iter().copied().max().unwrap_or(0);
        (place(Instant::from_secs(last * series.step_secs()), end), f64::from(largest) / top)
    };
    (0..).zip(series.points().chunks(each)).map(point).collect()
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
