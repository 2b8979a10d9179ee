//! Toasts in a corner of the stage, and the sentence for those who do not see it.

use yew::{Callback, Html, html};

use super::model::{Mood, Msg, Toast};
use super::parts::{IconName, icon, press};

pub fn toasts(toasts: &[Toast], send: &Callback<Msg>) -> Html {
    html! { <div class="toasts">{ for toasts.iter().map(|toast| item(toast, send)) }</div> }
}

fn item(toast: &Toast, send: &Callback<Msg>) -> Html {
    let (class, mark) = match toast.mood {
        Mood::Bad => ("toast", IconName::Bolt),
        Mood::Good => ("toast calm", IconName::Check),
        Mood::Neutral => ("toast plain", IconName::Flag),
    };
    html! {
        <div {class} key={toast.id}>
            { icon(mark) }
            <span><b>{ &toast.title }</b>{ &toast.text }</span>
            if let Some(offer) = &toast.offer {
                <button class="link" onclick={press(send, Msg::Accept(offer.clone()))}>
                    { offer.label() }
                </button>
            }
            <button
                class="ib close"
                aria-label={format!("Dismiss: {}", toast.title)}
                onclick={press(send, Msg::Dismiss(toast.id))}
            >
                { icon(IconName::Close) }
            </button>
        </div>
    }
}

pub fn live_region(sentence: String) -> Html {
    html! { <p class="sr" role="status" aria-live="polite">{ sentence }</p> }
}
