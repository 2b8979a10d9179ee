//! Whatever breaks and is mended at random, the promises hold and the ledger names what is lost.

use std::time::Duration;

use super::*;
use crate::shared::Dice;

impl Dice {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Something that breaks, and what mends it.
fn fault_of_the_log(dice: &mut Dice) -> (String, String) {
    let link = dice.pick(&[
        r#""from": "checkout", "to": "kafka""#,
        r#""from": "kafka", "to": "payment""#,
        r#""from": "kafka/1", "to": "kafka/2""#,
        r#""from": "buyer", "to": "checkout""#,
    ]);
    let service = dice.pick(&["checkout", "payment"]);
    let broker = 1 + dice.below(3);
    let heal = format!(r#"{{"heal": {{{link}}}}}"#);
    match dice.below(6) {
        0 => (format!(r#"{{"cut": {{{link}}}}}"#), heal),
        1 => (format!(r#"{{"cut": {{{link}, "one_way": true}}}}"#), heal),
        2 => (format!(r#"{{"link_fault": {{{link}, "fault": {{"delay_ms": 900}}}}}}"#), heal),
        3 => (
            format!(r#"{{"pause": {{"service": "{service}"}}}}"#),
            format!(r#"{{"resume": {{"service": "{service}"}}}}"#),
        ),
        4 => (
            format!(r#"{{"disk_full": {{"of": "kafka/{broker}"}}}}"#),
            format!(r#"{{"disk_free": {{"of": "kafka/{broker}"}}}}"#),
        ),
        _ => (
            format!(r#"{{"kill_broker": {{"broker": {broker}}}}}"#),
            format!(r#"{{"restart_broker": {{"broker": {broker}}}}}"#),
        ),
    }
}

/// The same around RabbitMQ.
fn fault_of_queues(dice: &mut Dice) -> (String, String) {
    let service = dice.pick(&["checkout", "email"]);
    let link = format!(r#""from": "{service}", "to": "rabbitmq""#);
    let heal = format!(r#"{{"heal": {{{link}}}}}"#);
    match dice.below(6) {
        0 => (format!(r#"{{"cut": {{{link}}}}}"#), heal),
        1 => (format!(r#"{{"cut": {{{link}, "one_way": true}}}}"#), heal),
        2 => {
            let fault = r#""fault": {"loss_per_mille": 50, "reorder_per_mille": 200}"#;
            (format!(r#"{{"link_fault": {{{link}, {fault}}}}}"#), heal)
        }
        3 => (
            format!(r#"{{"pause": {{"service": "{service}"}}}}"#),
            format!(r#"{{"resume": {{"service": "{service}"}}}}"#),
        ),
        4 => (
            r#"{"disk_full": {"of": "rabbitmq"}}"#.to_owned(),
            r#"{"disk_free": {"of": "rabbitmq"}}"#.to_owned(),
        ),
        _ => (
            r#"{"kill_node": {"node": 1}}"#.to_owned(),
            r#"{"restart_node": {"node": 1}}"#.to_owned(),
        ),
    }
}

/// Breaks and mends things, mends the rest, waits, and says what came of it, and by what.
fn after_random_faults(
    document: &str,
    seed: u64,
    fault: fn(&mut Dice) -> (String, String),
) -> (Observation, String) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut run = Timeline::new(scenario(document), seed);
    let give = |run: &mut Timeline, text: &str| {
        run.command(command(text)).unwrap_or_else(|error| panic!("{error}: {text}"));
    };
    let mut script = Vec::new();
    for _ in 0..6 {
        let (broken, mended) = fault(&mut dice);
        give(&mut run, &broken);
        let pause = Duration::from_millis(200 + dice.below(4_000));
        run.run_until(run.now() + pause);
        observe(&run);
        if dice.below(2) == 0 {
            give(&mut run, &mended);
        }
        script.extend([broken, mended]);
    }
    for mended in script.iter().skip(1).step_by(2) {
        give(&mut run, mended);
    }
    for broker in 1..=3 {
        give(&mut run, &format!(r#"{{"restart_broker": {{"broker": {broker}}}}}"#));
    }
    give(&mut run, r#"{"restart_node": {"node": 1}}"#);
    run.run_until(run.now() + Duration::from_secs(300));
    (observe(&run), script.join("\n"))
}

/// Nothing acknowledged is lost where the topic promises it, whatever breaks and is mended. Where
/// it does not, the ledger names what is lost, and no order stays open.
#[test]
fn whatever_breaks_nothing_is_lost_with_copies_in_sync() {
    let sync = r#", "replication_factor": 3, "min_insync_replicas": 2"#;
    let session = r#", "session_timeout_ms": 6000"#;
    let mut lost_with_acks_1 = 0;
    for seed in 1..=60 {
        let (all, script) =
            after_random_faults(&log(150, sync, "", session), seed, fault_of_the_log);
        assert_eq!(all.ledger.lost, 0, "seed {seed} lost an order:\n{script}");
        assert_eq!(all.ledger.in_progress, 0, "seed {seed}, {:?}:\n{script}", all.ledger);
        let (one, script) =
            after_random_faults(&log(150, COPIES, ACKS_1, session), seed, fault_of_the_log);
        assert_eq!(one.ledger.in_progress, 0, "seed {seed}, {:?}:\n{script}", one.ledger);
        lost_with_acks_1 += one.ledger.lost;
    }
    assert!(lost_with_acks_1 > 0, "the faults are harmless");
}

/// Each order is mailed, refused, or lost by name: none is forgotten.
#[test]
fn whatever_breaks_around_the_queue_the_ledger_names_every_loss() {
    let mut totals = (0, 0, 0);
    for seed in 1..=60 {
        let (seen, script) = after_random_faults(&mail(150, 1, "", ""), seed, fault_of_queues);
        assert_eq!(seen.ledger.in_progress, 0, "seed {seed}, {:?}:\n{script}", seen.ledger);
        let (_, completed, lost, doubled) = outcome(&seen);
        totals = (totals.0 + completed, totals.1 + lost, totals.2 + doubled);
    }
    assert!(totals.0 > 0 && totals.1 > 0 && totals.2 > 0, "{totals:?}");
}
