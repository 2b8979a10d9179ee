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
        self.elect_controller("the controller stopped", &mut effects);
        let kill = |log: &mut Partition, config: &TopicConfig| log.kill(now, config, broker);
        self.with_all_partitions(now, "a broker stopped", kill, &mut effects);
        effects
    }

    /// A broker is back with the logs that it had.
    pub fn restart_broker(&mut self, now: Instant, broker: u32) -> Vec<Effect> {
        self.dead.retain(|dead| *dead != broker);
        let mut effects = vec![Effect::Event(Event::BrokerStarted { broker })];
        self.elect_controller("a broker is back", &mut effects);
        let restart = |log: &mut Partition, config: &TopicConfig| log.restart(now, config, broker);
        self.with_all_partitions(now, "a broker is back", restart, &mut effects);
        effects
    }

    /// A controller stays as long as its broker runs; then the first living broker takes over. In
    /// Kafka the controllers vote, and it takes them a moment.
    fn elect_controller(&mut self, reason: &'static str, effects: &mut Vec<Effect>) {
        let (controller, epoch) = self.controller;
        if controller.is_some_and(|broker| !self.dead.contains(&broker)) {
            return;
        }
        let broker = (1..=self.config.brokers).find(|broker| !self.dead.contains(broker));
        if broker != controller {
            let epoch = epoch + 1;
            self.controller = (broker, epoch);
            effects.push(Effect::Event(Event::ControllerElected { broker, epoch, reason }));
        }
    }

    /// The broker that decides who leads, and its epoch.
    pub fn controller(&self) -> (Option<u32>, u32) {
        self.controller
    }

    /// `auto.leader.rebalance.enable`: brokers that do not lead enough of the partitions that prefer
    /// them get these back, if they are in sync.
    pub(super) fn balance_leaders(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let all = self.all_partitions();
        for broker in 1..=self.config.brokers {
            let prefers = |at: &&TopicPartition| {
                self.partition(at).is_some_and(|log| log.replicas()[0].broker() == broker)
            };
            let preferring: Vec<&TopicPartition> = all.iter().filter(prefers).collect();
            let led_by_others = |at: &&TopicPartition| {
                self.partition(at).is_some_and(|log| log.leader() != Some(broker))
            };
            let strayed: Vec<&TopicPartition> =
                preferring.iter().copied().filter(led_by_others).collect();
            let percentage = self.config.leader_imbalance_percentage as usize;
            if strayed.len() * 100 <= preferring.len() * percentage {
                continue;
            }
            for at in strayed {
                let reason = "its preferred leader is back";
                let elect = |log: &mut Partition, config: &TopicConfig| {
                    // Refused as long as the broker is dead or not in sync.
                    log.elect_preferred(now, config).is_ok()
                };
                let known = self.changing(now, (at, reason), effects, elect);
                known.expect("the partition was listed a moment ago");
            }
        }
        effects.push(Effect::Schedule {
            timer: Timer::LeaderImbalance,
            due: now + self.config.leader_imbalance_check,
        });
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
        let (leader, epoch, in_sync) = (log.leader(), log.leader_epoch(), log.shared_isr());
        let readable = log.high_watermark();
        let outcome = change(log, config);
        if log.leader() != leader || log.leader_epoch() != epoch {
            effects.push(Effect::Event(Event::LeaderElected {
                partition: at.clone(),
                broker: log.leader(),
                epoch: log.leader_epoch(),
                reason,
            }));
        }
        if *log.isr() != **in_sync {
            effects.push(Effect::Event(Event::InSyncReplicasChanged {
                partition: at.clone(),
                brokers: log.isr().to_vec(),
                reason,
            }));
        }
        tell_high_watermark(at, log, readable, reason, effects);
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
        let partition = at.clone();
        effects.push(Effect::Event(match fetched {
            Ok(Ok(ReplicaFetch::Fetched { fetch_offset, records, .. })) if records > 0 => {
                let (base_offset, count) = (fetch_offset, records);
                Event::Replicated { partition, broker, base_offset, count }
            }
            Ok(Ok(ReplicaFetch::Diverged { truncated_to: to, lost, .. })) => {
                Event::Truncated { partition, broker, to, lost }
            }
            _ => return,
        }));
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

/// Tells of a high watermark that rose from `before`. With a single copy it is the end of the log,
/// and what is appended tells of it.
pub(super) fn tell_high_watermark(
    at: &TopicPartition,
    log: &Partition,
    before: u64,
    reason: &'static str,
    effects: &mut Vec<Effect>,
) {
    let high_watermark = log.high_watermark();
    if log.replicas().len() > 1 && high_watermark > before {
        let partition = at.clone();
        let event = Event::HighWatermarkMoved { partition, high_watermark, reason };
        effects.push(Effect::Event(event));
    }
}
