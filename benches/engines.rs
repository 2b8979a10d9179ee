//! What records and messages cost in the engines, and an hour in a busy shop, natively. `scripts/measure` runs the same work
//! in a browser.

mod workloads;

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use workloads::{Measure, Workload, measures};

fn benches(criterion: &mut Criterion) {
    for measure in measures() {
        bench(criterion, measure);
    }
}

fn bench(criterion: &mut Criterion, measure: Measure) {
    let Measure { name, unit, aims, rounds, start } = measure;
    for aim in aims {
        println!("{name}: in a browser {aim}");
    }
    let mut group = criterion.benchmark_group(&name);
    // Criterion leaves out what its caller did not ask for, and nothing is made ready for that.
    let mut start = Some(start);
    let mut workload = None;
    group.throughput(Throughput::Elements(1));
    group.sample_size(20).measurement_time(Duration::from_secs(2));
    group.bench_function(unit, |bench| {
        let workload =
            workload.get_or_insert_with(|| start.take().expect("a workload is started once")());
        bench.iter_custom(|things| time_of(&mut **workload, things));
    });
    group.finish();
    if let Some(mut workload) = workload {
        let mut took: Vec<Duration> = (0..rounds).map(|_| time_of(&mut *workload, 1)).collect();
        took.sort_unstable();
        let most = took[(rounds * 95).div_ceil(100) - 1];
        println!("{name}: 95 % of {rounds} rounds within {most:?} {}", workload.note());
    }
}

/// How long so many things take, by as many rounds as have them at least.
fn time_of(workload: &mut dyn Workload, things: u64) -> Duration {
    let (mut done, mut taken) = (0, Duration::ZERO);
    while done < things {
        workload.prepare();
        let start = Instant::now();
        done += workload.run();
        taken += start.elapsed();
    }
    taken.mul_f64(things as f64 / done as f64)
}

criterion_group!(all, benches);
criterion_main!(all);
