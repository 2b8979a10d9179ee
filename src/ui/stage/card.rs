//! The card of a service.

use yew::Callback;

use crate::simulation::{Command, Input, Observation, ServiceFigures, ServiceSpec};
use crate::ui::parts::{Node, el, fragment, path, power_button, state, state_class, text};
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
/// selects; the switch is a button of its own. There is none for a service without figures.
pub fn card(card: &Card<'_>, give: &Callback<Command>) -> Option<Node> {
    let spec = card.spec;
    let figures = &rebalancing(card)?;
    let size = match card.size {
        CardSize::Full => "",
        CardSize::Compact => "compact",
        CardSize::Mini => "mini",
    };
    let foot = foot(spec, figures, card.observation, card.is_door);
    let name = text("button.svc-name", &spec.title)
        .attr("id", service_id(&spec.id))
        .attr("aria-pressed", card.selected)
        .attr("title", &spec.title);
    let top = el("div.svc-top").child(name).child(power_button(
        &spec.id,
        &spec.title,
        figures.instances_up > 0,
        give,
    ));
    let node = el("article.svc")
        .key(format!("service-{}", spec.id))
        .class(state_class(figures))
        .class(size)
        .class_if(card.selected, "is-selected")
        .attr("data-service", &spec.id)
        .attr("data-state", &figures.state)
        .style(place(card.rect))
        .child(top)
        .child(rows(card, figures, &foot));
    Some(node)
}

/// The figures of a service; while its group rebalances, that is its state unless there is worse.
fn rebalancing(card: &Card<'_>) -> Option<ServiceFigures> {
    let mut figures = card.observation.services.get(&card.spec.id)?.clone();
    let group = match &card.spec.input {
        Input::Topic { group, .. } => card.observation.groups.get(group),
        Input::Http { .. } | Input::Queue { .. } => None,
    };
    let well = matches!(&*figures.state, "up" | "degraded");
    if well && group.is_some_and(|group| group.state.ends_with("Rebalance")) {
        figures.state = "rebalancing".to_owned();
    }
    Some(figures)
}

fn rows(card: &Card<'_>, figures: &ServiceFigures, foot: &Foot) -> Node {
    let state = state(figures, card.observation.now_ms);
    let figure = el("span.svc-lag")
        .class(foot.kind.class())
        .child(card.group.map(line_key))
        .child(&foot.figure);
    if card.size == CardSize::Mini {
        let second = card.rect.h > THREE_ROWS;
        let short = if foot.kind == Kind::Log { &foot.figure } else { &foot.time };
        // A state of several words takes the whole row.
        let room = !second && figures.state == "up" && figures.instances_paused == 0;
        let first = el("div.mini-row").child(state).child(room.then(|| text("span.svc-ms", short)));
        return fragment().child(first).child(second.then(|| el("div.mini-row").child(figure)));
    }
    let role = (card.size == CardSize::Full).then(|| text("p.svc-role", &card.spec.role));
    let gauge = el("div.gauge")
        .class(foot.kind.class())
        .attr("aria-hidden", true)
        .child(el("i").style(format!("width:{}%", foot.full)));
    let time = text("span.svc-ms", &foot.time);
    fragment()
        .child(role)
        .child(el("div.svc-row").child(state).child(instances(figures)))
        .child(el("div.svc-row").class("svc-foot").child(time).child(figure))
        .child(gauge)
}

/// A dot for each instance, full while it runs.
fn instances(figures: &ServiceFigures) -> Node {
    let (up, all) = (figures.instances_up, figures.instances);
    let node = el("span.svc-inst").role("img").label(format!("{up} of {all} instances running"));
    let dot = |on: bool| el("i").class_if(on, "on");
    if all > DOTS {
        let count = if up == all { all.to_string() } else { format!("{up}/{all}") };
        return node.child(dot(up > 0)).child(text("b", count));
    }
    node.children((0..all).map(|index| dot(index < up).key(index)))
}

/// The sample of a group's line that stands on its tape.
fn line_key(group: usize) -> Node {
    let line = path("path.front", "M0 3H14").class(format!("g{}", Tape::line_of(group) + 1));
    el("svg.line-key").attr("width", "14").attr("height", "6").attr("aria-hidden", true).child(line)
}
