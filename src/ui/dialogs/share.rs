//! Handing a run on: as a link or as a file, and back in.

use yew::Callback;

use crate::ui::model::{Layer, Msg};
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::dialog;

pub fn share(send: &Callback<Msg>) -> Node {
    let close = el("button.ib")
        .label("Close")
        .press(send, Msg::Close(Layer::Share))
        .child(icon(IconName::Close));
    let head = el("header.dialog-head").child(text("h2", "Share this run")).child(close);
    let what = "A link or a file carries the scenario, the seed and your commands. Whoever opens it \
        sees the same run at the same moment.";
    let content = fragment()
        .child(head)
        .child(text("p", what))
        .child(
            el("p.row")
                .child(
                    text("button.btn", "Copy a link")
                        .class("primary")
                        .attr("data-first", "")
                        .press(send, Msg::Share),
                )
                .child(text("button.btn", "Save run as file").press(send, Msg::SaveRun))
                .child(text("button.btn", "Open run…").press(send, Msg::PickFile)),
        )
        .child(text("p.note-line", "A file can be dropped anywhere on the page, too."));
    dialog("Share this run", "notice", content, send)
}
