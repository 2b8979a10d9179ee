//! The instruments: what is measured of a run, chart by chart, on the axis of the time bar.

use crate::engine::Instant;
use crate::simulation::{AlertState, Measure, QueueRole, Series, World};
use crate::ui::format;
use crate::ui::model::Model;
use crate::ui::scene::{Tape, Topology};

use super::chart::{Chart, marks, place};
use super::time::TimeView;
use super::{measure_name, series_of};

#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentsView {
    /// The moment that is read off instead of the present.
    pub reading: Option<Instant>,
    pub instruments: Vec<Instrument>,
}

/// One chart, with its figures in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    pub name: String,
    pub lines: Vec<Reading>,
    /// Each alert on one of its lines: its sentence, and whether it fires.
    pub alerts: Vec<(String, bool)>,
    pub chart: Chart,
}

/// A line of a chart: its name, its class and its value now or at the moment that is read off.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub name: String,
    pub class: &'static str,
    pub value: String,
    pub most: String,
}

/// All of them are to be seen at once.
const HEIGHT: f64 = 40.0;

/// How the values of a chart are written.
type Unit = fn(u64) -> String;
/// The lines of a chart: names, measures and classes.
type Lines = Vec<(String, Measure, &'static str)>;

/// Three kinds of line tell the lines of one chart apart, as they tell groups apart.
const KINDS: [&str; 3] = ["", "l2", "l3"];
pub const GROUPS: [&str; 3] = ["front g1", "front g2", "front g3"];

pub fn instruments(model: &Model, time: &TimeView) -> InstrumentsView {
    let build = |(name, unit, lines)| instrument(model, time, name, unit, &lines);
    InstrumentsView {
        reading: model.reading,
        instruments: layout(model.world()).into_iter().map(build).collect(),
    }
}

/// What there is to measure in this world, and what else its alerts watch.
fn layout(world: &World) -> Vec<(String, Unit, Lines)> {
    let topology = Topology::of(world.standing());
    let mut charts: Vec<(String, Unit, Lines)> = Vec::new();
    let lines = |lines: Vec<(&str, Measure)>| {
        let line = |(index, (name, measure)): (usize, (&str, Measure))| {
            (name.to_owned(), measure, KINDS[index])
        };
        lines.into_iter().enumerate().map(line).collect::<Lines>()
    };
    let mut add = |name: &str, unit, lines| charts.push((name.to_owned(), unit, lines));
    let throughput =
        vec![("placed", Measure::PlacedPerMinute), ("completed", Measure::CompletedPerMinute)];
    add("Orders", format::per_minute, lines(throughput));
    let checkout = vec![
        ("p95", Measure::CheckoutP95Ms),
        ("p99", Measure::CheckoutP99Ms),
        ("p50", Measure::CheckoutP50Ms),
    ];
    add("Checkout latency", format::percentile, lines(checkout));
    let errors = vec![("failed", Measure::ErrorsPerMille)];
    add("Error rate, last minute", format::per_mille, lines(errors));
    let lag = |(index, group): (usize, &crate::ui::scene::GroupNode)| {
        let class = GROUPS[usize::from(Tape::line_of(index))];
        (group.id.to_string(), Measure::GroupLag(group.id.clone()), class)
    };
    if !topology.groups.is_empty() {
        add("Lag, records", format::count, topology.groups.iter().enumerate().map(lag).collect());
    }
    for queue in &topology.work {
        let (ready, unacked) = (queue.name.clone(), queue.name.clone());
        let depth = vec![
            ("ready", Measure::QueueReady(ready)),
            ("unacked", Measure::QueueUnacked(unacked)),
        ];
        add(&queue.name, format::count, lines(depth));
    }
    if !topology.dead.is_empty() {
        add("Dead letters", format::count, lines(vec![("messages", Measure::DeadLetters)]));
    }
    for alert in world.alerts() {
        let measure = &alert.rule.measure;
        if !charts
            .iter()
            .any(|(_, _, lines)| lines.iter().any(|line| watches(world, alert, &line.1)))
        {
            let line = (alert.rule.rule.clone(), measure.clone(), "");
            charts.push((measure_name(measure), format::count, vec![line]));
        }
    }
    charts
}

/// Whether an alert looks at what a line shows. What waits in the one dead letter queue is what
/// waits in all of them, and the largest lag is that of one of the groups.
fn watches(world: &World, alert: &AlertState, line: &Measure) -> bool {
    match (&alert.rule.measure, line) {
        (Measure::QueueReady(queue), Measure::DeadLetters) => {
            world.queue_role(queue) == QueueRole::DeadLetters
        }
        (Measure::MaxGroupLag, Measure::GroupLag(_)) => true,
        (watched, line) => watched == line,
    }
}

fn instrument(
    model: &Model,
    time: &TimeView,
    name: String,
    unit: Unit,
    lines: &Lines,
) -> Instrument {
    let furthest = model.timeline.furthest();
    let series = |measure: &Measure| series_of(furthest, measure).0;
    let watching: Vec<&AlertState> = furthest
        .alerts()
        .iter()
        .filter(|alert| lines.iter().any(|line| watches(furthest, alert, &line.1)))
        .collect();
    let threshold = watching.iter().map(|alert| alert.rule.above).max();
    let drawn: Vec<_> = lines.iter().map(|(_, measure, class)| (series(measure), *class)).collect();
    let mut chart = Chart::of(&drawn, time.end, threshold);
    chart.family = lines.first().map_or("plain", |line| series_of(furthest, &line.1).1);
    // There is room for one value beside the lines.
    chart.grid.drain(..chart.grid.len().saturating_sub(1));
    chart.height = HEIGHT;
    chart.marks = marks(&model.timeline, time.end, time.end);
    let until = |at: Option<Instant>| place(at.unwrap_or(furthest.now()), time.end);
    let firings = watching.iter().flat_map(|alert| &alert.firings);
    chart.firings =
        firings.map(|one| (place(one.fired_at, time.end), until(one.cleared_at))).collect();
    chart.cursors = vec![(time.place(time.now), "now")];
    chart.cursors.extend(model.reading.map(|at| (time.place(at), "read")));
    let line = |(name, measure, class): &(String, Measure, &'static str)| Reading {
        name: name.clone(),
        class,
        value: match model.reading {
            Some(at) => value_at(series(measure), at).map_or_else(|| "–".to_owned(), unit),
            None => unit(model.world().measure(measure)),
        },
        most: unit(series(measure).map_or(0, |series| series.max().into())),
    };
    let lines: Vec<Reading> = lines.iter().map(line).collect();
    let words: Vec<String> =
        lines.iter().map(|line| format!("{} {}", line.name, line.value)).collect();
    chart.summary = format!("{name}: {}", words.join(", "));
    let alert = |alert: &&AlertState| {
        let now = model.world().alerts().iter().find(|now| now.rule.rule == alert.rule.rule);
        let firing = now.is_some_and(|now| now.firing);
        let words = if firing { "fires above" } else { "alert above" };
        (format!("{words} {}", unit(alert.rule.above)), firing)
    };
    Instrument { name, lines, alerts: watching.iter().map(alert).collect(), chart }
}

/// The last sample by a moment; where a point stands for several samples, the largest of them.
fn value_at(series: Option<&Series>, at: Instant) -> Option<u64> {
    let series = series?;
    let point = (at.as_millis() / 1_000 / series.step_secs()).checked_sub(1)?;
    let points = series.points();
    points.get(point as usize).or(points.last()).map(|value| u64::from(*value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Command;
    use crate::ui::model::Msg;
    use crate::ui::view;

    fn shown(model: &Model) -> InstrumentsView {
        instruments(model, &view::time(model))
    }

    fn of<'a>(view: &'a InstrumentsView, name: &str) -> &'a Instrument {
        let found = view.instruments.iter().find(|one| one.name == name);
        found.unwrap_or_else(|| panic!("no instrument {name}"))
    }

    fn values(instrument: &Instrument) -> Vec<(&str, &str)> {
        instrument.lines.iter().map(|line| (&*line.name, &*line.value)).collect()
    }

    #[test]
    fn every_alert_of_every_scenario_has_its_chart() {
        for name in crate::scenarios::NAMES {
            let model = Model::new(crate::ui::model::embedded(name).expect("it is embedded"));
            let drawn = shown(&model).instruments.iter().map(|one| one.alerts.len()).sum::<usize>();
            assert!(drawn >= model.world().alerts().len(), "{name}: {drawn}");
        }
    }

    #[test]
    fn the_present_value_is_the_engines_and_a_reading_is_that_of_its_moment() {
        let mut model = Model::shop();
        let kill = Command::Kill { service: "email".into(), instance: None };
        model.timeline.command(kill).expect("email can be killed");
        model.timeline.seek(Instant::from_secs(240));
        let ready = model.observe().queues[&std::rc::Rc::from("email-notifications")].ready;
        let view = shown(&model);
        let queue = of(&view, "email-notifications");
        assert_eq!(values(queue), [("ready", &*format::count(ready)), ("unacked", "0")]);
        assert!(ready > 600, "{ready}");
        assert_eq!(queue.chart.marks.len(), 1, "the kill");

        model.update(Msg::Read(Some(Instant::from_secs(60))));
        let early = shown(&model);
        let then = of(&early, "email-notifications").lines[0].value.parse::<u64>().expect("short");
        assert!(then > 60 && then < ready / 2, "{then} of {ready}");
        assert_eq!(of(&early, "email-notifications").chart.cursors.len(), 2);
    }

    #[test]
    fn a_threshold_is_drawn_where_it_is_in_reach_and_firings_are_spans() {
        let mut model = Model::shop();
        assert!(of(&shown(&model), "Lag, records").chart.thresholds.is_empty(), "far away");
        let kill = Command::FailRate { service: "email".into(), per_mille: 1_000 };
        model.timeline.command(kill).expect("email can fail");
        model.timeline.seek(Instant::from_secs(120));
        let view = shown(&model);
        let dead = of(&view, "Dead letters");
        assert_eq!(dead.chart.thresholds.len(), 1);
        assert_eq!(dead.alerts, [("fires above 50".to_owned(), true)]);
        let (from, to) = dead.chart.firings[0];
        assert!(from > 0.05 && from < to && to <= 1.0, "{from} to {to}");
    }
}
