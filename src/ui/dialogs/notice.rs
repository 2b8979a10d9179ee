//! What went wrong, where, what is safe, and what can be done now.

use yew::{Callback, Html, html};

use crate::ui::format;
use crate::ui::model::{Msg, Notice, Route};
use crate::ui::parts::press;

use super::Dialog;

pub fn notice(notice: &Notice, send: &Callback<Msg>) -> Html {
    let rescued = notice.rescued.as_ref().map(|run| {
        let count = run.inputs.len() as u64;
        format!("Open the first {}", format::counted(count, "command"))
    });
    html! {
        <Dialog name={notice.title.clone()} class="dialog notice" send={send.clone()}>
            <h2>{ &notice.title }</h2>
            <p>{ &notice.text }{ " Your own run is untouched." }</p>
            <p class="row">
                <button class="btn primary" data-first="" onclick={press(send, Msg::Back)}>
                    { "Keep my run" }
                </button>
                if let Some(label) = rescued {
                    <button class="btn" onclick={press(send, Msg::OpenRescued)}>{ label }</button>
                }
                <a class="btn" href={Route::Lessons.to_string()}>{ "All lessons" }</a>
            </p>
        </Dialog>
    }
}
