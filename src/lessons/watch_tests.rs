//! Goals over hand-made observations: `q` is a queue's ready count, `a` and `f` are orders
//! accepted and failed.

use super::*;
use crate::lessons::document::Unit;
use crate::simulation::QueueFigures;

/// Seconds, ready, accepted, failed.
type Moment = (u64, u64, u64, u64);

fn observation((seconds, ready, accepted, failed): Moment) -> Observation {
    let mut now = Observation { now_ms: seconds * 1_000, ..Observation::default() };
    now.queues.insert("q".into(), QueueFigures { ready, ..QueueFigures::default() });
    (now.checkout.accepted, now.checkout.failed) = (accepted, failed);
    now
}

/// Watches a goal from the first moment on; returns the first of the others at which it is met.
fn met_at(goal: &str, moments: &[Moment]) -> Option<u64> {
    let goal: Goal = crate::json::read(goal).expect("the goal is valid");
    goal.check().expect("the goal makes sense");
    let mut watch = Watch::begin(&goal, &observation(moments[0]));
    let met = moments[1..].iter().find(|moment| watch.met(&goal, &observation(**moment)));
    met.map(|moment| moment.0)
}

const READY: &str = "/queues/q/ready";

#[test]
fn a_figure_is_met_when_it_is_in_bounds() {
    let goal = format!(r#"{{"figure": {{"at": "{READY}", "at_least": 5, "at_most": 7}}}}"#);
    assert_eq!(met_at(&goal, &[(0, 0, 0, 0), (1, 4, 0, 0), (2, 9, 0, 0), (3, 6, 0, 0)]), Some(3));
}

#[test]
fn an_increase_counts_from_where_it_began() {
    let goal = r#"{"increase": {"at": "/checkout/failed", "at_least": 10}}"#;
    assert_eq!(met_at(goal, &[(0, 0, 0, 50), (1, 0, 0, 59), (2, 0, 0, 60)]), Some(2));
}

#[test]
fn an_increase_begins_anew_when_the_run_is_rewound_to_before_it() {
    let goal = r#"{"increase": {"at": "/checkout/failed", "at_least": 10}}"#;
    let moments = [(9, 0, 0, 50), (3, 0, 0, 5), (4, 0, 0, 14), (5, 0, 0, 15)];
    assert_eq!(met_at(goal, &moments), Some(5));
}

#[test]
fn a_share_waits_for_enough_and_counts_growth_only() {
    let goal = r#"{"share": {"at": "/checkout/accepted", "least": 100, "at_most": 960,
        "among": ["/checkout/accepted", "/checkout/failed"]}}"#;
    let moments = [(0, 0, 1_000, 0), (1, 0, 1_000, 9), (2, 0, 1_095, 5), (3, 0, 1_095, 6)];
    assert_eq!(met_at(goal, &moments), Some(2));
}

#[test]
fn then_keeps_what_was_reached_and_counts_each_part_from_its_own_start() {
    let goal = format!(
        r#"{{"then": [{{"figure": {{"at": "{READY}", "at_least": 5}}}},
            {{"figure": {{"at": "{READY}", "at_most": 0}}}}]}}"#
    );
    assert_eq!(met_at(&goal, &[(0, 0, 0, 0), (1, 0, 0, 0)]), None);
    assert_eq!(met_at(&goal, &[(0, 0, 0, 0), (1, 5, 0, 0), (2, 3, 0, 0), (3, 0, 0, 0)]), Some(3));
}

#[test]
fn always_starts_anew_after_a_break_a_rewind_or_a_gap() {
    let goal = r#"{"always": {"for_ms": 3000,
        "goal": {"increase": {"at": "/checkout/failed", "at_most": 0}}}}"#;
    let calm = [(0, 0, 0, 7), (1, 0, 0, 7), (2, 0, 0, 7), (3, 0, 0, 7)];
    assert_eq!(met_at(goal, &calm), Some(3));
    let broken = [(0, 0, 0, 0), (2, 0, 0, 1), (4, 0, 0, 1), (5, 0, 0, 1)];
    assert_eq!(met_at(goal, &broken), Some(5));
    let rewound = [(9, 0, 0, 7), (11, 0, 0, 7), (2, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0)];
    assert_eq!(met_at(goal, &rewound), Some(5));
    assert_eq!(met_at(goal, &[(0, 0, 0, 0), (60, 0, 0, 0)]), None);
}

