//! Commands: what a learner can do to a running world.

use std::fmt;
use std::rc::Rc;

use super::network::LinkFault;
use super::scenario::{AckMode, Admission, Autoscale, Binding, Buyers, CallSpec, PolicySpec, Work};
use super::setting::Setting;
use crate::json::document;

document! {
    /// One touch of the learner's hand, or of a scenario's timed fault.
    ///
    /// In JSON: `{"kill": {"service": "email"}}`.
    pub enum Command: Eq {
        /// Ends all instances of a service, or one of them (counted from 1), without warning.
        Kill { service: Rc<str>, instance: Option<u32> = None },
        /// Starts what is down of a service again.
        Restart { service: Rc<str>, instance: Option<u32> = None },
        /// Multiplies the time of each piece of work; 100 is normal, 1 000 ten times slower.
        Slow { service: Rc<str>, percent: u32 },
        /// Sets how long a piece of work takes.
        SetWork { service: Rc<str>, work: Work },
        /// Of 1 000 pieces of work, so many fail in passing.
        FailRate { service: Rc<str>, per_mille: u32 },
        /// The next message that reaches the service cannot be read by it, however often it tries.
        Poison { service: Rc<str> },
        /// The next piece of work ends with a crash of the instance at this point.
        CrashAt { service: Rc<str>, point: CrashPoint },
        /// Sets how many instances run.
        Instances { service: Rc<str>, count: u32 },
        /// `basic.qos`: the worker reconnects with the new prefetch.
        Prefetch { service: Rc<str>, count: u16 },
        /// Manual or automatic acknowledgement: the worker reconnects with the new mode.
        Ack { service: Rc<str>, mode: AckMode },
        /// Switches one of a service's HTTP calls off or on.
        Call { service: Rc<str>, callee: Rc<str>, enabled: bool },
        /// Orders per minute from now on.
        ArrivalRate { per_minute: u32 },
        /// Replaces the settings of one of a service's HTTP calls: timeout, retry, breaker,
        /// bulkhead.
        SetCall { service: Rc<str>, call: CallSpec },
        /// Replaces the rules by which a service turns calls away.
        SetAdmission { service: Rc<str>, admission: Admission },
        /// Gives a service a scaler, another one, or none.
        SetAutoscale { service: Rc<str>, autoscale: Option<Autoscale> = None },
        /// How long buyers wait, and whether they come back.
        SetBuyers { buyers: Buyers },
        /// Lets the orders per minute go to another rate over a time.
        Ramp { per_minute: u32, over_ms: u64 },
        /// `confirm.select`: from now on a service waits for the broker's answers to its tasks, or
        /// does not wait any more.
        PublisherConfirms { service: Rc<str>, enabled: bool },
        /// So many orders on top of the rate, spread over a time.
        Burst { orders: u32, within_ms: u64 },
        /// Stops the world of a service or of one instance, as a long collection of garbage does:
        /// nothing is worked on, no heartbeat is sent, and the process does not know it.
        Pause { service: Rc<str>, instance: Option<u32> = None },
        /// What was paused goes on, with all that came meanwhile.
        Resume { service: Rc<str>, instance: Option<u32> = None },
        /// Nothing gets from one end to the other any more, nor back unless it is cut `one_way`. An
        /// end is `buyer`, `kafka`, a broker `kafka/2`, `rabbitmq`, a service `email` or one
        /// instance of it, `email/1`. Between two brokers it stops their replication.
        Cut { from: Rc<str>, to: Rc<str>, one_way: bool = false },
        /// Mends both directions of a link, whatever was wrong with them. What a cut held up
        /// arrives.
        Heal { from: Rc<str>, to: Rc<str> },
        /// Makes a link lose, double, delay or reorder messages.
        LinkFault { from: Rc<str>, to: Rc<str>, one_way: bool = false, fault: LinkFault },
        /// The next answer to a call of this service, or to a write to `kafka`, is lost on the way:
        /// what was asked for is done, and nobody hears of it.
        LoseReply { of: Rc<str> },
        /// Ends a Kafka broker, numbered from 1, without warning.
        KillBroker { broker: u32 },
        /// Starts a Kafka broker again that was killed or halted.
        RestartBroker { broker: u32 },
        /// Ends a RabbitMQ node, numbered from 1.
        KillNode { node: u32 },
        /// Starts a RabbitMQ node again that was killed.
        RestartNode { node: u32 },
        /// No space is left: a Kafka broker (`kafka/2`) halts, `rabbitmq` raises its disk alarm.
        DiskFull { of: Rc<str> },
        /// There is space again. A halted broker has to be restarted.
        DiskFree { of: Rc<str> },
        /// The n-th message for the service from now on cannot be read by it; 1 is the next one.
        PoisonNth { service: Rc<str>, nth: u32 },
        /// The next message for the service is a document with a field of the wrong type.
        Malformed { service: Rc<str> },
        /// Deletes what a topic holds, as if `retention.ms` had passed.
        ExpireRecords { topic: Rc<str> },
        /// Changes one setting of a topic, by Kafka's name of it: `retention.ms`, …
        AlterTopic { topic: Rc<str>, setting: Rc<str>, value: Rc<str> },
        /// Gives a topic more partitions; `total` is their new number.
        AddPartitions { topic: Rc<str>, total: u32 },
        /// Moves the committed offsets of a group, which must have no members, as
        /// `kafka-consumer-groups --reset-offsets` does: in one partition of its topic (`--topic
        /// orders:2`), or in all.
        ResetOffsets { group: Rc<str>, partition: Option<u32> = None, to: OffsetPosition },
        /// Lets any living copy lead the partitions of a topic that have no leader.
        ElectUnclean { topic: Rc<str> },
        /// Changes what a service promises; its instances reconnect for it where a client must.
        Set { service: Rc<str>, setting: Setting },
        /// A projection is thrown away, snapshots too, and folded again from the start of its
        /// topic.
        Rebuild { service: Rc<str> },
        /// Registers the next version of the schema of a topic's values. The registry refuses what
        /// is not compatible with the versions that it has.
        RegisterSchema { topic: Rc<str>, schema: serde_json::Value },
        /// Sets which change of the schema of a topic's values may be registered: `BACKWARD`,
        /// `FULL`, …
        SetCompatibility { topic: Rc<str>, level: Rc<str> },
        /// `queue.bind`: from now on the exchange hands on what fits.
        Bind { binding: Binding },
        /// `queue.unbind`.
        Unbind { binding: Binding },
        /// `rabbitmqctl set_policy`, in place of one of the same name.
        SetPolicy { policy: PolicySpec },
        /// `rabbitmqctl clear_policy`.
        ClearPolicy { name: Rc<str> },
        /// A decision of the learner, which is noted down and changes nothing.
        Decide { question: Rc<str>, answer: Rc<str> },
        /// Whether buyers who read their own orders wait until the projection has them.
        Reads { waits: bool },
        /// An operator moves messages of a queue to an exchange, with their addresses repaired if
        /// asked to.
        Replay {
            queue: Rc<str>,
            /// Without it each goes where its `x-death` says that it was published first; one that
            /// has none stays.
            exchange: Option<Rc<str>> = None,
            /// Without it each has the key that it was published with first.
            routing_key: Option<Rc<str>> = None,
            repair: bool = false,
            /// The messages by their `message_id`, or all. The others are got as well and go back
            /// to their places, redelivered.
            only: Option<Vec<Rc<str>>> = None,
            /// What the one message of `only` says from now on.
            body: Option<Rc<str>> = None,
        },
    }
}

