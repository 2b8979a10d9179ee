//! Brokers that stop and start, and the copies that they keep.

use crate::engine::Instant;

use super::Cluster;
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event, Timer};
use crate::engine::kafka::log::TopicConfig;
use crate::engine::kafka::partition::{Partition, ReplicaFetch};
use crate::engine::kafka::types::TopicPartition;

impl Cluster {
    /// A broker dies. Partitions that it led get another leader, if one is in sync.
    pub fn kill_broker(&mut self, now: Instant, broker: u32) -> Vec<Effect> {
        if !self.dead.contains(&broker) {
            self.dead.push(broker);
        }
        let mut effects = vec![Effect::Event(Event::BrokerStopped { broker })];
        let kill = |log: &mut Partition, config: &TopicConfig| log.kill(now, config, broker);
        self.with_all_partitions(now, "a broker stopped", kill, &mut effects);
        effects
    }

    /// A broker is back with the logs that it had.
    pub fn restart_broker(&mut self, now: Instant, broker: u32) -> Vec<Effect> {
        self.dead.retain(|dead| *dead != broker);
        let mut effects = vec![Effect::Event(Event::BrokerStarted { broker })];
        let restart = |log: &mut Partition, config: &TopicConfig| log.restart(now, config, broker);
        self.with_all_partitions(now, "a broker is back", restart, &mut effects);
        effects
    }

    /// How many brokers there are, dead ones too.
    pub fn brokers(&self) -> u32 {
        self.config.brokers
    }

    /// Brokers that do not run.
    pub fn dead_brokers(&self) -> &[u32] {
        &self.dead
    }

    fn with_all_partitions(
        &mut self,
        now: Instant,
        reason: &'static str,
        mut change: impl FnMut(&mut Partition, &TopicConfig),
        effects: &mut Vec<Effect>,
    ) {
        for at in self.all_partitions() {
            let known = self.changing(now, (&at, reason), effects, &mut change);
            known.expect("the partition was listed a moment ago");
        }
    }

    fn all_partitions(&self) -> Vec<TopicPartition> {
        let partitions = |topic: &super::Topic| {
            let name = topic.name.clone();
            (0..topic.partitions.len() as u32)
                .map(move |partition| TopicPartition { topic: name.clone(), partition })
        };
        self.topics.values().flat_map(partitions).collect()
    }

    /// Changes a partition for a reason and tells what came of it: leader, in-sync set, waiting reads
    /// and writes.
    pub(super) fn changing<T>(
        &mut self,
        now: Instant,
        (at, reason): (&TopicPartition, &'static str),
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut Partition, &TopicConfig) -> T,
    ) -> Result<T, ErrorCode> {
        let (log, config) = self.partition_mut(at)?;
        let (leader, epoch, in_sync) = (log.leader(), log.leader_epoch(), log.isr().to_vec());
        let outcome = change(log, config);
        if log.leader() != leader || log.leader_epoch() != epoch {
            effects.push(Effect::Event(Event::LeaderElected {
                partition: at.clone(),
                broker: log.leader(),
                epoch: log.leader_epoch(),
                reason,
            }));
        }
        if log.isr() != in_sync {
            effects.push(Effect::Event(Event::InSyncReplicasChanged {
                partition: at.clone(),
                brokers: log.isr().to_vec(),
                reason,
            }));
        }
        self.written(now, at, effects);
        Ok(outcome)
    }

    pub(super) fn schedule_replica_fetches(
        &self,
        now: Instant,
        at: &TopicPartition,
        effects: &mut Vec<Effect>,
    ) {
        let Some(log) = self.partition(at).filter(|log| log.replicas().len() > 1) else {
            return;
        };
        let brokers = log.replicas().iter().map(|replica| replica.broker());
        for broker in brokers.filter(|broker| log.wants_fetch(*broker)) {
            effects.push(Effect::Schedule {
                timer: Timer::ReplicaFetch { partition: at.clone(), broker },
                due: now + self.config.replica_fetch_time,
            });
        }
    }

    pub(super) fn replica_fetch(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        broker: u32,
        effects: &mut Vec<Effect>,
    ) {
        let fetch =
            |log: &mut Partition, config: &TopicConfig| log.replica_fetch(now, config, broker);
        let fetched = self.changing(now, (at, "a follower caught up"), effects, fetch);
        if let Ok(Ok(ReplicaFetch::Diverged { truncated_to, .. })) = fetched {
            effects.push(Effect::Event(Event::Truncated {
                partition: at.clone(),
                broker,
                to: truncated_to,
            }));
        }
    }

    pub(super) fn check_in_sync_replicas(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let reason = "a follower was behind for replica.lag.time.max.ms";
        let shrink = |log: &mut Partition, config: &TopicConfig| log.shrink_isr(now, config);
        self.with_all_partitions(now, reason, shrink, effects);
        effects.push(Effect::Schedule {
            timer: Timer::InSyncReplicas,
            due: now + self.config.replica_lag_time_max / 2,
        });
    }
}
