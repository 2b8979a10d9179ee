//! A number with one button less and one more.

use yew::{Callback, MouseEvent};

use super::{IconName, Node, el, icon, text};

/// A number between two others, and what its two buttons are called.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a> {
    pub less: &'a str,
    pub more: &'a str,
    pub value: u64,
    pub min: u64,
    pub max: u64,
}

pub fn stepper(
    id: &'static str,
    label: &'static str,
    steps: Steps<'_>,
    change: &Callback<u64>,
) -> Node {
    let Steps { less, more, value, min, max } = steps;
    let button = |name: &str, to: u64, disabled: bool, sign: IconName| {
        el("button")
            .label(name.to_owned())
            .flag("disabled", disabled)
            .onclick(change.reform(move |_: MouseEvent| to))
            .child(icon(sign))
    };
    let buttons = el("div.stepper")
        .role("group")
        .attr("aria-labelledby", id)
        .child(button(less, value.saturating_sub(1), value <= min, IconName::Minus))
        .child(text("output", value.to_string()))
        .child(button(more, value + 1, value >= max, IconName::Plus));
    el("div.field").child(text("span.lbl", label).attr("id", id)).child(buttons)
}
