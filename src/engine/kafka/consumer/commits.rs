//! Commits: of the application, and by the clock.

use crate::engine::Instant;

use super::{Awaited, Consumer, ConsumerEffect, ConsumerTimer, Effects};
use crate::engine::kafka::api::{Committer, OffsetCommit, Request};
use crate::engine::kafka::types::TopicPartition;

impl Consumer {
    pub(super) fn commit(
        &mut self,
        offsets: Vec<(TopicPartition, u64)>,
        automatic: bool,
        effects: &mut Effects,
    ) {
        let member = Committer {
            member: self.member.clone().unwrap_or_else(|| "".into()),
            generation: self.generation,
            instance: self.config.group_instance_id.clone(),
        };
        let request = Request::OffsetCommit(OffsetCommit {
            group: self.config.group_id.clone(),
            member: Some(member),
            offsets,
        });
        self.send(Awaited::Commit { automatic }, request, effects);
    }

    pub(super) fn auto_commit(&mut self, now: Instant, effects: &mut Effects) {
        effects.push(ConsumerEffect::Schedule {
            timer: ConsumerTimer::AutoCommit,
            due: now + self.config.auto_commit_interval,
        });
        self.commit_finished(effects);
    }

    /// Commits what the application is done with, of partitions that are still held.
    pub(super) fn commit_finished(&mut self, effects: &mut Effects) {
        let finished = std::mem::take(&mut self.finished);
        let offsets: Vec<(TopicPartition, u64)> =
            finished.into_iter().filter(|(at, _)| self.positions.contains_key(at)).collect();
        if !offsets.is_empty() && self.member.is_some() {
            self.commit(offsets, true, effects);
        }
    }
}
