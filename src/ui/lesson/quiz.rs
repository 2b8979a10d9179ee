//! The quiz: three questions, and the reason for every option once one is chosen.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{Callback, KeyboardEvent};

use crate::lessons::{Choice, Question, QuizText};
use crate::ui::browser;
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::prose::Prose;
use super::view::LessonView;

pub fn quiz(view: &LessonView, send: &Callback<Msg>) -> Node {
    let prose = Prose { names: &view.names, send };
    let questions = view.lesson.document.quiz.iter().zip(&view.lesson.text.quiz);
    let answered = view.answers.len();
    let all = view.lesson.document.quiz.len();
    let ask = |(index, (question, words))| ask(view, index, question, words, &prose);
    let result = (answered == all).then(|| {
        let right = view.right_first;
        text("p.quiz-result", format!("{right} of {all} right at the first try."))
    });
    fragment()
        .child(text("p.eyebrow", format!("{answered} of {all} answered")))
        .child(text("h1", "What stays"))
        .children(questions.enumerate().map(ask))
        .child(result)
}

fn ask(
    view: &LessonView,
    index: usize,
    question: &Question,
    words: &QuizText,
    prose: &Prose<'_>,
) -> Node {
    let chosen = view.answers.get(&question.id);
    let count = words.options.len();
    let option = |(place, choice)| option(question, choice, (place, count), chosen, prose);
    el("fieldset.predict")
        .class("quiz")
        .child(text("legend", format!("Question {}", index + 1)))
        .child(prose.blocks(&words.question))
        .children(words.options.iter().enumerate().map(option))
}

fn option(
    question: &Question,
    choice: &Choice,
    (place, count): (usize, usize),
    chosen: Option<&String>,
    prose: &Prose<'_>,
) -> Node {
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
    let input = el("input")
        .attr("type", "radio")
        .attr("id", format!("{name}-{place}"))
        .attr("name", name)
        .value(choice.id.clone())
        .checked(is_chosen)
        .onchange(onchange)
        .onkeydown(onkeydown);
    let mark = if chosen.is_some() && right {
        Some(el("em").child(icon(IconName::Check)).child("right"))
    } else {
        is_chosen.then(|| text("em", "you"))
    };
    let label = el("label")
        .class(class)
        .child(input)
        .child(el("span").child(prose.label(&choice.label)))
        .child(mark);
    let because = chosen.map(|_| el("div.because").child(prose.blocks(&choice.explanation)));
    fragment().child(label).child(because)
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
