//! Checks of a scenario beyond its grammar: names that are used are declared, numbers make sense.
//!
//! Each refusal names the field as a path and says what would be right.

use std::time::Duration;

use crate::engine::kafka::{Assignor, GroupConfig};
use crate::engine::rabbitmq::{Broker, PolicyBy};
use crate::engine::{Instant, Set};

use crate::json::JsonError;

use super::scenario::{
    Admission, Autoscale, Input, Measure, Scenario, ServiceSpec, TopicSpec, VERSION,
};
use super::world::{World, check_setting, check_versions, policy, registry_of};

type Checked = Result<(), JsonError>;

impl Scenario {
    pub(super) fn check(&self) -> Checked {
        if self.version != VERSION {
            let message = format!("this program reads version {VERSION}, not {}", self.version);
            return refuse("version", message);
        }
        self.check_names()?;
        let registry = registry_of(&self.topics);
        let registry = registry.map_err(|(at, message)| JsonError::at(&at, message))?;
        for (index, service) in self.services.iter().enumerate() {
            let at = format!("services[{index}]");
            self.check_service(&at, service)?;
            let checked = check_versions(self, &registry, service);
            checked.or_else(|message| refuse(&format!("{at}.schemas"), message))?;
        }
        self.check_reads().or_else(|(field, message)| refuse(field, message))?;
        self.check_routes()?;
        self.check_arrivals()?;
        self.check_measures()?;
        self.check_deadlines()?;
        self.check_faults()?;
        self.check_game()
    }

    fn check_names(&self) -> Checked {
        unique("topics", self.topics.iter().map(|topic| &*topic.name))?;
        unique("exchanges", self.exchanges.iter().map(|exchange| &*exchange.name))?;
        unique("queues", self.queues.iter().map(|queue| &*queue.name))?;
        unique("services", self.services.iter().map(|service| &*service.id))?;
        unique("alerts", self.alerts.iter().map(|alert| &*alert.rule))?;
        for (index, topic) in self.topics.iter().enumerate() {
            self.check_topic(&format!("topics[{index}]"), topic)?;
        }
        self.check_brokers()
    }

    fn check_topic(&self, at: &str, topic: &TopicSpec) -> Checked {
        if !(1..=256).contains(&topic.partitions) {
            let field = format!("{at}.partitions");
            return refuse(&field, "a topic has 1 to 256 partitions".to_owned());
        }
        let (copies, brokers) = (topic.replication_factor, self.kafka.brokers);
        if !(1..=brokers).contains(&copies) {
            let message = format!("{brokers} brokers can keep 1 to {brokers} copies, not {copies}");
            return refuse(&format!("{at}.replication_factor"), message);
        }
        for (setting, value) in topic.settings() {
            let field = format!("{at}.{}", setting.replace('.', "_"));
            check_setting(setting, &value).or_else(|message| refuse(&field, message))?;
        }
        Ok(())
    }

    fn check_brokers(&self) -> Checked {
        for (at, count) in
            [("kafka.brokers", self.kafka.brokers), ("rabbitmq.nodes", self.rabbitmq.nodes)]
        {
            if !(1..=5).contains(&count) {
                return refuse(at, format!("1 to 5, not {count}"));
            }
        }
        for (at, ms) in [
            ("kafka.replica_lag_time_max_ms", self.kafka.replica_lag_time_max_ms),
            ("kafka.log_retention_check_interval_ms", self.kafka.log_retention_check_interval_ms),
        ] {
            if ms < 2 {
                return refuse(at, "at least 2 ms".to_owned());
            }
        }
        let mut broker = Broker::new();
        for (index, spec) in self.rabbitmq.policies.iter().enumerate() {
            let at = format!("rabbitmq.policies[{index}].apply_to");
            spec.check_kind().or_else(|message| refuse(&at, message))?;
            let set = broker.set_policy(Instant::ZERO, PolicyBy::User, policy(spec));
            let at = format!("rabbitmq.policies[{index}]");
            set.map(|_| ()).or_else(|error| refuse(&at, error.to_string()))?;
        }
        Ok(())
    }

