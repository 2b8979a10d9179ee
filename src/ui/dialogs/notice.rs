//! What went wrong, where, what is safe, and what can be done now.

use yew::Callback;

use crate::ui::format;
use crate::ui::model::{Msg, Notice, Route};
use crate::ui::parts::{Node, el, fragment, text};

use super::dialog;

pub fn notice(notice: &Notice, send: &Callback<Msg>) -> Node {
    let rescued = notice.rescued.as_ref().map(|run| {
        let count = run.inputs.len() as u64;
        let label = format!("Open the first {}", format::counted(count, "command"));
        text("button.btn", label).press(send, Msg::OpenRescued)
    });
    let keep = text("button.btn", "Keep my run")
        .class("primary")
        .attr("data-first", "")
        .press(send, Msg::Back);
    let lessons = text("a.btn", "All lessons").attr("href", Route::Lessons.to_string());
    let content = fragment()
        .child(text("h2", &notice.title))
        .child(text("p", &notice.text).child(" Your own run is untouched."))
        .child(el("p.row").child(keep).child(rescued).child(lessons));
    dialog(notice.title.clone(), "notice", content, send)
}
