//! The futures of a run, to switch between.

use yew::{Callback, Html, html};

use crate::ui::model::Msg;
use crate::ui::parts::press;
use crate::ui::view::Future;

/// More chips than this do not fit; the others are in the palette.
const CHIPS: usize = 4;

pub fn futures(futures: &[Future], send: &Callback<Msg>) -> Html {
    let Some((present, others)) = futures.split_first() else {
        return Html::default();
    };
    let newest = &others[others.len().saturating_sub(CHIPS - 1)..];
    html! {
        <div class="seg small futures" role="group" aria-label="Futures">
            <button data-branch="present" aria-pressed="true" title={present.title.clone()}>
                { &present.name }
            </button>
            { for newest.iter().map(|future| chip(future, send)) }
        </div>
    }
}

fn chip(future: &Future, send: &Callback<Msg>) -> Html {
    let index = future.branch.unwrap_or_default();
    html! {
        <button
            data-branch={index.to_string()}
            aria-pressed="false"
            aria-label={future.title.clone()}
            title={future.title.clone()}
            onclick={press(send, Msg::SwitchTo(index))}
        >
            { &future.name }
        </button>
    }
}
