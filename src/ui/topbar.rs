//! The top bar: where you are, where else you can be, and four tools.

use yew::Callback;

use super::model::{Layer, Msg, Route, Theme};
use super::parts::{IconName, Node, el, fragment, icon, symbol, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The list of lessons, or a lesson.
    Lessons,
    Sandbox,
    Compare,
}

/// Where the learner is in a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Crumb {
    pub chapter: Option<String>,
    pub title: String,
    /// Steps done and steps in all; 0 when there are none.
    pub done: u32,
    pub steps: u32,
}

/// `mode`: which of the three modes the page is in.
pub fn topbar(crumb: &Crumb, present: Mode, theme: Theme, send: &Callback<Msg>) -> Node {
    let mode = |name: &'static str, route: Route, mode: Mode| {
        text("a", name)
            .attr("href", route.to_string())
            .attr("aria-current", (mode == present).then_some("page"))
    };
    let brand = el("a.brand")
        .attr("href", Route::Lessons.to_string())
        .label("Ackademy, all lessons")
        .child(symbol("svg.logo", "#logo"))
        .child(text("span", "Ackademy"));
    let modes = el("nav.seg")
        .class("modes")
        .label("Mode")
        .child(mode("Lessons", Route::Lessons, Mode::Lessons))
        .child(mode("Sandbox", Route::Shop, Mode::Sandbox))
        .child(mode("Compare", Route::Compare(String::new()), Mode::Compare));
    el("header.topbar").child(brand).child(crumb_line(crumb)).child(modes).child(tools(theme, send))
}

fn crumb_line(crumb: &Crumb) -> Node {
    let Crumb { chapter, title, done, steps } = crumb;
    let chapter = chapter.as_ref().map(|chapter| {
        fragment()
            .child(text("a", chapter).attr("href", Route::Lessons.to_string()))
            .child(symbol("svg.i", "#i-chevron").class("sep"))
    });
    el("nav.crumb")
        .label("Where you are")
        .child(chapter)
        .child(text("span.here", title).attr("aria-current", "page"))
        .child((*steps > 0).then(|| dots(*done, *steps)))
}

/// One dot a step: done, now, to come.
pub fn dots(done: u32, steps: u32) -> Node {
    let class = |step: u32| match step.cmp(&done) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "",
    };
    let name = if done < steps {
        format!("Step {} of {steps}", done + 1)
    } else {
        format!("All {steps} steps done")
    };
    el("span.dots")
        .role("img")
        .label(name)
        .children((0..steps).map(|step| el("i").class(class(step))))
}

fn tools(theme: Theme, send: &Callback<Msg>) -> Node {
    let tool = |name: &str, sign: IconName, msg: Msg| {
        let name = name.to_owned();
        el("button.ib").label(name.clone()).attr("title", name).press(send, msg).child(icon(sign))
    };
    let (here, next) = (theme.words(), theme.next().words());
    let sign = if theme.is_dark() { IconName::Sun } else { IconName::Moon };
    el("div.tools")
        .child(tool("All commands", IconName::Cmd, Msg::Open(Layer::Palette)))
        .child(tool("Share this run", IconName::Share, Msg::Open(Layer::Share)))
        .child(tool(&format!("Theme: {here}. Switch to {next}"), sign, Msg::ToggleTheme))
        .child(tool("Leave presenter mode", IconName::Close, Msg::Present).class("leave"))
        .child(tool("Help and keyboard shortcuts", IconName::Help, Msg::Open(Layer::Help)))
}
