//! One observation: every figure that a goal, a chart, an export or a test may read.
//!
//! Written as JSON, a figure has an address: `/queues/email-notifications/ready`.

use std::rc::Rc;

use litemap::LiteMap;

use super::command::CrashPoint;
use super::scenario::{AckMode, CommitMode, ConsumerSpec, ProducerSpec};
use crate::json::document;

document! {
    /// What can be seen of a world at one instant. Times are virtual milliseconds.
    pub struct Observation: Default, Eq {
        pub now_ms: u64,
        pub checkout: CheckoutFigures,
        pub ledger: LedgerFigures,
        pub services: LiteMap<Rc<str>, ServiceFigures>,
        pub topics: LiteMap<Rc<str>, TopicFigures>,
        pub groups: LiteMap<Rc<str>, GroupFigures>,
        pub queues: LiteMap<Rc<str>, QueueFigures>,
        pub alerts: LiteMap<Rc<str>, AlertFigures>,
        /// How long all instances of all services together have been there, in minutes.
        pub instance_minutes: u64,
        /// The largest lag of any group.
        pub max_group_lag: u64,
        pub kafka: KafkaFigures,
        pub rabbitmq: RabbitMqFigures,
        pub network: NetworkFigures,
        /// What the learner decided, by question.
        pub decisions: LiteMap<Rc<str>, Rc<str>> = LiteMap::new(),
        /// Buyers who look their own orders up, where the scenario has such.
        pub reads: Option<ReadFigures> = None,
    }
}

document! {
    /// The Kafka cluster.
    pub struct KafkaFigures: Default, Eq {
        pub brokers: u64,
        pub brokers_up: u64,
        /// Partitions that nobody leads.
        pub offline_partitions: u64,
        /// Partitions with fewer copies in sync than they have.
        pub under_replicated_partitions: u64,
    }
}

document! {
    /// The RabbitMQ cluster.
    pub struct RabbitMqFigures: Default, Eq {
        pub nodes: u64,
        pub nodes_up: u64,
        /// Connections of services that are open.
        pub connections: u64,
        /// Connections that are not read because of an alarm.
        pub blocked_connections: u64,
        /// Messages that fitted no binding, and were dropped or came back to their publisher.
        pub unroutable_dropped: u64,
        pub unroutable_returned: u64,
    }
}

document! {
    /// The links between the parts.
    pub struct NetworkFigures: Default, Eq {
        /// Directions of links through which nothing gets.
        pub cut: u64,
        /// Messages that wait at a cut.
        pub held: u64,
        /// Messages that were lost on the way.
        pub lost: u64,
    }
}

document! {
    pub struct ReadFigures: Default, Eq {
        /// They wait until the projection has read the record of their own write.
        pub waits: bool,
        /// Reads that found the order just placed.
        pub fresh: u64,
        /// Reads that did not find it yet.
        pub stale: u64,
        /// Reads that nobody answered.
        pub failed: u64,
        /// Time to the answer, since the start.
        pub p50_ms: u64,
        pub p95_ms: u64,
    }
}

document! {
    /// The door of the shop, as buyers see it.
    pub struct CheckoutFigures: Default, Eq {
        /// The rate that the scenario or the learner asked for.
        pub asked_per_minute: u32,
        /// Orders placed in the last 60 s.
        pub placed_last_minute: u64,
        /// Orders answered with success since the start.
        pub accepted: u64,
        /// Orders answered with failure since the start; a declined card is an answer, not a
        /// failure.
        pub failed: u64,
        /// Of 1 000 answers, how many were successes.
        pub accepted_per_mille: u64,
        /// Of 1 000 answers of the last 60 s, how many were failures.
        pub errors_per_mille: u64,
        /// Orders completed in the last 60 s.
        pub completed_last_minute: u64,
        /// Further attempts at a piece of work in the last 60 s, in all services.
        pub retries_last_minute: u64,
        /// Time to the answer over the last 60 s.
        pub p50_ms: u64,
        pub p95_ms: u64,
        pub p99_ms: u64,
        /// The largest 95th percentile so far, looked at once a second.
        pub peak_p95_ms: u64,
        /// Attempts on which the buyer gave up waiting.
        pub timed_out: u64,
        /// Attempts after the first one of an order.
        pub retried: u64,
    }
}

