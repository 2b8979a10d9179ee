//! The engines: sans-IO state machines that answer as the real systems do.
//!
//! An engine is called with the present instant and a request; it answers with a reply and with
//! effects (deliveries, timers to set, events that happened). It owns no clock, draws no random
//! number and calls nobody. The two engines never import each other.

mod few;
pub mod kafka;
pub mod rabbitmq;
pub mod schema;
mod set;
mod spare;
mod time;

pub use few::sort_few;
pub use set::Set;
pub use spare::Spare;
pub use time::Instant;
