//! Read models that are folded from a topic, and buyers who read them.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// A read model in the memory of a service's instances, each with the part of its partitions. The
/// position in the log is kept with it: an instance restores the last snapshot of a partition and
/// reads on from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProjectionSpec {
    /// A snapshot of a partition's part is saved after so many records. Without this there is
    /// none, and a restart reads the topic from its start.
    pub snapshot_every: Option<u32>,
    /// A bug: the cents of each amount are dropped before it is added up.
    pub drops_cents: bool,
}

/// Each buyer whose order was accepted looks it up in a projection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadSpec {
    /// The service with the projection.
    pub service: Rc<str>,
    /// How long after the answer, in milliseconds.
    #[serde(default)]
    pub after_ms: u64,
    /// The projection answers only once it has read the record of the buyer's own write.
    #[serde(default)]
    pub waits: bool,
    /// How long it lets a buyer wait for that, in milliseconds.
    #[serde(default = "two_seconds")]
    pub patience_ms: u64,
}

fn two_seconds() -> u64 {
    2_000
}
