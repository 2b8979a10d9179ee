//! Settings of a producer, with their published names and defaults.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::kafka::partition::Acks;

#[derive(Clone, Debug)]
pub struct ProducerConfig {
    /// `acks`
    pub acks: Acks,
    /// `linger.ms`
    pub linger: Duration,
    /// `batch.size`
    pub batch_size: u32,
    /// `buffer.memory`: what batches that are not settled may take. Each takes `batch.size`, or its
    /// only record if that is larger.
    pub buffer_memory: u64,
    /// `max.block.ms`: how long a record waits for its partition to exist, and for memory.
    pub max_block: Duration,
    /// `enable.idempotence`; needs `acks=all` and at most five requests in flight, otherwise it is
    /// off, as in Kafka when it is not asked for.
    pub enable_idempotence: bool,
    /// `max.in.flight.requests.per.connection`; counted for each partition here.
    pub max_in_flight: u32,
    /// `retries`
    pub retries: u32,
    /// `retry.backoff.ms`; it doubles from one try to the next.
    pub retry_backoff: Duration,
    /// `retry.backoff.max.ms`
    pub retry_backoff_max: Duration,
    /// `request.timeout.ms`: how long it waits for an answer before it asks again.
    pub request_timeout: Duration,
    /// `delivery.timeout.ms`: after this a record that is not acknowledged has failed.
    pub delivery_timeout: Duration,
    /// `metadata.max.age.ms`: how late it notices that a topic has more partitions.
    pub metadata_max_age: Duration,
    /// `transactional.id`
    pub transactional_id: Option<Rc<str>>,
    /// `transaction.timeout.ms`
    pub transaction_timeout: Duration,
}

impl Default for ProducerConfig {
    fn default() -> ProducerConfig {
        ProducerConfig {
            acks: Acks::All,
            linger: Duration::from_millis(5),
            batch_size: 16_384,
            buffer_memory: 33_554_432,
            max_block: Duration::from_secs(60),
            enable_idempotence: true,
            max_in_flight: 5,
            retries: i32::MAX as u32,
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            request_timeout: Duration::from_secs(30),
            delivery_timeout: Duration::from_secs(120),
            metadata_max_age: Duration::from_secs(300),
            transactional_id: None,
            transaction_timeout: Duration::from_secs(60),
        }
    }
}

impl ProducerConfig {
    /// The most requests in flight with which a partition recognises every retry:
    /// `ProducerStateEntry.NUM_BATCHES_TO_RETAIN`.
    const IN_FLIGHT_IF_IDEMPOTENT: u32 = 5;

    pub(super) fn is_idempotent(&self) -> bool {
        let possible =
            self.acks == Acks::All && self.max_in_flight <= ProducerConfig::IN_FLIGHT_IF_IDEMPOTENT;
        possible && (self.enable_idempotence || self.transactional_id.is_some())
    }

    /// How long to wait before the next try, after so many.
    pub(super) fn backoff(&self, tries: u32) -> Duration {
        let doubled = self.retry_backoff * (1 << tries.saturating_sub(1).min(16));
        doubled.min(self.retry_backoff_max.max(self.retry_backoff))
    }
}
