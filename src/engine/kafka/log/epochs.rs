//! Which leader wrote which part of a log.
//!
//! A follower that comes back compares its last epoch with the leader's and cuts off what only it
//! has. Follows `org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache`.

/// Leader epochs with the offset at which each began.
#[derive(Clone, Debug, Default)]
pub(super) struct Epochs {
    entries: Vec<(u32, u64)>,
}

impl Epochs {
    /// A leader of this epoch writes from here on. Epochs that began at or after it wrote nothing.
    pub fn assign(&mut self, epoch: u32, start_offset: u64) {
        if self.latest().is_some_and(|latest| latest >= epoch) {
            return;
        }
        self.entries.retain(|(_, start)| *start < start_offset);
        self.entries.push((epoch, start_offset));
    }

    pub fn latest(&self) -> Option<u32> {
        self.entries.last().map(|(epoch, _)| *epoch)
    }

    /// The end of an epoch, or of the largest one before it that wrote something.
    pub fn end_offset(&self, epoch: u32, log_end_offset: u64) -> Option<(u32, u64)> {
        if self.latest() == Some(epoch) {
            return Some((epoch, log_end_offset));
        }
        let later = self.entries.partition_point(|(known, _)| *known <= epoch);
        let (_, end_offset) = self.entries.get(later)?;
        let floor = later.checked_sub(1).map(|at| self.entries[at].0);
        Some((floor.unwrap_or(epoch), *end_offset))
    }

    pub fn truncate(&mut self, end_offset: u64) {
        self.entries.retain(|(_, start)| *start < end_offset);
    }
}
