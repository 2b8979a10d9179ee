//! Where a consumer reads: what it is told to, and what happens on the way.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::{Consumer, ConsumerConfig, ConsumerEffect, ConsumerInput};
use crate::engine::Instant;
use crate::engine::kafka::{
    Acks, BrokerConfig, Call, ClientId, Cluster, Effect, ErrorCode, GroupConfig, OffsetReset,
    OffsetSpec, Produce, ProduceBatch, Record, Reply, Request, Response, TopicConfig,
    TopicPartition,
};

const CLIENT: ClientId = ClientId(1);

struct Reading {
    cluster: Cluster,
    consumer: Consumer,
    /// Answers that have not reached the consumer.
    answers: VecDeque<(u32, Response)>,
    seen: Vec<u64>,
    failed: Vec<ErrorCode>,
}

fn at() -> TopicPartition {
    TopicPartition { topic: "orders".into(), partition: 0 }
}

impl Reading {
    /// A consumer that is the only member of its group and holds a partition of ten records, one
    /// for each second.
    fn new(auto_offset_reset: OffsetReset) -> Reading {
        let groups =
            GroupConfig { initial_rebalance_delay: Duration::ZERO, ..GroupConfig::default() };
        let mut config = ConsumerConfig::new("g".into(), vec!["orders".into()]);
        config.auto_offset_reset = auto_offset_reset;
        let mut reading = Reading {
            cluster: Cluster::new(BrokerConfig { groups, ..BrokerConfig::default() }),
            consumer: Consumer::new(CLIENT, config),
            answers: VecDeque::new(),
            seen: Vec::new(),
            failed: Vec::new(),
        };
        let (name, config) = ("orders".into(), TopicConfig::default());
        reading.asks(0, Request::CreateTopic { name, partitions: 1, config: Rc::new(config) });
        for second in 0..10 {
            reading.writes(second * 1_000);
        }
        reading.answers.clear();
        reading.drive(ConsumerInput::Start);
        reading.settles();
        reading
    }

    fn writes(&mut self, timestamp_ms: i64) {
        let record = Record { key: None, value: None, headers: Vec::new(), timestamp_ms };
        let batch = ProduceBatch { partition: at(), stamp: None, records: [record].into() };
        let (acks, batches) = (Acks::All, vec![batch]);
        self.asks(0, Request::Produce(Produce { acks, transactional_id: None, batches }));
    }

    fn asks(&mut self, correlation: u32, request: Request) {
        let call = Call { client: CLIENT, correlation };
        let (reply, effects) = self.cluster.handle(Instant::ZERO, call, request);
        if let Reply::Answer(response) = reply {
            self.answers.push_back((correlation, response));
        }
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Answer { call, response } => {
                    self.answers.push_back((call.correlation, response));
                }
                Effect::Schedule { timer, due } if due == Instant::ZERO => {
                    let effects = self.cluster.timeout(due, timer);
                    self.take(effects);
                }
                Effect::Schedule { .. } | Effect::Cancel { .. } | Effect::Event(_) => {}
            }
        }
    }

    fn drive(&mut self, input: ConsumerInput) {
        for effect in self.consumer.handle(Instant::ZERO, input) {
            match effect {
                ConsumerEffect::Send { correlation, request } => self.asks(correlation, request),
                ConsumerEffect::Records(records) => {
                    self.seen.extend(records.iter().map(|record| record.offset));
                }
                ConsumerEffect::Failed { error, .. } => self.failed.push(error),
                _ => {}
            }
        }
    }

    /// All answers reach the consumer.
    fn settles(&mut self) {
        while let Some((correlation, response)) = self.answers.pop_front() {
            self.drive(ConsumerInput::Answer { correlation, response });
        }
    }

    fn polls(&mut self) -> Vec<u64> {
        self.drive(ConsumerInput::Poll);
        self.settles();
        std::mem::take(&mut self.seen)
    }

    fn seeks(&mut self, spec: OffsetSpec) -> Vec<u64> {
        self.drive(ConsumerInput::SeekTo { partition: at(), spec });
        self.settles();
        self.polls()
    }
}

#[test]
fn a_consumer_reads_on_from_where_it_seeks_to() {
    let mut reading = Reading::new(OffsetReset::Earliest);
    assert_eq!(reading.polls(), Vec::from_iter(0..10));
    reading.drive(ConsumerInput::Seek { partition: at(), offset: 7 });
    // The fetch that was on its way is answered first, and asks for what is behind the end.
    reading.writes(10_000);
    assert_eq!(reading.polls(), [7, 8, 9, 10]);
    assert_eq!(reading.seeks(OffsetSpec::Timestamp(8_500)), [0; 0], "a fetch waits at the end");
    reading.writes(11_000);
    reading.settles();
    assert_eq!(reading.seen, [9, 10, 11]);
}

#[test]
fn a_consumer_seeks_to_the_beginning_the_end_and_a_time() {
    let mut reading = Reading::new(OffsetReset::Earliest);
    for (spec, first) in [
        (OffsetSpec::Timestamp(3_500), 4),
        (OffsetSpec::Earliest, 0),
        (OffsetSpec::Latest, 10),
        (OffsetSpec::Timestamp(60_000), 10),
    ] {
        let mut reading = Reading::new(OffsetReset::Earliest);
        let expected = Vec::from_iter(first..10);
        assert_eq!(reading.seeks(spec), expected, "{spec:?}");
    }
    let nowhere = TopicPartition { partition: 9, ..at() };
    reading.drive(ConsumerInput::Seek { partition: nowhere, offset: 0 });
    assert_eq!(reading.failed, [ErrorCode::IllegalState], "it does not hold the partition");
}

#[test]
fn the_last_of_two_seeks_counts() {
    let mut reading = Reading::new(OffsetReset::Earliest);
    reading.drive(ConsumerInput::SeekTo { partition: at(), spec: OffsetSpec::Earliest });
    reading.drive(ConsumerInput::Seek { partition: at(), offset: 8 });
    reading.settles();
    assert_eq!(reading.polls(), [8, 9]);
}

#[test]
fn without_a_reset_a_missing_or_vanished_offset_is_an_error() {
    let mut reading = Reading::new(OffsetReset::None);
    assert_eq!(reading.failed, [ErrorCode::NoOffsetForPartition]);
    reading.drive(ConsumerInput::Seek { partition: at(), offset: 99 });
    reading.settles();
    assert_eq!(reading.failed[1..], [ErrorCode::OffsetOutOfRange]);
}
