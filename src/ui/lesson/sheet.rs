//! On narrow screens the lesson is a sheet that shows the present step.

use yew::{Callback, Html, html};

use crate::ui::model::{Layer, Msg};
use crate::ui::parts::press;
use crate::ui::topbar::dots;

use super::prose::Prose;
use super::steps::bar;
use super::view::LessonView;

/// There is no lesson beside the shop.
pub fn sheet(view: Option<&LessonView>, open: bool, send: &Callback<Msg>) -> Html {
    let toggle = if open { Msg::Close(Layer::Sheet) } else { Msg::Open(Layer::Sheet) };
    let (name, what) = match (view, open) {
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
                aria-expanded={open.to_string()}
                onclick={press(send, toggle)}
            ></button>
            if let Some(view) = view {
                <h1 class="sr">{ &view.lesson.text.title }</h1>
                { step(view, send) }
            } else {
                <h1 class="sheet-title">{ "Kill a service and watch what waits" }</h1>
            }
        </section>
    }
}

fn step(view: &LessonView, send: &Callback<Msg>) -> Html {
    let prose = Prose { names: &view.names, send };
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
