//! The panel beside the shop when there is no lesson: what arrives, which shop, what came of it.

use yew::{Callback, Html, html};

use super::ledger::{LedgerView, ledger_panel};
use super::model::{Model, Msg, Selection};
use super::parts::{IconName, Slider, Unit, icon, press};

#[derive(Clone, Debug, PartialEq)]
pub struct SandboxView {
    pub title: String,
    pub description: String,
    pub per_minute: u64,
    pub seed: u64,
    /// Name and title of every scenario, and whether it is the present one.
    pub scenarios: Vec<(&'static str, String, bool)>,
    pub ledger: LedgerView,
}

impl SandboxView {
    pub fn of(model: &Model) -> SandboxView {
        let scenario = model.timeline.scenario();
        let known = crate::scenarios::EMBEDDED.iter().filter_map(|(name, _)| {
            let title = super::model::embedded(name)?.title.clone();
            Some((*name, title, *name == scenario.name))
        });
        SandboxView {
            title: scenario.title.clone(),
            description: scenario.description.clone(),
            per_minute: u64::from(model.world().arrivals_per_minute()),
            seed: model.timeline.seed(),
            scenarios: known.collect(),
            ledger: LedgerView::of(model),
        }
    }
}

pub fn sandbox(view: &SandboxView, send: &Callback<Msg>) -> Html {
    let change = send.reform(|rate: u64| {
        Msg::Command(crate::simulation::Command::ArrivalRate { per_minute: rate as u32 })
    });
    html! {
        <div class="lesson-body" tabindex="0" role="region" aria-label="The scenario">
            <p class="eyebrow">{ "Sandbox" }</p>
            <h1>{ &view.title }</h1>
            <p>{ &view.description }</p>
            <div class="seg scenarios" role="group" aria-label="Scenario">
                { for view.scenarios.iter().map(|(name, title, present)| html! {
                    <button
                        aria-pressed={present.to_string()}
                        onclick={press(send, Msg::OpenScenario(name))}
                    >
                        { title }
                    </button>
                }) }
            </div>
            <section class="insp-sec">
                <h2>{ "Arrivals" }</h2>
                <Slider
                    id="arrivals"
                    label="Orders"
                    value={view.per_minute}
                    min={0}
                    max={2_000.max(view.per_minute)}
                    step={10}
                    unit={Unit::PerMinute}
                    {change}
                />
                <div class="field">
                    <span class="lbl">{ "Seed" }</span>
                    <span class="pair">
                        <output>{ view.seed }</output>
                        <button class="link" onclick={press(send, Msg::NewSeed)}>{ "Another" }</button>
                    </span>
                </div>
            </section>
            { ideas(send) }
            { ledger_panel(&view.ledger, send) }
        </div>
    }
}

/// Three beginnings; each selects what it is about.
fn ideas(send: &Callback<Msg>) -> Html {
    let idea = |service: &'static str, text: &'static str| {
        let onclick = press(send, Msg::Select(Some(Selection::Service(service.into()))));
        html! { <li><button {onclick}>{ icon(IconName::Arrow) }<span>{ text }</span></button></li> }
    };
    html! {
        <section class="insp-sec">
            <h2>{ "Try" }</h2>
            <ul class="ideas">
                { idea("email", "Kill email. Does any order fail?") }
                { idea("payment", "Slow payment ×10. Who falls behind, who does not?") }
                { idea("shipping", "Fail 30 % of shipping. Watch the retry ladder.") }
            </ul>
        </section>
    }
}
