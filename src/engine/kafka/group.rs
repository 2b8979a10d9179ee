//! Consumer groups, as the group coordinator keeps them (the classic protocol).
//!
//! A change of membership starts a rebalance: members join again, the group forms a new generation,
//! its leader assigns the partitions and everybody synchronises. Follows
//! `org.apache.kafka.coordinator.group.GroupMetadataManager`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::api::{Answered, Effect, Event, GroupMember, JoinGroup, Response, Timer};
use super::assignor::Subscription;
use super::types::{Call, ErrorCode, MemberId, TopicPartition};

/// The states of a group, named as Kafka names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupState {
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
}

impl GroupState {
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Member {
    id: MemberId,
    session_timeout: Duration,
    rebalance_timeout: Duration,
    protocols: Vec<Rc<str>>,
    subscription: Subscription,
    assignment: Vec<TopicPartition>,
    /// The call of a join that waits for the others.
    joining: Option<Call>,
    /// The call of a sync that waits for the leader.
    syncing: Option<Call>,
}

impl Member {
    pub fn id(&self) -> &MemberId {
        &self.id
    }

    pub fn assignment(&self) -> &[TopicPartition] {
        &self.assignment
    }
}

#[derive(Clone, Debug)]
pub struct Group {
    id: Rc<str>,
    state: GroupState,
    generation: u32,
    leader: Option<MemberId>,
    protocol: Rc<str>,
    members: BTreeMap<MemberId, Member>,
    /// Ids that were given out and not used yet.
    pending: BTreeSet<MemberId>,
    committed: BTreeMap<TopicPartition, u64>,
    /// Topics that the group reads or has read.
    topics: BTreeSet<Rc<str>>,
}

impl Group {
    fn new(id: Rc<str>) -> Group {
        Group {
            id,
            state: GroupState::Empty,
            generation: 0,
            leader: None,
            protocol: "".into(),
            members: BTreeMap::new(),
            pending: BTreeSet::new(),
            committed: BTreeMap::new(),
            topics: BTreeSet::new(),
        }
    }

    pub fn id(&self) -> &Rc<str> {
        &self.id
    }

    pub fn state(&self) -> GroupState {
        self.state
    }

    pub fn generation(&self) -> u32 {
        self.generation
    }

    pub fn leader(&self) -> Option<&MemberId> {
        self.leader.as_ref()
    }

    /// The assignor that all members support.
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The offset that the group goes on from, if it has committed one.
    pub fn committed(&self, at: &TopicPartition) -> Option<u64> {
        self.committed.get(at).copied()
    }

    pub fn topics(&self) -> &BTreeSet<Rc<str>> {
        &self.topics
    }

    fn session_timer(&self, member: &MemberId) -> Timer {
        Timer::Session { group: self.id.clone(), member: member.clone() }
    }

    fn rebalance_timer(&self) -> Timer {
        Timer::Rebalance { group: self.id.clone() }
    }

    fn heard_of(&self, now: Instant, id: &MemberId, effects: &mut Vec<Effect>) {
        if let Some(member) = self.members.get(id) {
            let due = now + member.session_timeout;
            effects.push(Effect::Schedule { timer: self.session_timer(id), due });
        }
    }

    /// Asks everybody to join again.
    fn prepare(&mut self, now: Instant, reason: &'static str, effects: &mut Vec<Effect>) {
        for member in self.members.values_mut() {
            if let Some(call) = member.syncing.take() {
                let response = Response::SyncGroup(Err(ErrorCode::RebalanceInProgress));
                effects.push(Effect::Answer { call, response });
            }
        }
        self.state = GroupState::PreparingRebalance;
        let longest = self.members.values().map(|member| member.rebalance_timeout).max();
        let due = now + longest.unwrap_or_default();
        effects.push(Effect::Schedule { timer: self.rebalance_timer(), due });
        effects.push(Effect::Event(Event::RebalanceStarted { group: self.id.clone(), reason }));
    }

