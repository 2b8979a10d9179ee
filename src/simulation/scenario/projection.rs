//! Read models that are folded from a topic, and buyers who read them.

use std::rc::Rc;

use crate::json::document;

document! {
    /// A read model in the memory of a service's instances, each with the part of its partitions.
    /// The position in the log is kept with it: an instance restores the last snapshot of a
    /// partition and reads on from there.
    pub struct ProjectionSpec: Copy, Default, Eq {
        /// A snapshot of a partition's part is saved after so many records. Without this there is
        /// none, and a restart reads the topic from its start.
        pub snapshot_every: Option<u32> = None,
        /// A bug: the cents of each amount are dropped before it is added up.
        pub drops_cents: bool = false,
    }
}

document! {
    /// Each buyer whose order was accepted looks it up in a projection.
    pub struct ReadSpec: Eq {
        /// The service with the projection.
        pub service: Rc<str>,
        /// How long after the answer, in milliseconds.
        pub after_ms: u64 = 0,
        /// The projection answers only once it has read the record of the buyer's own write.
        pub waits: bool = false,
        /// How long it lets a buyer wait for that, in milliseconds.
        pub patience_ms: u64 = 2_000,
    }
}
