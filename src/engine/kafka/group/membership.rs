//! The requests of members: join, sync, heartbeat, leave.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::coordinator::join_refused;
use super::member::Member;
use super::{Group, GroupState};
use crate::engine::kafka::api::{JoinGroup, Leaver, Response, SyncGroup};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event};
use crate::engine::kafka::types::{Call, MemberId};

/// `CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`: how long a new member may wait in its join.
const NEW_MEMBER_JOIN_TIMEOUT: Duration = Duration::from_secs(5 * 60);

impl Group {
    /// A member without an id joins under this one.
    pub(super) fn join_new(
        &mut self,
        now: Instant,
        (call, id, initial_delay): (Call, MemberId, Duration),
        join: &JoinGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        if !self.supports(join) {
            return Some(join_refused(ErrorCode::InconsistentGroupProtocol));
        }
        if let Some(instance) = &join.instance {
            return match self.instances.get(instance).cloned() {
                Some(old) => self.replace(now, (call, old, id), join, effects),
                None => {
                    self.admit(now, (call, id, initial_delay), join, effects);
                    None
                }
            };
        }
        if join.requires_known_member_id {
            effects.push(Effect::Schedule {
                timer: self.session_timer(&id),
                due: now + join.session_timeout,
            });
            self.pending.insert(id.clone());
            return Some(Response::JoinGroup(Err(super::super::api::JoinRefused {
                error: ErrorCode::MemberIdRequired,
                member: Some(id),
            })));
        }
        self.admit(now, (call, id, initial_delay), join, effects);
        None
    }

    /// A member joins with the id that it has.
    pub(super) fn join_again(
        &mut self,
        now: Instant,
        (call, id, initial_delay): (Call, MemberId, Duration),
        join: &JoinGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        if !self.supports(join) {
            return Some(join_refused(ErrorCode::InconsistentGroupProtocol));
        }
        if self.pending.contains(&id) {
            self.admit(now, (call, id, initial_delay), join, effects);
            return None;
        }
        if let Err(error) = self.check_member(&id, join.instance.as_ref()) {
            return Some(join_refused(error));
        }
        let leads = self.leader.as_ref() == Some(&id);
        let same = self.members[&id].matches(join);
        match self.state {
            GroupState::Empty => return Some(join_refused(ErrorCode::UnknownMemberId)),
            GroupState::CompletingRebalance if same => {
                return Some(Response::JoinGroup(Ok(Rc::new(self.joined(&id)))));
            }
            GroupState::Stable if same && !leads => {
                return Some(Response::JoinGroup(Ok(Rc::new(self.joined(&id)))));
            }
            GroupState::CompletingRebalance
            | GroupState::Stable
            | GroupState::PreparingRebalance => {}
        }
        let reason = join.reason.text();
        self.topics.extend(join.subscription.topics.iter().cloned());
        let member = self.members.get_mut(&id).expect("the member was checked");
        member.update(join);
        member.joining = Some(call);
        effects.push(Effect::Cancel { timer: self.session_timer(&id) });
        self.prepare_or_complete(now, initial_delay, reason, effects);
        None
    }

    /// True if the kind of group is right and all members support one of the protocols.
    fn supports(&self, join: &JoinGroup) -> bool {
        if join.protocols.is_empty() {
            return false;
        }
        if self.members.is_empty() {
            return true;
        }
        let all_support = |name| {
            let mut members = self.members.values();
            members.all(|member| member.protocols.contains(name))
        };
        self.protocol_type.as_ref() == Some(&join.protocol_type)
            && join.protocols.iter().any(all_support)
    }

