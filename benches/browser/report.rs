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
    aims: Vec<Verdict>,
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
        let per_second = 1e9 / nanos;
        let aims = aims.iter().map(|aim| verdict(aim, nanos, before)).collect();
        Figure { name, unit, nanos, middle_nanos, per_second, aims }
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

    pub fn aims(&self) -> String {
        let word = |verdict: &Verdict| {
            format!("{}: {}", verdict.aim, if verdict.met { "met" } else { "not met" })
        };
        self.aims.iter().map(word).collect::<Vec<_>>().join("; ")
    }
}

fn verdict(aim: &Aim, nanos: f64, before: &[Figure]) -> Verdict {
    let met = match aim {
        Aim::PerSecond(least) => 1e9 / nanos >= f64::from(*least),
        Aim::Micros(most) => nanos <= f64::from(*most) * 1e3,
        Aim::Times(most, other) => {
            let other = before.iter().find(|figure| figure.name == *other);
            let other = other.expect("what is compared with comes before");
            nanos <= f64::from(*most) * other.nanos
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
