//! What a RabbitMQ broker does.
//!
//! Messages come in through channels, exchanges route them to queues, queues hand them to
//! consumers. Modelled on RabbitMQ 4.0.5 with one node, one virtual host and AMQP 0-9-1
//! (<https://www.rabbitmq.com/docs>). Not modelled: clusters, streams, permissions, flow control,
//! memory and disk alarms, AMQP 1.0.

mod broker;
mod effect;
mod message;
mod method;
mod queue;
mod value;

pub use broker::Broker;
pub use effect::{Delivery, DropReason, Effect, Event, Timer};
pub use message::{Death, DeathReason, Identity, Message, Properties};
pub use method::{
    AmqpError, BasicConsume, BasicPublish, ChannelId, ExchangeBinding, ExchangeDeclare,
    ExchangeType, Method, QueueBinding, QueueDeclare, Reply, Scope,
};
pub use queue::{Counters, Queue, QueuedMessage};
pub use value::{FloatBits, Table, Value};
