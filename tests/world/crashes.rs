//! Crashes at random points: what is promised holds, and what is not promised does not.

use serde_json::{Value, json};

use super::shared::{at, run, see, service};
use super::shop::*;

/// Numbers that follow from a seed: xorshift.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A minute of crashes at all points, at random.
fn random_crashes(seed: u64) -> Vec<(u64, Value)> {
    let mut draws = Draws((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let points = ["after_receive", "after_work", "before_ack", "after_publish", "after_write"];
    let mut script = Vec::new();
    for secs in 4..64 {
        let service = ["checkout", "payment", "email"][draws.below(3) as usize];
        // The worker has no database.
        let points = if service == "email" { &points[..4] } else { &points };
        script.push((
            secs,
            match draws.below(6) {
                0 => json!({"kill": {"service": service}}),
                1 | 2 => {
                    let point = points[draws.below(points.len() as u64) as usize];
                    json!({"crash_at": {"service": service, "point": point}})
                }
                _ => json!({"restart": {"service": service}}),
            },
        ));
    }
    // A crash that is still to come is met by the next restart.
    for secs in [70, 90, 110, 130] {
        for service in ["checkout", "payment", "email"] {
            script.push((secs, json!({"restart": {"service": service}})));
        }
    }
    script
}

/// Everything that this page of settings offers against loss and repetition.
fn careful() -> Value {
    let outbox = json!({"publishes": {"outbox": {"relay_every_ms": 200}}});
    let mut shop = with(shop(), CHECKOUT, "database", outbox.clone());
    shop = with(shop, PAYMENT, "database", outbox);
    for service in [PAYMENT, EMAIL] {
        shop = with(shop, service, "deduplicates", json!({}));
        shop = with(shop, service, "idempotency_key", json!(true));
    }
    shop["arrivals"]["limit"] = json!(60);
    buyers_come_back(shop)
}

#[test]
fn no_script_of_crashes_breaks_what_is_promised() {
    let mut crashes = 0;
    for seed in 0..150 {
        let script = random_crashes(seed);
        let mut run = run(&careful());
        for (secs, command) in &script {
            at(&mut run, *secs, command.clone());
        }
        let end = see(&mut run, 180);
        let told = format!("seed {seed}: {:?} after {script:?}", end.ledger);
        assert_eq!((end.ledger.lost, end.ledger.duplicated), (0, 0), "{told}");
        assert_eq!(end.ledger.in_progress, 0, "{told}");
        let database = service(&end, "checkout").database.clone().expect("it has one");
        assert_eq!(
            (database.unpublished, database.unwritten, database.outbox),
            (0, 0, 0),
            "{told}"
        );
        assert_eq!(effect(&end, "charge"), database.rows, "every row is paid: {told}");
        assert_eq!(effect(&end, "mail"), database.rows, "every row is mailed: {told}");
        crashes += service(&end, "payment").crashes + service(&end, "email").crashes;
    }
    assert!(crashes > 1_000, "only {crashes} crashes");
}

#[test]
fn the_same_scripts_do_damage_where_nothing_is_promised() {
    let mut plain = shop();
    plain["arrivals"]["limit"] = json!(60);
    let plain = with(plain, PAYMENT, "database", json!({}));
    let plain = with(plain, CHECKOUT, "database", json!({}));
    let damaged = (0..20).filter(|seed| {
        let mut run = run(&plain);
        for (secs, command) in random_crashes(*seed) {
            at(&mut run, secs, command);
        }
        damage(&see(&mut run, 180)) != (0, 0)
    });
    assert!(damaged.count() > 15);
}
