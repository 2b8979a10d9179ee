//! Games: what a seed draws, and what a run is worth.

use std::rc::Rc;

use ackademy::simulation::{Event, Scenario, Timeline};

use super::shared::see;

const END: u64 = 1_200;

fn game(seed: u64) -> Timeline {
    Timeline::new(Scenario::embedded("game-day").expect("it is embedded"), seed)
}

/// What was done to the run by itself, in words.
fn surprises(run: &Timeline) -> Vec<String> {
    let commanded = |event: &Event| match event {
        Event::Commanded { command } => Some(command.to_string()),
        _ => None,
    };
    run.world().trace().entries().filter_map(|entry| commanded(&entry.event)).collect()
}

#[test]
fn a_seed_draws_six_faults_and_always_the_same() {
    let drawn = |seed: u64| {
        let mut run = game(seed);
        let mut all = Vec::new();
        for minute in 1..=20 {
            see(&mut run, minute * 60);
            all.extend(
                surprises(&run).into_iter().filter(|one| !all.contains(one)).collect::<Vec<_>>(),
            );
        }
        all
    };
    let (first, again, other) = (drawn(1), drawn(1), drawn(2));
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_eq!((first.len(), other.len()), (6, 6), "{first:?} {other:?}");
}

#[test]
fn doing_nothing_costs_points_and_a_run_is_scored_by_its_figures() {
    let scenario: Rc<Scenario> = Scenario::embedded("game-day").expect("it is embedded");
    let rules = scenario.game.clone().expect("it is a game");
    let mut run = game(1);
    let end = see(&mut run, END);
    let score = rules.score(&end);
    assert_eq!(score.of, 100);
    assert!(score.points < 70, "nobody wins by looking on: {score:?}");
    let damaged = Scenario::from_json(
        &ackademy::scenarios::document("game-day")
            .expect("it is embedded")
            .replace("\"at\": \"/ledger/lost\"", "\"at\": \"/ledger/found\""),
    );
    let error = damaged.expect_err("there is no such figure").to_string();
    assert!(error.contains("game.goals[0].at"), "{error}");
}
