//! Figures that alerts and the time bar watch, and deadlines.

use std::rc::Rc;

use super::service::Effect;
use crate::json::document;

document! {
    /// A figure that alerts and the scrub bar can watch. Rates, percentiles and shares are those of
    /// the last minute, unless they say otherwise.
    pub enum Measure: Eq, PartialOrd, Ord {
        /// Lag of one group, all partitions together.
        GroupLag(Rc<str>),
        /// The largest lag of any group.
        MaxGroupLag,
        /// Ready messages of one queue.
        QueueReady(Rc<str>),
        /// 95th percentile of the time until the buyer has an answer, over the last minute, in ms.
        CheckoutP95Ms,
        /// Orders that failed at the door so far.
        OrdersFailed,
        /// The median of the same times.
        CheckoutP50Ms,
        /// 99th percentile of the same times.
        CheckoutP99Ms,
        /// Of 1 000 answers that buyers got, how many were failures.
        ErrorsPerMille,
        /// Orders that buyers placed.
        PlacedPerMinute,
        /// Orders to which nothing is owed any more.
        CompletedPerMinute,
        /// Further attempts at a piece of work.
        RetriesPerMinute,
        /// Effects that happened more than once, so far.
        Duplicates,
        /// Orders of which something will never happen.
        OrdersLost,
        /// Effects that missed their deadline, so far.
        LateEffects,
        /// Messages in all dead letter queues.
        DeadLetters,
        /// Lag of one group on one partition.
        PartitionLag {
            /// The group by its id.
            group: Rc<str>,
            /// The topic by its name.
            topic: Rc<str>,
            /// The partition, counted from 0.
            partition: u32,
        },
        /// Messages of one queue that are with its consumers.
        QueueUnacked(Rc<str>),
        /// Pieces of work that a service was done with.
        HandledPerMinute(Rc<str>),
        /// Pieces of work that a service failed at.
        FailedPerMinute(Rc<str>),
        /// 95th percentile of the time that a service takes for a message or call, since the start.
        ServiceP95Ms(Rc<str>),
        /// How much of a service's places for work is taken, in percent.
        UtilisationPercent(Rc<str>),
        /// Instances of a service that run.
        InstancesUp(Rc<str>),
        /// Calls that a service turned away so far, shed ones too.
        CallsRejected(Rc<str>),
        /// Calls that a service made and gave up waiting for, so far.
        CallsTimedOut(Rc<str>),
        /// How often circuit breakers of a service opened so far.
        BreakersOpened(Rc<str>),
        /// Attempts on which buyers gave up waiting, so far.
        BuyersTimedOut,
    }
}

document! {
    /// A rule that raises an alert.
    pub struct AlertRule {
        /// The name of the rule, as people read it.
        pub rule: String,
        /// The figure that is looked at once a second.
        pub measure: Measure,
        /// The alert is on while the measure is greater than this.
        pub above: u64,
        /// It fires only after the measure was above for this long.
        pub for_ms: u64 = 0,
    }
}

document! {
    /// When an effect that is owed to a buyer counts as late.
    pub struct Deadline {
        /// What is owed.
        pub effect: Effect,
        /// Milliseconds from the placing of the order.
        pub within_ms: u64,
    }
}
