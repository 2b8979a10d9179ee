//! Retries that reorder, memory that runs out, records that are too late.

use std::rc::Rc;
use std::time::Duration;

use super::{Producer, ProducerConfig, ProducerEffect, ProducerInput, ProducerTimer};
use crate::engine::Instant;
use crate::engine::kafka::{
    BrokerConfig, Call, ClientId, Cluster, ErrorCode, Record, Reply, Request, Response,
    TopicConfig, TopicPartition, partition_for_key,
};

const CLIENT: ClientId = ClientId(1);

/// A producer and a cluster. Writes stay on their way until the test says what becomes of them.
struct Line {
    cluster: Cluster,
    producer: Producer,
    now: Instant,
    sent: u64,
    writes: Vec<(u32, Request)>,
    failed: Vec<(u64, ErrorCode)>,
    acknowledged: Vec<u64>,
    timers: Vec<(ProducerTimer, Instant)>,
}

impl Line {
    fn new(config: ProducerConfig) -> Line {
        let mut cluster = Cluster::new(BrokerConfig::default());
        let (name, config_of_topic) = (Rc::from("orders"), TopicConfig::default());
        let create = Request::CreateTopic { name, partitions: 1, config: Rc::new(config_of_topic) };
        cluster.handle(Instant::ZERO, Call { client: ClientId(0), correlation: 0 }, create);
        Line {
            cluster,
            producer: Producer::new(CLIENT, ProducerConfig { linger: Duration::ZERO, ..config }),
            now: Instant::ZERO,
            sent: 0,
            writes: Vec::new(),
            failed: Vec::new(),
            acknowledged: Vec::new(),
            timers: Vec::new(),
        }
    }

    fn send(&mut self, value: u8, length: usize) {
        let value = Some(vec![value; length].into());
        let record = Record { key: None, value, headers: Vec::new(), timestamp_ms: 0 };
        let (handle, topic) = (self.sent, "orders".into());
        self.sent += 1;
        self.drive(ProducerInput::Send { handle, topic, record, partition: Some(0) });
    }

    /// Sends a record with a key, and tells the partition that it went to.
    fn send_keyed(&mut self, key: &str) -> u32 {
        let key = Some(key.as_bytes().into());
        let record = Record { key, value: None, headers: Vec::new(), timestamp_ms: 0 };
        let (handle, topic) = (0, "orders".into());
        self.drive(ProducerInput::Send { handle, topic, record, partition: None });
        let Some((_, Request::Produce(write))) = self.writes.first() else {
            panic!("the record was not sent");
        };
        let partition = write.batches[0].partition.partition;
        self.write_arrives();
        partition
    }

    fn drive(&mut self, input: ProducerInput) {
        for effect in self.producer.handle(self.now, input) {
            match effect {
                ProducerEffect::Send { correlation, request: request @ Request::Produce(_) } => {
                    self.writes.push((correlation, request));
                }
                ProducerEffect::Send { correlation, request } => self.arrives(correlation, request),
                ProducerEffect::Schedule { timer, due } => self.timers.push((timer, due)),
                ProducerEffect::Acknowledged { handle, .. } => self.acknowledged.push(handle),
                ProducerEffect::Failed { handle, error } => self.failed.push((handle, error)),
                ProducerEffect::Cancel { timer } => self.timers.retain(|(one, _)| *one != timer),
                ProducerEffect::Retried { .. } | ProducerEffect::Returned(_) => {}
            }
        }
    }

    fn arrives(&mut self, correlation: u32, request: Request) {
        let call = Call { client: CLIENT, correlation };
        let (reply, _) = self.cluster.handle(self.now, call, request);
        if let Reply::Answer(response) = reply {
            self.drive(ProducerInput::Answer { correlation, response });
        }
    }

    /// The oldest write reaches its partition and is answered.
    fn write_arrives(&mut self) {
        let (correlation, request) = self.writes.remove(0);
        self.arrives(correlation, request);
    }

    /// The oldest write is refused.
    fn write_is_refused(&mut self) {
        let (correlation, _) = self.writes.remove(0);
        let partition = TopicPartition { topic: "orders".into(), partition: 0 };
        let refused = vec![(partition, Err(ErrorCode::NotEnoughReplicas))];
        self.drive(ProducerInput::Answer { correlation, response: Response::Produce(refused) });
    }

    fn fires(&mut self, which: fn(&ProducerTimer) -> bool) {
        let place = self.timers.iter().position(|(timer, _)| which(timer));
        let (timer, due) = self.timers.remove(place.expect("the timer was set"));
        self.now = due;
        self.drive(ProducerInput::Timer(timer));
    }

