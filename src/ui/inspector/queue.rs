//! A queue: its figures, its arguments and bindings, and the messages at its head.

use yew::{Callback, Html, html};

use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{TokenShape, time_chart, token};
use crate::ui::view::{BindingRow, DeathRow, MessageRow, QueueView};

use super::partition::order_link;
use super::{facts, link, note, section, section_with, settings, table};

pub fn panel(view: &QueueView, send: &Callback<Msg>) -> Html {
    let backlog = html! { <>{ time_chart(&view.chart) }{ facts(&view.facts) }</> };
    let head = if view.head.is_empty() {
        note("Nothing waits.")
    } else {
        html! { <ol class="head-list">{ for view.head.iter().map(|row| message(row, send)) }</ol> }
    };
    let next_first = html! { <span class="dim">{ "next first" }</span> };
    html! {
        <>
            <p class="insp-role">{ &view.role }</p>
            { section("Backlog", backlog) }
            { section_with("At the head", next_first, head) }
            { section("Bindings", bindings(&view.bindings, send)) }
            { section("Arguments", settings(&view.settings)) }
        </>
    }
}

fn message(row: &MessageRow, send: &Callback<Msg>) -> Html {
    let given_up = row.deaths.iter().any(|death| death.reason == "rejected");
    let shape = match (row.redelivered, given_up) {
        (_, true) | (true, false) => TokenShape::Tried,
        (false, false) => TokenShape::Fresh,
    };
    let left = row.expires_in_ms.map(|left| format!("{} left", format::duration(left)));
    html! {
        <li>
            <span class="key">{ token(row.hue, shape) }{ order_link(row.order, &row.name, send) }</span>
            <span class="dim">
                { left.unwrap_or_else(|| format!("waits {}", format::duration(row.waiting_ms))) }
            </span>
            if row.redelivered {
                <span class="why-badge warn">{ "redelivered" }</span>
            }
            { for row.deaths.iter().map(death) }
        </li>
    }
}

fn death(row: &DeathRow) -> Html {
    let words = format!("x-death: {} ×{}", row.reason, row.count);
    html! { <span class="why-badge fail" title={row.queue.to_string()}>{ words }</span> }
}

/// Bindings as a table; each end opens.
pub(super) fn bindings(rows: &[BindingRow], send: &Callback<Msg>) -> Html {
    let link = |selection: Selection, name: &str| {
        link(if name.is_empty() { "(default)" } else { name }, selection, send)
    };
    let row = |row: &BindingRow| {
        html! {
            <tr>
                <td>{ link(Selection::Exchange(row.exchange.clone()), &row.exchange) }</td>
                <td class="mono">{ &*row.routing_key }</td>
                <td>{ link(Selection::Queue(row.destination.clone()), &row.destination) }</td>
            </tr>
        }
    };
    let heads = [("exchange", ""), ("key", ""), ("queue", "")];
    html! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Table of bindings">
            { table("rows", &heads, rows.iter().map(row).collect()) }
        </div>
    }
}
