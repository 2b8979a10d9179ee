//! A chart over time and its small brother in the row of figures.

use crate::simulation::MarkerKind;
use crate::ui::format::{self, decimal};
use crate::ui::view::{Chart, area, line};

use super::{Node, Words, el, fragment, text};

const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 68.0;

pub fn time_chart(chart: &Chart) -> Node {
    let grid = chart.grid.iter().map(|(value, height)| {
        let y = (1.0 - height) * HEIGHT;
        let name = text("text.axis", format::count(*value)).attr("x", "0");
        fragment()
            .child(path("path.gridline", format!("M0 {}H{}", decimal(y), decimal(WIDTH))))
            .child(name.attr("y", decimal(y - 4.0).to_string()))
    });
    let marks = chart.marks.iter().map(|mark| {
        let x = mark.place * WIDTH;
        path("path", format!("M{} 0V{}", decimal(x), decimal(HEIGHT)))
            .class(mark_class("mk", mark.kind))
    });
    let end = chart.points.last().map(|(x, y)| {
        let (x, y) = (x * WIDTH - 2.5, (1.0 - y) * (HEIGHT - 1.0));
        dot("circle.end", x, y).attr("r", "2.5")
    });
    let drawing = el("svg.area")
        .attr("viewBox", format!("0 0 {} {}", decimal(WIDTH), decimal(HEIGHT)))
        .class(chart.family)
        .attr("aria-hidden", true)
        .children(grid)
        .children(marks)
        .child(path("path.fillarea", area(&chart.points, WIDTH, HEIGHT)))
        .child(path("path.line", line(&chart.points, WIDTH, HEIGHT)))
        .child(end);
    el("div.chart").role("img").label(&chart.summary).child(drawing)
}

pub fn path(name: &'static str, d: impl Words) -> Node {
    el(name).attr("d", d)
}

fn dot(name: &'static str, x: f64, y: f64) -> Node {
    el(name).attr("cx", decimal(x).to_string()).attr("cy", decimal(y).to_string())
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
        path("path.threshold", format!("M0 {}H54", decimal(y)))
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