    fn all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some())
    }

    /// Forms the next generation of those who have joined.
    fn complete_join(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        effects.push(Effect::Cancel { timer: self.rebalance_timer() });
        let absent: Vec<MemberId> = self
            .members
            .values()
            .filter(|member| member.joining.is_none())
            .map(|member| member.id.clone())
            .collect();
        for id in absent {
            self.forget(&id, effects);
            let (group, member) = (self.id.clone(), id);
            effects.push(Effect::Event(Event::MemberLeft { group, member }));
        }
        self.pending.clear();
        self.generation += 1;
        if self.members.is_empty() {
            self.state = GroupState::Empty;
            self.leader = None;
            return;
        }
        self.state = GroupState::CompletingRebalance;
        if self.leader.as_ref().is_none_or(|leader| !self.members.contains_key(leader)) {
            self.leader = self.members.keys().next().cloned();
        }
        self.protocol = self.choose_protocol();
        self.announce(now, effects);
    }

    /// The protocol that every member supports and that comes first with the first of them.
    fn choose_protocol(&self) -> Rc<str> {
        let shared =
            |name: &&Rc<str>| self.members.values().all(|member| member.protocols.contains(name));
        let first = self.members.values().next();
        let chosen = first.and_then(|member| member.protocols.iter().find(shared));
        chosen.cloned().unwrap_or_else(|| "".into())
    }

    fn announce(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let leader = self.leader.clone().expect("a group with members has a leader");
        let event = Event::GenerationFormed {
            group: self.id.clone(),
            generation: self.generation,
            leader: leader.clone(),
            members: self.members.len() as u32,
        };
        effects.push(Effect::Event(event));
        let everybody: Vec<GroupMember> = self
            .members
            .values()
            .map(|member| GroupMember {
                id: member.id.clone(),
                subscription: member.subscription.clone(),
            })
            .collect();
        let ids: Vec<MemberId> = self.members.keys().cloned().collect();
        for id in ids {
            let joining = self.members.get_mut(&id).and_then(|member| member.joining.take());
            let Some(call) = joining else { continue };
            let answer = Answered {
                generation: self.generation,
                member: id.clone(),
                leader: leader.clone(),
                protocol: self.protocol.clone(),
                members: if id == leader { everybody.clone() } else { Vec::new() },
                partition_counts: Vec::new(),
            };
            effects.push(Effect::Answer { call, response: Response::JoinGroup(Ok(answer)) });
            self.heard_of(now, &id, effects);
        }
    }

    fn forget(&mut self, id: &MemberId, effects: &mut Vec<Effect>) {
        effects.push(Effect::Cancel { timer: self.session_timer(id) });
        self.members.remove(id);
    }

    /// A member is gone; the others rebalance, or finish the rebalance that waited for it.
    fn without(&mut self, now: Instant, reason: &'static str, effects: &mut Vec<Effect>) {
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare(now, reason, effects);
            }
            GroupState::PreparingRebalance | GroupState::Empty => {}
        }
        if self.state == GroupState::PreparingRebalance && self.all_joined() {
            self.complete_join(now, effects);
        }
    }

    fn check(&self, member: &MemberId, generation: u32) -> Result<(), ErrorCode> {
        if !self.members.contains_key(member) {
            return Err(ErrorCode::UnknownMemberId);
        }
        if generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(())
    }
}

/// All groups of the cluster.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    initial_delay: Duration,
    groups: BTreeMap<Rc<str>, Group>,
    /// Makes member ids unique. Kafka takes a random UUID.
    ids: u32,
}

