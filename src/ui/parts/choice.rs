//! A row of choices, one of which holds.

use yew::{Callback, Html, MouseEvent, html};

/// What each button says, and whether it holds; `choose` gets the place of the one pressed.
pub fn choice(
    id: &'static str,
    label: &'static str,
    options: Vec<(String, bool)>,
    choose: &Callback<usize>,
) -> Html {
    let option = |(index, (label, holds)): (usize, (String, bool))| {
        let onclick = choose.reform(move |_: MouseEvent| index);
        html! { <button aria-pressed={holds.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class="field">
            <span class="lbl" {id}>{ label }</span>
            <div class="seg small" role="group" aria-labelledby={id}>
                { for options.into_iter().enumerate().map(option) }
            </div>
        </div>
    }
}
