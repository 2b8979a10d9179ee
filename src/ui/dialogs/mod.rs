//! Dialogs: what lies over the page until it is answered or dismissed.

mod help;
mod notice;
mod palette;

use web_sys::{HtmlDialogElement, HtmlElement};
use yew::{
    AttrValue, Callback, Children, Event, Html, MouseEvent, Properties, TargetCast, component,
    html, use_effect_with, use_node_ref,
};

use super::model::Msg;

pub use help::help;
pub use notice::notice;
pub use palette::CommandPalette;

#[derive(Debug, PartialEq, Properties)]
pub struct DialogProps {
    pub name: AttrValue,
    #[prop_or("dialog")]
    pub class: &'static str,
    pub send: Callback<Msg>,
    pub children: Children,
}

/// A modal dialog: the browser keeps the focus in it and gives it back afterwards.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        let dialog = node.cast::<HtmlDialogElement>();
        if let Some(dialog) = &dialog {
            // It fails only for a dialog that is open already, which is what is wanted.
            let _open = dialog.show_modal();
            if let Ok(Some(first)) = dialog.query_selector("[data-first]")
                && let Some(first) = wasm_bindgen::JsCast::dyn_ref::<HtmlElement>(&first)
            {
                let _focused = first.focus();
            }
        }
        move || {
            if let Some(dialog) = dialog {
                dialog.close();
            }
        }
    });
    let oncancel = props.send.reform(|event: Event| {
        event.prevent_default();
        Msg::Back
    });
    // A press beside the content lands on the dialog itself: its backdrop.
    let onclick = {
        let (send, node) = (props.send.clone(), node.clone());
        move |event: MouseEvent| {
            let target = event.target_dyn_into::<HtmlDialogElement>();
            if target.is_some() && target == node.cast::<HtmlDialogElement>() {
                send.emit(Msg::Back);
            }
        }
    };
    html! {
        <dialog ref={node} class={props.class} aria-label={&props.name} {oncancel} {onclick}>
            <div class="dialog-in">{ props.children.clone() }</div>
        </dialog>
    }
}
