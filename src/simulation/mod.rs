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
mod breakpoint;
mod command;
mod comparison;
mod figure;
mod job;
mod ledger;
mod metrics;
mod observation;
mod order;
mod parcel;
mod random;
mod run;
mod scenario;
mod service;
mod timeline;
mod trace;
mod validation;
mod world;

pub use alert::AlertState;
pub use breakpoint::{Breakpoint, Watch};
pub use command::{Command, CommandError, CrashPoint};
pub use comparison::{Comparison, Difference, FigureDifference};
pub use job::{Job, Source, Stage};
pub use ledger::{Finding, FindingKind, Ledger, OrderAccount, OrderStatus};
pub use metrics::{Metrics, Series};
pub use observation::{
    AlertFigures, CheckoutFigures, GroupFigures, LedgerFigures, Observation, PartitionFigures,
    QueueFigures, ServiceFigures, TopicFigures,
};
pub use order::Order;
pub use parcel::{Cargo, Endpoint, Parcel};
pub use run::{Played, Run, RunError, refusal};
pub use scenario::{
    AckMode, AlertRule, ArrivalChange, Arrivals, Binding, CallSpec, CommitMode, Delay, Effect,
    EnqueueSpec, ExchangeSpec, Input, Links, Measure, QueueSpec, Retry, Scenario, ServiceSpec,
    TimedFault, TopicSpec, Work,
};
pub use service::{Condition, Instance, Intake, Service};
pub use timeline::{Branch, Marker, MarkerKind, Timeline};
pub use trace::{Entry, Event, Line, Trace};
pub use world::{QueueRole, World};
