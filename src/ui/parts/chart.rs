//! A chart over time and its small brother in the row of figures.

use crate::simulation::MarkerKind;
use crate::ui::format::{self, decimal};
use crate::ui::view::{Chart, area, line};

use super::{Node, Words, el, fragment, text};

const WIDTH: f64 = 280.0;

pub fn time_chart(chart: &Chart) -> Node {
    let height = chart.height;
    let across = |class: &'static str, up: &f64| {
        path(class, format!("M0 {}H{}", decimal((1.0 - up) * height), decimal(WIDTH)))
    };
    let down = |place: f64| {
        let (x, height) = (decimal(place * WIDTH), decimal(height));
        path("path", format!("M{x} 0V{height}"))
    };
    let grid = chart.grid.iter().map(|(value, up)| {
        let name = text("text.axis", format::count(*value)).attr("x", "0");
        let y = decimal((1.0 - up) * height - 4.0).to_string();
        fragment().child(across("path.gridline", up)).child(name.attr("y", y))
    });
    let firings = chart.firings.iter().map(|(from, to)| {
        let (from, to) = (decimal(from * WIDTH), decimal(to * WIDTH));
        let height = decimal(height);
        path("path.firing", format!("M{from} 0H{to}V{height}H{from}Z"))
    });
    let marks = chart.marks.iter().map(|mark| {
        let sign = match mark.kind {
            MarkerKind::Bad => "l3 3-3 3-3-3Z",
            MarkerKind::Good => "a2.5 2.5 0 1 1-.1 0Z",
            MarkerKind::Neutral => "h2.5v5h-5v-5Z",
        };
        let sign = path("path", format!("M{} 0{sign}", decimal(mark.place * WIDTH))).class("sign");
        let class = mark_class("mk", mark.kind);
        fragment().child(down(mark.place).class(class.clone())).child(sign.class(class))
    });
    let lines = chart.lines.iter().map(|one| {
        let end = one.points.last().map(|(x, y)| {
            let (x, y) = (x * WIDTH - 2.5, (1.0 - y) * (height - 1.0));
            dot("circle.end", x, y).attr("r", "2.5")
        });
        let alone = chart.lines.len() == 1;
        fragment()
            .child(alone.then(|| path("path.fillarea", area(&one.points, WIDTH, height))))
            .child(path("path.line", line(&one.points, WIDTH, height)).class(one.class))
            .child(end.filter(|_| alone))
    });
    let drawing = el("svg.area")
        .attr("viewBox", format!("0 0 {} {}", decimal(WIDTH), decimal(height)))
        .class(chart.family)
        .attr("aria-hidden", true)
        .children(firings)
        .children(grid)
        .children(marks)
        .children(chart.thresholds.iter().map(|up| across("path.threshold", up)))
        .children(lines)
        .children(chart.cursors.iter().map(|(place, class)| down(*place).class(*class)));
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
