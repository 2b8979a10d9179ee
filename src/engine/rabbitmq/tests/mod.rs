//! Claims about the broker that the recorded scripts do not make, and what must hold for any
//! list of commands.

mod claims;
mod cluster;
mod invariants;
mod long;
mod random;

use std::rc::Rc;

use super::{
    BasicConsume, BasicPublish, Broker, ChannelId, Delivery, Effect, Method, Properties,
    QueueDeclare, Reply, Table, Timer,
};
use crate::engine::Instant;

/// A broker, the time, and the timers it has asked for.
#[derive(Clone)]
struct World {
    broker: Broker,
    now: Instant,
    timers: Vec<(Instant, Timer)>,
}

const MAIN: ChannelId = ChannelId { connection: 1, channel: 1 };

impl World {
    /// With one connection and one channel open.
    fn new() -> World {
        let mut world = World { broker: Broker::new(), now: Instant::ZERO, timers: Vec::new() };
        world.ask(MAIN, Method::ConnectionOpen);
        world.ask(MAIN, Method::ChannelOpen);
        world
    }

    fn ask(&mut self, channel: ChannelId, method: Method) -> (Reply, Vec<Effect>) {
        let (reply, effects) = self.broker.handle(self.now, channel, method);
        self.note_timers(&effects);
        (reply, effects)
    }

    /// Moves the time on, firing what falls due on the way in order of deadlines.
    fn advance(&mut self, millis: u64) -> Vec<Effect> {
        let end = self.now + std::time::Duration::from_millis(millis);
        let mut all = Vec::new();
        while let Some(place) = self.next_timer(end) {
            let (due, timer) = self.timers.remove(place);
            self.now = self.now.max(due);
            let effects = self.broker.timeout(self.now, timer);
            self.note_timers(&effects);
            all.extend(effects);
        }
        self.now = end;
        all
    }

    fn restart(&mut self) -> Vec<Effect> {
        let effects = self.broker.restart(self.now);
        self.note_timers(&effects);
        effects
    }

    fn next_timer(&self, end: Instant) -> Option<usize> {
        let due = self.timers.iter().enumerate().filter(|(_, (due, _))| *due <= end);
        due.min_by_key(|(_, timer)| timer.0).map(|(place, _)| place)
    }

    fn note_timers(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Schedule { timer, .. } | Effect::Cancel { timer } = effect {
                self.timers.retain(|(_, known)| known != timer);
            }
            if let Effect::Schedule { timer, due } = effect {
                self.timers.push((*due, timer.clone()));
            }
        }
    }

    fn declare(&mut self, name: &str, arguments: Table) {
        let declare =
            QueueDeclare { name: name.into(), durable: true, arguments, ..Default::default() };
        let (reply, _) = self.ask(MAIN, Method::QueueDeclare(declare));
        assert!(matches!(reply, Reply::QueueDeclareOk { .. }), "{reply:?}");
    }

    fn publish(&mut self, queue: &str, body: &str) -> Vec<Effect> {
        self.publish_with(queue, body, Properties::default())
    }

    fn publish_with(&mut self, queue: &str, body: &str, properties: Properties) -> Vec<Effect> {
        let publish = BasicPublish {
            routing_key: queue.into(),
            body: body.as_bytes().into(),
            properties,
            ..Default::default()
        };
        self.ask(MAIN, Method::BasicPublish(Rc::new(publish))).1
    }

    fn consume(&mut self, channel: ChannelId, queue: &str, tag: &str) -> Vec<Effect> {
        let consume = BasicConsume {
            queue: queue.into(),
            consumer_tag: tag.into(),
            no_ack: false,
            exclusive: false,
            arguments: Table::new(),
        };
        self.ask(channel, Method::BasicConsume(consume)).1
    }

    fn get(&mut self, queue: &str) -> Reply {
        self.ask(MAIN, Method::BasicGet { queue: queue.into(), no_ack: false }).0
    }

    /// The bodies of the ready messages, from the head.
    fn ready(&self, queue: &str) -> Vec<String> {
        let queue = self.broker.queue(queue).expect("the queue is there");
        queue.ready().map(|queued| text(queued.message.body())).collect()
    }
}

fn text(body: &Rc<[u8]>) -> String {
    String::from_utf8_lossy(body).into_owned()
}

fn deliveries(effects: &[Effect]) -> Vec<&Delivery> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Deliver(delivery) => Some(delivery),
            Effect::Return { .. }
            | Effect::Confirm { .. }
            | Effect::ConnectionBlocked { .. }
            | Effect::ConnectionUnblocked { .. }
            | Effect::ConsumerCancelled { .. }
            | Effect::ChannelClosed { .. }
            | Effect::ConnectionClosed { .. }
            | Effect::Schedule { .. }
            | Effect::Cancel { .. }
            | Effect::Event(_) => None,
        })
        .collect()
}
