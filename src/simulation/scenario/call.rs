//! Calls between services: how long a caller waits, how often it tries, and when it stops trying.

use std::rc::Rc;

use super::retry::Retry;
use crate::json::{JsonError, document};

document! {
    /// One service called over HTTP.
    pub struct CallSpec: Eq {
        pub service: Rc<str>,
        /// A learner can switch the call off and on.
        pub enabled: bool = true,
        /// The caller waits so long for an answer, then it counts the call as failed. The service
        /// that was called does not hear of it and goes on with its work. Without it, it waits for
        /// ever.
        pub timeout_ms: Option<u64> = None,
        /// How a failed call is tried again; by default it is not. An answer's `Retry-After` is
        /// heeded.
        pub retry: Retry = Retry::none(),
        /// Stops calling a service that fails.
        pub breaker: Option<BreakerSpec> = None,
        /// Calls at once from one instance; a further one fails at once and is not tried again.
        pub bulkhead: Option<u32> = None,
    }
}

document! {
    /// A circuit breaker; each instance of the caller has its own.
    pub struct BreakerSpec: Eq {
        /// It opens after so many failed calls in a row.
        pub failures: u32,
        /// While open, for so long, every call fails at once and is not tried again.
        pub open_ms: u64,
        /// So many calls it then lets through: half-open. If all succeed it closes, if one fails it
        /// opens again.
        pub half_open_calls: u32 = 1,
    }
}

impl CallSpec {
    /// Says which field is wrong, if one is.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        at_least_one("timeout_ms", self.timeout_ms)?;
        at_least_one("bulkhead", self.bulkhead.map(u64::from))?;
        self.retry.check().map_err(|message| JsonError::at("retry", message))?;
        let Some(breaker) = &self.breaker else {
            return Ok(());
        };
        at_least_one("breaker.failures", Some(breaker.failures.into()))?;
        at_least_one("breaker.open_ms", Some(breaker.open_ms))?;
        at_least_one("breaker.half_open_calls", Some(breaker.half_open_calls.into()))
    }
}

pub(super) fn at_least_one(field: &str, number: Option<u64>) -> Result<(), JsonError> {
    if number == Some(0) {
        return Err(JsonError::at(field, "at least 1".to_owned()));
    }
    Ok(())
}
