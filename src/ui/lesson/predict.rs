//! Predict first: an answer before the run, and what happened beside it afterwards.

use yew::{Html, html};

use crate::lessons::Choice;
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, icon};

use super::prose::Prose;
use super::view::LessonView;

pub fn predict(view: &LessonView, prose: &Prose<'_>) -> Html {
    let text = &view.lesson.text.predict;
    // The first step locks it: from then on the world has begun to answer.
    let locked = view.done > 0;
    let class = match (locked, view.compared) {
        (_, true) => "predict is-open",
        (true, false) => "predict is-locked",
        (false, false) => "predict",
    };
    html! {
        <fieldset {class}>
            <legend>{ "Predict first" }</legend>
            { prose.blocks(&text.question) }
            { for text.options.iter().map(|choice| option(view, choice, locked, prose)) }
            if view.compared {
                <div class="predict-why">
                    { prose.blocks(&text.happened) }
                    { why(view, prose) }
                </div>
            } else {
                <p class="predict-note">{ note(view, locked) }</p>
            }
        </fieldset>
    }
}

fn option(view: &LessonView, choice: &Choice, locked: bool, prose: &Prose<'_>) -> Html {
    let chosen = view.predicted.as_deref() == Some(&choice.id);
    let right = view.compared && choice.id == view.lesson.document.predict.right;
    let class = [(chosen, "chosen"), (right, "right")];
    let class: Vec<&str> =
        class.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect();
    let id = choice.id.clone();
    let onchange = prose.send.reform(move |_: yew::Event| Msg::Predict(id.clone()));
    html! {
        <label class={class.join(" ")}>
            <input
                type="radio"
                name="predict"
                value={choice.id.clone()}
                checked={chosen}
                disabled={locked}
                {onchange}
            />
            <span>{ prose.label(&choice.label) }</span>
            if view.compared && chosen {
                <em>{ "you" }</em>
            }
            if right {
                <em>{ icon(IconName::Check) }{ "happened" }</em>
            }
        </label>
    }
}

/// The reason beside what was predicted.
fn why(view: &LessonView, prose: &Prose<'_>) -> Html {
    let options = &view.lesson.text.predict.options;
    let right = &view.lesson.document.predict.right;
    let shown = view.predicted.as_ref().unwrap_or(right);
    let choice = options.iter().find(|choice| choice.id == *shown);
    choice.map_or_else(Html::default, |choice| prose.blocks(&choice.explanation))
}

fn note(view: &LessonView, locked: bool) -> Html {
    let document = &view.lesson.document;
    let after = document.steps.iter().position(|step| step.id == document.predict.after);
    let step = after.map_or(0, |after| after + 1);
    match (locked, view.predicted.is_some()) {
        (true, true) => html! {
            <>{ icon(IconName::Lock) }{ format!("Locked in. We compare after step {step}.") }</>
        },
        (true, false) => html! {
            <>{ icon(IconName::Lock) }{ format!("Not predicted. The answer comes after step {step}.") }</>
        },
        (false, true) => html! { { "You can change it until the first step is done." } },
        (false, false) => html! { { "A wrong guess teaches most. Then press Play." } },
    }
}
