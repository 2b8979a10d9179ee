//! The lesson panel: what it is about, what to predict, what to do, what came of it.

mod code;
mod predict;
mod prose;
mod quiz;
mod sheet;
mod steps;
mod view;

use yew::{Callback, Html, html};

use super::ledger::ledger_panel;
use super::model::{LessonTab, Msg, Route};
use super::parts::{IconName, Slider, Unit, icon, press};

pub use prose::Names;
pub use sheet::sheet;
pub use view::{GoalView, LessonView};

use prose::Prose;

pub fn panel(view: &LessonView, send: &Callback<Msg>) -> Html {
    html! {
        <>
            <div class="tabs" role="tablist" aria-label="Lesson parts">
                { for LessonTab::ALL.into_iter().map(|tab| tab_button(tab, view.tab, send)) }
            </div>
            // Each part begins at its top, however far the last one was scrolled.
            <div
                key={view.tab.name()}
                class="lesson-body"
                role="tabpanel"
                id="lesson-body"
                tabindex="0"
                aria-labelledby={format!("tab-{}", view.tab.name())}
            >
                { match view.tab {
                    LessonTab::Lesson => lesson(view, send),
                    LessonTab::Code => code::code(view, send),
                    LessonTab::Quiz => quiz::quiz(view, send),
                } }
            </div>
        </>
    }
}

fn tab_button(tab: LessonTab, present: LessonTab, send: &Callback<Msg>) -> Html {
    html! {
        <button
            role="tab"
            id={format!("tab-{}", tab.name())}
            aria-selected={(tab == present).to_string()}
            aria-controls="lesson-body"
            onclick={press(send, Msg::Tab(tab))}
        >
            { tab.name() }
        </button>
    }
}

fn lesson(view: &LessonView, send: &Callback<Msg>) -> Html {
    let text = &view.lesson.text;
    let prose = Prose { names: &view.names, send };
    html! {
        <>
            <p class="eyebrow">
                { format!("Lesson {} of {}", view.lesson.document.number, view.count) }
            </p>
            <h1>{ &text.title }</h1>
            { prose.blocks(&text.story) }
            { predict::predict(view, &prose) }
            { steps::steps(view, &prose) }
            if let Some(per_minute) = view.per_minute {
                { arrivals(per_minute, send) }
            }
            if view.is_over() {
                { conclusion(view, &prose) }
            }
            { ledger_panel(&view.ledger, send) }
            <p class="row lesson-foot">
                <button class="btn" onclick={press(send, Msg::RestartLesson)}>
                    { icon(IconName::Rewind) }{ "Start the run anew" }
                </button>
                if view.done > 0 {
                    <button class="btn" onclick={press(send, Msg::ForgetLesson)}>
                        { "Forget my steps" }
                    </button>
                }
            </p>
        </>
    }
}

fn arrivals(per_minute: u64, send: &Callback<Msg>) -> Html {
    let change = send.reform(|rate: u64| {
        Msg::Command(crate::simulation::Command::ArrivalRate { per_minute: rate as u32 })
    });
    html! {
        <section class="insp-sec">
            <Slider
                id="arrivals"
                label="Orders arriving"
                value={per_minute}
                min={0}
                max={2_000.max(per_minute)}
                step={10}
                unit={Unit::PerMinute}
                {change}
            />
        </section>
    }
}

/// What to take along, what to try, and where to go.
fn conclusion(view: &LessonView, prose: &Prose<'_>) -> Html {
    let text = &view.lesson.text;
    html! {
        <section class="insp-sec conclusion">
            <h2>{ "To take along" }</h2>
            { prose.list(&text.takeaways) }
            <h2>{ "Now play freely" }</h2>
            { prose.list(&text.experiments) }
            <p class="row">
                <button class="btn primary" onclick={press(prose.send, Msg::Tab(LessonTab::Quiz))}>
                    { "To the quiz" }
                </button>
                if let Some(next) = &view.next {
                    <a class="btn" href={Route::Lesson(next.slug.clone()).to_string()}>
                        { format!("Next: {}", next.title) }
                    </a>
                }
            </p>
        </section>
    }
}
