//! Binding queues and exchanges to exchanges, and undoing it.
//!
//! <https://www.rabbitmq.com/docs/exchanges#bindings>, <https://www.rabbitmq.com/docs/e2e>. The
//! default exchange is bound to every queue and to nothing else, and that cannot be changed.

use std::rc::Rc;

use super::broker::Broker;
use super::event::Event;
use super::exchange::Binding;
use super::method::{AmqpError, ChannelId, ExchangeBinding, QueueBinding};
use super::targets::{Destination, QueueId};
use super::topology::check_not_default;
use super::work::Context;

impl Broker {
    pub(super) fn bind_queue(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
        binding: QueueBinding,
    ) -> Result<(), AmqpError> {
        check_not_default(&binding.exchange)?;
        let id = self.find_queue(&binding.queue, channel.connection)?;
        let exchange = Rc::clone(&binding.exchange);
        self.bind(cx, &exchange, queue_binding(id, binding))
    }

    pub(super) fn unbind_queue(
        &mut self,
        cx: &mut Context,
        channel: ChannelId,
        binding: QueueBinding,
    ) -> Result<(), AmqpError> {
        check_not_default(&binding.exchange)?;
        if !self.queue_ids.contains_key(&binding.queue) {
            return Ok(());
        }
        let id = self.find_queue(&binding.queue, channel.connection)?;
        let exchange = Rc::clone(&binding.exchange);
        self.unbind(cx, &exchange, &queue_binding(id, binding));
        Ok(())
    }

    pub(super) fn bind_exchange(
        &mut self,
        cx: &mut Context,
        binding: ExchangeBinding,
    ) -> Result<(), AmqpError> {
        check_not_default(&binding.source)?;
        check_not_default(&binding.destination)?;
        if !self.exchanges.contains_key(&binding.destination) {
            return Err(AmqpError::no_exchange(&binding.destination));
        }
        let source = Rc::clone(&binding.source);
        self.bind(cx, &source, exchange_binding(binding))
    }

    pub(super) fn unbind_exchange(
        &mut self,
        cx: &mut Context,
        binding: ExchangeBinding,
    ) -> Result<(), AmqpError> {
        check_not_default(&binding.source)?;
        check_not_default(&binding.destination)?;
        let source = Rc::clone(&binding.source);
        self.unbind(cx, &source, &exchange_binding(binding));
        Ok(())
    }

    fn bind(&mut self, cx: &mut Context, source: &str, new: Binding) -> Result<(), AmqpError> {
        let exchange = self
            .exchanges
            .get_mut(source)
            .ok_or_else(|| AmqpError::no_exchange(source))?;
        if exchange.has_binding(&new) {
            return Ok(());
        }
        let event = Event::Bound {
            source: Rc::clone(exchange.name()),
            destination: Rc::clone(&new.destination_name),
            routing_key: Rc::clone(&new.routing_key),
        };
        Rc::make_mut(exchange).bind(new)?;
        cx.event(event);
        Ok(())
    }

    fn unbind(&mut self, cx: &mut Context, source: &str, binding: &Binding) {
        let Some(exchange) = self.exchanges.get_mut(source) else {
            return;
        };
        if !Rc::make_mut(exchange).unbind(binding) {
            return;
        }
        note_unbound(cx, exchange.name(), binding);
        // An auto-delete exchange goes with its last binding.
        if exchange.is_spent() {
            self.delete_exchange(cx, source);
        }
    }

    /// Removes every binding that leads to what is gone.
    pub(super) fn unbind_destination(&mut self, cx: &mut Context, gone: &Destination) {
        let mut bindings = Vec::new();
        for exchange in self.exchanges.values() {
            let leading = exchange
                .bindings()
                .filter(|binding| binding.destination == *gone);
            bindings.extend(leading.map(|binding| (Rc::clone(exchange.name()), binding.clone())));
        }
        for (source, binding) in bindings {
            self.unbind(cx, &source, &binding);
        }
    }
}

pub(super) fn note_unbound(cx: &mut Context, source: &Rc<str>, binding: &Binding) {
    cx.event(Event::Unbound {
        source: Rc::clone(source),
        destination: Rc::clone(&binding.destination_name),
        routing_key: Rc::clone(&binding.routing_key),
    });
}

fn queue_binding(id: QueueId, binding: QueueBinding) -> Binding {
    Binding {
        destination: Destination::Queue(id),
        destination_name: binding.queue,
        routing_key: binding.routing_key,
        arguments: binding.arguments,
    }
}

fn exchange_binding(binding: ExchangeBinding) -> Binding {
    Binding {
        destination: Destination::Exchange(Rc::clone(&binding.destination)),
        destination_name: binding.destination,
        routing_key: binding.routing_key,
        arguments: binding.arguments,
    }
}
