//! Scripts of the transaction coordinator at the level of its requests.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::kafka::{
    Acks, BrokerConfig, ErrorCode, Fetch, Isolation, Produce, ProduceBatch, ProducerStamp, Request,
    Response, TopicPartition, Transactional,
};
use serde_json::{Value as Json, json};

use super::bench::Bench;
use super::groups::{partitions, simple};
use super::script::{Step, play, record, value_of};

pub fn case(case: &Json) -> Result<(), String> {
    let mut bench = bench_with_topics(&case["topics"]);
    let mut names = Names::default();
    play(case, |step| names.step(&mut bench, step))
}

/// Transactions that are too old are looked for more often than by default, as the scripts suppose.
pub fn bench_with_topics(topics: &Json) -> Bench {
    let mut bench = Bench::new(BrokerConfig {
        transaction_check: Duration::from_millis(500),
        ..BrokerConfig::default()
    });
    for (name, count) in topics.as_object().into_iter().flatten() {
        bench.create_topic(name, count.as_u64().unwrap_or(1) as u32);
    }
    bench
}

/// What a reader from offset 0 on gets.
pub fn read(bench: &mut Bench, step: &Step) -> Result<Json, String> {
    let isolation = match step.text("isolation") {
        "read_committed" => Isolation::ReadCommitted,
        "read_uncommitted" => Isolation::ReadUncommitted,
        other => return Err(format!("nobody reads {other}")),
    };
    let partition = at(step)?;
    let request = Request::Fetch(Fetch {
        positions: [(partition.clone(), 0)].into(),
        max_wait: Duration::ZERO,
        min_bytes: 1,
        max_partition_bytes: u32::MAX,
        isolation,
    });
    let Response::Fetch(found) = bench.ask(request) else {
        return Err("a fetch was answered with something else".to_owned());
    };
    let (mut values, mut offsets, mut position) = (Vec::new(), Vec::new(), 0);
    for one in found {
        let fetched = one.outcome.map_err(|error| error.to_string())?;
        let records = fetched.deliver(0, isolation);
        (offsets, values) = records.map(|(at, one)| (at, value_of(one))).unzip();
        position = fetched.next_offset().unwrap_or(0);
    }
    let log = bench.cluster.partition(&partition).ok_or("no such partition")?;
    let end = match isolation {
        Isolation::ReadCommitted => log.last_stable_offset(),
        Isolation::ReadUncommitted | Isolation::LogEnd => log.high_watermark(),
    };
    Ok(json!({
        "values": values,
        "offsets": offsets,
        "position": position,
        "lag": end - position,
    }))
}

pub fn at(step: &Step) -> Result<TopicPartition, String> {
    Ok(TopicPartition {
        topic: step.text("topic").into(),
        partition: step.number("partition")? as u32,
    })
}

/// Producer ids by the names of the scripts: `pid1`, `pid2`, … in the order of their giving.
#[derive(Default)]
struct Names {
    ids: BTreeMap<String, u64>,
}

impl Names {
    fn step(&mut self, bench: &mut Bench, step: &Step) -> Result<Json, String> {
        Ok(match step.op() {
            "advance" => {
                bench.advance(step.millis()?);
                json!({})
            }
            "init_producer_id" => self.init(bench, step),
            "add_partitions" => {
                let producer = self.producer(step)?;
                let partitions = partitions(&step.0["partitions"]).unwrap_or_default();
                let request = Request::AddPartitionsToTxn { producer, partitions };
                simple(bench.ask(request))
            }
            "add_offsets" => {
                let producer = self.producer(step)?;
                let group = step.text("group").into();
                simple(bench.ask(Request::AddOffsetsToTxn { producer, group }))
            }
            "end_txn" => {
                let producer = self.producer(step)?;
                let result = step.result()?;
                simple(bench.ask(Request::EndTxn { producer, result }))
            }
            "produce_txn" => self.produce(bench, step)?,
            "describe_txn" => self.describe(bench, step),
            "read" => read(bench, step)?,
            other => return Err(format!("nothing here knows the op {other}")),
        })
    }

    fn init(&mut self, bench: &mut Bench, step: &Step) -> Json {
        let request = || Request::InitProducerId {
            transactional_id: step.maybe_text("transactional_id"),
            transaction_timeout: Duration::from_millis(
                step.maybe_number("transaction_timeout_ms").unwrap_or(60_000),
            ),
            current: self.ids.get(step.text("producer_id")).map(|id| {
                let epoch = step.maybe_number("producer_epoch").unwrap_or(0);
                (*id, epoch as u16)
            }),
        };
        let mut answer = bench.ask(request());
        while let Response::InitProducerId(Err(ErrorCode::ConcurrentTransactions)) = answer {
            answer = bench.ask(request());
        }
        let Response::InitProducerId(given) = answer else {
            unreachable!("no producer id but {answer:?}");
        };
        match given {
            Err(error) => json!({ "error": error.name() }),
            Ok((id, epoch)) => {
                json!({ "error": "NONE", "producer_id": self.name(id), "producer_epoch": epoch })
            }
        }
    }

    fn name(&mut self, id: u64) -> String {
        let known = self.ids.iter().find(|(_, known)| **known == id);
        if let Some((name, _)) = known {
            return name.clone();
        }
        let name = format!("pid{}", self.ids.len() + 1);
        self.ids.insert(name.clone(), id);
        name
    }

    fn producer(&self, step: &Step) -> Result<Transactional, String> {
        Ok(Transactional {
            transactional_id: step.text("transactional_id").into(),
            producer_id: self.ids.get(step.text("producer_id")).copied().unwrap_or(0),
            epoch: step.number("producer_epoch")? as u16,
        })
    }

    fn produce(&self, bench: &mut Bench, step: &Step) -> Result<Json, String> {
        let producer = self.producer(step)?;
        let stamp = ProducerStamp {
            producer_id: producer.producer_id,
            epoch: producer.epoch,
            base_sequence: step.number("base_sequence")? as u32,
            transactional: true,
        };
        let value = step.maybe_text("value");
        let batch = ProduceBatch {
            partition: at(step)?,
            stamp: Some(stamp),
            records: [record(None, value.as_deref(), bench.now.as_millis() as i64)].into(),
        };
        let transactional_id: Option<Rc<str>> = Some(producer.transactional_id);
        let request =
            Request::Produce(Produce { acks: Acks::All, transactional_id, batches: vec![batch] });
        let Response::Produce(outcomes) = bench.ask(request) else {
            return Err("a write was answered with something else".to_owned());
        };
        Ok(match outcomes[0].1 {
            Ok(offset) => json!({ "error": "NONE", "offset": offset }),
            Err(error) => json!({ "error": error.name() }),
        })
    }

    fn describe(&mut self, bench: &Bench, step: &Step) -> Json {
        let Some(transaction) = bench.cluster.transaction(step.text("transactional_id")) else {
            return json!({});
        };
        let partitions = transaction.partitions().iter().map(ToString::to_string);
        json!({
            "state": transaction.state().name(),
            "producer_epoch": transaction.epoch(),
            "producer_id": self.name(transaction.producer_id()),
            "partitions": partitions.collect::<Vec<_>>(),
        })
    }
}