    fn check_service(&self, at: &str, service: &ServiceSpec) -> Checked {
        if !(1..=64).contains(&service.instances) {
            return refuse(
                &format!("{at}.instances"),
                "a service has 1 to 64 instances".to_owned(),
            );
        }
        if service.fail_per_mille > 1_000 {
            return refuse(&format!("{at}.fail_per_mille"), "at most 1000".to_owned());
        }
        if let Err((field, message)) = self.check_promises(service) {
            return refuse(&format!("{at}.{field}"), message);
        }
        service.work.check().or_else(|message| refuse(&format!("{at}.work"), message))?;
        match &service.input {
            Input::Http { concurrency: 0, .. } => {
                return refuse(&format!("{at}.input.http.concurrency"), "at least 1".to_owned());
            }
            Input::Http { admission, .. } => {
                self.check_admission(&format!("{at}.input.http.admission"), admission)?;
            }
            Input::Topic { topic, assignor, session_timeout_ms, retry, .. } => {
                self.topic(&format!("{at}.input.topic.topic"), topic)?;
                let known = Assignor::ALL.map(Assignor::name);
                if let Some(name) = assignor.as_deref().filter(|name| !known.contains(name)) {
                    let field = format!("{at}.input.topic.assignor");
                    return refuse(&field, format!("'{name}' is not one of {}", known.join(", ")));
                }
                check_session_timeout(at, *session_timeout_ms)?;
                let field = format!("{at}.input.topic.retry");
                retry.check().or_else(|message| refuse(&field, message))?;
            }
            Input::Queue { queue, .. } => self.queue(&format!("{at}.input.queue.queue"), queue)?,
        }
        for (index, topic) in service.publishes.iter().enumerate() {
            self.topic(&format!("{at}.publishes[{index}]"), topic)?;
        }
        for (index, task) in service.enqueues.iter().enumerate() {
            self.exchange(&format!("{at}.enqueues[{index}].exchange"), &task.exchange)?;
        }
        self.check_autoscale(&format!("{at}.autoscale"), service.autoscale.as_ref())?;
        unique(&format!("{at}.calls"), service.calls.iter().map(|call| &*call.service))?;
        for (index, call) in service.calls.iter().enumerate() {
            call.check().map_err(|error| below(&format!("{at}.calls[{index}]"), error))?;
            let takes_calls = |other: &&ServiceSpec| {
                other.id == call.service && matches!(other.input, Input::Http { .. })
            };
            if !self.services.iter().any(|other| takes_calls(&other)) {
                let field = format!("{at}.calls[{index}].service");
                let message =
                    format!("there is no service '{}' that takes HTTP calls", call.service);
                return refuse(&field, message);
            }
        }
        Ok(())
    }

    pub(super) fn check_admission(&self, at: &str, admission: &Admission) -> Checked {
        admission.check().map_err(|error| below(at, error))?;
        let guard = admission.depth.as_ref();
        guard.map_or(Ok(()), |guard| self.measure(&format!("{at}.depth.measure"), &guard.measure))
    }

    pub(super) fn check_autoscale(&self, at: &str, autoscale: Option<&Autoscale>) -> Checked {
        let Some(autoscale) = autoscale else {
            return Ok(());
        };
        autoscale.check().map_err(|error| below(at, error))?;
        self.measure(&format!("{at}.by"), &autoscale.by)
    }

    fn check_routes(&self) -> Checked {
        for (index, exchange) in self.exchanges.iter().enumerate() {
            let known = ["direct", "fanout", "topic", "headers"];
            if !known.contains(&&*exchange.kind) {
                let message = format!("'{}' is not one of {}", exchange.kind, known.join(", "));
                return refuse(&format!("exchanges[{index}].type"), message);
            }
        }
        for (index, binding) in self.bindings.iter().enumerate() {
            self.exchange(&format!("bindings[{index}].exchange"), &binding.exchange)?;
            match &binding.to_exchange {
                Some(_) if !binding.queue.is_empty() => {
                    let message = "a binding leads to a queue or to an exchange, not to both";
                    return refuse(&format!("bindings[{index}].queue"), message.to_owned());
                }
                Some(to) => self.exchange(&format!("bindings[{index}].to_exchange"), to)?,
                None => self.queue(&format!("bindings[{index}].queue"), &binding.queue)?,
            }
        }
        Ok(())
    }

