//! Brokers that stop and start, and who leads then.

use std::rc::Rc;

use crate::engine::Instant;

use super::{Partition, Progress, Settled};
use crate::engine::kafka::error::ErrorCode;
use crate::engine::kafka::log::TopicConfig;

impl Partition {
    /// A broker is dead. If it led, the first in-sync replica of the assignment leads now.
    pub fn kill(&mut self, now: Instant, config: &TopicConfig, broker: u32) {
        let Some(index) = self.index_of(broker) else {
            return;
        };
        self.replicas[index].alive = false;
        if self.isr.len() > 1 {
            Rc::make_mut(&mut self.isr).retain(|one| *one != broker);
        }
        if self.leader.map(usize::from) == Some(index) {
            self.refuse_waiting(ErrorCode::NotLeaderOrFollower);
            self.elect(now, config, config.unclean_leader_election);
        } else {
            self.advance_high_watermark(now, config);
        }
    }

    /// A broker is back, with the log it had. A partition without a leader tries an election.
    pub fn restart(&mut self, now: Instant, config: &TopicConfig, broker: u32) {
        let Some(index) = self.index_of(broker) else {
            return;
        };
        self.replicas[index].alive = true;
        if self.leader.is_none() {
            self.elect(now, config, config.unclean_leader_election);
        }
    }

    /// Gives the leadership back to the first replica of the assignment.
    pub fn elect_preferred(&mut self, now: Instant, config: &TopicConfig) -> Result<(), ErrorCode> {
        let preferred = &self.replicas[0];
        if self.leader == Some(0) {
            return Err(ErrorCode::ElectionNotNeeded);
        }
        if !preferred.alive || !self.isr.contains(&preferred.broker) {
            return Err(ErrorCode::PreferredLeaderNotAvailable);
        }
        self.refuse_waiting(ErrorCode::NotLeaderOrFollower);
        self.elect(now, config, false);
        Ok(())
    }

    /// Lets any living replica lead a partition that has no leader, whatever is lost by it.
    pub fn elect_unclean(&mut self, now: Instant, config: &TopicConfig) -> Result<(), ErrorCode> {
        if self.leader.is_some() {
            return Err(ErrorCode::ElectionNotNeeded);
        }
        if !self.replicas.iter().any(|replica| replica.alive) {
            return Err(ErrorCode::EligibleLeadersNotAvailable);
        }
        self.elect(now, config, true);
        Ok(())
    }

    /// The first living in-sync replica leads; with `unclean`, failing that, the first living one.
    /// Every attempt is an epoch of its own, also one that finds nobody.
    fn elect(&mut self, now: Instant, config: &TopicConfig, unclean: bool) {
        self.leader_epoch += 1;
        let replicas = self.replicas.iter();
        let clean = replicas.clone().position(|one| one.alive && self.isr.contains(&one.broker));
        let any = replicas.clone().position(|one| one.alive);
        let leader = clean.or(any.filter(|_| unclean));
        self.leader = leader.map(|leader| leader as u8);
        let Some(leader) = leader else {
            return;
        };
        self.last_leader = leader as u8;
        if clean.is_none() {
            self.isr = Rc::new(vec![self.replicas[leader].broker]);
        }
        for replica in &mut self.replicas {
            let in_sync = self.isr.contains(&replica.broker);
            replica.progress =
                Progress { last_caught_up: in_sync.then_some(now), ..Progress::default() };
        }
        let log = &mut self.replicas[leader].log;
        log.assign_epoch(self.leader_epoch);
        self.epoch_start_offset = log.log_end_offset();
        self.advance_high_watermark(now, config);
    }

    /// Settings of the topic have changed. They may allow a leader where there was none.
    pub(in crate::engine::kafka) fn config_changed(&mut self, now: Instant, config: &TopicConfig) {
        if self.leader.is_none() && config.unclean_leader_election {
            self.elect(now, config, true);
        } else {
            self.advance_high_watermark(now, config);
        }
    }

    /// Writes that wait for followers are not known to be safe, and never will be.
    pub(in crate::engine::kafka) fn refuse_waiting(&mut self, error: ErrorCode) {
        let refused = std::mem::take(&mut self.waiting).into_iter();
        let refuse = |waiting: super::Waiting| Settled { id: waiting.id, outcome: Err(error) };
        self.settled.extend(refused.map(refuse));
    }
}
