//! Jobs: one piece of work in an instance, from the message that asks for it to the answer.

use std::rc::Rc;

use crate::engine::Instant;
use crate::engine::kafka::TopicPartition;
use crate::engine::rabbitmq::ChannelId;

use super::scenario::CommitMode;

/// Where a job's message came from, and so how it is answered.
#[derive(Clone, Debug)]
pub enum Source {
    Call {
        call: u64,
    },
    Record {
        partition: TopicPartition,
        offset: u64,
    },
    Delivery {
        channel: ChannelId,
        delivery_tag: u64,
        redelivered: bool,
        /// Its message id.
        message: Option<Rc<str>>,
    },
}

impl Source {
    /// The message as its broker names it: `order-created-3 @ 17` or `m-204`.
    pub fn message(&self) -> Option<Rc<str>> {
        match self {
            Source::Call { .. } => None,
            Source::Record { partition, offset } => Some(format!("{partition} @ {offset}").into()),
            Source::Delivery { message, .. } => message.clone(),
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The work itself, until `until`.
    Working { until: Instant },
    /// Waits for the answer of the call with this index.
    Calling { index: u16, attempt: u32 },
    /// That call failed; waits to be made again.
    Backoff { index: u16, attempt: u32, until: Instant },
    /// Waits for the acknowledgement of so many records.
    Publishing { open: u16 },
    /// Waits for the broker's answers to its tasks; a mandatory one came back or did not.
    Confirming { returned: bool },
    /// Everything is done but the answer.
    Answering,
    /// Waits for the broker to take the committed offset.
    Committing,
    /// Failed; waits to be tried again.
    Waiting { until: Instant },
    /// The transaction of the service's database, until `until`.
    Writing { until: Instant },
    /// Given up; waits for its record to be in the dead letter topic.
    GivingUp,
    /// Its offset is to be committed before the work and was refused, as during a rebalance; waits
    /// to be committed again.
    Refused { until: Instant },
}

/// One piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: u64,
    pub order: u32,
    pub body: Rc<[u8]>,
    pub source: Source,
    pub attempt: u32,
    /// When the message or call came in.
    pub taken_at: Instant,
    /// When it got its place; calls may have waited.
    pub began_at: Instant,
    /// Its business effect is in the world.
    pub effected: bool,
    /// Its error is a lasting one: no further attempt.
    pub lasting: bool,
    /// Where its offset is committed, decided when it was taken in.
    pub commit: CommitMode,
    /// Its group has its offset, whether or not the instance has heard of it.
    pub committed: bool,
    pub stage: Stage,
}