    fn check_arrivals(&self) -> Checked {
        if self.arrivals.per_minute > 1_000_000 {
            return refuse("arrivals.per_minute", "at most 1000000 orders per minute".to_owned());
        }
        if self.arrivals.declined_percent > 100 {
            return refuse("arrivals.declined_percent", "at most 100".to_owned());
        }
        let shares = self.arrivals.priorities.iter().map(|share| u64::from(share.percent));
        if shares.sum::<u64>() > 100 {
            return refuse("arrivals.priorities", "at most 100 percent in all".to_owned());
        }
        if !self.arrivals.recorded_ms.is_sorted() {
            return refuse("arrivals.recorded_ms", "the earliest moment first".to_owned());
        }
        self.arrivals.buyers.check().map_err(|error| below("arrivals.buyers", error))?;
        if self.door().is_none() {
            let message =
                "one service must take HTTP calls: buyers place their orders at the first";
            return refuse("services", message.to_owned());
        }
        Ok(())
    }

    fn check_measures(&self) -> Checked {
        for (index, alert) in self.alerts.iter().enumerate() {
            self.measure(&format!("alerts[{index}].measure"), &alert.measure)?;
        }
        self.key_quantity.as_ref().map_or(Ok(()), |it| self.measure("key_quantity", it))
    }

    fn check_deadlines(&self) -> Checked {
        unique("deadlines", self.deadlines.iter().map(|deadline| deadline.effect.name()))?;
        for (index, deadline) in self.deadlines.iter().enumerate() {
            let name = deadline.effect.name();
            if !self.services.iter().any(|service| service.does == Some(deadline.effect)) {
                let message = format!("no service does '{name}'");
                return refuse(&format!("deadlines[{index}].effect"), message);
            }
            if deadline.within_ms == 0 {
                let field = format!("deadlines[{index}].within_ms");
                return refuse(&field, "at least 1".to_owned());
            }
        }
        Ok(())
    }

    fn measure(&self, at: &str, measure: &Measure) -> Checked {
        match measure {
            Measure::QueueReady(queue) | Measure::QueueUnacked(queue) => self.queue(at, queue),
            Measure::GroupLag(group) => self.group(at, group),
            Measure::PartitionLag { group, topic, partition } => {
                self.group(at, group)?;
                self.topic(at, topic)?;
                let there = |spec: &&TopicSpec| spec.name == *topic && *partition < spec.partitions;
                if self.topics.iter().any(|spec| there(&spec)) {
                    return Ok(());
                }
                refuse(at, format!("{topic} has no partition {partition}; the first is 0"))
            }
            Measure::HandledPerMinute(service)
            | Measure::FailedPerMinute(service)
            | Measure::ServiceP95Ms(service)
            | Measure::UtilisationPercent(service)
            | Measure::InstancesUp(service)
            | Measure::CallsRejected(service)
            | Measure::CallsTimedOut(service)
            | Measure::BreakersOpened(service) => {
                known(at, "service", service, self.services.iter().map(|service| &*service.id))
            }
            Measure::MaxGroupLag
            | Measure::CheckoutP50Ms
            | Measure::CheckoutP95Ms
            | Measure::CheckoutP99Ms
            | Measure::OrdersFailed
            | Measure::ErrorsPerMille
            | Measure::PlacedPerMinute
            | Measure::CompletedPerMinute
            | Measure::RetriesPerMinute
            | Measure::Duplicates
            | Measure::OrdersLost
            | Measure::LateEffects
            | Measure::DeadLetters
            | Measure::BuyersTimedOut => Ok(()),
        }
    }

