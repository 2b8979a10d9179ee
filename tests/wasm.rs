//! What must hold in a real browser: the traces that the native tests pin.

#![cfg(target_arch = "wasm32")]

#[path = "shared/drawn.rs"]
mod drawn;
#[path = "shared/scenarios.rs"]
mod scenarios;
#[path = "shared/mod.rs"]
mod shared;

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    Acks, BrokerConfig, Call, ClientId, Cluster, Produce, ProduceBatch, Record, Request,
    TopicConfig, TopicPartition,
};
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

#[wasm_bindgen_test]
fn a_hundred_drawn_scenarios_run_as_natively() {
    let hashes = (0..drawn::COUNT).map(|seed| {
        let mut run = drawn::run(seed).without_checkpoints();
        run.run_until(drawn::END);
        run.world().trace().hash()
    });
    assert_eq!(drawn::digest(hashes), drawn::DIGEST);
}

/// Wasm memory only grows, so what it has at the end is the most that the records took.
#[wasm_bindgen_test]
fn a_million_records_take_less_than_200_mb() {
    let at = TopicPartition { topic: "orders".into(), partition: 0 };
    let mut cluster = Cluster::new(BrokerConfig::default());
    let create = Request::CreateTopic {
        name: at.topic.clone(),
        partitions: 1,
        config: Rc::new(TopicConfig::default()),
    };
    let mut correlation = 0;
    let mut ask = |request| {
        correlation += 1;
        let call = Call { client: ClientId(1), correlation };
        drop(cluster.handle(Instant::ZERO, call, request));
    };
    ask(create);
    for _ in 0..10_000 {
        let record = || Record {
            key: None,
            value: Some([7; 100].as_slice().into()),
            headers: Vec::new(),
            timestamp_ms: 0,
        };
        let records = std::iter::repeat_with(record).take(100).collect();
        let batch = ProduceBatch { partition: at.clone(), stamp: None, records };
        let acks = Acks::Leader;
        ask(Request::Produce(Produce { acks, transactional_id: None, batches: vec![batch] }));
    }
    let held = cluster.partition(&at).expect("it was created").log_end_offset();
    assert_eq!(held, 1_000_000);
    let bytes = core::arch::wasm32::memory_size::<0>() * 65_536;
    assert!(bytes < 200_000_000, "{bytes} bytes");
}
