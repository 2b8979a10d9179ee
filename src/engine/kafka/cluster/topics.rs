//! Topics: their making, lookups, and the periodic looks at all logs.

use std::rc::Rc;

use crate::engine::Instant;

use super::Cluster;
use crate::engine::kafka::api::{ByPartition, Election};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event, Timer};
use crate::engine::kafka::log::{Cleaning, Deletion, Isolation, TopicConfig};
use crate::engine::kafka::partition::Partition;
use crate::engine::kafka::topic::Topic;
use crate::engine::kafka::types::{OffsetSpec, TopicPartition};

impl Cluster {
    /// The number of partitions of those topics that exist.
    pub(super) fn partition_counts(&self, topics: Vec<Rc<str>>) -> Vec<(Rc<str>, u32)> {
        let known = topics.into_iter();
        known.filter_map(|name| Some((name.clone(), self.partition_count(&name)?))).collect()
    }

    pub(super) fn list_offsets(
        &self,
        partitions: Vec<TopicPartition>,
        spec: OffsetSpec,
        isolation: Isolation,
    ) -> ByPartition<Option<(u64, i64)>> {
        let look_up = |at: TopicPartition| {
            let log = self.partition(&at).ok_or(ErrorCode::UnknownTopicOrPartition);
            let offset = log.and_then(|log| log.lookup(spec, isolation));
            (at, offset)
        };
        partitions.into_iter().map(look_up).collect()
    }

    pub(super) fn delete_records(
        &mut self,
        at: &TopicPartition,
        before: Option<u64>,
        effects: &mut Vec<Effect>,
    ) -> Result<u64, ErrorCode> {
        let (log, _) = self.partition_mut(at)?;
        let start = log.log_start_offset();
        let log_start_offset = log.delete_records(before)?;
        if log_start_offset > start {
            let partition = at.clone();
            effects.push(Effect::Event(Event::RecordsDeleted { partition, log_start_offset }));
        }
        Ok(log_start_offset)
    }

    pub(super) fn partition_mut(
        &mut self,
        at: &TopicPartition,
    ) -> Result<(&mut Partition, &TopicConfig), ErrorCode> {
        let topic = self.topics.get_mut(&at.topic);
        let topic = topic.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let log = topic.partitions.get_mut(at.partition as usize);
        let log = log.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        Ok((log, &topic.config))
    }

    pub(super) fn partition_count(&self, topic: &str) -> Option<u32> {
        let topic = self.topics.get(topic)?;
        Some(topic.partitions.len() as u32)
    }

    pub(super) fn create_topic(
        &mut self,
        now: Instant,
        name: Rc<str>,
        partitions: u32,
        config: TopicConfig,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        if self.topics.contains_key(&name) {
            return Err(ErrorCode::TopicAlreadyExists);
        }
        if partitions == 0 {
            return Err(ErrorCode::InvalidPartitions);
        }
        if config.replication_factor == 0 || config.replication_factor > self.config.brokers {
            return Err(ErrorCode::InvalidReplicationFactor);
        }
        let copies = config.replication_factor > 1;
        let looks = [
            (Timer::Retention, self.config.retention_check, true),
            (Timer::Cleaner, self.config.cleaner_backoff, config.compact),
            (Timer::InSyncReplicas, self.config.replica_lag_time_max / 2, copies),
            (Timer::LeaderImbalance, self.config.leader_imbalance_check, copies),
        ];
        for (timer, interval, _) in looks.into_iter().filter(|(_, _, needed)| *needed) {
            self.begin_periodic(now, (timer, interval), effects);
        }
        let logs = (0..partitions).map(|number| self.new_partition(now, number, &config));
        let topic = Topic { name: name.clone(), partitions: logs.collect(), config };
        self.topics.insert(name.clone(), topic);
        effects.push(Effect::Event(Event::TopicCreated { topic: name, partitions }));
        Ok(())
    }

    /// Leaders go round the brokers, the other copies to the brokers after them.
    fn new_partition(&self, now: Instant, number: u32, config: &TopicConfig) -> Partition {
        let broker = |copy: u32| (number + copy) % self.config.brokers + 1;
        let brokers: Vec<u32> = (0..config.replication_factor).map(broker).collect();
        let mut partition = Partition::new(now, &brokers, self.config.replica_lag_time_max);
        for dead in &self.dead {
            partition.kill(now, config, *dead);
        }
        partition
    }

    /// Partitions can only be added.
    pub(super) fn create_partitions(
        &mut self,
        now: Instant,
        name: Rc<str>,
        total: u32,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let topic = self.topics.get(&name);
        let topic = topic.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let first = topic.partitions.len() as u32;
        if total <= first {
            return Err(ErrorCode::InvalidPartitions);
        }
        let config = topic.config.clone();
        let added: Vec<Partition> =
            (first..total).map(|number| self.new_partition(now, number, &config)).collect();
        if let Some(topic) = self.topics.get_mut(&name) {
            topic.partitions.extend(added);
        }
        effects.push(Effect::Event(Event::PartitionsAdded { topic: name, partitions: total }));
        Ok(())
    }

    pub(super) fn elect_leader(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        election: Election,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let reason = match election {
            Election::Preferred => "the preferred leader was asked for",
            Election::Unclean => "an unclean election was asked for",
        };
        self.changing(now, (at, reason), effects, |log, config| match election {
            Election::Preferred => log.elect_preferred(now, config),
            Election::Unclean => log.elect_unclean(now, config),
        })?
    }

    pub(super) fn apply_retention(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        for (_, topic) in self.topics.iter_mut() {
            for (log, partition) in topic.partitions.iter_mut().zip(0..) {
                for deletion in log.apply_retention(now, &topic.config) {
                    let Deletion { segments, log_start_offset, reason } = deletion;
                    let partition = TopicPartition { topic: topic.name.clone(), partition };
                    effects.push(Effect::Event(Event::SegmentDeleted {
                        partition,
                        segments,
                        log_start_offset,
                        reason,
                    }));
                }
            }
        }
        effects.push(Effect::Schedule {
            timer: Timer::Retention,
            due: now + self.config.retention_check,
        });
    }

    pub(super) fn compact(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        for topic in self.topics.iter_mut().map(|(_, it)| it).filter(|topic| topic.config.compact) {
            for (log, partition) in topic.partitions.iter_mut().zip(0..) {
                let cleaning = log.compact(now, &topic.config);
                if let Some(Cleaning { cleaned_up_to: Some(up_to), removed, .. }) = cleaning {
                    let partition = TopicPartition { topic: topic.name.clone(), partition };
                    effects.push(Effect::Event(Event::Compacted { partition, up_to, removed }));
                }
            }
        }
        effects.push(Effect::Schedule {
            timer: Timer::Cleaner,
            due: now + self.config.cleaner_backoff,
        });
    }

    pub(super) fn expire_producers(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        for log in self.topics.iter_mut().map(|(_, it)| it).flat_map(|topic| &mut topic.partitions)
        {
            log.expire_producers(now, self.config.producer_id_expiration);
        }
        effects.push(Effect::Schedule {
            timer: Timer::ProducerIds,
            due: now + self.config.producer_id_check,
        });
    }
}
