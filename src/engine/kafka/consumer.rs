//! The consumer client: membership in a group, fetching, positions and commits.
//!
//! It joins, assigns (if it is the leader), synchronises, sends heartbeats and joins again when
//! told to, all by itself, as `ConsumerCoordinator` does. The application polls and commits.
//! With an eager assignor every partition is given up before a rebalance; with a cooperative one
//! only those that move.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::api::{Answered, FetchedPartition, JoinGroup, JoinReason, Request, Response};
use super::assignor::{Assignor, Subscription};
use super::types::{
    ClientId, ErrorCode, MemberId, OffsetReset, OffsetSpec, Record, TopicPartition,
};

/// Settings, with their published names; see [`ConsumerConfig::new`] for the defaults.
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    pub group_id: Rc<str>,
    pub topics: Vec<Rc<str>>,
    /// `client.id`
    pub client_name: Rc<str>,
    pub assignor: Assignor,
    /// `session.timeout.ms`
    pub session_timeout: Duration,
    /// `heartbeat.interval.ms`
    pub heartbeat_interval: Duration,
    /// `max.poll.interval.ms`, which is also how long a rebalance waits for this member.
    pub max_poll_interval: Duration,
    /// `max.poll.records`
    pub max_poll_records: u32,
    /// `fetch.max.wait.ms`
    pub fetch_max_wait: Duration,
    /// `max.partition.fetch.bytes`
    pub max_partition_fetch_bytes: u32,
    pub auto_offset_reset: OffsetReset,
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`
    pub auto_commit_interval: Duration,
}

impl ConsumerConfig {
    /// Kafka's defaults for a group.
    pub fn new(group_id: Rc<str>, topics: Vec<Rc<str>>) -> ConsumerConfig {
        ConsumerConfig {
            client_name: group_id.clone(),
            group_id,
            topics,
            assignor: Assignor::Range,
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            max_poll_interval: Duration::from_secs(300),
            max_poll_records: 500,
            fetch_max_wait: Duration::from_millis(500),
            max_partition_fetch_bytes: 1 << 20,
            auto_offset_reset: OffsetReset::Latest,
            enable_auto_commit: true,
            auto_commit_interval: Duration::from_secs(5),
        }
    }
}

#[derive(Clone, Debug)]
pub enum ConsumerInput {
    Start,
    /// The application is done with what it has and wants more.
    Poll,
    Commit {
        offsets: Vec<(TopicPartition, u64)>,
    },
    Close,
    Answer {
        correlation: u32,
        response: Response,
    },
    Timer(ConsumerTimer),
}

#[derive(Clone, Debug)]
pub enum ConsumerEffect {
    Send {
        correlation: u32,
        request: Request,
    },
    Schedule {
        timer: ConsumerTimer,
        due: Instant,
    },
    Cancel {
        timer: ConsumerTimer,
    },
    /// The answer to a poll; never empty.
    Records(Vec<ConsumerRecord>),
    Assigned(Vec<TopicPartition>),
    Revoked(Vec<TopicPartition>),
    /// Taken away without being asked: the group went on without this member.
    Lost(Vec<TopicPartition>),
    Committed(Result<(), ErrorCode>),
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsumerTimer {
    Heartbeat,
    AutoCommit,
}

/// A record and where it stood.
#[derive(Clone, Debug)]
pub struct ConsumerRecord {
    pub partition: TopicPartition,
    pub offset: u64,
    pub record: Rc<Record>,
}

/// What an answer that is awaited is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    Join,
    Sync,
    Heartbeat,
    Fetch,
    Committed,
    Positions,
    Commit { automatic: bool },
    Leave,
}

type Effects = Vec<ConsumerEffect>;

#[derive(Clone, Debug)]
pub struct Consumer {
    client: ClientId,
    config: ConsumerConfig,
    correlation: u32,
    awaited: BTreeMap<u32, Awaited>,
    member: Option<MemberId>,
    generation: u32,
    /// The join or sync whose answer counts; older ones are overtaken.
    rebalancing: Option<u32>,
    /// The next offset to fetch of each partition, once it is known.
    positions: BTreeMap<TopicPartition, Option<u64>>,
    buffer: VecDeque<ConsumerRecord>,
    fetching: bool,
    polled: bool,
    /// Behind the last record handed out, and behind the last one the application is done with.
    handed_out: BTreeMap<TopicPartition, u64>,
    finished: BTreeMap<TopicPartition, u64>,
    closed: bool,
}

impl Consumer {
    pub fn new(client: ClientId, config: ConsumerConfig) -> Consumer {
        Consumer {
            client,
            config,
            correlation: 0,
            awaited: BTreeMap::new(),
            member: None,
            generation: 0,
            rebalancing: None,
            positions: BTreeMap::new(),
            buffer: VecDeque::new(),
            fetching: false,
            polled: false,
            handed_out: BTreeMap::new(),
            finished: BTreeMap::new(),
            closed: false,
        }
    }

    pub fn client(&self) -> ClientId {
        self.client
    }

    pub fn member_id(&self) -> Option<&MemberId> {
        self.member.as_ref()
    }

    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The partitions that this member owns.
    pub fn assignment(&self) -> impl Iterator<Item = &TopicPartition> {
        self.positions.keys()
    }

    /// The offset that will be fetched next.
    pub fn position(&self, at: &TopicPartition) -> Option<u64> {
        self.positions.get(at).copied().flatten()
    }

    pub fn handle(&mut self, now: Instant, input: ConsumerInput) -> Effects {
        let mut effects = Vec::new();
        if self.closed {
            return effects;
        }
        match input {
            ConsumerInput::Start => self.start(now, &mut effects),
            ConsumerInput::Poll => {
                self.finished = self.handed_out.clone();
                self.polled = true;
                self.hand_out(&mut effects);
            }
            ConsumerInput::Commit { offsets } => self.commit(offsets, false, &mut effects),
            ConsumerInput::Close => self.close(&mut effects),
            ConsumerInput::Answer { correlation, response } => {
                self.answered(now, correlation, response, &mut effects);
            }
            ConsumerInput::Timer(ConsumerTimer::Heartbeat) => self.heartbeat(now, &mut effects),
            ConsumerInput::Timer(ConsumerTimer::AutoCommit) => self.auto_commit(now, &mut effects),
        }
        effects
    }

    fn start(&mut self, now: Instant, effects: &mut Effects) {
        self.join(JoinReason::Started, effects);
        if self.config.enable_auto_commit {
            let due = now + self.config.auto_commit_interval;
            effects.push(ConsumerEffect::Schedule { timer: ConsumerTimer::AutoCommit, due });
        }
    }

    fn send(&mut self, awaited: Awaited, request: Request, effects: &mut Effects) -> u32 {
        self.correlation += 1;
        let correlation = self.correlation;
        self.awaited.insert(correlation, awaited);
        effects.push(ConsumerEffect::Send { correlation, request });
        correlation
    }

    fn join(&mut self, reason: JoinReason, effects: &mut Effects) {
        if !self.config.assignor.is_cooperative() {
            self.give_up_all(effects);
        }
        effects.push(ConsumerEffect::Cancel { timer: ConsumerTimer::Heartbeat });
        let subscription = Subscription {
            topics: self.config.topics.clone(),
            instance_id: None,
            owned: self.positions.keys().cloned().collect(),
            generation: self.generation,
        };
        let request = Request::JoinGroup(JoinGroup {
            group: self.config.group_id.clone(),
            member: self.member.clone(),
            client_name: self.config.client_name.clone(),
            session_timeout: self.config.session_timeout,
            rebalance_timeout: self.config.max_poll_interval,
            protocols: vec![self.config.assignor.name().into()],
            subscription,
            reason,
        });
        let correlation = self.send(Awaited::Join, request, effects);
        self.rebalancing = Some(correlation);
    }

    fn answered(
        &mut self,
        now: Instant,
        correlation: u32,
        response: Response,
        effects: &mut Effects,
    ) {
        let Some(awaited) = self.awaited.remove(&correlation) else {
            return;
        };
        match (awaited, response) {
            (Awaited::Join | Awaited::Sync, _) if self.rebalancing != Some(correlation) => {}
            (Awaited::Join, Response::JoinGroup(outcome)) => self.joined(outcome, effects),
            (Awaited::Sync, Response::SyncGroup(outcome)) => self.synced(now, outcome, effects),
            (Awaited::Heartbeat, Response::Heartbeat(Ok(()))) => {}
            (Awaited::Heartbeat, Response::Heartbeat(Err(error))) => self.refused(error, effects),
            (Awaited::Fetch, Response::Fetch(found)) => self.fetched(found, effects),
            (Awaited::Committed, Response::OffsetFetch(offsets)) => {
                self.found_committed(offsets, effects);
            }
            (Awaited::Positions, Response::ListOffsets(offsets)) => {
                for (at, offset) in offsets {
                    if let (Some(position), Ok(offset)) = (self.positions.get_mut(&at), offset) {
                        *position = Some(offset);
                    }
                }
                self.fetch(effects);
            }
            (Awaited::Commit { automatic }, Response::OffsetCommit(outcome)) => {
                if !automatic {
                    effects.push(ConsumerEffect::Committed(outcome));
                }
                if let Err(error) = outcome {
                    self.refused(error, effects);
                }
            }
            (Awaited::Leave, Response::LeaveGroup(_)) => {}
            (awaited, response) => unreachable!("{awaited:?} was answered with {response:?}"),
        }
    }

    fn joined(
        &mut self,
        outcome: Result<Answered, (ErrorCode, Option<MemberId>)>,
        effects: &mut Effects,
    ) {
        match outcome {
            Err((ErrorCode::MemberIdRequired, given)) => {
                self.member = given;
                self.join(JoinReason::Started, effects);
            }
            Err(_) => self.lose_all(effects),
            Ok(answer) => {
                self.generation = answer.generation;
                self.member = Some(answer.member.clone());
                let assignments = assign(&answer);
                let request = Request::SyncGroup {
                    group: self.config.group_id.clone(),
                    generation: answer.generation,
                    member: answer.member,
                    assignments,
                };
                let correlation = self.send(Awaited::Sync, request, effects);
                self.rebalancing = Some(correlation);
            }
        }
    }

    fn synced(
        &mut self,
        now: Instant,
        outcome: Result<Vec<TopicPartition>, ErrorCode>,
        effects: &mut Effects,
    ) {
        self.rebalancing = None;
        match outcome {
            Err(error) => self.refused(error, effects),
            Ok(partitions) => {
                self.beat_again(now, effects);
                self.take_over(partitions, effects);
            }
        }
    }

    /// Compares the new assignment with what is held.
    fn take_over(&mut self, partitions: Vec<TopicPartition>, effects: &mut Effects) {
        let gone: Vec<TopicPartition> =
            self.positions.keys().filter(|at| !partitions.contains(at)).cloned().collect();
        let new: Vec<TopicPartition> =
            partitions.into_iter().filter(|at| !self.positions.contains_key(at)).collect();
        for at in &gone {
            self.positions.remove(at);
        }
        self.buffer.retain(|record| !gone.contains(&record.partition));
        for at in &new {
            self.positions.insert(at.clone(), None);
        }
        if !new.is_empty() {
            let (group, partitions) = (self.config.group_id.clone(), new.clone());
            self.send(Awaited::Committed, Request::OffsetFetch { group, partitions }, effects);
        }
        if !gone.is_empty() {
            effects.push(ConsumerEffect::Revoked(gone.clone()));
        }
        effects.push(ConsumerEffect::Assigned(new));
        if !gone.is_empty() {
            // What was given up can now go to its new owner.
            self.join(JoinReason::PartitionsRevoked, effects);
        }
    }

    fn give_up_all(&mut self, effects: &mut Effects) {
        if !self.positions.is_empty() {
            let gone: Vec<TopicPartition> =
                std::mem::take(&mut self.positions).into_keys().collect();
            self.buffer.clear();
            effects.push(ConsumerEffect::Revoked(gone));
        }
    }

    /// The group went on without this member; it comes back as a new one.
    fn lose_all(&mut self, effects: &mut Effects) {
        let gone: Vec<TopicPartition> = std::mem::take(&mut self.positions).into_keys().collect();
        self.buffer.clear();
        (self.member, self.generation) = (None, 0);
        if !gone.is_empty() {
            effects.push(ConsumerEffect::Lost(gone));
        }
        self.join(JoinReason::Fenced, effects);
    }

    fn refused(&mut self, error: ErrorCode, effects: &mut Effects) {
        if self.rebalancing.is_some() {
            return;
        }
        match error {
            ErrorCode::RebalanceInProgress => {
                self.join(JoinReason::RebalanceInProgress, effects);
            }
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => self.lose_all(effects),
            ErrorCode::UnknownTopicOrPartition
            | ErrorCode::TopicAlreadyExists
            | ErrorCode::InvalidPartitions
            | ErrorCode::OffsetOutOfRange
            | ErrorCode::MemberIdRequired
            | ErrorCode::InconsistentGroupProtocol
            | ErrorCode::NoOffsetForPartition
            | ErrorCode::TimeoutAfterMaxBlockMs => {}
        }
    }

    fn heartbeat(&mut self, now: Instant, effects: &mut Effects) {
        self.beat_again(now, effects);
        let Some(member) = self.member.clone() else {
            return;
        };
        let (group, generation) = (self.config.group_id.clone(), self.generation);
        let request = Request::Heartbeat { group, generation, member };
        self.send(Awaited::Heartbeat, request, effects);
    }

    fn beat_again(&self, now: Instant, effects: &mut Effects) {
        let due = now + self.config.heartbeat_interval;
        effects.push(ConsumerEffect::Schedule { timer: ConsumerTimer::Heartbeat, due });
    }

    fn found_committed(
        &mut self,
        offsets: Vec<(TopicPartition, Option<u64>)>,
        effects: &mut Effects,
    ) {
        let mut unknown = Vec::new();
        for (at, offset) in offsets {
            match (self.positions.get_mut(&at), offset) {
                (Some(position), Some(offset)) => *position = Some(offset),
                (Some(_), None) => unknown.push(at),
                (None, _) => {}
            }
        }
        self.reset(unknown, effects);
        self.fetch(effects);
    }

    /// `auto.offset.reset` decides where partitions without a position start.
    fn reset(&mut self, partitions: Vec<TopicPartition>, effects: &mut Effects) {
        let spec = match self.config.auto_offset_reset {
            OffsetReset::Earliest => OffsetSpec::Earliest,
            OffsetReset::Latest => OffsetSpec::Latest,
            OffsetReset::None => return,
        };
        if !partitions.is_empty() {
            let request = Request::ListOffsets { partitions, spec };
            self.send(Awaited::Positions, request, effects);
        }
    }

    /// Fetches the partitions of which nothing is buffered, one request at a time.
    fn fetch(&mut self, effects: &mut Effects) {
        if self.fetching || self.buffer.len() >= self.config.max_poll_records as usize {
            return;
        }
        let buffered = |at: &TopicPartition| self.buffer.iter().any(|one| one.partition == *at);
        let positions: Vec<(TopicPartition, u64)> = self
            .positions
            .iter()
            .filter(|(at, _)| !buffered(at))
            .filter_map(|(at, position)| Some((at.clone(), (*position)?)))
            .collect();
        if positions.is_empty() {
            return;
        }
        self.fetching = true;
        let request = Request::Fetch {
            positions,
            max_wait: self.config.fetch_max_wait,
            max_partition_bytes: self.config.max_partition_fetch_bytes,
        };
        self.send(Awaited::Fetch, request, effects);
    }

    fn fetched(&mut self, found: Vec<FetchedPartition>, effects: &mut Effects) {
        self.fetching = false;
        let mut out_of_range = Vec::new();
        for FetchedPartition { partition, records } in found {
            let Some(position) = self.positions.get_mut(&partition) else {
                continue;
            };
            match records {
                Ok(records) => {
                    let fits = |(offset, _): &&(u64, Rc<Record>)| Some(*offset) >= *position;
                    let wanted = records.iter().filter(fits).cloned();
                    self.buffer.extend(wanted.map(|(offset, record)| ConsumerRecord {
                        partition: partition.clone(),
                        offset,
                        record,
                    }));
                    *position = records.last().map(|(offset, _)| offset + 1).max(*position);
                }
                Err(ErrorCode::OffsetOutOfRange) => {
                    *position = None;
                    out_of_range.push(partition);
                }
                Err(_) => {}
            }
        }
        self.reset(out_of_range, effects);
        self.hand_out(effects);
        self.fetch(effects);
    }

    /// Answers a poll if there is anything to answer it with.
    fn hand_out(&mut self, effects: &mut Effects) {
        if !self.polled || self.buffer.is_empty() {
            return;
        }
        self.polled = false;
        let count = self.buffer.len().min(self.config.max_poll_records as usize);
        let records: Vec<ConsumerRecord> = self.buffer.drain(..count).collect();
        for record in &records {
            self.handed_out.insert(record.partition.clone(), record.offset + 1);
        }
        effects.push(ConsumerEffect::Records(records));
        self.fetch(effects);
    }

    fn commit(
        &mut self,
        offsets: Vec<(TopicPartition, u64)>,
        automatic: bool,
        effects: &mut Effects,
    ) {
        let group = self.config.group_id.clone();
        let member = Some((self.member.clone().unwrap_or_default(), self.generation));
        let request = Request::OffsetCommit { group, member, offsets };
        self.send(Awaited::Commit { automatic }, request, effects);
    }

    fn auto_commit(&mut self, now: Instant, effects: &mut Effects) {
        let due = now + self.config.auto_commit_interval;
        effects.push(ConsumerEffect::Schedule { timer: ConsumerTimer::AutoCommit, due });
        self.commit_finished(effects);
    }

    /// Commits what the application is done with, of partitions that are still held.
    fn commit_finished(&mut self, effects: &mut Effects) {
        let finished = std::mem::take(&mut self.finished);
        let offsets: Vec<(TopicPartition, u64)> =
            finished.into_iter().filter(|(at, _)| self.positions.contains_key(at)).collect();
        if !offsets.is_empty() && self.member.is_some() {
            self.commit(offsets, true, effects);
        }
    }

    fn close(&mut self, effects: &mut Effects) {
        if self.config.enable_auto_commit {
            self.commit_finished(effects);
        }
        if let Some(member) = self.member.take() {
            let group = self.config.group_id.clone();
            self.send(Awaited::Leave, Request::LeaveGroup { group, member }, effects);
        }
        effects.push(ConsumerEffect::Cancel { timer: ConsumerTimer::Heartbeat });
        effects.push(ConsumerEffect::Cancel { timer: ConsumerTimer::AutoCommit });
        effects.push(ConsumerEffect::Closed);
        self.closed = true;
    }
}

/// What the leader gives to each member; nothing from the others.
fn assign(answer: &Answered) -> Vec<(MemberId, Vec<TopicPartition>)> {
    let Some(assignor) = Assignor::from_name(&answer.protocol) else {
        return Vec::new();
    };
    if answer.leader != answer.member {
        return Vec::new();
    }
    let members: BTreeMap<MemberId, Subscription> = answer
        .members
        .iter()
        .map(|member| (member.id.clone(), member.subscription.clone()))
        .collect();
    let counts: BTreeMap<Rc<str>, u32> = answer.partition_counts.iter().cloned().collect();
    assignor.assign(&members, &counts).into_iter().collect()
}
