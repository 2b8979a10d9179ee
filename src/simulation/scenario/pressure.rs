//! What a service does when more comes than it can do: it turns calls away, or grows.

use super::call::at_least_one;
use super::measure::Measure;
use crate::json::{JsonError, document};

document! {
    /// Which calls an HTTP service lets in. Without any of it all calls wait until there is a
    /// place.
    pub struct Admission: Default, Eq {
        /// Calls that may wait for a place at one instance; a further one is answered with 503.
        /// Tomcat's `acceptCount`.
        pub queue: Option<u32> = None,
        /// Calls let in per second by all instances together, a second's worth of them at once; a
        /// further one is answered with 429.
        pub rate_per_second: Option<u32> = None,
        /// Calls are answered with 503 while a figure is too large.
        pub depth: Option<DepthGuard> = None,
        /// Orders of a lower priority than this are turned away already when `queue` or `depth` is
        /// half full.
        pub shed_below: Option<u8> = None,
        /// What a refusal says in its header `Retry-After`.
        pub retry_after_s: Option<u32> = None,
    }
}

document! {
    /// A limit to what lies behind a service, such as a queue that it fills.
    pub struct DepthGuard: Eq {
        /// What tells how much there is to do: `queue_ready`, `group_lag` or any other measure.
        pub measure: Measure,
        /// Calls are refused while the measure is greater than this.
        pub above: u64,
    }
}

document! {
    /// Instances by what waits, as KEDA and the Horizontal Pod Autoscaler do it.
    pub struct Autoscale: Eq {
        /// What waits: `queue_ready` or `group_lag`.
        pub by: Measure,
        /// So much of it for each instance: KEDA's `queueLength` and `lagThreshold`.
        pub target: u64,
        /// Never fewer instances.
        pub min: u32,
        /// Never more instances.
        pub max: u32,
        /// How often it looks: KEDA's `pollingInterval`, 30 s by default.
        pub every_ms: u64 = 30_000,
        /// How long an instance takes to start.
        pub start_ms: u64 = 0,
        /// Fewer instances only after fewer were enough for so long: the stabilization window, 5
        /// minutes by default.
        pub cooldown_ms: u64 = 300_000,
    }
}

impl Admission {
    /// Says which field is wrong, if one is.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        at_least_one("rate_per_second", self.rate_per_second.map(u64::from))?;
        if self.rate_per_second > Some(1_000_000) {
            return Err(JsonError::at("rate_per_second", "at most 1000000".to_owned()));
        }
        if self.shed_below.is_some() && self.queue.is_none() && self.depth.is_none() {
            let message = "shedding begins at half of `queue` or `depth`, and neither is set";
            return Err(JsonError::at("shed_below", message.to_owned()));
        }
        Ok(())
    }
}

impl Autoscale {
    /// Says which field is wrong, if one is.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        at_least_one("target", Some(self.target))?;
        at_least_one("min", Some(self.min.into()))?;
        at_least_one("every_ms", Some(self.every_ms))?;
        if self.min <= self.max && self.max <= 64 {
            return Ok(());
        }
        Err(JsonError::at("max", format!("from min, {}, to 64", self.min)))
    }
}
