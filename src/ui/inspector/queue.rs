//! A queue: its figures, its arguments and bindings, and the messages at its head.

use yew::{Callback, Html, html};

use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{TokenShape, press, time_chart, token};
use crate::ui::view::{BindingRow, DeathRow, MessageRow, QueueView};

use super::partition::order_link;
use super::{facts, settings};

pub fn panel(view: &QueueView, send: &Callback<Msg>) -> Html {
    html! {
        <>
            <p class="insp-role">{ &view.role }</p>
            <section class="insp-sec">
                <h3>{ "Backlog" }</h3>
                { time_chart(&view.chart) }
                { facts(&view.facts) }
            </section>
            <section class="insp-sec">
                <div class="sec-head"><h3>{ "At the head" }</h3><span class="dim">{ "next first" }</span></div>
                if view.head.is_empty() {
                    <p class="note-line">{ "Nothing waits." }</p>
                } else {
                    <ol class="head-list">{ for view.head.iter().map(|row| message(row, send)) }</ol>
                }
            </section>
            <section class="insp-sec">
                <h3>{ "Bindings" }</h3>
                { bindings(&view.bindings, send) }
            </section>
            <section class="insp-sec">
                <h3>{ "Arguments" }</h3>
                { settings(&view.settings) }
            </section>
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
        let name = if name.is_empty() { "(default)".to_owned() } else { name.to_owned() };
        html! {
            <button class="link mono" onclick={press(send, Msg::Select(Some(selection)))}>{ name }</button>
        }
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
    html! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Table of bindings">
            <table class="rows">
                <thead><tr>
                    <th scope="col">{ "exchange" }</th>
                    <th scope="col">{ "key" }</th>
                    <th scope="col">{ "queue" }</th>
                </tr></thead>
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table>
        </div>
    }
}
