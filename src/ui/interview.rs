//! The interview check: first in one's own words, then beside a model answer, then on the stage.

use yew::Callback;

use crate::lessons::InterviewQuestion;

use super::lesson::{Names, Prose, note_field};
use super::model::{Model, Msg, Route};
use super::parts::{IconName, Node, el, fragment, icon, text};

const ABOUT: &str = "Answer in your own words first. Then compare with an answer that would convince, \
    and see it happen on the stage.";

#[derive(Clone, Debug)]
pub struct QuestionView {
    pub question: InterviewQuestion,
    pub words: String,
    /// The model answer is shown.
    pub open: bool,
    /// The lesson about it, by its title.
    pub lesson: Option<String>,
}

pub fn questions(model: &Model) -> Vec<QuestionView> {
    let questions = model.catalogue.interview().unwrap_or_default().into_iter();
    let view = |question: InterviewQuestion| QuestionView {
        words: model.saved.noted(&key(&question.id)).to_owned(),
        open: model.revealed.contains(&question.id),
        lesson: model.catalogue.entry(&question.lesson).map(|entry| entry.title.clone()),
        question,
    };
    questions.map(view).collect()
}

/// Under which the learner's answer is kept.
fn key(id: &str) -> String {
    format!("interview/{id}")
}

pub fn interview(views: &[QuestionView], send: &Callback<Msg>) -> Node {
    let questions = views.iter().enumerate().map(|(index, view)| question(index + 1, view, send));
    let hero = el("section.hero")
        .label("What this is")
        .child(el("div").child(text("h1", "Interview check")).child(text("p", ABOUT)));
    el("main.home-main").class("interview").attr("id", "stage").child(hero).children(questions)
}

fn question(number: usize, view: &QuestionView, send: &Callback<Msg>) -> Node {
    let QuestionView { question, words, open, .. } = view;
    let (names, id) = (Names::default(), format!("question-{number}"));
    let prose = Prose { names: &names, send };
    let head = el("header")
        .child(text("p.eyebrow", format!("Question {number}")))
        .child(el("h2").attr("id", &id).child(prose.lines(&question.question)));
    let blank = words.trim().is_empty();
    let reveal = text("button.btn", "Compare with a model answer")
        .flag("disabled", blank)
        .press(send, Msg::Reveal(question.id.clone()));
    let below = match *open {
        true => answer(view, &prose, send),
        false => fragment()
            .child(reveal)
            .child(blank.then(|| text("span.dim", " Write a sentence or two first."))),
    };
    el("section.chapter").attr("aria-labelledby", id).child(head).child(
        el("div")
            .child(note_field(
                format!("Your answer to question {number}"),
                key(&question.id),
                words,
                send,
            ))
            .child(below),
    )
}

fn answer(view: &QuestionView, prose: &Prose<'_>, send: &Callback<Msg>) -> Node {
    let question = &view.question;
    let play = el("button.btn")
        .class("primary")
        .press(send, Msg::Experiment(question.id.clone()))
        .child(icon(IconName::Play))
        .child("Show it on the stage");
    let lesson = view.lesson.as_ref().map(|title| {
        text("a.btn", format!("Lesson: {title}"))
            .attr("href", Route::Lesson(question.lesson.clone()).to_string())
    });
    fragment()
        .child(text("h3", "A model answer"))
        .child(prose.blocks(&question.answer))
        .child(text("h3", "Red flags"))
        .child(prose.list(&question.red_flags))
        .child(text("h3", "See it"))
        .child(prose.blocks(&question.experiment))
        .child(el("p.row").child(play).child(lesson))
}
