//! What must hold in a real browser: the traces that the native tests pin.

#![cfg(target_arch = "wasm32")]

#[path = "shared/mod.rs"]
mod shared;

use ackademy::engine::Instant;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn a_browser_gives_the_same_traces() {
    for (name, seed, secs, hash) in shared::PINNED {
        let mut run = shared::run(name, seed);
        run.run_until(Instant::from_secs(secs));
        assert_eq!(run.world().trace().hash(), hash, "{name}, seed {seed}");
    }
}

#[wasm_bindgen_test]
fn speed_and_seeking_change_nothing_in_a_browser() {
    let (name, seed, secs, hash) = shared::PINNED[0];
    let end = Instant::from_secs(secs);
    for speed in [1, 1_000] {
        let mut run = shared::run(name, seed);
        shared::play(&mut run, end, speed);
        assert_eq!(run.world().trace().hash(), hash, "at {speed}×");
        run.seek(Instant::from_secs(30));
        run.run_until(end);
        assert_eq!(run.world().trace().hash(), hash, "after a seek at {speed}×");
    }
}
