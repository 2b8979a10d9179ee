//! What a service promises about a message: how it tells failures apart, what it remembers, and in
//! which order it writes and publishes.

use std::rc::Rc;

use litemap::LiteMap;

use crate::json::document;

document! {
    /// Why a piece of work fails however often it is tried.
    pub enum LastingError: Copy, Eq {
        /// The message is no order.
        Unreadable,
        /// The postal address is malformed.
        MalformedAddress,
        /// What `fail_for_good_per_mille` draws.
        Refused,
    }
}

document! {
    /// What a consumer does with a record that it gives up.
    pub enum GivesUp: Eq = Skip {
        /// It commits the offset behind the record, which nobody will read again.
        Skip,
        /// It produces the record to this topic first.
        DeadLetterTopic(Rc<str>),
    }
}

document! {
    /// A store of the orders that a service is done with; it is part of the service's database and
    /// survives a crash.
    pub struct Deduplication: Copy, Eq {
        /// An order is forgotten after so long. A message that comes again later is worked on
        /// again.
        pub lifetime_ms: u64 = 7 * 24 * 3_600_000,
    }
}

document! {
    /// The service's own database: one row for each order.
    pub struct DatabaseSpec: Copy, Eq {
        /// How long the transaction takes that writes the row.
        pub write_ms: u64 = 5,
        /// Where in relation to the write the service publishes and enqueues.
        pub publishes: Publishes = Publishes::default(),
    }
}

document! {
    pub enum Publishes: Copy, Eq, Hash = AfterWrite {
        /// A crash between both leaves a message about an order that has no row.
        BeforeWrite,
        /// A crash between both leaves a row that nobody hears of.
        AfterWrite,
        /// The messages are rows of the same transaction; a relay publishes and then deletes them.
        Outbox {
            /// How often the relay looks for rows.
            relay_every_ms: u64 = 500,
        },
    }
}

document! {
    /// The key of the records that a service produces. Records of one key go to one partition.
    pub enum RecordKey: Copy, Eq, Hash = OrderId {
        /// All records of an order follow each other.
        OrderId,
        /// All orders of a country share a partition.
        Country,
        /// No key: the producer fills a batch for one partition, then goes on to the next.
        None,
    }
}

document! {
    /// The version of a topic's schema that a service is built with: what it writes, or reads as.
    pub struct SchemaUse: Eq {
        /// A topic that it reads or publishes to.
        pub topic: Rc<str>,
        /// The version in the registry.
        pub version: u32,
        /// Fields with their values that its code adds to what it writes.
        pub adds: LiteMap<String, serde_json::Value> = LiteMap::new(),
    }
}
