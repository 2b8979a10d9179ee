//! Scripts of one partition with several replicas.

use std::collections::BTreeMap;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    Acks, Call, ClientId, Isolation, Partition, ReplicaFetch, TopicConfig, WriteId,
};
use serde_json::{Map, Value as Json, json};

use super::script::{START_MS, Step, play, record, topic_config, value_of};

pub fn case(case: &Json) -> Result<(), String> {
    let brokers = case["replicas"].as_array().into_iter().flatten();
    let brokers: Vec<u32> = brokers.filter_map(|broker| Some(broker.as_u64()? as u32)).collect();
    let now = Instant::from_millis(START_MS);
    let lag = case["config"]["replica.lag.time.max.ms"].as_u64();
    let lag = Duration::from_millis(lag.unwrap_or(30_000));
    let mut bench = Bench {
        partition: Partition::new(now, &brokers, lag),
        config: topic_config(&case["config"]),
        now,
        calls: BTreeMap::new(),
    };
    play(case, |step| bench.step(step))
}

struct Bench {
    partition: Partition,
    config: TopicConfig,
    now: Instant,
    /// Names of the writes by the number of their call.
    calls: BTreeMap<u32, String>,
}

impl Bench {
    fn step(&mut self, step: &Step) -> Result<Json, String> {
        let (now, config) = (self.now, self.config.clone());
        let broker = step.maybe_number("broker").unwrap_or(0) as u32;
        let mut answer = match step.op() {
            "advance" => {
                self.now += step.millis()?;
                json!({})
            }
            "produce" => self.produce(step)?,
            "replica_fetch" => {
                let replica = step.number("replica")? as u32;
                match self.partition.replica_fetch(now, &config, replica) {
                    Ok(ReplicaFetch::Fetched { fetch_offset, records, high_watermark }) => json!({
                        "fetch_offset": fetch_offset,
                        "records": records,
                        "high_watermark_in_answer": high_watermark,
                    }),
                    Ok(ReplicaFetch::Diverged { fetch_offset, truncated_to, .. }) => json!({
                        "fetch_offset": fetch_offset,
                        "diverged": true,
                        "truncated_to": truncated_to,
                    }),
                    Err(error) => json!({ "error": error.name() }),
                }
            }
            "isr_check" => {
                self.partition.shrink_isr(now, &config);
                json!({})
            }
            "kill" => {
                self.partition.kill(now, &config, broker);
                json!({})
            }
            "restart" => {
                self.partition.restart(now, &config, broker);
                json!({})
            }
            "elect_preferred" => outcome(self.partition.elect_preferred(now, &config)),
            "elect_unclean" => outcome(self.partition.elect_unclean(now, &config)),
            "consume" => self.consume(step.number("offset")?),
            "end_offset_for_epoch" => {
                let epoch = step.number("leader_epoch")? as u32;
                let found = self.partition.log().end_offset_for_epoch(epoch);
                let (epoch, end) =
                    found.map_or((-1, -1), |(epoch, end)| (i64::from(epoch), end as i64));
                json!({ "leader_epoch": epoch, "end_offset": end })
            }
            "state" => self.state(),
            other => return Err(format!("nothing here knows the op {other}")),
        };
        self.add_settled(&mut answer);
        Ok(answer)
    }

    fn add_settled(&mut self, answer: &mut Json) {
        let settled = self.partition.take_settled();
        let completes = answer["completes"].take();
        let mut completes = completes.as_object().cloned().unwrap_or_default();
        for one in settled {
            let name = self.calls[&one.id.call.correlation].clone();
            let error = one.outcome.err().map_or("NONE", |error| error.name());
            completes.insert(name, json!(error));
        }
        answer["completes"] = Json::Object(completes);
    }

    fn produce(&mut self, step: &Step) -> Result<Json, String> {
        let acks = match step.text("acks") {
            "0" => Acks::None,
            "1" => Acks::Leader,
            "all" => Acks::All,
            other => return Err(format!("nobody writes with acks={other}")),
        };
        let to = step.maybe_number("to").map(|broker| broker as u32);
        if to.is_some() && to != self.partition.leader() {
            return Ok(match acks {
                Acks::None => json!({ "result": "no_response", "lost": true }),
                Acks::Leader | Acks::All => json!({ "error": "NOT_LEADER_OR_FOLLOWER" }),
            });
        }
        let correlation = self.calls.len() as u32;
        let name = step.text("call").to_owned();
        self.calls.insert(correlation, name.clone());
        let call = Call { client: ClientId(1), correlation };
        let values = step.0["values"].as_array().into_iter().flatten();
        let now_ms = self.now.as_millis() as i64;
        let records = values.map(|value| record(None, value.as_str(), now_ms)).collect();
        let id = WriteId { call, part: 0 };
        let produced = self.partition.produce(self.now, &self.config, (id, acks), None, records);
        Ok(match produced {
            Err(error) => json!({ "error": error.name() }),
            Ok(produced) => {
                let mut answer = json!({ "base_offset": produced.appended.base_offset });
                match acks {
                    Acks::None => answer["result"] = json!("no_response"),
                    Acks::Leader => answer["result"] = json!("NONE"),
                    Acks::All if produced.waits => {}
                    Acks::All => answer["completes"] = json!({ name: "NONE" }),
                }
                answer
            }
        })
    }

    fn consume(&self, offset: u64) -> Json {
        let isolation = Isolation::ReadUncommitted;
        match self.partition.read(offset, isolation, u32::MAX) {
            Err(error) => json!({ "error": error.name() }),
            Ok(fetched) => {
                let records = fetched.deliver(offset, isolation);
                let values: Vec<Json> = records.map(|(_, one)| value_of(one)).collect();
                json!({ "values": values, "high_watermark": fetched.high_watermark })
            }
        }
    }

    fn state(&self) -> Json {
        let mut replicas = Map::new();
        for replica in self.partition.replicas() {
            let log = replica.log();
            let values: Vec<Json> = log.records_from(0).map(|(_, one)| value_of(one)).collect();
            let state = json!({
                "log_end_offset": log.log_end_offset(),
                "high_watermark": log.high_watermark(),
                "values": values,
            });
            replicas.insert(replica.broker().to_string(), state);
        }
        json!({
            "leader": self.partition.leader().map_or(-1, i64::from),
            "leader_epoch": self.partition.leader_epoch(),
            "isr": self.partition.isr(),
            "high_watermark": self.partition.high_watermark(),
            "replicas": replicas,
        })
    }
}

fn outcome(outcome: Result<(), ackademy::engine::kafka::ErrorCode>) -> Json {
    json!({ "error": outcome.err().map_or("NONE", |error| error.name()) })
}
