//! What must hold whatever happens: properties over generated lists of commands.
//!
//! An ordinary run plays the same lists each time. `ACKADEMY_SOAK=N` plays N times as many, with
//! other seeds each time. A list that fails is made as short as it can be and printed.

mod faults;
mod hands;
mod kafka;
mod kafka_checks;
mod kafka_net;
mod rabbitmq;
mod rabbitmq_checks;
mod rabbitmq_net;
#[path = "../shared/scenarios.rs"]
mod scenarios;
mod schemas;

use std::fmt::Debug;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Plays generated inputs against a property.
fn for_all<S: Strategy>(cases: u32, inputs: S, property: impl Fn(S::Value) -> Result<(), String>)
where
    S::Value: Debug,
{
    let soak: Option<u32> =
        std::env::var("ACKADEMY_SOAK").ok().and_then(|times| times.parse().ok());
    let config = Config {
        cases: cases * soak.unwrap_or(1),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = match soak {
        Some(_) => TestRunner::new(config),
        None => {
            let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            TestRunner::new_with_rng(config, rng)
        }
    };
    let outcome = runner.run(&inputs, |input| property(input).map_err(TestCaseError::fail));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