    /// The first bytes of the values in the log.
    fn log(&self) -> Vec<u8> {
        let at = TopicPartition { topic: "orders".into(), partition: 0 };
        let log = self.cluster.partition(&at).expect("the topic was created");
        let values = log.records_from(0).filter_map(|(_, record)| record.value.as_deref());
        values.map(|value| value[0]).collect()
    }
}

/// Sends 1 and 2 over a partition that knows the producer; the first try of 1 is refused.
fn refused_once(config: ProducerConfig) -> Vec<u8> {
    let mut line = Line::new(config);
    line.send(0, 1);
    line.write_arrives();
    line.send(1, 1);
    line.send(2, 1);
    line.write_is_refused();
    while !line.writes.is_empty() {
        if line.writes.len() == 2 {
            line.write_arrives();
        }
        line.write_arrives();
    }
    while line.log().len() < 3 {
        line.fires(|timer| matches!(timer, ProducerTimer::Retry(_)));
        while !line.writes.is_empty() {
            line.write_arrives();
        }
    }
    line.log()
}

#[test]
fn a_retry_reorders_only_with_several_in_flight_and_without_idempotence() {
    let plain = ProducerConfig { enable_idempotence: false, ..ProducerConfig::default() };
    assert_eq!(refused_once(plain.clone()), [0, 2, 1], "the second write overtakes the first");
    assert_eq!(refused_once(ProducerConfig { max_in_flight: 1, ..plain }), [0, 1, 2]);
    assert_eq!(refused_once(ProducerConfig::default()), [0, 1, 2], "idempotence keeps the order");
}

fn little_memory() -> ProducerConfig {
    ProducerConfig {
        batch_size: 100,
        buffer_memory: 250,
        max_in_flight: 1,
        ..ProducerConfig::default()
    }
}

#[test]
fn a_record_waits_for_memory_until_a_batch_is_settled() {
    let mut line = Line::new(little_memory());
    for value in 1..=3 {
        line.send(value, 80);
    }
    assert_eq!(line.writes.len(), 1);
    line.write_arrives();
    assert_eq!(line.timers.iter().filter(|(one, _)| is_max_block(one)).count(), 0);
    while !line.writes.is_empty() {
        line.write_arrives();
    }
    assert_eq!(line.log(), [1, 2, 3]);
    assert!(line.failed.is_empty(), "{:?}", line.failed);
}

fn is_max_block(timer: &ProducerTimer) -> bool {
    matches!(timer, ProducerTimer::MaxBlock(_))
}

#[test]
fn memory_that_is_not_freed_within_max_block_ms_fails_the_record() {
    let mut line = Line::new(little_memory());
    for value in 1..=3 {
        line.send(value, 80);
    }
    line.fires(is_max_block);
    assert_eq!(line.now, Instant::from_secs(60));
    assert_eq!(line.failed, [(2, ErrorCode::BufferExhausted)]);
    line.send(4, 300);
    assert_eq!(line.failed[1].1, ErrorCode::MessageTooLarge, "it would never fit");
}

#[test]
fn what_is_not_acknowledged_within_delivery_timeout_ms_has_failed() {
    let mut line = Line::new(ProducerConfig { max_in_flight: 1, ..ProducerConfig::default() });
    line.send(1, 1);
    line.now = Instant::from_secs(50);
    line.send(2, 1);
    assert_eq!(line.writes.len(), 1, "the second one waits for the first");
    line.fires(|timer| matches!(timer, ProducerTimer::Delivery(_)));
    assert_eq!(line.now, Instant::from_secs(120));
    assert_eq!(line.failed, [(0, ErrorCode::RequestTimedOut)]);
    line.fires(|timer| matches!(timer, ProducerTimer::Delivery(_)));
    assert_eq!(line.now, Instant::from_secs(170));
    assert_eq!(line.failed[1..], [(1, ErrorCode::RequestTimedOut)]);
    line.write_arrives();
    assert!(line.acknowledged.is_empty(), "an answer that comes too late changes nothing");
}

#[test]
fn a_key_moves_once_the_producer_has_noticed_that_partitions_were_added() {
    let moves = |key: &String| partition_for_key(key.as_bytes(), 4) != 0;
    let key = (0..).map(|number| format!("order-{number}")).find(moves).expect("some key moves");
    let mut line = Line::new(ProducerConfig::default());
    assert_eq!(line.send_keyed(&key), 0);
    let more = Request::CreatePartitions { name: "orders".into(), total: 4 };
    line.arrives(0, more);
    assert_eq!(line.send_keyed(&key), 0, "the producer does not know yet");
    line.fires(|timer| *timer == ProducerTimer::Metadata);
    assert_eq!(line.now, Instant::from_secs(300), "metadata.max.age.ms");
    assert_eq!(line.send_keyed(&key), partition_for_key(key.as_bytes(), 4));
}
