//! The world around a queue broker: a clock, timers, clients, and an account of every message.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::rabbitmq::{
    BasicConsume, BasicPublish, Broker, ChannelId, DeathReason, DropReason, Effect, Event,
    Identity, Method, Properties, Queue, QueueDeclare, QueuedMessage, Reply, Table, Timer,
};

use crate::kafka_checks::Checked;
use crate::rabbitmq_checks::{Place, Seen, moved, next_tag, same, told_as_decided, within_window};

/// Each channel has a connection of its own.
pub fn channel(number: u32) -> ChannelId {
    ChannelId { connection: number, channel: 1 }
}

pub fn message_id(number: u32) -> Rc<str> {
    number.to_string().into()
}

fn number_of(message: &Identity) -> u32 {
    let id = message.message_id.as_deref().and_then(|id| id.parse().ok());
    id.expect("every message here has a number")
}

pub fn numbers<'a>(messages: impl Iterator<Item = &'a QueuedMessage>) -> Vec<u32> {
    messages.map(|queued| number_of(queued.message.identity())).collect()
}

/// Consumers and gets that acknowledge by themselves have this in their tag.
pub const AUTO: &str = "auto";

pub struct Net {
    pub broker: Broker,
    pub now: Instant,
    timers: BTreeMap<Timer, Instant>,
    pub events: Vec<Event>,
    /// By queue and message.
    account: BTreeMap<(Rc<str>, u32), Place>,
    last_tags: BTreeMap<ChannelId, u64>,
    /// The consumer of each delivery, and the window of each consumer.
    takers: BTreeMap<(ChannelId, u64), Rc<str>>,
    windows: BTreeMap<(ChannelId, Rc<str>), u16>,
    auto_get: bool,
    pub published: u32,
    pub answers: Answers,
}

/// Publishes by number, and whether they were taken: as the broker decided, and as the publisher
/// was told.
#[derive(Default)]
pub struct Answers {
    decided: BTreeMap<u64, bool>,
    pub told: BTreeMap<u64, bool>,
}

impl Answers {
    /// One frame, which may answer for all before it.
    fn hear(&mut self, number: u64, multiple: bool, ack: bool) {
        let first = if multiple { 1 } else { number };
        for one in first..=number {
            self.told.entry(one).or_insert(ack);
        }
    }
}

impl Net {
    pub fn new(nodes: u32) -> Net {
        Net {
            broker: Broker::with_nodes(nodes),
            now: Instant::ZERO,
            timers: BTreeMap::new(),
            events: Vec::new(),
            account: BTreeMap::new(),
            last_tags: BTreeMap::new(),
            takers: BTreeMap::new(),
            windows: BTreeMap::new(),
            auto_get: false,
            published: 0,
            answers: Answers::default(),
        }
    }

    pub fn open(&mut self, number: u32) -> Checked {
        if !self.broker.is_open(channel(number)) {
            self.ask(number, Method::ConnectionOpen)?;
            self.ask(number, Method::ChannelOpen)?;
        }
        Ok(())
    }

    pub fn ask(&mut self, number: u32, method: Method) -> Result<Reply, String> {
        let (reply, effects) = self.broker.handle(self.now, channel(number), method);
        self.hear(effects)?;
        Ok(reply)
    }

    pub fn declare(&mut self, name: &str, arguments: Table) -> Checked {
        let declare =
            QueueDeclare { name: name.into(), durable: true, arguments, ..Default::default() };
        match self.ask(1, Method::QueueDeclare(declare))? {
            Reply::QueueDeclareOk { .. } => Ok(()),
            other => Err(format!("{name} is not declared: {other:?}")),
        }
    }

    /// Publishes the next message and returns its number.
    pub fn publish(
        &mut self,
        from: u32,
        exchange: &str,
        key: &str,
        properties: Properties,
    ) -> Result<u32, String> {
        let number = self.published;
        self.published += 1;
        let properties = Properties { message_id: Some(message_id(number)), ..properties };
        let publish = BasicPublish {
            exchange: exchange.into(),
            routing_key: key.into(),
            properties,
            ..Default::default()
        };
        self.ask(from, Method::BasicPublish(Rc::new(publish)))?;
        Ok(number)
    }

    pub fn consume(&mut self, from: u32, queue: &str, tag: &str, prefetch_count: u16) -> Checked {
        self.ask(from, Method::BasicQos { prefetch_count, global: false })?;
        let no_ack = tag.contains(AUTO);
        let window = if no_ack { 0 } else { prefetch_count };
        self.windows.insert((channel(from), tag.into()), window);
        let consume = BasicConsume {
            queue: queue.into(),
            consumer_tag: tag.into(),
            no_ack,
            exclusive: false,
            arguments: Table::new(),
        };
        self.ask(from, Method::BasicConsume(consume)).map(|_| ())
    }

    pub fn get(&mut self, from: u32, queue: &str, no_ack: bool) -> Result<Reply, String> {
        self.auto_get = no_ack;
        self.ask(from, Method::BasicGet { queue: queue.into(), no_ack })
    }

    /// The deliveries that a channel holds, by tag.
    pub fn held(&self, number: u32) -> Vec<u64> {
        let unacked = self.broker.queues().flat_map(Queue::unacked);
        let mut held: Vec<u64> =
            unacked.filter(|held| held.0 == channel(number)).map(|held| held.1).collect();
        held.sort_unstable();
        held
    }

