//! The same thing in code, for the real systems, with the settings of the lesson's world.

use yew::Callback;

use crate::lessons::{CodeLine, CodePart, CodeSample};
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::{Node, el, fragment, text};

use super::view::LessonView;

pub fn code(view: &LessonView, send: &Callback<Msg>) -> Node {
    let samples = &view.lesson.code;
    let shown = view.sample.min(samples.len().saturating_sub(1));
    let Some(sample) = samples.get(shown) else {
        return text("p", "This lesson needs no code.");
    };
    let button = |(index, sample): (usize, &CodeSample)| {
        text("button", language(&sample.language))
            .attr("aria-pressed", index == shown)
            .press(send, Msg::Sample(index))
    };
    let languages = el("div.seg")
        .class("small")
        .role("group")
        .label("Language")
        .children(samples.iter().enumerate().map(button));
    let copy = text("button.link", "Copy").press(send, Msg::CopyText(sample.text()));
    let lines = el("pre")
        .region(format!("Code in {}", language(&sample.language)))
        .children(sample.lines.iter().map(line));
    fragment()
        .child(text("p.eyebrow", format!("With {}", sample.library)))
        .child(text("h1", "The same in code"))
        .child(text("p", "Marked values come from this lesson's world."))
        .child(el("div.code").child(el("div.code-head").child(languages).child(copy)).child(lines))
}

fn line(line: &CodeLine) -> Node {
    let comment = |words: &str| {
        let words = words.trim_start();
        words.starts_with("//") || words.starts_with('#')
    };
    let part = |line: Node, part: &CodePart| match part {
        CodePart::Text(words) if comment(words) => line.child(text("span.c", words)),
        CodePart::Text(words) => line.child(words),
        CodePart::Setting { name, value } => line.child(text("mark", value).attr("title", name)),
    };
    let node = el("span.line").class_if(line.matters, "matters");
    line.parts.iter().fold(node, part).child("\n")
}

fn language(name: &str) -> String {
    match name {
        "javascript" | "js" => "JavaScript".to_owned(),
        "typescript" | "ts" => "TypeScript".to_owned(),
        other => format::capitalized(other),
    }
}
