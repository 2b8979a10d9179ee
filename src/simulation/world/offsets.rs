//! Offsets of groups that are moved by hand, and those that their log no longer reaches.

use super::*;
use crate::engine::kafka::{OffsetCommit, Request, TopicPartition};
use crate::simulation::command::OffsetPosition;
use crate::simulation::ledger::OrderStatus;
use crate::simulation::scenario::Input;

/// The offset of a group that was moved, or whose log became shorter than that.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    pub group: Rc<str>,
    pub partition: TopicPartition,
    pub from: u64,
    pub to: u64,
    /// By a leader that does not have all records; the group has not gone on since then.
    pub shortened: bool,
}

impl Moved {
    fn is_of(&self, group: &Rc<str>, at: &TopicPartition) -> bool {
        self.group == *group && self.partition == *at
    }
}

impl World {
    /// Where a reset of a group's offsets would move them: from where to where, by partition.
    pub fn reset_targets(
        &self,
        group: &Rc<str>,
        partition: Option<u32>,
        to: OffsetPosition,
    ) -> Vec<(TopicPartition, u64, u64)> {
        let read = self.kafka.lag(group).into_iter();
        let meant = read.filter(|(at, _)| partition.is_none_or(|number| at.partition == number));
        let moves = meant.filter_map(|(at, _)| {
            let log = self.kafka.partition(&at)?;
            let (start, end) = (log.log_start_offset(), log.high_watermark());
            let now = self.kafka.group(group)?.committed(&at).unwrap_or(start);
            let offset = match to {
                OffsetPosition::Earliest => start,
                OffsetPosition::Latest => end,
                OffsetPosition::AtMs(ms) => {
                    let spec = kafka::OffsetSpec::Timestamp(ms as i64);
                    let found = log.lookup(spec, kafka::Isolation::ReadUncommitted).ok()?;
                    found.map_or(end, |(offset, _)| offset)
                }
                OffsetPosition::Offset(offset) => offset.clamp(start, end),
                OffsetPosition::ShiftBy(by) => now.saturating_add_signed(by).clamp(start, end),
            };
            Some((at, now, offset))
        });
        moves.collect()
    }

    pub(super) fn reset_offsets(
        &mut self,
        group: &Rc<str>,
        partition: Option<u32>,
        to: OffsetPosition,
    ) {
        let moves = self.reset_targets(group, partition, to);
        let offsets = moves.iter().map(|(at, _, offset)| (at.clone(), *offset)).collect();
        let commit = OffsetCommit { group: group.clone(), member: None, offsets };
        self.administer("offsets not reset", Request::OffsetCommit(commit));
        for (at, from, to) in moves {
            let committed = self.kafka.group(group).and_then(|group| group.committed(&at));
            if committed == Some(to) && self.readers(&at.topic).contains(group) {
                self.find_skipped(group, &at, from, to);
                let (group, partition, shortened) = (group.clone(), at, false);
                self.keep_move(Moved { group, partition, from, to, shortened });
            }
        }
    }

    /// A group takes up a record. The first one after its log became shorter shows whether it went
    /// back or passes over what came after.
    pub(super) fn goes_on_after_move(&mut self, seat: Seat, at: &TopicPartition, offset: u64) {
        let Some(index) = self.move_of(seat, at) else {
            return;
        };
        let moved = &mut self.moved[index];
        if std::mem::take(&mut moved.shortened) && offset >= moved.from {
            let (group, from, to) = (moved.group.clone(), moved.from, moved.to);
            self.find_skipped(&group, at, to, from);
        }
    }

    /// True of a record that is read again because the offset of its group was moved back.
    pub(super) fn was_moved_back(&self, seat: Seat, at: &TopicPartition, offset: u64) -> bool {
        self.move_of(seat, at).is_some_and(|index| offset < self.moved[index].from)
    }

    fn move_of(&self, seat: Seat, at: &TopicPartition) -> Option<usize> {
        match &self.services[usize::from(seat.service)].spec.input {
            Input::Topic { group, .. } => self.moved.iter().position(|one| one.is_of(group, at)),
            Input::Http { .. } | Input::Queue { .. } => None,
        }
    }

    /// Keeps the last move of a group in a partition.
    pub(super) fn keep_move(&mut self, last: Moved) {
        match self.moved.iter_mut().find(|one| one.is_of(&last.group, &last.partition)) {
            Some(one) => *one = last,
            None => self.moved.push(last),
        }
    }

    /// Records that a group will not read because its offset lies behind them.
    fn find_skipped(&mut self, group: &Rc<str>, at: &TopicPartition, from: u64, to: u64) {
        let records = self.kafka.partition(at).into_iter().flat_map(|log| log.records_from(from));
        let skipped = records.take_while(|(offset, _)| *offset < to);
        let orders: Vec<(u64, u32)> =
            skipped.filter_map(|(offset, record)| Some((offset, log::order_of(record)?))).collect();
        for (offset, order) in orders {
            let status = self.ledger.account(order).map(|account| account.status);
            if status == Some(OrderStatus::InProgress) {
                let what = format!("had a record in {at} @ {offset} for {group}");
                self.lose_order(order, format!("{what}, whose offset lies behind it"));
            }
        }
    }
}
