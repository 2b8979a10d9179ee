//! The summary of a run: the last line that the runner prints, and what tests read figures from.

use std::rc::Rc;

use litemap::LiteMap;
use serde::{Serialize, Serializer};

use crate::simulation::{CheckoutFigures, Finding, FiringFigures, Observation, Timeline, World};

/// Findings that are written word for word.
const FINDINGS: usize = 1_000;

/// Field names are promises to programs that read them; more may be added.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub kind: &'static str,
    pub scenario: String,
    pub seed: u64,
    pub until_ms: u64,
    pub trace_hash: String,
    pub trace_events: u64,
    #[serde(serialize_with = "crate::json::serialize")]
    pub checkout: CheckoutFigures,
    #[serde(serialize_with = "crate::json::serialize")]
    pub ledger: crate::simulation::LedgerFigures,
    #[serde(serialize_with = "object")]
    pub queues: LiteMap<Rc<str>, QueueSummary>,
    #[serde(serialize_with = "object")]
    pub groups: LiteMap<Rc<str>, GroupSummary>,
    #[serde(serialize_with = "object")]
    pub services: LiteMap<Rc<str>, ServiceSummary>,
    pub alerts: Vec<AlertSummary>,
    /// What the referee found, newest last.
    pub findings: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct QueueSummary {
    pub published: u64,
    pub acked: u64,
    pub ready: u64,
    pub unacked: u64,
    pub peak_ready: u64,
    pub peak_at_ms: u64,
    pub dead_lettered: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct GroupSummary {
    pub lag: u64,
    pub peak_lag: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct ServiceSummary {
    pub handled: u64,
    pub failed: u64,
    pub p50_ms: u64,
    pub p95_ms: u64,
    pub p99_ms: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct AlertSummary {
    pub rule: Rc<str>,
    pub fired_at_ms: Option<u64>,
    pub cleared_at_ms: Option<u64>,
    /// Every time that it fired, the last one last.
    #[serde(serialize_with = "crate::json::serialize")]
    pub firings: Vec<FiringFigures>,
}

/// A map as an object, also when it is empty: a [`LiteMap`] alone writes `[]` then.
fn object<V: Serialize, S: Serializer>(
    map: &LiteMap<Rc<str>, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map)
}

impl Summary {
    pub fn of(run: &Timeline) -> Summary {
        let world = run.world();
        let seen = world.observe();
        let Observation { now_ms, checkout, ledger, queues, groups, services, alerts, .. } = seen;
        Summary {
            kind: "summary",
            scenario: run.scenario().name.clone(),
            seed: run.seed(),
            until_ms: now_ms,
            trace_hash: format!("{:016x}", world.trace().hash()),
            trace_events: world.trace().len(),
            checkout,
            ledger,
            queues: queues.into_iter().map(|(name, queue)| (name, queue.into())).collect(),
            groups: groups
                .into_iter()
                .map(|(name, group)| {
                    (name, GroupSummary { lag: group.lag, peak_lag: group.peak_lag })
                })
                .collect(),
            services: services.into_iter().map(|(name, service)| (name, service.into())).collect(),
            alerts: alerts
                .into_iter()
                .map(|(rule, alert)| AlertSummary {
                    rule,
                    fired_at_ms: alert.fired_at_ms,
                    cleared_at_ms: alert.cleared_at_ms,
                    firings: alert.firings,
                })
                .collect(),
            findings: findings(world),
        }
    }
}

/// The last findings in words, with their messages.
fn findings(world: &World) -> Vec<String> {
    let words = |finding: &Finding| {
        let message = finding.message.as_ref().map(|name| format!(" ({name})"));
        let Finding { at, order, text, .. } = finding;
        format!("{at} order-{order} {text}{}", message.unwrap_or_default())
    };
    let mut newest: Vec<String> =
        world.ledger().findings().rev().take(FINDINGS).map(words).collect();
    newest.reverse();
    newest
}

impl From<crate::simulation::QueueFigures> for QueueSummary {
    fn from(queue: crate::simulation::QueueFigures) -> QueueSummary {
        QueueSummary {
            published: queue.published,
            acked: queue.acked,
            ready: queue.ready,
            unacked: queue.unacked,
            peak_ready: queue.peak_ready,
            peak_at_ms: queue.peak_at_ms,
            dead_lettered: queue.dead_lettered,
        }
    }
}

impl From<crate::simulation::ServiceFigures> for ServiceSummary {
    fn from(service: crate::simulation::ServiceFigures) -> ServiceSummary {
        ServiceSummary {
            handled: service.handled,
            failed: service.failed,
            p50_ms: service.p50_ms,
            p95_ms: service.p95_ms,
            p99_ms: service.p99_ms,
        }
    }
}
