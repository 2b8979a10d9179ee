//! Figures: values of an observation by their address.

use serde_json::Value;

use super::observation::Observation;
use crate::json::Json;

impl Observation {
    /// The figure at a JSON pointer into the observation: `/queues/email-notifications/ready`.
    ///
    /// Goals are looked at every second of virtual time, so only the part that the address names
    /// is written as JSON, never the whole observation.
    pub fn figure(&self, at: &str) -> Option<Value> {
        let mut segments = at.strip_prefix('/')?.splitn(3, '/');
        let first = segments.next()?;
        let second = segments.next();
        let rest = segments.next();
        match (first, second) {
            ("now_ms", None) => Some(self.now_ms.into()),
            ("instance_minutes", None) => Some(self.instance_minutes.into()),
            ("max_group_lag", None) => Some(self.max_group_lag.into()),
            ("checkout", Some(field)) => inside(&self.checkout, field, rest),
            ("ledger", Some(field)) => inside(&self.ledger, field, rest),
            ("services", Some(name)) => below(self.services.get(name)?, rest?),
            ("topics", Some(name)) => below(self.topics.get(name)?, rest?),
            ("groups", Some(name)) => below(self.groups.get(name)?, rest?),
            ("queues", Some(name)) => below(self.queues.get(name)?, rest?),
            ("alerts", Some(name)) => below(self.alerts.get(name)?, rest?),
            ("kafka", Some(field)) => inside(&self.kafka, field, rest),
            ("rabbitmq", Some(field)) => inside(&self.rabbitmq, field, rest),
            ("network", Some(field)) => inside(&self.network, field, rest),
            ("reads", Some(field)) => inside(self.reads.as_ref()?, field, rest),
            // What is not decided yet is an empty word.
            ("decisions", Some(question)) => {
                Some(self.decisions.get(question).map_or("", |answer| answer).into())
            }
            // Anything else is a mistyped address; the audit of a lesson names it.
            _ => None,
        }
    }

    /// A figure that is a number; `true` counts as 1.
    pub fn number(&self, at: &str) -> Option<u64> {
        match self.figure(at)? {
            Value::Number(number) => number.as_u64(),
            Value::Bool(flag) => Some(u64::from(flag)),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

fn inside(part: &impl Json, field: &str, rest: Option<&str>) -> Option<Value> {
    match rest {
        Some(rest) => below(part, &format!("{field}/{rest}")),
        None => below(part, field),
    }
}

fn below(part: &impl Json, path: &str) -> Option<Value> {
    part.write().pointer_mut(&format!("/{path}")).map(Value::take)
}

#[cfg(test)]
mod tests {
    use crate::json::Json;

    #[test]
    fn every_address_means_what_it_means_in_the_whole_document() {
        let scenario = crate::scenarios::document("shop").expect("the shop is embedded");
        let scenario = crate::simulation::Scenario::from_json(scenario).expect("the shop is valid");
        let mut world = crate::simulation::World::new(scenario.into(), 1);
        world.run_until(crate::engine::Instant::from_secs(5));
        let observation = world.observe();
        let whole = observation.write();
        for at in [
            "/now_ms",
            "/max_group_lag",
            "/instance_minutes",
            "/checkout/p50_ms",
            "/ledger/effects/mail",
            "/services/email/state",
            "/topics/order-created/partitions/3/end_offset",
            "/groups/payment/lag",
            "/queues/email-notifications/ready",
            "/alerts/dead letters/firing",
            "/kafka/brokers_up",
            "/rabbitmq/unroutable_dropped",
            "/network/held",
        ] {
            assert_eq!(observation.figure(at).as_ref(), whole.pointer(at), "{at}");
            assert_eq!(world.figure(at), observation.figure(at), "{at}");
            assert!(observation.figure(at).is_some(), "{at}");
        }
        for at in ["", "checkout", "/nowhere", "/services/nobody/state", "/queues"] {
            assert_eq!(observation.figure(at), None, "{at}");
            assert_eq!(world.figure(at), None, "{at}");
        }
    }
}
