//! How many virtual seconds pass in a second.

use std::fmt;
use std::time::Duration;

use crate::ui::format::decimal;

const SLOWEST: f64 = 0.1;
const FASTEST: f64 = 1_000.0;
/// The stops of the slider in each decade: eight that are near even on a logarithmic scale and
/// that a person would name.
const STOPS: [f64; 8] = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];
const DECADES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(f64);

impl Speed {
    pub const NORMAL: Speed = Speed(1.0);
    pub const FASTEST: Speed = Speed(FASTEST);
    /// The last stop of the slider; the first is 0.
    pub const LAST_STOP: usize = STOPS.len() * DECADES;

    /// The nearest speed that there is; a number that is none is the normal speed.
    pub fn new(times: f64) -> Speed {
        if times.is_finite() { Speed(times.clamp(SLOWEST, FASTEST)) } else { Speed::NORMAL }
    }

    pub fn times(self) -> f64 {
        self.0
    }

    /// The virtual time that passes in a real one.
    pub fn of(self, real: Duration) -> Duration {
        real.mul_f64(self.0)
    }

    pub fn at_stop(stop: usize) -> Speed {
        let stop = stop.min(Speed::LAST_STOP);
        let decade = SLOWEST * 10f64.powi((stop / STOPS.len()) as i32);
        // 0.1 times 3 is not quite 0.3; the page shows at most one digit after the point.
        let times = decade * STOPS[stop % STOPS.len()];
        Speed::new((times * 100.0).round() / 100.0)
    }

    /// The stop that is nearest on the logarithmic scale.
    pub fn stop(self) -> usize {
        let distance = |stop: &usize| (Speed::at_stop(*stop).0.ln() - self.0.ln()).abs();
        (0..=Speed::LAST_STOP).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    }

    pub fn faster(self) -> Speed {
        let faster = (0..=Speed::LAST_STOP).map(Speed::at_stop).find(|stop| stop.0 > self.0 * 1.4);
        faster.unwrap_or(Speed::FASTEST)
    }

    pub fn slower(self) -> Speed {
        let mut stops = (0..=Speed::LAST_STOP).rev().map(Speed::at_stop);
        stops.find(|stop| stop.0 < self.0 / 1.4).unwrap_or(Speed(SLOWEST))
    }
}

impl fmt::Display for Speed {
    /// `10×`, `0.15×`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×", decimal(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_reaches_both_ends_on_a_logarithmic_scale() {
        assert_eq!(Speed::at_stop(0).to_string(), "0.1×");
        assert_eq!(Speed::at_stop(8).to_string(), "1×");
        assert_eq!(Speed::at_stop(Speed::LAST_STOP).to_string(), "1000×");
        for stop in 0..=Speed::LAST_STOP {
            assert_eq!(Speed::at_stop(stop).stop(), stop);
        }
    }

    #[test]
    fn nonsense_is_the_normal_speed_and_extremes_are_limited() {
        assert_eq!(Speed::new(f64::NAN), Speed::NORMAL);
        assert_eq!(Speed::new(1e9), Speed::FASTEST);
        assert_eq!(Speed::new(-3.0).to_string(), "0.1×");
    }

    #[test]
    fn faster_and_slower_lead_back() {
        let speeds = [Speed::NORMAL.faster(), Speed::NORMAL.faster().slower()];
        assert_eq!(speeds.map(|speed| speed.to_string()), ["1.5×", "1×"]);
        assert_eq!(Speed::FASTEST.faster(), Speed::FASTEST);
    }
}
