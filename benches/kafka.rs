//! What a record costs on its way through Kafka: produced, replicated to two followers, fetched,
//! committed. Beside it, the same payloads through a plain queue; and what a checkpoint costs.

use std::collections::VecDeque;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    Acks, BrokerConfig, Call, ClientId, Cluster, Effect, Fetch, Isolation, OffsetCommit, Produce,
    ProduceBatch, Record, Reply, Request, Response, Timer, TopicConfig, TopicPartition,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Records in one measured run, and in the cluster that is cloned.
const RECORDS: u64 = 20_000;
const MANY: u64 = 1_000_000;
const PAYLOAD: [u8; 100] = [7; 100];

struct Bench {
    cluster: Cluster,
    now: Instant,
    calls: u32,
    /// Fetches of followers that are due.
    fetches: VecDeque<Timer>,
    at: TopicPartition,
    position: u64,
}

impl Bench {
    fn new() -> Bench {
        let mut bench = Bench {
            cluster: Cluster::new(BrokerConfig::default()),
            now: Instant::ZERO,
            calls: 0,
            fetches: VecDeque::new(),
            at: TopicPartition { topic: "orders".into(), partition: 0 },
            position: 0,
        };
        let config =
            TopicConfig { replication_factor: 3, min_insync_replicas: 2, ..TopicConfig::default() };
        bench.ask(Request::CreateTopic { name: "orders".into(), partitions: 1, config });
        bench
    }

    fn ask(&mut self, request: Request) -> Option<Response> {
        self.calls += 1;
        let call = Call { client: ClientId(1), correlation: self.calls };
        let (reply, effects) = self.cluster.handle(self.now, call, request);
        let later = self.take(effects);
        match reply {
            Reply::Answer(response) => Some(response),
            Reply::Later | Reply::Never => later,
        }
    }

    fn take(&mut self, effects: Vec<Effect>) -> Option<Response> {
        let mut answer = None;
        for effect in effects {
            match effect {
                Effect::Schedule { timer: timer @ Timer::ReplicaFetch { .. }, .. } => {
                    if !self.fetches.contains(&timer) {
                        self.fetches.push_back(timer);
                    }
                }
                Effect::Answer { response, .. } => answer = Some(response),
                Effect::Schedule { .. } | Effect::Cancel { .. } | Effect::Event(_) => {}
            }
        }
        answer
    }

    fn produce(&mut self, count: u64) {
        self.now += Duration::from_millis(1);
        let records = (0..count).map(|_| record(payload())).collect();
        let batch = ProduceBatch { partition: self.at.clone(), stamp: None, records };
        let produce = Produce { acks: Acks::All, transactional_id: None, batches: vec![batch] };
        self.ask(Request::Produce(produce));
        while let Some(timer) = self.fetches.pop_front() {
            let effects = self.cluster.timeout(self.now, timer);
            black_box(self.take(effects));
        }
    }

    fn fetch_and_commit(&mut self) {
        let fetch = Fetch {
            positions: vec![(self.at.clone(), self.position)],
            max_wait: Duration::ZERO,
            min_bytes: 1,
            max_partition_bytes: 1 << 20,
            isolation: Isolation::ReadUncommitted,
        };
        let Some(Response::Fetch(found)) = self.ask(Request::Fetch(fetch)) else {
            return;
        };
        for one in found {
            let Ok(fetched) = one.outcome else { continue };
            for batch in fetched.delivered(Isolation::ReadUncommitted) {
                for (offset, record) in batch.records().iter_from(self.position) {
                    black_box(record);
                    self.position = offset + 1;
                }
            }
        }
        self.ask(Request::OffsetCommit(OffsetCommit {
            group: "workers".into(),
            member: None,
            offsets: vec![(self.at.clone(), self.position)],
        }));
    }
}

fn payload() -> Rc<[u8]> {
    Rc::from(black_box(PAYLOAD).as_slice())
}

fn record(value: Rc<[u8]>) -> Record {
    Record { key: None, value: Some(value), headers: Vec::new(), timestamp_ms: 0 }
}

fn through_kafka(batch: u64) -> Bench {
    let mut bench = Bench::new();
    for _ in 0..RECORDS / batch {
        bench.produce(batch);
        bench.fetch_and_commit();
    }
    bench
}

fn through_a_queue(batch: u64) -> usize {
    let mut queue = VecDeque::new();
    let mut length = 0;
    for _ in 0..RECORDS / batch {
        for _ in 0..batch {
            queue.push_back(payload());
        }
        while let Some(payload) = queue.pop_front() {
            length += black_box(payload).len();
        }
    }
    length
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("records of 100 bytes");
    group.throughput(Throughput::Elements(RECORDS));
    for batch in [1, 10, 100] {
        group.bench_function(BenchmarkId::new("kafka, in batches of", batch), |bench| {
            // A log keeps what was read, so its end is no part of a record's way.
            bench.iter_with_large_drop(|| through_kafka(batch));
        });
        group.bench_function(BenchmarkId::new("queue, in batches of", batch), |bench| {
            bench.iter(|| black_box(through_a_queue(batch)));
        });
    }
    group.finish();
    let mut many = Bench::new();
    for _ in 0..MANY / 10 {
        many.produce(10);
    }
    criterion.bench_function("clone a cluster with a million records", |bench| {
        bench.iter(|| black_box(many.cluster.clone()));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
