//! Scripts of one log, on the leader's side: sequences, transactions, segments, retention,
//! compaction, lookups.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    Appended, BatchKind, ErrorCode, Isolation, Log, Marker, OffsetSpec, ProducerStamp, Record,
    TopicConfig, TransactionResult,
};
use serde_json::{Value as Json, json};

use super::script::{START_MS, Step, play, record, text_of, topic_config, value_of};

pub fn case(case: &Json) -> Result<(), String> {
    let mut bench = Bench {
        log: Log::default(),
        config: topic_config(&case["config"]),
        now: Instant::from_millis(START_MS),
        manual_high_watermark: case["manual_hw"] == true,
        expiration: case["config"]["producer.id.expiration.ms"]
            .as_u64()
            .map_or(Duration::from_secs(24 * 3_600), Duration::from_millis),
    };
    play(case, |step| bench.step(step))
}

struct Bench {
    log: Log,
    config: TopicConfig,
    now: Instant,
    manual_high_watermark: bool,
    expiration: Duration,
}

impl Bench {
    fn step(&mut self, step: &Step) -> Result<Json, String> {
        match step.op() {
            "advance" => {
                self.now += step.millis()?;
                self.log.expire_producers(self.now, self.expiration);
                Ok(json!({}))
            }
            "append" => self.append(step),
            "end_txn" => self.end_transaction(step),
            "fetch" => self.fetch(step),
            "list_offsets" => self.list_offsets(step),
            "delete_records" => {
                let before = step.signed("before").ok_or("no offset")?;
                let deleted = self.log.delete_records(u64::try_from(before).ok());
                Ok(match deleted {
                    Ok(start) => json!({ "log_start_offset": start }),
                    Err(error) => refusal(error),
                })
            }
            "set_high_watermark" => {
                self.log.set_high_watermark(step.number("offset")?);
                Ok(json!({ "high_watermark": self.log.high_watermark() }))
            }
            "apply_retention" => {
                let deleted = self.log.apply_retention(self.now, &self.config);
                let deleted: u32 = deleted.iter().map(|one| one.segments).sum();
                let mut state = self.state();
                state["deleted_segments"] = json!(deleted);
                Ok(state)
            }
            "truncate" => {
                let truncated = self.log.truncate(step.number("offset")?);
                let mut state = self.state();
                state["truncated"] = json!(truncated);
                Ok(state)
            }
            "compact" => Ok(self.compact(step.flag("force"))),
            "records" => Ok(self.records()),
            "state" => Ok(self.state()),
            "roll" => {
                self.log.roll(self.now);
                Ok(json!({}))
            }
            "restart" => {
                self.log.restart();
                Ok(json!({}))
            }
            other => Err(format!("nothing here knows the op {other}")),
        }
    }

    fn follow(&mut self) {
        if !self.manual_high_watermark {
            self.log.set_high_watermark(self.log.log_end_offset());
        }
    }

    fn append(&mut self, step: &Step) -> Result<Json, String> {
        let stamp = match step.maybe_number("producer_id") {
            Some(producer_id) => Some(ProducerStamp {
                producer_id,
                epoch: step.number("producer_epoch")? as u16,
                base_sequence: step.number("base_sequence")? as u32,
                transactional: step.flag("transactional"),
            }),
            None => None,
        };
        let records = self.records_to_append(step)?;
        let appended = self.log.append(self.now, &self.config, 0, stamp, records);
        self.follow();
        Ok(self.appended(appended))
    }

    fn records_to_append(&self, step: &Step) -> Result<Rc<[Record]>, String> {
        let now_ms = self.now.as_millis() as i64;
        let timestamp = step.signed("timestamp").unwrap_or(now_ms);
        if let Some(list) = step.0["records"].as_array() {
            let one = |fields: &Json| {
                let timestamp = fields["timestamp"].as_i64().unwrap_or(now_ms);
                record(fields["key"].as_str(), fields["value"].as_str(), timestamp)
            };
            return Ok(list.iter().map(one).collect());
        }
        if let Some(bytes) = step.maybe_number("batch_bytes") {
            return Ok([of_size(bytes as u32, timestamp)?].into());
        }
        let count = step.maybe_number("count").unwrap_or(1);
        let one = |_| record(Some("k"), Some("v"), timestamp);
        Ok((0..count).map(one).collect())
    }

    fn appended(&self, appended: Result<Appended, ErrorCode>) -> Json {
        match appended {
            Ok(appended) => json!({
                "base_offset": appended.base_offset,
                "last_offset": appended.last_offset,
                "offset": appended.base_offset,
                "duplicate": appended.duplicate,
                "log_end_offset": self.log.log_end_offset(),
            }),
            Err(error) => refusal(error),
        }
    }

    fn end_transaction(&mut self, step: &Step) -> Result<Json, String> {
        let marker = Marker {
            producer_id: step.number("producer_id")?,
            epoch: step.number("producer_epoch")? as u16,
            coordinator_epoch: step.maybe_number("coordinator_epoch").unwrap_or(0) as u32,
            result: step.result()?,
        };
        let appended = self.log.append_marker(self.now, &self.config, 0, marker);
        self.follow();
        Ok(self.appended(appended))
    }

