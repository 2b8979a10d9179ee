//! The panel beside the shop when there is no lesson: what arrives, which shop, what came of it.

use yew::Callback;

use crate::engine::Instant;
use crate::simulation::{GoalScore, Score};

use super::format;
use super::ledger::{LedgerView, ledger_panel};
use super::model::{Model, Msg, Selection};
use super::parts::{IconName, Node, Slider, SliderProps, Unit, component, el, icon, text};

#[derive(Clone, Debug, PartialEq)]
pub struct SandboxView {
    pub title: String,
    pub description: String,
    pub per_minute: u64,
    pub seed: u64,
    /// Name and title of every scenario, and whether it is the present one.
    pub scenarios: Vec<(&'static str, String, bool)>,
    /// What to try, and what it is about.
    pub ideas: Vec<(&'static str, Selection)>,
    /// The score so far and the moment at which it counts, if it is a game.
    pub game: Option<(Score, Instant)>,
    pub ledger: LedgerView,
}

impl SandboxView {
    pub fn of(model: &Model) -> SandboxView {
        let scenario = model.timeline.scenario();
        SandboxView {
            title: scenario.title.clone(),
            description: scenario.description.clone(),
            per_minute: u64::from(model.world().arrivals_per_minute()),
            seed: model.timeline.seed(),
            scenarios: model.scenarios(),
            ideas: ideas(model),
            game: scenario
                .game
                .as_ref()
                .map(|game| (game.score(&model.observe()), Instant::from_millis(game.ends_at_ms))),
            ledger: LedgerView::of(model),
        }
    }
}

pub fn sandbox(view: &SandboxView, send: &Callback<Msg>) -> Node {
    let scenario = |(name, title, present): &(&'static str, String, bool)| {
        text("button", title).attr("aria-pressed", *present).press(send, Msg::OpenScenario(name))
    };
    let scenarios = el("div.seg")
        .class("scenarios")
        .role("group")
        .label("Scenario")
        .children(view.scenarios.iter().map(scenario));
    el("div.lesson-body")
        .region("The scenario")
        .child(text("p.eyebrow", "Sandbox"))
        .child(text("h1", &view.title))
        .child(text("p", &view.description))
        .child(scenarios)
        .child(view.game.as_ref().map(|(score, end)| game(score, *end, send)))
        .child(arrivals(view, send))
        .child(beginnings(&view.ideas, send))
        .child(ledger_panel(&view.ledger, send))
}

/// What counts, how it stands, and the way to let others try the same.
fn game(score: &Score, end: Instant, send: &Callback<Msg>) -> Node {
    let goal = |goal: &GoalScore| {
        let sign = if goal.met { IconName::Check } else { IconName::Close };
        let state = if goal.met { "met" } else { "missed" };
        let side = if goal.is_lower { "least" } else { "most" };
        let bound = format!(" of at {side} {}, {} points", format::count(goal.bound), goal.points);
        el("li")
            .class(if goal.met { "met" } else { "bad" })
            .child(icon(sign))
            .child(text("span.sr", state))
            .child(text("span", format!(" {}: ", goal.title)))
            .child(text("b", format::count(goal.value)))
            .child(bound)
    };
    let words =
        format!("{} of {} points, counted at {}", score.points, score.of, format::clock(end));
    el("section.insp-sec")
        .child(text("h2", "Score"))
        .child(text("p", words))
        .child(el("ul.goals").children(score.goals.iter().map(goal)))
        .child(text("button.link", "Copy a link to this game").press(send, Msg::Share))
}

fn arrivals(view: &SandboxView, send: &Callback<Msg>) -> Node {
    let seed = el("span.pair")
        .child(text("output", view.seed.to_string()))
        .child(text("button.link", "Another").press(send, Msg::NewSeed));
    el("section.insp-sec")
        .child(text("h2", "Arrivals"))
        .child(arrivals_slider("Orders", view.per_minute, send))
        .child(el("div.field").child(text("span.lbl", "Seed")).child(seed))
}

/// How many orders a minute arrive.
pub fn arrivals_slider(label: &'static str, per_minute: u64, send: &Callback<Msg>) -> Node {
    let change = send.reform(|rate: u64| {
        Msg::Command(crate::simulation::Command::ArrivalRate { per_minute: rate as u32 })
    });
    component::<Slider>(SliderProps {
        id: "arrivals".into(),
        label: label.into(),
        value: per_minute,
        min: 0,
        max: 2_000.max(per_minute),
        step: 10,
        unit: Unit::PerMinute,
        change,
    })
}

/// Three beginnings that the scenario has the parts for.
fn ideas(model: &Model) -> Vec<(&'static str, Selection)> {
    let of = |service: &str| Selection::Service(service.into());
    let orders = || Selection::Partition("orders".into(), 0);
    let all = [
        ("Kill email. Does any order fail?", of("email")),
        ("Kill broker 2. Who leads its partitions now?", orders()),
        ("Kill a second broker. What do producers hear?", orders()),
        ("Slow payment ×10. Who falls behind, who does not?", of("payment")),
        ("Fail 30 % of shipping. What becomes of it?", of("shipping")),
    ];
    all.into_iter().filter(|(_, about)| about.is_in(model.world())).take(3).collect()
}

/// Each selects what it is about.
fn beginnings(ideas: &[(&'static str, Selection)], send: &Callback<Msg>) -> Node {
    let idea = |(words, about): &(&'static str, Selection)| {
        let button = el("button")
            .press(send, Msg::Select(Some(about.clone())))
            .child(icon(IconName::Arrow))
            .child(text("span", *words));
        el("li").child(button)
    };
    let ideas = el("ul.ideas").children(ideas.iter().map(idea));
    el("section.insp-sec").child(text("h2", "Try")).child(ideas)
}
