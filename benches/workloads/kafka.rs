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

use super::{Aim, Measure, Workload};

/// Records in one round, and in the cluster that is copied.
const RECORDS: u64 = 100_000;
const MANY: u64 = 1_000_000;
const COPIES: u64 = 2_000;
const PAYLOAD: [u8; 100] = [7; 100];

pub fn measures() -> Vec<Measure> {
    let mut all = Vec::new();
    for batch in [1, 10, 100] {
        let queue = format!("Plain queue: records of 100 bytes, {batch} at a time");
        let kafka = format!("Kafka: records of 100 bytes, batches of {batch}");
        all.push(Measure::new(queue.clone(), "records", move || move || through_a_queue(batch)));
        let mut measure = Measure::new(kafka, "records", move || Log::new(batch));
        if batch == 100 {
            measure = measure.aim(Aim::PerSecond(2_000_000)).aim(Aim::Times(3.0, queue));
        }
        all.push(measure);
    }
    let copy = Measure::new("Kafka: copy a million records".into(), "copies", copies_of_a_million);
    all.push(copy.aim(Aim::Micros(5_000)));
    all
}

/// Producer, brokers and consumer of one partition.
struct Log {
    batch: u64,
    cluster: Cluster,
    now: Instant,
    calls: u32,
    /// Fetches of followers that are due.
    fetches: VecDeque<Timer>,
    at: TopicPartition,
    position: u64,
}

impl Workload for Log {
    /// A log keeps what was read, so each round has its own, and its end is no part of a record's
    /// way.
    fn prepare(&mut self) {
        *self = Log::new(self.batch);
    }

    fn run(&mut self) -> u64 {
        for _ in 0..RECORDS / self.batch {
            self.produce(self.batch);
            self.fetch_and_commit();
        }
        self.position
    }
}

impl Log {
    fn new(batch: u64) -> Log {
        let mut log = Log {
            batch,
            cluster: Cluster::new(BrokerConfig::default()),
            now: Instant::ZERO,
            calls: 0,
            fetches: VecDeque::new(),
            at: TopicPartition { topic: "orders".into(), partition: 0 },
            position: 0,
        };
        let config =
            TopicConfig { replication_factor: 3, min_insync_replicas: 2, ..TopicConfig::default() };
        log.ask(Request::CreateTopic {
            name: "orders".into(),
            partitions: 1,
            config: Rc::new(config),
        });
        log
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
            positions: [(self.at.clone(), self.position)].into(),
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

fn through_a_queue(batch: u64) -> u64 {
    let mut queue = VecDeque::new();
    for _ in 0..RECORDS / batch {
        for _ in 0..batch {
            queue.push_back(payload());
        }
        while let Some(payload) = queue.pop_front() {
            black_box(payload);
        }
    }
    RECORDS
}

fn copies_of_a_million() -> impl FnMut() -> u64 {
    let mut many = Log::new(10);
    for _ in 0..MANY / 10 {
        many.produce(10);
    }
    move || {
        for _ in 0..COPIES {
            black_box(many.cluster.clone());
        }
        COPIES
    }
}
