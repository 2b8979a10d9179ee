//! An order: its journey, its payload and the history that the broker wrote on its message.

use yew::{Callback, Html, html};

use super::{section, table};
use crate::engine::Instant;
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::{TokenShape, press, token};
use crate::ui::view::{DeathRow, Family, JourneyStep, OrderView};

pub fn panel(view: &OrderView, send: &Callback<Msg>) -> Html {
    let (label, msg) = if view.followed {
        ("Stop following", Msg::Follow(None))
    } else {
        ("Follow", Msg::Follow(Some(view.number)))
    };
    let steps = view.journey.iter().enumerate();
    let steps =
        steps.map(|(index, step)| journey_step(view, step, index + 1 == view.journey.len(), send));
    let journey = html! { <ol class="journey">{ for steps }</ol> };
    html! {
        <>
            <div class="insp-state">
                <span class="key">
                    { token(view.hue, shape(view)) }
                    <b class={view.bad.then_some("bad")}>{ view.status }</b>
                </span>
                <button class="btn" onclick={press(send, msg)}>{ label }</button>
            </div>
            { for view.findings.iter().map(|text| html! { <p class="finding">{ format!("It {text}.") }</p> }) }
            { section("Journey of the order", journey) }
            if !view.deaths.is_empty() {
                { section("Headers of its message, x-death", deaths(&view.deaths)) }
            }
            if let Some(payload) = &view.payload {
                <details class="insp-sec fold" open={true}>
                    <summary><h3>{ "Value" }</h3><em>{ "JSON" }</em></summary>
                    <pre class="json" tabindex="0" role="region" aria-label="Value as JSON">{ payload }</pre>
                </details>
            }
        </>
    }
}

fn shape(view: &OrderView) -> TokenShape {
    match (view.bad, view.journey.iter().any(|step| step.retried)) {
        (true, _) => TokenShape::Dead,
        (false, true) => TokenShape::Tried,
        (false, false) => TokenShape::Fresh,
    }
}

fn journey_step(view: &OrderView, step: &JourneyStep, last: bool, send: &Callback<Msg>) -> Html {
    let family = match step.family {
        Family::Plain => "plain",
        Family::Log => "log",
        Family::Queue => "queue",
    };
    let shape = if step.retried { TokenShape::Tried } else { TokenShape::Fresh };
    html! {
        <li class={format!("{family}{}", if last { " last" } else { "" })}>
            <span class="node">{ token(view.hue, shape) }</span>
            <div>
                <p class={step.bad.then_some("bad")}>{ &step.title }</p>
                <p class="sub">{ &step.sub }</p>
            </div>
            <button
                class="when"
                title="Go to this moment"
                aria-label={format!("Go to {}, {}", format::clock_tenths(step.at), step.title)}
                onclick={press(send, Msg::Seek(step.at))}
            >
                { moment(step.at) }
            </button>
        </li>
    }
}

/// Minutes, seconds and milliseconds: `17:18.432`.
fn moment(at: Instant) -> String {
    format!("{}.{:03}", format::tick(at), at.as_millis() % 1_000)
}

fn deaths(rows: &[DeathRow]) -> Html {
    let row = |row: &DeathRow| {
        html! { <tr><td>{ &*row.queue }</td><td>{ row.reason }</td><td>{ row.count }</td></tr> }
    };
    let heads = [("queue", ""), ("reason", ""), ("count", "")];
    table("xdeath", &heads, rows.iter().map(row).collect())
}
