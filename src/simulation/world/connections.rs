//! Connections to RabbitMQ: how they end when nobody is heard of, what is lost with them, and how
//! clients connect anew.

use super::links::{HEARTBEAT, confirms, published_order};
use super::*;
use crate::engine::rabbitmq::{ChannelId, Method};
use crate::simulation::service::Intake;

/// `networkRecoveryInterval` of RabbitMQ's clients.
const RECOVERY: Duration = Duration::from_secs(5);

impl World {
    /// Closes the connections that were not heard of for a heartbeat's time.
    pub(super) fn miss_heartbeats(&mut self) {
        let silent = |seat: Seat| {
            let network = &self.faults.network;
            let there = network.cut_since(seat.into(), Endpoint::RabbitMq, None);
            let back = network.cut_since(Endpoint::RabbitMq, seat.into(), None);
            let paused = self.paused_since(seat);
            let since = [there, back, paused].into_iter().flatten().min();
            since.is_some_and(|since| self.now.since(since) >= HEARTBEAT)
        };
        let connections = self.connections.iter().filter(|(_, seat)| silent(**seat));
        for connection in connections.map(|(connection, _)| *connection).collect::<Vec<_>>() {
            self.lose_connection(connection, "heartbeats were missed");
        }
    }

    /// A connection to RabbitMQ is gone. The broker takes back what was not acknowledged; the client
    /// connects anew after its recovery interval, and work in hand goes on.
    pub(super) fn lose_connection(&mut self, connection: u32, reason: &'static str) {
        let Some(seat) = self.connections.get(&connection).copied() else {
            return;
        };
        self.forget_unsent(connection);
        self.connections.remove(&connection);
        let Seat { service, instance } = seat;
        self.note(Event::Disconnected { service, instance, reason });
        let mut forgotten = Default::default();
        self.lose_confirms(seat);
        if let Some(instance) = self.instance_at(seat) {
            instance.connection = None;
            if let Intake::Queue { hand } = &mut instance.intake {
                forgotten = std::mem::take(hand);
            }
        }
        for delivery in forgotten {
            self.delivery_met_nobody(service, &delivery);
        }
        let channel = ChannelId { connection, channel: 0 };
        let (_, effects) = self.rabbitmq.handle(self.now, channel, Method::ConnectionClose);
        self.rabbitmq_effects(effects);
        self.agenda.add(self.now + RECOVERY, Task::Reconnect(seat));
    }

    /// What a connection had under way when it broke, on a link, held at a cut or unread, is lost
    /// with it.
    pub(super) fn forget_unsent(&mut self, connection: u32) {
        let mut lost = Vec::new();
        self.faults.unread.retain(|(channel, method)| {
            let of = channel.connection == connection;
            if of {
                lost.push(published_order(method));
            }
            !of
        });
        let services = &self.services;
        self.parcels.retain(|parcel| match &parcel.cargo {
            Cargo::AmqpMethod { channel, method } if channel.connection == connection => {
                let told = confirms(services, parcel.from);
                lost.push(published_order(method).filter(|_| !told));
                false
            }
            _ => true,
        });
        if self.listens_for_confirms(connection) {
            return;
        }
        for order in lost {
            self.lose_publish(order);
        }
    }

    /// RabbitMQ reads again from a connection that it had blocked.
    pub(super) fn read_on(&mut self, connection: u32) {
        let unread = std::mem::take(&mut self.faults.unread);
        let (due, kept): (Vec<_>, Vec<_>) =
            unread.into_iter().partition(|(channel, _)| channel.connection == connection);
        self.faults.unread = kept;
        for (channel, method) in due {
            self.ask_rabbitmq(channel, method);
        }
    }

    /// A client of RabbitMQ tries to connect anew.
    pub(super) fn reconnect_to_rabbitmq(&mut self, seat: Seat) {
        let waits = |instance: &super::super::service::Instance| {
            instance.up && instance.connection.is_none()
        };
        if !self.instance_at(seat).is_some_and(|instance| waits(instance)) {
            return;
        }
        let network = &self.faults.network;
        let there = network.cut_since(seat.into(), Endpoint::RabbitMq, None);
        if there.or(network.cut_since(Endpoint::RabbitMq, seat.into(), None)).is_some() {
            self.agenda.add(self.now + RECOVERY, Task::Reconnect(seat));
            return;
        }
        self.connect(seat);
    }

    /// Answers for a delivery, if the connection that it came on is still there. Otherwise the
    /// broker has taken the message back already.
    pub(super) fn settle(&mut self, seat: Seat, channel: ChannelId, method: Method) {
        if self.connections.contains_key(&channel.connection) {
            self.send_method(seat, channel, None, method);
        }
    }

    /// True if the instance has no connection to RabbitMQ.
    pub(super) fn is_disconnected(&mut self, seat: Seat) -> bool {
        self.instance_at(seat).is_some_and(|instance| instance.connection.is_none())
    }
}
