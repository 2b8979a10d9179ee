//! What panels show, taken from the model as plain values.
//!
//! A panel gets only such values, so it is drawn again only when they changed, and tests can
//! render it without a page.

mod chart;
mod events;
mod metrics;
mod order;
mod places;
mod service;
mod time;

pub use chart::{Chart, Mark, area, line};
pub use events::{Happening, history};
pub use metrics::{AlertLine, Metric, metrics};
pub use order::{Family, JourneyStep, OrderView, order};
pub use places::{
    BindingRow, DeathRow, ExchangeView, GroupRow, MessageRow, PartitionView, QueueView, RecordRow,
    exchange, partition, queue,
};
pub use service::{Intake, Offers, ServiceView, crash_point, service};
pub use time::{Future, TimeMark, TimeView, time};

use crate::simulation::{Measure, Series, World};

/// The series of a figure, and whose colour it has.
pub fn series_of<'a>(world: &'a World, measure: &Measure) -> (Option<&'a Series>, &'static str) {
    let metrics = world.metrics();
    match measure {
        Measure::GroupLag(group) => (metrics.group_lag.get(group), "log"),
        Measure::MaxGroupLag => (Some(&metrics.max_group_lag), "log"),
        Measure::QueueReady(queue) => (metrics.queue_ready.get(queue), "queue"),
        Measure::CheckoutP95Ms => (Some(&metrics.checkout_p95_ms), "plain"),
        Measure::OrdersFailed => (Some(&metrics.orders_failed), "fail"),
    }
}

/// A figure in words: "Backlog of email-notifications".
pub fn measure_name(measure: &Measure) -> String {
    match measure {
        Measure::GroupLag(group) => format!("Lag of {group}"),
        Measure::MaxGroupLag => "Max consumer lag".to_owned(),
        Measure::QueueReady(queue) => format!("Backlog of {queue}"),
        Measure::CheckoutP95Ms => "Checkout p95".to_owned(),
        Measure::OrdersFailed => "Failed orders".to_owned(),
    }
}
