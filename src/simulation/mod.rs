//! The simulation: when things happen.
//!
//! A [`World`] is the whole state of a run at one instant: both engines, the services, what is in
//! flight between them, the agenda of what is due, the referee's [`Ledger`] and the metrics. It is
//! `Clone`, so a [`Timeline`] can keep checkpoints, rewind and fork. A [`Scenario`] says how a
//! world starts; [`Command`]s are what a learner does to it.
//!
//! Not here: clocks of the machine, floats, drawing. Scenario, seed and commands decide
//! everything, natively and in the browser alike.

mod agenda;
mod alert;
mod breaker;
mod command;
mod job;
mod ledger;
mod metrics;
mod network;
mod observation;
mod order;
mod parcel;
mod random;
mod scenario;
mod service;
mod timeline;
mod trace;
mod validation;
mod world;

pub use alert::AlertState;
pub use breaker::{Breaker, BreakerState};
pub use command::{Command, CommandError, CrashPoint, OffsetPosition};
pub use job::{Job, Source, Stage};
pub use ledger::{Finding, FindingKind, Ledger, OrderAccount, OrderStatus};
pub use metrics::{Metrics, Series};
pub use network::LinkFault;
pub use observation::{
    AlertFigures, CallFigures, CheckoutFigures, GroupFigures, LedgerFigures, Observation,
    PartitionFigures, QueueFigures, ServiceFigures, TopicFigures,
};
pub use order::Order;
pub use parcel::{Cargo, Endpoint, Parcel};
pub use scenario::{
    AckMode, Admission, AlertRule, ArrivalChange, Arrivals, Autoscale, Binding, BreakerSpec, Burst,
    Buyers, CallSpec, CommitMode, Delay, DepthGuard, Effect, EnqueueSpec, ExchangeSpec, Gaps,
    Input, KafkaSpec, Links, Measure, PolicySpec, PriorityShare, ProducerSpec, QueueSpec,
    RabbitMqSpec, Retry, Scenario, ServiceSpec, TimedFault, TopicSpec, Work,
};
pub use service::{Condition, Instance, Intake, Outgoing, Service, Spoilage};
pub use timeline::{Branch, Marker, MarkerKind, Timeline};
pub use trace::{Entry, Event, Line, Trace};
pub use world::{QueueRole, World};
