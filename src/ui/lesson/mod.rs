//! The lesson panel: what it is about, what to predict, what to do, what came of it.

mod code;
mod predict;
mod prose;
mod quiz;
mod sheet;
mod steps;
mod view;

use yew::{Callback, InputEvent};

use crate::lessons::{Entry, LANGUAGES};

use super::ledger::ledger_panel;
use super::model::{LessonTab, Msg, Route};
use super::parts::{IconName, Node, el, fragment, icon, text, typed};
use super::sandbox::arrivals_slider;

pub use prose::{Names, Prose};
pub use sheet::sheet;
pub use view::{GoalView, LessonView};

pub fn panel(view: &LessonView, send: &Callback<Msg>) -> Node {
    let tabs = el("div.tabs")
        .role("tablist")
        .label("Lesson parts")
        .children(LessonTab::ALL.into_iter().map(|tab| tab_button(tab, view.tab, send)));
    let part = |tab: &LessonTab| match tab {
        LessonTab::Lesson => lesson(view, send),
        LessonTab::Code => code::code(view, send),
        LessonTab::Quiz => quiz::quiz(view, send),
    };
    let parts = if view.printing { &LessonTab::ALL[..] } else { &[view.tab] };
    // Each part begins at its top, however far the last one was scrolled.
    let body = el("div.lesson-body")
        .key(view.tab.name())
        .role("tabpanel")
        .attr("id", "lesson-body")
        .attr("lang", &view.lesson.language)
        .attr("tabindex", "0")
        .attr("aria-labelledby", format!("tab-{}", view.tab.name()))
        .children(parts.iter().map(part));
    fragment().child(tabs).child(body)
}

fn tab_button(tab: LessonTab, present: LessonTab, send: &Callback<Msg>) -> Node {
    text("button", tab.name())
        .role("tab")
        .attr("id", format!("tab-{}", tab.name()))
        .attr("aria-selected", tab == present)
        .attr("aria-controls", "lesson-body")
        .press(send, Msg::Tab(tab))
}

fn lesson(view: &LessonView, send: &Callback<Msg>) -> Node {
    let words = &view.lesson.text;
    let prose = Prose { names: &view.names, send };
    let arrivals = view.per_minute.map(|per_minute| {
        el("section.insp-sec").child(arrivals_slider("Orders arriving", per_minute, send))
    });
    let restart = el("button.btn")
        .press(send, Msg::RestartLesson)
        .child(icon(IconName::Rewind))
        .child("Start the run anew");
    let forget = (view.done > 0)
        .then(|| text("button.btn", "Forget my steps").press(send, Msg::ForgetLesson));
    let eyebrow = format!("Lesson {} of {}", view.lesson.document.number, view.count);
    fragment()
        .child(text("p.eyebrow", eyebrow))
        .child(text("h1", &words.title))
        .child(languages(view, send))
        .child(prose.blocks(&words.story))
        .child(aims(view, &prose))
        .child(predict::predict(view, &prose))
        .child(steps::steps(view, &prose))
        .child(arrivals)
        .child((view.is_over() || view.printing).then(|| conclusion(view, &prose)))
        .child(notes(view, send))
        .child(ledger_panel(&view.ledger, send))
        .child(el("p.row").class("lesson-foot").child(restart).child(forget))
}

/// What the lesson is for, folded away for those who are in the midst of it.
fn aims(view: &LessonView, prose: &Prose<'_>) -> Node {
    let words = &view.lesson.text;
    let list =
        |name: &'static str, items| fragment().child(text("h3", name)).child(prose.list(items));
    let before = |entry: &Entry| el("li").child(link("a.link", entry.title.clone(), entry));
    let before = el("ul.plain-list").children(view.builds_on.iter().map(before));
    let builds_on = fragment().child(text("h3", "Builds on")).child(before);
    el("details.aims")
        .flag("open", view.printing)
        .child(text("summary", "What you will be able to do"))
        .child(prose.list(&words.objectives))
        .child(list("Not here", &words.out_of_scope))
        .child((!view.builds_on.is_empty()).then_some(builds_on))
}

/// The languages of the text, if there are several.
fn languages(view: &LessonView, send: &Callback<Msg>) -> Option<Node> {
    let there = LANGUAGES.into_iter().filter(|one| view.languages.iter().any(|known| known == one));
    let button = |language: &'static str| {
        let name = if language == "de" { "Deutsch" } else { "English" };
        text("button", name)
            .attr("lang", language)
            .attr("aria-pressed", view.lesson.language == language)
            .press(send, Msg::Language(language))
    };
    let group = el("div.seg").class("small").role("group").label("Language of the text");
    (view.languages.len() > 1).then(|| group.children(there.map(button)))
}

/// The learner's own words, kept in the browser.
fn notes(view: &LessonView, send: &Callback<Msg>) -> Node {
    let key = view.lesson.slug().to_owned();
    el("section.insp-sec").child(text("h2", "Notes")).child(note_field(
        "Your notes".to_owned(),
        key,
        &view.note,
        send,
    ))
}

/// A field for what the learner writes under a key.
pub fn note_field(name: String, key: String, words: &str, send: &Callback<Msg>) -> Node {
    let keep = send.reform(move |event: InputEvent| Msg::Note(key.clone(), typed(&event)));
    el("textarea.note").label(name).attr("rows", "3").value(words.to_owned()).oninput(keep)
}

/// What to take along, what to try, and where to go.
fn conclusion(view: &LessonView, prose: &Prose<'_>) -> Node {
    let words = &view.lesson.text;
    let quiz = text("button.btn", "To the quiz")
        .class("primary")
        .press(prose.send, Msg::Tab(LessonTab::Quiz));
    let next = |next: &Entry| link("a.btn", format!("Next: {}", next.title), next);
    let decided = (!view.decisions.is_empty()).then(|| {
        fragment().child(text("h2", "What you decided")).child(prose.list(&view.decisions))
    });
    el("section.insp-sec")
        .class("conclusion")
        .child(decided)
        .child(text("h2", "To take along"))
        .child(prose.list(&words.takeaways))
        .child(text("h2", "Now play freely"))
        .child(prose.list(&words.experiments))
        .child(el("p.row").child(quiz).child(view.next.as_ref().map(next)))
}

fn link(name: &'static str, words: String, to: &Entry) -> Node {
    text(name, words).attr("href", Route::Lesson(to.slug.clone()).to_string())
}
