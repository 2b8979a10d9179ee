//! On narrow screens the lesson is a sheet that shows the present step.

use yew::{Callback, Html, Properties, component, html};

use crate::ui::model::{Layer, Msg};
use crate::ui::parts::press;
use crate::ui::topbar::dots;

use super::prose::Prose;
use super::steps::bar;
use super::view::LessonView;

#[derive(Debug, PartialEq, Properties)]
pub struct SheetProps {
    /// `None` beside the shop without a lesson.
    #[prop_or_default]
    pub view: Option<LessonView>,
    pub open: bool,
    pub send: Callback<Msg>,
}

#[component]
pub fn Sheet(props: &SheetProps) -> Html {
    let toggle = if props.open {
        Msg::Close(Layer::Sheet)
    } else {
        Msg::Open(Layer::Sheet)
    };
    let (name, what) = match (&props.view, props.open) {
        (Some(_), false) => ("Open the lesson", "lesson"),
        (Some(_), true) => ("Close the lesson", "lesson"),
        (None, false) => ("Open the scenario", "scenario"),
        (None, true) => ("Close the scenario", "scenario"),
    };
    html! {
        <section class="sheet" aria-label={format!("Current {what}")}>
            <button
                class="sheet-grip"
                aria-label={name}
                aria-expanded={props.open.to_string()}
                onclick={press(&props.send, toggle)}
            ></button>
            if let Some(view) = &props.view {
                { step(view, &props.send) }
            } else {
                <p class="sheet-title">{ "Kill a service and watch what waits" }</p>
            }
        </section>
    }
}

fn step(view: &LessonView, send: &Callback<Msg>) -> Html {
    let prose = Prose {
        names: &view.names,
        send,
    };
    let (done, steps) = (view.done as u32, view.steps() as u32);
    let Some(text) = view.lesson.text.steps.get(view.done) else {
        return html! { <p class="sheet-title">{ "Every step is done. Play freely." }</p> };
    };
    html! {
        <>
            <p class="sheet-step">
                <span>{ format!("Step {} of {steps}", done + 1) }</span>{ dots(done, steps) }
            </p>
            <p class="sheet-title">{ prose.label(&text.instruction) }</p>
            if let Some(goal) = &view.goal {
                { bar(goal) }
            }
        </>
    }
}
