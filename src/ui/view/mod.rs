//! What panels show, taken from the model as plain values.
//!
//! A panel gets only such values, so it is drawn again only when they changed, and tests can
//! render it without a page.

mod chart;
mod compare;
mod events;
mod instruments;
mod metrics;
mod order;
mod places;
mod service;
mod settings;
mod time;

pub use chart::{Chart, Line, Mark, area, line};
pub use compare::{CompareView, Part, PartKind, Row, SideView, Wait, compare};
pub use events::{Happening, history};
pub use instruments::{Instrument, InstrumentsView, Reading, instruments};
pub use metrics::{AlertLine, Metric, metrics};
pub use order::{Family, JourneyStep, OrderView, order};
pub use places::{
    BindingRow, DeathRow, ExchangeView, GroupRow, MessageRow, PartitionView, QueueView, RecordRow,
    exchange, partition, queue,
};
pub use service::{Intake, Offers, ServiceView, service};
pub use settings::SettingRow;
pub use time::{Future, TimeMark, TimeView, time};

use crate::simulation::{Measure, Series, World};

/// The series of a figure, and whose colour it has.
pub fn series_of<'a>(world: &'a World, measure: &Measure) -> (Option<&'a Series>, &'static str) {
    let family = match measure {
        Measure::GroupLag(_) | Measure::MaxGroupLag | Measure::PartitionLag { .. } => "log",
        Measure::QueueReady(_) | Measure::QueueUnacked(_) => "queue",
        Measure::OrdersFailed
        | Measure::ErrorsPerMille
        | Measure::Duplicates
        | Measure::OrdersLost
        | Measure::LateEffects
        | Measure::DeadLetters
        | Measure::FailedPerMinute(_)
        | Measure::CallsRejected(_)
        | Measure::CallsTimedOut(_)
        | Measure::BreakersOpened(_)
        | Measure::BuyersTimedOut => "fail",
        Measure::CheckoutP50Ms
        | Measure::CheckoutP95Ms
        | Measure::CheckoutP99Ms
        | Measure::PlacedPerMinute
        | Measure::CompletedPerMinute
        | Measure::RetriesPerMinute
        | Measure::HandledPerMinute(_)
        | Measure::ServiceP95Ms(_)
        | Measure::UtilisationPercent(_)
        | Measure::InstancesUp(_) => "plain",
    };
    (world.metrics().series(measure), family)
}

/// A figure in words: "Backlog of email-notifications".
pub fn measure_name(measure: &Measure) -> String {
    let (words, of) = match measure {
        Measure::GroupLag(group) | Measure::PartitionLag { group, .. } => ("Lag of ", &**group),
        Measure::MaxGroupLag => ("Max consumer lag", ""),
        Measure::QueueReady(queue) => ("Backlog of ", &**queue),
        Measure::QueueUnacked(queue) => ("Unacked of ", &**queue),
        Measure::CheckoutP50Ms => ("Checkout p50", ""),
        Measure::CheckoutP95Ms => ("Checkout p95", ""),
        Measure::CheckoutP99Ms => ("Checkout p99", ""),
        Measure::OrdersFailed => ("Failed orders", ""),
        Measure::ErrorsPerMille => ("Errors per 1,000", ""),
        Measure::PlacedPerMinute => ("Orders per minute", ""),
        Measure::CompletedPerMinute => ("Completed per minute", ""),
        Measure::RetriesPerMinute => ("Retries per minute", ""),
        Measure::Duplicates => ("Done twice", ""),
        Measure::OrdersLost => ("Lost orders", ""),
        Measure::LateEffects => ("Late", ""),
        Measure::DeadLetters => ("Dead letters", ""),
        Measure::HandledPerMinute(service) => ("Pace of ", &**service),
        Measure::FailedPerMinute(service) => ("Failures of ", &**service),
        Measure::ServiceP95Ms(service) => ("p95 of ", &**service),
        Measure::UtilisationPercent(service) => ("Utilisation of ", &**service),
        Measure::InstancesUp(service) => ("Instances of ", &**service),
        Measure::CallsRejected(service) => ("Rejected by ", &**service),
        Measure::CallsTimedOut(service) => ("Timeouts of ", &**service),
        Measure::BreakersOpened(service) => ("Breakers opened by ", &**service),
        Measure::BuyersTimedOut => ("Buyers gave up", ""),
    };
    format!("{words}{of}")
}
