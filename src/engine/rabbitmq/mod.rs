//! What a RabbitMQ broker does.
//!
//! Messages come in through channels, exchanges route them to queues, queues hand them to
//! consumers. Modelled on RabbitMQ 4.0.5 with one virtual host and AMQP 0-9-1
//! (<https://www.rabbitmq.com/docs>). Not modelled: partitions between nodes, streams, permissions,
//! flow control, direct reply-to, AMQP 1.0.

mod alarm;
mod binding;
mod broker;
mod channel;
mod chunks;
mod cluster;
mod confirms;
mod consume;
mod consumers;
mod death;
mod effect;
mod event;
mod exchange;
mod headers;
mod lifecycle;
mod message;
mod method;
mod pattern;
mod policy;
mod publish;
mod queue;
mod quorum;
mod ready;
mod round;
mod settings;
mod settle;
mod targets;
mod topic;
mod topology;
mod value;
mod work;

pub use alarm::Alarm;
pub use broker::{BindingView, Broker};
pub use death::{Death, DeathReason};
pub use effect::{Delivery, Effect, Timer};
pub use event::{DropReason, Event, RequeueReason};
pub use exchange::Exchange;
pub use message::{Identity, Message, Properties};
pub use method::{
    AmqpError, BasicConsume, BasicPublish, ChannelId, ExchangeBinding, ExchangeDeclare,
    ExchangeType, Method, QueueBinding, QueueDeclare, Reply, Scope,
};
pub use policy::{ApplyTo, Policy, PolicyBy, PolicyError};
pub use queue::{Counters, Queue, QueuedMessage};
pub use settings::QueueType;
pub use value::{FloatBits, Table, Value};

#[cfg(test)]
mod tests;
