//! A row of choices, one of which holds.

use yew::{AttrValue, Callback, Html, MouseEvent, Properties, component, html};

#[derive(Debug, PartialEq, Properties)]
pub struct ChoiceProps {
    pub id: &'static str,
    pub label: AttrValue,
    /// What each button says, and whether it holds.
    pub options: Vec<(AttrValue, bool)>,
    /// The place of the option that was pressed.
    pub choose: Callback<usize>,
}

#[component]
pub fn Choice(props: &ChoiceProps) -> Html {
    let option = |(index, (label, holds)): (usize, &(AttrValue, bool))| {
        let onclick = props.choose.reform(move |_: MouseEvent| index);
        html! { <button aria-pressed={holds.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class="field">
            <span class="lbl" id={props.id}>{ &props.label }</span>
            <div class="seg small" role="group" aria-labelledby={props.id}>
                { for props.options.iter().enumerate().map(option) }
            </div>
        </div>
    }
}
