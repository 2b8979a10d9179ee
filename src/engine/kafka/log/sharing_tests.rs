//! Copies of a cluster share what does not change any more.

use std::rc::Rc;

use crate::engine::Instant;
use crate::engine::kafka::{
    Acks, BrokerConfig, Call, ClientId, Cluster, Log, Produce, ProduceBatch, Record, Request,
    TopicConfig, TopicPartition,
};

const RECORDS: u64 = 1_000_000;
const BATCH: u64 = 100;

fn produce(cluster: &mut Cluster, number: u64) {
    let record =
        Record { key: None, value: None, headers: Vec::new(), timestamp_ms: number as i64 };
    let batch = ProduceBatch {
        partition: TopicPartition { topic: "orders".into(), partition: 0 },
        stamp: None,
        records: (0..BATCH).map(|_| record.clone()).collect(),
    };
    let produce = Produce { acks: Acks::Leader, transactional_id: None, batches: vec![batch] };
    let call = Call { client: ClientId(1), correlation: number as u32 };
    cluster.handle(Instant::ZERO, call, Request::Produce(produce));
}

fn log(cluster: &Cluster) -> &Log {
    let orders = cluster.topic("orders").expect("the topic was created");
    orders.partitions()[0].log()
}

#[test]
fn a_copy_of_a_million_records_shares_all_closed_segments() {
    let mut cluster = Cluster::new(BrokerConfig::default());
    let config = TopicConfig { segment_bytes: 100_000, ..TopicConfig::default() };
    let create =
        Request::CreateTopic { name: "orders".into(), partitions: 1, config: Rc::new(config) };
    let call = Call { client: ClientId(1), correlation: 0 };
    cluster.handle(Instant::ZERO, call, create);
    for number in 0..RECORDS / BATCH {
        produce(&mut cluster, number);
    }
    let copy = cluster.clone();
    // Writing goes on in the original, which is when a copy would have to be made.
    produce(&mut cluster, RECORDS / BATCH);

    let (original, copied) = (&log(&cluster).segments, &log(&copy).segments);
    assert_eq!(log(&copy).log_end_offset(), RECORDS);
    let closed = copied.len() - 1;
    assert!(closed > 50, "there are only {closed} closed segments");
    let mut pairs = original.iter().zip(copied).take(closed);
    assert!(pairs.all(|(one, other)| Rc::ptr_eq(one, other)), "closed segments are shared");
    let batches = |log: &Log| log.segments[closed].batches.first().cloned();
    let (one, other) = (batches(log(&cluster)), batches(log(&copy)));
    let (one, other) = one.zip(other).expect("the active segment holds a batch");
    assert!(Rc::ptr_eq(&one, &other), "batches of the active segment are shared as well");
}
