//! A number with one button less and one more.

use yew::{Callback, Html, MouseEvent, html};

use super::{IconName, icon};

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
) -> Html {
    let Steps { less, more, value, min, max } = steps;
    let button = |name: &str, to: u64, disabled: bool, sign: IconName| {
        let onclick = change.reform(move |_: MouseEvent| to);
        html! {
            <button aria-label={name.to_owned()} {disabled} {onclick}>{ icon(sign) }</button>
        }
    };
    html! {
        <div class="field">
            <span class="lbl" {id}>{ label }</span>
            <div class="stepper" role="group" aria-labelledby={id}>
                { button(less, value.saturating_sub(1), value <= min, IconName::Minus) }
                <output>{ value }</output>
                { button(more, value + 1, value >= max, IconName::Plus) }
            </div>
        </div>
    }
}
