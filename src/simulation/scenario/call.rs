//! Calls between services: how long a caller waits, how often it tries, and when it stops trying.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::retry::Retry;
use super::yes;
use crate::json::JsonError;

/// One service called over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    pub service: Rc<str>,
    /// A learner can switch the call off and on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The caller waits so long for an answer, then it counts the call as failed. The service that
    /// was called does not hear of it and goes on with its work. Without it, it waits for ever.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// How a failed call is tried again; by default it is not. An answer's `Retry-After` is heeded.
    #[serde(default = "Retry::none")]
    pub retry: Retry,
    /// Stops calling a service that fails.
    #[serde(default)]
    pub breaker: Option<BreakerSpec>,
    /// Calls at once from one instance; a further one fails at once and is not tried again.
    #[serde(default)]
    pub bulkhead: Option<u32>,
}

/// A circuit breaker; each instance of the caller has its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BreakerSpec {
    /// It opens after so many failed calls in a row.
    pub failures: u32,
    /// While open, for so long, every call fails at once and is not tried again.
    pub open_ms: u64,
    /// So many calls it then lets through: half-open. If all succeed it closes, if one fails it
    /// opens again.
    #[serde(default = "one")]
    pub half_open_calls: u32,
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

fn one() -> u32 {
    1
}
