//! What a service promises about a message: how it tells failures apart, what it remembers, and in
//! which order it writes and publishes.

use std::rc::Rc;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

/// Why a piece of work fails however often it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LastingError {
    /// The message is no order.
    Unreadable,
    /// The postal address is malformed.
    MalformedAddress,
    /// What `fail_for_good_per_mille` draws.
    Refused,
}

/// What a consumer does with a record that it gives up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GivesUp {
    /// It commits the offset behind the record, which nobody will read again.
    #[default]
    Skip,
    /// It produces the record to this topic first.
    DeadLetterTopic(Rc<str>),
}

/// A store of the orders that a service is done with; it is part of the service's database and
/// survives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Deduplication {
    /// An order is forgotten after so long. A message that comes again later is worked on again.
    #[serde(default = "seven_days")]
    pub lifetime_ms: u64,
}

fn seven_days() -> u64 {
    7 * 24 * 3_600_000
}

/// The service's own database: one row for each order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseSpec {
    /// How long the transaction takes that writes the row.
    #[serde(default = "five")]
    pub write_ms: u64,
    /// Where in relation to the write the service publishes and enqueues.
    #[serde(default)]
    pub publishes: Publishes,
}

fn five() -> u64 {
    5
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Publishes {
    /// A crash between both leaves a message about an order that has no row.
    BeforeWrite,
    /// A crash between both leaves a row that nobody hears of.
    #[default]
    AfterWrite,
    /// The messages are rows of the same transaction; a relay publishes and then deletes them.
    Outbox {
        /// How often the relay looks for rows.
        #[serde(default = "half_a_second")]
        relay_every_ms: u64,
    },
}

fn half_a_second() -> u64 {
    500
}

/// The key of the records that a service produces. Records of one key go to one partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordKey {
    /// All records of an order follow each other.
    #[default]
    OrderId,
    /// All orders of a country share a partition.
    Country,
    /// No key: the producer fills a batch for one partition, then goes on to the next.
    None,
}

/// The version of a topic's schema that a service is built with: what it writes, or reads as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SchemaUse {
    /// A topic that it reads or publishes to.
    pub topic: Rc<str>,
    /// The version in the registry.
    pub version: u32,
    /// Fields with their values that its code adds to what it writes.
    #[serde(default, serialize_with = "crate::json::object")]
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")
    )]
    pub adds: LiteMap<String, serde_json::Value>,
}
