//! Watching a goal: what was when it began, how far it is, whether it is reached.

use serde_json::Value;

use crate::simulation::Observation;

use super::goal::{Bound, Goal, Leaf};
use super::progress::{Progress, per_mille};

/// A longer gap between two observations breaks an `always`: nobody saw what was in between.
const UNSEEN_MS: u64 = 10_000;

/// A goal under watch. All it remembers is where counters stood when it, or a part of it, began.
#[derive(Clone, Debug)]
pub(super) enum Watch {
    /// What the figure was when the watch began, for the bar.
    Figure {
        began: u64,
    },
    Increase {
        base: Base,
    },
    Share {
        base: Base,
        among: u64,
        of: u64,
    },
    /// `all` and `any`.
    Group(Vec<Watch>),
    Then {
        index: usize,
        part: Box<Watch>,
    },
    Window(Window),
}

/// A counter's value at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    value: u64,
    since_ms: u64,
}

/// A stretch of time that starts anew when its condition breaks.
#[derive(Clone, Debug)]
pub(super) struct Window {
    since_ms: u64,
    seen_ms: u64,
    holds: bool,
    condition: Box<Watch>,
    /// What is counted while the condition holds; an `always` only waits.
    goal: Option<Box<Watch>>,
}

impl Watch {
    pub(super) fn begin(goal: &Goal, now: &Observation) -> Watch {
        let base = |at: &str| Base { value: now.number(at).unwrap_or(0), since_ms: now.now_ms };
        match goal {
            Goal::Figure(leaf) => Watch::Figure { began: now.number(&leaf.at).unwrap_or(0) },
            Goal::Increase(leaf) => Watch::Increase { base: base(&leaf.at) },
            Goal::Share(share) => Watch::Share {
                base: Base { value: sum(now, &share.among), since_ms: now.now_ms },
                of: now.number(&share.at).unwrap_or(0),
                among: 0,
            },
            Goal::All(goals) | Goal::Any(goals) => {
                Watch::Group(goals.iter().map(|goal| Watch::begin(goal, now)).collect())
            }
            Goal::Then(goals) => {
                let part = Box::new(Watch::begin(&goals[0], now));
                Watch::Then { index: 0, part }
            }
            Goal::Always { goal, .. } => Watch::Window(Window::begin(goal, None, now)),
            Goal::While { holds, goal } => Watch::Window(Window::begin(holds, Some(goal), now)),
        }
    }

    /// Takes in an observation and says whether the goal is reached.
    ///
    /// A learner may rewind to before a count began; the count then begins anew where they are.
    pub(super) fn met(&mut self, goal: &Goal, now: &Observation) -> bool {
        match (self, goal) {
            (Watch::Figure { .. }, Goal::Figure(leaf)) => figure_holds(leaf, now),
            (Watch::Increase { base }, Goal::Increase(leaf)) => {
                let value = now.number(&leaf.at).unwrap_or(0);
                base.rewound(now, value);
                leaf.bound().holds(value.saturating_sub(base.value))
            }
            (Watch::Share { base, among, of }, Goal::Share(share)) => {
                let counted = now.number(&share.at).unwrap_or(0);
                let all = sum(now, &share.among);
                if base.rewound(now, all) {
                    *of = counted;
                }
                *among = all.saturating_sub(base.value);
                *among >= share.least
                    && share.bound().holds(per_mille(counted.saturating_sub(*of), *among))
            }
            (Watch::Group(parts), Goal::All(goals)) => met_parts(parts, goals, now) == goals.len(),
            (Watch::Group(parts), Goal::Any(goals)) => met_parts(parts, goals, now) > 0,
            (Watch::Then { index, part }, Goal::Then(goals)) => {
                if !part.met(&goals[*index], now) {
                    return false;
                }
                if *index + 1 == goals.len() {
                    return true;
                }
                *index += 1;
                **part = Watch::begin(&goals[*index], now);
                false
            }
            (Watch::Window(window), Goal::Always { goal, for_ms }) => {
                window.keeps(goal, None, now) && now.now_ms - window.since_ms >= *for_ms
            }
            (Watch::Window(window), Goal::While { holds, goal }) => {
                window.keeps(holds, Some(goal), now)
                    && window.goal.as_mut().is_some_and(|counted| counted.met(goal, now))
            }
            (watch, goal) => unreachable!("{watch:?} was begun for another goal than {goal:?}"),
        }
    }

    /// Counts from now on. Only what a bar began with stays, or it would always stand at its start.
    fn renew(&mut self, goal: &Goal, now: &Observation) {
        match (self, goal) {
            (Watch::Figure { .. }, Goal::Figure(_)) => {}
            (Watch::Group(parts), Goal::All(goals) | Goal::Any(goals)) => {
                parts.iter_mut().zip(goals).for_each(|(part, goal)| part.renew(goal, now));
            }
            (watch, goal) => *watch = Watch::begin(goal, now),
        }
    }

