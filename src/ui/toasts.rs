//! Toasts in a corner of the stage, and the sentence for those who do not see it.

use yew::{Callback, Html, Properties, component, html};

use super::model::{Mood, Msg, Toast};
use super::parts::{Icon, IconName, press};

#[derive(Debug, PartialEq, Properties)]
pub struct ToastListProps {
    pub toasts: Vec<Toast>,
    pub send: Callback<Msg>,
}

#[component]
pub fn ToastList(props: &ToastListProps) -> Html {
    html! {
        <div class="toasts">
            { for props.toasts.iter().map(|toast| item(toast, &props.send)) }
        </div>
    }
}

fn item(toast: &Toast, send: &Callback<Msg>) -> Html {
    let (class, icon) = match toast.mood {
        Mood::Bad => ("toast", IconName::Bolt),
        Mood::Good => ("toast calm", IconName::Check),
        Mood::Neutral => ("toast plain", IconName::Flag),
    };
    html! {
        <div {class} key={toast.id}>
            <Icon name={icon} />
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
                <Icon name={IconName::Close} />
            </button>
        </div>
    }
}

#[derive(Debug, PartialEq, Properties)]
pub struct LiveRegionProps {
    pub sentence: String,
}

#[component]
pub fn LiveRegion(props: &LiveRegionProps) -> Html {
    html! { <p class="sr" role="status" aria-live="polite">{ &props.sentence }</p> }
}
