//! What all scripts share: steps, their fields, and the comparison with what is expected.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::kafka::{Record, TimestampType, TopicConfig, TransactionResult};
use serde_json::Value as Json;

/// The clock of scripts of one log starts here.
pub const START_MS: u64 = 1_000_000;

/// Plays the steps of a case and compares the fields that each expects.
pub fn play(
    case: &Json,
    mut step: impl FnMut(&Step) -> Result<Json, String>,
) -> Result<(), String> {
    let steps = case["steps"].as_array().ok_or("a script has steps")?;
    for (number, fields) in steps.iter().enumerate() {
        let got = step(&Step(fields)).map_err(|why| format!("step {number} {fields}: {why}"))?;
        let expected = fields["expect"].as_object().into_iter().flatten();
        for (field, wanted) in expected {
            let came = got.get(field).unwrap_or(&Json::Null);
            if !same(wanted, came) {
                return Err(format!(
                    "step {number} {fields}\n    {field}: expected {wanted}, got {came}"
                ));
            }
        }
    }
    Ok(())
}

/// Objects compare by the fields that are expected, numbers by their value.
fn same(wanted: &Json, came: &Json) -> bool {
    match (wanted, came) {
        (Json::Object(wanted), Json::Object(_)) => {
            wanted.iter().all(|(field, value)| same(value, came.get(field).unwrap_or(&Json::Null)))
        }
        (Json::Array(wanted), Json::Array(came)) => {
            wanted.len() == came.len() && wanted.iter().zip(came).all(|(a, b)| same(a, b))
        }
        (Json::Number(wanted), Json::Number(came)) => wanted.as_f64() == came.as_f64(),
        _ => wanted == came,
    }
}

/// One step of a script.
#[derive(Debug)]
pub struct Step<'a>(pub &'a Json);

impl Step<'_> {
    pub fn op(&self) -> &str {
        self.0["op"].as_str().unwrap_or_default()
    }

    pub fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    pub fn maybe_text(&self, field: &str) -> Option<Rc<str>> {
        self.0[field].as_str().map(Rc::from)
    }

    pub fn number(&self, field: &str) -> Result<u64, String> {
        let number = self.0[field].as_u64();
        number.ok_or_else(|| format!("{field} is no number"))
    }

    pub fn maybe_number(&self, field: &str) -> Option<u64> {
        self.0[field].as_u64()
    }

    pub fn signed(&self, field: &str) -> Option<i64> {
        self.0[field].as_i64()
    }

    pub fn flag(&self, field: &str) -> bool {
        self.0[field].as_bool().unwrap_or(false)
    }

    pub fn millis(&self) -> Result<Duration, String> {
        Ok(Duration::from_millis(self.number("ms")?))
    }

    pub fn result(&self) -> Result<TransactionResult, String> {
        match self.text("result") {
            "commit" => Ok(TransactionResult::Commit),
            "abort" => Ok(TransactionResult::Abort),
            other => Err(format!("a transaction cannot end in {other}")),
        }
    }
}

/// A topic's settings from those of a case; what it does not name has Kafka's default.
pub fn topic_config(config: &Json) -> TopicConfig {
    let millis = |field: &str| config[field].as_u64().map(Duration::from_millis);
    let number = |field: &str| config[field].as_u64().map(|number| number as u32);
    let mut topic = TopicConfig::default();
    if let Some(policy) = config["cleanup.policy"].as_str() {
        topic.delete = policy.contains("delete");
        topic.compact = policy.contains("compact");
    }
    if !config["retention.ms"].is_null() {
        topic.retention = millis("retention.ms");
    }
    topic.retention_bytes = config["retention.bytes"].as_u64();
    topic.segment_age = millis("segment.ms").unwrap_or(topic.segment_age);
    topic.segment_bytes = number("segment.bytes").unwrap_or(topic.segment_bytes);
    topic.max_message_bytes = number("max.message.bytes").unwrap_or(topic.max_message_bytes);
    topic.delete_retention = millis("delete.retention.ms").unwrap_or(topic.delete_retention);
    topic.min_compaction_lag = millis("min.compaction.lag.ms").unwrap_or_default();
    topic.max_compaction_lag = millis("max.compaction.lag.ms");
    if let Some(ratio) = config["min.cleanable.dirty.ratio"].as_f64() {
        topic.min_cleanable_dirty_permille = (ratio * 1_000.0).round() as u32;
    }
    if config["message.timestamp.type"] == "LogAppendTime" {
        topic.timestamp_type = TimestampType::LogAppendTime;
    }
    topic.min_insync_replicas = number("min.insync.replicas").unwrap_or(1);
    topic.unclean_leader_election = config["unclean.leader.election.enable"] == true;
    topic
}

pub fn bytes(text: &str) -> Rc<[u8]> {
    text.as_bytes().into()
}

pub fn record(key: Option<&str>, value: Option<&str>, timestamp_ms: i64) -> Record {
    Record { key: key.map(bytes), value: value.map(bytes), headers: Vec::new(), timestamp_ms }
}

pub fn value_of(record: &Record) -> Json {
    text_of(record.value.as_deref())
}

pub fn text_of(bytes: Option<&[u8]>) -> Json {
    bytes.map_or(Json::Null, |bytes| Json::from(String::from_utf8_lossy(bytes).into_owned()))
}
