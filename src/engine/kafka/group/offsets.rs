//! Committed offsets of a group, and those that wait for their transaction.
//!
//! Follows `org.apache.kafka.coordinator.group.OffsetMetadataManager`.

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use crate::engine::Instant;

use super::{Group, GroupState};
use crate::engine::kafka::api::OffsetCommit;
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::event::{Effect, Event};
use crate::engine::kafka::types::TopicPartition;

#[derive(Clone, Copy, Debug)]
struct Committed {
    offset: u64,
    at: Instant,
    /// Which of two writes is the later one.
    order: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Offsets {
    committed: LiteMap<TopicPartition, Committed>,
    /// By producer: what its open transaction will commit.
    pending: LiteMap<u64, LiteMap<TopicPartition, Committed>>,
    writes: u64,
}

impl Offsets {
    pub fn committed(&self, at: &TopicPartition) -> Option<u64> {
        self.committed.get(at).map(|committed| committed.offset)
    }

    pub fn all(&self) -> impl Iterator<Item = (&TopicPartition, u64)> {
        self.committed.iter().map(|(at, one)| (at, one.offset))
    }

    pub fn is_empty(&self) -> bool {
        self.committed.is_empty() && self.pending.is_empty()
    }

    pub fn has_pending(&self, at: &TopicPartition) -> bool {
        self.pending.values().any(|offsets| offsets.contains_key(at))
    }

    fn next(&mut self, now: Instant, offset: u64) -> Committed {
        self.writes += 1;
        Committed { offset, at: now, order: self.writes }
    }

    pub fn delete(&mut self, at: &TopicPartition) {
        self.committed.remove(at);
        for (_, offsets) in self.pending.iter_mut() {
            offsets.remove(at);
        }
        self.pending.retain(|_, offsets| !offsets.is_empty());
    }
}

impl Group {
    /// Whether this commit may be made. One from outside of the group's protocol may only while the
    /// group is empty; in a transaction it always may, and is fenced by the producer's epoch alone.
    fn check_commit(&self, commit: &OffsetCommit, transactional: bool) -> Result<(), ErrorCode> {
        let Some(by) = &commit.member else {
            return if transactional || self.state == GroupState::Empty {
                Ok(())
            } else {
                Err(ErrorCode::UnknownMemberId)
            };
        };
        self.check_member(&by.member, by.instance.as_ref())?;
        self.check_generation(by.generation)?;
        if self.state == GroupState::CompletingRebalance && !transactional {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    pub(super) fn commit(
        &mut self,
        now: Instant,
        commit: OffsetCommit,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        if let Err(error) = self.check_commit(&commit, false) {
            let member = commit.member.map_or_else(|| "".into(), |by| by.member);
            self.note(effects, |group| Event::CommitRefused { group, member, error });
            return Err(error);
        }
        for (partition, offset) in commit.offsets {
            let committed = self.offsets.next(now, offset);
            self.offsets.committed.insert(partition.clone(), committed);
            self.topics.insert(partition.topic.clone());
            self.note(effects, |group| Event::OffsetCommitted { group, partition, offset });
        }
        if let Some(by) = &commit.member {
            self.heard_of(now, &by.member, effects);
        }
        Ok(())
    }

    /// Offsets that become visible when the transaction of this producer commits.
    pub(super) fn commit_in_transaction(
        &mut self,
        now: Instant,
        producer_id: u64,
        commit: OffsetCommit,
    ) -> Result<(), ErrorCode> {
        self.check_commit(&commit, true)?;
        for (partition, offset) in commit.offsets {
            let committed = self.offsets.next(now, offset);
            let pending = self.offsets.pending.entry(producer_id).or_default();
            pending.insert(partition, committed);
        }
        Ok(())
    }

    /// The transaction of this producer has ended. A commit that was made since then stays.
    pub(super) fn end_transaction(
        &mut self,
        producer_id: u64,
        commit: bool,
        effects: &mut Vec<Effect>,
    ) {
        let ended = self.offsets.pending.remove(&producer_id);
        for (partition, pending) in ended.into_iter().flatten().filter(|_| commit) {
            let known = self.offsets.committed.get(&partition);
            if known.is_some_and(|known| known.order > pending.order) {
                continue;
            }
            self.offsets.committed.insert(partition.clone(), pending);
            self.topics.insert(partition.topic.clone());
            self.note(effects, |group| Event::OffsetCommitted {
                group,
                partition,
                offset: pending.offset,
            });
        }
    }

    /// Forgets old offsets. In a group with members those of topics that nobody reads expire after
    /// their commit; those of an empty group all expire, after it became empty.
    pub(super) fn expire_offsets(&mut self, now: Instant, retention: Duration) -> bool {
        let subscribed = |topic: &Rc<str>| {
            let mut members = self.members.values();
            members.any(|member| member.subscription.topics.contains(topic))
        };
        let counts_from = |at: &TopicPartition, committed: &Committed| match self.state {
            _ if self.protocol_type.is_none() => Some(committed.at),
            GroupState::Empty => Some(self.since.max(committed.at)),
            GroupState::Stable => (!subscribed(&at.topic)).then_some(committed.at),
            GroupState::PreparingRebalance | GroupState::CompletingRebalance => None,
        };
        let expired = |at: &TopicPartition, committed: &Committed| {
            let open = self.offsets.has_pending(at);
            let from = counts_from(at, committed).filter(|_| !open);
            from.is_some_and(|from| now.since(from) >= retention)
        };
        let gone: Vec<TopicPartition> = self
            .offsets
            .committed
            .iter()
            .filter(|(at, committed)| expired(at, committed))
            .map(|(at, _)| at.clone())
            .collect();
        for at in &gone {
            self.offsets.committed.remove(at);
        }
        !gone.is_empty()
    }

    /// Returns whether the group had offsets of the topic.
    pub(super) fn forget_topic(&mut self, topic: &str) -> bool {
        let of_topic = self.offsets.committed.keys().filter(|at| *at.topic == *topic);
        let gone: Vec<TopicPartition> = of_topic.cloned().collect();
        for at in &gone {
            self.offsets.delete(at);
        }
        !gone.is_empty()
    }

    /// Offsets of topics that a member reads cannot be deleted.
    pub(super) fn delete_offset(&mut self, at: &TopicPartition) -> Result<(), ErrorCode> {
        let mut members = self.members.values();
        if members.any(|member| member.subscription.topics.contains(&at.topic)) {
            return Err(ErrorCode::GroupSubscribedToTopic);
        }
        self.offsets.delete(at);
        Ok(())
    }

    /// True if nothing of the group needs to be remembered.
    pub(super) fn is_dead(&self) -> bool {
        self.state == GroupState::Empty && self.offsets.is_empty() && self.pending.is_empty()
    }

    pub(super) fn stable_offset(
        &self,
        at: &TopicPartition,
        require_stable: bool,
    ) -> Result<Option<u64>, ErrorCode> {
        if require_stable && self.offsets.has_pending(at) {
            return Err(ErrorCode::UnstableOffsetCommit);
        }
        Ok(self.offsets.committed(at))
    }
}
