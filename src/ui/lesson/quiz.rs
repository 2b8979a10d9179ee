//! The quiz: three questions, and the reason for every option once one is chosen.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{Callback, Html, KeyboardEvent, html};

use crate::lessons::{Choice, Question, QuizText};
use crate::ui::browser;
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, icon};

use super::prose::Prose;
use super::view::LessonView;

pub fn quiz(view: &LessonView, send: &Callback<Msg>) -> Html {
    let prose = Prose { names: &view.names, send };
    let questions = view.lesson.document.quiz.iter().zip(&view.lesson.text.quiz);
    let answered = view.answers.len();
    let all = view.lesson.document.quiz.len();
    html! {
        <>
            <p class="eyebrow">{ format!("{answered} of {all} answered") }</p>
            <h1>{ "What stays" }</h1>
            { for questions.enumerate().map(|(index, (question, text))| {
                ask(view, index, question, text, &prose)
            }) }
            if answered == all {
                <p class="quiz-result">
                    { format!("{} of {all} right at the first try.", view.right_first) }
                </p>
            }
        </>
    }
}

fn ask(
    view: &LessonView,
    index: usize,
    question: &Question,
    text: &QuizText,
    prose: &Prose<'_>,
) -> Html {
    let chosen = view.answers.get(&question.id);
    let count = text.options.len();
    html! {
        <fieldset class="predict quiz">
            <legend>{ format!("Question {}", index + 1) }</legend>
            { prose.blocks(&text.question) }
            { for text.options.iter().enumerate().map(|(place, choice)| {
                option(question, choice, (place, count), chosen, prose)
            }) }
        </fieldset>
    }
}

fn option(
    question: &Question,
    choice: &Choice,
    (place, count): (usize, usize),
    chosen: Option<&String>,
    prose: &Prose<'_>,
) -> Html {
    let right = choice.id == question.right;
    let is_chosen = chosen == Some(&choice.id);
    let class = match (chosen.is_some(), right, is_chosen) {
        (true, true, _) => "right",
        (true, false, true) => "chosen missed",
        (_, _, _) => "",
    };
    let (id, option) = (question.id.clone(), choice.id.clone());
    let onchange = prose
        .send
        .reform(move |_: yew::Event| Msg::Answer { question: id.clone(), option: option.clone() });
    let name = format!("quiz-{}", question.id);
    let onkeydown = {
        let name = name.clone();
        move |event: KeyboardEvent| walk(&event, &name, place, count)
    };
    html! {
        <>
            <label {class}>
                <input
                    type="radio"
                    id={format!("{name}-{place}")}
                    name={name.clone()}
                    value={choice.id.clone()}
                    checked={is_chosen}
                    {onchange}
                    {onkeydown}
                />
                <span>{ prose.label(&choice.label) }</span>
                if chosen.is_some() && right {
                    <em>{ icon(IconName::Check) }{ "right" }</em>
                } else if is_chosen {
                    <em>{ "you" }</em>
                }
            </label>
            if chosen.is_some() {
                <div class="because">{ prose.blocks(&choice.explanation) }</div>
            }
        </>
    }
}

/// Arrows go to an option without choosing it, because the first choice counts; Space chooses.
fn walk(event: &KeyboardEvent, name: &str, place: usize, count: usize) {
    let next = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => (place + 1) % count,
        "ArrowUp" | "ArrowLeft" => (place + count - 1) % count,
        _ => return,
    };
    event.prevent_default();
    let option = browser::document().get_element_by_id(&format!("{name}-{next}"));
    if let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) {
        // A focus that the browser refuses stays where it was.
        let _moved = option.focus();
    }
}
