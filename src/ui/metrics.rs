//! The row of live figures under the stage.

use yew::Callback;

use super::format;
use super::model::Msg;
use super::parts::{Node, el, spark, text};
use super::view::Metric;

/// `open`: the instruments are; a press opens or closes them.
pub fn metrics(metrics: &[Metric], open: bool, send: &Callback<Msg>) -> Node {
    let metric =
        |one: &Metric| metric(one).attr("aria-expanded", open).press(send, Msg::Instruments(!open));
    el("section.metrics").label("Live figures").children(metrics.iter().map(metric))
}

fn metric(metric: &Metric) -> Node {
    let alert = metric.alert.as_ref();
    let state = alert.map(|alert| if alert.firing { "firing" } else { "quiet" });
    let limit = alert.map(|alert| {
        let words = if alert.firing { "over" } else { "alert" };
        text("small.lim", format!(" {words} {}", format::count(alert.above)))
    });
    let name =
        el("span.m-name").child(metric.name).child(text("i", metric.aside)).child(metric.rest);
    let value =
        el("span.m-val").child(&metric.value).child(text("small", metric.unit)).child(limit);
    el("button.metric")
        .attr("title", "Instruments")
        .attr("data-alert", alert.map(|alert| &alert.rule))
        .attr("data-state", state)
        .child(name)
        .child(value)
        .child(spark(&metric.spark, metric.family, alert.map(|alert| alert.height)))
}
