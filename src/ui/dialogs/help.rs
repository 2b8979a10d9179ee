//! Help: all keys, and how faithful the engines are.

use yew::Callback;

use crate::ui::model::{KEYS, Layer, Msg};
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::dialog;

/// `fidelity` is a text of titles and lists (docs/fidelity.txt), empty until it is loaded.
pub fn help(fidelity: &str, send: &Callback<Msg>) -> Node {
    let close = el("button.ib")
        .label("Close help")
        .attr("data-first", "")
        .press(send, Msg::Close(Layer::Help))
        .child(icon(IconName::Close));
    let body = el("div.dialog-body")
        .region("Keys and fidelity")
        .child(text("h3", "Keys"))
        .child(el("dl.keys").children(KEYS.iter().map(key)))
        .child(text("h3", "How faithful the engines are"))
        .children(fidelity.split("# ").skip(1).map(part));
    let head = el("header.dialog-head").child(text("h2", "Help")).child(close);
    dialog("Help and keyboard shortcuts", "help", fragment().child(head).child(body), send)
}

fn key((keys, what): &(&'static str, &'static str)) -> Node {
    let cap = |caps: Node, key: &'static str| match key {
        "to" => caps.child(" to "),
        key => caps.child(text("kbd", key)),
    };
    let caps = keys.split(' ').fold(el("dt"), cap);
    el("div").child(caps).child(text("dd", *what))
}

/// A title with a list below it.
fn part(lines: &str) -> Node {
    let mut lines = lines.lines();
    let title = text("h4", lines.next().unwrap_or_default().to_owned());
    let items = lines.map(|item| text("li", item.to_owned()));
    fragment().child(title).child(el("ul.plain-list").children(items))
}
