//! Parcels: what is in flight between two parts of the system.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::engine::{Instant, kafka, rabbitmq};

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    Buyer,
    Kafka,
    RabbitMq,
    /// An instance of a service, both counted from 0.
    Service {
        service: u16,
        instance: u16,
    },
}

/// Something on its way. Its place on the link is the elapsed fraction of its flight.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub from: Endpoint,
    pub to: Endpoint,
    /// The Kafka broker that a write is for or that answers it.
    pub broker: Option<u32>,
    pub sent_at: Instant,
    pub due_at: Instant,
    /// The order that it is about, if it is about one.
    pub order: Option<u32>,
    pub cargo: Cargo,
}

/// Everything that is on its way, in the order of sending. What was sent first mostly arrives
/// first, so the ends of the list are where it changes.
#[derive(Clone, Debug, Default)]
pub struct Parcels {
    flying: VecDeque<(u64, Parcel)>,
}

impl Parcels {
    /// Adds a parcel; its number is larger than any before.
    pub fn insert(&mut self, id: u64, parcel: Parcel) {
        debug_assert!(self.flying.back().is_none_or(|(last, _)| *last < id));
        self.flying.push_back((id, parcel));
    }

    pub fn get(&self, id: &u64) -> Option<&Parcel> {
        let index = self.flying.binary_search_by_key(id, |(id, _)| *id).ok()?;
        self.flying.get(index).map(|(_, parcel)| parcel)
    }

    /// Keeps only the parcels that `keeps` says.
    pub fn retain(&mut self, mut keeps: impl FnMut(&Parcel) -> bool) {
        self.flying.retain(|(_, parcel)| keeps(parcel));
    }

    pub fn remove(&mut self, id: &u64) -> Option<Parcel> {
        if self.flying.front().is_some_and(|(first, _)| first == id) {
            return self.flying.pop_front().map(|(_, parcel)| parcel);
        }
        let index = self.flying.binary_search_by_key(id, |(id, _)| *id).ok()?;
        self.flying.remove(index).map(|(_, parcel)| parcel)
    }

    pub fn values(&self) -> impl Iterator<Item = &Parcel> {
        self.flying.iter().map(|(_, parcel)| parcel)
    }
}

#[derive(Clone, Debug)]
pub enum Cargo {
    /// A call; the caller waits for the answer under its number.
    HttpRequest {
        call: u64,
        body: Rc<[u8]>,
    },
    HttpResponse {
        call: u64,
        outcome: Result<(), Rc<str>>,
    },
    KafkaRequest {
        call: kafka::Call,
        request: kafka::Request,
    },
    KafkaResponse {
        call: kafka::Call,
        response: kafka::Response,
    },
    AmqpMethod {
        channel: rabbitmq::ChannelId,
        method: rabbitmq::Method,
    },
    AmqpDelivery(rabbitmq::Delivery),
    /// `basic.ack` or `basic.nack` for a publish, by its number on the channel, or with `multiple`
    /// for all up to it.
    AmqpConfirm {
        connection: u32,
        number: u64,
        multiple: bool,
        ack: bool,
    },
    /// `basic.return`.
    AmqpReturn {
        connection: u32,
    },
}

impl Cargo {
    /// Whose link it takes: 0 for HTTP, 1 for Kafka, 2 for RabbitMQ.
    pub fn protocol(&self) -> usize {
        match self {
            Cargo::HttpRequest { .. } | Cargo::HttpResponse { .. } => 0,
            Cargo::KafkaRequest { .. } | Cargo::KafkaResponse { .. } => 1,
            Cargo::AmqpMethod { .. }
            | Cargo::AmqpDelivery(_)
            | Cargo::AmqpConfirm { .. }
            | Cargo::AmqpReturn { .. } => 2,
        }
    }

    /// What a trace calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Cargo::HttpRequest { .. } => "request",
            Cargo::HttpResponse { .. } => "response",
            Cargo::KafkaRequest { request, .. } => request.name(),
            Cargo::KafkaResponse { .. } => "kafka response",
            Cargo::AmqpMethod { .. } => "amqp method",
            Cargo::AmqpDelivery(_) => "amqp delivery",
            Cargo::AmqpConfirm { .. } => "amqp confirm",
            Cargo::AmqpReturn { .. } => "amqp return",
        }
    }
}
