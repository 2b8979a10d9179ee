//! The score of a game: which of its goals are met, as the run stands.

use super::observation::Observation;
use super::scenario::{GameGoal, GameSpec};

/// A run's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    pub points: u32,
    pub of: u32,
    pub goals: Vec<GoalScore>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalScore {
    pub title: String,
    pub value: u64,
    /// What the value must not be below, or not above.
    pub bound: u64,
    pub is_lower: bool,
    pub points: u32,
    pub met: bool,
}

impl GameSpec {
    pub fn score(&self, now: &Observation) -> Score {
        let goals: Vec<GoalScore> = self.goals.iter().map(|goal| goal.score(now)).collect();
        Score {
            points: goals.iter().filter(|goal| goal.met).map(|goal| goal.points).sum(),
            of: goals.iter().map(|goal| goal.points).sum(),
            goals,
        }
    }
}

impl GameGoal {
    fn score(&self, now: &Observation) -> GoalScore {
        let value = now.number(&self.at).unwrap_or(0);
        let met = self.at_least.is_none_or(|least| value >= least)
            && self.at_most.is_none_or(|most| value <= most);
        let bound = self.at_least.or(self.at_most).unwrap_or(0);
        let (title, is_lower) = (self.title.clone(), self.at_least.is_some());
        GoalScore { title, value, bound, is_lower, points: self.points, met }
    }
}
