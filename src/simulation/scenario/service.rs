//! Services: what one takes in, how long it works, what it does and passes on.

use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;

use super::call::CallSpec;
use super::clients::{ConsumerSpec, ProducerSpec};
use super::pressure::{Admission, Autoscale};
use super::projection::ProjectionSpec;
use super::promise::{DatabaseSpec, Deduplication, GivesUp, LastingError, RecordKey, SchemaUse};
use super::retry::Retry;
use crate::json::document;
use crate::simulation::random::Stream;

document! {
    /// One service: what it takes in, how long it works, what it does and passes on.
    pub struct ServiceSpec {
        /// The name by which everything else calls it.
        pub id: Rc<str>,
        /// What people read.
        pub title: String,
        /// What it does, in a few words for its card.
        pub role: String,
        /// How many processes it has at the start, 1 to 64.
        pub instances: u32 = 1,
        /// Where its messages come from.
        pub input: Input,
        /// How long it works on one.
        pub work: Work,
        /// Of 1 000 pieces of work, how many fail in passing (a second try may succeed).
        pub fail_per_mille: u32 = 0,
        /// The business effect that the referee books when the work is done.
        pub does: Option<Effect> = None,
        /// Services called over HTTP, one after another, before anything is published.
        pub calls: Vec<CallSpec> = Vec::new(),
        /// Topics to which one record with the order's id as key is produced.
        pub publishes: Vec<Rc<str>> = Vec::new(),
        /// Tasks enqueued through an exchange.
        pub enqueues: Vec<EnqueueSpec> = Vec::new(),
        /// RabbitMQ's publisher confirms: the work is done when the broker has taken every task,
        /// and fails when it refuses one or a mandatory one comes back.
        pub publisher_confirms: bool = false,
        /// Starts and stops instances by what waits.
        pub autoscale: Option<Autoscale> = None,
        /// Of 1 000 messages, how many it can never work on: they fail at every attempt.
        pub fail_for_good_per_mille: u32 = 0,
        /// The errors that it takes for lasting ones, and does not try again.
        pub lasting_errors: Vec<LastingError> = vec![LastingError::Refused],
        /// Remembers the orders that it is done with, and passes over a message that comes again.
        pub deduplicates: Option<Deduplication> = None,
        /// Sends the order's id along as an idempotency key, so that the outside does what the
        /// service `does` only once for each order.
        pub idempotency_key: bool = false,
        /// Versions of schemas that it is built with, where it is not version 1.
        pub schemas: Vec<SchemaUse> = Vec::new(),
        /// Its own database, if it has one.
        pub database: Option<DatabaseSpec> = None,
        /// What its records have as a key.
        pub record_key: RecordKey = RecordKey::default(),
        /// Settings of its Kafka producers.
        pub producer: ProducerSpec = ProducerSpec::default(),
        /// The event that its records tell, in a header; without it their topic names the event.
        pub event: Option<Rc<str>> = None,
        /// The read model that it keeps of its topic, if it does.
        pub projection: Option<ProjectionSpec> = None,
    }
}

impl ServiceSpec {
    /// The version of a topic's schema that it is built with, if it says so.
    pub(crate) fn schema_use(&self, topic: &str) -> Option<&SchemaUse> {
        self.schemas.iter().find(|used| *used.topic == *topic)
    }

    /// True if it reads a topic or publishes to it.
    pub(crate) fn touches(&self, topic: &str) -> bool {
        let reads = matches!(&self.input, Input::Topic { topic: read, .. } if **read == *topic);
        reads || self.publishes.iter().any(|one| **one == *topic)
    }
}

document! {
    /// A task that is enqueued.
    pub struct EnqueueSpec {
        /// The exchange that it is published to.
        pub exchange: Rc<str>,
        /// Its routing key.
        pub routing_key: Rc<str>,
        /// AMQP delivery mode 2 when true, 1 when false.
        pub persistent: bool = true,
        /// AMQP `mandatory`: a task that reaches no queue comes back (`basic.return`) instead of
        /// vanishing.
        pub mandatory: bool = false,
        /// AMQP `priority`, for queues with `x-max-priority`.
        pub priority: Option<u8> = None,
        /// AMQP `expiration`: the message's own time to live in ms.
        pub expiration_ms: Option<u64> = None,
        /// Headers, which a headers exchange compares: numbers, booleans and strings.
        pub headers: LiteMap<String, Value> = LiteMap::new(),
    }
}

