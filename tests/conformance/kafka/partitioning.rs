//! Hashes of keys, and the partitions that follow from them.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    ClientId, Producer, ProducerConfig, ProducerEffect, ProducerInput, ProducerTimer, Record,
    Request, Response, murmur2, partition_for_key, to_positive,
};
use serde_json::Value as Json;

use super::equal;

pub fn murmur2_case(case: &Json) -> Result<(), String> {
    let hash = murmur2(&key(case)?);
    equal("murmur2", Some(i64::from(hash)), case["murmur2"].as_i64())?;
    equal("to_positive", Some(i64::from(to_positive(hash))), case["to_positive"].as_i64())
}

pub fn keyed_case(case: &Json) -> Result<(), String> {
    let key = key(case)?;
    for (count, partition) in case["partitions"].as_object().ok_or("no partitions")? {
        let count: u32 = count.parse().map_err(|_| "a count is a number")?;
        let chosen = Some(u64::from(partition_for_key(&key, count)));
        equal(&format!("of {count} partitions"), chosen, partition.as_u64())?;
    }
    Ok(())
}

pub fn choice_case(case: &Json) -> Result<(), String> {
    match case["kind"].as_str() {
        Some("rule") => rule(case),
        Some("distribution") => {
            let count = number(&case["num_partitions"])?;
            let mut spread = vec![0_u64; count as usize];
            for key in family(case)? {
                spread[partition_for_key(key.as_bytes(), count) as usize] += 1;
            }
            let expected: Option<Vec<u64>> = case["records_per_partition"]
                .as_array()
                .map(|list| list.iter().filter_map(Json::as_u64).collect());
            equal("spread", Some(spread), expected)
        }
        Some("repartition") => {
            let (old, new) = (number(&case["old_partitions"])?, number(&case["new_partitions"])?);
            let moves = |key: &String| {
                partition_for_key(key.as_bytes(), old) != partition_for_key(key.as_bytes(), new)
            };
            let moved = family(case)?.iter().filter(|key| moves(key)).count() as u64;
            equal("keys that move", Some(moved), case["keys_whose_partition_changes"].as_u64())
        }
        _ => Err("a kind of case that nothing here knows".to_owned()),
    }
}

/// Sends one record, and two for a sticky partition, through the producer.
fn rule(case: &Json) -> Result<(), String> {
    let count = number(&case["num_partitions"])?;
    let outcome = produce(count, &case["record"])?;
    if let Some(error) = case["error"].as_str() {
        return equal("error", outcome.err().as_deref(), Some(error));
    }
    let partition = outcome.map_err(|error| format!("failed with {error}"))?;
    match case["partition"].as_u64() {
        Some(expected) => equal("partition", u64::from(partition), expected),
        None => equal("the next record stays", produce(count, &case["record"])?, Ok(partition)),
    }
}

/// The partition that a record goes to, or the producer's error.
fn produce(count: u32, fields: &Json) -> Result<Result<u32, String>, String> {
    let mut producer = Producer::new(ClientId(1), ProducerConfig::default());
    let topic: Rc<str> = "t".into();
    let record = Record {
        key: fields["key_utf8"].as_str().map(|key| key.as_bytes().into()),
        value: None,
        headers: Vec::new(),
        timestamp_ms: 0,
    };
    let partition = fields["partition"].as_u64().map(|partition| partition as u32);
    let send = ProducerInput::Send { handle: 1, topic: topic.clone(), record, partition };
    let mut now = Instant::ZERO;
    let mut effects = producer.handle(now, send);
    while let Some(effect) = effects.pop() {
        match effect {
            ProducerEffect::Send { correlation, request: Request::Metadata { .. } } => {
                let response = Response::Metadata(vec![(topic.clone(), count)]);
                let answer = ProducerInput::Answer { correlation, response };
                effects.extend(producer.handle(now, answer));
            }
            ProducerEffect::Send { request: Request::Produce(produce), .. } => {
                return Ok(Ok(produce.batches[0].partition.partition));
            }
            ProducerEffect::Schedule {
                timer: timer @ (ProducerTimer::Linger(_) | ProducerTimer::MaxBlock(_)),
                due,
            } => {
                now = due.max(now + Duration::from_millis(1));
                effects.extend(producer.handle(now, ProducerInput::Timer(timer)));
            }
            ProducerEffect::Send { correlation, request: Request::InitProducerId { .. } } => {
                let response = Response::InitProducerId(Ok((1, 0)));
                let answer = ProducerInput::Answer { correlation, response };
                effects.extend(producer.handle(now, answer));
            }
            ProducerEffect::Failed { error, .. } => return Ok(Err(error.to_string())),
            ProducerEffect::Send { .. }
            | ProducerEffect::Schedule { .. }
            | ProducerEffect::Cancel { .. }
            | ProducerEffect::Acknowledged { .. }
            | ProducerEffect::Retried { .. }
            | ProducerEffect::Returned(_) => {}
        }
    }
    Err("the producer did nothing".to_owned())
}

fn family(case: &Json) -> Result<Vec<String>, String> {
    let prefix = case["key_prefix"].as_str().ok_or("no key prefix")?;
    let keys = number(&case["from"])?..=number(&case["to"])?;
    Ok(keys.map(|key| format!("{prefix}{key}")).collect())
}

fn number(value: &Json) -> Result<u32, String> {
    value.as_u64().map(|number| number as u32).ok_or_else(|| format!("{value} is no number"))
}

fn key(case: &Json) -> Result<Vec<u8>, String> {
    let hex = case["key_hex"].as_str().ok_or("no key")?;
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16);
    let bytes: Result<Vec<u8>, _> = (0..hex.len()).step_by(2).map(byte).collect();
    bytes.map_err(|error| error.to_string())
}
