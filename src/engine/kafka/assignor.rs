//! Who gets which partitions: the assignors that a group's leader runs.
//!
//! `range` follows `RangeAssignor`; `cooperative-sticky` follows `CooperativeStickyAssignor` for
//! members with equal subscriptions (`AbstractStickyAssignor.constrainedAssign`): quotas, partitions
//! kept where they are, and in a first round no partition goes to a new owner before the old one
//! has given it up.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::types::{MemberId, TopicPartition};

/// What a member tells the leader about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    pub topics: Vec<Rc<str>>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Rc<str>>,
    /// Partitions that it holds, and the generation in which it got them.
    pub owned: Vec<TopicPartition>,
    pub generation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Assignor {
    Range,
    CooperativeSticky,
}

type Assignment = BTreeMap<MemberId, Vec<TopicPartition>>;

impl Assignor {
    pub const ALL: [Assignor; 2] = [Assignor::Range, Assignor::CooperativeSticky];

    /// The name in `partition.assignment.strategy`'s protocols.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    pub fn from_name(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// True if members keep their partitions during a rebalance.
    pub fn is_cooperative(self) -> bool {
        match self {
            Assignor::Range => false,
            Assignor::CooperativeSticky => true,
        }
    }

    pub fn assign(
        self,
        members: &BTreeMap<MemberId, Subscription>,
        partition_counts: &BTreeMap<Rc<str>, u32>,
    ) -> Assignment {
        match self {
            Assignor::Range => range(members, partition_counts),
            Assignor::CooperativeSticky => cooperative_sticky(members, partition_counts),
        }
    }
}

/// Topic by topic, each subscriber gets a run of partitions; the first ones get one more where the
/// division leaves a rest. Static members come first, by instance id, then the others by member id.
fn range(
    members: &BTreeMap<MemberId, Subscription>,
    partition_counts: &BTreeMap<Rc<str>, u32>,
) -> Assignment {
    let mut assignment = nothing_for_each(members);
    for (topic, partitions) in partition_counts {
        let mut subscribers: Vec<(&MemberId, &Subscription)> =
            members.iter().filter(|(_, one)| one.topics.contains(topic)).collect();
        subscribers.sort_by_key(|(id, one)| (one.instance_id.is_none(), &one.instance_id, *id));
        let mut next = 0;
        for ((member, _), index) in subscribers.iter().zip(0..) {
            let count = subscribers.len() as u32;
            let share = partitions / count + u32::from(index < partitions % count);
            let run = (next..next + share)
                .map(|partition| TopicPartition { topic: topic.clone(), partition });
            assignment.entry((*member).clone()).or_default().extend(run);
            next += share;
        }
    }
    assignment
}

fn nothing_for_each(members: &BTreeMap<MemberId, Subscription>) -> Assignment {
    members.keys().map(|member| (member.clone(), Vec::new())).collect()
}

/// The sticky assignment, less what would take a partition from an owner that still has it.
fn cooperative_sticky(
    members: &BTreeMap<MemberId, Subscription>,
    partition_counts: &BTreeMap<Rc<str>, u32>,
) -> Assignment {
    let owners = owners(members, partition_counts);
    let mut assignment = sticky(members, partition_counts, &owners);
    let held: BTreeMap<&TopicPartition, &MemberId> = members
        .iter()
        .flat_map(|(member, subscription)| subscription.owned.iter().map(move |at| (at, member)))
        .collect();
    for (member, partitions) in &mut assignment {
        partitions.retain(|at| held.get(at).is_none_or(|holder| *holder == member));
    }
    assignment
}

/// Who holds what: of several claims to a partition, that of the highest generation counts.
fn owners(
    members: &BTreeMap<MemberId, Subscription>,
    partition_counts: &BTreeMap<Rc<str>, u32>,
) -> BTreeMap<TopicPartition, MemberId> {
    let mut claims: BTreeMap<TopicPartition, (u32, Option<MemberId>)> = BTreeMap::new();
    for (member, subscription) in members {
        for at in &subscription.owned {
            if partition_counts.get(&at.topic).is_none_or(|count| at.partition >= *count) {
                continue;
            }
            let claim = claims.entry(at.clone()).or_insert((0, None));
            if claim.1.is_none() || subscription.generation > claim.0 {
                *claim = (subscription.generation, Some(member.clone()));
            } else if subscription.generation == claim.0 {
                // Two members of one generation cannot both be right, so neither is believed.
                claim.1 = None;
            }
        }
    }
    claims.into_iter().filter_map(|(at, (_, member))| Some((at, member?))).collect()
}

