//! How long things take on the screen, and where they are meanwhile.
//!
//! Everything is told by age: the wall time that passed since something happened, which is the
//! virtual time divided by the speed. A picture of the same instant is therefore always the same.

use crate::engine::Instant;

/// A token crosses one connector.
pub const HOP: f32 = 420.0;
/// A token clicks into its cell.
pub const SETTLE: f32 = 140.0;
/// A bookmark moves; a token leaves its tray for a hand.
pub const SLIDE: f32 = 260.0;
/// A token shrinks to a tick.
pub const STATE: f32 = 180.0;
/// The afterglow of an event.
pub const FLASH: f32 = 600.0;
/// More tokens than this on one wire at once, about 60 in a second, become a density.
pub const CROWD: usize = 25;

/// The clock of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: Instant,
    speed: f64,
    pub reduced: bool,
}

impl Clock {
    pub fn new(now: Instant, speed: f64, reduced: bool) -> Clock {
        Clock {
            now,
            speed: speed.max(0.001),
            reduced,
        }
    }

    /// Wall milliseconds since something happened.
    pub fn age(&self, then: Instant) -> f32 {
        let micros = self.now.as_micros() as f64 - then.as_micros() as f64;
        (micros / 1_000.0 / self.speed) as f32
    }

    /// The virtual instant that many wall milliseconds ago.
    pub fn ago(&self, wall_ms: f32) -> Instant {
        let micros = f64::from(wall_ms) * 1_000.0 * self.speed;
        Instant::from_micros(self.now.as_micros().saturating_sub(micros as u64))
    }

    /// How far a flow has moved, from 0 to 1 once in every hop.
    pub fn phase(&self) -> f32 {
        let hop = f64::from(HOP) * 1_000.0 * self.speed;
        ((self.now.as_micros() as f64 / hop).fract()) as f32
    }
}

/// Slow at both ends.
pub fn in_out(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    if t < 0.5 {
        4.0 * t * t * t
    } else {
        1.0 - (2.0 - 2.0 * t).powi(3) / 2.0
    }
}

/// Fast, then slow.
pub fn out(t: f32) -> f32 {
    1.0 - (1.0 - t.clamp(0.0, 1.0)).powi(3)
}

/// Overshoots its end once by a tenth.
pub fn settle(t: f32) -> f32 {
    let u = t.clamp(0.0, 1.0) - 1.0;
    1.0 + 2.7 * u * u * u + 1.7 * u * u
}

/// As a thing falls.
pub fn fall(t: f32) -> f32 {
    t.clamp(0.0, 1.0).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_easing_starts_at_zero_and_ends_at_one() {
        for easing in [in_out, out, settle, fall] {
            assert!(easing(0.0).abs() < 1e-5 && (easing(1.0) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn an_age_is_wall_time() {
        let clock = Clock::new(Instant::from_millis(10_000), 10.0, false);
        assert_eq!(clock.age(Instant::from_millis(5_000)), 500.0);
        assert_eq!(clock.ago(500.0), Instant::from_millis(5_000));
    }
}
