//! Connections that break: what was asked is asked again after `retry.backoff.ms`.

use crate::engine::Instant;

use super::{Awaited, Consumer, ConsumerEffect, ConsumerTimer, Effects};
use crate::engine::kafka::api::JoinReason;
use crate::engine::kafka::error::ErrorCode;

impl Consumer {
    pub(super) fn disconnected(&mut self, now: Instant, correlation: u32, effects: &mut Effects) {
        let Some(place) = self.awaited.iter().position(|(asked, _)| *asked == correlation) else {
            return;
        };
        match self.awaited.remove(place).1 {
            Awaited::Join(_) | Awaited::Sync if self.rebalancing == Some(correlation) => {
                self.rebalancing = None;
                let reason = if self.member.is_some() {
                    JoinReason::RebalanceInProgress
                } else {
                    JoinReason::Started
                };
                self.rejoin = Some(reason);
            }
            Awaited::Fetch => self.fetching = false,
            Awaited::Committed | Awaited::Positions => {
                let positions = self.positions.iter();
                let missing = positions.filter(|(_, position)| position.is_none());
                self.unknown = missing.map(|(at, _)| at.clone()).collect();
            }
            Awaited::Commit { automatic: false } => {
                effects.push(ConsumerEffect::Committed(Err(ErrorCode::RequestTimedOut)));
            }
            // A join that was overtaken, and what is asked again at its next time anyway.
            Awaited::Join(_)
            | Awaited::Sync
            | Awaited::Heartbeat
            | Awaited::Metadata
            | Awaited::Commit { automatic: true }
            | Awaited::Leave => return,
        }
        effects.push(ConsumerEffect::Schedule {
            timer: ConsumerTimer::Retry,
            due: now + self.config.retry_backoff,
        });
    }
}