fn sticky(
    members: &BTreeMap<MemberId, Subscription>,
    partition_counts: &BTreeMap<Rc<str>, u32>,
    owners: &BTreeMap<TopicPartition, MemberId>,
) -> Assignment {
    let all: Vec<TopicPartition> = partition_counts
        .iter()
        .flat_map(|(topic, count)| {
            (0..*count).map(|partition| TopicPartition { topic: topic.clone(), partition })
        })
        .collect();
    let count = members.len().max(1);
    let (least, most) = (all.len() / count, all.len().div_ceil(count));
    let mut with_more = all.len() % count;
    let mut assignment = nothing_for_each(members);
    for (at, member) in owners {
        assignment.entry(member.clone()).or_default().push(at.clone());
    }
    // Members above the quota give up; the first ones may keep one more where there is a rest.
    for partitions in assignment.values_mut() {
        let keep = if partitions.len() >= most && with_more > 0 { most } else { least };
        if partitions.len() > least && keep == most && most > least {
            with_more -= 1;
        }
        partitions.truncate(keep);
    }
    let kept: BTreeSet<TopicPartition> = assignment.values().flatten().cloned().collect();
    let mut free = all.into_iter().filter(|at| !kept.contains(at)).peekable();
    deal(&mut assignment, &mut free, least);
    deal(&mut assignment, &mut free, most);
    assignment
}

/// Deals partitions round robin to the members that have fewer than the quota.
fn deal(
    assignment: &mut Assignment,
    free: &mut std::iter::Peekable<impl Iterator<Item = TopicPartition>>,
    quota: usize,
) {
    while free.peek().is_some() && assignment.values().any(|partitions| partitions.len() < quota) {
        for partitions in assignment.values_mut().filter(|partitions| partitions.len() < quota) {
            partitions.extend(free.next());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(members: &[(&str, &[u32])]) -> BTreeMap<MemberId, Subscription> {
        let topic: Rc<str> = "t".into();
        let subscription = |owned: &[u32]| Subscription {
            topics: vec![topic.clone()],
            instance_id: None,
            owned: owned
                .iter()
                .map(|partition| TopicPartition { topic: topic.clone(), partition: *partition })
                .collect(),
            generation: 1,
        };
        members.iter().map(|(name, owned)| ((*name).into(), subscription(owned))).collect()
    }

    fn assigned(assignor: Assignor, partitions: u32, members: &[(&str, &[u32])]) -> Vec<Vec<u32>> {
        let counts = BTreeMap::from([("t".into(), partitions)]);
        let assignment = assignor.assign(&group(members), &counts);
        assignment.values().map(|run| run.iter().map(|at| at.partition).collect()).collect()
    }

    #[test]
    fn range_gives_runs_and_the_rest_to_the_first() {
        let assignment = assigned(Assignor::Range, 7, &[("a", &[]), ("b", &[]), ("c", &[])]);
        assert_eq!(assignment, [vec![0, 1, 2], vec![3, 4], vec![5, 6]]);
    }

    #[test]
    fn a_thirteenth_member_of_twelve_partitions_is_idle() {
        let names: Vec<String> = (10..23).map(|n| format!("m{n}")).collect();
        let members: Vec<(&str, &[u32])> =
            names.iter().map(|name| (&**name, [].as_slice())).collect();
        let assignment = assigned(Assignor::Range, 12, &members);
        assert_eq!(assignment.iter().filter(|run| run.is_empty()).count(), 1);
    }

    #[test]
    fn cooperative_sticky_withholds_a_partition_until_its_owner_gave_it_up() {
        let first = assigned(Assignor::CooperativeSticky, 4, &[("a", &[0, 1, 2, 3]), ("b", &[])]);
        assert_eq!(first, [vec![0, 1], vec![]]);
        let second = assigned(Assignor::CooperativeSticky, 4, &[("a", &[0, 1]), ("b", &[])]);
        assert_eq!(second, [vec![0, 1], vec![2, 3]]);
    }
}
