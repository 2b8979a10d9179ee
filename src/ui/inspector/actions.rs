//! What can be done to a thing beyond its settings, each with a press.

use yew::Callback;

use crate::ui::model::{Action, ActionKind, Msg};
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::section;

/// The sections of one thing's actions; those without any are left out.
pub fn actions(actions: &[Action], send: &Callback<Msg>) -> Node {
    let of = |kinds: &[ActionKind]| {
        let mut some = actions.iter().filter(|one| kinds.contains(&one.kind)).peekable();
        some.peek()?;
        Some(el("div.faults").children(some.map(|one| button(one, send))))
    };
    use ActionKind::{Crash, Failure, Link, Pace, Poison, Power, Repair, Storage};
    let crashes = of(&[Crash]).map(|buttons| {
        let note = text("p.faults-note", "The next piece of work crashes it");
        fragment().child(note).child(buttons.class("three"))
    });
    let links = of(&[Link, Storage]).map(|buttons| {
        fragment().child(text("p.faults-note", "Around it")).child(buttons.class("wide"))
    });
    let own = of(&[Power, Pace, Failure, Poison]);
    let faults = own.is_some() || crashes.is_some() || links.is_some();
    let repairs = of(&[Repair]).map(|buttons| section("Repairs").child(buttons.class("wide")));
    let faults = faults.then(|| section("Faults").child(own).child(crashes).child(links));
    fragment().child(faults).child(repairs)
}

fn button(action: &Action, send: &Callback<Msg>) -> Node {
    // Who speaks to the page says what is written on the button.
    let name = match action.name.contains(&*action.label) {
        true => action.name.clone(),
        false => format!("{}: {}", action.label, action.name),
    };
    el("button.fault")
        .attr("aria-pressed", action.on)
        .label(name)
        .attr("title", action.said().to_owned())
        .press(send, Msg::Command(action.command.clone()))
        .child(icon(sign(action.kind)))
        .child(text("span", &action.label))
}

fn sign(kind: ActionKind) -> IconName {
    match kind {
        ActionKind::Power => IconName::Power,
        ActionKind::Pace => IconName::Snail,
        ActionKind::Failure => IconName::Dice,
        ActionKind::Poison => IconName::Skull,
        ActionKind::Crash => IconName::Bolt,
        ActionKind::Link => IconName::Cut,
        ActionKind::Storage => IconName::Tape,
        ActionKind::Repair => IconName::Rewind,
    }
}