impl Groups {
    pub fn new(initial_delay: Duration) -> Groups {
        Groups { initial_delay, groups: BTreeMap::new(), ids: 0 }
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
        join: JoinGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let initial_delay = self.initial_delay;
        let group =
            self.groups.entry(join.group.clone()).or_insert_with(|| Group::new(join.group.clone()));
        let Some(id) = join.member.clone() else {
            self.ids += 1;
            let id: MemberId = format!("{}-{}", join.client_name, self.ids).into();
            group.pending.insert(id.clone());
            return Some(Response::JoinGroup(Err((ErrorCode::MemberIdRequired, Some(id)))));
        };
        let known = group.members.contains_key(&id);
        if !known && !group.pending.remove(&id) {
            return Some(Response::JoinGroup(Err((ErrorCode::UnknownMemberId, None))));
        }
        if !group.supports(&join) {
            let error = ErrorCode::InconsistentGroupProtocol;
            return Some(Response::JoinGroup(Err((error, None))));
        }
        group.topics.extend(join.subscription.topics.iter().cloned());
        group.admit(call, id.clone(), join, effects);
        effects.push(Effect::Cancel { timer: group.session_timer(&id) });
        match group.state {
            GroupState::Empty => {
                group.prepare(now, "a first member joined", effects);
                let due = now + initial_delay;
                effects.push(Effect::Schedule { timer: group.rebalance_timer(), due });
                return None;
            }
            GroupState::Stable | GroupState::CompletingRebalance => {
                let reason = if known { "a member joined again" } else { "a member joined" };
                group.prepare(now, reason, effects);
            }
            GroupState::PreparingRebalance => {}
        }
        // A new group waits for its initial delay even if all that it knows have joined.
        if group.generation > 0 && group.all_joined() {
            group.complete_join(now, effects);
        }
        None
    }

    pub fn sync(
        &mut self,
        now: Instant,
        call: Call,
        group: &str,
        (generation, member, assignments): (u32, MemberId, Vec<(MemberId, Vec<TopicPartition>)>),
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let Some(group) = self.groups.get_mut(group) else {
            return Some(Response::SyncGroup(Err(ErrorCode::UnknownMemberId)));
        };
        if let Err(error) = group.check(&member, generation) {
            return Some(Response::SyncGroup(Err(error)));
        }
        match group.state {
            GroupState::Empty => Some(Response::SyncGroup(Err(ErrorCode::UnknownMemberId))),
            GroupState::PreparingRebalance => {
                Some(Response::SyncGroup(Err(ErrorCode::RebalanceInProgress)))
            }
            GroupState::Stable => {
                group.heard_of(now, &member, effects);
                Some(Response::SyncGroup(Ok(group.members[&member].assignment.clone())))
            }
            GroupState::CompletingRebalance => {
                let waiting = group.members.get_mut(&member).expect("the member was checked");
                waiting.syncing = Some(call);
                effects.push(Effect::Cancel { timer: group.session_timer(&member) });
                if group.leader.as_ref() == Some(&member) {
                    group.assign(now, assignments, effects);
                }
                None
            }
        }
    }

    pub fn heartbeat(
        &mut self,
        now: Instant,
        group: &str,
        generation: u32,
        member: &MemberId,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let group = self.groups.get(group).ok_or(ErrorCode::UnknownMemberId)?;
        group.check(member, generation)?;
        group.heard_of(now, member, effects);
        match group.state {
            GroupState::PreparingRebalance => Err(ErrorCode::RebalanceInProgress),
            GroupState::Empty => Err(ErrorCode::UnknownMemberId),
            GroupState::Stable | GroupState::CompletingRebalance => Ok(()),
        }
    }

    pub fn leave(
        &mut self,
        now: Instant,
        group: &str,
        member: &MemberId,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let group = self.groups.get_mut(group).ok_or(ErrorCode::UnknownMemberId)?;
        if !group.members.contains_key(member) {
            return Err(ErrorCode::UnknownMemberId);
        }
        group.forget(member, effects);
        let event = Event::MemberLeft { group: group.id.clone(), member: member.clone() };
        effects.push(Effect::Event(event));
        group.without(now, "a member left", effects);
        Ok(())
    }

