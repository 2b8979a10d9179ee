//! "Run until": playing as fast as the machine can until something is so.

use crate::engine::Instant;
use crate::simulation::{Breakpoint, Timeline, Watch, World};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// A moment.
    At(Instant),
    /// So long after the present, in milliseconds.
    Later(u64),
    /// The step of the lesson is done.
    StepDone,
    /// The world is as a breakpoint says.
    When(Breakpoint),
}

/// A wish that is being fulfilled, with what it compares the world to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Running {
    At(Instant),
    /// More steps of the lesson are done than these.
    Steps(u32),
    When {
        watch: Watch,
        reached: bool,
    },
}

impl Running {
    pub fn begin(until: Until, world: &World, steps: u32) -> Running {
        match until {
            Until::At(at) => Running::At(at),
            Until::Later(millis) => {
                Running::At(world.now() + std::time::Duration::from_millis(millis))
            }
            Until::StepDone => Running::Steps(steps),
            Until::When(breakpoint) => {
                Running::When { watch: Watch::begin(&breakpoint, world), reached: false }
            }
        }
    }

    /// The moment that must not be overrun.
    pub fn limit(&self) -> Option<Instant> {
        match self {
            Running::At(at) => Some(*at),
            Running::Steps(_) | Running::When { .. } => None,
        }
    }

    /// Plays to `to`, or to where a breakpoint is reached before.
    pub fn play(&mut self, timeline: &mut Timeline, to: Instant) {
        match self {
            Running::When { watch, reached } => *reached = timeline.run_watched(watch, to),
            Running::At(_) | Running::Steps(_) => timeline.run_until(to),
        }
    }

    pub fn is_reached(&self, world: &World, steps: u32) -> bool {
        match self {
            Running::At(at) => world.now() >= *at,
            Running::Steps(before) => steps != *before,
            Running::When { reached, .. } => *reached,
        }
    }
}
