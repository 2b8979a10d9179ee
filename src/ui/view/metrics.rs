//! The row of live figures.

use crate::simulation::{Measure, Observation, QueueRole, Series};
use crate::ui::format;
use crate::ui::model::Model;

/// Points of a sparkline: about one for two pixels.
const SPARK: usize = 30;

#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    /// What a narrow screen leaves out of the name, and how the name goes on after it.
    pub aside: &'static str,
    pub rest: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub spark: Vec<(f64, f64)>,
    pub family: &'static str,
    pub alert: Option<AlertLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlertLine {
    pub rule: String,
    pub above: u64,
    pub firing: bool,
    /// The height of the threshold in the sparkline.
    pub height: f64,
}

/// Orders, checkout p95, the largest lag and dead letters.
pub fn metrics(model: &Model, now: &Observation) -> Vec<Metric> {
    let world = model.world();
    let series = |measure: &Measure| world.metrics().series(measure);
    let seconds = (now.now_ms / 1_000).clamp(1, 60);
    let rate = now.checkout.placed_last_minute * 60 / seconds;
    let dead = |measure: &Measure| match measure {
        Measure::QueueReady(queue) => world.queue_role(queue) == QueueRole::DeadLetters,
        _ => false,
    };
    let lag = |measure: &Measure| matches!(measure, Measure::MaxGroupLag);
    let plain = |name, value, unit, series: Option<&Series>| Metric {
        name,
        aside: "",
        rest: "",
        value,
        unit,
        spark: spark(series, 0),
        family: "plain",
        alert: None,
    };
    let (p95, ms) = match now.checkout.p95_ms {
        0 => ("–".to_owned(), ""),
        millis => (format::count(millis), " ms"),
    };
    let mut row = vec![
        plain("Orders", format::per_second(rate), "/s", series(&Measure::PlacedPerMinute)),
        plain("Checkout p95", p95, ms, series(&Measure::CheckoutP95Ms)),
    ];
    if !now.topics.is_empty() {
        let (value, series) = (format::count(now.max_group_lag), series(&Measure::MaxGroupLag));
        row.push(watched(model, ("Max", " consumer", " lag"), value, "log", &lag, series));
    }
    if !now.queues.is_empty() {
        let (value, series) = (format::count(world.dead_letters()), series(&Measure::DeadLetters));
        row.push(watched(model, ("Dead letters", "", ""), value, "fail", &dead, series));
    }
    row
}

/// A figure with the alert that watches it, if one does.
fn watched(
    model: &Model,
    (name, aside, rest): (&'static str, &'static str, &'static str),
    value: String,
    family: &'static str,
    is_watched: &dyn Fn(&Measure) -> bool,
    series: Option<&Series>,
) -> Metric {
    let mut alerts = model.world().alerts().iter();
    let alert = alerts.find(|alert| is_watched(&alert.rule.measure));
    let above = alert.map_or(0, |alert| alert.rule.above);
    let top = top(series, above);
    Metric {
        name,
        aside,
        rest,
        value,
        unit: "",
        spark: spark(series, above),
        family,
        alert: alert.map(|alert| AlertLine {
            rule: alert.rule.rule.clone(),
            above,
            firing: alert.firing,
            height: above as f64 / top,
        }),
    }
}

/// The value at the upper edge of a sparkline.
fn top(series: Option<&Series>, threshold: u64) -> f64 {
    (u64::from(series.map_or(0, Series::max)).max(threshold).max(1) as f64) * 1.15
}

fn spark(series: Option<&Series>, threshold: u64) -> Vec<(f64, f64)> {
    let points = series.map_or(&[][..], Series::points);
    let recent = &points[points.len().saturating_sub(SPARK)..];
    let top = top(series, threshold);
    let step = 1.0 / (SPARK - 1) as f64;
    let start = 1.0 - step * recent.len().saturating_sub(1) as f64;
    (0..)
        .zip(recent)
        .map(|(n, value)| (start + step * f64::from(n), f64::from(*value) / top))
        .collect()
}
