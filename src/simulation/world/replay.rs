//! Dead letters: what leaves them again.

use super::*;
use crate::engine::rabbitmq::{BasicPublish, Method, Properties, Reply};
use crate::simulation::command::CommandError;
use crate::simulation::order::Order;
use crate::simulation::scenario::{GivesUp, Input, ServiceSpec};

/// What an operator writes where the buyer's address is missing.
const REPAIRED: &str = "1 Harbour Road";

impl World {
    pub(super) fn check_replay(&self, queue: &str, exchange: &str) -> Result<(), CommandError> {
        let message = if self.rabbitmq.queue(queue).is_none() {
            format!("there is no queue '{queue}'")
        } else if !self.scenario.exchanges.iter().any(|declared| *declared.name == *exchange) {
            format!("there is no exchange '{exchange}'")
        } else {
            return Ok(());
        };
        Err(CommandError { message })
    }

    /// An operator gets every message of a queue, publishes it anew without its history and then
    /// acknowledges it.
    pub(super) fn replay(
        &mut self,
        queue: &Rc<str>,
        exchange: &Rc<str>,
        routing_key: &Rc<str>,
        repair: bool,
    ) {
        let ready = self.rabbitmq.queue(queue).map_or(0, |queue| queue.ready_count());
        for _ in 0..ready {
            let get = Method::BasicGet { queue: queue.clone(), no_ack: false };
            let (reply, effects) = self.rabbitmq.handle(self.now, setup::SETUP, get);
            self.rabbitmq_effects(effects);
            let Reply::GetOk { delivery_tag, message, .. } = reply else {
                return;
            };
            let body = message.body().clone();
            let publish = BasicPublish {
                exchange: exchange.clone(),
                routing_key: routing_key.clone(),
                mandatory: false,
                immediate: false,
                properties: Properties {
                    headers: Default::default(),
                    ..message.properties().clone()
                },
                body: if repair { repaired(body) } else { body },
            };
            self.ask_rabbitmq(setup::SETUP, Method::BasicPublish(publish));
            let ack = Method::BasicAck { delivery_tag, multiple: false };
            self.ask_rabbitmq(setup::SETUP, ack);
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
