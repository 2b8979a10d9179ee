//! The steps: done with what was to be seen, the present one with its goal and hints, those to come.

use yew::{Html, html};

use crate::lessons::{Family, StepText, Unit};
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, icon, press};

use super::prose::Prose;
use super::view::{GoalView, LessonView};

pub fn steps(view: &LessonView, prose: &Prose<'_>) -> Html {
    let steps = view.lesson.text.steps.iter().enumerate();
    html! {
        <ol class="steps" aria-label="Steps">
            { for steps.map(|(index, text)| match index.cmp(&view.done) {
                std::cmp::Ordering::Less => done(view, index, text, prose),
                std::cmp::Ordering::Equal => now(view, index, text, prose),
                std::cmp::Ordering::Greater => todo(view, index, text, prose),
            }) }
        </ol>
    }
}

fn done(view: &LessonView, index: usize, text: &StepText, prose: &Prose<'_>) -> Html {
    // The step that was done last is what the learner wonders about.
    let open = view.open_step == Some(index) || view.open_step.is_none() && index + 1 == view.done;
    html! {
        <li class="done" data-step={(index + 1).to_string()} data-done="true">
            <span class="tick">{ icon(IconName::Check) }</span>
            <div>
                <button
                    class="step-name"
                    aria-expanded={open.to_string()}
                    onclick={press(prose.send, Msg::OpenStep(index))}
                >
                    { prose.label(&text.instruction) }
                </button>
                if open {
                    <div class="after">{ prose.blocks(&text.after) }</div>
                }
            </div>
        </li>
    }
}

fn now(view: &LessonView, index: usize, text: &StepText, prose: &Prose<'_>) -> Html {
    html! {
        <li class="now" data-step={(index + 1).to_string()} data-done="false" aria-current="step">
            <span class="tick">{ index + 1 }</span>
            <div>
                { prose.spans(&text.instruction) }
                <div class="detail">{ prose.blocks(&text.detail) }</div>
                if let Some(goal) = &view.goal {
                    { bar(goal) }
                }
                { hints(view, text, prose) }
            </div>
        </li>
    }
}

fn todo(view: &LessonView, index: usize, text: &StepText, prose: &Prose<'_>) -> Html {
    html! {
        <li class="todo" data-step={(index + 1).to_string()} data-done="false">
            <span class="tick">{ index + 1 }</span>
            <div>
                { prose.label(&text.instruction) }
                if view.open_step == Some(index) {
                    <div class="detail">{ prose.blocks(&text.detail) }</div>
                }
            </div>
        </li>
    }
}

/// The live goal: `backlog 1,240 of 3,400` in the colour of what it measures.
pub fn bar(goal: &GoalView) -> Html {
    let progress = goal.progress;
    let family = match goal.family {
        Family::Log => "log",
        Family::Queue => "queue",
        Family::Ledger | Family::Plain => "plain",
    };
    let words = progress.words(goal.unit);
    let value = written(progress.value, goal.unit);
    let rest = words.strip_prefix(&value).unwrap_or_default().to_owned();
    let width = progress.per_mille.min(1_000);
    html! {
        <div class="goal">
            <span class="goal-text">
                <span>{ &goal.label }</span>
                <b class={family}>{ value }</b>
                <span>{ rest }</span>
            </span>
            <div
                class={format!("bar {family}")}
                role="progressbar"
                aria-label={goal.label.clone()}
                aria-valuemin="0"
                aria-valuemax="1000"
                aria-valuenow={width.to_string()}
                aria-valuetext={words}
            >
                <i style={format!("width:{}.{}%", width / 10, width % 10)}></i>
            </div>
        </div>
    }
}

/// The value alone, as `Progress::words` begins with it.
fn written(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Count => format::count(value),
        Unit::Ms => format::millis(value),
        Unit::Seconds => format!("{} s", format::count(value / 1_000)),
        Unit::PerMille => format!("{}.{} %", value / 10, value % 10),
    }
}

fn hints(view: &LessonView, text: &StepText, prose: &Prose<'_>) -> Html {
    let more = view.hints < text.hints.len();
    let words = match view.hints {
        0 => "Hint".to_owned(),
        _ => "Another hint".to_owned(),
    };
    html! {
        <div class="hint">
            { for text.hints.iter().take(view.hints).map(|hint| prose.blocks(hint)) }
            if more {
                <button onclick={press(prose.send, Msg::Hint)}>
                    { icon(IconName::Bulb) }
                    <span>{ words }</span>
                    <em>{ format!("{} of {}", view.hints + 1, text.hints.len()) }</em>
                </button>
            }
        </div>
    }
}
