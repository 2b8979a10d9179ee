//! A partition: its offsets, its newest records, and how far each group is.

use yew::{Callback, Html, html};

use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{TokenShape, press, token};
use crate::ui::view::{GroupRow, PartitionView, RecordRow};

use super::{facts, link, note, section, section_with, table};

pub fn panel(view: &PartitionView, send: &Callback<Msg>) -> Html {
    let offsets = [
        ("log start", format::count(view.start)),
        ("log end", format::count(view.end)),
        ("high watermark", format::count(view.high_watermark)),
        ("records", format::count(view.end - view.start)),
    ];
    let groups = if view.groups.is_empty() {
        note("No group reads this topic yet.")
    } else {
        let heads = [("group", ""), ("committed", "num"), ("lag", "num")];
        table("rows", &heads, view.groups.iter().map(group).collect())
    };
    let records = if view.records.is_empty() {
        note("Nothing was appended yet.")
    } else {
        let heads = [("offset", "num"), ("key", ""), ("value", "")];
        table("rows", &heads, view.records.iter().map(|row| record(row, send)).collect())
    };
    html! {
        <>
            <div class="insp-top">{ facts(&offsets) }</div>
            { section("Groups", groups) }
            { section_with("Newest records", neighbours(view, send), records) }
        </>
    }
}

fn neighbours(view: &PartitionView, send: &Callback<Msg>) -> Html {
    let to = |number: u32| {
        press(send, Msg::Select(Some(Selection::Partition(view.topic.clone(), number))))
    };
    html! {
        <span class="pair">
            if view.number > 0 {
                <button class="link" onclick={to(view.number - 1)}>{ format!("p{}", view.number - 1) }</button>
            }
            if view.number + 1 < view.partitions {
                <button class="link" onclick={to(view.number + 1)}>{ format!("p{}", view.number + 1) }</button>
            }
        </span>
    }
}

fn group(row: &GroupRow) -> Html {
    let committed = row.committed.map_or_else(|| "none".to_owned(), format::count);
    html! {
        <tr data-group={row.group.to_string()} data-lag={row.lag.to_string()}>
            <td>{ &*row.group }</td>
            <td class="num">{ committed }</td>
            <td class="num">{ format::count(row.lag) }</td>
        </tr>
    }
}

fn record(row: &RecordRow, send: &Callback<Msg>) -> Html {
    html! {
        <tr>
            <td class="num">{ row.offset }</td>
            <td>
                <span class="key">{ token(row.hue, TokenShape::Fresh) }{ order_link(row.order, &row.key, send) }</span>
            </td>
            <td>{ &row.value }</td>
        </tr>
    }
}

/// The name of an order, which opens its journey.
pub(super) fn order_link(order: Option<u32>, name: &str, send: &Callback<Msg>) -> Html {
    match order {
        Some(number) => link(name, Selection::Order(number), send),
        None => html! { <span class="mono">{ name }</span> },
    }
}