    fn group(&self, at: &str, group: &str) -> Checked {
        let joins = |service: &ServiceSpec| match &service.input {
            Input::Topic { group: joined, .. } => **joined == *group,
            Input::Http { .. } | Input::Queue { .. } => false,
        };
        if self.services.iter().any(joins) {
            return Ok(());
        }
        refuse(at, format!("no service is in a group '{group}'"))
    }

    /// Tries each timed fault on a world at its start.
    fn check_faults(&self) -> Checked {
        if self.faults.is_empty() {
            return Ok(());
        }
        let calm = Scenario { faults: Vec::new(), ..self.clone() };
        let world = World::new(calm.into(), self.seed);
        for (index, fault) in self.faults.iter().enumerate() {
            let field = format!("faults[{index}].command");
            world.check(&fault.command).or_else(|error| refuse(&field, error.message))?;
        }
        Ok(())
    }

    /// Tries each surprise on a world at its start, and looks whether goals have figures.
    fn check_game(&self) -> Checked {
        if self.surprises.is_none() && self.game.is_none() {
            return Ok(());
        }
        let calm = Scenario { surprises: None, faults: Vec::new(), ..self.clone() };
        let world = World::new(calm.into(), self.seed);
        let surprises = self.surprises.iter().flat_map(|surprises| &surprises.of);
        for (index, command) in surprises.enumerate() {
            let field = format!("surprises.of[{index}]");
            world.check(command).or_else(|error| refuse(&field, error.message))?;
        }
        if self.surprises.as_ref().is_some_and(|one| one.from_ms > one.until_ms) {
            return refuse("surprises.until_ms", "not before from_ms".to_owned());
        }
        for (index, goal) in self.game.iter().flat_map(|game| &game.goals).enumerate() {
            if world.number(&goal.at).is_none() {
                let message = format!("there is no figure {}", goal.at);
                return refuse(&format!("game.goals[{index}].at"), message);
            }
        }
        Ok(())
    }

    fn topic(&self, at: &str, name: &str) -> Checked {
        known(at, "topic", name, self.topics.iter().map(|topic| &*topic.name))
    }

    fn exchange(&self, at: &str, name: &str) -> Checked {
        known(at, "exchange", name, self.exchanges.iter().map(|exchange| &*exchange.name))
    }

    fn queue(&self, at: &str, name: &str) -> Checked {
        known(at, "queue", name, self.queues.iter().map(|queue| &*queue.name))
    }
}

fn known<'a>(at: &str, what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Checked {
    let names: Vec<&str> = names.collect();
    if names.contains(&name) {
        return Ok(());
    }
    let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    refuse(at, format!("there is no {what} '{name}'; declared: {there}"))
}

/// The broker refuses a member with any other session timeout: `group.min.session.timeout.ms`,
/// `group.max.session.timeout.ms`.
fn check_session_timeout(at: &str, session_timeout_ms: Option<u64>) -> Checked {
    let groups = GroupConfig::default();
    let (least, most) = (groups.min_session_timeout, groups.max_session_timeout);
    let Some(ms) = session_timeout_ms else {
        return Ok(());
    };
    if (least..=most).contains(&Duration::from_millis(ms)) {
        return Ok(());
    }
    let message = format!(
        "the brokers accept session timeouts from {} to {} ms, not {ms}",
        least.as_millis(),
        most.as_millis()
    );
    refuse(&format!("{at}.input.topic.session_timeout_ms"), message)
}

fn unique<'a>(at: &str, names: impl Iterator<Item = &'a str>) -> Checked {
    let mut seen = Set::new();
    for (index, name) in names.enumerate() {
        if name.is_empty() {
            return refuse(&format!("{at}[{index}]"), "a name must not be empty".to_owned());
        }
        if !seen.insert(name) {
            return refuse(&format!("{at}[{index}]"), format!("'{name}' is declared twice"));
        }
    }
    Ok(())
}

/// What is wrong inside a field.
fn below(at: &str, error: JsonError) -> JsonError {
    JsonError::at(&format!("{at}.{}", error.field), error.message)
}

fn refuse(field: &str, message: String) -> Checked {
    Err(JsonError::at(field, message))
}