    fn fetch(&mut self, step: &Step) -> Result<Json, String> {
        let isolation = match step.text("isolation") {
            "read_committed" => Isolation::ReadCommitted,
            "read_uncommitted" => Isolation::ReadUncommitted,
            "log_end" => Isolation::LogEnd,
            other => return Err(format!("nobody reads {other}")),
        };
        let offset = step.number("offset")?;
        let max_bytes = step.maybe_number("max_bytes").map_or(u32::MAX, |max| max as u32);
        let fetched = match self.log.read(offset, isolation, max_bytes) {
            Ok(fetched) => fetched,
            Err(error) => return Ok(refusal(error)),
        };
        let (mut data, mut control) = (Vec::new(), Vec::new());
        for batch in &fetched.batches {
            match batch.kind() {
                BatchKind::Control(_) => control.push(batch.base_offset()),
                BatchKind::Plain | BatchKind::Stamped(_) => {
                    data.extend(batch.records().iter().map(|(at, _)| at));
                }
            }
        }
        let aborted = fetched
            .aborted
            .iter()
            .map(|one| json!({ "producer_id": one.producer_id, "first_offset": one.first_offset }));
        let delivered = fetched.deliver(offset, isolation);
        Ok(json!({
            "data_offsets": data,
            "control_offsets": control,
            "aborted_transactions": aborted.collect::<Vec<_>>(),
            "delivered": delivered.map(|(at, _)| at).collect::<Vec<_>>(),
            "next_position": fetched.next_offset().unwrap_or(offset),
        }))
    }

    fn list_offsets(&self, step: &Step) -> Result<Json, String> {
        let spec = match step.signed("timestamp").ok_or("no timestamp")? {
            -1 => OffsetSpec::Latest,
            -2 => OffsetSpec::Earliest,
            -3 => OffsetSpec::MaxTimestamp,
            timestamp => OffsetSpec::Timestamp(timestamp),
        };
        let found = self.log.lookup(spec, Isolation::ReadUncommitted);
        let (offset, timestamp) = found.map_or((-1, -1), |(at, time)| (at as i64, time));
        Ok(json!({ "offset": offset, "timestamp": timestamp }))
    }

    fn compact(&mut self, force: bool) -> Json {
        let cleaning = self.log.compact(self.now, &self.config, force);
        let ratio = cleaning.dirty_bytes as f64 / cleaning.bytes.max(1) as f64;
        json!({
            "first_dirty_offset": cleaning.first_dirty_offset,
            "first_uncleanable_offset": cleaning.first_uncleanable_offset,
            "dirty_ratio": (ratio * 10_000.0).round() / 10_000.0,
            "ran": cleaning.cleaned_up_to.is_some(),
            "cleaned_up_to": cleaning.cleaned_up_to,
        })
    }

    /// All that is left, markers included.
    fn records(&self) -> Json {
        let mut records = Vec::new();
        for batch in self.log.batches_from(self.log.log_start_offset()) {
            if let BatchKind::Control(marker) = batch.kind() {
                let kind = match marker.result {
                    TransactionResult::Commit => "commit",
                    TransactionResult::Abort => "abort",
                };
                records.push(json!({ "offset": batch.base_offset(), "control": kind }));
            }
            for (offset, record) in batch.records().iter() {
                let key = text_of(record.key.as_deref());
                records.push(json!({ "offset": offset, "key": key, "value": value_of(record) }));
            }
        }
        json!({ "records": records })
    }

    fn state(&self) -> Json {
        let producers = self.log.producers().iter().map(|(id, state)| {
            json!({
                "producer_id": id,
                "producer_epoch": state.epoch(),
                "last_sequence": state.last_sequence().map_or(-1, i64::from),
                "current_txn_first_offset":
                    state.transaction_start().map_or(-1, |offset| offset as i64),
            })
        });
        json!({
            "log_start_offset": self.log.log_start_offset(),
            "log_end_offset": self.log.log_end_offset(),
            "high_watermark": self.log.high_watermark(),
            "last_stable_offset": self.log.last_stable_offset(),
            "segment_base_offsets": self.log.segment_base_offsets().collect::<Vec<_>>(),
            "producers": producers.collect::<Vec<_>>(),
        })
    }
}

fn refusal(error: ErrorCode) -> Json {
    json!({ "error": error.name() })
}

/// A record whose batch takes this many bytes.
fn of_size(bytes: u32, timestamp_ms: i64) -> Result<Record, String> {
    let config = TopicConfig::default();
    for length in 0..=bytes as usize {
        let candidate = record(None, Some(&"v".repeat(length)), timestamp_ms);
        let mut probe = Log::default();
        let appended = probe.append(Instant::ZERO, &config, 0, None, [candidate.clone()].into());
        appended.map_err(|error| error.to_string())?;
        let size = probe.batches_from(0).next().map(|batch| batch.bytes());
        if size == Some(bytes) {
            return Ok(candidate);
        }
        if size > Some(bytes) {
            break;
        }
    }
    Err(format!("no batch of one record takes {bytes} bytes"))
}
