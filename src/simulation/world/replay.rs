//! Dead letters: what leaves them again.

use super::*;
use crate::engine::rabbitmq::{BasicPublish, Method, Properties, Reply};
use crate::simulation::command::CommandError;
use crate::simulation::order::Order;
use crate::simulation::scenario::{GivesUp, Input, ServiceSpec};

/// What an operator writes where the buyer's address is missing.
const REPAIRED: &str = "1 Harbour Road";

impl World {
    pub(super) fn check_replay(&self, command: &Command) -> Result<(), CommandError> {
        let Command::Replay { queue, exchange, only, body, .. } = command else {
            return Ok(());
        };
        let declared = |name: &Rc<str>| self.scenario.exchanges.iter().any(|one| one.name == *name);
        let message = match exchange {
            _ if self.rabbitmq.queue(queue).is_none() => format!("there is no queue '{queue}'"),
            Some(name) if !declared(name) => format!("there is no exchange '{name}'"),
            _ if body.is_some() && only.as_ref().is_none_or(|only| only.len() != 1) => {
                "a body belongs to one message, named in `only`".to_owned()
            }
            _ => return Ok(()),
        };
        Err(CommandError { message })
    }

    /// An operator gets every message of a queue. Those that are meant are published anew without
    /// their history and then acknowledged; the others go back to their places.
    pub(super) fn replay(&mut self, command: &Command) {
        let Command::Replay { queue, exchange, routing_key, repair, only, body } = command else {
            return;
        };
        let ready = self.rabbitmq.queue(queue).map_or(0, |queue| queue.ready_count());
        let mut kept = Vec::new();
        for _ in 0..ready {
            let get = Method::BasicGet { queue: queue.clone(), no_ack: false };
            let (reply, effects) = self.rabbitmq.handle(self.now, setup::SETUP, get);
            self.rabbitmq_effects(effects);
            let Reply::GetOk { delivery_tag, message, .. } = reply else {
                break;
            };
            let id = &message.properties().message_id;
            let meant =
                only.as_ref().is_none_or(|only| id.as_ref().is_some_and(|id| only.contains(id)));
            let first = message.first_death();
            let exchange = exchange.clone().or_else(|| Some(first?.exchange.clone()));
            let key = routing_key.clone().or_else(|| first?.routing_keys.first().cloned());
            let (true, Some(exchange), Some(routing_key)) = (meant, exchange, key) else {
                kept.push(delivery_tag);
                continue;
            };
            let said =
                body.as_ref().map_or_else(|| message.body().clone(), |body| body.as_bytes().into());
            let publish = Rc::new(BasicPublish {
                exchange,
                routing_key,
                mandatory: false,
                immediate: false,
                properties: Properties {
                    headers: Default::default(),
                    ..message.properties().clone()
                },
                body: if *repair { repaired(said) } else { said },
            });
            self.ask_rabbitmq(setup::SETUP, Method::BasicPublish(publish));
            let ack = Method::BasicAck { delivery_tag, multiple: false };
            self.ask_rabbitmq(setup::SETUP, ack);
        }
        for delivery_tag in kept {
            let back = Method::BasicReject { delivery_tag, requeue: true };
            self.ask_rabbitmq(setup::SETUP, back);
        }
    }

    /// A service is done with a record. If that was a dead letter, it is none any more.
    pub(super) fn is_dead_letter_no_more(&mut self, seat: Seat, topic: &str, order: u32) {
        let gives_up_to = |spec: &ServiceSpec| match &spec.input {
            Input::Topic { gives_up: GivesUp::DeadLetterTopic(letters), .. } => **letters == *topic,
            Input::Http { .. } | Input::Topic { .. } | Input::Queue { .. } => false,
        };
        let reads = |spec: &ServiceSpec| match &spec.input {
            Input::Topic { topic: read, .. } => **read == *topic,
            Input::Http { .. } | Input::Queue { .. } => false,
        };
        let mut services = self.services.iter();
        // Several groups may read the letters; the first one takes them off the account.
        let reader = services.position(|service| reads(&service.spec));
        let is_letter = self.services.iter().any(|service| gives_up_to(&service.spec));
        if is_letter && reader == Some(usize::from(seat.service)) {
            self.ledger.dead_letter(order, true);
        }
    }
}

fn repaired(body: Rc<[u8]>) -> Rc<[u8]> {
    match Order::from_bytes(&body) {
        Some(order) if !order.has_address() => {
            Order { address: REPAIRED.to_owned(), ..order }.to_bytes()
        }
        Some(_) | None => body,
    }
}
