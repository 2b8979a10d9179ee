//! Ackademy: learn messaging by breaking it.
//!
//! Layers, from the bottom up: [`engine`] (what a Kafka cluster and a RabbitMQ broker do),
//! [`simulation`] (when things happen), `lessons` (what is taught) and [`ui`] (the page).
//! `ARCHITECTURE.md` has the table of who may import whom.

pub mod engine;
pub mod json;
pub mod lessons;
#[cfg(not(target_arch = "wasm32"))]
pub mod runner;
pub mod scenarios;
pub mod simulation;
pub mod summary;
pub mod ui;
