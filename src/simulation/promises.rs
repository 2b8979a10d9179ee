//! Checks of what a service promises. An error is the field, below the service, and what is wrong.

use super::scenario::{CommitMode, GivesUp, Input, Publishes, Scenario, ServiceSpec};

type Wrong = (&'static str, String);

impl Scenario {
    pub(super) fn check_promises(&self, service: &ServiceSpec) -> Result<(), Wrong> {
        if service.fail_for_good_per_mille > 1_000 {
            return Err(("fail_for_good_per_mille", "at most 1000".to_owned()));
        }
        if service.deduplicates.is_some_and(|store| store.lifetime_ms == 0) {
            return Err(("deduplicates.lifetime_ms", "at least 1".to_owned()));
        }
        if service.idempotency_key && service.does.is_none() {
            let message = format!("{} does nothing outside that could be repeated", service.id);
            return Err(("idempotency_key", message));
        }
        check_database(service)?;
        check_clients(service)?;
        check_projection(service)?;
        self.check_schemas(service)?;
        self.check_giving_up(service)
    }

    pub(super) fn check_reads(&self) -> Result<(), Wrong> {
        let Some(reads) = &self.reads else {
            return Ok(());
        };
        let read = |one: &ServiceSpec| one.id == reads.service && one.projection.is_some();
        match self.services.iter().any(read) {
            true => Ok(()),
            false => {
                let message = format!("there is no service '{}' with a projection", reads.service);
                Err(("reads.service", message))
            }
        }
    }

    fn check_schemas(&self, service: &ServiceSpec) -> Result<(), Wrong> {
        for used in &service.schemas {
            if !service.touches(&used.topic) {
                let message = format!("{} neither reads nor writes {}", service.id, used.topic);
                return Err(("schemas", message));
            }
        }
        Ok(())
    }

    fn check_giving_up(&self, service: &ServiceSpec) -> Result<(), Wrong> {
        let missing = |what: &str, name: &str| format!("there is no {what} '{name}'");
        match &service.input {
            Input::Topic { topic, gives_up: GivesUp::DeadLetterTopic(name), .. } => {
                let field = "input.topic.gives_up.dead_letter_topic";
                if name == topic {
                    let message = "a record would come back to the same reader".to_owned();
                    return Err((field, message));
                }
                match self.topics.iter().find(|declared| declared.name == *name) {
                    Some(declared) if declared.schema.is_some() => {
                        let message = format!("{name} takes what cannot be read, so no schema");
                        Err((field, message))
                    }
                    Some(_) => Ok(()),
                    None => Err((field, missing("topic", name))),
                }
            }
            Input::Queue { gives_up: Some(task), .. } => {
                match self.exchanges.iter().any(|declared| declared.name == task.exchange) {
                    true => Ok(()),
                    false => {
                        let message = missing("exchange", &task.exchange);
                        Err(("input.queue.gives_up.exchange", message))
                    }
                }
            }
            Input::Http { .. } | Input::Topic { .. } | Input::Queue { .. } => Ok(()),
        }
    }
}

fn check_projection(service: &ServiceSpec) -> Result<(), Wrong> {
    let Some(projection) = service.projection else {
        return Ok(());
    };
    if projection.snapshot_every == Some(0) {
        return Err(("projection.snapshot_every", "at least 1".to_owned()));
    }
    let is_reader = matches!(service.input, Input::Topic { .. });
    if !is_reader || service.does.is_some() || !service.publishes.is_empty() {
        let message = "a projection reads a topic, does nothing and publishes nothing, as it reads \
                       its records more than once";
        return Err(("projection", message.to_owned()));
    }
    Ok(())
}

fn check_clients(service: &ServiceSpec) -> Result<(), Wrong> {
    service.producer.check()?;
    let Input::Topic { commit, consumer, .. } = &service.input else {
        return match service.producer.transactional {
            true => Err(("producer.transactional", format!("{} reads no topic", service.id))),
            false => Ok(()),
        };
    };
    consumer.check()?;
    if !service.producer.transactional {
        return Ok(());
    }
    if *commit != CommitMode::After {
        let message = "offsets that are part of a transaction are committed after the work";
        return Err(("input.topic.commit", message.to_owned()));
    }
    if service.publishes.is_empty() {
        return Err(("producer.transactional", format!("{} publishes nothing", service.id)));
    }
    if service.database.is_some_and(|it| matches!(it.publishes, Publishes::Outbox { .. })) {
        let message = "the relay of an outbox produces outside of transactions".to_owned();
        return Err(("database.publishes.outbox", message));
    }
    Ok(())
}

fn check_database(service: &ServiceSpec) -> Result<(), Wrong> {
    const MOST_MS: u64 = 3_600_000;
    let Some(database) = service.database else {
        return Ok(());
    };
    if database.write_ms > MOST_MS {
        return Err(("database.write_ms", format!("at most {MOST_MS}")));
    }
    let Publishes::Outbox { relay_every_ms } = database.publishes else {
        return Ok(());
    };
    if !(1..=MOST_MS).contains(&relay_every_ms) {
        let field = "database.publishes.outbox.relay_every_ms";
        return Err((field, format!("from 1 to {MOST_MS}")));
    }
    if service.publishes.is_empty() && service.enqueues.is_empty() {
        let message = format!("{} has nothing to publish", service.id);
        return Err(("database.publishes.outbox", message));
    }
    Ok(())
}
