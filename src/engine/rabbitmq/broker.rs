//! The broker: one virtual host, in memory.

use super::effect::{Effect, Timer};
use super::method::{ChannelId, Method, Reply};
use super::queue::Queue;
use crate::engine::Instant;

/// A RabbitMQ broker with one virtual host.
#[derive(Clone, Debug, Default)]
pub struct Broker {
    queues: Vec<Queue>,
}

impl Broker {
    pub fn new() -> Broker {
        Broker::default()
    }

    pub fn handle(
        &mut self,
        _now: Instant,
        _channel: ChannelId,
        _method: Method,
    ) -> (Reply, Vec<Effect>) {
        (Reply::None, Vec::new())
    }

    pub fn timeout(&mut self, _now: Instant, _timer: Timer) -> Vec<Effect> {
        Vec::new()
    }

    pub fn restart(&mut self, _now: Instant) -> Vec<Effect> {
        Vec::new()
    }

    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.queues.iter()
    }

    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| &**queue.name() == name)
    }
}