document! {
    /// What should be true of the orders, against what is.
    pub struct LedgerFigures: Default, Eq {
        pub placed: u64,
        /// Everything owed to the buyer is done, or the card was declined, or the order was refused
        /// with nothing charged.
        pub completed: u64,
        pub in_progress: u64,
        /// Orders of which something will never happen.
        pub lost: u64,
        /// Effects that happened more than once.
        pub duplicated: u64,
        /// Messages about one order that a reader handled in the wrong order.
        pub reordered: u64,
        /// Effects that missed the scenario's deadline.
        pub late: u64,
        pub charged_twice: u64,
        /// Orders with a message in a dead letter queue.
        pub dead_lettered: u64,
        /// Orders whose card was declined.
        pub declined: u64,
        /// Orders that failed with nothing charged.
        pub refused: u64,
        /// Orders that failed although the buyer had paid.
        pub paid_but_failed: u64,
        /// How often each effect happened, by name: `charge`, `mail`, …
        pub effects: LiteMap<String, u64>,
        /// How many orders are owed it: all but those that were declined or refused.
        pub expected: LiteMap<String, u64>,
        /// Of these, how many do not have it, yet or for good.
        pub missing: LiteMap<String, u64>,
        /// How often it happened beyond that: once more, or to an order that was declined or
        /// refused.
        pub extra: LiteMap<String, u64>,
        /// For how many orders it missed the scenario's deadline.
        pub overdue: LiteMap<String, u64>,
        pub money: MoneyFigures,
    }
}

document! {
    /// What buyers pay, in cents. `owed + charged_twice = charged + not_charged` always holds.
    pub struct MoneyFigures: Default, Eq {
        /// The price of all orders that were not declined or refused.
        pub owed_cents: u64,
        /// Everything that cards were charged.
        pub charged_cents: u64,
        /// Charged beyond what was owed.
        pub charged_twice_cents: u64,
        /// Owed and not charged, yet or for good.
        pub not_charged_cents: u64,
        /// Of this, what will never be: the order is lost.
        pub never_charged_cents: u64,
        /// Charged for orders of which the buyer was told that they failed.
        pub paid_but_failed_cents: u64,
    }
}

document! {
    pub struct ServiceFigures: Default, Eq {
        /// `up`, `degraded` (some instances down), `slow`, `failing` or `down`.
        pub state: String,
        pub instances: u64,
        pub instances_up: u64,
        /// Instances whose process stands still.
        pub instances_paused: u64,
        /// Pieces of work in progress.
        pub busy: u64,
        /// Calls that wait for a free place (HTTP services).
        pub waiting: u64,
        pub handled: u64,
        pub failed: u64,
        pub crashes: u64,
        pub handled_last_minute: u64,
        /// How much of its places for work was taken over the last 60 s.
        pub utilisation_percent: u64,
        /// Time from taking a message or call in to being done with it, since the start.
        pub p50_ms: u64,
        pub p95_ms: u64,
        pub p99_ms: u64,
        /// The settings that a learner can change.
        pub work_ms: u64,
        pub slow_percent: u64,
        pub fail_per_mille: u64,
        pub prefetch: u64,
        pub auto_ack: bool,
        /// The next message for it will be unreadable.
        pub poison_next: bool,
        /// Where the next piece of work will crash it.
        pub crash_at: Option<CrashPoint> = None,
        /// The services it calls over HTTP at present.
        pub calls: Vec<Rc<str>>,
        /// What became of its calls, by the service that is called.
        pub outgoing: LiteMap<Rc<str>, CallFigures>,
        /// Calls turned away at its door, with 503 or 429.
        pub rejected: u64,
        /// Calls turned away at its door because others are more urgent.
        pub shed: u64,
        /// Calls whose caller had given up when the work was done.
        pub abandoned: u64,
        /// Whether it waits for the broker's answers to its tasks.
        pub publisher_confirms: bool,
        /// Tasks that wait for such an answer.
        pub unconfirmed: u64,
        /// Mandatory tasks that came back.
        pub returned: u64,
        /// How often its scaler changed the number of instances.
        pub scaled: u64,
        /// When it went down, if all of it is down.
        pub down_since_ms: Option<u64> = None,
        pub ack: AckMode,
        pub commit: CommitMode,
        pub fail_for_good_per_mille: u64,
        /// Messages that it passed over, because it was done with their orders.
        pub skipped: u64,
        /// Requests whose idempotency key the outside recognised.
        pub recognised: u64,
        /// Messages that it will not try again.
        pub given_up: u64,
        pub transactions_committed: u64,
        pub transactions_aborted: u64,
        /// Its clients' settings as they are declared now.
        pub producer: ProducerSpec,
        pub consumer: Option<ConsumerSpec> = None,
        pub projection: Option<ProjectionFigures> = None,
        pub database: Option<DatabaseFigures> = None,
    }
}

