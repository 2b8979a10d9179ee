//! The same scenario, seed and commands give the same trace, at any speed and after any seek.
//! `tests/wasm.rs` holds a browser to the same hashes.

#[path = "shared/drawn.rs"]
mod drawn;
#[path = "shared/scenarios.rs"]
mod scenarios;
#[path = "shared/mod.rs"]
mod shared;

use ackademy::engine::Instant;

#[test]
fn pinned_traces_are_what_they_were() {
    let line = |(name, seed, _, hash)| format!("{name}, seed {seed}: {hash:#018x}");
    let actual = shared::PINNED.map(|(name, seed, secs, _)| {
        let mut run = shared::run(name, seed);
        run.run_until(Instant::from_secs(secs));
        (name, seed, secs, run.world().trace().hash())
    });
    assert_eq!(actual.map(line), shared::PINNED.map(line));
}

#[test]
fn speed_and_seeking_change_nothing() {
    let (name, seed, secs, hash) = shared::PINNED[0];
    let end = Instant::from_secs(secs);
    for speed in [1, 1_000] {
        let mut run = shared::run(name, seed);
        shared::play(&mut run, end, speed);
        assert_eq!(run.world().trace().hash(), hash, "at {speed}×");
        for checkpoint in run.checkpoints().collect::<Vec<_>>() {
            run.seek(checkpoint);
            run.run_until(end);
            assert_eq!(run.world().trace().hash(), hash, "from {checkpoint} on");
        }
    }
}

#[test]
fn a_hundred_drawn_scenarios_run_the_same_twice() {
    let hashes = (0..drawn::COUNT).map(|seed| {
        let mut straight = drawn::run(seed).without_checkpoints();
        straight.run_until(drawn::END);
        let mut run = drawn::run(seed);
        shared::play(&mut run, drawn::END, 20);
        let traces = (straight.world().trace(), run.world().trace());
        assert!(traces.0.len() > 100, "little happens with seed {seed}");
        assert_eq!(traces.0.hash(), traces.1.hash(), "seed {seed}");
        traces.0.hash()
    });
    let digest = drawn::digest(hashes);
    assert_eq!(digest, drawn::DIGEST, "{digest:#018x} instead of {:#018x}", drawn::DIGEST);
}
