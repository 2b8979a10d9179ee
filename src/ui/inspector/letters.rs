//! Dead letters one by one: some are chosen, one is edited, and they go back to where they came
//! from.

use std::rc::Rc;

use yew::{Callback, Event, InputEvent};

use crate::simulation::Order;
use crate::ui::format;
use crate::ui::model::{Draft, Msg};
use crate::ui::parts::{Node, el, fragment, text, typed};
use crate::ui::view::{MessageRow, QueueView};

use super::queue::message;

/// Of those that a service published itself.
const HOMELESS: &str = "A letter without x-death does not say where it belongs.";

pub fn letters(view: &QueueView, send: &Callback<Msg>) -> Node {
    let there = |id: &&Rc<str>| view.head.iter().any(|row| *row.name == ***id);
    let chosen: Vec<Rc<str>> = view.letters.chosen.iter().filter(there).cloned().collect();
    let count = chosen.len();
    let rows = view.head.iter().map(|row| letter(view, row, send));
    let more = (view.more > 0)
        .then(|| text("p.note-line", format!("{} more behind these.", format::count(view.more))));
    let button = text("button.btn", format!("Replay {count} chosen"))
        .flag("disabled", count == 0)
        .press(send, Msg::Replay(view.name.clone(), chosen));
    let homeless = view.head.iter().any(|row| row.deaths.is_empty());
    let homeless = homeless.then(|| text("p.note-line", HOMELESS));
    fragment().child(el("ol.head-list").children(rows)).child(more).child(homeless).child(button)
}

fn letter(view: &QueueView, row: &MessageRow, send: &Callback<Msg>) -> Node {
    if row.deaths.is_empty() {
        return message(row, send);
    }
    let id: Rc<str> = row.name.as_str().into();
    let name = row.order.map_or_else(|| row.name.clone(), Order::id);
    let choose = {
        let id = id.clone();
        send.reform(move |_: Event| Msg::Choose(id.clone()))
    };
    let check = el("input")
        .attr("type", "checkbox")
        .label(format!("Choose {name}"))
        .checked(view.letters.chosen.contains(&id))
        .onchange(choose);
    let button = |verb: &'static str, msg: Msg| {
        text("button.link", verb).label(format!("{verb} {name}")).press(send, msg)
    };
    let draft = Draft { id: id.clone(), text: Order::text_of(&row.body), wrong: None };
    let edited = view.letters.draft.as_ref().filter(|draft| draft.id == id);
    let buttons = el("span.pair")
        .child(button("Edit", Msg::Edit(Some(draft))))
        .child(button("Replay", Msg::Replay(view.name.clone(), vec![id])));
    message(row, send)
        .class("letter")
        .child(check)
        .child(buttons)
        .child(edited.map(|draft| editor(draft, &name, &view.name, send)))
}

fn editor(draft: &Draft, name: &str, queue: &Rc<str>, send: &Callback<Msg>) -> Node {
    let id = draft.id.clone();
    let oninput = send.reform(move |event: InputEvent| {
        Msg::Edit(Some(Draft { id: id.clone(), text: typed(&event), wrong: None }))
    });
    let area = el("textarea.mono")
        .attr("rows", "9")
        .attr("spellcheck", false)
        .label(format!("Payload of {name}"))
        .attr("aria-invalid", draft.wrong.is_some())
        .attr("aria-describedby", "letter-wrong")
        .value(draft.text.clone())
        .oninput(oninput);
    let wrong = draft.wrong.as_ref().map(|wrong| text("span", wrong));
    let again = text("button.btn", "Replay edited")
        .class("primary")
        .press(send, Msg::ReplayEdited(queue.clone()));
    el("div.draft")
        .child(area)
        .child(el("p.bad").attr("id", "letter-wrong").role("status").child(wrong))
        .child(again)
        .child(text("button.btn", "Cancel").press(send, Msg::Edit(None)))
}
