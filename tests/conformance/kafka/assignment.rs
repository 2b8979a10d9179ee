//! Assignments of partitions to members.

use std::collections::BTreeSet;
use std::rc::Rc;

use ackademy::engine::kafka::{Assignor, MemberId, Subscription, TopicPartition};
use litemap::LiteMap;
use serde_json::Value as Json;

use super::equal;

type Assignment = LiteMap<String, BTreeSet<(String, u32)>>;

pub fn range_case(case: &Json) -> Result<(), String> {
    exact_case(Assignor::Range, case)
}

pub fn roundrobin_case(case: &Json) -> Result<(), String> {
    exact_case(Assignor::RoundRobin, case)
}

fn exact_case(assignor: Assignor, case: &Json) -> Result<(), String> {
    let members = members(&case["members"], &LiteMap::new(), 0);
    let assignment = assign(assignor, &case["topics"], &members);
    equal("assignment", flat(&assignment), expected(&case["expect"]["assignment"]))
}

/// Exact where Kafka leaves no choice; otherwise by the properties that it promises.
pub fn sticky_case(case: &Json) -> Result<(), String> {
    let members = members(&case["members"], &LiteMap::new(), 0);
    let assignment = assign(Assignor::Sticky, &case["topics"], &members);
    let expect = &case["expect"];
    if expect["mode"] == "exact" {
        let wanted = expected(&expect["assignment"]);
        return equal("assignment", flat(&assignment), wanted);
    }
    let kafka = expected(&expect["kafka_assignment"]);
    equal("partitions handed out", all_of(&flat(&assignment)), all_of(&kafka))?;
    follows_subscriptions(&members, &assignment)?;
    if expect["balanced"] == true {
        nobody_can_be_relieved(&members, &assignment)?;
    }
    let loads: Vec<usize> = assignment.values().map(Vec::len).collect();
    let spread = loads.iter().max().unwrap_or(&0) - loads.iter().min().unwrap_or(&0);
    if let Some(most) = expect["spread_at_most"].as_u64().filter(|most| spread as u64 > *most) {
        return Err(format!("loads {loads:?} are more than {most} apart"));
    }
    let moved = moved(&members, &assignment);
    match expect["moved_at_most"].as_u64().filter(|most| moved > *most) {
        Some(most) => Err(format!("{moved} partitions moved, at most {most} need to")),
        None => Ok(()),
    }
}

/// Partitions that are not with the member that claimed them last, if it still reads them.
fn moved(
    members: &LiteMap<MemberId, Subscription>,
    assignment: &LiteMap<MemberId, Vec<TopicPartition>>,
) -> u64 {
    let assigned: BTreeSet<&TopicPartition> = assignment.values().flatten().collect();
    let is_moved = |at: &&&TopicPartition| {
        let reads = |one: &Subscription| one.topics.contains(&at.topic);
        let claims = members.iter().filter(|(_, one)| one.owned.contains(at) && reads(one));
        let latest = claims.clone().map(|(_, one)| one.generation).max();
        let mut owners = claims.filter(|(_, one)| Some(one.generation) == latest);
        latest.is_some() && !owners.any(|(id, _)| assignment[id].contains(at))
    };
    assigned.iter().filter(is_moved).count() as u64
}

fn all_of(assignment: &Assignment) -> BTreeSet<(String, u32)> {
    assignment.values().flatten().cloned().collect()
}

fn follows_subscriptions(
    members: &LiteMap<MemberId, Subscription>,
    assignment: &LiteMap<MemberId, Vec<TopicPartition>>,
) -> Result<(), String> {
    for (id, run) in assignment {
        if let Some(at) = run.iter().find(|at| !members[id].topics.contains(&at.topic)) {
            return Err(format!("{id} got {at}, which it does not read"));
        }
    }
    Ok(())
}

/// Balanced: no partition could go to a reader with at least two fewer.
fn nobody_can_be_relieved(
    members: &LiteMap<MemberId, Subscription>,
    assignment: &LiteMap<MemberId, Vec<TopicPartition>>,
) -> Result<(), String> {
    for (from, run) in assignment {
        for at in run {
            let mut readers = members.iter().filter(|(_, one)| one.topics.contains(&at.topic));
            if let Some((to, _)) = readers.find(|(to, _)| assignment[*to].len() + 1 < run.len()) {
                return Err(format!("{at} should go from {from} to {to}"));
            }
        }
    }
    Ok(())
}

/// Follows the rounds that a cooperative rebalance takes. What members held is told in each round,
/// unless it follows from the properties alone.
pub fn cooperative_case(case: &Json) -> Result<(), String> {
    let rounds = case["rounds"].as_array().ok_or("no rounds")?;
    for (round, number) in rounds.iter().zip(0..) {
        let members = members(&round["members"], &LiteMap::new(), number);
        let assignment = assign(Assignor::CooperativeSticky, &case["topics"], &members);
        let expect = &round["expect"];
        follows_subscriptions(&members, &assignment)?;
        let moved = |(id, run): (&MemberId, &Vec<TopicPartition>)| {
            let mut others = members.iter().filter(|(other, _)| *other != id);
            let taken = |at: &&TopicPartition| run.contains(at) && !members[id].owned.contains(at);
            others.any(|(_, one)| one.owned.iter().any(|at| taken(&at)))
        };
        if expect["mode"] == "exact" {
            let what = format!("assignment of round {}", number + 1);
            equal(&what, flat(&assignment), expected(&expect["assignment"]))?;
        } else if assignment.iter().any(moved) {
            return Err(format!("round {} takes a partition that is held", number + 1));
        }
        if expect["mode"] != "exact" && expect["rebalance_again"] == false {
            let kafka = expected(&expect["kafka_assignment"]);
            equal("partitions handed out", all_of(&flat(&assignment)), all_of(&kafka))?;
            if expect["balanced"] == true {
                nobody_can_be_relieved(&members, &assignment)?;
            }
        }
    }
    Ok(())
}

fn assign(
    assignor: Assignor,
    topics: &Json,
    members: &LiteMap<MemberId, Subscription>,
) -> LiteMap<MemberId, Vec<TopicPartition>> {
    let counts = topics.as_object().into_iter().flatten();
    let counts: LiteMap<Rc<str>, u32> = counts
        .map(|(topic, count)| (topic.as_str().into(), count.as_u64().unwrap_or(0) as u32))
        .collect();
    assignor.assign(members, &counts)
}

/// The members of a round; what they own is told, or what the round before gave them.
fn members(
    list: &Json,
    held: &LiteMap<MemberId, Vec<TopicPartition>>,
    generation: u32,
) -> LiteMap<MemberId, Subscription> {
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

fn flat(assignment: &LiteMap<MemberId, Vec<TopicPartition>>) -> Assignment {
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
