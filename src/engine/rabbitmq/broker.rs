//! The broker: one virtual host, in memory, and what it answers to each method.
//!
//! It owns the exchanges, queues and channels and hands each method to the part that deals with
//! it: `topology` for what is declared, `publish` for routing, `consume` for taking messages,
//! `lifecycle` for what opens and closes.

use std::rc::Rc;

use litemap::LiteMap;

use super::alarm::Alarm;
use super::channel::{Channel, Channels};
use super::effect::{Effect, Timer};
use super::event::Event;
use super::exchange::{Binding, Exchange};
use super::method::{AmqpError, ChannelId, ExchangeDeclare, ExchangeType, Method, Reply, Scope};
use super::policy::Policies;
use super::queue::Queue;
use super::settle::Outcome;
use super::targets::{Destination, QueueId};
use super::value::Table;
use super::work::{Context, Work};
use crate::engine::{Instant, Set};

/// A RabbitMQ broker with one virtual host.
///
/// A clone shares the queues, exchanges and channels with the original until either changes.
#[derive(Clone, Debug)]
pub struct Broker {
    pub(super) exchanges: LiteMap<Rc<str>, Rc<Exchange>>,
    pub(super) queue_ids: LiteMap<Rc<str>, QueueId>,
    /// Indexed by number; the places of deleted queues stay empty.
    pub(super) queues: Vec<Option<Rc<Queue>>>,
    /// Open connections, and the node of each.
    pub(super) connections: LiteMap<u32, u32>,
    /// How many nodes there are, and which of them are down.
    pub(super) nodes: u32,
    pub(super) down: Set<u32>,
    pub(super) alarms: Set<Alarm>,
    /// Connections that have published under an alarm.
    pub(super) blocked: Set<u32>,
    pub(super) policies: Rc<Policies>,
    pub(super) channels: Channels,
    /// Closed by the broker and not yet opened again by the client.
    pub(super) closing: Set<ChannelId>,
    /// How many names the broker has made up.
    pub(super) names_given: u64,
}

/// The exchanges that are always there, besides the default exchange
/// (<https://www.rabbitmq.com/docs/exchanges#predeclared>).
const PREDECLARED: [(&str, ExchangeType); 5] = [
    ("amq.direct", ExchangeType::Direct),
    ("amq.fanout", ExchangeType::Fanout),
    ("amq.topic", ExchangeType::Topic),
    ("amq.headers", ExchangeType::Headers),
    ("amq.match", ExchangeType::Headers),
];

impl Default for Broker {
    fn default() -> Broker {
        Broker::new()
    }
}

impl Broker {
    /// A broker with nothing but the predeclared exchanges.
    pub fn new() -> Broker {
        let exchanges = PREDECLARED.iter().map(|(name, kind)| {
            let declare = ExchangeDeclare {
                name: Rc::from(*name),
                kind: *kind,
                durable: true,
                auto_delete: false,
                internal: false,
                passive: false,
                arguments: Table::new(),
            };
            let exchange = Exchange::declare(declare).expect("no argument to refuse");
            (Rc::clone(exchange.name()), Rc::new(exchange))
        });
        Broker {
            exchanges: exchanges.collect(),
            queue_ids: LiteMap::new(),
            queues: Vec::new(),
            connections: LiteMap::new(),
            nodes: 1,
            down: Set::new(),
            alarms: Set::new(),
            blocked: Set::new(),
            policies: Rc::default(),
            channels: LiteMap::new(),
            closing: Set::new(),
            names_given: 0,
        }
    }

    /// Does what a client asks on a channel.
    ///
    /// A channel that the broker has closed refuses everything until it is opened again, and so
    /// does a connection; that changes nothing.
    pub fn handle(
        &mut self,
        now: Instant,
        channel: ChannelId,
        method: Method,
    ) -> (Reply, Vec<Effect>) {
        if let Some(error) = self.deaf(channel, &method) {
            return (Reply::Refused(error), Vec::new());
        }
        // A lost connection is noticed all the same.
        if self.is_blocked(channel.connection) && method != Method::ConnectionClose {
            return (Reply::Blocked, Vec::new());
        }
        let mut cx = Context::new(now);
        let publishes = matches!(method, Method::BasicPublish(_));
        let reply = match self.dispatch(&mut cx, channel, method) {
            Ok(reply) => reply,
            Err(error) => {
                self.fail(&mut cx, channel, &error);
                Reply::Refused(error)
            }
        };
        self.deliver_dead_letters(&mut cx);
        if publishes {
            self.send_confirms(&mut cx);
            self.block_publisher(&mut cx, channel.connection);
        }
        (reply, cx.effects)
    }

