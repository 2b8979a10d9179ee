//! The choices of "Run until".

use web_sys::HtmlElement;
use yew::{Callback, Html, NodeRef, Properties, component, html, use_effect_with, use_node_ref};

use crate::ui::model::{Msg, Until};
use crate::ui::parts::press;

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
        let node = if index == 0 {
            first.clone()
        } else {
            NodeRef::default()
        };
        let onclick = press(&props.send, Msg::RunUntil(until.clone()));
        html! { <li><button ref={node} {onclick}>{ label }</button></li> }
    };
    html! {
        <div class="menu" role="group" aria-label="Run until">
            <ul>{ for props.choices.iter().enumerate().map(choice) }</ul>
        </div>
    }
}
