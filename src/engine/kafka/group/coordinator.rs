//! All groups of the cluster, and the checks that come before a group is known.

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use crate::engine::Instant;

use super::{Group, GroupState};
use crate::engine::kafka::api::{
    ByPartition, JoinGroup, JoinReason, JoinRefused, Leaver, OffsetCommit, Response, SyncGroup,
};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event, Timer};
use crate::engine::kafka::types::{Call, MemberId, TopicPartition};

/// Settings of the group coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `group.initial.rebalance.delay.ms`: how long a new group waits for more members.
    pub initial_rebalance_delay: Duration,
    /// `group.min.session.timeout.ms`
    pub min_session_timeout: Duration,
    /// `group.max.session.timeout.ms`
    pub max_session_timeout: Duration,
    /// `group.max.size`; `None` is without limit.
    pub max_size: Option<u32>,
    /// `offsets.retention.minutes`
    pub offsets_retention: Duration,
    /// `offsets.retention.check.interval.ms`
    pub offsets_retention_check: Duration,
}

impl Default for GroupConfig {
    /// Kafka's: 3 s, 6 s, 30 min, no limit, a week, 10 min.
    fn default() -> GroupConfig {
        GroupConfig {
            initial_rebalance_delay: Duration::from_secs(3),
            min_session_timeout: Duration::from_secs(6),
            max_session_timeout: Duration::from_secs(30 * 60),
            max_size: None,
            offsets_retention: Duration::from_secs(7 * 24 * 3_600),
            offsets_retention_check: Duration::from_secs(600),
        }
    }
}

/// The refusal of a join.
pub(super) fn join_refused(error: ErrorCode) -> Response {
    Response::JoinGroup(Err(JoinRefused { error, member: None }))
}

impl JoinReason {
    /// As the trace tells it.
    pub(super) fn text(self) -> &'static str {
        match self {
            JoinReason::Started | JoinReason::Fenced => "a member joined",
            JoinReason::RebalanceInProgress => "a member joined again",
            JoinReason::PartitionsRevoked => "a member gave partitions up",
            JoinReason::MetadataChanged => "a topic has more partitions",
            JoinReason::Enforced => "a member asked for it",
        }
    }

    /// Why somebody joins whom the group does not know.
    pub(super) fn of_newcomer(self) -> &'static str {
        match self {
            JoinReason::Fenced => "the group had gone on without it",
            JoinReason::Started
            | JoinReason::RebalanceInProgress
            | JoinReason::PartitionsRevoked
            | JoinReason::MetadataChanged
            | JoinReason::Enforced => "it started",
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::engine::kafka) struct Groups {
    config: GroupConfig,
    groups: LiteMap<Rc<str>, Group>,
    /// Makes member ids unique. Kafka takes a random UUID.
    ids: u32,
}

impl Groups {
    pub fn new(config: GroupConfig) -> Groups {
        Groups { config, groups: LiteMap::new(), ids: 0 }
    }

