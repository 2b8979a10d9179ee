//! A chart over time and its small brother in the row of figures.

use crate::simulation::MarkerKind;
use crate::ui::format;
use crate::ui::view::{Chart, area, line};

use super::{Node, Words, el, fragment, text};

const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 68.0;

pub fn time_chart(chart: &Chart) -> Node {
    let across = |class: &'static str, height: &f64| {
        path(class, format!("M0 {:.1}H{WIDTH}", (1.0 - height) * HEIGHT))
    };
    let down = |place: f64| {
        let x = place * WIDTH;
        path("path", format!("M{x:.1} 0V{HEIGHT}"))
    };
    let grid = chart.grid.iter().map(|(value, height)| {
        let name = text("text.axis", format::count(*value)).attr("x", "0");
        let y = format!("{:.1}", (1.0 - height) * HEIGHT - 4.0);
        fragment().child(across("path.gridline", height)).child(name.attr("y", y))
    });
    let firings = chart.firings.iter().map(|(from, to)| {
        let (from, to) = (from * WIDTH, to * WIDTH);
        path("path.firing", format!("M{from:.1} 0H{to:.1}V{HEIGHT}H{from:.1}Z"))
    });
    let marks = chart.marks.iter().map(|mark| down(mark.place).class(mark_class("mk", mark.kind)));
    let lines = chart.lines.iter().map(|one| {
        let end = one.points.last().map(|(x, y)| {
            let (x, y) = (x * WIDTH - 2.5, (1.0 - y) * (HEIGHT - 1.0));
            dot("circle.end", x, y).attr("r", "2.5")
        });
        let alone = chart.lines.len() == 1;
        fragment()
            .child(alone.then(|| path("path.fillarea", area(&one.points, WIDTH, HEIGHT))))
            .child(path("path.line", line(&one.points, WIDTH, HEIGHT)).class(one.class))
            .child(end.filter(|_| alone))
    });
    let drawing = el("svg.area")
        .attr("viewBox", format!("0 0 {WIDTH} {HEIGHT}"))
        .class(chart.family)
        .attr("aria-hidden", true)
        .children(firings)
        .children(grid)
        .children(marks)
        .children(chart.thresholds.iter().map(|height| across("path.threshold", height)))
        .children(lines)
        .children(chart.cursors.iter().map(|(place, class)| down(*place).class(*class)));
    el("div.chart").role("img").label(&chart.summary).child(drawing)
}

pub fn path(name: &'static str, d: impl Words) -> Node {
    el(name).attr("d", d)
}

fn dot(name: &'static str, x: f64, y: f64) -> Node {
    el(name).attr("cx", format!("{x:.1}")).attr("cy", format!("{y:.1}"))
}

/// The class of a mark of what was broken, mended or merely done.
pub fn mark_class(class: &str, kind: MarkerKind) -> String {
    let kind = match kind {
        MarkerKind::Bad => "fail",
        MarkerKind::Good => "ok",
        MarkerKind::Neutral => "plain",
    };
    format!("{class} {kind}")
}

pub fn spark(points: &[(f64, f64)], family: &'static str, threshold: Option<f64>) -> Node {
    let (width, height) = (51.0, 28.0);
    let threshold = threshold.map(|at| {
        let y = (1.0 - at) * (height - 1.0);
        path("path.threshold", format!("M0 {y:.1}H54"))
    });
    let end = points.last().map(|(x, y)| {
        let (x, y) = (x * width, (1.0 - y) * (height - 1.0));
        dot("circle.spark-dot", x, y).attr("r", "2")
    });
    el("svg.spark")
        .class(family)
        .attr("width", "54")
        .attr("height", "28")
        .attr("viewBox", "0 0 54 28")
        .attr("aria-hidden", true)
        .child(threshold)
        .child(path("path.spark-area", area(points, width, height)))
        .child(path("path.spark-line", line(points, width, height)))
        .child(end)
}
