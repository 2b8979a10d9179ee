//! From the change that starts a rebalance to the stable group.

use crate::engine::sort_few;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::{Group, GroupState, InitialDelay};
use crate::engine::kafka::api::{GroupMember, Joined, Response};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event};
use crate::engine::kafka::types::{MemberId, TopicPartition};

impl Group {
    pub(super) fn rebalance_timeout(&self) -> Duration {
        let timeouts = self.members.values().map(|member| member.rebalance_timeout);
        timeouts.max().unwrap_or_default()
    }

    /// Starts a rebalance, or looks whether one that runs is complete.
    pub(super) fn prepare_or_complete(
        &mut self,
        now: Instant,
        initial_delay: Duration,
        reason: &'static str,
        effects: &mut Vec<Effect>,
    ) {
        match self.state {
            GroupState::Empty => self.prepare_first(now, initial_delay, reason, effects),
            GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare(now, reason, effects);
            }
            GroupState::PreparingRebalance => self.complete_if_all_joined(now, effects),
        }
    }

    /// A new group waits `group.initial.rebalance.delay.ms` for more members, and again as long as
    /// some come, up to the rebalance timeout.
    fn prepare_first(
        &mut self,
        now: Instant,
        initial_delay: Duration,
        reason: &'static str,
        effects: &mut Vec<Effect>,
    ) {
        self.initial_delay = Some(InitialDelay {
            remaining: self.rebalance_timeout().saturating_sub(initial_delay),
            step: initial_delay,
            somebody_came: false,
        });
        self.enter(now, GroupState::PreparingRebalance);
        effects.push(Effect::Schedule { timer: self.rebalance_timer(), due: now + initial_delay });
        self.note(effects, |group| Event::RebalanceStarted { group, reason });
    }

    /// Asks everybody to join again.
    pub(super) fn prepare(
        &mut self,
        now: Instant,
        reason: &'static str,
        effects: &mut Vec<Effect>,
    ) {
        self.refuse_syncs(now, effects);
        self.unsynced.clear();
        effects.push(Effect::Cancel { timer: self.sync_timer() });
        self.enter(now, GroupState::PreparingRebalance);
        self.note(effects, |group| Event::RebalanceStarted { group, reason });
        if self.all_joined() {
            self.complete_join(now, effects);
        } else {
            effects.push(Effect::Schedule {
                timer: self.rebalance_timer(),
                due: now + self.rebalance_timeout(),
            });
        }
    }

    fn refuse_syncs(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let mut told = Vec::new();
        for (_, member) in self.members.iter_mut() {
            if let Some(call) = member.syncing.take() {
                let response = Response::SyncGroup(Err(ErrorCode::RebalanceInProgress));
                effects.push(Effect::Answer { call, response });
                told.push(member.id.clone());
            }
        }
        for id in told {
            self.heard_of(now, &id, effects);
        }
    }

    fn all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some())
    }

    /// A new group waits for its initial delay even if all that it knows have joined.
    pub(super) fn complete_if_all_joined(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.initial_delay.is_none() && self.all_joined() {
            self.complete_join(now, effects);
        }
    }

    /// The time for joining is over.
    pub(super) fn rebalance_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.state != GroupState::PreparingRebalance {
            return;
        }
        if let Some(delay) = self.initial_delay
            && delay.somebody_came
            && !delay.remaining.is_zero()
        {
            let step = delay.step.min(delay.remaining);
            self.initial_delay = Some(InitialDelay {
                remaining: delay.remaining.saturating_sub(delay.step),
                step,
                somebody_came: false,
            });
            effects.push(Effect::Schedule { timer: self.rebalance_timer(), due: now + step });
            return;
        }
        self.complete_join(now, effects);
    }

    /// Forms the next generation of those who have joined. Static members may be late.
    fn complete_join(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.initial_delay = None;
        effects.push(Effect::Cancel { timer: self.rebalance_timer() });
        let late = self
            .members
            .values()
            .filter(|member| member.joining.is_none() && member.instance.is_none());
        let late: Vec<MemberId> = late.map(|member| member.id.clone()).collect();
        for member in late {
            self.remove(&member, effects);
            let reason = "it did not join again within its rebalance timeout";
            self.note(effects, |group| Event::MemberLeft { group, member, reason });
        }
        if !self.elect_leader_of_joined() && !self.members.is_empty() {
            effects.push(Effect::Schedule {
                timer: self.rebalance_timer(),
                due: now + self.rebalance_timeout(),
            });
            return;
        }
        self.generation += 1;
        self.unsynced.clear();
        if self.members.is_empty() {
            self.protocol = "".into();
            self.enter(now, GroupState::Empty);
            return;
        }
        self.protocol = self.choose_protocol();
        self.enter(now, GroupState::CompletingRebalance);
        effects.push(Effect::Schedule {
            timer: self.sync_timer(),
            due: now + self.rebalance_timeout(),
        });
        self.announce(now, effects);
    }

    /// The leader stays if it has joined; otherwise the first of those who have leads. False if
    /// nobody has.
    fn elect_leader_of_joined(&mut self) -> bool {
        let leader = self.leader.as_ref().and_then(|id| self.members.get(id));
        if leader.is_some_and(|leader| leader.joining.is_some()) {
            return true;
        }
        let joined = self.members.values().filter(|one| one.joining.is_some());
        let Some(first) = joined.min_by_key(|member| member.arrival) else {
            return false;
        };
        self.leader = Some(first.id.clone());
        true
    }

    /// Every member votes for the first of its protocols that all support; the most votes win.
    pub(super) fn choose_protocol(&self) -> Rc<str> {
        let shared = |name: &&Rc<str>| {
            let mut members = self.members.values();
            members.all(|member| member.protocols.contains(name))
        };
        let mut arrived: Vec<_> = self.members.values().collect();
        sort_few(&mut arrived, |member| member.arrival);
        let votes: Vec<&Rc<str>> =
            arrived.iter().filter_map(|member| member.protocols.iter().find(shared)).collect();
        let count = |name: &Rc<str>| votes.iter().filter(|vote| **vote == name).count();
        let mut chosen: Option<&Rc<str>> = None;
        for vote in &votes {
            if chosen.is_none_or(|chosen| count(vote) > count(chosen)) {
                chosen = Some(vote);
            }
        }
        chosen.cloned().unwrap_or_else(|| "".into())
    }

    fn announce(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let leader = self.leader.clone();
        let leader = leader.expect("a group with members has a leader");
        let (generation, members) = (self.generation, self.members.len() as u32);
        self.note(effects, |group| Event::GenerationFormed {
            group,
            generation,
            leader: leader.clone(),
            members,
        });
        let ids: Vec<MemberId> = self.members.keys().cloned().collect();
        for id in ids {
            let member = self.members.get_mut(&id).expect("ids are of members");
            let Some(call) = member.joining.take() else {
                continue;
            };
            member.is_new = false;
            self.unsynced.insert(id.clone());
            let response = Response::JoinGroup(Ok(Rc::new(self.joined(&id))));
            effects.push(Effect::Answer { call, response });
            self.heard_of(now, &id, effects);
        }
    }

    /// What a member learns; the leader learns of everybody.
    pub(super) fn joined(&self, id: &MemberId) -> Joined {
        let leader = self.leader.clone();
        let leader = leader.expect("a group with members has a leader");
        let everybody = self.members.values().filter(|_| *id == leader);
        Joined {
            generation: self.generation,
            member: id.clone(),
            protocol: self.protocol.clone(),
            members: everybody
                .map(|member| GroupMember {
                    id: member.id.clone(),
                    subscription: member.subscription.clone(),
                })
                .collect(),
            leader,
            partition_counts: Vec::new(),
            skip_assignment: false,
        }
    }

    /// Takes the leader's assignment and answers everybody who waits for it. A member that the
    /// leader does not mention gets nothing.
    pub(super) fn assign(
        &mut self,
        now: Instant,
        assignments: Vec<(MemberId, Vec<TopicPartition>)>,
        effects: &mut Vec<Effect>,
    ) {
        for (_, member) in self.members.iter_mut() {
            member.assignment.clear();
        }
        for (id, partitions) in assignments {
            if let Some(member) = self.members.get_mut(&id) {
                member.assignment = partitions;
            }
        }
        self.enter(now, GroupState::Stable);
        let ids: Vec<MemberId> = self.members.keys().cloned().collect();
        for id in ids {
            let member = self.members.get_mut(&id).expect("ids are of members");
            let partitions = member.assignment.clone();
            if let Some(call) = member.syncing.take() {
                let response = Response::SyncGroup(Ok(partitions.clone()));
                effects.push(Effect::Answer { call, response });
                self.heard_of(now, &id, effects);
            }
            let generation = self.generation;
            self.note(effects, |group| Event::Assigned {
                group,
                member: id,
                generation,
                partitions,
            });
        }
    }

    /// Members that have not fetched their assignment within the rebalance timeout are left behind.
    pub(super) fn sync_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let late = std::mem::take(&mut self.unsynced);
        if late.is_empty() {
            return;
        }
        for member in late {
            self.remove(&member, effects);
            let reason = "it did not fetch its assignment";
            self.note(effects, |group| Event::MemberLeft { group, member, reason });
        }
        self.prepare(now, "a member did not fetch its assignment", effects);
    }

    /// Takes a member out. If it led, the one that came first after it leads.
    pub(super) fn remove(&mut self, id: &MemberId, effects: &mut Vec<Effect>) {
        effects.push(Effect::Cancel { timer: self.session_timer(id) });
        self.unsynced.remove(id);
        let Some(member) = self.members.remove(id) else {
            return;
        };
        if let Some(call) = member.joining {
            let response = super::coordinator::join_refused(ErrorCode::UnknownMemberId);
            effects.push(Effect::Answer { call, response });
        }
        if let Some(instance) = &member.instance {
            self.instances.remove(instance);
        }
        if self.leader.as_ref() == Some(id) {
            let first = self.members.values().min_by_key(|member| member.arrival);
            self.leader = first.map(|member| member.id.clone());
        }
    }

    /// A member is gone; the others rebalance, or finish the rebalance that waited for it.
    pub(super) fn without(
        &mut self,
        now: Instant,
        reason: &'static str,
        effects: &mut Vec<Effect>,
    ) {
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare(now, reason, effects);
            }
            GroupState::PreparingRebalance => self.complete_if_all_joined(now, effects),
            GroupState::Empty => {}
        }
    }

    /// An id that was given out will not be used; a rebalance need not wait for it.
    pub(super) fn without_pending(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.state == GroupState::PreparingRebalance {
            self.complete_if_all_joined(now, effects);
        }
    }
}
