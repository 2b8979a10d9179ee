//! The sticky assignment for members with different subscriptions.
//!
//! Kafka's `GeneralAssignmentBuilder` promises that no partition can move to a reader with at least
//! two fewer, and that members keep what they have as far as that allows. The promise is kept here
//! by simpler steps: keep, give what is free to the reader with the least, then move one by one.

use crate::engine::sort_few;
use litemap::LiteMap;

use super::{Assignment, Counts, Members, read_partitions};
use crate::engine::Set;
use crate::engine::kafka::types::{MemberId, TopicPartition};

pub(super) fn assign(members: &Members, counts: &Counts, owned: Assignment) -> Assignment {
    let mut assignment = owned;
    for (member, run) in &mut assignment {
        run.retain(|at| members[member].topics.contains(&at.topic));
    }
    let kept: Set<TopicPartition> = assignment.values().flatten().cloned().collect();
    let mut free: Vec<(usize, TopicPartition)> = read_partitions(members, counts)
        .filter(|at| !kept.contains(at))
        .map(|at| (readers(members, &at).count(), at))
        .collect();
    // Partitions with few readers go first, as they have the least choice.
    free.sort();
    let mut previous: LiteMap<TopicPartition, MemberId> = LiteMap::new();
    for (member, run) in &assignment {
        previous.extend(run.iter().map(|at| (at.clone(), member.clone())));
    }
    for (_, at) in free {
        let least = readers(members, &at).min_by_key(|member| assignment[*member].len());
        if let Some(member) = least.cloned() {
            assignment.entry(member).or_default().push(at);
        }
    }
    while let Some((from, to, at)) = find_move(members, &assignment, &previous) {
        assignment.entry(from).or_default().retain(|one| *one != at);
        assignment.entry(to).or_default().push(at);
    }
    assignment
}

fn readers<'a>(members: &'a Members, at: &'a TopicPartition) -> impl Iterator<Item = &'a MemberId> {
    let read = members.iter();
    let read = read.filter(|(_, one)| one.topics.contains(&at.topic));
    read.map(|(member, _)| member)
}

/// A partition that can go to a reader with at least two fewer, from the member with the most that
/// has one; rather one that the member got just now. Each move brings two members nearer to each
/// other, so there is an end.
fn find_move(
    members: &Members,
    assignment: &Assignment,
    previous: &LiteMap<TopicPartition, MemberId>,
) -> Option<(MemberId, MemberId, TopicPartition)> {
    let mut loaded: Vec<(&MemberId, usize)> =
        assignment.iter().map(|(id, run)| (id, run.len())).collect();
    sort_few(&mut loaded, |(_, load)| std::cmp::Reverse(*load));
    for (from, load) in loaded {
        let targets = |at: &TopicPartition| {
            let readers = readers(members, at);
            readers
                .filter(|member| assignment[*member].len() + 1 < load)
                .min_by_key(|member| assignment[*member].len())
                .cloned()
        };
        let moves = assignment[from].iter();
        let moves = moves.filter_map(|at| Some((targets(at)?, at)));
        let best = moves.min_by_key(|(to, at)| {
            let was_here = previous.get(*at) == Some(from);
            (was_here, assignment[to].len())
        });
        if let Some((to, at)) = best {
            return Some((from.clone(), to, at.clone()));
        }
    }
    None
}
