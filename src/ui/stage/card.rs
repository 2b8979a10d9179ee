//! The card of a service.

use yew::{Callback, Html, classes, html};

use crate::simulation::{Command, Observation, ServiceFigures, ServiceSpec};
use crate::ui::parts::{power_button, state, state_class};
use crate::ui::scene::{CardSize, Rect, Tape};

use super::items::service_id;
use super::labels::place;
use super::words::{Foot, Kind, foot};

/// Dots for up to so many instances; beyond them a number.
const DOTS: u64 = 6;
/// A small card with room for a third row.
const THREE_ROWS: f32 = 50.0;

/// A service as its card shows it.
#[derive(Debug)]
pub struct Card<'a> {
    pub spec: &'a ServiceSpec,
    pub rect: Rect,
    pub size: CardSize,
    pub observation: &'a Observation,
    pub is_door: bool,
    pub selected: bool,
    /// The consumer group it reads in.
    pub group: Option<usize>,
}

/// Name, role, state, instances, time per message, gauge with figure, and a power switch. The card
/// selects; the switch is a button of its own.
pub fn card(card: &Card<'_>, give: &Callback<Command>) -> Html {
    let spec = card.spec;
    let Some(figures) = card.observation.services.get(&spec.id) else {
        return html! {};
    };
    let size = match card.size {
        CardSize::Full => None,
        CardSize::Compact => Some("compact"),
        CardSize::Mini => Some("mini"),
    };
    let selected = card.selected.then_some("is-selected");
    let foot = foot(spec, figures, card.observation, card.is_door);
    html! {
        <article
            key={format!("service-{}", spec.id)}
            class={classes!("svc", state_class(&figures.state), size, selected)}
            data-service={spec.id.to_string()}
            data-state={figures.state.clone()}
            style={place(card.rect)}
        >
            <div class="svc-top">
                <button
                    class="svc-name"
                    id={service_id(&spec.id)}
                    aria-pressed={card.selected.to_string()}
                    title={spec.title.clone()}
                >
                    { &spec.title }
                </button>
                { power_button(&spec.id, &spec.title, figures.instances_up > 0, give) }
            </div>
            { rows(card, figures, &foot) }
        </article>
    }
}

fn rows(card: &Card<'_>, figures: &ServiceFigures, foot: &Foot) -> Html {
    let state = state(figures, card.observation.now_ms);
    let figure = html! {
        <span class={classes!("svc-lag", foot.kind.class())}>
            { line_key(card.group) }{ &foot.figure }
        </span>
    };
    if card.size == CardSize::Mini {
        let second = card.rect.h > THREE_ROWS;
        let short = if foot.kind == Kind::Log { &foot.figure } else { &foot.time };
        // A state of several words takes the whole row.
        let room = !second && figures.state == "up";
        return html! {
            <>
                <div class="mini-row">
                    { state }
                    if room {
                        <span class="svc-ms">{ short }</span>
                    }
                </div>
                if second {
                    <div class="mini-row">{ figure }</div>
                }
            </>
        };
    }
    html! {
        <>
            if card.size == CardSize::Full {
                <p class="svc-role">{ &card.spec.role }</p>
            }
            <div class="svc-row">{ state }{ instances(figures) }</div>
            <div class="svc-row svc-foot">
                <span class="svc-ms">{ &foot.time }</span>
                { figure }
            </div>
            <div class={classes!("gauge", foot.kind.class())} aria-hidden="true">
                <i style={format!("width:{}%", foot.full)} />
            </div>
        </>
    }
}

/// A dot for each instance, full while it runs.
fn instances(figures: &ServiceFigures) -> Html {
    let (up, all) = (figures.instances_up, figures.instances);
    let name = format!("{up} of {all} instances running");
    if all > DOTS {
        let dot = (up > 0).then_some("on");
        let count = if up == all { all.to_string() } else { format!("{up}/{all}") };
        return html! {
            <span class="svc-inst" role="img" aria-label={name}>
                <i class={classes!(dot)} /><b>{ count }</b>
            </span>
        };
    }
    let dots = (0..all).map(|index| {
        let on = (index < up).then_some("on");
        html! { <i key={index} class={classes!(on)} /> }
    });
    html! { <span class="svc-inst" role="img" aria-label={name}>{ for dots }</span> }
}

/// The sample of a group's line that stands on its tape.
fn line_key(group: Option<usize>) -> Html {
    let Some(group) = group else { return html! {} };
    let style = format!("front g{}", Tape::line_of(group) + 1);
    html! {
        <svg class="line-key" width="14" height="6" aria-hidden="true">
            <path class={style} d="M0 3H14" />
        </svg>
    }
}
