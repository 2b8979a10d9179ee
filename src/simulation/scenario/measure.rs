//! Figures that alerts and the time bar watch, and deadlines.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::service::Effect;

/// A figure that alerts and the scrub bar can watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Lag of one group, all partitions together.
    GroupLag(Rc<str>),
    /// The largest lag of any group.
    MaxGroupLag,
    /// Ready messages of one queue.
    QueueReady(Rc<str>),
    /// 95th percentile of the time until the buyer has an answer, over the last minute, in ms.
    CheckoutP95Ms,
    /// Orders that failed at the door so far.
    OrdersFailed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    pub rule: String,
    pub measure: Measure,
    /// The alert is on while the measure is greater than this.
    pub above: u64,
    /// It fires only after the measure was above for this long.
    #[serde(default)]
    pub for_ms: u64,
}

/// When an effect that is owed to a buyer counts as late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    pub effect: Effect,
    /// Milliseconds from the placing of the order.
    pub within_ms: u64,
}
