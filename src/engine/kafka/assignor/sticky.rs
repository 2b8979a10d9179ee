//! `StickyAssignor` and `CooperativeStickyAssignor`.
//!
//! Balance comes first, then that members keep what they have. Members with equal subscriptions
//! are assigned as in `AbstractStickyAssignor.constrainedAssign`; others in `sticky_general`.

use crate::engine::sort_few;
use std::collections::VecDeque;

use litemap::LiteMap;

use super::{Assignment, Counts, Members, read_partitions, sticky_general};
use crate::engine::Set;
use crate::engine::kafka::types::{MemberId, TopicPartition};

pub(super) fn assign(members: &Members, partition_counts: &Counts) -> Assignment {
    balance(members, partition_counts).0
}

/// The sticky assignment, less what would take a partition from a member that still has it.
pub(super) fn cooperative(members: &Members, partition_counts: &Counts) -> Assignment {
    let (mut assignment, disputed) = balance(members, partition_counts);
    let mut given_up: Set<&TopicPartition> = disputed.iter().collect();
    for (member, subscription) in members {
        let kept = &assignment[member];
        given_up.extend(subscription.owned.iter().filter(|at| !kept.contains(at)));
    }
    let withheld: Vec<(MemberId, TopicPartition)> = assignment
        .iter()
        .flat_map(|(member, run)| run.iter().map(move |at| (member, at)))
        .filter(|(member, at)| {
            let new = !members[*member].owned.contains(at);
            given_up.contains(at) && (new || disputed.contains(at))
        })
        .map(|(member, at)| (member.clone(), at.clone()))
        .collect();
    for (member, gone) in withheld {
        assignment.entry(member).or_default().retain(|at| *at != gone);
    }
    assignment
}

/// The balanced assignment, and the partitions that two members claim for one generation.
fn balance(members: &Members, counts: &Counts) -> (Assignment, Set<TopicPartition>) {
    let (owned, disputed) = claims(members, counts);
    let topics = |one: &super::Subscription| -> Set<_> { one.topics.iter().cloned().collect() };
    let mut subscriptions = members.values().map(topics);
    let first = subscriptions.next();
    let equal = subscriptions.all(|one| Some(&one) == first.as_ref());
    let assignment = if equal {
        constrained(members, counts, owned)
    } else {
        sticky_general::assign(members, counts, owned)
    };
    (assignment, disputed)
}

/// What members may keep. Of several claims to a partition the one of the latest generation
/// counts; two of the same generation cannot both be right, so neither is believed.
fn claims(members: &Members, counts: &Counts) -> (Assignment, Set<TopicPartition>) {
    let mut best: LiteMap<&TopicPartition, (u32, &MemberId)> = LiteMap::new();
    let mut disputed = Set::new();
    for (member, subscription) in members {
        for at in &subscription.owned {
            let exists = counts.get(&at.topic).is_some_and(|count| at.partition < *count);
            if !exists {
                continue;
            }
            match best.get(at) {
                Some((generation, _)) if *generation > subscription.generation => {}
                Some((generation, _)) if *generation == subscription.generation => {
                    disputed.insert(at.clone());
                }
                Some(_) | None => {
                    best.insert(at, (subscription.generation, member));
                    disputed.remove(at);
                }
            }
        }
    }
    let keeps = |member: &MemberId, at: &&TopicPartition| {
        !disputed.contains(at) && best.get(at).is_some_and(|(_, owner)| *owner == member)
    };
    let owned = members.iter().map(|(member, subscription)| {
        let kept = subscription.owned.iter().filter(|at| keeps(member, at));
        (member.clone(), kept.cloned().collect())
    });
    (owned.collect(), disputed)
}

/// For members that all read the same topics: everybody gets the floor or the ceiling of the
/// average. Owners keep up to their quota; the rest is dealt round robin.
fn constrained(members: &Members, counts: &Counts, owned: Assignment) -> Assignment {
    let all: Vec<TopicPartition> = read_partitions(members, counts).collect();
    let count = members.len().max(1);
    let (least, most) = (all.len() / count, all.len().div_ceil(count));
    let above = all.len() % count;
    let (mut below, mut at_least) = (Vec::new(), Vec::new());
    let mut with_more = 0;
    let mut assignment = owned;
    let read = |at: &TopicPartition| members.values().any(|one| one.topics.contains(&at.topic));
    for member in in_hash_order(members) {
        let run = assignment.entry(member.clone()).or_default();
        run.retain(read);
        run.sort_by(|a, b| (a.partition, &a.topic).cmp(&(b.partition, &b.topic)));
        if run.len() < least {
            below.push(member.clone());
        } else if run.len() >= most && with_more < above {
            with_more += 1;
            run.truncate(most);
        } else {
            run.truncate(least);
            at_least.push(member.clone());
        }
    }
    below.sort();
    at_least.sort();
    let mut at_least = VecDeque::from(at_least);
    let kept: Set<TopicPartition> = assignment.values().flatten().cloned().collect();
    let mut turn = 0;
    for at in all.into_iter().filter(|at| !kept.contains(at)) {
        if below.is_empty() {
            let member = at_least.pop_front();
            let member = member.expect("some member is below the ceiling of the average");
            assignment.entry(member).or_default().push(at);
            continue;
        }
        turn %= below.len();
        let run = assignment.entry(below[turn].clone()).or_default();
        run.push(at);
        if run.len() == least {
            at_least.push_back(below.remove(turn));
        } else {
            turn += 1;
        }
    }
    assignment
}

/// Members in the order in which Java's `HashMap` goes through them. It decides which of several
/// owners of too much may keep one more, and nothing else does.
fn in_hash_order(members: &Members) -> Vec<&MemberId> {
    const LEAST_BUCKETS: usize = 16;
    let mut buckets = LEAST_BUCKETS;
    while members.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let bucket = |id: &MemberId| {
        let units = id.encode_utf16();
        let hash =
            units.fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
        (hash ^ hash >> 16) as usize & (buckets - 1)
    };
    let mut ordered: Vec<&MemberId> = members.keys().collect();
    sort_few(&mut ordered, |id| bucket(id));
    ordered
}
