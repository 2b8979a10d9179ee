//! Dialogs: what lies over the page until it is answered or dismissed.

mod help;
mod notice;
mod palette;
mod share;

use web_sys::{HtmlDialogElement, HtmlElement};
use yew::{
    AttrValue, Callback, Event, Html, MouseEvent, Properties, TargetCast, component,
    use_effect_with, use_node_ref,
};

use super::model::Msg;
use super::parts::{self, Node, el};

pub use help::help;
pub use notice::notice;
pub use palette::{CommandPalette, CommandPaletteProps};
pub use share::share;

#[derive(Debug, PartialEq, Properties)]
struct DialogProps {
    name: AttrValue,
    class: &'static str,
    send: Callback<Msg>,
    content: Node,
}

/// What lies over the page: its name, its class and what is in it.
fn dialog(
    name: impl Into<AttrValue>,
    class: &'static str,
    content: Node,
    send: &Callback<Msg>,
) -> Node {
    parts::component::<Dialog>(DialogProps {
        name: name.into(),
        class,
        send: send.clone(),
        content,
    })
}

/// A modal dialog: the browser keeps the focus in it and gives it back afterwards.
#[component]
fn Dialog(props: &DialogProps) -> Html {
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
    el("dialog.dialog")
        .class(props.class)
        .label(&props.name)
        .node_ref(&node)
        .oncancel(oncancel)
        .onclick(onclick)
        .child(el("div.dialog-in").child(props.content.clone()))
        .into()
}
