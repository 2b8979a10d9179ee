//! The same thing in code, for the real systems, with the settings of the lesson's world.

use yew::{Callback, Html, html};

use crate::lessons::{CodeLine, CodePart};
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::press;

use super::view::LessonView;

pub fn code(view: &LessonView, send: &Callback<Msg>) -> Html {
    let samples = &view.lesson.code;
    let shown = view.sample.min(samples.len().saturating_sub(1));
    let Some(sample) = samples.get(shown) else {
        return html! { <p>{ "This lesson needs no code." }</p> };
    };
    let button = |(index, sample): (usize, &crate::lessons::CodeSample)| {
        html! {
            <button
                aria-pressed={(index == shown).to_string()}
                onclick={press(send, Msg::Sample(index))}
            >
                { language(&sample.language) }
            </button>
        }
    };
    html! {
        <>
            <p class="eyebrow">{ format!("With {}", sample.library) }</p>
            <h1>{ "The same in code" }</h1>
            <p>{ "Marked values come from this lesson's world." }</p>
            <div class="code">
                <div class="code-head">
                    <div class="seg small" role="group" aria-label="Language">
                        { for samples.iter().enumerate().map(button) }
                    </div>
                    <button class="link" onclick={press(send, Msg::CopyText(sample.text()))}>
                        { "Copy" }
                    </button>
                </div>
                <pre tabindex="0" role="region" aria-label={format!("Code in {}", language(&sample.language))}>
                    { for sample.lines.iter().map(line) }
                </pre>
            </div>
        </>
    }
}

fn line(line: &CodeLine) -> Html {
    let comment = |text: &str| {
        let text = text.trim_start();
        text.starts_with("//") || text.starts_with('#')
    };
    let part = |part: &CodePart| match part {
        CodePart::Text(text) if comment(text) => html! { <span class="c">{ text }</span> },
        CodePart::Text(text) => html! { { text } },
        CodePart::Setting { name, value } => html! { <mark title={name.clone()}>{ value }</mark> },
    };
    let class = line.matters.then_some("matters");
    html! { <span class={yew::classes!("line", class)}>{ for line.parts.iter().map(part) }{ "\n" }</span> }
}

fn language(name: &str) -> String {
    match name {
        "javascript" | "js" => "JavaScript".to_owned(),
        "typescript" | "ts" => "TypeScript".to_owned(),
        other => format::capitalized(other),
    }
}
