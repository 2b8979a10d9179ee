//! The futures of a run, to switch between.

use yew::Callback;

use crate::ui::model::Msg;
use crate::ui::parts::{Node, el, text};
use crate::ui::view::Future;

/// More chips than this do not fit; the others are in the palette.
const CHIPS: usize = 4;

pub fn futures(futures: &[Future], send: &Callback<Msg>) -> Option<Node> {
    let (present, others) = futures.split_first()?;
    let newest = &others[others.len().saturating_sub(CHIPS - 1)..];
    let present = text("button", &present.name)
        .attr("data-branch", "present")
        .attr("aria-pressed", true)
        .attr("title", &present.title);
    let futures = el("div.seg")
        .class("small")
        .class("futures")
        .role("group")
        .label("Futures")
        .child(present)
        .children(newest.iter().map(|future| chip(future, send)));
    Some(futures)
}

fn chip(future: &Future, send: &Callback<Msg>) -> Node {
    let index = future.branch.unwrap_or_default();
    text("button", &future.name)
        .attr("data-branch", index.to_string())
        .attr("aria-pressed", false)
        .label(&future.title)
        .attr("title", &future.title)
        .press(send, Msg::SwitchTo(index))
}