document! {
    /// Where a group's offsets are moved to.
    pub enum OffsetPosition: Copy, Eq {
        /// To the oldest record that is kept.
        Earliest,
        /// Behind the newest record.
        Latest,
        /// Behind the last record that was written before this instant of the run.
        AtMs(u64),
        /// To this record, or to the nearest one that is kept.
        Offset(u64),
        /// So many records further, or back if it is negative.
        ShiftBy(i64),
    }
}

document! {
    /// Where in its work a crash catches a service.
    pub enum CrashPoint: Copy, Eq, Hash {
        /// The message is in hand, nothing is done.
        AfterReceive,
        /// The work is done and its effect is in the world, nothing is published or acknowledged.
        AfterWork,
        /// Everything is done but the acknowledgement or commit.
        BeforeAck,
        /// The row is in the service's database.
        AfterWrite,
        /// The records are in their topics and the tasks on their way; of an outbox, its rows are
        /// not deleted yet.
        AfterPublish,
    }
}

impl Command {
    /// What is said of commands about calls and load, and of what operators and learners decide.
    fn fmt_rules(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::SetCall { service, call } => {
                write!(f, "{service} calls {} by new rules", call.service)
            }
            Command::SetAdmission { service, .. } => {
                write!(f, "{service} lets calls in by new rules")
            }
            Command::SetAutoscale { service, autoscale: Some(rules) } => {
                write!(f, "{service} scales from {} to {} instances", rules.min, rules.max)
            }
            Command::SetAutoscale { service, autoscale: None } => {
                write!(f, "{service} scales no more")
            }
            Command::SetBuyers { buyers: Buyers { patience_ms: Some(ms), .. } } => {
                write!(f, "buyers wait {ms} ms")
            }
            Command::SetBuyers { buyers: Buyers { patience_ms: None, .. } } => {
                f.write_str("buyers wait for ever")
            }
            Command::PublisherConfirms { service, enabled: true } => {
                write!(f, "{service} waits for confirms")
            }
            Command::PublisherConfirms { service, enabled: false } => {
                write!(f, "{service} waits for no confirms")
            }
            Command::Ramp { per_minute, over_ms } => {
                write!(f, "{per_minute} orders/min within {over_ms} ms")
            }
            Command::Burst { orders, .. } => write!(f, "burst of {orders}"),
            Command::RegisterSchema { topic, .. } => write!(f, "{topic}: another schema"),
            Command::SetCompatibility { topic, level } => write!(f, "{topic}: {level}"),
            Command::Bind { binding } => write!(f, "{binding} bound"),
            Command::Unbind { binding } => write!(f, "{binding} unbound"),
            Command::SetPolicy { policy } => write!(f, "policy {} set", policy.name),
            Command::ClearPolicy { name } => write!(f, "policy {name} cleared"),
            Command::Decide { question, answer } => write!(f, "{question}: {answer}"),
            Command::Reads { waits: true } => write!(f, "reads wait for the own write"),
            Command::Reads { waits: false } => write!(f, "reads wait for nothing"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Command {
    /// As a mark on the time bar says it: "email killed".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Kill { service, instance: None } => write!(f, "{service} killed"),
            Command::Kill { service, instance: Some(n) } => write!(f, "{service} {n} killed"),
            Command::Restart { service, instance: None } => write!(f, "{service} restarted"),
            Command::Restart { service, instance: Some(n) } => write!(f, "{service} {n} restarted"),
            Command::Slow { service, percent: 100 } => write!(f, "{service} at normal pace"),
            Command::Slow { service, percent } => {
                write!(f, "{service} slow ×{}", Hundredths(*percent))
            }
            Command::SetWork { service, work: Work::FixedMs(ms) } => {
                write!(f, "{service} takes {ms} ms")
            }
            Command::SetWork { service, work: Work::UniformMs { min, max } } => {
                write!(f, "{service} takes {min} to {max} ms")
            }
            Command::SetWork { service, work } => {
                write!(f, "{service} takes {} ms in the mean", work.mean_ms())
            }
            Command::FailRate { service, per_mille: 0 } => write!(f, "{service} fails no more"),
            Command::FailRate { service, per_mille } => {
                write!(f, "{service} fails {}.{} %", per_mille / 10, per_mille % 10)
            }
            Command::Poison { service } => write!(f, "poison for {service}"),
            Command::CrashAt { service, point } => write!(f, "{service} will crash {point}"),
            Command::Instances { service, count } => write!(f, "{service} scaled to {count}"),
            Command::Prefetch { service, count: 0 } => write!(f, "{service} prefetch unlimited"),
            Command::Prefetch { service, count } => write!(f, "{service} prefetch {count}"),
            Command::Ack { service, mode: AckMode::After } => write!(f, "{service} acks by hand"),
            Command::Ack { service, mode: AckMode::Auto } => write!(f, "{service} auto-acks"),
            Command::Ack { service, mode: AckMode::Before } => {
                write!(f, "{service} acks before work")
            }
            Command::Call { service, callee, enabled: true } => {
                write!(f, "{service} calls {callee}")
            }
            Command::Call { service, callee, enabled: false } => {
                write!(f, "{service} calls {callee} no more")
            }
            Command::ArrivalRate { per_minute } => write!(f, "{per_minute} orders/min"),
            Command::SetCall { .. }
            | Command::SetAdmission { .. }
            | Command::SetAutoscale { .. }
            | Command::SetBuyers { .. }
            | Command::PublisherConfirms { .. }
            | Command::Ramp { .. }
            | Command::Burst { .. }
            | Command::RegisterSchema { .. }
            | Command::SetCompatibility { .. }
            | Command::Bind { .. }
            | Command::Unbind { .. }
            | Command::SetPolicy { .. }
            | Command::ClearPolicy { .. }
            | Command::Decide { .. }
            | Command::Reads { .. } => self.fmt_rules(f),
            Command::Pause { service, instance: None } => write!(f, "{service} paused"),
            Command::Pause { service, instance: Some(n) } => write!(f, "{service} {n} paused"),
            Command::Resume { service, instance: None } => write!(f, "{service} resumed"),
            Command::Resume { service, instance: Some(n) } => write!(f, "{service} {n} resumed"),
            Command::Cut { from, to, one_way: false } => write!(f, "{from} – {to} cut"),
            Command::Cut { from, to, one_way: true } => write!(f, "{from} → {to} cut"),
            Command::Heal { from, to } => write!(f, "{from} – {to} healed"),
            Command::LinkFault { from, to, fault, .. } if *fault == LinkFault::default() => {
                write!(f, "{from} – {to} sound")
            }
            Command::LinkFault { from, to, .. } => write!(f, "{from} – {to} faulty"),
            Command::LoseReply { of } => write!(f, "next reply of {of} lost"),
            Command::KillBroker { broker } => write!(f, "kafka {broker} killed"),
            Command::RestartBroker { broker } => write!(f, "kafka {broker} restarted"),
            Command::KillNode { node } => write!(f, "rabbitmq {node} killed"),
            Command::RestartNode { node } => write!(f, "rabbitmq {node} restarted"),
            Command::DiskFull { of } => write!(f, "disk of {of} full"),
            Command::DiskFree { of } => write!(f, "disk of {of} free"),
            Command::PoisonNth { service, nth } => write!(f, "poison for {service} in {nth}"),
            Command::Malformed { service } => write!(f, "malformed message for {service}"),
            Command::ExpireRecords { topic } => write!(f, "{topic} expired"),
            Command::AlterTopic { topic, setting, value } => {
                write!(f, "{topic}: {setting}={value}")
            }
            Command::AddPartitions { topic, total } => write!(f, "{topic} has {total} partitions"),
            Command::ResetOffsets { group, partition: None, to } => write!(f, "{group} {to}"),
            Command::ResetOffsets { group, partition: Some(partition), to } => {
                write!(f, "{group} p{partition} {to}")
            }
            Command::ElectUnclean { topic } => write!(f, "unclean election for {topic}"),
            Command::Set { service, setting } => write!(f, "{service} {setting}"),
            Command::Rebuild { service } => write!(f, "{service} rebuilds"),
            Command::Replay { queue, repair: true, .. } => write!(f, "{queue} repaired, replayed"),
            Command::Replay { queue, body: Some(_), .. } => {
                write!(f, "{queue}: one edited, replayed")
            }
            Command::Replay { queue, only: Some(only), .. } => {
                write!(f, "{queue}: {} replayed", only.len())
            }
            Command::Replay { queue, .. } => write!(f, "{queue} replayed"),
        }
    }
}

impl fmt::Display for CrashPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CrashPoint::AfterReceive => "after receive",
            CrashPoint::AfterWork => "after work",
            CrashPoint::BeforeAck => "before ack",
            CrashPoint::AfterWrite => "after write",
            CrashPoint::AfterPublish => "after publish",
        })
    }
}

impl fmt::Display for OffsetPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OffsetPosition::Earliest => f.write_str("to the earliest offsets"),
            OffsetPosition::Latest => f.write_str("to the latest offsets"),
            OffsetPosition::AtMs(ms) => write!(f, "to the offsets at {ms} ms"),
            OffsetPosition::Offset(offset) => write!(f, "to offset {offset}"),
            OffsetPosition::ShiftBy(by) => write!(f, "by {by}"),
        }
    }
}

/// A number of hundredths with as many digits as it needs: 150 is `1.5`.
struct Hundredths(u32);

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, rest) if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            (whole, rest) => write!(f, "{whole}.{rest:02}"),
        }
    }
}

/// Why a command was refused. Nothing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    pub message: String,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CommandError {}
