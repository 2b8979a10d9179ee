//! Alerts: a threshold on a figure, with the times at which it fired and cleared.

use crate::engine::Instant;

use super::scenario::AlertRule;

/// One rule and how it stands.
#[derive(Clone, Debug)]
pub struct AlertState {
    pub rule: AlertRule,
    pub value: u64,
    pub firing: bool,
    pub fired: u64,
    pub fired_at: Option<Instant>,
    pub cleared_at: Option<Instant>,
    /// Every time that it fired, the last one last; the oldest are forgotten.
    pub firings: Vec<Firing>,
    above_since: Option<Instant>,
}

/// One time that an alert fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firing {
    pub fired_at: Instant,
    pub cleared_at: Option<Instant>,
    /// The largest value while it fired.
    pub peak: u64,
}

/// An alert that flaps is remembered for so many times.
const FIRINGS: usize = 100;

/// What a new value did to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    Fired,
    Cleared,
}

impl AlertState {
    pub fn new(rule: AlertRule) -> AlertState {
        AlertState {
            rule,
            value: 0,
            firing: false,
            fired: 0,
            fired_at: None,
            cleared_at: None,
            firings: Vec::new(),
            above_since: None,
        }
    }

    /// Takes the present value of the measure.
    pub fn update(&mut self, now: Instant, value: u64) -> Change {
        self.value = value;
        if value <= self.rule.above {
            self.above_since = None;
            if !self.firing {
                return Change::None;
            }
            self.firing = false;
            self.cleared_at = Some(now);
            if let Some(firing) = self.firings.last_mut() {
                firing.cleared_at = Some(now);
            }
            return Change::Cleared;
        }
        if self.firing {
            self.rises();
            return Change::None;
        }
        let since = *self.above_since.get_or_insert(now);
        if now.since(since).as_millis() < u128::from(self.rule.for_ms) {
            return Change::None;
        }
        self.firing = true;
        self.fired += 1;
        self.fired_at = Some(now);
        self.cleared_at = None;
        if self.firings.len() == FIRINGS {
            self.firings.remove(0);
        }
        self.firings.push(Firing { fired_at: now, cleared_at: None, peak: value });
        Change::Fired
    }

    /// It fires already; keeps its peak.
    fn rises(&mut self) {
        if let Some(firing) = self.firings.last_mut() {
            firing.peak = firing.peak.max(self.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::scenario::Measure;

    #[test]
    fn an_alert_fires_after_its_time_above_and_clears_at_the_threshold() {
        let mut alert = AlertState::new(AlertRule {
            rule: "lag".into(),
            measure: Measure::MaxGroupLag,
            above: 10,
            for_ms: 2_000,
        });
        let changes: Vec<Change> = [11, 12, 13, 14, 10]
            .iter()
            .zip(0..)
            .map(|(value, second)| alert.update(Instant::from_secs(second), *value))
            .collect();
        let expected = [Change::None, Change::None, Change::Fired, Change::None, Change::Cleared];
        assert_eq!(changes, expected);
        assert_eq!(alert.cleared_at, Some(Instant::from_secs(4)));
    }

    #[test]
    fn each_firing_is_kept_with_its_peak() {
        let measure = Measure::DeadLetters;
        let rule = AlertRule { rule: "dead".into(), measure, above: 10, for_ms: 0 };
        let mut alert = AlertState::new(rule);
        for (value, second) in [11, 40, 12, 9, 30, 31].into_iter().zip(0..) {
            alert.update(Instant::from_secs(second), value);
        }
        let firing = |fired, cleared: Option<u64>, peak| Firing {
            fired_at: Instant::from_secs(fired),
            cleared_at: cleared.map(Instant::from_secs),
            peak,
        };
        assert_eq!(alert.firings, [firing(0, Some(3), 40), firing(4, None, 31)]);
        assert_eq!((alert.fired, alert.firing), (2, true));
    }
}