    fn admit(
        &mut self,
        now: Instant,
        (call, id, initial_delay): (Call, MemberId, Duration),
        join: &JoinGroup,
        effects: &mut Vec<Effect>,
    ) {
        self.pending.remove(&id);
        if let Some(delay) = &mut self.initial_delay {
            delay.somebody_came = true;
        }
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type.clone());
        }
        self.topics.extend(join.subscription.topics.iter().cloned());
        if let Some(instance) = &join.instance {
            self.instances.insert(instance.clone(), id.clone());
        }
        self.joined += 1;
        let reason = join.reason.of_newcomer();
        let member = Member::new(id.clone(), self.joined, call, join);
        self.members.insert(id.clone(), member);
        self.leader.get_or_insert_with(|| id.clone());
        effects.push(Effect::Schedule {
            timer: self.session_timer(&id),
            due: now + NEW_MEMBER_JOIN_TIMEOUT,
        });
        self.note(effects, |group| Event::MemberJoined { group, member: id, reason });
        self.prepare_or_complete(now, initial_delay, "a member joined", effects);
    }

    /// A new process of a static member takes over its seat, and its assignment, under a new id.
    fn replace(
        &mut self,
        now: Instant,
        (call, old, id): (Call, MemberId, MemberId),
        join: &JoinGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let mut member = self.members.remove(&old).expect("instances are of members");
        effects.push(Effect::Cancel { timer: self.session_timer(&old) });
        if let Some(call) = member.joining.take() {
            let response = join_refused(ErrorCode::FencedInstanceId);
            effects.push(Effect::Answer { call, response });
        }
        if let Some(call) = member.syncing.take() {
            let response = Response::SyncGroup(Err(ErrorCode::FencedInstanceId));
            effects.push(Effect::Answer { call, response });
        }
        if self.unsynced.remove(&old) {
            self.unsynced.insert(id.clone());
        }
        if self.leader.as_ref() == Some(&old) {
            self.leader = Some(id.clone());
        }
        let instance = join.instance.clone().expect("a static member has an instance");
        self.instances.insert(instance, id.clone());
        member.id = id.clone();
        member.client = call.client;
        member.update(join);
        self.members.insert(id.clone(), member);
        self.heard_of(now, &id, effects);
        match self.state {
            GroupState::Stable if self.choose_protocol() == self.protocol => {
                let mut joined = self.joined(&id);
                joined.skip_assignment = joined.leader == id;
                return Some(Response::JoinGroup(Ok(Rc::new(joined))));
            }
            GroupState::Stable
            | GroupState::CompletingRebalance
            | GroupState::PreparingRebalance
            | GroupState::Empty => {}
        }
        let member = self.members.get_mut(&id).expect("it was put there");
        member.joining = Some(call);
        self.without(now, "a static member came back under a new id", effects);
        None
    }

    pub(super) fn sync(
        &mut self,
        now: Instant,
        call: Call,
        sync: SyncGroup,
        effects: &mut Vec<Effect>,
    ) -> Option<Response> {
        let checked = self.check_member(&sync.member, sync.instance.as_ref());
        let checked = checked.and_then(|()| self.check_generation(sync.generation));
        if let Err(error) = checked {
            return Some(Response::SyncGroup(Err(error)));
        }
        match self.state {
            GroupState::Empty => Some(Response::SyncGroup(Err(ErrorCode::UnknownMemberId))),
            GroupState::PreparingRebalance => {
                Some(Response::SyncGroup(Err(ErrorCode::RebalanceInProgress)))
            }
            GroupState::Stable => {
                self.unsynced.remove(&sync.member);
                self.heard_of(now, &sync.member, effects);
                let assignment = self.members[&sync.member].assignment.clone();
                Some(Response::SyncGroup(Ok(assignment)))
            }
            GroupState::CompletingRebalance => {
                self.unsynced.remove(&sync.member);
                let member = self.members.get_mut(&sync.member);
                member.expect("the member was checked").syncing = Some(call);
                effects.push(Effect::Cancel { timer: self.session_timer(&sync.member) });
                if self.leader.as_ref() == Some(&sync.member) {
                    self.assign(now, sync.assignments, effects);
                }
                None
            }
        }
    }

    pub(super) fn heartbeat(
        &mut self,
        now: Instant,
        (member, generation): (&MemberId, u32),
        instance: Option<&std::rc::Rc<str>>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        self.check_member(member, instance)?;
        self.check_generation(generation)?;
        match self.state {
            GroupState::Empty => Err(ErrorCode::UnknownMemberId),
            GroupState::PreparingRebalance => {
                self.heard_of(now, member, effects);
                Err(ErrorCode::RebalanceInProgress)
            }
            GroupState::Stable | GroupState::CompletingRebalance => {
                self.heard_of(now, member, effects);
                Ok(())
            }
        }
    }

    pub(super) fn leave(
        &mut self,
        now: Instant,
        leaver: &Leaver,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        let known = leaver.instance.as_ref().and_then(|one| self.instances.get(one));
        let member = match (&leaver.member, known) {
            (Some(member), _) => member.clone(),
            (None, Some(member)) => member.clone(),
            (None, None) => return Err(ErrorCode::UnknownMemberId),
        };
        if self.pending.remove(&member) {
            effects.push(Effect::Cancel { timer: self.session_timer(&member) });
            self.without_pending(now, effects);
            return Ok(());
        }
        self.check_member(&member, leaver.instance.as_ref())?;
        self.remove(&member, effects);
        let reason = leaver.reason;
        self.note(effects, |group| Event::MemberLeft { group, member, reason });
        self.without(now, "a member left", effects);
        Ok(())
    }

    /// A member that waits for an answer needs no heartbeat, unless it is new: then it may have
    /// gone without ever having been in the group.
    pub(super) fn session_expired(
        &mut self,
        now: Instant,
        id: &MemberId,
        effects: &mut Vec<Effect>,
    ) {
        if self.pending.remove(id) {
            self.without_pending(now, effects);
            return;
        }
        let Some(member) = self.members.get(id) else {
            return;
        };
        let waits = member.joining.is_some() || member.syncing.is_some();
        if waits && !member.is_new {
            return;
        }
        self.remove(id, effects);
        let member = id.clone();
        self.note(effects, |group| Event::SessionExpired { group, member });
        self.without(now, "a member's session ended", effects);
    }
}
