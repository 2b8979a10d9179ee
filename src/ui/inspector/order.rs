//! An order: its journey, its payload and the history that the broker wrote on its message.

use yew::Callback;

use crate::engine::Instant;
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::{Node, TokenShape, el, fragment, text, token};
use crate::ui::view::{DeathRow, Family, JourneyStep, OrderView};

use super::{fold, key, section, table};

pub fn panel(view: &OrderView, send: &Callback<Msg>) -> Node {
    let (label, msg) = if view.followed {
        ("Stop following", Msg::Follow(None))
    } else {
        ("Follow", Msg::Follow(Some(view.number)))
    };
    let status = text("b", view.status).class_if(view.bad, "bad");
    let state = el("div.insp-state")
        .child(key(view.hue, shape(view), status))
        .child(text("button.btn", label).press(send, msg));
    let finding = |finding: &String| text("p.finding", format!("It {finding}."));
    let steps = view.journey.iter().enumerate();
    let steps =
        steps.map(|(index, step)| journey_step(view, step, index + 1 == view.journey.len(), send));
    let deaths = (!view.deaths.is_empty())
        .then(|| section("Headers of its message, x-death").child(deaths(&view.deaths)));
    let payload = view.payload.as_ref().map(|payload| {
        let value = text("pre.json", payload).region("Value as JSON");
        fold("Value", "JSON").flag("open", true).child(value)
    });
    fragment()
        .child(state)
        .children(view.findings.iter().map(finding))
        .child(section("Journey of the order").child(el("ol.journey").children(steps)))
        .child(deaths)
        .child(payload)
}

fn shape(view: &OrderView) -> TokenShape {
    match (view.bad, view.journey.iter().any(|step| step.retried)) {
        (true, _) => TokenShape::Dead,
        (false, true) => TokenShape::Tried,
        (false, false) => TokenShape::Fresh,
    }
}

fn journey_step(view: &OrderView, step: &JourneyStep, last: bool, send: &Callback<Msg>) -> Node {
    let family = match step.family {
        Family::Plain => "plain",
        Family::Log => "log",
        Family::Queue => "queue",
    };
    let shape = if step.retried { TokenShape::Tried } else { TokenShape::Fresh };
    let words = el("div")
        .child(text("p", &step.title).class_if(step.bad, "bad"))
        .child(text("p.sub", &step.sub));
    let when = text("button.when", moment(step.at))
        .attr("title", "Go to this moment")
        .label(format!("Go to {}, {}", moment(step.at), step.title))
        .press(send, Msg::Seek(step.at));
    el("li")
        .class(family)
        .class_if(last, "last")
        .child(el("span.node").child(token(view.hue, shape)))
        .child(words)
        .child(when)
}

/// Minutes, seconds and milliseconds: `17:18.432`.
fn moment(at: Instant) -> String {
    format!("{}.{:03}", format::tick(at), at.as_millis() % 1_000)
}

fn deaths(rows: &[DeathRow]) -> Node {
    let row = |row: &DeathRow| {
        el("tr")
            .child(text("td", &row.queue))
            .child(text("td", row.reason))
            .child(text("td", row.count.to_string()))
    };
    let heads = [("queue", ""), ("reason", ""), ("count", "")];
    table("xdeath", &heads, rows.iter().map(row))
}
