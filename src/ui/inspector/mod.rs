//! The inspector: one thing from close by.

mod exchange;
mod faults;
mod order;
mod partition;
mod queue;
mod service;

use yew::{Callback, Html, html};

use crate::simulation::Observation;

use super::model::{Model, Msg, Selection};
use super::parts::{IconName, icon, press};
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

pub fn inspector(shown: Option<&(Selection, Inspected)>, send: &Callback<Msg>) -> Html {
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
    html! {
        <aside class="inspector is-open" aria-label={format!("Inspector: {title}")}>
            <header class="insp-head">
                <div><p class="eyebrow">{ selection.kind() }</p><h2>{ &title }</h2></div>
                <button
                    class="ib"
                    aria-label="Close the inspector"
                    onclick={press(send, Msg::Select(None))}
                >
                    { icon(IconName::Close) }
                </button>
            </header>
            // Another kind of thing begins at its top.
            <div key={selection.kind()} class="insp-body" tabindex="0" role="region" aria-label={format!("Details of {title}")}>
                { body }
            </div>
        </aside>
    }
}

/// Says what would be here, and how to get it.
fn nothing() -> Html {
    html! {
        <aside key="nothing" class="inspector" aria-label="Inspector">
            <div class="empty">
                { icon(IconName::Tray) }
                <p>{ "Nothing selected" }</p>
                <p>
                    { "Pick a service, a tape, a tray or an order. " }
                    <kbd>{ "F" }</kbd>
                    { " follows the next order." }
                </p>
            </div>
        </aside>
    }
}

/// One part of what is inspected.
pub(super) fn section(title: &'static str, body: Html) -> Html {
    html! { <section class="insp-sec"><h3>{ title }</h3>{ body }</section> }
}

/// The same with something beside its title.
pub(super) fn section_with(title: &'static str, aside: Html, body: Html) -> Html {
    html! {
        <section class="insp-sec">
            <div class="sec-head"><h3>{ title }</h3>{ aside }</div>
            { body }
        </section>
    }
}

pub(super) fn note(text: &'static str) -> Html {
    html! { <p class="note-line">{ text }</p> }
}

/// Rows under the names of their columns; `num` columns are to be read from the right.
pub(super) fn table(
    class: &'static str,
    heads: &[(&'static str, &'static str)],
    rows: Html,
) -> Html {
    let head = |(name, class): &(&'static str, &'static str)| {
        let class = (!class.is_empty()).then_some(*class);
        html! { <th scope="col" {class}>{ *name }</th> }
    };
    html! {
        <table {class}>
            <thead><tr>{ for heads.iter().map(head) }</tr></thead>
            <tbody>{ rows }</tbody>
        </table>
    }
}

/// A name that opens something.
pub(super) fn link(name: &str, selection: Selection, send: &Callback<Msg>) -> Html {
    let onclick = press(send, Msg::Select(Some(selection)));
    html! { <button class="link mono" {onclick}>{ name.to_owned() }</button> }
}

/// Figures with their names, in two columns; the last one takes the whole width if it is alone.
pub(super) fn facts<N: AsRef<str>>(facts: &[(N, String)]) -> Html {
    let fact = |(index, (name, value)): (usize, &(N, String))| {
        let alone = index + 1 == facts.len() && facts.len() % 2 == 1;
        html! {
            <div class={alone.then_some("whole")}>
                <dt>{ name.as_ref() }</dt><dd>{ value }</dd>
            </div>
        }
    };
    html! { <dl class="facts">{ for facts.iter().enumerate().map(fact) }</dl> }
}

/// Settings with their names, one in a row.
pub(super) fn settings<N: AsRef<str>>(settings: &[(N, String)]) -> Html {
    let setting = |(name, value): &(N, String)| {
        html! { <div class="whole"><dt>{ name.as_ref() }</dt><dd class="mono">{ value }</dd></div> }
    };
    html! { <dl class="facts">{ for settings.iter().map(setting) }</dl> }
}
