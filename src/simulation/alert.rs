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
    above_since: Option<Instant>,
}

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
            return Change::Cleared;
        }
        let since = *self.above_since.get_or_insert(now);
        if self.firing || now.since(since).as_millis() < u128::from(self.rule.for_ms) {
            return Change::None;
        }
        self.firing = true;
        self.fired += 1;
        self.fired_at = Some(now);
        self.cleared_at = None;
        Change::Fired
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
}
