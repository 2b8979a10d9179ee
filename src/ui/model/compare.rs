//! Two futures of a run, side by side.

use std::time::Duration;

use crate::engine::Instant;
use crate::simulation::{Comparison, Timeline};

use super::{Layer, Model, Redraw};

/// Figures that are shown; more than these nobody reads.
const SHOWN: usize = 40;
/// What is told first.
const FIRST: [&str; 4] = ["/ledger", "/checkout", "/queues", "/groups"];
/// So long before they part they are surely alike.
const BEFORE: Duration = Duration::from_millis(1);

#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The name of the other future.
    pub other: String,
    /// The moment to which both were played.
    pub until: Instant,
    pub comparison: Comparison,
    /// Figures that differ too and are not shown.
    pub more: usize,
}

impl Model {
    /// Plays the present future and another one from where they part to where the shorter ends.
    pub(super) fn compare(&mut self, index: u32) -> Redraw {
        let Some(branch) = self.timeline.branches().get(index as usize) else {
            return self.trouble("Nothing to compare", "Fork the run first (B).".to_owned());
        };
        let (other, forked_at) = (branch.name.clone(), branch.forked_at);
        let until = branch.end().now().min(self.timeline.furthest().now());
        let (mut ours, mut theirs) = (self.timeline.clone(), self.timeline.clone());
        theirs.switch_to(index);
        let start = parting(&ours, &theirs).unwrap_or(forked_at);
        let start = Instant::ZERO + start.since(Instant::ZERO).saturating_sub(BEFORE);
        ours.seek(start);
        theirs.seek(start);
        let mut comparison = Comparison::of(&mut ours, &mut theirs, until);
        let rank = |figure: &str| {
            FIRST.iter().position(|part| figure.starts_with(part)).unwrap_or(FIRST.len())
        };
        comparison.figures.sort_by_key(|one| rank(&one.figure));
        let more = comparison.figures.len().saturating_sub(SHOWN);
        comparison.figures.truncate(SHOWN);
        self.compared = Some(Compared { other, until, comparison, more });
        self.stop();
        self.show(Some(Layer::Compare))
    }
}

/// When the first command is given that only one of two runs has.
fn parting(ours: &Timeline, theirs: &Timeline) -> Option<Instant> {
    let (mut left, mut right) = (ours.inputs().iter(), theirs.inputs().iter());
    loop {
        let (one, other) = (left.next(), right.next());
        if one != other {
            return [one, other].into_iter().flatten().map(|(at, _)| *at).min();
        }
        one?;
    }
}