    /// A timer has come due. One that was moved or cancelled meanwhile does nothing.
    pub fn timeout(&mut self, now: Instant, timer: Timer) -> Vec<Effect> {
        let mut cx = Context::new(now);
        match timer {
            Timer::MessageExpiry { queue } => self.expire_messages(&mut cx, &queue),
            Timer::QueueExpiry { queue } => self.expire_queue(&mut cx, &queue),
            Timer::DeadLetters { queue } => self.retry_dead_letters(&mut cx, &queue),
        }
        self.deliver_dead_letters(&mut cx);
        cx.effects
    }

    /// The queues, in the order in which they were declared.
    pub fn queues(&self) -> impl DoubleEndedIterator<Item = &Queue> {
        self.queues.iter().flatten().map(|queue| &**queue)
    }

    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queue_ids.get(name).map(|id| self.queue_at(*id))
    }

    /// The exchanges by name, without the default exchange.
    pub fn exchanges(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.exchanges.values().map(|exchange| &**exchange)
    }

    pub fn exchange(&self, name: &str) -> Option<&Exchange> {
        self.exchanges.get(name).map(|exchange| &**exchange)
    }

    /// All bindings but those of the default exchange, by source.
    pub fn bindings(&self) -> impl Iterator<Item = BindingView<'_>> {
        self.exchanges().flat_map(|exchange| {
            exchange.bindings().map(|binding| BindingView::new(exchange.name(), binding))
        })
    }

    pub fn is_open(&self, channel: ChannelId) -> bool {
        self.channels.contains_key(&channel)
    }

    fn dispatch(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        method: Method,
    ) -> Result<Reply, AmqpError> {
        let opens_or_closes = matches!(
            method,
            Method::ConnectionOpen | Method::ConnectionClose | Method::ChannelOpen
        );
        if !opens_or_closes && !self.is_open(id) {
            return Err(AmqpError::channel_error("expected 'channel.open'"));
        }
        match method {
            Method::ConnectionOpen => {
                let node = (0..self.nodes).find(|node| self.is_up(*node));
                let node = node
                    .ok_or_else(|| AmqpError::connection_forced("no node of the broker is up"))?;
                self.open_connection(cx, id.connection, node);
            }
            Method::ConnectionClose => self.close_connection(cx, id.connection, None),
            Method::ChannelOpen => self.open_channel(cx, id)?,
            Method::ChannelClose => self.close_channel(cx, id, None),
            Method::ExchangeDeclare(declare) => self.declare_exchange(cx, declare)?,
            Method::ExchangeDelete { exchange, if_unused } => {
                self.delete_exchange_if(cx, &exchange, if_unused)?;
            }
            Method::ExchangeBind(binding) => self.bind_exchange(cx, binding)?,
            Method::ExchangeUnbind(binding) => self.unbind_exchange(cx, binding)?,
            Method::QueueDeclare(declare) => return self.declare_queue(cx, id, declare),
            Method::QueueDelete { queue, if_unused, if_empty } => {
                return self.delete_queue_if(cx, id, &queue, if_unused, if_empty);
            }
            Method::QueuePurge { queue } => return self.purge(cx, id, &queue),
            Method::QueueBind(binding) => self.bind_queue(cx, id, binding)?,
            Method::QueueUnbind(binding) => self.unbind_queue(cx, id, binding)?,
            Method::BasicQos { prefetch_count, global } => {
                self.qos(cx, id, prefetch_count, global);
            }
            Method::BasicConsume(consume) => return self.consume(cx, id, consume),
            Method::BasicCancel { consumer_tag } => self.cancel(cx, id, &consumer_tag),
            Method::BasicPublish(publish) => self.publish(cx, id, publish)?,
            Method::BasicGet { queue, no_ack } => return self.get(cx, id, &queue, no_ack),
            Method::BasicAck { delivery_tag, multiple } => {
                self.settle(cx, id, delivery_tag, multiple, Outcome::Ack)?;
            }
            Method::BasicNack { delivery_tag, multiple, requeue } => {
                self.settle(cx, id, delivery_tag, multiple, refusal(requeue))?;
            }
            Method::BasicReject { delivery_tag, requeue } => {
                self.settle(cx, id, delivery_tag, false, refusal(requeue))?;
            }
            Method::BasicRecover { requeue } => self.recover(cx, id, requeue)?,
            Method::ConfirmSelect => {
                self.channel_mut(id).confirms.get_or_insert(0);
            }
        }
        Ok(Reply::None)
    }

    /// Why nothing is heard on what is closed, or `None`. What a client sends on a channel that the
    /// broker has just closed is passed over; on one that is not open at all it is an error.
    fn deaf(&self, id: ChannelId, method: &Method) -> Option<AmqpError> {
        if *method == Method::ConnectionOpen || self.is_open(id) {
            return None;
        }
        if !self.connections.contains_key(&id.connection) {
            return Some(AmqpError::channel_error("the connection is not open"));
        }
        let whole = matches!(method, Method::ConnectionClose | Method::ChannelOpen);
        if self.closing.contains(&id) && !whole {
            return Some(AmqpError::channel_error("the channel is closed"));
        }
        None
    }

    /// Closes what the error says.
    fn fail(&mut self, cx: &mut Context, id: ChannelId, error: &AmqpError) {
        match error.scope {
            Scope::Channel => {
                self.close_channel(cx, id, Some(error.clone()));
                self.closing.insert(id);
            }
            Scope::Connection => self.close_connection(cx, id.connection, Some(error.clone())),
        }
    }

    pub(super) fn queue_at(&self, id: QueueId) -> &Queue {
        self.queues[id as usize].as_ref().expect("a known name leads to a queue")
    }

    /// The queue of that name, if the connection may use it.
    pub(super) fn find_queue(&self, name: &str, connection: u32) -> Result<QueueId, AmqpError> {
        let id = *self.queue_ids.get(name).ok_or_else(|| AmqpError::no_queue(name))?;
        self.queue_at(id).check_access(connection)?;
        Ok(id)
    }

    pub(super) fn channel_mut(&mut self, id: ChannelId) -> &mut Channel {
        Rc::make_mut(self.channels.get_mut(&id).expect("the channel is open"))
    }

    /// The queue with what it needs to act, unless it has been deleted.
    pub(super) fn work<'a>(&'a mut self, id: QueueId, cx: &'a mut Context) -> Option<Work<'a>> {
        let queue = Rc::make_mut(self.queues.get_mut(id as usize)?.as_mut()?);
        Some(Work { queue, channels: &mut self.channels, cx })
    }

    pub(super) fn made_up_name(&mut self, prefix: &str) -> Rc<str> {
        self.names_given += 1;
        format!("{prefix}-{}", self.names_given).into()
    }

    fn expire_messages(&mut self, cx: &mut Context, name: &str) {
        let Some(id) = self.queue_ids.get(name).copied() else {
            return;
        };
        if self.queue_at(id).message_timer.is_none_or(|due| due > cx.now) {
            return;
        }
        let mut work = self.work(id, cx).expect("the queue has a name");
        work.queue.message_timer = None;
        work.look_at_limits();
    }

    fn expire_queue(&mut self, cx: &mut Context, name: &str) {
        let Some(id) = self.queue_ids.get(name).copied() else {
            return;
        };
        let queue = self.queue_at(id);
        let early = queue.expiry_timer.is_none_or(|due| due > cx.now);
        if early || queue.consumer_count() > 0 || !queue.is_available() {
            return;
        }
        cx.event(Event::QueueExpired { queue: Rc::clone(queue.name()) });
        self.delete_queue(cx, id);
    }
}

fn refusal(requeue: bool) -> Outcome {
    if requeue { Outcome::Requeue } else { Outcome::Discard }
}

/// A binding, as seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingView<'a> {
    pub source: &'a Rc<str>,
    pub destination: &'a Rc<str>,
    pub to_exchange: bool,
    pub routing_key: &'a Rc<str>,
    pub arguments: &'a Table,
}

impl<'a> BindingView<'a> {
    fn new(source: &'a Rc<str>, binding: &'a Binding) -> BindingView<'a> {
        let to_exchange = match binding.destination {
            Destination::Queue(_) => false,
            Destination::Exchange(_) => true,
        };
        BindingView {
            source,
            destination: &binding.destination_name,
            to_exchange,
            routing_key: &binding.routing_key,
            arguments: &binding.arguments,
        }
    }
}
