//! What administrators ask for while the cluster runs: to change topics, and to look.

use std::rc::Rc;

use crate::engine::Instant;

use super::{Cluster, Timer};
use crate::engine::kafka::api::OffsetCommit;
use crate::engine::kafka::description::{
    ClusterDescription, GroupDescription, MemberDescription, PartitionDescription, ReadPartition,
    TopicDescription,
};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event};
use crate::engine::kafka::partition::Partition;
use crate::engine::kafka::types::{MemberId, ResetTo, TopicPartition};

impl Cluster {
    /// Records and committed offsets are gone; whoever waits for them is told so.
    pub(super) fn delete_topic(
        &mut self,
        name: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let topic = self.topics.remove(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        for (mut log, partition) in topic.partitions.into_iter().zip(0..) {
            log.refuse_waiting(ErrorCode::UnknownTopicOrPartition);
            for settled in log.take_settled() {
                self.produces.settle(settled, effects);
            }
            let at = TopicPartition { topic: topic.name.clone(), partition };
            self.fetches.partition_changed(&at, &self.topics, effects);
        }
        self.groups.forget_topic(name, effects);
        effects.push(Effect::Event(Event::TopicDeleted { topic: topic.name }));
        Ok(())
    }

    /// Changes settings of a running topic. What they make possible happens at once.
    pub(super) fn alter_configs(
        &mut self,
        now: Instant,
        name: &str,
        configs: &[(Rc<str>, Rc<str>)],
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let topic = self.topics.get_mut(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let mut changed = topic.config.clone();
        for (setting, value) in configs {
            changed.set(setting, value)?;
        }
        let compact = changed.compact;
        topic.config = changed;
        let (topic, count) = (topic.name.clone(), topic.partitions.len() as u32);
        for (setting, value) in configs {
            effects.push(Effect::Event(Event::TopicConfigChanged {
                topic: topic.clone(),
                name: setting.clone(),
                value: value.clone(),
            }));
        }
        if compact {
            self.begin_periodic(now, (Timer::Cleaner, self.config.cleaner_backoff), effects);
        }
        for partition in 0..count {
            let at = TopicPartition { topic: topic.clone(), partition };
            self.changing(now, (&at, "the topic's settings changed"), effects, |log, config| {
                log.config_changed(now, config);
            })?;
        }
        Ok(())
    }

    /// What `kafka-topics --describe` shows.
    pub fn describe_topic(&self, name: &str) -> Result<TopicDescription, ErrorCode> {
        let topic = self.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let describe = |log: &Partition| PartitionDescription {
            leader: log.leader(),
            leader_epoch: log.leader_epoch(),
            replicas: log.replicas().iter().map(|replica| replica.broker()).collect(),
            in_sync: log.isr().to_vec(),
            log_start_offset: log.log_start_offset(),
            high_watermark: log.high_watermark(),
            log_end_offset: log.log_end_offset(),
        };
        Ok(TopicDescription {
            name: topic.name.clone(),
            partitions: topic.partitions.iter().map(describe).collect(),
            configs: topic.config.entries(),
        })
    }

    /// What runs, and who is the controller.
    pub fn describe_cluster(&self) -> ClusterDescription {
        let (controller, controller_epoch) = self.controller();
        let brokers = (1..=self.config.brokers).filter(|broker| !self.dead.contains(broker));
        ClusterDescription { brokers: brokers.collect(), controller, controller_epoch }
    }

    /// `kafka-consumer-groups --reset-offsets --execute`: commits from outside of the group, so the
    /// group must be empty. No partitions stand for all that it has committed.
    pub(super) fn reset_offsets(
        &mut self,
        now: Instant,
        group: Rc<str>,
        mut partitions: Vec<TopicPartition>,
        to: ResetTo,
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<(TopicPartition, u64)>, ErrorCode> {
        let known = self.group(&group);
        if let (true, Some(known)) = (partitions.is_empty(), known) {
            partitions = known.all_committed().map(|(at, _)| at.clone()).collect();
        }
        let target = |at: TopicPartition| {
            let committed = known.and_then(|known| known.committed(&at));
            let log = self.partition(&at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
            Ok((at, log.reset_target(to, committed)?))
        };
        let targets: Result<Vec<_>, _> = partitions.into_iter().map(target).collect();
        let offsets = targets?;
        let commit = OffsetCommit { group, member: None, offsets: offsets.clone() };
        self.groups.commit(now, commit, effects)?;
        Ok(offsets)
    }

    /// What `kafka-consumer-groups --describe` shows.
    pub fn describe_group(&self, id: &str) -> Result<GroupDescription, ErrorCode> {
        let group = self.group(id).ok_or(ErrorCode::GroupIdNotFound)?;
        let owner = |at: &TopicPartition| -> Option<MemberId> {
            let mut members = group.members();
            members.find(|one| one.assignment().contains(at)).map(|one| one.id().clone())
        };
        let partitions = self.lag(id).into_iter().map(|(at, lag)| ReadPartition {
            committed: group.committed(&at),
            log_end_offset: self.partition(&at).map_or(0, Partition::log_end_offset),
            owner: owner(&at),
            lag,
            partition: at,
        });
        let members = group.members().map(|member| MemberDescription {
            id: member.id().clone(),
            instance: member.instance().cloned(),
            leads: group.leader() == Some(member.id()),
            assignment: member.assignment().to_vec(),
        });
        Ok(GroupDescription {
            group: group.id().clone(),
            state: group.state(),
            generation: group.generation(),
            protocol: group.protocol().into(),
            members: members.collect(),
            partitions: partitions.collect(),
        })
    }
}
