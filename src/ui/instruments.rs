//! The instruments beside the stage: every chart of the run on the axis of the time bar, with its
//! exact values, and a cursor that reads them off at any moment.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent};
use yew::Callback;

use crate::engine::Instant;

use super::format;
use super::model::Msg;
use super::parts::{IconName, Node, el, fragment, icon, path, text, time_chart};
use super::time::{read_key, ticks};
use super::view::{Instrument, InstrumentsView, Reading, TimeView};

pub fn instruments(view: &InstrumentsView, time: &TimeView, send: &Callback<Msg>) -> Node {
    let (when, at) = match view.reading {
        Some(at) => ("Read off at ", at),
        None => ("Now, ", time.now),
    };
    let name = el("div")
        .child(el("p.eyebrow").child(when).child(text("span.mono", format::clock(at))))
        .child(text("h1", "Instruments"));
    let close = el("button.ib")
        .label("Close the instruments")
        .press(send, Msg::Instruments(false))
        .child(icon(IconName::Close));
    let body = el("div.insp-body")
        .key("instruments")
        .child(charts(view, time, at, send))
        .child(table(view));
    el("aside.inspector")
        .class("is-open")
        .label("Instruments")
        .child(el("header.insp-head").child(name).child(close))
        .child(body)
}

/// All charts as one thing to point at: a moment is the same place in each of them.
fn charts(view: &InstrumentsView, time: &TimeView, at: Instant, send: &Callback<Msg>) -> Node {
    let (end, furthest) = (time.end, time.furthest);
    let point = move |msg: fn(Instant) -> Msg| {
        let send = send.clone();
        move |event: MouseEvent| {
            if let Some(at) = moment(&event, end) {
                send.emit(msg(at.min(furthest)));
            }
        }
    };
    let onkeydown = {
        let send = send.clone();
        move |event: KeyboardEvent| {
            if let Some(msg) = read_key(&event.key(), event.shift_key(), at, furthest) {
                event.prevent_default();
                event.stop_propagation();
                send.emit(msg);
            }
        }
    };
    let summaries = view.instruments.iter().map(|one| one.chart.summary.as_str());
    let words = format!("{}. {}", format::clock(at), summaries.collect::<Vec<_>>().join("; "));
    el("div.instruments")
        .attr("tabindex", "0")
        .role("slider")
        .label("Read the instruments at")
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", (furthest.as_millis() / 1_000).to_string())
        .attr("aria-valuenow", (at.as_millis() / 1_000).to_string())
        .attr("aria-valuetext", words)
        .onmousemove(point(|at| Msg::Read(Some(at))))
        .onmouseout(send.reform(|_| Msg::Read(None)))
        .onclick(point(Msg::Seek))
        .onkeydown(onkeydown)
        .children(view.instruments.iter().map(instrument))
        .child(ticks(time))
}

/// The moment under the pointer.
fn moment(event: &MouseEvent, end: Instant) -> Option<Instant> {
    let charts = event.target()?.dyn_into::<Element>().ok()?.closest(".instruments").ok()??;
    let room = charts.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - room.left()) / room.width().max(1.0);
    Some(Instant::from_millis((share.clamp(0.0, 1.0) * end.as_millis() as f64) as u64))
}

fn instrument(one: &Instrument) -> Node {
    let alert = |(words, firing): &(String, bool)| text("span.dim", words).class_if(*firing, "bad");
    let several = one.lines.len() > 1;
    let line = |line: &Reading| {
        let sample = path("path.line", "M0 3H14").class(line.class);
        let sample = el("svg.line-key")
            .attr("width", "14")
            .attr("height", "6")
            .attr("aria-hidden", true)
            .child(sample);
        let name = several.then(|| fragment().child(sample).child(&line.name).child(" "));
        el("span").child(name).child(text("b", &line.value))
    };
    let head =
        el("div.sec-head").child(text("h2", &one.name)).children(one.alerts.iter().map(alert));
    el("div.instrument")
        .class("area")
        .class(one.chart.family)
        .child(head)
        .child(el("p.readings").children(one.lines.iter().map(line)))
        .child(time_chart(&one.chart))
}

/// The same figures for those who do not see the charts.
fn table(view: &InstrumentsView) -> Node {
    let now = if view.reading.is_some() { "then" } else { "now" };
    let heads = ["figure", now, "at most", "alert"];
    let heads = heads.map(|name| text("th", name).attr("scope", "col"));
    let rows = view.instruments.iter().flat_map(|one| {
        let alerts: Vec<&str> = one.alerts.iter().map(|(words, _)| words.as_str()).collect();
        let alerts = alerts.join(", ");
        one.lines.iter().map(move |line| {
            el("tr")
                .child(text("th", format!("{}: {}", one.name, line.name)).attr("scope", "row"))
                .child(text("td", &line.value))
                .child(text("td", &line.most))
                .child(text("td", alerts.clone()))
        })
    });
    el("table.sr")
        .child(text("caption", "The instruments in figures"))
        .child(el("thead").child(el("tr").children(heads)))
        .child(el("tbody").children(rows))
}
