//! The top bar: where you are, where else you can be, and four tools.

use yew::{Callback, Html, html};

use super::model::{Layer, Msg, Route, Theme};
use super::parts::{IconName, icon, press};

/// Where the learner is in a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Crumb {
    pub chapter: Option<String>,
    pub title: String,
    /// Steps done and steps in all; 0 when there are none.
    pub done: u32,
    pub steps: u32,
}

/// `in_lessons`: the page is the lessons' list or a lesson.
pub fn topbar(crumb: &Crumb, in_lessons: bool, theme: Theme, send: &Callback<Msg>) -> Html {
    let current = |holds: bool| holds.then_some("page");
    let lessons = Route::Lessons.to_string();
    html! {
        <header class="topbar">
            <a class="brand" href={lessons.clone()} aria-label="Ackademy, all lessons">
                <svg class="logo" aria-hidden="true"><use href="#logo" /></svg>
                <span>{ "Ackademy" }</span>
            </a>
            { crumb_line(crumb) }
            <nav class="seg modes" aria-label="Mode">
                <a href={lessons} aria-current={current(in_lessons)}>{ "Lessons" }</a>
                <a href={Route::Shop.to_string()} aria-current={current(!in_lessons)}>
                    { "Sandbox" }
                </a>
            </nav>
            { tools(theme, send) }
        </header>
    }
}

fn crumb_line(crumb: &Crumb) -> Html {
    let Crumb { chapter, title, done, steps } = crumb;
    html! {
        <nav class="crumb" aria-label="Where you are">
            if let Some(chapter) = chapter {
                <a href={Route::Lessons.to_string()}>{ chapter }</a>
                <svg class="i sep" aria-hidden="true"><use href="#i-chevron" /></svg>
            }
            <span class="here" aria-current="page">{ title }</span>
            if *steps > 0 {
                { dots(*done, *steps) }
            }
        </nav>
    }
}

/// One dot a step: done, now, to come.
pub fn dots(done: u32, steps: u32) -> Html {
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
    html! {
        <span class="dots" role="img" aria-label={name}>
            { for (0..steps).map(|step| html! { <i class={class(step)}></i> }) }
        </span>
    }
}

fn tools(theme: Theme, send: &Callback<Msg>) -> Html {
    let tool = |name: &'static str, sign: IconName, msg: Msg| {
        let onclick = press(send, msg);
        html! { <button class="ib" aria-label={name} title={name} {onclick}>{ icon(sign) }</button> }
    };
    let (theme, sign) = match theme {
        Theme::Dark => ("Switch to light", IconName::Sun),
        Theme::Light => ("Switch to dark", IconName::Moon),
    };
    html! {
        <div class="tools">
            { tool("All commands", IconName::Cmd, Msg::Open(Layer::Palette)) }
            { tool("Share a link to this run", IconName::Share, Msg::Share) }
            { tool(theme, sign, Msg::ToggleTheme) }
            { tool("Help and keyboard shortcuts", IconName::Help, Msg::Open(Layer::Help)) }
        </div>
    }
}
