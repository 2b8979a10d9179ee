//! Publishing, routing and dead-lettering: how a message gets into queues.
//!
//! <https://www.rabbitmq.com/docs/publishers>, <https://www.rabbitmq.com/docs/e2e>,
//! <https://www.rabbitmq.com/docs/ae>, <https://www.rabbitmq.com/docs/dlx>.

use std::rc::Rc;
use std::time::Duration;

use super::broker::Broker;
use super::channel::Unconfirmed;
use super::confirms::confirm;
use super::death::DeathReason;
use super::effect::{Effect, Timer};
use super::event::{DropReason, Event};
use super::exchange::Exchange;
use super::message::Message;
use super::method::{AmqpError, BasicPublish, ChannelId};
use super::queue::QueuedMessage;
use super::settings::Strategy;
use super::targets::{Destination, QueueId};
use super::work::{Context, Dead, Work};

/// Reply code and text of a returned message (AMQP 0-9-1, 1.2).
const NO_ROUTE: (u16, &str) = (312, "NO_ROUTE");

/// The default of `max_message_size` since RabbitMQ 4.0, in bytes
/// (<https://www.rabbitmq.com/docs/configure>).
const MAX_MESSAGE_SIZE: usize = 16 * 1024 * 1024;

impl Broker {
    pub(super) fn publish(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        publish: Rc<BasicPublish>,
    ) -> Result<(), AmqpError> {
        let mandatory = publish.mandatory;
        let exchange = self.check_publishable(&publish)?;
        let message = Rc::new(Message::from_publish(Rc::unwrap_or_clone(publish))?);
        let targets = self.route_from(exchange, &message);
        if targets.is_empty() {
            unroutable(cx, id, &message, mandatory);
        } else {
            cx.event(Event::Routed {
                exchange: Rc::clone(message.exchange()),
                routing_key: Rc::clone(message.routing_key()),
                queues: self.queue_names(&targets),
                message: Rc::clone(message.identity()),
            });
        }
        let number = self.number_publish(id);
        let mut unconfirmed = Unconfirmed { number, queues: 0, ack: true };
        for target in targets {
            let mut work = self.work(target, cx).expect("messages are routed to queues");
            match work.enqueue(Rc::clone(&message), Some(id), number) {
                Some(taken) => unconfirmed.ack &= taken,
                None => unconfirmed.queues += 1,
            }
        }
        if number > 0 && unconfirmed.queues == 0 {
            confirm(cx, id, unconfirmed, &message);
        } else if number > 0 {
            self.channel_mut(id).unconfirmed.push(unconfirmed);
        }
        Ok(())
    }

    /// The exchange of a publish, `None` for the default one.
    fn check_publishable(&self, publish: &BasicPublish) -> Result<Option<&Exchange>, AmqpError> {
        if publish.immediate {
            return Err(AmqpError::not_implemented("immediate=true"));
        }
        let (size, exchange) = (publish.body.len(), &*publish.exchange);
        if size > MAX_MESSAGE_SIZE {
            return Err(AmqpError::precondition_failed(format!(
                "message size {size} is larger than configured max size {MAX_MESSAGE_SIZE}"
            )));
        }
        if exchange.is_empty() {
            return Ok(None);
        }
        let found = self.exchanges.get(exchange).ok_or_else(|| AmqpError::no_exchange(exchange))?;
        if found.is_internal() {
            let text = format!("cannot publish to internal exchange '{exchange}' in vhost '/'");
            return Err(AmqpError::access_refused(text));
        }
        Ok(Some(found))
    }

    /// The queues that get a copy, each once, in the order in which they were declared.
    fn route(&self, message: &Message) -> Vec<QueueId> {
        self.route_from(self.exchanges.get(message.exchange()).map(|found| &**found), message)
    }

