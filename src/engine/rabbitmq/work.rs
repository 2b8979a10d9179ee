//! What happens to one queue: messages come in, go out, come back and die.
//!
//! `Work` holds the queue, the channels it delivers to and the record of what comes of it. The
//! order of the steps is that of `rabbit_amqqueue_process` for classic queues and of
//! `rabbit_fifo` for quorum queues; it shows wherever limits, time to live and consumers meet.
//! Dead letters are only set aside here; routing them needs the whole broker.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::channel::{Channels, Held};
use super::cluster::Command;
use super::confirms::Confirm;
use super::death::DeathReason;
use super::effect::{Delivery, Effect, Timer};
use super::event::{DropReason, Event};
use super::message::Message;
use super::method::{ChannelId, Reply};
use super::queue::{Queue, QueuedMessage, Unacked};
use super::round::ConsumerKey;
use super::settings::Overflow;
use super::targets::QueueId;
use crate::engine::Instant;

/// One call into the broker: the present moment, and what has come of the call so far.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) now: Instant,
    pub(super) effects: Vec<Effect>,
    /// Messages whose queue has a dead letter exchange, to be routed.
    pub(super) dead: VecDeque<Dead>,
    /// Dead letters on their way into a queue.
    pub(super) letters: VecDeque<(QueueId, Rc<Message>)>,
    /// Answers to publishes, to be sent together.
    pub(super) confirms: Vec<Confirm>,
}

#[derive(Debug)]
pub(super) struct Dead {
    pub(super) queue: QueueId,
    pub(super) message: QueuedMessage,
    pub(super) reason: DeathReason,
}

impl Context {
    pub(super) fn new(now: Instant) -> Context {
        Context {
            now,
            effects: Vec::with_capacity(8),
            dead: VecDeque::new(),
            letters: VecDeque::new(),
            confirms: Vec::new(),
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        self.effects.push(Effect::Event(event));
    }
}

pub(super) struct Work<'a> {
    pub(super) queue: &'a mut Queue,
    pub(super) channels: &'a mut Channels,
    pub(super) cx: &'a mut Context,
}

