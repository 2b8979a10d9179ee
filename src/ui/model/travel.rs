//! Going to another moment of the run. What cannot be shown at once is played a frame at a time, so
//! that every touch is answered.

use crate::engine::Instant;

use super::{Model, Redraw};

/// Happenings that are played at once: some 25 ms.
const AT_ONCE: u64 = 25_000;
/// Happenings between two looks at the clock.
const PORTION: u64 = 2_000;

impl Model {
    /// Sets out for a moment; what is near is reached at once.
    pub(super) fn travel(&mut self, to: Instant) -> Redraw {
        self.timeline.approach(to);
        self.destination = Some(to);
        self.go_on(AT_ONCE)
    }

    /// Travels on while there is time.
    pub(super) fn travel_on(&mut self, has_time: &mut dyn FnMut() -> bool) -> Redraw {
        loop {
            let redraw = self.go_on(PORTION);
            if self.destination.is_none() || !has_time() {
                return redraw;
            }
        }
    }

    /// Goes the rest of the way at once, before anything is done that needs the moment it leads to.
    pub fn arrive(&mut self) -> Redraw {
        self.go_on(u64::MAX)
    }

    fn go_on(&mut self, count: u64) -> Redraw {
        let Some(to) = self.destination else {
            return Redraw::None;
        };
        let there = self.timeline.run_some(to, count);
        self.keep_step();
        if !there {
            return Redraw::Both;
        }
        self.destination = None;
        self.find_parting();
        self.moved()
    }
}
