//! The choices of "Run until".

use web_sys::HtmlElement;
use yew::{Callback, Html, NodeRef, Properties, component, use_effect_with, use_node_ref};

use crate::ui::model::{Msg, Until};
use crate::ui::parts::{el, text};

#[derive(Debug, PartialEq, Properties)]
pub struct RunUntilProps {
    pub choices: Vec<(String, Until)>,
    pub send: Callback<Msg>,
}

#[component]
pub fn RunUntil(props: &RunUntilProps) -> Html {
    let first = use_node_ref();
    use_effect_with(first.clone(), |first: &NodeRef| {
        if let Some(button) = first.cast::<HtmlElement>() {
            // Losing the focus to a list that is gone again is no harm.
            let _gone = button.focus();
        }
    });
    let choice = |(index, (label, until)): (usize, &(String, Until))| {
        let button = text("button", label).press(&props.send, Msg::RunUntil(until.clone()));
        el("li").child(if index == 0 { button.node_ref(&first) } else { button })
    };
    let choices = el("ul").children(props.choices.iter().enumerate().map(choice));
    el("div.menu").role("group").label("Run until").child(choices).into()
}
