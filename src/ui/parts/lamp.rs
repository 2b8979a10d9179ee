//! The state of a service: a shape, and words beside it.

use yew::{Html, Properties, component, html};

use crate::simulation::ServiceFigures;
use crate::ui::format;

#[derive(Debug, PartialEq, Properties)]
pub struct LampProps {
    /// As an observation says it: `up`, `degraded`, `slow`, `failing` or `down`.
    pub state: String,
}

/// Disc up, half disc slow, hollow diamond failing, cross down.
#[component]
pub fn Lamp(props: &LampProps) -> Html {
    let shape = match props.state.as_str() {
        "slow" => "#lamp-slow",
        "failing" => "#lamp-failing",
        "down" => "#lamp-down",
        _ => "#lamp-up",
    };
    html! { <svg class="lamp" aria-hidden="true"><use href={shape} /></svg> }
}

#[derive(Debug, PartialEq, Properties)]
pub struct StateWordsProps {
    pub figures: ServiceFigures,
    pub now_ms: u64,
}

/// Lamp and words: `down 07:18`. The element around it carries the class of [`state_class`].
#[component]
pub fn StateWords(props: &StateWordsProps) -> Html {
    html! {
        <span class="svc-state">
            <Lamp state={props.figures.state.clone()} />
            { state_words(&props.figures, props.now_ms) }
        </span>
    }
}

/// The state of a service in a few words.
pub fn state_words(figures: &ServiceFigures, now_ms: u64) -> String {
    match figures.state.as_str() {
        "down" => {
            let since = figures.down_since_ms.unwrap_or(now_ms);
            format!("down {}", format::minutes(now_ms.saturating_sub(since)))
        }
        "failing" => format!("failing {}", format::per_mille(figures.fail_per_mille)),
        "slow" => format!("slow {}", format::factor(figures.slow_percent)),
        "degraded" => format!("up, {} of {}", figures.instances_up, figures.instances),
        _ => "up".to_owned(),
    }
}

/// The class that colours a card and what is in it.
pub fn state_class(state: &str) -> &'static str {
    match state {
        "slow" => "is-slow",
        "failing" => "is-failing",
        "down" => "is-down",
        _ => "is-up",
    }
}
