//! "Run until": playing as fast as the machine can until something is so.

use std::rc::Rc;

use crate::engine::Instant;
use crate::simulation::World;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// A moment.
    At(Instant),
    /// So long after the present, in milliseconds.
    Later(u64),
    /// The step of the lesson is done.
    StepDone,
    /// Any alert fires or clears.
    Alert,
    /// Nothing waits or is in hand in a queue.
    Empty(Rc<str>),
}

/// A wish that is being fulfilled, with what it compares the world to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    pub until: Until,
    alerts: u64,
    steps: u32,
}

impl Running {
    pub fn begin(until: Until, world: &World, steps: u32) -> Running {
        let until = match until {
            Until::Later(millis) => {
                Until::At(world.now() + std::time::Duration::from_millis(millis))
            }
            other => other,
        };
        Running {
            alerts: changes(world),
            steps,
            until,
        }
    }

    /// The moment that must not be overrun.
    pub fn limit(&self) -> Option<Instant> {
        match self.until {
            Until::At(at) => Some(at),
            Until::Later(_) | Until::StepDone | Until::Alert | Until::Empty(_) => None,
        }
    }

    pub fn is_reached(&self, world: &World, steps: u32) -> bool {
        match &self.until {
            Until::At(at) => world.now() >= *at,
            // `begin` made it a moment.
            Until::Later(_) => true,
            Until::StepDone => steps != self.steps,
            Until::Alert => changes(world) != self.alerts,
            Until::Empty(name) => world
                .rabbitmq()
                .queue(name)
                .is_none_or(|queue| queue.ready_count() + queue.unacked_count() == 0),
        }
    }
}

/// How often alerts fired or cleared.
fn changes(world: &World) -> u64 {
    world
        .alerts()
        .iter()
        .map(|alert| alert.fired * 2 - u64::from(alert.firing))
        .sum()
}
