//! Who gets which partitions: the assignors that a group's leader runs.

mod range;
mod roundrobin;
mod sticky;
mod sticky_general;

use crate::engine::sort_few;
use std::rc::Rc;

use litemap::LiteMap;

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
    RoundRobin,
    Sticky,
    CooperativeSticky,
}

type Members = LiteMap<MemberId, Subscription>;
type Counts = LiteMap<Rc<str>, u32>;
type Assignment = LiteMap<MemberId, Vec<TopicPartition>>;

impl Assignor {
    pub const ALL: [Assignor; 4] =
        [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky];

    /// The name in `partition.assignment.strategy`'s protocols.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    pub fn from_name(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// True if members keep their partitions during a rebalance.
    pub fn is_cooperative(self) -> bool {
        match self {
            Assignor::Range | Assignor::RoundRobin | Assignor::Sticky => false,
            Assignor::CooperativeSticky => true,
        }
    }

    /// The partitions of each member. Topics that do not exist are left out of the counts.
    pub fn assign(self, members: &Members, partition_counts: &Counts) -> Assignment {
        match self {
            Assignor::Range => range::assign(members, partition_counts),
            Assignor::RoundRobin => roundrobin::assign(members, partition_counts),
            Assignor::Sticky => sticky::assign(members, partition_counts),
            Assignor::CooperativeSticky => sticky::cooperative(members, partition_counts),
        }
    }
}

fn nothing_for_each(members: &Members) -> Assignment {
    let nothing = |member: &MemberId| (member.clone(), Vec::new());
    members.keys().map(nothing).collect()
}

/// The partitions of the topics that somebody reads, by topic and number.
fn read_partitions<'a>(
    members: &'a Members,
    partition_counts: &'a Counts,
) -> impl Iterator<Item = TopicPartition> + 'a {
    let is_read = |topic: &Rc<str>| {
        let mut subscriptions = members.values();
        subscriptions.any(|one| one.topics.contains(topic))
    };
    let read = partition_counts.iter();
    let read = read.filter(move |(topic, _)| is_read(topic));
    read.flat_map(|(topic, count)| {
        (0..*count).map(|partition| TopicPartition { topic: topic.clone(), partition })
    })
}

/// Static members come first, by instance id, then the others by member id.
fn in_order(members: &Members) -> Vec<(&MemberId, &Subscription)> {
    let mut ordered: Vec<_> = members.iter().collect();
    sort_few(&mut ordered, |(id, one)| (one.instance_id.is_none(), &one.instance_id, *id));
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(members: &[(&str, &[u32])]) -> Members {
        let topic: Rc<str> = "t".into();
        let at = |partition: &u32| TopicPartition { topic: topic.clone(), partition: *partition };
        let subscription = |owned: &[u32]| Subscription {
            topics: vec![topic.clone()],
            instance_id: None,
            owned: owned.iter().map(at).collect(),
            generation: 1,
        };
        members.iter().map(|(name, owned)| ((*name).into(), subscription(owned))).collect()
    }

    fn assigned(assignor: Assignor, partitions: u32, members: &[(&str, &[u32])]) -> Vec<Vec<u32>> {
        let counts = LiteMap::from_iter([("t".into(), partitions)]);
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
        let mixed = Assignor::CooperativeSticky;
        let first = assigned(mixed, 4, &[("a", &[0, 1, 2, 3]), ("b", &[])]);
        assert_eq!(first, [vec![0, 1], vec![]]);
        let second = assigned(mixed, 4, &[("a", &[0, 1]), ("b", &[])]);
        assert_eq!(second, [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn sticky_keeps_what_it_can_when_a_member_comes() {
        let grown = assigned(Assignor::Sticky, 4, &[("a", &[0, 2]), ("b", &[1, 3]), ("c", &[])]);
        assert_eq!(grown, [vec![0, 2], vec![1], vec![3]]);
    }
}
