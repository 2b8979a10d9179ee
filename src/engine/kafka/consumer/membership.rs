//! The consumer as a member of its group: join, sync, heartbeat, rejoin.

use std::rc::Rc;

use litemap::LiteMap;

use crate::engine::Instant;

use super::{Awaited, Consumer, ConsumerEffect, ConsumerTimer, Effects};
use crate::engine::kafka::api::{
    JoinGroup, JoinReason, JoinRefused, Joined, Leaver, Request, SyncGroup,
};
use crate::engine::kafka::assignor::{Assignor, Subscription};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::types::{MemberId, TopicPartition};

impl Consumer {
    pub(super) fn join(&mut self, reason: JoinReason, effects: &mut Effects) {
        self.rejoin = None;
        if self.config.enable_auto_commit && !self.positions.is_empty() {
            self.commit_finished(effects);
        }
        if !self.config.assignor.is_cooperative() {
            self.give_up_all(effects);
        }
        effects.push(ConsumerEffect::Cancel { timer: ConsumerTimer::Heartbeat });
        let subscription = Subscription {
            topics: self.config.topics.clone(),
            instance_id: self.config.group_instance_id.clone(),
            owned: self.remembered(),
            generation: self.generation,
        };
        let request = Request::JoinGroup(Rc::new(JoinGroup {
            group: self.config.group_id.clone(),
            member: self.member.clone(),
            instance: self.config.group_instance_id.clone(),
            requires_known_member_id: true,
            client_name: self.config.client_name.clone(),
            session_timeout: self.config.session_timeout,
            rebalance_timeout: self.config.max_poll_interval,
            protocol_type: "consumer".into(),
            protocols: vec![self.config.assignor.name().into()],
            subscription,
            reason,
        }));
        let correlation = self.send(Awaited::Join(reason), request, effects);
        self.rebalancing = Some(correlation);
    }

    /// What it tells the leader to have had: the sticky assignors need it even after an eager
    /// member has given everything up.
    fn remembered(&self) -> Vec<TopicPartition> {
        match self.config.assignor {
            Assignor::Range | Assignor::RoundRobin => Vec::new(),
            Assignor::Sticky => self.last_assignment.clone(),
            Assignor::CooperativeSticky => self.positions.keys().cloned().collect(),
        }
    }

    /// Joins now if the application polls, otherwise when it polls again.
    pub(super) fn must_rejoin(&mut self, reason: JoinReason, effects: &mut Effects) {
        if self.rebalancing.is_some() {
            return;
        }
        if self.polled {
            self.join(reason, effects);
        } else {
            self.rejoin.get_or_insert(reason);
        }
    }

    pub(super) fn joined(
        &mut self,
        awaited: Awaited,
        outcome: Result<Rc<Joined>, JoinRefused>,
        effects: &mut Effects,
    ) {
        match outcome {
            Err(JoinRefused { error: ErrorCode::MemberIdRequired, member }) => {
                self.member = member;
                let reason =
                    if let Awaited::Join(reason) = awaited { reason } else { JoinReason::Started };
                self.join(reason, effects);
            }
            Err(JoinRefused {
                error: ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration,
                ..
            }) => {
                self.rebalancing = None;
                self.lose_all(effects);
                self.join(JoinReason::Fenced, effects);
            }
            // Nothing that trying again would mend: the application has to.
            Err(JoinRefused { error, .. }) => {
                self.rebalancing = None;
                self.lose_all(effects);
                effects.push(ConsumerEffect::Failed { error, partitions: Vec::new() });
            }
            Ok(joined) => {
                self.generation = joined.generation;
                self.member = Some(joined.member.clone());
                let leads = joined.leader == joined.member;
                self.assigned_counts = leads.then(|| joined.partition_counts.clone());
                let assignments = assign(&joined);
                let request = Request::SyncGroup(SyncGroup {
                    group: self.config.group_id.clone(),
                    generation: joined.generation,
                    member: joined.member.clone(),
                    instance: self.config.group_instance_id.clone(),
                    assignments,
                });
                let correlation = self.send(Awaited::Sync, request, effects);
                self.rebalancing = Some(correlation);
            }
        }
    }

    pub(super) fn synced(
        &mut self,
        now: Instant,
        outcome: Result<Vec<TopicPartition>, ErrorCode>,
        effects: &mut Effects,
    ) {
        self.rebalancing = None;
        match outcome {
            // The application waits in its poll since the join.
            Err(ErrorCode::RebalanceInProgress) => {
                self.join(JoinReason::RebalanceInProgress, effects);
            }
            Err(error) => self.refused(error, effects),
            Ok(partitions) => {
                self.beat_again(now, effects);
                self.last_assignment.clone_from(&partitions);
                self.take_over(partitions, effects);
            }
        }
    }

