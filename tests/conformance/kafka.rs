//! Runs the cases of `tests/vectors/kafka` on the engine; the README beside them has the format.

mod assignment;
mod bench;
mod coordinator;
mod flow;
mod groups;
mod one_log;
mod partitioning;
mod replicas;
mod script;
mod transactional;

use serde_json::Value as Json;

use crate::CaseResult;

/// Runs one file; `None` when nothing here knows how.
pub fn run(area: &str, file: &Json) -> Option<Vec<CaseResult>> {
    let check: fn(&Json) -> Result<(), String> = match area {
        "murmur2" => partitioning::murmur2_case,
        "keyed_partitioner" => partitioning::keyed_case,
        "partition_choice" => partitioning::choice_case,
        "assign_range" => assignment::range_case,
        "assign_cooperative_sticky" => assignment::cooperative_case,
        "assign_roundrobin" => assignment::roundrobin_case,
        "assign_sticky" => assignment::sticky_case,
        "idempotent_producer"
        | "transaction_log"
        | "segment_roll"
        | "retention"
        | "list_offsets"
        | "compaction" => one_log::case,
        "replication" | "leader_election" => replicas::case,
        "group_membership" | "group_static_membership" | "group_offsets" => groups::case,
        "group_flow" => flow::case,
        "transaction_coordinator" => coordinator::case,
        "transactions" => transactional::case,
        _ => return None,
    };
    let cases = file["cases"].as_array()?;
    let result = |case: &Json| CaseResult {
        id: case["id"].as_str().unwrap_or(area).to_owned(),
        outcome: check(case),
    };
    Some(cases.iter().map(result).collect())
}

/// Compares what came with what was expected.
fn equal<T: PartialEq + std::fmt::Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, got {actual:?}"))
}