    pub fn all(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    pub fn get(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    pub fn join(
        &mut self,
        now: Instant,
        call: Call,
        join: &JoinGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let config = &self.config;
        if join.group.is_empty() {
            return Some(join_refused(ErrorCode::InvalidGroupId));
        }
        let sessions = config.min_session_timeout..=config.max_session_timeout;
        if !sessions.contains(&join.session_timeout) {
            return Some(join_refused(ErrorCode::InvalidSessionTimeout));
        }
        if join.member.is_some() && !self.groups.contains_key(&join.group) {
            return Some(join_refused(ErrorCode::UnknownMemberId));
        }
        if self.groups.is_empty() {
            effects.push(Effect::Schedule {
                timer: Timer::OffsetRetention,
                due: now + config.offsets_retention_check,
            });
        }
        let new_group = || Group::new(join.group.clone(), now);
        let group = self.groups.entry(join.group.clone()).or_insert_with(new_group);
        if !group.has_room_for(join.member.as_ref(), config.max_size) {
            if let Some(member) = &join.member {
                group.remove(member, effects);
            }
            return Some(join_refused(ErrorCode::GroupMaxSizeReached));
        }
        let delay = config.initial_rebalance_delay;
        if let Some(id) = join.member.clone() {
            return group.join_again(now, (call, id, delay), join, effects);
        }
        self.ids += 1;
        let name = join.instance.as_ref().unwrap_or(&join.client_name);
        let id: MemberId = format!("{name}-{}", self.ids).into();
        group.join_new(now, (call, id, delay), join, effects)
    }

    pub fn sync(
        &mut self,
        now: Instant,
        call: Call,
        sync: SyncGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        match self.groups.get_mut(&sync.group) {
            Some(group) => group.sync(now, call, sync, effects),
            None => Some(Response::SyncGroup(Err(ErrorCode::UnknownMemberId))),
        }
    }

    pub fn heartbeat(
        &mut self,
        now: Instant,
        group: &str,
        (member, generation, instance): (&MemberId, u32, Option<&Rc<str>>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let group = self.groups.get_mut(group);
        let group = group.ok_or(ErrorCode::UnknownMemberId)?;
        group.heartbeat(now, (member, generation), instance, effects)
    }

    pub fn leave(
        &mut self,
        now: Instant,
        group: &str,
        leavers: &[Leaver],
        effects: &mut Vec<Effect>,
    ) -> Vec<Result<(), ErrorCode>> {
        let Some(group) = self.groups.get_mut(group) else {
            return vec![Err(ErrorCode::UnknownMemberId); leavers.len()];
        };
        let leave = |leaver| group.leave(now, leaver, effects);
        leavers.iter().map(leave).collect()
    }

    pub fn commit(
        &mut self,
        now: Instant,
        commit: OffsetCommit,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let group = self.for_commit(now, &commit)?;
        group.commit(now, commit, effects)
    }

    pub fn commit_in_transaction(
        &mut self,
        now: Instant,
        producer_id: u64,
        commit: OffsetCommit,
    ) -> Result<(), ErrorCode> {
        let group = self.for_commit(now, &commit)?;
        group.commit_in_transaction(now, producer_id, commit)
    }

    /// A commit from outside of the group's protocol makes the group if there is none.
    fn for_commit(&mut self, now: Instant, commit: &OffsetCommit) -> Result<&mut Group, ErrorCode> {
        if commit.member.is_some() && !self.groups.contains_key(&commit.group) {
            return Err(ErrorCode::IllegalGeneration);
        }
        let new_group = || Group::new(commit.group.clone(), now);
        Ok(self.groups.entry(commit.group.clone()).or_insert_with(new_group))
    }

    pub fn end_transaction(
        &mut self,
        group: &str,
        producer_id: u64,
        commit: bool,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(group) = self.groups.get_mut(group) {
            group.end_transaction(producer_id, commit, effects);
        }
    }

    /// The committed offsets of these partitions, or all there are.
    pub fn fetch_offsets(
        &self,
        group: &str,
        partitions: Option<Vec<TopicPartition>>,
        require_stable: bool,
    ) -> ByPartition<Option<u64>> {
        let group = self.groups.get(group);
        let known = || {
            let all = group.into_iter().flat_map(Group::all_committed);
            all.map(|(at, _)| at.clone()).collect()
        };
        let offset = |at: TopicPartition| {
            let found = group.map_or(Ok(None), |group| group.stable_offset(&at, require_stable));
            (at, found)
        };
        let partitions = partitions.unwrap_or_else(known);
        partitions.into_iter().map(offset).collect()
    }

    pub fn delete_offsets(
        &mut self,
        group: &str,
        partitions: Vec<TopicPartition>,
    ) -> Result<ByPartition<()>, ErrorCode> {
        let group = self.groups.get_mut(group);
        let group = group.ok_or(ErrorCode::GroupIdNotFound)?;
        let deleted = partitions.into_iter().map(|at| {
            let outcome = group.delete_offset(&at);
            (at, outcome)
        });
        Ok(deleted.collect())
    }

    pub fn delete(&mut self, id: &str) -> Result<(), ErrorCode> {
        let group = self.groups.get(id).ok_or(ErrorCode::GroupIdNotFound)?;
        if group.state() != GroupState::Empty {
            return Err(ErrorCode::NonEmptyGroup);
        }
        self.groups.remove(id);
        Ok(())
    }

    pub fn rebalance_due(&mut self, now: Instant, group: &str, effects: &mut Vec<Effect>) {
        if let Some(group) = self.groups.get_mut(group) {
            group.rebalance_due(now, effects);
        }
    }

    pub fn sync_due(&mut self, now: Instant, group: &str, effects: &mut Vec<Effect>) {
        if let Some(group) = self.groups.get_mut(group) {
            group.sync_due(now, effects);
        }
    }

    pub fn session_expired(
        &mut self,
        now: Instant,
        group: &str,
        member: &MemberId,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(group) = self.groups.get_mut(group) {
            group.session_expired(now, member, effects);
        }
    }

    /// A topic was deleted, and with it what groups have committed for it.
    pub fn forget_topic(&mut self, topic: &str, effects: &mut Vec<Effect>) {
        for (_, group) in self.groups.iter_mut() {
            if group.forget_topic(topic) {
                let reason = "their topic was deleted";
                group.note(effects, |group| Event::OffsetsExpired { group, reason });
            }
        }
    }

    /// The periodic look for old offsets. A group with nothing left is forgotten.
    pub fn expire_offsets(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let retention = self.config.offsets_retention;
        for (_, group) in self.groups.iter_mut() {
            if group.expire_offsets(now, retention) {
                let reason = "offsets.retention.minutes are over";
                group.note(effects, |group| Event::OffsetsExpired { group, reason });
            }
        }
        self.groups.retain(|_, group| !group.is_dead());
        effects.push(Effect::Schedule {
            timer: Timer::OffsetRetention,
            due: now + self.config.offsets_retention_check,
        });
    }
}

impl Group {
    /// `group.max.size`: during a rebalance those count that have joined, otherwise the members.
    fn has_room_for(&self, member: Option<&MemberId>, max_size: Option<u32>) -> bool {
        let Some(max_size) = max_size else {
            return true;
        };
        let known = member.and_then(|id| self.members.get(id));
        match self.state {
            GroupState::Empty => true,
            GroupState::PreparingRebalance => {
                let joined = self.members.values().filter(|one| one.joining.is_some());
                known.is_some_and(|known| known.joining.is_some())
                    || joined.count() < max_size as usize
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                known.is_some() || self.members.len() < max_size as usize
            }
        }
    }
}
