//! How fast a world runs, and what its checkpoints and observations cost.

use std::hint::black_box;
use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::scenarios;
use ackademy::simulation::{Effect, Ledger, Scenario, Subject, Timeline, World};
use criterion::{Criterion, criterion_group, criterion_main};

/// The runner's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn scenario(name: &str) -> Rc<Scenario> {
    let document = scenarios::document(name).expect("the scenario is embedded");
    Rc::new(Scenario::from_json(document).expect("embedded scenarios are sound"))
}

fn world_at(name: &str, secs: u64) -> World {
    let mut world = World::new(scenario(name), 7);
    world.run_until(Instant::from_secs(secs));
    world
}

fn benches(criterion: &mut Criterion) {
    let shop = scenario("shop");
    criterion.bench_function("run ten minutes of the shop", |bench| {
        bench.iter(|| {
            let mut world = World::new(shop.clone(), 7);
            world.run_until(Instant::from_secs(600));
            black_box(world.trace().hash())
        });
    });
    let mut hours = criterion.benchmark_group("the flash sale day");
    hours.sample_size(10).bench_function("an hour, at most 0.5 s", |bench| {
        bench.iter(|| world_at("flash-sale-day", 3_600));
    });
    hours.finish();
    let late = world_at("flash-sale-day", 3_600);
    criterion.bench_function("clone a world an hour old", |bench| {
        bench.iter(|| black_box(late.clone()));
    });
    criterion.bench_function("observe a world an hour old", |bench| {
        bench.iter(|| black_box(late.observe()));
    });
    let mut run = Timeline::new(shop, 7);
    run.run_until(Instant::from_secs(1_800));
    criterion.bench_function("seek back and forth by ten minutes", |bench| {
        bench.iter(|| {
            run.seek(Instant::from_secs(1_200));
            run.seek(Instant::from_secs(1_800));
        });
    });
}

/// The books of a hundred thousand orders, each with all that is owed, some of it twice.
fn hundred_thousand_orders() -> Ledger {
    let owed = [Effect::Charge, Effect::Reserve, Effect::Mail, Effect::Invoice, Effect::Label];
    let mut ledger = Ledger::new(owed.to_vec());
    for number in 0..100_000_u64 {
        let now = Instant::from_millis(number * 30);
        let order = ledger.place(now);
        ledger.price(order, 4_990);
        ledger.answer(now, order, Ok(()));
        for effect in owed {
            ledger.book(now, order, effect, "");
        }
        if number % 10 == 0 {
            ledger.book(now, order, Effect::Mail, "the message was redelivered");
        }
    }
    ledger
}

fn referee(criterion: &mut Criterion) {
    criterion.bench_function("keep the books of 100 000 orders", |bench| {
        bench.iter(|| black_box(hundred_thousand_orders().figures()));
    });
    let ledger = hundred_thousand_orders();
    criterion.bench_function("figures of 100 000 orders", |bench| {
        bench.iter(|| black_box(ledger.figures()));
    });
    criterion.bench_function("clone the books of 100 000 orders", |bench| {
        bench.iter(|| black_box(ledger.clone()));
    });
    let mut run = Timeline::new(scenario("shop"), 7);
    run.run_until(Instant::from_secs(1_800));
    criterion.bench_function("tell the journey of an order, half an hour later", |bench| {
        bench.iter(|| black_box(run.why(&Subject::Order(100))));
    });
    criterion.bench_function("find the journey of an order in the trace", |bench| {
        bench.iter(|| black_box(run.world().trace().journey(100).len()));
    });
}

criterion_group!(group, benches, referee);
criterion_main!(group);
