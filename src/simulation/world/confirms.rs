//! Publisher confirms: a service is done with its work when the broker has answered for its tasks.

use super::*;
use crate::simulation::job::Stage;

impl World {
    /// The channel on which an instance publishes goes into confirm mode, and stays in it.
    pub(super) fn select_confirms(&mut self, seat: Seat) {
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Some(connection) = instance.connection.filter(|_| instance.published.is_none()) else {
            return;
        };
        instance.published = Some(0);
        self.confirming.insert(connection, seat.service);
        let channel = rabbitmq::ChannelId { connection, channel: tasks::PUBLISHING };
        self.send_method(seat, channel, None, rabbitmq::Method::ConfirmSelect);
    }

    /// In confirm mode the work of a publisher fails whose task is refused or comes back: it knows,
    /// and the task is not lost.
    pub(super) fn publisher_is_told(&self, effects: &[rabbitmq::Effect]) -> bool {
        use rabbitmq::Effect::{Confirm, Return};
        let listens = |effect: &rabbitmq::Effect| match effect {
            Confirm { channel, .. } => self.listens_for_confirms(channel.connection),
            _ => false,
        };
        let bad = |effect: &rabbitmq::Effect| {
            matches!(effect, Confirm { ack: false, .. } | Return { .. })
        };
        effects.iter().any(bad) && effects.iter().any(listens)
    }

    /// True if the publisher on this connection waits for the broker's answers: it hears of a task
    /// that did not arrive, or does its work again if it crashed meanwhile.
    pub(super) fn listens_for_confirms(&self, connection: u32) -> bool {
        let there = self.connections.get(&connection).map(|seat| seat.service);
        let service = there.or_else(|| self.confirming.get(&connection).copied());
        service.is_some_and(|service| self.services[usize::from(service)].confirms)
    }

    /// The connection broke: no answer will come for what was published on it.
    pub(super) fn lose_confirms(&mut self, seat: Seat) {
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        instance.published = None;
        let open = std::mem::take(&mut instance.unconfirmed);
        let jobs: crate::engine::Set<u64> = open.values().copied().collect();
        for job in jobs.iter() {
            let reason = "the connection to rabbitmq broke before the task was confirmed";
            self.relay_failed(seat, *job);
            self.fail(seat, *job, reason.into());
        }
    }

    /// A task was published; in confirm mode its job, or its row in the outbox, waits for the
    /// broker's answer to it.
    pub(super) fn await_confirm(&mut self, seat: Seat, job: u64) {
        let confirms = self.service_at(seat).confirms;
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Some(published) = &mut instance.published else {
            return;
        };
        *published += 1;
        if !confirms {
            return;
        }
        instance.unconfirmed.insert(*published, job);
    }

    /// Who sends a task twice on a channel in confirm mode counts it twice, as the broker does.
    pub(super) fn count_resent(&mut self, from: Endpoint, cargo: &Cargo) {
        let Endpoint::Service { service, instance } = from else {
            return;
        };
        if let Cargo::AmqpMethod { method: rabbitmq::Method::BasicPublish(_), .. } = cargo
            && let Some(instance) = self.instance_at(Seat { service, instance })
            && let Some(published) = &mut instance.published
        {
            *published += 1;
        }
    }

    /// The broker answers for the publish of this number, or for all up to it.
    pub(super) fn take_confirms(
        &mut self,
        connection: u32,
        number: u64,
        multiple: bool,
        ack: bool,
    ) {
        let Some(seat) = self.connections.get(&connection).copied() else {
            return;
        };
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let open = instance.unconfirmed.keys().copied();
        let meant = |one: &u64| *one == number || multiple && *one < number;
        for number in open.filter(meant).collect::<Vec<_>>() {
            self.take_confirm(seat, number, ack);
        }
    }

    /// The broker has the task, or refused it.
    fn take_confirm(&mut self, seat: Seat, number: u64, ack: bool) {
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Some(id) = instance.unconfirmed.remove(&number) else {
            return;
        };
        if self.row_is_answered_for(seat, id, ack) {
            return;
        }
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        if !ack {
            instance.unconfirmed.retain(|_, job| *job != id);
            return self.fail(seat, id, "503: the broker refused the task (basic.nack)".into());
        }
        if instance.unconfirmed.values().any(|job| *job == id) {
            return;
        }
        match self.job_at(seat, id).map(|job| job.stage) {
            Some(Stage::Confirming { returned: true }) => {
                self.fail(seat, id, "503: the task came back (312 NO_ROUTE)".into());
            }
            Some(Stage::Confirming { returned: false }) => self.all_is_passed_on(seat, id),
            Some(Stage::GivingUp) => self.delivery_is_given_up(seat, id),
            _ => {}
        }
    }

    /// A mandatory task that reached no queue comes back.
    pub(super) fn take_return(&mut self, connection: u32, order: u32) {
        let Some(seat) = self.connections.get(&connection).copied() else {
            return;
        };
        self.note(Event::TaskReturned { order, service: seat.service });
        self.service_at(seat).returned += 1;
        self.service_at(seat).database.task_returned(order);
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        for job in instance.jobs.iter_mut().filter(|job| job.order == order) {
            if let Stage::Confirming { returned } = &mut job.stage {
                *returned = true;
            }
        }
    }
}
