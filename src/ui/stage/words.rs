//! What cards and trays say.

use crate::simulation::{Input, Observation, QueueFigures, ServiceFigures, ServiceSpec};
use crate::ui::format;

/// A gauge is half full at this many.
const HALF: u64 = 500;

/// What the gauge of a card measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Log,
    Queue,
}

impl Kind {
    pub fn class(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Log => "log",
            Kind::Queue => "queue",
        }
    }
}

/// The last row of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foot {
    pub time: String,
    pub figure: String,
    pub kind: Kind,
    /// How full the gauge is, in percent.
    pub full: u64,
}

pub fn foot(
    spec: &ServiceSpec,
    figures: &ServiceFigures,
    observation: &Observation,
    is_door: bool,
) -> Foot {
    let time = format::millis(figures.work_ms);
    match &spec.input {
        Input::Http { .. } if is_door => Foot {
            time: format!("p95 {}", format::percentile(observation.checkout.p95_ms)),
            figure: format::per_minute(observation.checkout.asked_per_minute.into()),
            kind: Kind::Plain,
            full: busy(spec, figures),
        },
        Input::Http { .. } => Foot {
            time,
            figure: if figures.waiting > 0 {
                format!("{} in line", format::count(figures.waiting))
            } else {
                format!("{} busy", format::count(figures.busy))
            },
            kind: Kind::Plain,
            full: busy(spec, figures),
        },
        Input::Topic { group, .. } => {
            let lag = observation.groups.get(group).map_or(0, |group| group.lag);
            // A group that never met has read nothing, and no lag that anyone could tell.
            let met = observation.groups.get(group).is_some_and(|group| group.generation > 0);
            let figure = if met { format!("lag {}", format::count(lag)) } else { "lag –".into() };
            Foot { time, figure, kind: Kind::Log, full: share(lag) }
        }
        Input::Queue { queue, .. } => {
            let ready = observation.queues.get(queue).map_or(0, |queue| queue.ready);
            let figure = format!("{} waiting", format::count(ready));
            Foot { time, figure, kind: Kind::Queue, full: share(ready) }
        }
    }
}

/// Grows with every one that waits and never reaches the end.
fn share(waiting: u64) -> u64 {
    100 * waiting / (waiting + HALF)
}

fn busy(spec: &ServiceSpec, figures: &ServiceFigures) -> u64 {
    let Input::Http { concurrency, .. } = spec.input else {
        return 0;
    };
    let places = u64::from(concurrency) * figures.instances_up;
    (100 * (figures.busy + figures.waiting)).checked_div(places).unwrap_or(0).min(100)
}

/// `+170/min`: how fast a queue grows or shrinks; nothing while it does neither.
pub fn trend(queue: &QueueFigures) -> Option<String> {
    let (arriving, leaving) = (queue.arriving_per_minute, queue.leaving_per_minute);
    if arriving > leaving {
        Some(format!("+{}", format::per_minute(arriving - leaving)))
    } else if leaving > arriving {
        Some(format!("−{}", format::per_minute(leaving - arriving)))
    } else {
        None
    }
}

/// `1 s`, `500 ms`: how long a waiting tray keeps a message.
pub fn wait(ttl_ms: u64) -> String {
    format::duration(ttl_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_has_its_sign() {
        let queue = |arriving_per_minute, leaving_per_minute| QueueFigures {
            arriving_per_minute,
            leaving_per_minute,
            ..QueueFigures::default()
        };
        assert_eq!(trend(&queue(170, 0)).as_deref(), Some("+170/min"));
        assert_eq!(trend(&queue(10, 30)).as_deref(), Some("−20/min"));
        assert_eq!(trend(&queue(30, 30)), None);
    }

    #[test]
    fn a_gauge_never_overflows() {
        assert_eq!([0, 500, 1_000_000_000].map(share), [0, 50, 99]);
    }
}
