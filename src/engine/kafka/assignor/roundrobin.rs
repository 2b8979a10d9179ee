//! `RoundRobinAssignor`.

use super::{Assignment, Counts, Members, in_order, nothing_for_each, read_partitions};

/// Partitions go round the members in turn; a member that does not read the topic is passed over.
pub(super) fn assign(members: &Members, partition_counts: &Counts) -> Assignment {
    let mut assignment = nothing_for_each(members);
    let order = in_order(members);
    let mut turns = order.iter().cycle();
    for at in read_partitions(members, partition_counts) {
        for (member, subscription) in turns.by_ref() {
            if subscription.topics.contains(&at.topic) {
                assignment.entry((*member).clone()).or_default().push(at);
                break;
            }
        }
    }
    assignment
}
