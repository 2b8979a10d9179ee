//! The top bar: where you are, where else you can be, and four tools.

use yew::{Callback, Html, Properties, component, html};

use super::model::{Layer, Msg, Route, Theme};
use super::parts::{Icon, IconName, press};

/// Where the learner is in a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Crumb {
    pub chapter: Option<String>,
    pub title: String,
    /// Steps done and steps in all; 0 when there are none.
    pub done: u32,
    pub steps: u32,
}

#[derive(Debug, PartialEq, Properties)]
pub struct TopbarProps {
    pub crumb: Crumb,
    /// The page is the lessons' list or a lesson.
    pub in_lessons: bool,
    pub theme: Theme,
    pub send: Callback<Msg>,
}

#[component]
pub fn Topbar(props: &TopbarProps) -> Html {
    let current = |holds: bool| holds.then_some("page");
    let lessons = Route::Lessons.to_string();
    html! {
        <header class="topbar">
            <a class="brand" href={lessons.clone()} aria-label="Ackademy, all lessons">
                <svg class="logo" aria-hidden="true"><use href="#logo" /></svg>
                <span>{ "Ackademy" }</span>
            </a>
            <CrumbLine crumb={props.crumb.clone()} />
            <nav class="seg modes" aria-label="Mode">
                <a href={lessons} aria-current={current(props.in_lessons)}>{ "Lessons" }</a>
                <a href={Route::Shop.to_string()} aria-current={current(!props.in_lessons)}>
                    { "Sandbox" }
                </a>
            </nav>
            <Tools theme={props.theme} send={props.send.clone()} />
        </header>
    }
}

#[derive(Debug, PartialEq, Properties)]
struct CrumbLineProps {
    crumb: Crumb,
}

#[component]
fn CrumbLine(props: &CrumbLineProps) -> Html {
    let Crumb {
        chapter,
        title,
        done,
        steps,
    } = &props.crumb;
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

#[derive(Debug, PartialEq, Properties)]
struct ToolsProps {
    theme: Theme,
    send: Callback<Msg>,
}

#[component]
fn Tools(props: &ToolsProps) -> Html {
    let tool = |name: String, icon: IconName, msg: Msg| {
        let onclick = press(&props.send, msg);
        html! {
            <button class="ib" aria-label={name.clone()} title={name} {onclick}>
                <Icon name={icon} />
            </button>
        }
    };
    let (theme, icon) = match props.theme {
        Theme::Dark => ("Switch to light", IconName::Sun),
        Theme::Light => ("Switch to dark", IconName::Moon),
    };
    let palette = Msg::Open(Layer::Palette);
    let help = Msg::Open(Layer::Help);
    html! {
        <div class="tools">
            { tool("All commands".to_owned(), IconName::Cmd, palette) }
            { tool("Share a link to this run".to_owned(), IconName::Share, Msg::Share) }
            { tool(theme.to_owned(), icon, Msg::ToggleTheme) }
            { tool("Help and keyboard shortcuts".to_owned(), IconName::Help, help) }
        </div>
    }
}