    /// How far the part of the goal is that reads `at`; an `always` has no address and counts its
    /// milliseconds.
    pub(super) fn progress(
        watch: Option<&Watch>,
        goal: &Goal,
        at: &str,
        now: &Observation,
    ) -> Option<Progress> {
        match goal {
            Goal::Figure(leaf) if leaf.at == at => {
                let began = match watch {
                    Some(Watch::Figure { began }) => *began,
                    Some(_) | None => 0,
                };
                Some(figure_progress(leaf, began, now))
            }
            Goal::Increase(leaf) if leaf.at == at => {
                let value = match watch {
                    Some(Watch::Increase { base }) => {
                        now.number(at).unwrap_or(0).saturating_sub(base.value)
                    }
                    Some(_) | None => 0,
                };
                Some(Progress::up(value, leaf.at_least.unwrap_or(0)))
            }
            Goal::Share(share) if share.at == at => {
                let value = match watch {
                    Some(Watch::Share { among, .. }) => *among,
                    Some(_) | None => 0,
                };
                Some(Progress::up(value, share.least))
            }
            Goal::Figure(_) | Goal::Increase(_) | Goal::Share(_) => None,
            Goal::All(goals) | Goal::Any(goals) => (0..).zip(goals).find_map(|(index, goal)| {
                let part = match watch {
                    Some(Watch::Group(parts)) => parts.get(index),
                    Some(_) | None => None,
                };
                Watch::progress(part, goal, at, now)
            }),
            Goal::Then(goals) => {
                // Parts that were reached are over; their figures may stand in later parts again.
                let (reached, present) = match watch {
                    Some(Watch::Then { index, part }) => (*index, Some(&**part)),
                    Some(_) | None => (0, None),
                };
                let to_come = (0..).zip(goals).skip(reached).find_map(|(place, goal)| {
                    let part = present.filter(|_| place == reached);
                    Watch::progress(part, goal, at, now)
                });
                let over = |goal| Watch::progress(None, goal, at, now).map(Progress::full);
                to_come.or_else(|| goals[..reached].iter().rev().find_map(over))
            }
            Goal::Always { for_ms, .. } if at.is_empty() => {
                let value = match watch {
                    Some(Watch::Window(window)) if window.holds => {
                        now.now_ms.saturating_sub(window.since_ms)
                    }
                    Some(_) | None => 0,
                };
                Some(Progress::up(value.min(*for_ms), *for_ms))
            }
            Goal::Always { goal, .. } => {
                Watch::progress(watch.and_then(Watch::condition), goal, at, now)
            }
            Goal::While { goal, .. } => {
                Watch::progress(watch.and_then(Watch::counted), goal, at, now)
            }
        }
    }

    /// The measured share, per mille, if the goal has one.
    pub(super) fn share(&self, goal: &Goal, now: &Observation) -> Option<u64> {
        match (self, goal) {
            (Watch::Share { among, of, .. }, Goal::Share(share)) => {
                Some(per_mille(now.number(&share.at)?.saturating_sub(*of), *among))
            }
            (Watch::Group(parts), Goal::All(goals) | Goal::Any(goals)) => {
                parts.iter().zip(goals).find_map(|(part, goal)| part.share(goal, now))
            }
            (Watch::Then { index, part }, Goal::Then(goals)) => part.share(&goals[*index], now),
            (Watch::Window(window), Goal::While { goal, .. }) => {
                window.goal.as_ref()?.share(goal, now)
            }
            _ => None,
        }
    }

    fn condition(&self) -> Option<&Watch> {
        match self {
            Watch::Window(window) => Some(&window.condition),
            _ => None,
        }
    }

    fn counted(&self) -> Option<&Watch> {
        match self {
            Watch::Window(window) if window.holds => window.goal.as_deref(),
            _ => None,
        }
    }
}

impl Window {
    fn begin(holds: &Goal, goal: Option<&Goal>, now: &Observation) -> Window {
        Window {
            since_ms: now.now_ms,
            seen_ms: now.now_ms,
            holds: false,
            condition: Box::new(Watch::begin(holds, now)),
            goal: goal.map(|goal| Box::new(Watch::begin(goal, now))),
        }
    }

    /// True while the condition holds without a break; otherwise the window starts anew here.
    fn keeps(&mut self, holds: &Goal, goal: Option<&Goal>, now: &Observation) -> bool {
        let broken = now.now_ms < self.seen_ms || now.now_ms - self.seen_ms > UNSEEN_MS;
        self.holds = self.condition.met(holds, now) && !broken;
        self.seen_ms = now.now_ms;
        if !self.holds {
            self.since_ms = now.now_ms;
            self.condition.renew(holds, now);
            if let (Some(counted), Some(goal)) = (&mut self.goal, goal) {
                counted.renew(goal, now);
            }
        }
        self.holds
    }
}

impl Base {
    /// Starts anew when the run was rewound to before the start. True if so.
    fn rewound(&mut self, now: &Observation, value: u64) -> bool {
        let rewound = now.now_ms < self.since_ms;
        if rewound {
            *self = Base { value, since_ms: now.now_ms };
        }
        rewound
    }
}

/// How many are reached. Every part takes in the observation, reached or not.
fn met_parts(parts: &mut [Watch], goals: &[Goal], now: &Observation) -> usize {
    parts.iter_mut().zip(goals).map(|(part, goal)| usize::from(part.met(goal, now))).sum()
}

fn figure_holds(leaf: &Leaf, now: &Observation) -> bool {
    if let Some(expected) = &leaf.equals
        && now.figure(&leaf.at).as_ref() != Some(expected)
    {
        return false;
    }
    leaf.bound() == Bound::default()
        || now.number(&leaf.at).is_some_and(|value| leaf.bound().holds(value))
}

fn figure_progress(leaf: &Leaf, began: u64, now: &Observation) -> Progress {
    if matches!(leaf.equals, Some(Value::String(_) | Value::Bool(_))) {
        return Progress::up(u64::from(figure_holds(leaf, now)), 1);
    }
    let value = now.number(&leaf.at).unwrap_or(0);
    let equals = leaf.equals.as_ref().and_then(Value::as_u64);
    match (leaf.at_least.or(equals), leaf.at_most) {
        (Some(least), _) => Progress::up(value, least),
        (None, Some(most)) => Progress::down(began, value, most),
        (None, None) => Progress::up(value, value),
    }
}

fn sum(now: &Observation, addresses: &[String]) -> u64 {
    addresses.iter().filter_map(|at| now.number(at)).sum()
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
