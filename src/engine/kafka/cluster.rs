//! The cluster: topics, and who is asked for what.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::api::{Effect, Event, Reply, Request, Response, Timer};
use super::fetching::Fetches;
use super::group::{Group, Groups};
use super::log::{Partition, TopicConfig};
use super::types::{Call, ErrorCode, OffsetSpec, Record, TopicPartition};

/// Settings of the brokers.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// `log.retention.check.interval.ms`
    pub retention_check: Duration,
    /// `group.initial.rebalance.delay.ms`: how long a new group waits for more members.
    pub initial_rebalance_delay: Duration,
}

impl Default for BrokerConfig {
    /// Kafka's: five minutes and three seconds.
    fn default() -> BrokerConfig {
        BrokerConfig {
            retention_check: Duration::from_secs(300),
            initial_rebalance_delay: Duration::from_secs(3),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Topic {
    name: Rc<str>,
    config: TopicConfig,
    partitions: Vec<Partition>,
}

impl Topic {
    pub fn name(&self) -> &Rc<str> {
        &self.name
    }

    pub fn config(&self) -> &TopicConfig {
        &self.config
    }

    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }
}

/// What the brokers of a cluster do together.
#[derive(Clone, Debug)]
pub struct Cluster {
    config: BrokerConfig,
    topics: BTreeMap<Rc<str>, Topic>,
    fetches: Fetches,
    groups: Groups,
}

impl Cluster {
    pub fn new(config: BrokerConfig) -> Cluster {
        let groups = Groups::new(config.initial_rebalance_delay);
        Cluster { config, topics: BTreeMap::new(), fetches: Fetches::default(), groups }
    }

    /// Takes a request. A late answer comes as [`Effect::Answer`].
    pub fn handle(&mut self, now: Instant, call: Call, request: Request) -> (Reply, Vec<Effect>) {
        let mut effects = Vec::new();
        let reply = self.answer(now, call, request, &mut effects);
        (reply.map_or(Reply::Later, Reply::Answer), effects)
    }

    /// A timer is due.
    pub fn timeout(&mut self, now: Instant, timer: Timer) -> Vec<Effect> {
        let mut effects = Vec::new();
        match timer {
            Timer::FetchWait(call) => self.fetches.give_up(call, &mut effects),
            Timer::Session { group, member } => {
                self.groups.session_expired(now, &group, &member, &mut effects);
            }
            Timer::Rebalance { group } => self.groups.rebalance_due(now, &group, &mut effects),
            Timer::Retention => self.apply_retention(now, &mut effects),
        }
        self.hand_out_partition_counts(&mut effects);
        effects
    }

    fn answer(
        &mut self,
        now: Instant,
        call: Call,
        request: Request,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let response = match request {
            Request::CreateTopic { name, partitions, config } => {
                Response::CreateTopic(self.create_topic(now, name, partitions, config, effects))
            }
            Request::CreatePartitions { name, total } => {
                Response::CreatePartitions(self.create_partitions(&name, total))
            }
            Request::Metadata { topics } => {
                let count = |name: Rc<str>| Some((name.clone(), self.partition_count(&name)?));
                Response::Metadata(topics.into_iter().filter_map(count).collect())
            }
            Request::Produce { batches } => {
                let appended = batches.into_iter().map(|(at, records)| {
                    let offset = self.append(now, &at, records, effects);
                    (at, offset)
                });
                Response::Produce(appended.collect())
            }
            Request::Fetch { positions, max_wait, max_partition_bytes } => {
                let topics = &self.topics;
                return self.fetches.fetch(
                    call,
                    positions,
                    max_partition_bytes,
                    (now + max_wait, effects),
                    topics,
                );
            }
            Request::ListOffsets { partitions, spec } => {
                let found = partitions.into_iter().map(|at| {
                    let offset = self.lookup(&at, spec);
                    (at, offset)
                });
                Response::ListOffsets(found.collect())
            }
            Request::JoinGroup(join) => {
                let answer = self.groups.join(now, call, join, effects);
                self.hand_out_partition_counts(effects);
                return answer;
            }
            Request::SyncGroup { group, generation, member, assignments } => {
                let sync = (generation, member, assignments);
                return self.groups.sync(now, call, &group, sync, effects);
            }
            Request::Heartbeat { group, generation, member } => {
                let outcome = self.groups.heartbeat(now, &group, generation, &member, effects);
                Response::Heartbeat(outcome)
            }
            Request::LeaveGroup { group, member } => {
                let outcome = self.groups.leave(now, &group, &member, effects);
                self.hand_out_partition_counts(effects);
                Response::LeaveGroup(outcome)
            }
            Request::OffsetCommit { group, member, offsets } => {
                let outcome = self.groups.commit(now, &group, member, offsets, effects);
                Response::OffsetCommit(outcome)
            }
            Request::OffsetFetch { group, partitions } => {
                let committed = |at: TopicPartition| {
                    let offset = self.group(&group).and_then(|group| group.committed(&at));
                    (at, offset)
                };
                Response::OffsetFetch(partitions.into_iter().map(committed).collect())
            }
        };
        Some(response)
    }

    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values()
    }

    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    pub fn partition(&self, at: &TopicPartition) -> Option<&Partition> {
        self.topics.get(&at.topic)?.partitions.get(at.partition as usize)
    }

    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.all()
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    /// Lag by partition, as `kafka-consumer-groups` reports it: log end offset − committed offset,
    /// for the partitions of every topic that the group reads. Before a first commit a partition
    /// lags by all that it holds.
    pub fn lag(&self, group: &str) -> Vec<(TopicPartition, u64)> {
        let Some(group) = self.group(group) else {
            return Vec::new();
        };
        let topics = group.topics();
        let read = self.topics.values().filter(|topic| topics.contains(&topic.name));
        read.flat_map(|topic| {
            topic.partitions.iter().zip(0..).map(|(log, partition)| {
                let at = TopicPartition { topic: topic.name.clone(), partition };
                let done = group.committed(&at).unwrap_or(log.log_start_offset());
                let lag = log.log_end_offset().saturating_sub(done);
                (at, lag)
            })
        })
        .collect()
    }

    /// The lag of a group over all its partitions.
    pub fn total_lag(&self, group: &str) -> u64 {
        self.lag(group).iter().map(|(_, lag)| lag).sum()
    }

    fn partition_count(&self, topic: &str) -> Option<u32> {
        self.topics.get(topic).map(|topic| topic.partitions.len() as u32)
    }

    fn create_topic(
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
        if self.topics.is_empty() {
            let due = now + self.config.retention_check;
            effects.push(Effect::Schedule { timer: Timer::Retention, due });
        }
        let logs = vec![Partition::default(); partitions as usize];
        self.topics.insert(name.clone(), Topic { name: name.clone(), config, partitions: logs });
        effects.push(Effect::Event(Event::TopicCreated { topic: name, partitions }));
        Ok(())
    }

    /// Partitions can only be added.
    fn create_partitions(&mut self, name: &str, total: u32) -> Result<(), ErrorCode> {
        let topic = self.topics.get_mut(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if total as usize <= topic.partitions.len() {
            return Err(ErrorCode::InvalidPartitions);
        }
        topic.partitions.resize(total as usize, Partition::default());
        Ok(())
    }

    fn append(
        &mut self,
        now: Instant,
        at: &TopicPartition,
        records: Vec<Record>,
        effects: &mut Vec<Effect>,
    ) -> Result<u64, ErrorCode> {
        let topic = self.topics.get_mut(&at.topic).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let log = topic.partitions.get_mut(at.partition as usize);
        let log = log.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let (base_offset, count) = (log.log_end_offset(), records.len() as u32);
        for record in records {
            let (_, rolled) = log.append(now, record, &topic.config);
            if let Some(base_offset) = rolled {
                let event = Event::SegmentRolled { partition: at.clone(), base_offset };
                effects.push(Effect::Event(event));
            }
        }
        let event = Event::Appended { partition: at.clone(), base_offset, count };
        effects.push(Effect::Event(event));
        self.fetches.appended(at, &self.topics, effects);
        Ok(base_offset)
    }

    fn lookup(&self, at: &TopicPartition, spec: OffsetSpec) -> Result<u64, ErrorCode> {
        let log = self.partition(at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        Ok(log.lookup(spec))
    }

    fn apply_retention(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        for topic in self.topics.values_mut() {
            for (log, partition) in topic.partitions.iter_mut().zip(0..) {
                if let Some(log_start_offset) = log.apply_retention(now, &topic.config) {
                    let partition = TopicPartition { topic: topic.name.clone(), partition };
                    let event = Event::SegmentDeleted { partition, log_start_offset };
                    effects.push(Effect::Event(event));
                }
            }
        }
        let due = now + self.config.retention_check;
        effects.push(Effect::Schedule { timer: Timer::Retention, due });
    }

    /// Tells leaders how many partitions the topics of their group have. In Kafka a leader knows
    /// it from its metadata; here it comes with the answer to its join.
    fn hand_out_partition_counts(&self, effects: &mut [Effect]) {
        for effect in effects {
            let Effect::Answer { response: Response::JoinGroup(Ok(answer)), .. } = effect else {
                continue;
            };
            let topics = answer.members.iter().flat_map(|member| &member.subscription.topics);
            let mut names: Vec<Rc<str>> = topics.cloned().collect();
            names.sort();
            names.dedup();
            let count = |name: Rc<str>| Some((name.clone(), self.partition_count(&name)?));
            answer.partition_counts = names.into_iter().filter_map(count).collect();
        }
    }
}
