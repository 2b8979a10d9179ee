//! Commands: what a learner can do to a running world.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::scenario::{AckMode, Work};

/// One touch of the learner's hand, or of a scenario's timed fault.
///
/// In JSON: `{"kill": {"service": "email"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Ends all instances of a service, or one of them (counted from 1), without warning.
    Kill {
        service: Rc<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<u32>,
    },
    /// Starts what is down of a service again.
    Restart {
        service: Rc<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<u32>,
    },
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
}

/// Where in its work a crash catches a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CrashPoint {
    /// The message is in hand, nothing is done.
    AfterReceive,
    /// The work is done and its effect is in the world, nothing is published or acknowledged.
    AfterWork,
    /// Everything is done but the acknowledgement or commit.
    BeforeAck,
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
            Command::FailRate { service, per_mille: 0 } => write!(f, "{service} fails no more"),
            Command::FailRate { service, per_mille } => {
                write!(f, "{service} fails {}.{} %", per_mille / 10, per_mille % 10)
            }
            Command::Poison { service } => write!(f, "poison for {service}"),
            Command::CrashAt { service, point } => match point {
                CrashPoint::AfterReceive => write!(f, "{service} will crash after receive"),
                CrashPoint::AfterWork => write!(f, "{service} will crash after work"),
                CrashPoint::BeforeAck => write!(f, "{service} will crash before ack"),
            },
            Command::Instances { service, count } => write!(f, "{service} has {count} instances"),
            Command::Prefetch { service, count: 0 } => write!(f, "{service} prefetch unlimited"),
            Command::Prefetch { service, count } => write!(f, "{service} prefetch {count}"),
            Command::Ack { service, mode: AckMode::After } => write!(f, "{service} acks by hand"),
            Command::Ack { service, mode: AckMode::Auto } => write!(f, "{service} auto-acks"),
            Command::Call { service, callee, enabled: true } => {
                write!(f, "{service} calls {callee}")
            }
            Command::Call { service, callee, enabled: false } => {
                write!(f, "{service} calls {callee} no more")
            }
            Command::ArrivalRate { per_minute } => write!(f, "{per_minute} orders/min"),
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
