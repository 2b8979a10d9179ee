//! Assignments of partitions to members.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ackademy::engine::kafka::{Assignor, MemberId, Subscription, TopicPartition};
use serde_json::Value as Json;

use super::equal;

type Assignment = BTreeMap<String, BTreeSet<(String, u32)>>;

pub fn range_case(case: &Json) -> Result<(), String> {
    let members = members(&case["members"], &BTreeMap::new(), 0);
    let assignment = assign(Assignor::Range, &case["topics"], &members);
    equal("assignment", flat(&assignment), expected(&case["expect"]["assignment"]))
}

/// Follows the rounds that a cooperative rebalance takes.
pub fn cooperative_case(case: &Json) -> Result<(), String> {
    let mut held = BTreeMap::new();
    for (round, number) in case["rounds"].as_array().ok_or("no rounds")?.iter().zip(1..) {
        let members = members(&round["members"], &held, number - 1);
        let assignment = assign(Assignor::CooperativeSticky, &case["topics"], &members);
        let expect = &round["expect"];
        if expect["mode"] == "exact" {
            let what = format!("assignment of round {number}");
            equal(&what, flat(&assignment), expected(&expect["assignment"]))?;
        } else {
            let loads: Vec<usize> = assignment.values().map(Vec::len).collect();
            let spread = loads.iter().max().unwrap_or(&0) - loads.iter().min().unwrap_or(&0);
            let kafka: usize =
                expected(&expect["kafka_assignment"]).values().map(|one| one.len()).sum();
            equal(&format!("partitions handed out in round {number}"), loads.iter().sum(), kafka)?;
            if expect["balanced"] == true && spread > 1 {
                return Err(format!("round {number} is not balanced: {loads:?}"));
            }
        }
        held = assignment;
    }
    Ok(())
}

fn assign(
    assignor: Assignor,
    topics: &Json,
    members: &BTreeMap<MemberId, Subscription>,
) -> BTreeMap<MemberId, Vec<TopicPartition>> {
    let counts = topics.as_object().into_iter().flatten();
    let counts: BTreeMap<Rc<str>, u32> = counts
        .map(|(topic, count)| (topic.as_str().into(), count.as_u64().unwrap_or(0) as u32))
        .collect();
    assignor.assign(members, &counts)
}

/// The members of a round; what they own is told, or what the round before gave them.
fn members(
    list: &Json,
    held: &BTreeMap<MemberId, Vec<TopicPartition>>,
    generation: u32,
) -> BTreeMap<MemberId, Subscription> {
    let member = |fields: &Json| {
        let id: MemberId = fields["id"].as_str().unwrap_or_default().into();
        let topics = fields["subscribed"].as_array().into_iter().flatten();
        let owned = fields["owned"].as_array().map(|owned| {
            let at = |pair: &Json| TopicPartition {
                topic: pair[0].as_str().unwrap_or_default().into(),
                partition: pair[1].as_u64().unwrap_or(0) as u32,
            };
            owned.iter().map(at).collect()
        });
        let subscription = Subscription {
            topics: topics.filter_map(|topic| Some(topic.as_str()?.into())).collect(),
            instance_id: fields["instance_id"].as_str().map(Rc::from),
            owned: owned.or_else(|| held.get(&id).cloned()).unwrap_or_default(),
            generation: fields["generation"].as_u64().map_or(generation, |one| one as u32),
        };
        (id, subscription)
    };
    list.as_array().into_iter().flatten().map(member).collect()
}

fn flat(assignment: &BTreeMap<MemberId, Vec<TopicPartition>>) -> Assignment {
    let pairs = |run: &Vec<TopicPartition>| {
        run.iter().map(|at| (at.topic.to_string(), at.partition)).collect()
    };
    assignment.iter().map(|(member, run)| (member.to_string(), pairs(run))).collect()
}

fn expected(assignment: &Json) -> Assignment {
    let pairs = |topics: &Json| {
        let topics = topics.as_object().into_iter().flatten();
        topics
            .flat_map(|(topic, partitions)| {
                let numbers = partitions.as_array().into_iter().flatten().filter_map(Json::as_u64);
                numbers.map(|number| (topic.clone(), number as u32))
            })
            .collect()
    };
    let members = assignment.as_object().into_iter().flatten();
    members.map(|(member, topics)| (member.clone(), pairs(topics))).collect()
}
