//! The state of a service: a shape, and words beside it.

use crate::simulation::ServiceFigures;
use crate::ui::format;

use super::{Node, el, symbol};

/// Disc up, half disc slow or paused, hollow diamond failing, cross down.
fn lamp(figures: &ServiceFigures) -> Node {
    let shape = match figures.state.as_str() {
        _ if figures.instances_paused > 0 => "#lamp-slow",
        "slow" | "rebalancing" => "#lamp-slow",
        "failing" => "#lamp-failing",
        "down" => "#lamp-down",
        _ => "#lamp-up",
    };
    symbol("svg.lamp", shape)
}

/// Lamp and words: `down 07:18`. The element around it carries the class of [`state_class`].
pub fn state(figures: &ServiceFigures, now_ms: u64) -> Node {
    el("span.svc-state").child(lamp(figures)).child(state_words(figures, now_ms))
}

/// The state of a service in a few words.
pub fn state_words(figures: &ServiceFigures, now_ms: u64) -> String {
    let paused = figures.instances_paused;
    match figures.state.as_str() {
        _ if paused > 0 && paused < figures.instances_up => {
            format!("paused, {paused} of {}", figures.instances)
        }
        _ if paused > 0 => "paused".to_owned(),
        "down" => {
            let since = figures.down_since_ms.unwrap_or(now_ms);
            format!("down {}", format::minutes(now_ms.saturating_sub(since)))
        }
        "failing" => format!("failing {}", format::per_mille(figures.fail_per_mille)),
        "slow" => format!("slow {}", format::factor(figures.slow_percent)),
        "degraded" => format!("up, {} of {}", figures.instances_up, figures.instances),
        "rebalancing" => "rebalancing".to_owned(),
        _ => "up".to_owned(),
    }
}

/// The class that colours a card and what is in it.
pub fn state_class(figures: &ServiceFigures) -> &'static str {
    match figures.state.as_str() {
        _ if figures.instances_paused > 0 => "is-slow",
        "slow" | "rebalancing" => "is-slow",
        "failing" => "is-failing",
        "down" => "is-down",
        _ => "is-up",
    }
}
