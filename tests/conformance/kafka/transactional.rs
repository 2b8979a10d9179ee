//! Scripts of transactions as a client program sees them: the producer client against the cluster.
//! Nothing takes time but what the scripts say.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ackademy::engine::kafka::{
    Acks, ClientId, Committer, ErrorCode, Isolation, OffsetCommit, OffsetSpec, Produce,
    ProduceBatch, Producer, ProducerConfig, ProducerEffect, ProducerInput, ProducerTimer, Request,
    Response,
};
use serde_json::{Value as Json, json};

use super::bench::Bench;
use super::coordinator::{at, bench_with_topics, read};
use super::groups::{committed, offsets, partitions};
use super::script::{Step, play, record};

pub fn case(case: &Json) -> Result<(), String> {
    let mut program =
        Program { bench: bench_with_topics(&case["topics"]), producers: BTreeMap::new() };
    play(case, |step| program.step(step))
}

struct Program {
    bench: Bench,
    producers: BTreeMap<String, Producer>,
}

/// How a call of the producer ended.
enum Outcome {
    Offset(Option<u64>),
    Returned,
}

impl Program {
    fn step(&mut self, step: &Step) -> Result<Json, String> {
        match step.op() {
            "init" => {
                self.start(step);
                self.call(step, ProducerInput::InitTransactions)
            }
            "begin" => self.call(step, ProducerInput::BeginTransaction),
            "commit" => self.call(step, ProducerInput::CommitTransaction),
            "abort" => self.call(step, ProducerInput::AbortTransaction),
            "send" => {
                let at = at(step)?;
                let now_ms = self.bench.now.as_millis() as i64;
                let record = record(None, Some(step.text("value")), now_ms);
                let (topic, partition) = (at.topic, Some(at.partition));
                self.call(step, ProducerInput::Send { handle: 0, topic, record, partition })
            }
            "send_offsets" => {
                let commit = OffsetCommit {
                    group: step.text("group").into(),
                    member: step.maybe_text("member_id").map(|member| Committer {
                        member,
                        generation: step.maybe_number("generation").unwrap_or(0) as u32,
                        instance: None,
                    }),
                    offsets: offsets(&step.0["offsets"]),
                };
                self.call(step, ProducerInput::SendOffsetsToTransaction(commit))
            }
            "plain_send" => self.plain_send(step),
            "read" => read(&mut self.bench, step),
            "end_offset" => self.end_offset(step),
            "group_offsets" => {
                let request = Request::OffsetFetch {
                    group: step.text("group").into(),
                    partitions: partitions(&step.0["partitions"]),
                    require_stable: false,
                };
                Ok(json!({ "offsets": committed(self.bench.ask(request)) }))
            }
            "advance" => {
                self.bench.advance(step.millis()?);
                Ok(json!({}))
            }
            other => Err(format!("nothing here knows the op {other}")),
        }
    }

    fn start(&mut self, step: &Step) {
        let timeout = step.maybe_number("transaction_timeout_ms");
        let config = ProducerConfig {
            transactional_id: step.maybe_text("transactional_id"),
            transaction_timeout: Duration::from_millis(timeout.unwrap_or(60_000)),
            linger: Duration::ZERO,
            ..ProducerConfig::default()
        };
        let client = ClientId(self.producers.len() as u32 + 1);
        self.producers.insert(step.text("producer").to_owned(), Producer::new(client, config));
    }

    fn call(&mut self, step: &Step, input: ProducerInput) -> Result<Json, String> {
        Ok(match self.drive(step.text("producer"), input)? {
            Ok(Outcome::Offset(offset)) => json!({ "error": "NONE", "offset": offset }),
            Ok(Outcome::Returned) => json!({ "error": "NONE" }),
            Err(error) => json!({ "error": error.name() }),
        })
    }

    /// Calls a producer and does what it asks for until the call ends.
    fn drive(
        &mut self,
        name: &str,
        input: ProducerInput,
    ) -> Result<Result<Outcome, ErrorCode>, String> {
        let producer = self.producers.get_mut(name).ok_or("no such producer")?;
        let mut inputs = VecDeque::from([input]);
        let mut outcome = None;
        while let Some(input) = inputs.pop_front() {
            for effect in producer.handle(self.bench.now, input) {
                match effect {
                    ProducerEffect::Send { request, correlation } => {
                        let response = self.bench.ask(request);
                        inputs.push_back(ProducerInput::Answer { correlation, response });
                    }
                    ProducerEffect::Schedule {
                        timer: timer @ (ProducerTimer::Coordinator | ProducerTimer::Retry(_)),
                        ..
                    } => inputs.push_back(ProducerInput::Timer(timer)),
                    ProducerEffect::Acknowledged { offset, .. } => {
                        outcome.get_or_insert(Ok(Outcome::Offset(offset)));
                    }
                    ProducerEffect::Failed { error, .. } => {
                        outcome.get_or_insert(Err(error));
                    }
                    ProducerEffect::Returned(returned) => {
                        outcome.get_or_insert(returned.map(|()| Outcome::Returned));
                    }
                    ProducerEffect::Schedule { .. }
                    | ProducerEffect::Cancel { .. }
                    | ProducerEffect::Retried { .. } => {}
                }
            }
        }
        outcome.ok_or_else(|| "the call does not end".to_owned())
    }

    fn plain_send(&mut self, step: &Step) -> Result<Json, String> {
        let now_ms = self.bench.now.as_millis() as i64;
        let batch = ProduceBatch {
            partition: at(step)?,
            stamp: None,
            records: [record(None, Some(step.text("value")), now_ms)].into(),
        };
        let request = Produce { acks: Acks::All, transactional_id: None, batches: vec![batch] };
        let Response::Produce(outcomes) = self.bench.ask(Request::Produce(request)) else {
            return Err("a write was answered with something else".to_owned());
        };
        Ok(match outcomes[0].1 {
            Ok(offset) => json!({ "error": "NONE", "offset": offset }),
            Err(error) => json!({ "error": error.name() }),
        })
    }

    fn end_offset(&mut self, step: &Step) -> Result<Json, String> {
        let isolation = match step.text("isolation") {
            "read_committed" => Isolation::ReadCommitted,
            _ => Isolation::ReadUncommitted,
        };
        let request = Request::ListOffsets {
            partitions: vec![at(step)?],
            spec: OffsetSpec::Latest,
            isolation,
        };
        let Response::ListOffsets(found) = self.bench.ask(request) else {
            return Err("a lookup was answered with something else".to_owned());
        };
        let offset = found[0].1.map_err(|error| error.to_string())?;
        Ok(json!({ "offset": offset.map(|(offset, _)| offset) }))
    }
}