    /// Compares the new assignment with what is held.
    fn take_over(&mut self, partitions: Vec<TopicPartition>, effects: &mut Effects) {
        let held = self.positions.keys();
        let gone: Vec<TopicPartition> =
            held.filter(|at| !partitions.contains(at)).cloned().collect();
        let new: Vec<TopicPartition> =
            partitions.into_iter().filter(|at| !self.positions.contains_key(at)).collect();
        if !gone.is_empty() && self.config.enable_auto_commit {
            self.commit_finished(effects);
        }
        for at in &gone {
            self.positions.remove(at);
            self.handed_out.remove(at);
        }
        self.buffer.retain(|run| !gone.contains(&run.partition));
        self.lookups.retain(|lookup| !gone.contains(&lookup.at));
        for at in &new {
            self.positions.insert(at.clone(), None);
        }
        self.ask_for_committed(new.clone(), effects);
        if !gone.is_empty() {
            effects.push(ConsumerEffect::Revoked(gone.clone()));
        }
        effects.push(ConsumerEffect::Assigned(new));
        if !gone.is_empty() {
            // What was given up can now go to its new owner.
            self.join(JoinReason::PartitionsRevoked, effects);
        }
        // If all that was buffered went along, no poll would ask for more.
        self.fetch(effects);
    }

    fn give_up_all(&mut self, effects: &mut Effects) {
        let gone = self.drop_all();
        if !gone.is_empty() {
            effects.push(ConsumerEffect::Revoked(gone));
        }
    }

    fn drop_all(&mut self) -> Vec<TopicPartition> {
        self.buffer.clear();
        self.lookups.clear();
        self.handed_out.clear();
        std::mem::take(&mut self.positions).into_iter().map(|(at, _)| at).collect()
    }

    /// The group went on without this member.
    fn lose_all(&mut self, effects: &mut Effects) {
        (self.member, self.generation) = (None, 0);
        self.assigned_counts = None;
        self.last_assignment.clear();
        let gone = self.drop_all();
        if !gone.is_empty() {
            effects.push(ConsumerEffect::Lost(gone));
        }
    }

    pub(super) fn refused(&mut self, error: ErrorCode, effects: &mut Effects) {
        if self.rebalancing.is_some() {
            return;
        }
        if error == ErrorCode::RebalanceInProgress {
            self.must_rejoin(JoinReason::RebalanceInProgress, effects);
        } else if error == ErrorCode::UnknownMemberId || error == ErrorCode::IllegalGeneration {
            self.lose_all(effects);
            self.must_rejoin(JoinReason::Fenced, effects);
        } else if error == ErrorCode::FencedInstanceId {
            // Another process has this member's seat: it must not come back under the same id.
            self.lose_all(effects);
            effects.push(ConsumerEffect::Failed { error, partitions: Vec::new() });
        }
    }

    pub(super) fn heartbeat(&mut self, now: Instant, effects: &mut Effects) {
        self.beat_again(now, effects);
        if let Some(member) = self.member.clone() {
            let request = Request::Heartbeat {
                group: self.config.group_id.clone(),
                generation: self.generation,
                member,
                instance: self.config.group_instance_id.clone(),
            };
            self.send(Awaited::Heartbeat, request, effects);
        }
    }

    fn beat_again(&self, now: Instant, effects: &mut Effects) {
        effects.push(ConsumerEffect::Schedule {
            timer: ConsumerTimer::Heartbeat,
            due: now + self.config.heartbeat_interval,
        });
    }

    /// The application is too slow: the member leaves, and joins anew with the next poll.
    pub(super) fn poll_interval_over(&mut self, effects: &mut Effects) {
        self.leave("it did not poll for max.poll.interval.ms", effects);
        effects.push(ConsumerEffect::Cancel { timer: ConsumerTimer::Heartbeat });
        self.rebalancing = None;
        self.lose_all(effects);
        self.rejoin = Some(JoinReason::Fenced);
    }

    pub(super) fn leave(&mut self, reason: &'static str, effects: &mut Effects) {
        if let Some(member) = self.member.take() {
            let instance = self.config.group_instance_id.clone();
            let leaver = Leaver { member: Some(member), instance, reason };
            let request =
                Request::LeaveGroup { group: self.config.group_id.clone(), members: vec![leaver] };
            self.send(Awaited::Leave, request, effects);
        }
    }

    pub(super) fn ask_for_metadata(&mut self, now: Instant, effects: &mut Effects) {
        effects.push(ConsumerEffect::Schedule {
            timer: ConsumerTimer::Metadata,
            due: now + self.config.metadata_max_age,
        });
        if self.assigned_counts.is_some() {
            let topics = self.assigned_counts.iter().flatten();
            let topics = topics.map(|(topic, _)| topic.clone()).collect();
            self.send(Awaited::Metadata, Request::Metadata { topics }, effects);
        }
    }

    /// A leader whose topics have other partitions than it assigned asks for a rebalance.
    pub(super) fn learned_counts(&mut self, counts: &[(Rc<str>, u32)], effects: &mut Effects) {
        let assigned = self.assigned_counts.as_deref();
        if assigned.is_some_and(|assigned| assigned != counts) {
            self.must_rejoin(JoinReason::MetadataChanged, effects);
        }
    }
}

/// What the leader gives to each member; nothing from the others.
fn assign(joined: &Joined) -> Vec<(MemberId, Vec<TopicPartition>)> {
    let Some(assignor) = Assignor::from_name(&joined.protocol) else {
        return Vec::new();
    };
    if joined.leader != joined.member || joined.skip_assignment {
        return Vec::new();
    }
    let members: LiteMap<MemberId, Subscription> = joined
        .members
        .iter()
        .map(|member| (member.id.clone(), member.subscription.clone()))
        .collect();
    let counts: LiteMap<Rc<str>, u32> = joined.partition_counts.iter().cloned().collect();
    assignor.assign(&members, &counts).into_iter().collect()
}
