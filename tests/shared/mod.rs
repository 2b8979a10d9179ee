//! Runs whose traces are pinned, and how to play them. Shared by the native and the browser tests.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::{AckMode, Command, CrashPoint, Scenario, Timeline};

/// Scenario, seed, virtual seconds, and the hash of the trace at the end.
///
/// A hash changes whenever an engine or the simulation does anything else than before. Then look
/// at the traces (`ackademy-run … --trace`), and only if the change is meant, pin the new hash.
pub const PINNED: [(&str, u64, u64, u64); 3] = [
    ("shop", 7, 240, 0xa67f_09f1_2ef6_3d84),
    ("shop", 42, 240, 0xf1a2_209a_838f_c579),
    ("flash-sale-day", 26, 3_600, 0x2257_9631_0173_9f8d),
];

/// A run with the commands that every pinned run gets.
pub fn run(name: &str, seed: u64) -> Timeline {
    let document = match name {
        "shop" => include_str!("../../scenarios/shop.json"),
        _ => include_str!("../../scenarios/flash-sale-day.json"),
    };
    let scenario = Scenario::from_json(document).expect("embedded scenarios are sound");
    let service = || Rc::from("email");
    let inputs = vec![
        (Instant::from_millis(20_123), Command::Kill { service: service(), instance: None }),
        (Instant::from_millis(20_123), Command::Poison { service: "shipping".into() }),
        (Instant::from_millis(61_500), Command::Restart { service: service(), instance: None }),
        (Instant::from_secs(70), Command::Ack { service: service(), mode: AckMode::Auto }),
        (
            Instant::from_secs(80),
            Command::CrashAt { service: service(), point: CrashPoint::AfterReceive },
        ),
        (Instant::from_secs(90), Command::FailRate { service: "invoice".into(), per_mille: 300 }),
        (Instant::from_secs(100), Command::Kill { service: "payment".into(), instance: Some(2) }),
        (Instant::from_secs(130), Command::Restart { service: "payment".into(), instance: None }),
        (Instant::from_secs(131), Command::Restart { service: service(), instance: None }),
    ];
    Timeline::with_inputs(Rc::new(scenario), seed, inputs)
}

/// Plays to `end` in frames of a sixtieth of a second at a speed.
pub fn play(run: &mut Timeline, end: Instant, speed: u32) {
    let frame = Duration::from_micros(16_667) * speed;
    while run.now() < end {
        run.run_until((run.now() + frame).min(end));
    }
}
