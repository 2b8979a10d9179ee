//! Progress: how far a goal is, as a number, a share of the way, and a line of words.

use super::document::Unit;

/// How far a goal is, for the bar under a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub value: u64,
    pub target: u64,
    /// The way that is done, of 1 000. Where the value has to fall this is not value ÷ target.
    pub per_mille: u64,
    /// The value has to fall to the target instead of rising to it.
    pub falls: bool,
}

impl Progress {
    pub(super) fn up(value: u64, target: u64) -> Progress {
        let per_mille = if target == 0 {
            1_000
        } else {
            per_mille(value.min(target), target)
        };
        Progress {
            value,
            target,
            per_mille,
            falls: false,
        }
    }

    /// Falling from where it began.
    pub(super) fn down(began: u64, value: u64, target: u64) -> Progress {
        let (way, done) = (began.saturating_sub(target), began.saturating_sub(value));
        let per_mille = if value <= target {
            1_000
        } else {
            per_mille(done.min(way), way)
        };
        Progress {
            value,
            target,
            per_mille,
            falls: true,
        }
    }

    pub(super) fn full(self) -> Progress {
        Progress {
            value: self.target,
            per_mille: 1_000,
            ..self
        }
    }

    /// As a line under a step says it: "1,240 of 3,400", "664, falling to 0".
    pub fn words(self, unit: Unit) -> String {
        let (value, target) = (written(self.value, unit), written(self.target, unit));
        let between = if self.falls { ", falling to " } else { " of " };
        format!("{value}{between}{target}")
    }
}

pub(super) fn per_mille(part: u64, whole: u64) -> u64 {
    (part * 1_000).checked_div(whole).unwrap_or(0)
}

fn written(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Count => thousands(value),
        Unit::Ms => format!("{} ms", thousands(value)),
        Unit::Seconds => format!("{} s", thousands(value / 1_000)),
        Unit::PerMille => format!("{}.{} %", value / 10, value % 10),
    }
}

fn thousands(value: u64) -> String {
    match (value / 1_000, value % 1_000) {
        (0, rest) => rest.to_string(),
        (whole, rest) => format!("{},{rest:03}", thousands(whole)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_with_their_unit() {
        let words = |value, target, unit| Progress::up(value, target).words(unit);
        assert_eq!(words(7, 1_234_567, Unit::Count), "7 of 1,234,567");
        assert_eq!(words(3_100, 4_000, Unit::Ms), "3,100 ms of 4,000 ms");
        assert_eq!(words(59_999, 60_000, Unit::Seconds), "59 s of 60 s");
        assert_eq!(words(951, 1_000, Unit::PerMille), "95.1 % of 100.0 %");
        assert_eq!(
            Progress::down(900, 664, 0).words(Unit::Count),
            "664, falling to 0"
        );
    }

    #[test]
    fn a_bar_is_never_more_than_full() {
        assert_eq!(Progress::up(4_000, 3_400).per_mille, 1_000);
        assert_eq!(Progress::up(0, 0).per_mille, 1_000);
        assert_eq!(Progress::down(10, 20, 0).per_mille, 0);
        assert_eq!(Progress::down(0, 20, 10).per_mille, 0);
    }
}
