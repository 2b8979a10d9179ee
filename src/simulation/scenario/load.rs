//! The orders that buyers place: how many, when, and what is special about them.

use serde::{Deserialize, Serialize};

/// The orders that buyers place at the first service that takes HTTP calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// Orders per minute at the start; 0 places none.
    pub per_minute: u32,
    /// How far the gap between two orders strays from the mean, in percent of it: 0 is a metronome.
    #[serde(default)]
    pub jitter_percent: u32,
    /// Later rates, by time.
    #[serde(default)]
    pub changes: Vec<ArrivalChange>,
    /// No further order is placed after this many.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Of 100 cards, how many their issuer declines: a fact of business, not a failure.
    #[serde(default)]
    pub declined_percent: u32,
    /// The numbers of the orders whose postal address is malformed (the first order is 1). Their
    /// cards are good.
    #[serde(default)]
    pub malformed_addresses: Vec<u32>,
}

/// Another rate of orders from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArrivalChange {
    /// When, in milliseconds since the start.
    pub at_ms: u64,
    /// Orders per minute from then on; 0 places none.
    pub per_minute: u32,
}