document! {
    /// Where the messages come from that a service works on.
    pub enum Input {
        /// Calls over HTTP; each instance works on up to `concurrency` at once, the rest waits.
        Http {
            /// How many calls an instance works on at once, at least 1.
            concurrency: u32 = 1_000,
            /// Which calls it turns away.
            admission: Admission = Admission::default(),
        },
        /// A consumer group on a topic; each instance is one member and works on one record at a
        /// time.
        Topic {
            /// The topic that is read.
            topic: Rc<str>,
            /// Kafka's `group.id`.
            group: Rc<str>,
            /// `range`, `roundrobin`, `sticky` or `cooperative-sticky`.
            assignor: Option<Rc<str>> = None,
            /// Kafka's `session.timeout.ms`; its default is 45 s.
            session_timeout_ms: Option<u64> = None,
            /// Kafka's `max.poll.records`; its default is 500.
            max_poll_records: Option<u32> = None,
            /// When the offset of a record is committed.
            commit: CommitMode = CommitMode::default(),
            /// How a record that fails is tried again before it is skipped; the partition waits.
            retry: Retry = Retry::default(),
            /// What follows the last attempt.
            gives_up: GivesUp = GivesUp::default(),
            /// Settings of its consumers.
            consumer: ConsumerSpec = ConsumerSpec::default(),
        },
        /// A worker on a queue; each instance has a channel and works on one message at a time.
        Queue {
            /// The queue that is consumed.
            queue: Rc<str>,
            /// How many unacknowledged messages a worker has at most; 0 is unlimited.
            prefetch: u16 = 1,
            /// When a message is acknowledged.
            ack: AckMode = AckMode::default(),
            /// Where it publishes a message with a lasting error before it acks it. Without this it
            /// rejects the message, as it does after any other failure.
            gives_up: Option<EnqueueSpec> = None,
            /// A message that fails goes back to its queue (`requeue`), instead of to the dead
            /// letter exchange.
            requeues: bool = false,
        },
    }
}

document! {
    /// Where a consumer commits its offset.
    pub enum CommitMode: Copy, Eq, Hash = After {
        /// After the work on each record: at least once.
        After,
        /// As soon as a record arrives, before the work: at most once.
        Before,
        /// By the client every `auto.commit.interval.ms`.
        Auto,
    }
}

document! {
    /// When a worker acknowledges a message.
    pub enum AckMode: Copy, Eq, Hash = After {
        /// `basic.ack` after the work.
        After,
        /// `no_ack`: the broker forgets the message when it sends it.
        Auto,
        /// `basic.ack` as soon as the message is taken in hand, before the work.
        Before,
    }
}

document! {
    /// How long a piece of work takes, in milliseconds.
    pub enum Work: Eq {
        /// Always the same.
        FixedMs(u64),
        /// Drawn anew each time, every value being as likely.
        UniformMs {
            /// The shortest.
            min: u64,
            /// The longest.
            max: u64,
        },
        /// Measured times: rows of `[per_mille, ms]`, of 1 000 pieces of work so many take so long.
        TableMs(Vec<(u32, u64)>),
    }
}

impl Work {
    /// The mean, in milliseconds.
    pub fn mean_ms(&self) -> u64 {
        match self {
            Work::FixedMs(ms) => *ms,
            Work::UniformMs { min, max } => (min + max) / 2,
            Work::TableMs(rows) => {
                rows.iter().map(|(share, ms)| u64::from(*share) * ms).sum::<u64>() / 1_000
            }
        }
    }

    /// Draws the time of one piece of work, in microseconds.
    pub(crate) fn draw_us(&self, draws: &mut Stream) -> u64 {
        match self {
            Work::FixedMs(ms) => ms * 1_000,
            Work::UniformMs { min, max } => draws.between(min * 1_000, max * 1_000),
            Work::TableMs(rows) => {
                let mut place = draws.below(1_000);
                let row = rows.iter().find(|(share, _)| {
                    let here = place < u64::from(*share);
                    place = place.saturating_sub(u64::from(*share));
                    here
                });
                row.map_or(0, |(_, ms)| ms * 1_000)
            }
        }
    }

    /// An hour for one message would be a number mistyped.
    pub(crate) fn check(&self) -> Result<(), String> {
        const MOST_MS: u64 = 3_600_000;
        match self {
            Work::FixedMs(ms) if *ms > MOST_MS => {
                Err(format!("work takes at most {MOST_MS} ms, not {ms}"))
            }
            Work::UniformMs { min, max } if min > max || *max > MOST_MS => {
                Err(format!("work takes from min to max, at most {MOST_MS} ms, not {min} to {max}"))
            }
            Work::TableMs(rows)
                if rows.iter().map(|row| u64::from(row.0)).sum::<u64>() != 1_000 =>
            {
                Err("the shares of a table are 1000 in all".to_owned())
            }
            Work::TableMs(rows) if rows.iter().any(|row| row.1 > MOST_MS) => {
                Err(format!("work takes at most {MOST_MS} ms"))
            }
            Work::FixedMs(_) | Work::UniformMs { .. } | Work::TableMs(_) => Ok(()),
        }
    }
}

document! {
    /// What the referee books for an order.
    pub enum Effect: Copy, Eq, PartialOrd, Ord, Hash {
        /// The card is charged.
        Charge,
        /// Stock is reserved.
        Reserve,
        /// The buyer is mailed.
        Mail,
        /// The invoice is made.
        Invoice,
        /// The shipping label is printed.
        Label,
        /// Revenue is counted; no order is owed it.
        Count,
    }
}

impl Effect {
    /// As figures and files name it.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Charge => "charge",
            Effect::Reserve => "reserve",
            Effect::Mail => "mail",
            Effect::Invoice => "invoice",
            Effect::Label => "label",
            Effect::Count => "count",
        }
    }

    /// The past participle that a sentence needs: "charged twice".
    pub fn done(self) -> &'static str {
        match self {
            Effect::Charge => "charged",
            Effect::Reserve => "reserved",
            Effect::Mail => "mailed",
            Effect::Invoice => "invoiced",
            Effect::Label => "labelled",
            Effect::Count => "counted",
        }
    }
}
