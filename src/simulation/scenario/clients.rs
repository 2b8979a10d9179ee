//! Settings of Kafka's clients under their published names, with `_` for `.`. What is not given
//! has Kafka's default.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::kafka::{Acks, ConsumerConfig, Isolation, OffsetReset, ProducerConfig};
use crate::json::document;

document! {
    /// Settings of the producer of each of a service's instances.
    pub struct ProducerSpec: Default, Eq {
        /// `acks`: `all`, `1` or `0`.
        pub acks: AcksSpec = AcksSpec::default(),
        /// `enable.idempotence`; without it Kafka decides by the other settings.
        pub enable_idempotence: Option<bool> = None,
        /// `max.in.flight.requests.per.connection`
        pub max_in_flight_requests_per_connection: Option<u32> = None,
        /// `linger.ms`
        pub linger_ms: Option<u64> = None,
        /// `batch.size` in bytes
        pub batch_size: Option<u32> = None,
        /// `retries`
        pub retries: Option<u32> = None,
        /// `request.timeout.ms`
        pub request_timeout_ms: Option<u64> = None,
        /// `delivery.timeout.ms`
        pub delivery_timeout_ms: Option<u64> = None,
        /// Each instance has a `transactional.id` made of the service's id and its number: what it
        /// produces for a record and the offset behind that record are one transaction.
        pub transactional: bool = false,
        /// `transaction.timeout.ms`
        pub transaction_timeout_ms: Option<u64> = None,
    }
}

document! {
    pub enum AcksSpec: Copy, Eq = All {
        None as "0",
        Leader as "1",
        All as "all",
    }
}

document! {
    /// Settings of a service's consumers that decide what they see and keep.
    pub struct ConsumerSpec: Default, Eq {
        /// `isolation.level`: `read_uncommitted` or `read_committed`.
        pub isolation_level: IsolationLevel = IsolationLevel::default(),
        /// `auto.offset.reset`: `earliest` or `latest`. The shop's services start at the earliest
        /// record, where Kafka's default is the latest.
        pub auto_offset_reset: ResetSpec = ResetSpec::default(),
        /// `max.poll.interval.ms`
        pub max_poll_interval_ms: Option<u64> = None,
        /// `auto.commit.interval.ms`
        pub auto_commit_interval_ms: Option<u64> = None,
        /// `group.instance.id`, the beginning of it: the instance's number follows.
        pub group_instance_id: Option<Rc<str>> = None,
    }
}

document! {
    pub enum IsolationLevel: Copy, Eq = ReadUncommitted {
        ReadUncommitted,
        ReadCommitted,
    }
}

document! {
    pub enum ResetSpec: Copy, Eq = Earliest {
        Earliest,
        Latest,
    }
}

impl ProducerSpec {
    /// The engine's settings for the instance of a service with this number (from 1).
    pub(crate) fn config(&self, service: &str, instance: u16) -> ProducerConfig {
        let default = ProducerConfig::default();
        let linger = time(self.linger_ms, default.linger);
        let request_timeout = time(self.request_timeout_ms, default.request_timeout);
        let longest = default.delivery_timeout.max(linger + request_timeout);
        ProducerConfig {
            acks: match self.acks {
                AcksSpec::None => Acks::None,
                AcksSpec::Leader => Acks::Leader,
                AcksSpec::All => Acks::All,
            },
            linger,
            batch_size: self.batch_size.unwrap_or(default.batch_size),
            enable_idempotence: self.enable_idempotence.unwrap_or(true),
            max_in_flight: self
                .max_in_flight_requests_per_connection
                .unwrap_or(default.max_in_flight),
            retries: self.retries.unwrap_or(default.retries),
            request_timeout,
            delivery_timeout: time(self.delivery_timeout_ms, longest),
            transactional_id: self.transactional.then(|| format!("{service}-{instance}").into()),
            transaction_timeout: time(self.transaction_timeout_ms, default.transaction_timeout),
            ..default
        }
    }

