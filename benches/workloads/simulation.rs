//! What an hour of a busy shop costs to play, and any instant of it to go back to.

use std::hint::black_box;
use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::simulation::{Scenario, Timeline, World};

use super::{Aim, Measure, Workload};

const END: Instant = Instant::from_secs(3_600);
const SEEKS: u64 = 200;
/// What the checkpoints of a run may hold.
const CHECKPOINTS: usize = 64_000_000;

pub fn measures() -> Vec<Measure> {
    let hour = |checkpoints: bool| {
        move || {
            move || {
                let run = Timeline::new(day(), 26);
                let mut run = if checkpoints { run } else { run.without_checkpoints() };
                run.run_until(END);
                black_box(run.world().trace().hash());
                1
            }
        }
    };
    vec![
        Measure::new("Flash sale day: an hour".into(), "hours", hour(false))
            .aim(Aim::Micros(1_000_000)),
        Measure::new("Flash sale day: an hour, with checkpoints".into(), "hours", hour(true)),
        Measure::new(
            "Flash sale day: a seek to any instant of the hour".into(),
            "seeks",
            Seeks::new,
        )
        .rounds(SEEKS as usize)
        .aim(Aim::Mostly(100_000)),
    ]
}

fn day() -> Rc<Scenario> {
    let document = include_str!("../../scenarios/flash-sale-day.json");
    Rc::new(Scenario::from_json(document).expect("the scenario is sound"))
}

/// A run of an hour, and instants of it with the hash that a straight run has there.
struct Seeks {
    run: Timeline,
    moments: Vec<(Instant, u64)>,
    done: usize,
}

impl Seeks {
    fn new() -> Seeks {
        let drawn = |index: u64| Instant::from_millis(index * 2_654_435_761 % 3_600_000);
        let mut moments: Vec<(u64, Instant)> =
            (1..=SEEKS).map(|index| (index, drawn(index))).collect();
        moments.sort_by_key(|(_, at)| *at);
        let mut straight = World::new(day(), 26);
        let mut moments: Vec<(u64, (Instant, u64))> = moments
            .into_iter()
            .map(|(index, at)| {
                straight.run_until(at);
                (index, (at, straight.trace().hash()))
            })
            .collect();
        // In the order in which they were drawn, far from each other.
        moments.sort_by_key(|(index, _)| *index);
        let mut run = Timeline::new(day(), 26);
        run.run_until(END);
        let moments = moments.into_iter().map(|(_, moment)| moment).collect();
        Seeks { run, moments, done: 0 }
    }
}

impl Workload for Seeks {
    fn run(&mut self) -> u64 {
        let (at, hash) = self.moments[self.done % self.moments.len()];
        self.run.seek(at);
        assert_eq!(self.run.world().trace().hash(), hash, "a seek to {at} gives another world");
        self.done += 1;
        1
    }

    fn note(&self) -> String {
        let (checkpoints, held) = (self.run.checkpoints().count(), self.run.weight());
        assert!(held <= CHECKPOINTS, "the checkpoints hold {held} bytes");
        format!("{checkpoints} checkpoints hold {} MB, all hashes are right", held / 1_000_000)
    }
}
