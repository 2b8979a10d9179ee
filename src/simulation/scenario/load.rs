//! The orders that buyers place: how many, when, and what is special about them.

use serde::{Deserialize, Serialize};

use super::call::at_least_one;
use super::retry::Retry;
use crate::json::JsonError;

/// The orders that buyers place at the first service that takes HTTP calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// Orders per minute at the start; 0 places none.
    pub per_minute: u32,
    /// How the gaps between orders are drawn.
    #[serde(default)]
    pub gaps: Gaps,
    /// How far an even gap strays from the mean, in percent of it: 0 is a metronome.
    #[serde(default)]
    pub jitter_percent: u32,
    /// Later rates, by time.
    #[serde(default)]
    pub changes: Vec<ArrivalChange>,
    /// Orders on top of the rate, by time.
    #[serde(default)]
    pub bursts: Vec<Burst>,
    /// Orders at recorded moments on top of the rate, in ms since the start, in order.
    #[serde(default)]
    pub recorded_ms: Vec<u64>,
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
    /// Orders that are more urgent than priority 0, and their shares.
    #[serde(default)]
    pub priorities: Vec<PriorityShare>,
    /// How long buyers wait, and whether they come back.
    #[serde(default)]
    pub buyers: Buyers,
}

/// How the gaps between orders are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// The mean gap, and `jitter_percent` of it more or less.
    #[default]
    Even,
    /// Each buyer comes regardless of the others: a Poisson process.
    Poisson,
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
    /// The rate goes there in even steps, each second; by default it jumps.
    #[serde(default)]
    pub over_ms: u64,
}

/// So many orders, spread evenly over a time; all at once by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// When it begins, in milliseconds since the start.
    pub at_ms: u64,
    /// How many orders come on top of the rate.
    pub orders: u32,
    /// Over how long they are spread.
    #[serde(default)]
    pub within_ms: u64,
}

/// Of 100 orders so many have this priority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PriorityShare {
    /// The larger, the more urgent.
    pub priority: u8,
    /// The shares are 100 at most in all; the rest has priority 0.
    pub percent: u32,
}

/// How buyers bear waiting and refusals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Buyers {
    /// After so long without an answer a buyer gives up: 504. The shop does not hear of it.
    pub patience_ms: Option<u64>,
    /// How a buyer who was refused or gave up comes back with the same order; by default never. An
    /// answer's `Retry-After` is heeded.
    pub retry: Retry,
}

impl Default for Buyers {
    fn default() -> Buyers {
        Buyers { patience_ms: None, retry: Retry::none() }
    }
}

impl Buyers {
    /// Says which field is wrong, if one is.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        at_least_one("patience_ms", self.patience_ms)?;
        self.retry.check().map_err(|message| JsonError::at("retry", message))
    }
}
