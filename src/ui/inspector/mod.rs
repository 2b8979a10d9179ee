//! The inspector: one thing from close by.

mod actions;
mod exchange;
mod letters;
mod order;
mod partition;
mod queue;
mod service;
mod settings;

use yew::Callback;

use crate::simulation::Observation;

use super::model::{Model, Msg, Selection};
use super::parts::{IconName, Node, TokenShape, el, icon, text, token};
use super::view::{self, ExchangeView, OrderView, PartitionView, QueueView, ServiceView};

/// What the inspector shows.
#[derive(Clone, Debug)]
pub enum Inspected {
    Service(Box<ServiceView>),
    Partition(PartitionView),
    Queue(Box<QueueView>),
    Exchange(ExchangeView),
    Order(OrderView),
}

impl Inspected {
    /// What is selected, from close by; `None` while nothing is.
    pub fn of(model: &Model, now: &Observation) -> Option<(Selection, Inspected)> {
        let selection = model.selection.clone()?;
        let inspected = match &selection {
            Selection::Service(id) => Inspected::Service(Box::new(view::service(model, now, id)?)),
            Selection::Partition(topic, number) => {
                Inspected::Partition(view::partition(model, topic, *number)?)
            }
            Selection::Queue(name) => Inspected::Queue(Box::new(view::queue(model, now, name)?)),
            Selection::Exchange(name) => Inspected::Exchange(view::exchange(model, name)?),
            Selection::Order(number) => Inspected::Order(view::order(model, *number)?),
        };
        Some((selection, inspected))
    }
}

pub fn inspector(shown: Option<&(Selection, Inspected)>, send: &Callback<Msg>) -> Node {
    let Some((selection, inspected)) = shown else {
        return nothing();
    };
    let title = match inspected {
        Inspected::Service(view) => view.title.clone(),
        _ => selection.title(),
    };
    let body = match inspected {
        Inspected::Service(view) => service::panel(view, send),
        Inspected::Partition(view) => partition::panel(view, send),
        Inspected::Queue(view) => queue::panel(view, send),
        Inspected::Exchange(view) => exchange::panel(view, send),
        Inspected::Order(view) => order::panel(view, send),
    };
    let name = el("div").child(text("p.eyebrow", selection.kind())).child(text("h2", &title));
    let close = el("button.ib")
        .label("Close the inspector")
        .press(send, Msg::Select(None))
        .child(icon(IconName::Close));
    // Another kind of thing begins at its top.
    let body =
        el("div.insp-body").key(selection.kind()).region(format!("Details of {title}")).child(body);
    el("aside.inspector")
        .class("is-open")
        .label(format!("Inspector: {title}"))
        .child(el("header.insp-head").child(name).child(close))
        .child(body)
}

/// Says what would be here, and how to get it.
fn nothing() -> Node {
    let how = el("p")
        .child("Pick a service, a tape, a tray or an order. ")
        .child(text("kbd", "F"))
        .child(" follows the next order.");
    let empty =
        el("div.empty").child(icon(IconName::Tray)).child(text("p", "Nothing selected")).child(how);
    el("aside.inspector").key("nothing").label("Inspector").child(empty)
}

/// One part of what is inspected, under its title.
pub(super) fn section(title: &'static str) -> Node {
    el("section.insp-sec").child(text("h3", title))
}

/// The same with something beside its title.
pub(super) fn section_with(title: &'static str, aside: Option<Node>) -> Node {
    let head = el("div.sec-head").child(text("h3", title)).child(aside);
    el("section.insp-sec").child(head)
}

/// A part that can be folded away.
pub(super) fn fold(title: &'static str, aside: &'static str) -> Node {
    let summary = el("summary").child(text("h3", title)).child(text("em", aside));
    el("details.insp-sec").class("fold").child(summary)
}

pub(super) fn note(words: &'static str) -> Node {
    text("p.note-line", words)
}

/// Rows under the names of their columns; `num` columns are to be read from the right.
pub(super) fn table(
    class: &'static str,
    heads: &[(&'static str, &'static str)],
    rows: impl Iterator<Item = Node>,
) -> Node {
    let head = |(name, class): &(&'static str, &'static str)| {
        text("th", *name).attr("scope", "col").class(*class)
    };
    el("table")
        .class(class)
        .child(el("thead").child(el("tr").children(heads.iter().map(head))))
        .child(el("tbody").children(rows))
}

/// An order by the hue of its key, with its name or state.
pub(super) fn key(hue: u8, shape: TokenShape, name: Node) -> Node {
    el("span.key").child(token(hue, shape)).child(name)
}

/// A name that opens something.
pub(super) fn link(name: &str, selection: Selection, send: &Callback<Msg>) -> Node {
    text("button.link", name.to_owned()).class("mono").press(send, Msg::Select(Some(selection)))
}

/// Figures with their names, in two columns; the last one takes the whole width if it is alone.
pub(super) fn facts<N: AsRef<str>>(facts: &[(N, String)]) -> Node {
    let fact = |(index, (name, value)): (usize, &(N, String))| {
        let alone = index + 1 == facts.len() && facts.len() % 2 == 1;
        el("div")
            .class_if(alone, "whole")
            .child(text("dt", name.as_ref().to_owned()))
            .child(text("dd", value))
    };
    el("dl.facts").children(facts.iter().enumerate().map(fact))
}

/// Settings with their names, one in a row.
pub(super) fn settings<N: AsRef<str>>(settings: &[(N, String)]) -> Node {
    let setting = |(name, value): &(N, String)| {
        el("div.whole").child(text("dt", name.as_ref().to_owned())).child(text("dd.mono", value))
    };
    el("dl.facts").children(settings.iter().map(setting))
}
