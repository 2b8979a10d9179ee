//! `RangeAssignor`.

use super::{Assignment, Counts, Members, in_order, nothing_for_each};
use crate::engine::kafka::types::TopicPartition;

/// Topic by topic, each subscriber gets a run of partitions; the first ones get one more where the
/// division leaves a rest.
pub(super) fn assign(members: &Members, partition_counts: &Counts) -> Assignment {
    let mut assignment = nothing_for_each(members);
    for (topic, partitions) in partition_counts {
        let mut subscribers = in_order(members);
        subscribers.retain(|(_, one)| one.topics.contains(topic));
        let count = subscribers.len() as u32;
        let mut next = 0;
        for ((member, _), index) in subscribers.iter().zip(0..) {
            let share = partitions / count + u32::from(index < partitions % count);
            let run = (next..next + share)
                .map(|partition| TopicPartition { topic: topic.clone(), partition });
            assignment.entry((*member).clone()).or_default().extend(run);
            next += share;
        }
    }
    assignment
}
