//! Publishing, routing and dead-lettering: how a message gets into queues.
//!
//! <https://www.rabbitmq.com/docs/publishers>, <https://www.rabbitmq.com/docs/e2e>,
//! <https://www.rabbitmq.com/docs/ae>, <https://www.rabbitmq.com/docs/dlx>.

use std::rc::Rc;

use super::broker::Broker;
use super::death::DeathReason;
use super::effect::Effect;
use super::event::{DropReason, Event};
use super::exchange::Exchange;
use super::message::Message;
use super::method::{AmqpError, BasicPublish, ChannelId};
use super::targets::{Destination, QueueId};
use super::work::{Context, Dead};

/// Reply code and text of a returned message (AMQP 0-9-1, 1.2).
const NO_ROUTE: (u16, &str) = (312, "NO_ROUTE");

impl Broker {
    pub(super) fn publish(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        publish: BasicPublish,
    ) -> Result<(), AmqpError> {
        let mandatory = publish.mandatory;
        self.check_publishable(&publish.exchange)?;
        let message = Rc::new(Message::from_publish(publish)?);
        let targets = self.route(&message);
        if targets.is_empty() {
            unroutable(cx, id, &message, mandatory);
        } else {
            cx.event(Event::Routed {
                exchange: Rc::clone(message.exchange()),
                routing_key: Rc::clone(message.routing_key()),
                queues: self.queue_names(&targets),
                message: message.identity(),
            });
        }
        let mut ack = true;
        for target in targets {
            let mut work = self.work(target, cx).expect("messages are routed to queues");
            ack &= work.enqueue(Rc::clone(&message), Some(id));
        }
        self.confirm(cx, id, ack, &message);
        Ok(())
    }

    fn check_publishable(&self, exchange: &str) -> Result<(), AmqpError> {
        if exchange.is_empty() {
            return Ok(());
        }
        let found = self.exchanges.get(exchange).ok_or_else(|| AmqpError::no_exchange(exchange))?;
        if found.is_internal() {
            let text = format!("cannot publish to internal exchange '{exchange}' in vhost '/'");
            return Err(AmqpError::access_refused(text));
        }
        Ok(())
    }

    /// In confirm mode every publish is answered: with a nack when a queue refused the message,
    /// and with an ack otherwise, even when it went nowhere.
    fn confirm(&mut self, cx: &mut Context, channel: ChannelId, ack: bool, message: &Message) {
        if self.channels[&channel].confirms.is_none() {
            return;
        }
        let number = self.channel_mut(channel).confirms.as_mut().expect("in confirm mode");
        *number += 1;
        let delivery_tag = *number;
        let message = message.identity();
        cx.event(Event::Confirmed { channel, delivery_tag, ack, message });
        cx.effects.push(Effect::Confirm { channel, delivery_tag, multiple: false, ack });
    }

    /// The queues that get a copy, each once, in the order in which they were declared.
    fn route(&self, message: &Message) -> Vec<QueueId> {
        let mut found = Vec::new();
        if message.exchange().is_empty() {
            found.extend(message.keys().filter_map(|key| self.queue_ids.get(key)).copied());
        } else if let Some(exchange) = self.exchanges.get(message.exchange()) {
            self.follow(exchange, message, &mut found);
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

    fn queue_names(&self, queues: &[QueueId]) -> Vec<Rc<str>> {
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
                    work.enqueue(letter, None);
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
        // Let go of the shared queue before it changes.
        drop(queue);
        let mut work = self.work(id, cx).expect("the queue was just there");
        let targets = match targets {
            Ok(targets) => targets,
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
            message: letter.identity(),
        });
        cx.letters.extend(targets.into_iter().map(|queue| (queue, Rc::clone(&letter))));
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

fn unroutable(cx: &mut Context, channel: ChannelId, message: &Rc<Message>, returned: bool) {
    cx.event(Event::Unroutable {
        exchange: Rc::clone(message.exchange()),
        routing_key: Rc::clone(message.routing_key()),
        returned,
        message: message.identity(),
    });
    if returned {
        let (code, text) = NO_ROUTE;
        let message = Rc::clone(message);
        cx.effects.push(Effect::Return { channel, code, text, message });
    }
}

impl Broker {
    /// The queues that a message without headers would reach, were it published now.
    pub fn routes(&self, exchange: &str, routing_key: &str) -> Vec<Rc<str>> {
        let publish = BasicPublish {
            exchange: exchange.into(),
            routing_key: routing_key.into(),
            ..BasicPublish::default()
        };
        let message = Message::from_publish(publish);
        message.map_or_else(|_| Vec::new(), |message| self.queue_names(&self.route(&message)))
    }
}
