//! Figures that alerts and the time bar watch.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// A figure that alerts and the scrub bar can watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
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

/// A rule that raises an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// The name of the rule, as people read it.
    pub rule: String,
    /// The figure that is looked at once a second.
    pub measure: Measure,
    /// The alert is on while the measure is greater than this.
    pub above: u64,
    /// It fires only after the measure was above for this long.
    #[serde(default)]
    pub for_ms: u64,
}
