//! A queue: its figures, its arguments and bindings, and the messages at its head.

use yew::Callback;

use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{Node, TokenShape, el, fragment, text, time_chart};
use crate::ui::view::{BindingRow, DeathRow, MessageRow, QueueView};

use super::actions::actions;
use super::letters::letters;
use super::partition::order_link;
use super::{facts, key, link, note, section, section_with, settings, table};

pub fn panel(view: &QueueView, send: &Callback<Msg>) -> Node {
    let head = if view.head.is_empty() {
        note("Nothing waits.")
    } else {
        el("ol.head-list").children(view.head.iter().map(|row| message(row, send)))
    };
    let next_first = text("span.dim", "next first");
    let head = if view.replays && !view.head.is_empty() { letters(view, send) } else { head };
    fragment()
        .child(text("p.insp-role", &view.role))
        .child(section("Backlog").child(time_chart(&view.chart)).child(facts(&view.facts)))
        .child(section_with("At the head", Some(next_first)).child(head))
        .child(actions(&view.actions, send))
        .child(section("Bindings").child(bindings(&view.bindings, send)))
        .child(section("Arguments").child(settings(&view.settings)))
}

pub(super) fn message(row: &MessageRow, send: &Callback<Msg>) -> Node {
    let given_up = row.deaths.iter().any(|death| death.reason == "rejected");
    let shape = match (row.redelivered, given_up) {
        (_, true) | (true, false) => TokenShape::Tried,
        (false, false) => TokenShape::Fresh,
    };
    let left = row.expires_in_ms.map(|left| format!("{} left", format::duration(left)));
    let left = left.unwrap_or_else(|| format!("waits {}", format::duration(row.waiting_ms)));
    let redelivered = row.redelivered.then(|| text("span.why-badge", "redelivered").class("warn"));
    el("li")
        .child(key(row.hue, shape, order_link(row.order, &row.name, send)))
        .child(text("span.dim", left))
        .child(redelivered)
        .children(row.deaths.iter().map(death))
}

fn death(row: &DeathRow) -> Node {
    let words = format!("{}: {} ×{}", row.queue, row.reason, row.count);
    text("span.why-badge", words).class("fail").attr("title", "x-death")
}

/// Bindings as a table; each end opens.
pub(super) fn bindings(rows: &[BindingRow], send: &Callback<Msg>) -> Node {
    let end = |selection: Selection, name: &str| {
        let name = if name.is_empty() { "(default)" } else { name };
        el("td").child(link(name, selection, send))
    };
    let row = |row: &BindingRow| {
        el("tr")
            .child(end(Selection::Exchange(row.exchange.clone()), &row.exchange))
            .child(text("td.mono", &row.routing_key))
            .child(end(Selection::Queue(row.destination.clone()), &row.destination))
    };
    let heads = [("exchange", ""), ("key", ""), ("queue", "")];
    el("div.scroll-x").region("Table of bindings").child(table(
        "rows",
        &heads,
        rows.iter().map(row),
    ))
}
