//! A learner's hands: whoever does not wait until a far moment is reached gets the same run as
//! one who does.

use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::Command;
use ackademy::ui::model::{Model, Msg};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};

use super::for_all;

/// What is done next, and how many frames pass before the next deed.
fn deed() -> impl Strategy<Value = (Msg, u32)> {
    let kill = Command::Kill { service: "email".into(), instance: None };
    let restart = Command::Restart { service: "email".into(), instance: None };
    let msg = prop_oneof![
        3 => (0_u64..1_200).prop_map(|seconds| Msg::Seek(Instant::from_secs(seconds))),
        2 => Just(Msg::Undo),
        1 => Just(Msg::Redo),
        1 => Just(Msg::SwitchTo(0)),
        1 => Just(Msg::SeekBy(-5_000)),
        1 => Just(Msg::Command(kill)),
        1 => Just(Msg::Command(restart)),
    ];
    (msg, 0_u32..5)
}

fn paused() -> Model {
    let mut model = Model::shop();
    model.playing = false;
    model
}

#[test]
fn whoever_does_not_wait_for_a_far_moment_gets_the_run_of_one_who_does() {
    for_all(24, vec(deed(), 1..20), |deeds| {
        let (mut hasty, mut patient) = (paused(), paused());
        for (msg, frames) in deeds {
            hasty.update(msg.clone());
            for _ in 0..frames {
                hasty.advance(Duration::from_millis(16), &mut || false);
            }
            patient.update(msg);
            patient.arrive();
        }
        hasty.arrive();
        let state = |model: &Model| {
            (model.now(), model.timeline.inputs().to_vec(), model.world().trace().hash())
        };
        if state(&hasty) == state(&patient) {
            return Ok(());
        }
        Err(format!("{:?} instead of {:?}", state(&hasty), state(&patient)))
    });
}
