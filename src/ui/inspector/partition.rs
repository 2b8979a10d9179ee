//! A partition: its offsets, its newest records, and how far each group is.

use yew::Callback;

use crate::simulation::{Command, OffsetPosition};
use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{
    Node, Slider, SliderProps, TokenShape, Unit, choice, component, el, fragment, text,
};
use crate::ui::view::{GroupRow, PartitionView, RecordRow};

use super::actions::actions;
use super::settings::changes;
use super::{facts, key, link, note, section, section_with, table};

pub fn panel(view: &PartitionView, send: &Callback<Msg>) -> Node {
    let offsets = [
        ("log start", format::count(view.start)),
        ("log end", format::count(view.end)),
        ("high watermark", format::count(view.high_watermark)),
        ("records", format::count(view.end - view.start)),
        ("leader", view.leader.clone()),
        ("in sync", view.in_sync.clone()),
    ];
    let groups = if view.groups.is_empty() {
        note("No group reads this topic yet.")
    } else {
        let heads = [("group", ""), ("committed", "num"), ("lag", "num")];
        table("rows", &heads, view.groups.iter().map(group))
    };
    let resets = view.groups.iter().filter(|_| view.resets).map(|row| reset(view, row, send));
    let records = if view.records.is_empty() {
        note("It holds no record.")
    } else {
        let heads = [("offset", "num"), ("key", ""), ("value", "")];
        table("rows", &heads, view.records.iter().map(|row| record(row, send)))
    };
    fragment()
        .child(el("div.insp-top").child(facts(&offsets)))
        .child(section("Groups").child(groups).children(resets))
        .child(section_with("Newest records", Some(neighbours(view, send))).child(records))
        .child(actions(&view.actions, send))
        .child(changes(&view.changes, send))
}

fn neighbours(view: &PartitionView, send: &Callback<Msg>) -> Node {
    let to = |number: u32| {
        let partition = Selection::Partition(view.topic.clone(), number);
        text("button.link", format!("p{number}")).press(send, Msg::Select(Some(partition)))
    };
    el("span.pair")
        .child(view.number.checked_sub(1).map(to))
        .child((view.number + 1 < view.partitions).then(|| to(view.number + 1)))
}

fn group(row: &GroupRow) -> Node {
    let committed = row.committed.map_or_else(|| "none".to_owned(), format::count);
    el("tr")
        .attr("data-group", &row.group)
        .attr("data-lag", row.lag.to_string())
        .child(text("td", &row.group))
        .child(text("td.num", committed))
        .child(text("td.num", format::count(row.lag)))
}

/// By keyboard what a drag of the group's bookmark does.
fn reset(view: &PartitionView, row: &GroupRow, send: &Callback<Msg>) -> Node {
    let command = {
        let (group, partition) = (row.group.clone(), Some(view.number));
        move |to| Msg::Command(Command::ResetOffsets { group: group.clone(), partition, to })
    };
    let group = &row.group;
    let field = component::<Slider>(SliderProps {
        id: format!("offset-{group}").into(),
        label: format!("Offset of {group}").into(),
        value: row.committed.unwrap_or(view.start),
        min: view.start,
        max: view.high_watermark,
        step: 1,
        unit: Unit::Offset,
        change: send.reform({
            let command = command.clone();
            move |offset| command(OffsetPosition::Offset(offset))
        }),
    });
    let mut places =
        vec![("earliest", OffsetPosition::Earliest), ("latest", OffsetPosition::Latest)];
    let mut words: Vec<(String, bool)> =
        places.iter().map(|(name, _)| ((*name).to_owned(), false)).collect();
    if let Some((offset, key)) = &view.followed {
        places.push(("", OffsetPosition::Offset(*offset)));
        words.push((key.clone(), false));
    }
    let choose = send.reform(move |index: usize| command(places[index].1));
    let busy = (row.state != "Empty").then(|| {
        let words = format!(
            "{group} is {}. Kafka moves only the offsets of a group without members: stop its \
             instances first.",
            row.state
        );
        text("p.note-line", words)
    });
    fragment()
        .child(field)
        .child(choice(&format!("reset-{group}"), &format!("Move {group} to"), words, &choose))
        .child(busy)
}

fn record(row: &RecordRow, send: &Callback<Msg>) -> Node {
    let key = key(row.hue, TokenShape::Fresh, order_link(row.order, &row.key, send));
    el("tr")
        .child(text("td.num", row.offset.to_string()))
        .child(el("td").child(key))
        .child(text("td", &row.value))
}

/// The name of an order, which opens its journey.
pub(super) fn order_link(order: Option<u32>, name: &str, send: &Callback<Msg>) -> Node {
    match order {
        Some(number) => link(name, Selection::Order(number), send),
        None => text("span.mono", name.to_owned()),
    }
}