impl Work<'_> {
    /// Takes a routed message, and says whether it did; `None` is later. Dead letters have no
    /// publisher, and publishes no number outside confirm mode.
    pub(super) fn enqueue(
        &mut self,
        message: Rc<Message>,
        from: Option<ChannelId>,
        number: u64,
    ) -> Option<bool> {
        let quorum = self.queue.settings.is_quorum();
        match &mut self.queue.waiting {
            Some(waiting) if quorum => {
                waiting.push(Command::Enqueue { message, from, number });
                None
            }
            Some(_) => {
                let message = self.admit(message);
                self.drop_message(&message, DropReason::Unavailable);
                Some(false)
            }
            None if quorum => Some(self.enqueue_quorum(message, from)),
            None => Some(self.enqueue_classic(message)),
        }
    }

    fn enqueue_classic(&mut self, message: Rc<Message>) -> bool {
        let message = self.admit(message);
        let full = self.queue.would_overflow(message.message.body().len() as u64);
        match self.queue.settings.overflow {
            Overflow::RejectPublish if full => {
                self.drop_message(&message, DropReason::RejectedPublish);
                return false;
            }
            Overflow::RejectPublishDlx if full => {
                self.kill(message, DeathReason::MaxLen);
                return false;
            }
            Overflow::DropHead | Overflow::RejectPublish | Overflow::RejectPublishDlx => {}
        }
        // A consumer that has room takes it at once, whatever the queue's limits.
        if let Some(consumer) = self.choose() {
            self.note_enqueued(&message);
            self.deliver(consumer, message);
            return true;
        }
        let expires = message.expires_at.is_some();
        self.note_enqueued(&message);
        self.queue.ready.push(message);
        let dropped = self.drop_over_length();
        // Only a new head can need a look at the clock (`rabbit_amqqueue_process`).
        let alone = self.queue.ready.count() == 1;
        let same_head = !dropped && !alone;
        let lasting_head = dropped && alone && !expires;
        if !same_head && !lasting_head {
            self.drop_expired();
        }
        true
    }

    /// Counts a routed message and gives it its place and its deadline.
    pub(super) fn admit(&mut self, message: Rc<Message>) -> QueuedMessage {
        self.queue.counters.published += 1;
        let seq = self.queue.next_seq;
        self.queue.next_seq += 1;
        let queue_ttl = self.queue.settings.ttl_ms;
        let ttl = [queue_ttl, message.ttl_ms()].into_iter().flatten().min();
        let expires_at = ttl.map(|ttl| self.cx.now + Duration::from_millis(ttl));
        QueuedMessage {
            redelivered: false,
            enqueued_at: self.cx.now,
            expires_at,
            seq,
            returns: 0,
            failures: message.failures(),
            message,
        }
    }

    pub(super) fn note_enqueued(&mut self, message: &QueuedMessage) {
        self.cx.event(Event::Enqueued {
            queue: Rc::clone(&self.queue.name),
            ready: self.queue.ready.count() + 1,
            message: Rc::clone(message.message.identity()),
        });
    }

    /// Hands out ready messages as long as a consumer can take one.
    pub(super) fn run(&mut self) {
        if self.queue.waiting.is_some() {
            return;
        }
        if self.queue.settings.is_quorum() {
            self.run_quorum();
            return;
        }
        while !self.queue.ready.is_empty() {
            let Some(consumer) = self.choose() else {
                return;
            };
            let message = self.queue.ready.pop().expect("the queue is not empty");
            self.deliver(consumer, message);
            self.drop_expired();
        }
    }

    pub(super) fn choose(&mut self) -> Option<ConsumerKey> {
        let Work { queue, channels, .. } = self;
        let id = queue.id;
        queue.consumers.choose(&mut |consumer| {
            let channel = channels.get_mut(&consumer.channel).expect("consumers have a channel");
            if !channel.limiter.is_active() {
                return true;
            }
            Rc::make_mut(channel).limiter.permits(id, !consumer.no_ack)
        })
    }

    pub(super) fn deliver(&mut self, key: ConsumerKey, message: QueuedMessage) {
        let consumer = self.queue.consumers.get(key).expect("a chosen consumer is a member");
        let (channel, tag, no_ack) = (consumer.channel, Rc::clone(&consumer.tag), consumer.no_ack);
        let delivery_tag = self.hand_out(channel, Rc::clone(&tag), Some(key), no_ack, &message);
        self.cx.effects.push(Effect::Deliver(Delivery {
            channel,
            consumer_tag: tag,
            delivery_tag,
            redelivered: message.redelivered,
            message: Rc::clone(&message.message),
            queue: Rc::clone(&self.queue.name),
        }));
        if !no_ack {
            self.queue.unacked.insert(Unacked { channel, tag: delivery_tag, message });
        }
    }

    /// Numbers a delivery on its channel and counts it.
    fn hand_out(
        &mut self,
        id: ChannelId,
        consumer_tag: Rc<str>,
        consumer: Option<ConsumerKey>,
        no_ack: bool,
        message: &QueuedMessage,
    ) -> u64 {
        let channel = self.channels.get_mut(&id).expect("deliveries go to open channels");
        let channel = Rc::make_mut(channel);
        let delivery_tag = channel.next_tag();
        let counters = &mut self.queue.counters;
        counters.delivered += 1;
        counters.redelivered += u64::from(message.redelivered);
        if no_ack {
            counters.acked += 1;
        } else {
            let (tag, queue, seq) = (delivery_tag, self.queue.id, message.seq);
            channel.unacked.push_back(Held { tag, queue, seq, consumer });
        }
        self.cx.event(Event::Delivered {
            queue: Rc::clone(&self.queue.name),
            channel: id,
            consumer_tag,
            delivery_tag,
            redelivered: message.redelivered,
            message: Rc::clone(message.message.identity()),
        });
        delivery_tag
    }

    /// `basic.get`. The head goes out even if its time has come, when nobody has looked since
    /// (`rabbit_amqqueue_process`); a quorum queue looks first.
    pub(super) fn get(&mut self, channel: ChannelId, no_ack: bool) -> Reply {
        self.touch();
        if self.queue.settings.is_quorum() {
            self.expire_head();
        }
        let Some(message) = self.queue.ready.pop() else {
            self.finish_get();
            return Reply::GetEmpty;
        };
        let delivery_tag = self.hand_out(channel, "".into(), None, no_ack, &message);
        let (redelivered, body) = (message.redelivered, Rc::clone(&message.message));
        if !no_ack {
            self.queue.unacked.insert(Unacked { channel, tag: delivery_tag, message });
        }
        self.finish_get();
        let message_count = self.queue.ready.count();
        Reply::GetOk { delivery_tag, redelivered, message: body, message_count }
    }

    fn finish_get(&mut self) {
        if self.queue.settings.is_quorum() {
            self.finish_quorum();
        } else {
            self.drop_expired();
        }
    }

    /// Drops from the head what is over the length limit, and says whether anything was.
    pub(super) fn drop_over_length(&mut self) -> bool {
        let mut dropped = false;
        while self.queue.settings.overflow == Overflow::DropHead && self.queue.is_over_length() {
            let message = self.queue.ready.pop().expect("a queue over its length is not empty");
            self.kill(message, DeathReason::MaxLen);
            dropped = true;
        }
        dropped
    }

    /// Drops from the head what has reached its time to live, and sets the timer for the next.
    /// What has expired behind a living message waits until it is at the head
    /// (<https://www.rabbitmq.com/docs/ttl#per-message-ttl-caveats>).
    pub(super) fn drop_expired(&mut self) {
        self.expire_head();
        let Some(due) = self.queue.ready.head().and_then(|head| head.expires_at) else {
            return;
        };
        // A timer that is set is left alone unless the new one is clearly earlier
        // (`rabbit_amqqueue_process`).
        let slack = Duration::from_millis(1);
        if self.queue.message_timer.is_none_or(|set| due + slack < set) {
            self.queue.message_timer = Some(due);
            let timer = Timer::MessageExpiry { queue: Rc::clone(&self.queue.name) };
            self.cx.effects.push(Effect::Schedule { timer, due });
        }
    }

    /// The clock or the limits have moved: looks at both ends of the queue.
    pub(super) fn look_at_limits(&mut self) {
        if self.queue.waiting.is_some() {
            return;
        }
        if self.queue.settings.is_quorum() {
            self.run_quorum();
        } else {
            self.drop_over_length();
            self.drop_expired();
        }
    }

    pub(super) fn expire_head(&mut self) {
        let now = self.cx.now;
        let is_over = |head: &QueuedMessage| head.expires_at.is_some_and(|at| at <= now);
        while self.queue.ready.head().is_some_and(is_over) {
            let message = self.queue.ready.pop().expect("the queue has a head");
            self.cx.event(Event::Expired {
                queue: Rc::clone(&self.queue.name),
                message: Rc::clone(message.message.identity()),
            });
            self.kill(message, DeathReason::Expired);
        }
    }

    /// Lets go of a message: to the dead letter exchange where there is one, else for good.
    pub(super) fn kill(&mut self, message: QueuedMessage, reason: DeathReason) {
        if self.queue.settings.dead_letter_exchange.is_some() {
            self.cx.dead.push_back(Dead { queue: self.queue.id, message, reason });
            return;
        }
        let reason = match reason {
            DeathReason::Expired => {
                self.queue.counters.expired += 1;
                return;
            }
            DeathReason::Rejected => DropReason::Rejected,
            DeathReason::MaxLen if self.queue.settings.overflow == Overflow::DropHead => {
                DropReason::MaxLen
            }
            DeathReason::MaxLen => DropReason::RejectedPublish,
            DeathReason::DeliveryLimit => DropReason::DeliveryLimit,
        };
        self.drop_message(&message, reason);
    }

    pub(super) fn drop_message(&mut self, message: &QueuedMessage, reason: DropReason) {
        self.queue.counters.dropped += 1;
        self.cx.event(Event::Dropped {
            queue: Rc::clone(&self.queue.name),
            reason,
            message: Rc::clone(message.message.identity()),
        });
    }

    /// The queue was used: without consumers, its `x-expires` starts anew
    /// (<https://www.rabbitmq.com/docs/ttl#queue-ttl>).
    pub(super) fn touch(&mut self) {
        let Some(expires) = self.queue.settings.expires else {
            return;
        };
        if self.queue.consumers.count() > 0 {
            return;
        }
        let due = self.cx.now + expires;
        self.queue.expiry_timer = Some(due);
        let timer = Timer::QueueExpiry { queue: Rc::clone(&self.queue.name) };
        self.cx.effects.push(Effect::Schedule { timer, due });
    }
}
