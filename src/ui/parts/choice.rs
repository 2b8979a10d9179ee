//! A row of choices, one of which holds.

use yew::{Callback, MouseEvent};

use super::{Node, el, text};

/// What each button says, and whether it holds; `choose` gets the place of the one pressed.
pub fn choice(
    id: &str,
    label: &str,
    options: Vec<(String, bool)>,
    choose: &Callback<usize>,
) -> Node {
    let option = |(index, (label, holds)): (usize, (String, bool))| {
        let onclick = choose.reform(move |_: MouseEvent| index);
        text("button", label).attr("aria-pressed", holds).onclick(onclick)
    };
    let buttons = el("div.seg")
        .class("small")
        .role("group")
        .attr("aria-labelledby", id.to_owned())
        .children(options.into_iter().enumerate().map(option));
    el("div.field")
        .child(text("span.lbl", label.to_owned()).attr("id", id.to_owned()))
        .child(buttons)
}
