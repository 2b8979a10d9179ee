//! How long things take on the screen, and where they are meanwhile.
//!
//! Everything is told by age: the wall time that passed since something happened, which is the
//! virtual time divided by the speed. A picture of the same instant is therefore always the same.
//!
//! A token on its way stands behind the figures, which tell where the world has it. So that it
//! never stands far behind, ways get shorter at high speed, and while the run is paused.

use std::time::Duration;

use crate::engine::Instant;

use super::Options;

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

/// At a higher speed than this, movements take less wall time instead of more virtual time.
const SWIFTEST: f64 = 20.0;
/// The same while nothing moves: then the picture is compared with the figures.
const PAUSED: f64 = 2.0;

/// The clock of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: Instant,
    /// Virtual seconds in a real one.
    speed: f64,
    /// The same for movements.
    pace: f64,
    pub reduced: bool,
}

impl Clock {
    pub fn new(now: Instant, options: &Options) -> Clock {
        let fastest = if options.paused { PAUSED } else { f64::MAX };
        let speed = options.speed.clamp(0.001, fastest);
        Clock { now, speed, pace: speed.min(SWIFTEST), reduced: options.reduced_motion }
    }

    /// Milliseconds since something happened, as movements count them.
    pub fn age(&self, then: Instant) -> f32 {
        self.between(then, self.now)
    }

    /// Milliseconds from one moment to another one, as movements count them.
    pub fn between(&self, from: Instant, to: Instant) -> f32 {
        elapsed(from, to, self.pace)
    }

    /// Whether something happened within the last hop of wall time, however fast hops are.
    pub fn is_recent(&self, then: Instant) -> bool {
        elapsed(then, self.now, self.speed) < HOP
    }

    /// The age of what happened a hop of wall time ago.
    pub fn recent(&self) -> f32 {
        HOP * (self.speed / self.pace) as f32
    }

    /// The virtual instant of an age.
    pub fn ago(&self, age: f32) -> Instant {
        self.now - self.span(age)
    }

    /// The virtual time that a movement takes.
    pub fn span(&self, lasts: f32) -> Duration {
        Duration::from_micros((f64::from(lasts) * 1_000.0 * self.pace) as u64)
    }

    /// How far along its way a token is. Tokens that are slow at both ends of a wire lie upon each
    /// other there when many are on it, so with the speed their pace becomes even.
    pub fn along(&self, t: f32) -> f32 {
        let even = ((self.pace - 2.0) / 6.0).clamp(0.0, 1.0) as f32;
        in_out(t) * (1.0 - even) + t.clamp(0.0, 1.0) * even
    }

    /// How far a flow has moved, from 0 to 1 once in every hop.
    pub fn phase(&self) -> f32 {
        let hop = f64::from(HOP) * 1_000.0 * self.speed;
        ((self.now.as_micros() as f64 / hop).fract()) as f32
    }
}

fn elapsed(from: Instant, to: Instant, speed: f64) -> f32 {
    let micros = to.as_micros() as f64 - from.as_micros() as f64;
    (micros / 1_000.0 / speed) as f32
}

/// Slow at both ends.
pub fn in_out(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    if t < 0.5 { 4.0 * t * t * t } else { 1.0 - (2.0 - 2.0 * t).powi(3) / 2.0 }
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

    fn clock(speed: f64, paused: bool) -> Clock {
        Clock::new(Instant::from_millis(100_000), &Options { speed, paused, ..Options::default() })
    }

    #[test]
    fn an_age_is_wall_time() {
        let clock = clock(10.0, false);
        assert_eq!(clock.age(Instant::from_millis(95_000)), 500.0);
        assert_eq!(clock.ago(500.0), Instant::from_millis(95_000));
        assert_eq!(clock.recent(), HOP);
    }

    #[test]
    fn ways_are_short_at_high_speed_and_in_a_pause() {
        let then = Instant::from_millis(90_000);
        assert!(clock(10.0, false).age(then) > HOP && clock(50.0, false).age(then) > HOP);
        assert!(clock(50.0, false).is_recent(then) && !clock(50.0, true).is_recent(then));
        assert!(clock(50.0, true).age(Instant::from_millis(99_000)) > HOP);
        assert_eq!(clock(0.5, true).age(Instant::from_millis(99_900)), 200.0);
    }
}
