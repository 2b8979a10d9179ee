//! Followers: their fetches, the in-sync set and the high watermark.
//!
//! The leader learns how far a follower is from the offset of its next fetch.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::{Partition, Progress, Settled};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::log::{Isolation, Log, TopicConfig};
use crate::engine::kafka::types::Record;

/// What one fetch of a follower brought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaFetch {
    Fetched {
        fetch_offset: u64,
        records: u64,
        high_watermark: u64,
    },
    /// The follower had what the leader has not, and cut it off.
    Diverged {
        fetch_offset: u64,
        truncated_to: u64,
        /// What it cut off, with the offsets.
        lost: Vec<(u64, Record)>,
    },
}

impl Partition {
    /// One fetch of one follower, from request to append.
    pub fn replica_fetch(
        &mut self,
        now: Instant,
        config: &TopicConfig,
        broker: u32,
    ) -> Result<ReplicaFetch, ErrorCode> {
        let leader = self.leading()?;
        let follower = self.index_of(broker);
        let follower = follower.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if leader == follower || !self.replicas[follower].alive {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        let fetch_offset = self.replicas[follower].log.log_end_offset();
        if let Some(truncated_to) = self.divergence(leader, follower) {
            let log = &mut self.replicas[follower].log;
            let lost = log.records_from(truncated_to);
            let lost = lost.map(|(offset, record)| (offset, record.clone())).collect();
            log.truncate(truncated_to);
            return Ok(ReplicaFetch::Diverged { fetch_offset, truncated_to, lost });
        }
        let leading = &self.replicas[leader].log;
        if fetch_offset < leading.log_start_offset() {
            let truncated_to = leading.log_start_offset();
            self.replicas[follower].log = Log::starting_at(truncated_to);
            let lost = Vec::new();
            return Ok(ReplicaFetch::Diverged { fetch_offset, truncated_to, lost });
        }
        let fetched = leading.read(fetch_offset, Isolation::LogEnd, u32::MAX)?;
        let leader_end = leading.log_end_offset();
        self.follower_fetched(now, follower, fetch_offset, leader_end);
        self.maybe_expand_isr(follower);
        self.advance_high_watermark(now, config);
        let log = &mut self.replicas[follower].log;
        for batch in &fetched.batches {
            log.replicate(now, config, batch);
        }
        log.set_high_watermark(fetched.high_watermark);
        log.start_at(fetched.log_start_offset);
        Ok(ReplicaFetch::Fetched {
            fetch_offset,
            records: log.log_end_offset() - fetch_offset,
            high_watermark: fetched.high_watermark,
        })
    }

    /// True if a living follower has something to fetch or to tell.
    pub(in crate::engine::kafka) fn wants_fetch(&self, broker: u32) -> bool {
        let (Ok(leader), Some(follower)) = (self.leading(), self.index_of(broker)) else {
            return false;
        };
        let (leading, following) = (&self.replicas[leader], &self.replicas[follower]);
        let end = leading.log.log_end_offset();
        let settled = following.progress.end_offset == Some(end)
            && following.log.log_end_offset() == end
            && following.log.high_watermark() == leading.log.high_watermark()
            && self.isr.contains(&broker);
        leader != follower && following.alive && !settled
    }

    /// Where the follower must cut its log, if its last epoch went on longer than with the leader.
    fn divergence(&self, leader: usize, follower: usize) -> Option<u64> {
        let (leading, following) = (&self.replicas[leader].log, &self.replicas[follower].log);
        let fetch_offset = following.log_end_offset();
        let last_epoch = following.latest_epoch()?;
        let Some((epoch, end_offset)) = leading.end_offset_for_epoch(last_epoch) else {
            let end = leading.log_end_offset();
            return (end < fetch_offset).then_some(end);
        };
        if epoch >= last_epoch && end_offset >= fetch_offset {
            return None;
        }
        let own_end = match following.end_offset_for_epoch(epoch) {
            Some((own_epoch, own_end)) if own_epoch == epoch => own_end.min(end_offset),
            Some((_, own_end)) => own_end,
            None => end_offset,
        };
        Some(own_end.min(fetch_offset))
    }

    fn follower_fetched(&mut self, now: Instant, follower: usize, at: u64, leader_end: u64) {
        let progress = &mut self.replicas[follower].progress;
        let caught_up = if at >= leader_end {
            Some(now)
        } else if at >= progress.leader_end_at_last_fetch {
            progress.last_fetch
        } else {
            None
        };
        *progress = Progress {
            end_offset: Some(at),
            last_caught_up: progress.last_caught_up.max(caught_up),
            last_fetch: Some(now),
            leader_end_at_last_fetch: leader_end.max(progress.leader_end_at_last_fetch),
        };
    }

    /// A follower is in sync again when it has all that is below the high watermark, and all that
    /// was written before this leader's epoch.
    fn maybe_expand_isr(&mut self, follower: usize) {
        let replica = &self.replicas[follower];
        let broker = replica.broker;
        let needed = self.high_watermark().max(self.epoch_start_offset);
        let in_sync = replica.progress.end_offset >= Some(needed);
        if in_sync && !self.isr.contains(&broker) {
            let isr = Rc::make_mut(&mut self.isr);
            isr.push(broker);
            isr.sort_unstable();
        }
    }

    /// Drops followers from the in-sync set that were behind for `replica.lag.time.max.ms`.
    pub fn shrink_isr(&mut self, now: Instant, config: &TopicConfig) {
        let Ok(leader) = self.leading() else {
            return;
        };
        let leading = self.replicas[leader].broker;
        let replicas = &self.replicas;
        let end = replicas[leader].log.log_end_offset();
        let lag_max = self.lag_max;
        let lagging = |broker: &u32| {
            let replica = replicas.iter().find(|replica| replica.broker == *broker);
            let behind = |one: &super::Replica| !is_caught_up(one.progress, now, end, lag_max);
            *broker != leading && replica.is_some_and(behind)
        };
        let gone: Vec<u32> = self.isr.iter().copied().filter(lagging).collect();
        if !gone.is_empty() {
            Rc::make_mut(&mut self.isr).retain(|broker| !gone.contains(broker));
        }
        self.advance_high_watermark(now, config);
    }

    /// The high watermark is the least end offset of the in-sync replicas. While there are fewer
    /// than `min.insync.replicas` it stands still.
    pub(super) fn advance_high_watermark(&mut self, now: Instant, config: &TopicConfig) {
        let Ok(leader) = self.leading() else {
            return;
        };
        if !self.is_under_min_isr(config) {
            let end = self.replicas[leader].log.log_end_offset();
            let counts = |replica: &super::Replica| {
                let soon_in_sync =
                    replica.alive && is_caught_up(replica.progress, now, end, self.lag_max);
                self.isr.contains(&replica.broker) || soon_in_sync
            };
            let followers = self.replicas.iter().enumerate();
            let followers = followers.filter(|(index, one)| *index != leader && counts(one));
            let least =
                followers.map(|(_, one)| one.progress.end_offset.unwrap_or(0)).fold(end, u64::min);
            if least > self.replicas[leader].log.high_watermark() {
                self.replicas[leader].log.set_high_watermark(least);
            }
        }
        self.settle(config);
    }

    /// Answers the writes that are below the high watermark.
    fn settle(&mut self, config: &TopicConfig) {
        let (reached, enough) = (self.high_watermark(), !self.is_under_min_isr(config));
        let settled = &mut self.settled;
        self.waiting.retain(|waiting| {
            let done = waiting.required_offset <= reached;
            if done {
                let outcome = if enough {
                    Ok(waiting.base_offset)
                } else {
                    Err(ErrorCode::NotEnoughReplicasAfterAppend)
                };
                settled.push(Settled { id: waiting.id, outcome });
            }
            !done
        });
    }
}

fn is_caught_up(progress: Progress, now: Instant, leader_end: u64, lag_max: Duration) -> bool {
    let recently = |at: Instant| now.since(at) <= lag_max;
    progress.end_offset == Some(leader_end) || progress.last_caught_up.is_some_and(recently)
}
