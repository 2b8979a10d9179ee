//! A service from close by.

use std::rc::Rc;

use crate::simulation::{
    self, AckMode, CommitMode, Delay, Input, Instance, Measure, Observation, Outgoing,
    ProjectionFigures, QueueFigures, Retry, Service, ServiceFigures,
};
use crate::ui::format;
use crate::ui::model::{Action, Model, Selection};

use super::{Chart, Happening, SettingRow, history, measure_name, series_of};

/// Prefetch counts that are worth trying: one by one, a hand, a lot, all.
const PREFETCHES: [u64; 4] = [1, 3, 10, 100];

#[derive(Clone, Debug, PartialEq)]
pub struct ServiceView {
    pub id: Rc<str>,
    pub title: String,
    pub role: String,
    pub figures: ServiceFigures,
    pub now_ms: u64,
    /// The mean time of a piece of work at its normal pace.
    pub base_ms: u64,
    pub intake: Intake,
    /// Services that it can call over HTTP, and whether it does.
    pub calls: Vec<(Rc<str>, bool)>,
    pub prefetches: Vec<u64>,
    pub chart: Option<Chart>,
    pub facts: Vec<(&'static str, String)>,
    /// Settings that stay as the scenario has them.
    pub settings: Vec<(&'static str, String)>,
    /// Settings that can be changed.
    pub changes: Vec<SettingRow>,
    pub happened: Vec<Happening>,
    pub orders_failed: u64,
    /// What can be done to it; its power button stands apart.
    pub actions: Vec<Action>,
    pub offers: Offers,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Intake {
    Http,
    Topic { group: Rc<str> },
    Queue { queue: Rc<str>, ack: AckMode },
}

/// Which controls there are: a lesson may leave some out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    pub kill: bool,
    pub restart: bool,
    pub work: bool,
    pub fail: bool,
    pub instances: bool,
    pub prefetch: bool,
    pub ack: bool,
    pub call: bool,
}

pub fn service(model: &Model, now: &Observation, id: &str) -> Option<ServiceView> {
    let service = model.world().service(id)?;
    let figures = now.services.get(id)?.clone();
    let intake = match &service.spec.input {
        Input::Http { .. } => Intake::Http,
        Input::Topic { group, .. } => Intake::Topic { group: group.clone() },
        Input::Queue { queue, .. } => Intake::Queue { queue: queue.clone(), ack: service.ack },
    };
    let mut prefetches = PREFETCHES.to_vec();
    if figures.prefetch > 0 && !prefetches.contains(&figures.prefetch) {
        prefetches.push(figures.prefetch);
        prefetches.sort_unstable();
    }
    let called = |call: &Outgoing| (call.spec.service.clone(), call.spec.enabled);
    Some(ServiceView {
        id: service.spec.id.clone(),
        title: service.spec.title.clone(),
        role: service.spec.role.clone(),
        now_ms: now.now_ms,
        base_ms: service.work.mean_ms(),
        calls: service.calls.iter().map(called).collect(),
        prefetches,
        chart: chart(model, &intake),
        facts: facts(now, &intake, service, &figures),
        settings: settings(service),
        changes: super::settings::of_service(model, service),
        happened: history(model, id),
        orders_failed: now.checkout.failed,
        actions: actions(model, id),
        offers: offers(model, id),
        intake,
        figures,
    })
}

fn chart(model: &Model, intake: &Intake) -> Option<Chart> {
    let measure = match intake {
        Intake::Http => return None,
        Intake::Topic { group } => Measure::GroupLag(group.clone()),
        Intake::Queue { queue, .. } => Measure::QueueReady(queue.clone()),
    };
    let (series, family) = series_of(model.world(), &measure);
    Some(Chart::new(&model.timeline, series, family, &measure_name(&measure)))
}

fn facts(
    now: &Observation,
    intake: &Intake,
    service: &Service,
    figures: &ServiceFigures,
) -> Vec<(&'static str, String)> {
    match intake {
        Intake::Http => vec![
            ("busy", format::count(figures.busy)),
            ("waiting", format::count(figures.waiting)),
            ("p50", format::percentile(figures.p50_ms)),
            ("p95", format::percentile(figures.p95_ms)),
            ("handled", format::count(figures.handled)),
            ("failed", format::count(figures.failed)),
        ],
        Intake::Topic { group } => {
            let lag = now.groups.get(group).cloned().unwrap_or_default();
            let seconds = (now.now_ms / 1_000).clamp(1, 60);
            let mut facts = vec![
                ("lag", format::count(lag.lag)),
                ("peak lag", format::count(lag.peak_lag)),
                ("members", format::count(lag.members)),
                ("generation", format::count(lag.generation)),
                ("handled", format::per_minute(figures.handled_last_minute * 60 / seconds)),
                ("state", lag.state),
                ("partitions by instance", owned(service)),
            ];
            facts.extend(figures.projection.iter().flat_map(read_model));
            facts
        }
        Intake::Queue { queue, .. } => {
            let queue = now.queues.get(queue).cloned().unwrap_or_default();
            let mut facts = vec![
                ("ready", format::count(queue.ready)),
                ("in hand", format::count(queue.unacked)),
                ("arriving", format::per_minute(queue.arriving_per_minute)),
                ("leaving", format::per_minute(queue.leaving_per_minute)),
            ];
            facts.extend(empty_in(figures, &queue));
            facts
        }
    }
}

/// What a projection made of the records that it has read.
fn read_model(model: &ProjectionFigures) -> Vec<(&'static str, String)> {
    let (whole, cents) = (format::count(model.balance_cents / 100), model.balance_cents % 100);
    let states = model.states.iter().map(|(state, orders)| format!("{orders} {state}"));
    vec![
        ("orders in the model", format::count(model.orders)),
        ("balance", format!("{whole}.{cents:02}")),
        ("records folded", format::count(model.folded)),
        ("snapshots", format::count(model.snapshots)),
        ("by last event", states.collect::<Vec<_>>().join(", ")),
    ]
}

/// `1: 0 3, 2: 1 4`: which instance reads which partitions.
fn owned(service: &Service) -> String {
    let of = |instance: &Instance| match &instance.intake {
        simulation::Intake::Topic { consumer, .. } => {
            let owned = consumer.assignment().map(|at| format!(" {}", at.partition));
            owned.collect::<String>()
        }
        _ => String::new(),
    };
    let owned = service.instances.iter().map(of).enumerate();
    let words = owned.map(|(index, owned)| {
        let none = if owned.is_empty() { " none" } else { "" };
        format!("{}:{owned}{none}", index + 1)
    });
    words.collect::<Vec<_>>().join(", ")
}

/// When the tray will be empty at the present rates. While the service is down, its rate is the
/// one that it would have.
fn empty_in(figures: &ServiceFigures, queue: &QueueFigures) -> Option<(&'static str, String)> {
    if queue.ready == 0 || figures.work_ms == 0 {
        return None;
    }
    let down = figures.state == "down";
    let hands = match queue.consumers {
        _ if down => figures.instances,
        0 => 0,
        _ => figures.instances_up,
    };
    let leaving = hands * 60_000 / figures.work_ms;
    let name = if down { "empty after restart" } else { "empty in" };
    let text = match leaving.checked_sub(queue.arriving_per_minute) {
        None | Some(0) => "never at this rate".to_owned(),
        Some(net) => format::duration((queue.ready * 60_000 / net).max(1_000) / 1_000 * 1_000),
    };
    Some((name, text))
}

fn settings(service: &Service) -> Vec<(&'static str, String)> {
    let mut settings = match &service.spec.input {
        Input::Http { concurrency, .. } => {
            vec![("at once", format::count(u64::from(*concurrency)))]
        }
        Input::Topic {
            topic,
            group,
            assignor,
            session_timeout_ms,
            max_poll_records,
            commit,
            retry,
            ..
        } => {
            let commit = match commit {
                CommitMode::After => "after the work",
                CommitMode::Before => "before the work",
                CommitMode::Auto => "enable.auto.commit",
            };
            let default = || "default".to_owned();
            vec![
                ("topic", topic.to_string()),
                ("group.id", group.to_string()),
                ("assignor", assignor.as_deref().unwrap_or("range").to_owned()),
                ("session.timeout", session_timeout_ms.map_or_else(default, format::millis)),
                (
                    "max.poll.records",
                    max_poll_records.map_or_else(default, |n| format::count(u64::from(n))),
                ),
                ("commit", commit.to_owned()),
                ("retries", retries(retry)),
            ]
        }
        Input::Queue { queue, .. } => vec![("queue", queue.to_string())],
    };
    if let Some(effect) = service.spec.does {
        settings.push(("books", effect.name().to_owned()));
    }
    settings.extend(service.spec.publishes.iter().map(|topic| ("publishes", topic.to_string())));
    let enqueues = service.spec.enqueues.iter();
    settings.extend(enqueues.map(|task| {
        let kept = if task.persistent { "persistent" } else { "transient" };
        ("enqueues", format!("{} ({kept})", task.routing_key))
    }));
    settings
}

fn retries(retry: &Retry) -> String {
    let attempts = retry.attempts;
    match &retry.delay {
        Delay::Immediate => format!("{attempts}, at once"),
        Delay::FixedMs(ms) => format!("{attempts}, {} apart", format::duration(*ms)),
        Delay::Exponential { base_ms, max_ms, .. } => {
            let (base, max) = (format::duration(*base_ms), format::duration(*max_ms));
            format!("{attempts}, {base} doubling to {max}")
        }
        Delay::LadderMs(rungs) => {
            let rungs: Vec<String> = rungs.iter().map(|ms| format::duration(*ms)).collect();
            format!("{attempts}, after {}", rungs.join(", "))
        }
    }
}

fn actions(model: &Model, id: &str) -> Vec<Action> {
    let mut actions = model.actions(&Selection::Service(id.into()));
    actions.retain(|one| one.key != "K");
    actions
}

fn offers(model: &Model, id: &str) -> Offers {
    let offers = |command: &str| model.offers(command, id);
    Offers {
        kill: offers("kill"),
        restart: offers("restart"),
        work: offers("set_work"),
        fail: offers("fail_rate"),
        instances: offers("instances"),
        prefetch: offers("prefetch"),
        ack: offers("ack"),
        call: offers("call"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four instances of 235 ms each.
    fn empty_after(state: &str, ready: u64, arriving_per_minute: u64) -> Option<String> {
        let (state, instances) = (state.to_owned(), 4);
        let instances_up = if state == "up" { instances } else { 0 };
        let figures = ServiceFigures {
            state,
            instances,
            instances_up,
            work_ms: 235,
            ..ServiceFigures::default()
        };
        let queue = QueueFigures { ready, arriving_per_minute, ..QueueFigures::default() };
        empty_in(&figures, &queue).map(|(_, text)| text)
    }

    #[test]
    fn the_time_to_empty_a_tray_follows_from_the_rates() {
        assert_eq!(empty_after("down", 1_240, 170).as_deref(), Some("1 min 27 s"));
        assert_eq!(empty_after("down", 1_240, 2_000).as_deref(), Some("never at this rate"));
        assert_eq!(empty_after("down", 0, 170), None);
    }

    #[test]
    fn a_tray_that_nobody_consumes_from_is_never_empty() {
        assert_eq!(empty_after("up", 656, 154).as_deref(), Some("never at this rate"));
    }
}
