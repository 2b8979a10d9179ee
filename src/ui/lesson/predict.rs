//! Predict first: an answer before the run, and what happened beside it afterwards.

use crate::lessons::Choice;
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::prose::Prose;
use super::view::LessonView;

pub fn predict(view: &LessonView, prose: &Prose<'_>) -> Node {
    let words = &view.lesson.text.predict;
    // The first step locks it: from then on the world has begun to answer.
    let locked = view.done > 0;
    let state = match (locked, view.compared) {
        (_, true) => "is-open",
        (true, false) => "is-locked",
        (false, false) => "",
    };
    let below = if view.compared {
        el("div.predict-why").child(prose.blocks(&words.happened)).child(why(view, prose))
    } else {
        el("p.predict-note").child(note(view, locked))
    };
    el("fieldset.predict")
        .class(state)
        .child(text("legend", "Predict first"))
        .child(prose.blocks(&words.question))
        .children(words.options.iter().map(|choice| option(view, choice, locked, prose)))
        .child(below)
}

fn option(view: &LessonView, choice: &Choice, locked: bool, prose: &Prose<'_>) -> Node {
    let chosen = view.predicted.as_deref() == Some(&choice.id);
    let right = view.compared && choice.id == view.lesson.document.predict.right;
    let id = choice.id.clone();
    let input = el("input")
        .attr("type", "radio")
        .attr("name", "predict")
        .value(choice.id.clone())
        .checked(chosen)
        .flag("disabled", locked)
        .onchange(prose.send.reform(move |_: yew::Event| Msg::Predict(id.clone())));
    let happened = right.then(|| el("em").child(icon(IconName::Check)).child("happened"));
    el("label")
        .class_if(chosen, "chosen")
        .class_if(right, "right")
        .child(input)
        .child(el("span").child(prose.label(&choice.label)))
        .child((view.compared && chosen).then(|| text("em", "you")))
        .child(happened)
}

/// The reason beside what was predicted.
fn why(view: &LessonView, prose: &Prose<'_>) -> Option<Node> {
    let options = &view.lesson.text.predict.options;
    let right = &view.lesson.document.predict.right;
    let shown = view.predicted.as_ref().unwrap_or(right);
    let choice = options.iter().find(|choice| choice.id == *shown)?;
    Some(prose.blocks(&choice.explanation))
}

fn note(view: &LessonView, locked: bool) -> Node {
    let document = &view.lesson.document;
    let after = document.steps.iter().position(|step| step.id == document.predict.after);
    let step = after.map_or(0, |after| after + 1);
    let lock = || fragment().child(icon(IconName::Lock));
    match (locked, view.predicted.is_some()) {
        (true, true) => lock().child(format!("Locked in. We compare after step {step}.")),
        (true, false) => {
            lock().child(format!("Not predicted. The answer comes after step {step}."))
        }
        (false, true) => fragment().child("You can change it until the first step is done."),
        (false, false) => fragment().child("A wrong guess teaches most. Then press Play."),
    }
}