    fn route_from(&self, exchange: Option<&Exchange>, message: &Message) -> Vec<QueueId> {
        let mut found = Vec::new();
        if let Some(exchange) = exchange {
            self.follow(exchange, message, &mut found);
        } else if message.exchange().is_empty() {
            found.extend(message.keys().filter_map(|key| self.queue_ids.get(key)).copied());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Follows bindings from exchange to exchange, visiting each exchange once. An exchange whose
    /// bindings match nothing passes the message to its alternate exchange.
    fn follow(&self, start: &Exchange, message: &Message, found: &mut Vec<QueueId>) {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = Vec::new();
        let mut next = Some(start);
        while let Some(exchange) = next {
            let mut matched = false;
            exchange.route(message, &mut |destination| {
                matched = true;
                match destination {
                    Destination::Queue(queue) => found.push(*queue),
                    Destination::Exchange(name) => open.push(name),
                }
            });
            if let Some(alternate) = exchange.alternate()
                && !matched
            {
                open.push(alternate);
            }
            next = None;
            while next.is_none()
                && let Some(name) = open.pop()
            {
                // Most messages pass one exchange only, which need not be remembered.
                seen.push(exchange.name());
                next = self.exchanges.get(name).filter(|_| !seen.contains(&name)).map(|it| &**it);
            }
        }
    }

    fn queue_names(&self, queues: &[QueueId]) -> Rc<[Rc<str>]> {
        queues.iter().map(|id| Rc::clone(self.queue_at(*id).name())).collect()
    }

    /// Routes what died and delivers it, until nothing more dies of it.
    pub(super) fn deliver_dead_letters(&mut self, cx: &mut Context) {
        loop {
            if let Some(dead) = cx.dead.pop_front() {
                self.dead_letter(cx, dead);
            } else if let Some((queue, letter)) = cx.letters.pop_front() {
                // A letter is lost when its queue went meanwhile.
                if let Some(mut work) = self.work(queue, cx) {
                    work.enqueue(letter, None, 0);
                }
            } else {
                return;
            }
        }
    }

    fn dead_letter(&mut self, cx: &mut Context, dead: Dead) {
        let Dead { queue: id, message, reason } = dead;
        let Some(queue) = self.queues[id as usize].clone() else {
            return;
        };
        let settings = &queue.settings;
        let exchange = settings.dead_letter_exchange.as_ref().expect("the dead have one");
        let letter = Rc::new(message.message.dead_letter(
            reason,
            queue.name(),
            exchange,
            settings.dead_letter_key.as_ref(),
            message.failures,
        ));
        let targets = self.dead_letter_targets(&letter, reason);
        let at_least_once = settings.dead_letter_strategy == Strategy::AtLeastOnce;
        // Let go of the shared queue before it changes.
        drop(queue);
        let mut work = self.work(id, cx).expect("the queue was just there");
        let targets = match targets {
            Ok(targets) => targets,
            Err(_) if at_least_once => return work.keep_dead_letter(message, reason),
            Err(lost) => return work.drop_message(&message, lost),
        };
        work.queue.counters.dead_lettered += 1;
        let queue = Rc::clone(work.queue.name());
        cx.event(Event::DeadLettered {
            queue,
            reason,
            exchange: Rc::clone(letter.exchange()),
            routing_key: Rc::clone(letter.routing_key()),
            queues: self.queue_names(&targets),
            message: Rc::clone(letter.identity()),
        });
        cx.letters.extend(targets.into_iter().map(|queue| (queue, Rc::clone(&letter))));
    }

    pub(super) fn retry_dead_letters(&mut self, cx: &mut Context, name: &str) {
        let Some(id) = self.queue_ids.get(name).copied() else {
            return;
        };
        let work = self.work(id, cx).expect("the queue has a name");
        for (message, reason) in std::mem::take(&mut work.queue.undelivered) {
            work.cx.dead.push_back(Dead { queue: id, message, reason });
        }
    }

    /// Where a dead letter goes, or why it goes nowhere.
    fn dead_letter_targets(
        &self,
        letter: &Message,
        reason: DeathReason,
    ) -> Result<Vec<QueueId>, DropReason> {
        if !letter.exchange().is_empty() && !self.exchanges.contains_key(letter.exchange()) {
            return Err(DropReason::NoDeadLetterExchange);
        }
        let mut targets = self.route(letter);
        if targets.is_empty() {
            return Err(DropReason::DeadLetterUnroutable);
        }
        if reason != DeathReason::Rejected {
            targets.retain(|queue| !letter.circles_to(self.queue_at(*queue).name()));
        }
        if targets.is_empty() { Err(DropReason::DeadLetterCycle) } else { Ok(targets) }
    }
}

/// After how long a dead letter that found no queue is tried again
/// (`dead_letter_worker_publisher_confirm_timeout`).
const RETRY: Duration = Duration::from_secs(180);

impl Work<'_> {
    /// At least once: a dead letter that finds no queue stays until it does. One that is refused by
    /// the queues it finds counts as delivered, unlike in RabbitMQ.
    fn keep_dead_letter(&mut self, message: QueuedMessage, reason: DeathReason) {
        if self.queue.undelivered.is_empty() {
            let timer = Timer::DeadLetters { queue: Rc::clone(&self.queue.name) };
            let due = self.cx.now + RETRY;
            self.cx.effects.push(Effect::Schedule { timer, due });
        }
        self.queue.undelivered.push((message, reason));
    }
}

fn unroutable(cx: &mut Context, channel: ChannelId, message: &Rc<Message>, returned: bool) {
    cx.event(Event::Unroutable {
        exchange: Rc::clone(message.exchange()),
        routing_key: Rc::clone(message.routing_key()),
        returned,
        message: Rc::clone(message.identity()),
    });
    if returned {
        let (code, text) = NO_ROUTE;
        let message = Rc::clone(message);
        cx.effects.push(Effect::Return { channel, code, text, message });
    }
}

impl Broker {
    /// The queues that a message without headers would reach, were it published now.
    pub fn routes(&self, exchange: &str, routing_key: &str) -> Rc<[Rc<str>]> {
        let publish = BasicPublish {
            exchange: exchange.into(),
            routing_key: routing_key.into(),
            ..BasicPublish::default()
        };
        let message = Message::from_publish(publish);
        message.map_or_else(|_| [].into(), |message| self.queue_names(&self.route(&message)))
    }
}
