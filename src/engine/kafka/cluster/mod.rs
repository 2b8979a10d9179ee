//! The cluster: topics, groups and transactions, and who is asked for what.

mod administration;
#[cfg(test)]
mod administration_tests;
mod brokers;
#[cfg(test)]
mod effects_tests;
mod produce;
mod topics;
mod transactions;

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;
use produce::Produces;

use crate::engine::{Instant, Spare};

use super::api::{Request, Response};
use super::event::{Effect, Reply, Timer};
use super::fetching::Fetches;
use super::group::{Group, GroupConfig, Groups};
use super::partition::Partition;
use super::topic::Topic;
use super::transactions::{Transaction, Transactions};
use super::types::{Call, TopicPartition, by_name};

/// Settings of the brokers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerConfig {
    /// How many brokers there are; they are called 1, 2, 3, …
    pub brokers: u32,
    /// `log.retention.check.interval.ms`
    pub retention_check: Duration,
    /// `log.cleaner.backoff.ms`: how long the cleaner sleeps when there is nothing to clean.
    pub cleaner_backoff: Duration,
    /// `producer.id.expiration.ms`
    pub producer_id_expiration: Duration,
    /// `producer.id.expiration.check.interval.ms`
    pub producer_id_check: Duration,
    /// `transaction.max.timeout.ms`
    pub transaction_max_timeout: Duration,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`
    pub transaction_check: Duration,
    /// `replica.lag.time.max.ms`
    pub replica_lag_time_max: Duration,
    /// `leader.imbalance.check.interval.seconds`
    pub leader_imbalance_check: Duration,
    /// `leader.imbalance.per.broker.percentage`
    pub leader_imbalance_percentage: u32,
    /// How long a follower's fetch takes from request to append. Not a setting of Kafka: there it
    /// is the network's time.
    pub replica_fetch_time: Duration,
    /// `request.timeout.ms` of the producers, which they tell with each write: how long a write
    /// with `acks=all` waits for the followers.
    pub produce_timeout: Duration,
    pub groups: GroupConfig,
}

impl Default for BrokerConfig {
    /// Kafka's defaults, on three brokers a millisecond apart.
    fn default() -> BrokerConfig {
        BrokerConfig {
            brokers: 3,
            retention_check: Duration::from_secs(300),
            cleaner_backoff: Duration::from_secs(15),
            producer_id_expiration: Duration::from_secs(24 * 3_600),
            producer_id_check: Duration::from_secs(600),
            transaction_max_timeout: Duration::from_secs(15 * 60),
            transaction_check: Duration::from_secs(10),
            replica_lag_time_max: Duration::from_secs(30),
            leader_imbalance_check: Duration::from_secs(300),
            leader_imbalance_percentage: 10,
            replica_fetch_time: Duration::from_millis(1),
            produce_timeout: Duration::from_secs(30),
            groups: GroupConfig::default(),
        }
    }
}

/// What the brokers of a cluster do together.
#[derive(Clone, Debug)]
pub struct Cluster {
    config: BrokerConfig,
    topics: LiteMap<Rc<str>, Topic>,
    /// Brokers that do not run.
    dead: Vec<u32>,
    /// The broker that is the controller, and in which epoch.
    controller: (Option<u32>, u32),
    fetches: Fetches,
    produces: Produces,
    groups: Groups,
    transactions: Transactions,
    /// Periodic looks that have begun; some begin only when there is something to look for.
    periodic: Vec<Timer>,
    /// Room for the effects of the next call.
    spare: Spare<Effect>,
}

impl Cluster {
    pub fn new(config: BrokerConfig) -> Cluster {
        Cluster {
            groups: Groups::new(config.groups.clone()),
            transactions: Transactions::new(config.transaction_max_timeout),
            config,
            topics: LiteMap::new(),
            dead: Vec::new(),
            controller: (Some(1), 1),
            fetches: Fetches::default(),
            produces: Produces::default(),
            periodic: Vec::new(),
            spare: Spare::default(),
        }
    }

    /// Takes a request. A late answer comes as [`Effect::Answer`].
    pub fn handle(&mut self, now: Instant, call: Call, request: Request) -> (Reply, Vec<Effect>) {
        let mut effects = self.spare.take();
        let mut reply = self.reply(now, call, request, &mut effects);
        if let Reply::Answer(response) = &mut reply {
            self.add_partition_counts(response);
        }
        self.hand_out_partition_counts(&mut effects);
        (reply, effects)
    }

    /// Takes back an empty list of effects, whose room the next call can use.
    pub fn take_back(&mut self, effects: Vec<Effect>) {
        self.spare.put_back(effects);
    }

    /// A timer is due.
    pub fn timeout(&mut self, now: Instant, timer: Timer) -> Vec<Effect> {
        let mut effects = self.spare.take();
        match timer {
            Timer::FetchWait(call) => self.fetches.give_up(call, &self.topics, &mut effects),
            Timer::ProduceWait(call) => self.produces.give_up(call, &mut effects),
            Timer::Session { group, member } => {
                self.groups.session_expired(now, &group, &member, &mut effects);
            }
            Timer::Rebalance { group } => self.groups.rebalance_due(now, &group, &mut effects),
            Timer::Sync { group } => self.groups.sync_due(now, &group, &mut effects),
            Timer::Retention => self.apply_retention(now, &mut effects),
            Timer::Cleaner => self.compact(now, &mut effects),
            Timer::OffsetRetention => self.groups.expire_offsets(now, &mut effects),
            Timer::ProducerIds => self.expire_producers(now, &mut effects),
            Timer::TransactionTimeouts => self.time_out_transactions(now, &mut effects),
            Timer::ReplicaFetch { partition, broker } => {
                self.replica_fetch(now, &partition, broker, &mut effects);
            }
            Timer::InSyncReplicas => self.check_in_sync_replicas(now, &mut effects),
            Timer::LeaderImbalance => self.balance_leaders(now, &mut effects),
        }
        self.hand_out_partition_counts(&mut effects);
        effects
    }

    fn reply(
        &mut self,
        now: Instant,
        call: Call,
        request: Request,
        effects: &mut Vec<Effect>,
    ) -> Reply {
        let later = |response: Option<Response>| response.map_or(Reply::Later, Reply::Answer);
        Reply::Answer(match request {
            Request::Produce(produce) => return self.produce(now, call, produce, effects),
            Request::Fetch(fetch) => {
                return later(self.fetches.fetch(now, call, fetch, &self.topics, effects));
            }
            Request::JoinGroup(join) => {
                return later(self.groups.join(now, call, &join, effects));
            }
            Request::SyncGroup(sync) => {
                return later(self.groups.sync(now, call, sync, effects));
            }
            Request::CreateTopic { name, partitions, config } => Response::CreateTopic(
                self.create_topic(now, name, partitions, (*config).clone(), effects),
            ),
            Request::DeleteTopic { name } => {
                Response::DeleteTopic(self.delete_topic(&name, effects))
            }
            Request::CreatePartitions { name, total } => {
                Response::CreatePartitions(self.create_partitions(now, name, total, effects))
            }
            Request::AlterConfigs { name, configs } => {
                Response::AlterConfigs(self.alter_configs(now, &name, &configs, effects))
            }
            Request::Metadata { topics } => Response::Metadata(self.partition_counts(topics)),
            Request::ListOffsets { partitions, spec, isolation } => {
                Response::ListOffsets(self.list_offsets(partitions, spec, isolation))
            }
            Request::DeleteRecords { partition, before } => {
                Response::DeleteRecords(self.delete_records(&partition, before, effects))
            }
            Request::ElectLeaders { partition, election } => {
                Response::ElectLeaders(self.elect_leader(now, &partition, election, effects))
            }
            Request::Heartbeat { group, generation, member, instance } => {
                let by = (&member, generation, instance.as_ref());
                Response::Heartbeat(self.groups.heartbeat(now, &group, by, effects))
            }
            Request::LeaveGroup { group, members } => {
                Response::LeaveGroup(self.groups.leave(now, &group, &members, effects))
            }
            Request::OffsetCommit(commit) => {
                Response::OffsetCommit(self.groups.commit(now, commit, effects))
            }
            Request::ResetOffsets { group, partitions, to } => {
                let reset = self.reset_offsets(now, group, partitions, to, effects);
                Response::ResetOffsets(reset)
            }
            Request::OffsetFetch { group, partitions, require_stable } => {
                let found = self.groups.fetch_offsets(&group, partitions, require_stable);
                Response::OffsetFetch(found)
            }
            Request::OffsetDelete { group, partitions } => {
                Response::OffsetDelete(self.groups.delete_offsets(&group, partitions))
            }
            Request::DeleteGroup { group } => Response::DeleteGroup(self.groups.delete(&group)),
            Request::InitProducerId { transactional_id: id, transaction_timeout, current } => {
                let by = (id, transaction_timeout);
                Response::InitProducerId(self.init_producer_id(now, by, current, effects))
            }
            Request::AddPartitionsToTxn { producer, partitions } => {
                let added = self.add_partitions(now, &producer, partitions, effects);
                Response::AddPartitionsToTxn(added)
            }
            Request::AddOffsetsToTxn { producer, group } => {
                Response::AddOffsetsToTxn(self.add_offsets(now, &producer, group, effects))
            }
            Request::TxnOffsetCommit { producer, commit } => Response::TxnOffsetCommit(
                self.commit_in_transaction(now, &producer, (*commit).clone()),
            ),
            Request::EndTxn { producer, result } => {
                Response::EndTxn(self.end_transaction(now, &producer, result, effects))
            }
        })
    }

    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values()
    }

    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    pub fn partition(&self, at: &TopicPartition) -> Option<&Partition> {
        let topic = self.topics.get_by(|name| by_name(name, &at.topic))?;
        topic.partitions.get(at.partition as usize)
    }

    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.all()
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    pub fn transaction(&self, transactional_id: &str) -> Option<&Transaction> {
        self.transactions.get(transactional_id)
    }

    /// Lag by partition, as `kafka-consumer-groups` reports it: log end offset − committed offset,
    /// for the partitions of every topic that the group reads. Before a first commit a partition
    /// lags by all that it holds.
    pub fn lag(&self, group: &str) -> Vec<(TopicPartition, u64)> {
        let mut all = Vec::new();
        if let Some(group) = self.group(group) {
            self.each_lag(group, &mut |at, lag| all.push((at.clone(), lag)));
        }
        all
    }

    /// The same without a list, in the order of topics and partitions.
    pub fn each_lag(&self, group: &Group, take: &mut dyn FnMut(&TopicPartition, u64)) {
        let topics = group.topics();
        let mut committed = group.all_committed().peekable();
        for topic in self.topics.values().filter(|topic| topics.contains(&topic.name)) {
            let mut at = TopicPartition { topic: topic.name.clone(), partition: 0 };
            for log in &topic.partitions {
                while committed.next_if(|(one, _)| **one < at).is_some() {}
                let here = committed.next_if(|(one, _)| **one == at);
                let done = here.map_or(log.log_start_offset(), |(_, offset)| offset);
                take(&at, log.log_end_offset().saturating_sub(done));
                at.partition += 1;
            }
        }
    }

    /// The lag of a group over all its partitions.
    pub fn total_lag(&self, group: &str) -> u64 {
        let mut total = 0;
        if let Some(group) = self.group(group) {
            self.each_lag(group, &mut |_, lag| total += lag);
        }
        total
    }

    /// Begins a periodic look, unless it has begun.
    fn begin_periodic(
        &mut self,
        now: Instant,
        (timer, interval): (Timer, Duration),
        effects: &mut Vec<Effect>,
    ) {
        if !self.periodic.contains(&timer) {
            self.periodic.push(timer.clone());
            effects.push(Effect::Schedule { timer, due: now + interval });
        }
    }

    /// Tells leaders how many partitions the topics of their group have. In Kafka a leader knows
    /// it from its metadata; here it comes with the answer to its join.
    fn hand_out_partition_counts(&self, effects: &mut [Effect]) {
        for effect in effects {
            if let Effect::Answer { response, .. } = effect {
                self.add_partition_counts(response);
            }
        }
    }

    fn add_partition_counts(&self, response: &mut Response) {
        let Response::JoinGroup(Ok(joined)) = response else {
            return;
        };
        let members = joined.members.iter();
        let topics = members.flat_map(|member| &member.subscription.topics);
        let mut names: Vec<Rc<str>> = topics.cloned().collect();
        names.sort_unstable();
        names.dedup();
        let joined = Rc::get_mut(joined).expect("an answer was not handed out yet");
        joined.partition_counts = self.partition_counts(names);
    }
}
