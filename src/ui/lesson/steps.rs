//! The steps: done with what was to be seen, the present one with its goal and hints, those to come.

use crate::lessons::{Family, Spans, StepText, Unit};
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, Node, el, icon, text};

use super::prose::Prose;
use super::view::{GoalView, LessonView};

pub fn steps(view: &LessonView, prose: &Prose<'_>) -> Node {
    let steps = view.lesson.text.steps.iter().enumerate();
    let step = |(index, words): (usize, &StepText)| match index.cmp(&view.done) {
        std::cmp::Ordering::Less => done(view, index, words, prose),
        std::cmp::Ordering::Equal => now(view, index, words, prose),
        std::cmp::Ordering::Greater => todo(view, index, words, prose),
    };
    el("ol.steps").label("Steps").children(steps.map(step))
}

/// A step with a sign before it, and beside that what it says.
fn step(name: &'static str, index: usize, sign: Node, body: Node) -> Node {
    el(name).attr("data-step", (index + 1).to_string()).child(sign).child(body)
}

fn number(index: usize) -> Node {
    text("span.tick", (index + 1).to_string())
}

fn done(view: &LessonView, index: usize, words: &StepText, prose: &Prose<'_>) -> Node {
    // The step that was done last is what the learner wonders about.
    let last = view.open_step.is_none() && index + 1 == view.done;
    let open = view.printing || view.open_step == Some(index) || last;
    let name = el("button.step-name")
        .attr("aria-expanded", open)
        .press(prose.send, Msg::OpenStep(index))
        .child(prose.label(&words.instruction));
    let after = open.then(|| el("div.after").child(prose.blocks(&words.after)));
    let tick = el("span.tick").child(icon(IconName::Check));
    step("li.done", index, tick, el("div").child(name).child(after)).attr("data-done", true)
}

fn now(view: &LessonView, index: usize, words: &StepText, prose: &Prose<'_>) -> Node {
    let body = el("div")
        .child(prose.spans(&words.instruction))
        .child(el("div.detail").child(prose.blocks(&words.detail)))
        .child(choices(view, words, prose))
        .child(view.goal.as_ref().map(bar))
        .child(mistakes(view, words, prose))
        .child(hints(view, words, prose));
    step("li.now", index, number(index), body).attr("data-done", false).attr("aria-current", "step")
}

fn todo(view: &LessonView, index: usize, words: &StepText, prose: &Prose<'_>) -> Node {
    let open = view.printing || view.open_step == Some(index);
    let detail = open.then(|| el("div.detail").child(prose.blocks(&words.detail)));
    let body = el("div").child(prose.label(&words.instruction)).child(detail);
    step("li.todo", index, number(index), body).attr("data-done", false)
}

/// Commands that stand ready. What was decided by one of them looks pressed.
fn choices(view: &LessonView, words: &StepText, prose: &Prose<'_>) -> Option<Node> {
    let choice = |(place, words): (usize, &Spans)| {
        el("button.btn")
            .attr("aria-pressed", view.decided.contains(&place).then_some("true"))
            .press(prose.send, Msg::Choice(place))
            .child(prose.label(words))
    };
    let group = || el("div.choices").role("group").label("Choices");
    let choices = || words.choices.iter().enumerate().map(choice);
    (!words.choices.is_empty()).then(|| group().children(choices()))
}

/// What a wrong way did, said as long as it holds.
fn mistakes(view: &LessonView, words: &StepText, prose: &Prose<'_>) -> Node {
    let told = view.mistakes.iter().filter_map(|place| words.mistakes.get(*place));
    let told = told.map(|words| el("div.mistake").child(prose.blocks(words)));
    el("div").attr("aria-live", "polite").children(told)
}

/// The live goal: `backlog 1,240 of 3,400` in the colour of what it measures.
pub fn bar(goal: &GoalView) -> Node {
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
    let goal_text = el("span.goal-text")
        .child(text("span", &goal.label))
        .child(text("b", value).class(family))
        .child(text("span", rest));
    let bar = el("div.bar")
        .class(family)
        .role("progressbar")
        .label(&goal.label)
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", "1000")
        .attr("aria-valuenow", width.to_string())
        .attr("aria-valuetext", words)
        .child(el("i").style(format!("width:{}.{}%", width / 10, width % 10)));
    el("div.goal").child(goal_text).child(bar)
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

fn hints(view: &LessonView, words: &StepText, prose: &Prose<'_>) -> Node {
    let (shown, all) = (view.hints, words.hints.len());
    let more = (shown < all).then(|| {
        el("button")
            .press(prose.send, Msg::Hint)
            .child(icon(IconName::Bulb))
            .child(text("span", if shown == 0 { "Hint" } else { "Another hint" }))
            .child(text("em", format!("{} of {all}", shown + 1)))
    });
    let shown = words.hints.iter().take(shown).map(|hint| prose.blocks(hint));
    el("div.hint").attr("aria-live", "polite").children(shown).child(more)
}
