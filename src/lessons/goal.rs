//! Goals: what must be true of a run, as data.
//!
//! A goal speaks of facts that can be observed, so that every route to them counts. It never asks
//! whether a button was pressed.

use serde_json::Value;

use crate::json::document;

document! {
    pub enum Goal {
        /// A figure is where it should be, at this moment.
        Figure(Leaf),
        /// A figure has grown by so much since the step, or the part of the goal, began.
        Increase(Leaf),
        /// The share that one counter has in the growth of several, per mille.
        Share(Share),
        /// All of them at one moment.
        All(Vec<Goal>),
        /// One of them is enough.
        Any(Vec<Goal>),
        /// One after another; what was reached stays reached.
        Then(Vec<Goal>),
        /// Without a break for so long. Increases inside count from the start of that time.
        Always { goal: Box<Goal>, for_ms: u64 },
        /// Counted only while something holds; when it does not, the count starts anew.
        While { holds: Box<Goal>, goal: Box<Goal> },
    }
}

document! {
    /// A figure and its bound. `{"at": "/queues/email-notifications/ready", "at_least": 3400}`
    pub struct Leaf {
        pub at: String,
        pub at_least: Option<u64> = None,
        pub at_most: Option<u64> = None,
        pub equals: Option<Value> = None,
    }
}

document! {
    /// `at` divided by the sum of `among`, once the sum has grown by `least`.
    pub struct Share {
        pub at: String,
        pub among: Vec<String>,
        pub least: u64,
        pub at_least: Option<u64> = None,
        pub at_most: Option<u64> = None,
    }
}

/// Both ends of what is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    pub at_least: Option<u64>,
    pub at_most: Option<u64>,
}

impl Bound {
    pub fn holds(self, value: u64) -> bool {
        self.at_least.is_none_or(|least| value >= least)
            && self.at_most.is_none_or(|most| value <= most)
    }
}

impl Leaf {
    pub fn bound(&self) -> Bound {
        Bound { at_least: self.at_least, at_most: self.at_most }
    }
}

impl Share {
    pub fn bound(&self) -> Bound {
        Bound { at_least: self.at_least, at_most: self.at_most }
    }
}

impl Goal {
    /// Every address that the goal reads.
    pub fn addresses(&self) -> Vec<&str> {
        match self {
            Goal::Figure(leaf) | Goal::Increase(leaf) => vec![&leaf.at],
            Goal::Share(share) => {
                let among = share.among.iter().map(String::as_str);
                std::iter::once(share.at.as_str()).chain(among).collect()
            }
            Goal::All(goals) | Goal::Any(goals) | Goal::Then(goals) => {
                goals.iter().flat_map(Goal::addresses).collect()
            }
            Goal::Always { goal, .. } => goal.addresses(),
            Goal::While { holds, goal } => {
                [holds, goal].into_iter().flat_map(|goal| goal.addresses()).collect()
            }
        }
    }

    /// Says what is wrong with the goal itself: nothing to reach, nothing to wait for.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Goal::Figure(leaf) => match leaf.equals {
                None if leaf.bound() == Bound::default() => Err(unbounded(&leaf.at)),
                None | Some(Value::String(_) | Value::Bool(_) | Value::Number(_)) => Ok(()),
                Some(_) => {
                    Err(format!("{}: equals takes a word, a number, true or false", leaf.at))
                }
            },
            Goal::Increase(leaf) if leaf.equals.is_some() => {
                Err(format!("{}: an increase has at_least and at_most only", leaf.at))
            }
            Goal::Increase(leaf) if leaf.bound() == Bound::default() => Err(unbounded(&leaf.at)),
            Goal::Increase(_) => Ok(()),
            Goal::Share(share) if share.least == 0 || share.among.is_empty() => {
                Err(format!("{}: a share needs among, and a least greater than 0", share.at))
            }
            Goal::Share(_) => Ok(()),
            Goal::All(goals) | Goal::Any(goals) | Goal::Then(goals) if goals.is_empty() => {
                Err("a list of goals is empty".to_owned())
            }
            Goal::All(goals) | Goal::Any(goals) | Goal::Then(goals) => {
                goals.iter().try_for_each(Goal::check)
            }
            Goal::Always { for_ms: 0, .. } => Err("always needs for_ms above 0".to_owned()),
            Goal::Always { goal, .. } => goal.check(),
            Goal::While { holds, goal } => holds.check().and_then(|()| goal.check()),
        }
    }
}

fn unbounded(at: &str) -> String {
    format!("{at}: say at_least, at_most or equals")
}
