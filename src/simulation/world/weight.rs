//! What a checkpoint of a world takes: about the bytes that it does not share with its neighbours.

use super::*;

/// Blocks of the ledger and the recent answers, copied as soon as the run goes on.
const BLOCKS: usize = 150 << 10;
const TASK: usize = 100;
const CLIENT: usize = 2 << 10;
const JOB: usize = 200;
const PARTITION: usize = 3 << 10;
const QUEUE: usize = 4 << 10;
const SERIES: usize = 3 << 10;

impl World {
    /// About how many bytes a checkpoint of this world holds.
    pub(in crate::simulation) fn weight(&self) -> usize {
        let partitions: usize = self.kafka.topics().map(|topic| topic.partitions().len()).sum();
        let queues = self.rabbitmq.queues().count();
        let unacked: u64 = self.rabbitmq.queues().map(|queue| queue.unacked_count()).sum();
        let services = self.services.iter().map(Service::weight).sum::<usize>();
        let series = self.metrics.all_series().count();
        BLOCKS
            + services
            + (self.agenda.len() + self.parcels.values().count()) * TASK
            + self.clients.len() * CLIENT
            + partitions * PARTITION
            + queues * QUEUE
            + (unacked as usize + self.calls.len()) * JOB
            + series * SERIES
    }
}
