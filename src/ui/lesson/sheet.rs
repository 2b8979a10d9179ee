//! On narrow screens the lesson is a sheet that shows the present step.

use yew::Callback;

use crate::ui::model::{Layer, Msg};
use crate::ui::parts::{Node, el, fragment, text};
use crate::ui::topbar::dots;

use super::prose::Prose;
use super::steps::bar;
use super::view::LessonView;

/// There is no lesson beside the shop.
pub fn sheet(view: Option<&LessonView>, open: bool, send: &Callback<Msg>) -> Node {
    let toggle = if open { Msg::Close(Layer::Sheet) } else { Msg::Open(Layer::Sheet) };
    let (name, what) = match (view, open) {
        (Some(_), false) => ("Open the lesson", "lesson"),
        (Some(_), true) => ("Close the lesson", "lesson"),
        (None, false) => ("Open the scenario", "scenario"),
        (None, true) => ("Close the scenario", "scenario"),
    };
    let grip = el("button.sheet-grip").label(name).attr("aria-expanded", open).press(send, toggle);
    let shown = match view {
        Some(view) => {
            let title = text("h1.sr", &view.lesson.text.title);
            fragment().child(title.attr("lang", &view.lesson.language)).child(step(view, send))
        }
        None => text("h1.sheet-title", "Kill a service and watch what waits"),
    };
    el("section.sheet").label(format!("Current {what}")).child(grip).child(shown)
}

fn step(view: &LessonView, send: &Callback<Msg>) -> Node {
    let prose = Prose { names: &view.names, send };
    let (done, steps) = (view.done as u32, view.steps() as u32);
    let place =
        |words: String| el("p.sheet-step").child(text("span", words)).child(dots(done, steps));
    let Some(words) = view.lesson.text.steps.get(view.done) else {
        let over = text("p.sheet-title", "Every step is done. Play freely.");
        return fragment().child(place("All steps done".to_owned())).child(over);
    };
    fragment()
        .child(place(format!("Step {} of {steps}", done + 1)))
        .child(
            el("p.sheet-title")
                .attr("lang", &view.lesson.language)
                .child(prose.label(&words.instruction)),
        )
        .child(view.goal.as_ref().map(bar))
}