    /// What `KafkaProducer` would refuse, as the field and the reason.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        let config = self.config("", 1);
        let in_flight = config.max_in_flight;
        let needs = |field, what: &str| {
            Err((field, format!("an idempotent or transactional producer needs {what}")))
        };
        let numbered = self.enable_idempotence == Some(true) || self.transactional;
        if self.transactional && self.enable_idempotence == Some(false) {
            return needs("producer.enable_idempotence", "enable.idempotence");
        }
        if numbered && self.acks != AcksSpec::All {
            return needs("producer.acks", "acks=all");
        }
        if in_flight == 0 || (numbered && in_flight > 5) {
            let field = "producer.max_in_flight_requests_per_connection";
            return needs(field, "1 to 5 requests in flight; any other one at least 1");
        }
        if numbered && self.retries == Some(0) {
            return needs("producer.retries", "retries");
        }
        if config.delivery_timeout < config.linger + config.request_timeout {
            let message = "at least linger.ms + request.timeout.ms".to_owned();
            return Err(("producer.delivery_timeout_ms", message));
        }
        Ok(())
    }
}

impl ConsumerSpec {
    /// Writes the settings into those of the instance with this number (from 1).
    pub(crate) fn apply(&self, config: &mut ConsumerConfig, instance: u16) {
        config.isolation = match self.isolation_level {
            IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
            IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
        };
        config.auto_offset_reset = match self.auto_offset_reset {
            ResetSpec::Earliest => OffsetReset::Earliest,
            ResetSpec::Latest => OffsetReset::Latest,
        };
        config.max_poll_interval = time(self.max_poll_interval_ms, config.max_poll_interval);
        config.auto_commit_interval =
            time(self.auto_commit_interval_ms, config.auto_commit_interval);
        let name = self.group_instance_id.as_ref();
        config.group_instance_id = name.map(|name| format!("{name}-{instance}").into());
    }

    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        let one = || "at least 1".to_owned();
        if self.max_poll_interval_ms == Some(0) {
            return Err(("input.topic.consumer.max_poll_interval_ms", one()));
        }
        if self.auto_commit_interval_ms == Some(0) {
            return Err(("input.topic.consumer.auto_commit_interval_ms", one()));
        }
        Ok(())
    }
}

fn time(ms: Option<u64>, default: Duration) -> Duration {
    ms.map_or(default, Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ProducerSpec {
        crate::json::read(json).expect("it is a producer's settings")
    }

    #[test]
    fn settings_reach_the_client_under_their_published_names() {
        let text = r#"{"acks": "1", "enable_idempotence": false, "linger_ms": 20,
            "max_in_flight_requests_per_connection": 9, "batch_size": 100, "retries": 2,
            "request_timeout_ms": 200000, "transaction_timeout_ms": 7}"#;
        let config = read(text).config("payment", 2);
        assert_eq!((config.acks, config.enable_idempotence), (Acks::Leader, false));
        assert_eq!((config.max_in_flight, config.batch_size, config.retries), (9, 100, 2));
        assert_eq!(config.delivery_timeout, Duration::from_millis(200_020));
        assert_eq!(config.transaction_timeout, Duration::from_millis(7));
        assert_eq!(config.transactional_id, None);
        let named = read(r#"{"transactional": true}"#).config("payment", 2).transactional_id;
        assert_eq!(named.as_deref(), Some("payment-2"));
    }

    #[test]
    fn what_kafka_refuses_is_refused_with_the_field() {
        let cases = [
            (r#"{"enable_idempotence": true, "acks": "1"}"#, "producer.acks"),
            (r#"{"transactional": true, "acks": "0"}"#, "producer.acks"),
            (r#"{"transactional": true, "retries": 0}"#, "producer.retries"),
            (
                r#"{"transactional": true, "enable_idempotence": false}"#,
                "producer.enable_idempotence",
            ),
            (
                r#"{"enable_idempotence": true, "max_in_flight_requests_per_connection": 6}"#,
                "producer.max_in_flight_requests_per_connection",
            ),
            (r#"{"delivery_timeout_ms": 1000}"#, "producer.delivery_timeout_ms"),
        ];
        for (json, field) in cases {
            assert_eq!(read(json).check().map_err(|(field, _)| field), Err(field), "{json}");
        }
        let allowed = r#"{"acks": "1", "max_in_flight_requests_per_connection": 6}"#;
        assert_eq!(read(allowed).check(), Ok(()), "Kafka goes without idempotence then");
    }
}
