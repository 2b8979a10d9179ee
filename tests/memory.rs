//! What the checkpoints of a busy hour take. Alone in its program, since it reads the memory of the
//! whole process.

#![cfg(target_os = "linux")]

use ackademy::engine::Instant;
use ackademy::simulation::{Scenario, Timeline, World};

const MOST: usize = 64 << 20;
const PAGE: usize = 4_096;

/// The memory of this process that is in use, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("the second number") * PAGE
}

#[test]
fn the_checkpoints_of_a_busy_hour_take_at_most_64_mb() {
    let scenario = Scenario::embedded("flash-sale-day").expect("it is embedded");
    let end = Instant::from_secs(3_600);
    let before = resident();
    let mut world = World::new(scenario.clone(), 26);
    world.run_until(end);
    let alone = resident() - before;
    let mut run = Timeline::new(scenario, 26);
    run.run_until(end);
    let both = resident() - before;
    let held = both.saturating_sub(2 * alone);
    let checkpoints = run.checkpoints().count();
    let mb = |bytes: usize| bytes >> 20;
    let told = run.weight();
    println!(
        "a world {} MB, {checkpoints} checkpoints {} MB, said to be {}",
        mb(alone),
        mb(held),
        mb(told)
    );
    assert_eq!(world.trace().hash(), run.world().trace().hash());
    assert!(checkpoints >= 25, "{checkpoints} checkpoints");
    assert!(held <= MOST, "{checkpoints} checkpoints hold {} MB", mb(held));
    assert!(told <= MOST && told * 3 >= held * 2, "they are said to hold {} MB", mb(told));
}
