//! A hundred drawn scenarios with drawn faults, and one number that all their traces come to.

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::simulation::{Command, LinkFault, Scenario, Timeline};

use crate::scenarios::{Draw, scenario};

pub const COUNT: u64 = 100;
pub const END: Instant = Instant::from_secs(60);

/// The digest of all traces. It changes with any of them, as those in `PINNED` do.
pub const DIGEST: u64 = 0x45cb_dcf3_5f1c_db08;

/// A run at its start. A fault that has no place in its scenario is refused and changes nothing.
pub fn run(seed: u64) -> Timeline {
    let scenario = scenario(seed);
    let mut draw = Draw::new(seed + COUNT);
    let inputs = (0..8)
        .map(|_| (Instant::from_millis(draw.between(2_000, 50_000)), fault(&mut draw, &scenario)));
    let inputs = inputs.collect();
    Timeline::with_inputs(scenario, seed, inputs)
}

/// The digest of traces by their hashes, in the order of their seeds.
pub fn digest(hashes: impl IntoIterator<Item = u64>) -> u64 {
    hashes.into_iter().fold(0, |digest: u64, hash| {
        (digest.rotate_left(5) ^ hash).wrapping_mul(0x517c_c1b7_2722_0a95)
    })
}

fn fault(draw: &mut Draw, scenario: &Scenario) -> Command {
    let service: Rc<str> = draw.one_of(&scenario.services).id.clone();
    let broker: Rc<str> = draw.one_of(&["kafka", "rabbitmq"]).into();
    let fault = LinkFault {
        loss_per_mille: draw.between(0, 100) as u32,
        duplicate_per_mille: draw.between(0, 100) as u32,
        reorder_per_mille: draw.between(0, 100) as u32,
        delay_ms: draw.between(0, 300),
    };
    let number = draw.between(1, 3) as u32;
    match draw.between(0, 9) {
        0 => Command::Kill { service, instance: None },
        1 | 2 => Command::Restart { service, instance: None },
        3 => Command::FailRate { service, per_mille: number * 100 },
        4 => Command::Cut { from: service, to: broker, one_way: false },
        5 => Command::Heal { from: service, to: broker },
        6 => Command::KillBroker { broker: number },
        7 => Command::RestartBroker { broker: number },
        _ => Command::LinkFault { from: service, to: broker, one_way: false, fault },
    }
}