    pub fn commit(
        &mut self,
        now: Instant,
        group: &str,
        member: Option<(MemberId, u32)>,
        offsets: Vec<(TopicPartition, u64)>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let id: Rc<str> = group.into();
        let group = self.groups.entry(id.clone()).or_insert_with(|| Group::new(id));
        let refusal = match &member {
            None if group.state == GroupState::Empty => None,
            None => Some(ErrorCode::UnknownMemberId),
            Some((member, generation)) => group.check(member, *generation).err(),
        };
        let refusal = refusal.or_else(|| {
            let completing = group.state == GroupState::CompletingRebalance;
            completing.then_some(ErrorCode::RebalanceInProgress)
        });
        if let Some(error) = refusal {
            let member = member.map_or_else(|| "".into(), |(member, _)| member);
            let event = Event::CommitRefused { group: group.id.clone(), member, error };
            effects.push(Effect::Event(event));
            return Err(error);
        }
        if let Some((member, _)) = &member {
            group.heard_of(now, member, effects);
        }
        for (partition, offset) in offsets {
            group.topics.insert(partition.topic.clone());
            group.committed.insert(partition.clone(), offset);
            let event = Event::OffsetCommitted { group: group.id.clone(), partition, offset };
            effects.push(Effect::Event(event));
        }
        Ok(())
    }

    pub fn session_expired(
        &mut self,
        now: Instant,
        group: &str,
        member: &MemberId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(group) = self.groups.get_mut(group) else {
            return;
        };
        if group.members.remove(member).is_some() {
            let event = Event::SessionExpired { group: group.id.clone(), member: member.clone() };
            effects.push(Effect::Event(event));
            group.without(now, "a member's session expired", effects);
        }
    }

    /// Who has not joined by now is left behind.
    pub fn rebalance_due(&mut self, now: Instant, group: &str, effects: &mut Vec<Effect>) {
        let Some(group) = self.groups.get_mut(group) else {
            return;
        };
        if group.state == GroupState::PreparingRebalance {
            group.complete_join(now, effects);
        }
    }
}

impl Group {
    /// True if some assignor of the newcomer is one that all others have too.
    fn supports(&self, join: &JoinGroup) -> bool {
        let others =
            || self.members.values().filter(|member| Some(&member.id) != join.member.as_ref());
        join.protocols.iter().any(|name| others().all(|member| member.protocols.contains(name)))
    }

    fn admit(&mut self, call: Call, id: MemberId, join: JoinGroup, effects: &mut Vec<Effect>) {
        let assignment = self.members.get(&id).map(|member| member.assignment.clone());
        if assignment.is_none() {
            let event = Event::MemberJoined { group: self.id.clone(), member: id.clone() };
            effects.push(Effect::Event(event));
        }
        let member = Member {
            id: id.clone(),
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols,
            subscription: join.subscription,
            assignment: assignment.unwrap_or_default(),
            joining: Some(call),
            syncing: None,
        };
        self.members.insert(id, member);
    }

    /// The leader has spoken: the group is stable and everybody who waits is told.
    fn assign(
        &mut self,
        now: Instant,
        assignments: Vec<(MemberId, Vec<TopicPartition>)>,
        effects: &mut Vec<Effect>,
    ) {
        let mut assignments: BTreeMap<MemberId, Vec<TopicPartition>> =
            assignments.into_iter().collect();
        self.state = GroupState::Stable;
        let ids: Vec<MemberId> = self.members.keys().cloned().collect();
        for id in ids {
            let member = self.members.get_mut(&id).expect("the ids are those of the members");
            member.assignment = assignments.remove(&id).unwrap_or_default();
            let partitions = member.assignment.clone();
            if let Some(call) = member.syncing.take() {
                let response = Response::SyncGroup(Ok(partitions.clone()));
                effects.push(Effect::Answer { call, response });
            }
            let (group, generation) = (self.id.clone(), self.generation);
            let event = Event::Assigned { group, member: id.clone(), generation, partitions };
            effects.push(Effect::Event(event));
            self.heard_of(now, &id, effects);
        }
    }
}
