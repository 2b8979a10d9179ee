//! A service's database, and what the outside remembers of its calls. Both survive its crashes.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;

use super::numbers::Numbers;

const WRITTEN: u64 = 1;
const PUBLISHED: u64 = 2;

/// What is stored for good.
#[derive(Clone, Debug, Default)]
pub(super) struct Database {
    /// For each order, whether its row is written and whether its record is in the log.
    states: Numbers,
    pub rows: u64,
    /// Rows of orders of which no record is in the log.
    pub unpublished: u64,
    /// Orders with a record in the log and no row.
    pub unwritten: u64,
    /// When the service was done with an order, in microseconds.
    processed: Numbers,
    /// The orders whose idempotency key the outside has seen.
    keys: Numbers,
    pub outbox: VecDeque<OutboxRow>,
    /// The relay is on the agenda.
    pub relay_is_due: bool,
}

/// A message that is to be published.
#[derive(Clone, Debug)]
pub(super) struct OutboxRow {
    pub id: u64,
    pub order: u32,
    pub body: Rc<[u8]>,
    pub target: Target,
    /// The instance whose relay published it and waits for the acknowledgement.
    pub sent_by: Option<u16>,
    /// It reached no queue and came back.
    pub returned: bool,
}

/// Where a message goes, by its place in the service's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Topic(u16),
    Task(u16),
}

impl Database {
    pub fn write(&mut self, order: u32) {
        self.mark(order, WRITTEN);
    }

    /// A record about the order was appended.
    pub fn published(&mut self, order: u32) {
        self.mark(order, PUBLISHED);
    }

    fn mark(&mut self, order: u32, flag: u64) {
        let before = self.states.get(order);
        let after = before | flag;
        self.states.set(order, after);
        if before == after {
            return;
        }
        self.rows += u64::from(flag == WRITTEN);
        self.unpublished -= u64::from(before == WRITTEN);
        self.unpublished += u64::from(after == WRITTEN);
        self.unwritten -= u64::from(before == PUBLISHED);
        self.unwritten += u64::from(after == PUBLISHED);
    }

    pub fn is_written(&self, order: u32) -> bool {
        self.states.get(order) & WRITTEN != 0
    }

    pub fn is_published(&self, order: u32) -> bool {
        self.states.get(order) & PUBLISHED != 0
    }

    pub fn remember(&mut self, now: Instant, order: u32) {
        self.processed.set(order, now.as_micros().max(1));
    }

    /// True if the service was done with the order not longer than `lifetime` ago.
    pub fn remembers(&self, now: Instant, order: u32, lifetime: Duration) -> bool {
        match self.processed.get(order) {
            0 => false,
            micros => now.since(Instant::from_micros(micros)) <= lifetime,
        }
    }

    /// The outside gets the order's key. True if it has it already.
    pub fn key_is_known(&mut self, order: u32) -> bool {
        let known = self.keys.get(order) != 0;
        self.keys.set(order, 1);
        known
    }

    /// A task of the outbox came back.
    pub fn task_returned(&mut self, order: u32) {
        let sent = |row: &&mut OutboxRow| row.order == order && row.sent_by.is_some();
        for row in self.outbox.iter_mut().filter(sent) {
            row.returned = matches!(row.target, Target::Task(_));
        }
    }

    /// What an instance had sent and nobody acknowledged is sent again by the next one.
    pub fn relay_is_gone(&mut self, instance: u16) {
        for row in self.outbox.iter_mut().filter(|row| row.sent_by == Some(instance)) {
            row.sent_by = None;
            row.returned = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_record_and_records_without_a_row_are_counted() {
        let mut database = Database::default();
        database.write(1);
        database.write(2);
        database.published(2);
        database.published(3);
        database.published(3);
        assert_eq!((database.rows, database.unpublished, database.unwritten), (2, 1, 1));
        database.write(3);
        assert_eq!((database.rows, database.unpublished, database.unwritten), (3, 1, 0));
    }

    #[test]
    fn what_was_done_is_forgotten_after_its_lifetime() {
        let mut database = Database::default();
        database.remember(Instant::from_secs(10), 1);
        let lifetime = Duration::from_secs(5);
        assert!(database.remembers(Instant::from_secs(15), 1, lifetime));
        assert!(!database.remembers(Instant::from_secs(16), 1, lifetime));
        assert!(!database.remembers(Instant::from_secs(10), 2, lifetime));
    }
}