#[test]
fn while_forgives_a_mistake_and_counts_anew() {
    let goal = r#"{"while": {
        "holds": {"increase": {"at": "/checkout/failed", "at_most": 0}},
        "goal": {"increase": {"at": "/checkout/accepted", "at_least": 3}}}}"#;
    let moments = [(0, 0, 0, 0), (1, 0, 2, 0), (2, 0, 3, 1), (3, 0, 5, 1), (4, 0, 6, 1)];
    assert_eq!(met_at(goal, &moments), Some(4));
}

#[test]
fn progress_follows_the_figure_that_the_step_shows() {
    let goal = format!(r#"{{"figure": {{"at": "{READY}", "at_least": 3400}}}}"#);
    let goal: Goal = crate::json::read(&goal).expect("valid");
    let watch = Watch::begin(&goal, &observation((0, 0, 0, 0)));
    let now = observation((1, 1_240, 0, 0));
    let progress = Watch::progress(Some(&watch), &goal, READY, &now);
    let progress = progress.expect("it is shown");
    assert_eq!((progress.per_mille, progress.falls), (364, false));
    assert_eq!(progress.words(Unit::Count), "1,240 of 3,400");
    assert_eq!(Watch::progress(Some(&watch), &goal, "/queues/q/unacked", &now), None);
}

#[test]
fn the_bar_of_a_falling_figure_fills_as_it_falls() {
    let goal = format!(r#"{{"figure": {{"at": "{READY}", "at_most": 100}}}}"#);
    let goal: Goal = crate::json::read(&goal).expect("valid");
    let watch = Watch::begin(&goal, &observation((0, 1_100, 0, 0)));
    let now = observation((1, 350, 0, 0));
    let progress = Watch::progress(Some(&watch), &goal, READY, &now).expect("it is shown");
    assert_eq!((progress.value, progress.per_mille), (350, 750));
    assert_eq!(progress.words(Unit::Count), "350, falling to 100");
}

#[test]
fn the_bar_of_a_chain_of_goals_shows_the_present_one() {
    let goal = format!(
        r#"{{"then": [{{"figure": {{"at": "{READY}", "at_least": 5}}}},
            {{"figure": {{"at": "{READY}", "at_most": 0}}}}]}}"#
    );
    let goal: Goal = crate::json::read(&goal).expect("valid");
    let mut watch = Watch::begin(&goal, &observation((0, 0, 0, 0)));
    let progress =
        |watch: &Watch, now| Watch::progress(Some(watch), &goal, READY, &observation(now));
    let targets = |watch: &Watch| progress(watch, (1, 4, 0, 0)).map(|progress| progress.target);
    assert_eq!(targets(&watch), Some(5));
    assert!(!watch.met(&goal, &observation((2, 8, 0, 0))));
    assert_eq!(targets(&watch), Some(0));
    assert_eq!(progress(&watch, (3, 4, 0, 0)).map(|progress| progress.per_mille), Some(500));
}

#[test]
fn the_bar_inside_an_always_remembers_where_it_began() {
    let goal = format!(
        r#"{{"always": {{"for_ms": 1000, "goal": {{"figure": {{"at": "{READY}", "at_most": 0}}}}}}}}"#
    );
    let goal: Goal = crate::json::read(&goal).expect("valid");
    let mut watch = Watch::begin(&goal, &observation((0, 10, 0, 0)));
    assert!(!watch.met(&goal, &observation((1, 8, 0, 0))));
    let now = observation((2, 4, 0, 0));
    let progress = Watch::progress(Some(&watch), &goal, READY, &now).expect("it is shown");
    assert_eq!((progress.value, progress.per_mille), (4, 600));
}
