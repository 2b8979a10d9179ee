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
mod breakpoint;
mod command;
mod comparison;
mod database;
mod figure;
mod finding;
mod game;
mod job;
mod journeys;
mod ledger;
mod line;
mod metrics;
mod network;
mod numbers;
mod observation;
mod order;
mod parcel;
mod projection;
mod prometheus;
mod promises;
mod random;
mod run;
mod scenario;
mod service;
mod setting;
mod timeline;
mod trace;
mod validation;
mod why;
mod world;

pub use alert::{AlertState, Firing};
pub use breaker::{Breaker, BreakerState};
pub use breakpoint::{Breakpoint, Watch};
pub use command::{Command, CommandError, CrashPoint, OffsetPosition};
pub use comparison::{Comparison, Difference, FigureDifference, parting};
pub use finding::{Finding, FindingKind};
pub use game::{GoalScore, Score};
pub use job::{Job, Source, Stage};
pub use ledger::{Ledger, OrderAccount, OrderStatus};
pub use line::Line;
pub use metrics::{Metrics, Series};
pub use network::LinkFault;
pub use observation::{
    AlertFigures, CallFigures, CheckoutFigures, DatabaseFigures, FiringFigures, GroupFigures,
    LedgerFigures, MoneyFigures, Observation, PartitionFigures, ProjectionFigures, QueueFigures,
    ReadFigures, SchemaFigures, ServiceFigures, TopicFigures,
};
pub use order::{Order, number_of};
pub use parcel::{Cargo, Endpoint, Parcel};
pub use projection::Read;
pub use run::{Played, Run, RunError, refusal};
pub use scenario::{
    AckMode, AcksSpec, Admission, AlertRule, ArrivalChange, Arrivals, Autoscale, Binding,
    BreakerSpec, Burst, Buyers, CallSpec, CommitMode, ConsumerSpec, DatabaseSpec, Deadline,
    Deduplication, Delay, DepthGuard, Effect, EnqueueSpec, ExchangeSpec, Gaps, GivesUp, Input,
    IsolationLevel, KafkaSpec, LastingError, Links, Measure, PolicySpec, PriorityShare,
    ProducerSpec, ProjectionSpec, Publishes, QueueSpec, RabbitMqSpec, ReadSpec, RecordKey,
    ResetSpec, Retry, Scenario, ServiceSpec, TimedFault, TopicSpec, Work,
};
pub use service::{Condition, Instance, Intake, Outgoing, Service, Spoilage};
pub use setting::Setting;
pub use timeline::{Branch, Marker, MarkerKind, Timeline};
pub use trace::{Entry, Event, Trace};
pub use why::{Step, Subject, Why};
pub use world::{QueueRole, World};
