//! Any settings of calls and load, in any order, keep what always holds.

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::simulation::{Command, Scenario, Timeline};
use serde_json::{Value, json};

use super::calls::{at, of, service};
use super::shared::Dice;

/// Buyers, a chain of calls, tasks and a group: everything that the commands touch.
fn scenario() -> Rc<Scenario> {
    let calls = json!([{"service": "payment"}, {"service": "stock"}]);
    let passes_on = json!({
        "calls": calls, "publishes": ["orders"],
        "enqueues": [{"exchange": "tasks", "routing_key": "mail", "mandatory": true}]
    });
    let limits = json!({"x-max-length": 40, "x-overflow": "reject-publish"});
    let http = |places: u32| json!({"http": {"concurrency": places}});
    let group = json!({"topic": {"topic": "orders", "group": "invoice"}});
    let document = json!({
        "version": 1, "name": "t", "title": "t", "seed": 1,
        "arrivals": {"per_minute": 300, "gaps": "poisson", "declined_percent": 10,
            "priorities": [{"priority": 3, "percent": 30}]},
        "topics": [{"name": "orders", "partitions": 4}],
        "exchanges": [{"name": "tasks", "type": "direct"}],
        "queues": [{"name": "mails", "arguments": limits}],
        "bindings": [{"exchange": "tasks", "queue": "mails", "routing_key": "mail"}],
        "services": [
            service("checkout", http(20), 5, passes_on),
            service("payment", http(3), 200, json!({"does": "charge", "instances": 2})),
            service("stock", http(5), 300, json!({"does": "reserve", "fail_per_mille": 20})),
            service("invoice", group, 100, json!({"does": "invoice"})),
            service("email", json!({"queue": {"queue": "mails"}}), 150, json!({"does": "mail"})),
        ]
    });
    Rc::new(Scenario::from_document(&document).unwrap_or_else(|error| panic!("{error}")))
}

impl Dice {
    /// A number, or none.
    fn maybe(&mut self, bound: u64) -> Value {
        if self.below(2) == 0 { Value::Null } else { json!(1 + self.below(bound)) }
    }

    fn retry(&mut self) -> Value {
        let delays = [
            json!("immediate"),
            json!({"fixed_ms": 300}),
            json!({"exponential": {"base_ms": 100, "max_ms": 2_000, "jitter_percent": 100}}),
        ];
        json!({"attempts": self.below(4), "delay": delays[self.below(3) as usize]})
    }

    fn command(&mut self) -> Value {
        let services = ["checkout", "payment", "stock", "invoice", "email"];
        let any = services[self.below(5) as usize];
        let measures = [json!({"queue_ready": "mails"}), json!({"group_lag": "invoice"})];
        let measure = measures[self.below(2) as usize].clone();
        match self.below(13) {
            0 | 1 => json!({"set_call": {"service": "checkout", "call": {
                "service": services[1 + self.below(2) as usize], "timeout_ms": self.maybe(900),
                "retry": self.retry(), "bulkhead": self.maybe(10),
                "breaker": {"failures": 1 + self.below(6), "open_ms": 1 + self.below(5_000)}}}}),
            2 => json!({"set_admission": {"service": services[self.below(3) as usize],
                "admission": {"queue": self.below(30), "rate_per_second": self.maybe(20),
                    "depth": {"measure": measure, "above": self.below(40)},
                    "shed_below": self.below(5), "retry_after_s": self.maybe(3)}}}),
            3 => json!({"set_autoscale": {"service": any, "autoscale": {
                "by": measure, "target": 1 + self.below(20), "min": 1, "max": 1 + self.below(6),
                "every_ms": 500, "start_ms": self.below(4_000), "cooldown_ms": 3_000}}}),
            4 => json!({"set_autoscale": {"service": any}}),
            5 => json!({"set_buyers": {"buyers":
                {"patience_ms": self.maybe(3_000), "retry": self.retry()}}}),
            6 => json!({"ramp": {"per_minute": self.below(900), "over_ms": self.below(9_000)}}),
            7 => json!({"burst": {"orders": self.below(60), "within_ms": self.below(3_000)}}),
            8 => json!({"publisher_confirms":
                {"service": "checkout", "enabled": self.below(2) == 0}}),
            9 => json!({"instances": {"service": any, "count": 1 + self.below(5)}}),
            10 => json!({"kill": {"service": any}}),
            11 => json!({"slow": {"service": any, "percent": 50 + self.below(400)}}),
            _ => json!({"restart": {"service": any}}),
        }
    }
}

/// Forty commands in two minutes.
fn played(seed: u64) -> Timeline {
    let mut run = Timeline::new(scenario(), seed);
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for step in 0..40 {
        at(&mut run, step * 3);
        let command = dice.command();
        let parsed: Command = ackademy::json::from_value(&command).expect("it is a command");
        run.command(parsed).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
    run
}

#[test]
fn random_settings_keep_the_ledger_balanced_and_the_run_repeatable() {
    for seed in 1..=25 {
        let mut run = played(seed);
        let end = at(&mut run, 120);
        let hash = run.world().trace().hash();
        assert_eq!(at(&mut played(seed), 120), end, "seed {seed}");
        run.seek(Instant::from_secs(37));
        run.run_until(Instant::from_secs(120));
        assert_eq!(run.world().trace().hash(), hash, "seed {seed}, after a seek");
        let orders = end.checkout.accepted + end.checkout.failed;
        assert!(orders <= end.ledger.placed, "seed {seed}: an order has one answer");
        for instance in run.world().services().iter().flat_map(|service| &service.instances) {
            assert!(instance.up || instance.jobs.is_empty(), "seed {seed}: the dead do not work");
        }
    }
}

#[test]
fn a_world_that_is_left_alone_comes_to_rest() {
    for seed in 1..=10 {
        let mut run = played(seed);
        let calm = [
            json!({"arrival_rate": {"per_minute": 0}}),
            json!({"set_admission": {"service": "payment", "admission": {}}}),
            json!({"set_admission": {"service": "stock", "admission": {}}}),
            json!({"set_admission": {"service": "checkout", "admission": {}}}),
        ];
        let restarts = ["checkout", "payment", "stock", "invoice", "email"]
            .map(|service| json!({"restart": {"service": service}}));
        for command in calm.into_iter().chain(restarts) {
            run.command(ackademy::json::from_value(&command).expect("it is a command"))
                .expect("it makes sense");
        }
        let rest = at(&mut run, 900);
        for (name, figures) in rest.services.iter() {
            let open = figures.busy + figures.waiting + figures.unconfirmed;
            assert_eq!(open, 0, "seed {seed}: {name} still has work");
        }
        assert_eq!(of(&rest.queues, "mails").ready, 0, "seed {seed}");
        assert_eq!(of(&rest.groups, "invoice").lag, 0, "seed {seed}");
    }
}
