//! What was measured, in figures and in words.

use serde::Serialize;

use crate::workloads::Aim;

#[derive(Serialize)]
pub struct Figure {
    pub name: String,
    unit: &'static str,
    /// What one took in the fastest round: whatever else the machine does only adds to it.
    nanos: f64,
    /// And in the middle one. Far from the fastest, it says that the machine was busy.
    middle_nanos: f64,
    per_second: f64,
    /// What 95 of 100 rounds kept within.
    most_nanos: f64,
    aims: Vec<Verdict>,
    note: String,
}

/// An aim, and what came of it.
#[derive(Serialize)]
struct Verdict {
    aim: String,
    met: bool,
}

impl Figure {
    /// From rounds in ascending order of what one took.
    pub fn new(
        name: String,
        unit: &'static str,
        rounds: &[f64],
        aims: &[Aim],
        before: &[Figure],
    ) -> Figure {
        let (nanos, middle_nanos) = (rounds[0], rounds[rounds.len() / 2]);
        let most_nanos = rounds[(rounds.len() * 95).div_ceil(100) - 1];
        let per_second = 1e9 / nanos;
        let took = (nanos, most_nanos);
        let aims = aims.iter().map(|aim| verdict(aim, took, before)).collect();
        let note = String::new();
        Figure { name, unit, nanos, middle_nanos, most_nanos, per_second, aims, note }
    }

    pub fn noted(self, note: String) -> Figure {
        Figure { note, ..self }
    }

    pub fn speed(&self) -> String {
        format!("{} {}/s", short(self.per_second), self.unit)
    }

    pub fn time(&self) -> String {
        format!("{:.3} µs", self.nanos / 1e3)
    }

    pub fn middle(&self) -> String {
        format!("{:.3} µs", self.middle_nanos / 1e3)
    }

    pub fn most(&self) -> String {
        format!("{:.3} µs", self.most_nanos / 1e3)
    }

    pub fn aims(&self) -> String {
        let word = |verdict: &Verdict| {
            format!("{}: {}", verdict.aim, if verdict.met { "met" } else { "not met" })
        };
        let aims = self.aims.iter().map(word);
        aims.chain([self.note.clone()]).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// `took` is the fastest round, and the one that 95 of 100 are no slower than.
fn verdict(aim: &Aim, took: (f64, f64), before: &[Figure]) -> Verdict {
    let (nanos, most_nanos) = took;
    let met = match aim {
        Aim::PerSecond(least) => 1e9 / nanos >= f64::from(*least),
        Aim::Micros(most) => nanos <= f64::from(*most) * 1e3,
        Aim::Mostly(most) => most_nanos <= f64::from(*most) * 1e3,
        Aim::Times(most, other) => {
            let other = before.iter().find(|figure| figure.name == *other);
            let other = other.expect("what is compared with comes before");
            nanos <= most * other.nanos
        }
    };
    Verdict { aim: aim.to_string(), met }
}

/// A count in thousands or millions.
fn short(count: f64) -> String {
    if count >= 1e6 {
        format!("{:.2} M", count / 1e6)
    } else if count >= 1e3 {
        format!("{:.1} k", count / 1e3)
    } else {
        format!("{count:.0}")
    }
}
