//! An exchange: its type and its bindings.

use yew::Callback;

use crate::ui::model::Msg;
use crate::ui::parts::{Node, el, fragment};
use crate::ui::view::ExchangeView;

use super::queue::bindings;
use super::{facts, note, section};

pub fn panel(view: &ExchangeView, send: &Callback<Msg>) -> Node {
    let durable = if view.durable { "yes" } else { "no" };
    let figures = [("type", view.kind.clone()), ("durable", durable.to_owned())];
    let rule = note("A message goes to every queue whose binding matches its routing key.");
    fragment()
        .child(el("div.insp-top").child(facts(&figures)))
        .child(section("Bindings").child(bindings(&view.bindings, send)).child(rule))
}
