//! Toasts in a corner of the stage, and the sentence for those who do not see it.

use yew::Callback;

use super::model::{Mood, Msg, Toast};
use super::parts::{IconName, Node, el, fragment, icon, text};

pub fn toasts(toasts: &[Toast], send: &Callback<Msg>) -> Node {
    el("section.toasts").label("Messages").children(toasts.iter().map(|toast| item(toast, send)))
}

fn item(toast: &Toast, send: &Callback<Msg>) -> Node {
    let (mood, mark) = match toast.mood {
        Mood::Bad => ("", IconName::Bolt),
        Mood::Good => ("calm", IconName::Check),
        Mood::Neutral => ("plain", IconName::Flag),
    };
    let offer = toast
        .offer
        .as_ref()
        .map(|offer| text("button.link", offer.label()).press(send, Msg::Accept(offer.clone())));
    let close = el("button.ib")
        .class("close")
        .label(format!("Dismiss: {}", toast.title))
        .press(send, Msg::Dismiss(toast.id))
        .child(icon(IconName::Close));
    el("div.toast")
        .class(mood)
        .key(toast.id)
        .child(icon(mark))
        .child(el("span").child(text("b", &toast.title)).child(&toast.text))
        .child(offer)
        .child(close)
}

/// What changed waits for a pause; what went wrong does not.
pub fn live_regions(sentence: String, warning: String) -> Node {
    fragment()
        .child(text("p.sr", sentence).role("status").attr("aria-live", "polite"))
        .child(text("p.sr", warning).role("alert"))
}
