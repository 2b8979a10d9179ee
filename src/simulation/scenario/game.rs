//! Games: faults that a run draws by its seed, and goals by which it is scored.

use crate::json::document;
use crate::simulation::command::Command;

document! {
    /// Faults that a run draws by its seed, so that nobody knows them beforehand and a link to the
    /// run has them all the same.
    pub struct Surprises {
        /// How many are drawn.
        pub count: u32,
        /// When the first one may come, in milliseconds since the start.
        pub from_ms: u64,
        /// When the last one has come.
        pub until_ms: u64,
        /// What they are drawn from; each comes once at most.
        pub of: Vec<Command>,
    }
}

document! {
    /// A game: how long it lasts and what counts at its end.
    pub struct GameSpec {
        /// When it is over, in milliseconds since the start.
        pub ends_at_ms: u64,
        /// What is asked for.
        pub goals: Vec<GameGoal>,
    }
}

document! {
    /// A figure of the observation that must be in its bounds.
    pub struct GameGoal {
        /// What people read.
        pub title: String,
        /// The figure by its address: `/ledger/lost`.
        pub at: String,
        /// Its lower bound.
        pub at_least: Option<u64> = None,
        /// Its upper bound.
        pub at_most: Option<u64> = None,
        /// What it is worth.
        pub points: u32,
    }
}