document! {
    /// A projection's read model, all instances together.
    pub struct ProjectionFigures: Default, Eq {
        pub orders: u64,
        /// The sum of the orders' amounts, as the fold has it.
        pub balance_cents: u64,
        /// Orders by the last event that was read of them.
        pub states: LiteMap<Rc<str>, u64>,
        /// Records that were folded, those read again too.
        pub folded: u64,
        pub snapshots: u64,
    }
}

document! {
    /// A service's database against the log.
    pub struct DatabaseFigures: Default, Eq {
        pub rows: u64,
        /// Rows of orders of which no record is in the log.
        pub unpublished: u64,
        /// Orders with a record in the log and no row.
        pub unwritten: u64,
        /// Messages that the relay has to publish.
        pub outbox: u64,
    }
}

document! {
    /// The calls that one service makes of another.
    pub struct CallFigures: Default, Eq {
        pub enabled: bool,
        pub timeout_ms: Option<u64> = None,
        /// Attempts after the first that its settings allow.
        pub retries: u64,
        pub bulkhead: Option<u64> = None,
        /// `closed`, `half-open` or `open`; of several instances, the worst. Empty without a
        /// breaker.
        pub breaker: String,
        /// How often a breaker opened.
        pub opened: u64,
        /// Calls that wait for an answer.
        pub waiting: u64,
        pub made: u64,
        pub failed: u64,
        pub timed_out: u64,
        pub retried: u64,
        /// Calls that the caller's own bulkhead or breaker stopped.
        pub stopped: u64,
    }
}

document! {
    pub struct TopicFigures: Default, Eq {
        pub records: u64,
        /// Records that were written behind one with a later timestamp, since the start.
        pub overtaken: u64,
        pub partitions: Vec<PartitionFigures>,
        /// What the registry has of its values, if they have a schema.
        pub schema: Option<SchemaFigures> = None,
    }
}

document! {
    /// The schema of a topic's values.
    pub struct SchemaFigures: Default, Eq {
        pub subject: String,
        /// The ids of its versions, those of version 1 first.
        pub versions: Vec<u32>,
        /// The level that decides which change may be registered.
        pub compatibility: String,
        /// The version with which each service writes or reads.
        pub used: LiteMap<Rc<str>, u64>,
        /// Records that were not sent because they did not fit.
        pub refused_records: u64,
        /// Versions that were not registered because they were not compatible.
        pub refused_versions: u64,
        /// Why the last of both was refused.
        pub last_refusal: Option<String> = None,
    }
}

document! {
    pub struct PartitionFigures: Default, Eq {
        pub start_offset: u64,
        pub end_offset: u64,
        pub high_watermark: u64,
        /// The broker that leads, if any does.
        pub leader: Option<u32> = None,
        pub leader_epoch: u32,
        /// The brokers whose copies are in sync.
        pub in_sync: Vec<u32>,
    }
}

document! {
    pub struct GroupFigures: Default, Eq {
        pub topic: Rc<str>,
        /// Kafka's name of the group's state: `Stable`, `PreparingRebalance`, …
        pub state: String,
        pub generation: u64,
        pub members: u64,
        pub lag: u64,
        pub peak_lag: u64,
        /// Lag by partition.
        pub partition_lag: Vec<u64>,
        /// Partitions by member, in the order of joining.
        pub assignment: Vec<u64>,
    }
}

document! {
    pub struct QueueFigures: Default, Eq {
        pub ready: u64,
        pub unacked: u64,
        pub consumers: u64,
        pub published: u64,
        pub delivered: u64,
        pub acked: u64,
        /// Deliveries marked redelivered.
        pub redelivered: u64,
        pub expired: u64,
        /// Messages that are gone for any other reason without being dead-lettered.
        pub dropped: u64,
        /// Messages that were given back.
        pub requeued: u64,
        /// Messages that left for a dead letter exchange.
        pub dead_lettered: u64,
        pub peak_ready: u64,
        pub peak_at_ms: u64,
        pub arriving_per_minute: u64,
        pub leaving_per_minute: u64,
    }
}

document! {
    pub struct AlertFigures: Default, Eq {
        pub firing: bool,
        pub fired: u64,
        pub value: u64,
        pub above: u64,
        pub fired_at_ms: Option<u64> = None,
        pub cleared_at_ms: Option<u64> = None,
        /// Every time that it fired, the last one last.
        pub firings: Vec<FiringFigures>,
    }
}

document! {
    pub struct FiringFigures: Default, Eq {
        pub fired_at_ms: u64,
        pub cleared_at_ms: Option<u64> = None,
        /// The largest value while it fired.
        pub peak: u64,
    }
}