    /// Moves the time on, firing timers in order of their deadlines.
    pub fn advance(&mut self, time: Duration) -> Checked {
        let end = self.now + time;
        let mut fired = 0;
        while let Some((due, timer)) = self.next_timer().filter(|(due, _)| *due <= end) {
            self.timers.remove(&timer);
            self.now = self.now.max(due);
            let effects = self.broker.timeout(self.now, timer);
            self.hear(effects)?;
            fired += 1;
            if fired > 10_000 {
                return Err("timers go on for ever".to_owned());
            }
        }
        self.now = end;
        Ok(())
    }

    fn next_timer(&self) -> Option<(Instant, Timer)> {
        self.timers.iter().map(|(timer, due)| (*due, timer.clone())).min()
    }

    pub fn hear(&mut self, effects: Vec<Effect>) -> Checked {
        for effect in effects {
            match effect {
                Effect::Schedule { timer, due } => {
                    self.timers.insert(timer, due);
                }
                Effect::Cancel { timer } => {
                    self.timers.remove(&timer);
                }
                Effect::Event(event) => {
                    self.note(&event)?;
                    self.events.push(event);
                }
                Effect::Confirm { delivery_tag, multiple, ack, .. } => {
                    self.answers.hear(delivery_tag, multiple, ack);
                }
                Effect::Deliver(_)
                | Effect::Return { .. }
                | Effect::ConsumerCancelled { .. }
                | Effect::ConnectionBlocked { .. }
                | Effect::ConnectionUnblocked { .. }
                | Effect::ChannelClosed { .. }
                | Effect::ConnectionClosed { .. } => {}
            }
        }
        told_as_decided(&self.answers.decided, &self.answers.told)
    }

    fn note(&mut self, event: &Event) -> Checked {
        let (queue, message, seen) = match event {
            Event::Confirmed { delivery_tag, ack, .. } => {
                self.answers.decided.insert(*delivery_tag, *ack);
                return Ok(());
            }
            Event::ChannelOpened { channel } => {
                self.last_tags.insert(*channel, 0);
                self.windows.retain(|(other, _), _| other != channel);
                return Ok(());
            }
            Event::Delivered { queue, channel, consumer_tag, delivery_tag, message, .. } => {
                let last = self.last_tags.entry(*channel).or_default();
                next_tag(*last, *delivery_tag)?;
                *last = *delivery_tag;
                self.takers.insert((*channel, *delivery_tag), Rc::clone(consumer_tag));
                let got = consumer_tag.is_empty() && self.auto_get;
                let auto_ack = got || consumer_tag.contains(AUTO);
                (queue, message, Seen::Delivered { auto_ack })
            }
            Event::Enqueued { queue, message, .. } => (queue, message, Seen::Enqueued),
            Event::Acked { queue, message, .. } => (queue, message, Seen::Acked),
            Event::Rejected { queue, message, .. } => (queue, message, Seen::Rejected),
            Event::Requeued { queue, message, .. } => (queue, message, Seen::Requeued),
            Event::Expired { queue, message } => (queue, message, Seen::Expired),
            Event::Dropped { queue, message, reason } => match reason {
                DropReason::RejectedPublish | DropReason::Unavailable | DropReason::Unconfirmed => {
                    (queue, message, Seen::Refused)
                }
                _ => (queue, message, self.if_there(queue, message, Seen::Dropped)),
            },
            Event::DeadLettered { queue, message, reason: DeathReason::MaxLen, .. } => {
                (queue, message, self.if_there(queue, message, Seen::DeadLettered))
            }
            Event::DeadLettered { queue, message, .. } => (queue, message, Seen::DeadLettered),
            _ => return Ok(()),
        };
        let key = (Rc::clone(queue), number_of(message));
        let place = self.account.get(&key).copied();
        let next = moved(place, seen).map_err(|why| format!("{queue} {}: {why}", key.1))?;
        self.account.insert(key, next);
        Ok(())
    }

    /// A full queue that refuses and dead-letters never had the message.
    fn if_there(&self, queue: &Rc<str>, message: &Identity, seen: Seen) -> Seen {
        match self.account.get(&(Rc::clone(queue), number_of(message))) {
            Some(Place::Ready | Place::Unacked | Place::Leaving) => seen,
            _ => Seen::Refused,
        }
    }

    /// Queues agree with the account, and windows are kept.
    pub fn check(&self) -> Checked {
        for queue in self.broker.queues() {
            let at = |place: Place| -> BTreeSet<u32> {
                let here = self.account.iter().filter(|(key, _)| key.0 == *queue.name());
                here.filter(|(_, at)| **at == place).map(|(key, _)| key.1).collect()
            };
            let ready: BTreeSet<u32> = numbers(queue.ready()).into_iter().collect();
            let unacked = numbers(queue.unacked().map(|held| held.2)).into_iter().collect();
            same(&format!("{} ready", queue.name()), &ready, &at(Place::Ready))?;
            same(&format!("{} unacked", queue.name()), &unacked, &at(Place::Unacked))?;
        }
        for queue in self.broker.queues().filter(|queue| queue.is_available()) {
            if let Some(held) = queue.unacked().find(|held| !self.broker.is_open(held.0)) {
                return Err(format!("{} waits for an answer from {}", queue.name(), held.0));
            }
        }
        for ((channel, tag), window) in &self.windows {
            let unacked = self.broker.queues().flat_map(Queue::unacked);
            let taker = |held: &(ChannelId, u64, &QueuedMessage)| {
                held.0 == *channel && self.takers.get(&(held.0, held.1)) == Some(tag)
            };
            within_window(*window, unacked.filter(taker).count())?;
        }
        Ok(())
    }
}
