//! The orders that buyers place: how many, when, and what is special about them.

use super::call::at_least_one;
use super::retry::Retry;
use crate::json::{self, JsonError, document};

document! {
    /// The orders that buyers place at the first service that takes HTTP calls.
    pub struct Arrivals {
        /// Orders per minute at the start; 0 places none.
        pub per_minute: u32,
        /// How the gaps between orders are drawn.
        pub gaps: Gaps = Gaps::default(),
        /// How far an even gap strays from the mean, in percent of it: 0 is a metronome.
        pub jitter_percent: u32 = 0,
        /// Later rates, by time.
        pub changes: Vec<ArrivalChange> = Vec::new(),
        /// Orders on top of the rate, by time.
        pub bursts: Vec<Burst> = Vec::new(),
        /// Orders at recorded moments on top of the rate, in ms since the start, in order.
        pub recorded_ms: Vec<u64> = Vec::new(),
        /// No further order is placed after this many.
        pub limit: Option<u32> = None,
        /// Of 100 cards, how many their issuer declines: a fact of business, not a failure.
        pub declined_percent: u32 = 0,
        /// The numbers of the orders whose postal address is malformed (the first order is 1).
        /// Their cards are good.
        pub malformed_addresses: Vec<u32> = Vec::new(),
        /// Orders that are more urgent than priority 0, and their shares.
        pub priorities: Vec<PriorityShare> = Vec::new(),
        /// How long buyers wait, and whether they come back.
        pub buyers: Buyers = Buyers::default(),
    }
}

document! {
    /// How the gaps between orders are drawn.
    pub enum Gaps: Copy, Eq = Even {
        /// The mean gap, and `jitter_percent` of it more or less.
        Even,
        /// Each buyer comes regardless of the others: a Poisson process.
        Poisson,
    }
}

document! {
    /// Another rate of orders from a moment on.
    pub struct ArrivalChange {
        /// When, in milliseconds since the start.
        pub at_ms: u64,
        /// Orders per minute from then on; 0 places none.
        pub per_minute: u32,
        /// The rate goes there in even steps, each second; by default it jumps.
        pub over_ms: u64 = 0,
    }
}

document! {
    /// So many orders, spread evenly over a time; all at once by default.
    pub struct Burst {
        /// When it begins, in milliseconds since the start.
        pub at_ms: u64,
        /// How many orders come on top of the rate.
        pub orders: u32,
        /// Over how long they are spread.
        pub within_ms: u64 = 0,
    }
}

document! {
    /// Of 100 orders so many have this priority.
    pub struct PriorityShare {
        /// The larger, the more urgent.
        pub priority: u8,
        /// The shares are 100 at most in all; the rest has priority 0.
        pub percent: u32,
    }
}

document! {
    /// How buyers bear waiting and refusals.
    pub struct Buyers: Eq {
        /// After so long without an answer a buyer gives up: 504. The shop does not hear of it.
        pub patience_ms: Option<u64> = None,
        /// How a buyer who was refused or gave up comes back with the same order; by default never.
        /// An answer's `Retry-After` is heeded.
        pub retry: Retry = Retry::none(),
    }
}

impl Default for Buyers {
    fn default() -> Buyers {
        json::blank()
    }
}

impl Buyers {
    /// Says which field is wrong, if one is.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        at_least_one("patience_ms", self.patience_ms)?;
        self.retry.check().map_err(|message| JsonError::at("retry", message))
    }
}
