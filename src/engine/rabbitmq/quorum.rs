//! What quorum queues do differently, after `rabbit_fifo` of RabbitMQ 4.0.
//!
//! After every command a quorum queue expires its head, hands out what it can, and then looks at
//! its length. <https://www.rabbitmq.com/docs/quorum-queues>. What happens while most of its
//! members are down is in `cluster`.

use std::rc::Rc;
use std::time::Duration;

use super::death::DeathReason;
use super::effect::{Effect, Timer};
use super::event::{DropReason, RequeueReason};
use super::message::Message;
use super::method::ChannelId;
use super::queue::QueuedMessage;
use super::round::ConsumerKey;
use super::settings::Overflow;
use super::settle::Outcome;
use super::work::Work;

/// A time to live of zero leaves one millisecond (`rabbit_fifo`).
const SHORTEST_TTL: Duration = Duration::from_millis(1);

impl Work<'_> {
    pub(super) fn enqueue_quorum(&mut self, message: Rc<Message>, from: Option<ChannelId>) -> bool {
        let mut message = self.admit(message);
        if self.queue.settings.overflow == Overflow::RejectPublish
            && from.is_some_and(|channel| self.is_closed_to(channel))
        {
            self.drop_message(&message, DropReason::RejectedPublish);
            return false;
        }
        let soonest = self.cx.now + SHORTEST_TTL;
        message.expires_at = message.expires_at.map(|at| at.max(soonest));
        // Failures in an earlier quorum queue came along with the dead letter.
        let failures = message.failures;
        if failures > 0 {
            show_count(&mut message, failures);
        }
        self.note_enqueued(&message);
        self.queue.ready.push(message);
        self.run_quorum();
        true
    }

    /// A publisher learns on its first publish whether the queue is full, later when it fills.
    fn is_closed_to(&mut self, channel: ChannelId) -> bool {
        let full = self.queue.is_over_length();
        if self.queue.gate.known.insert(channel) && full {
            self.queue.gate.closed_to.insert(channel);
        }
        self.queue.gate.closed_to.contains(&channel)
    }

    pub(super) fn run_quorum(&mut self) {
        loop {
            self.expire_head();
            if self.queue.ready.is_empty() {
                break;
            }
            let Some(consumer) = self.choose() else { break };
            let message = self.queue.ready.pop().expect("the queue is not empty");
            self.deliver(consumer, message);
        }
        self.finish_quorum();
    }

    pub(super) fn finish_quorum(&mut self) {
        self.drop_over_length();
        if self.queue.settings.overflow == Overflow::RejectPublish {
            self.move_gate();
        }
        self.set_timer_for_head();
    }

    fn move_gate(&mut self) {
        if self.queue.is_over_length() {
            self.queue.gate.closed_to = self.queue.gate.known.clone();
        } else if self.queue.is_well_below_length() {
            self.queue.gate.closed_to.clear();
        }
    }

    /// The timer follows the head.
    fn set_timer_for_head(&mut self) {
        let due = self.queue.ready.head().and_then(|head| head.expires_at);
        if self.queue.message_timer == due {
            return;
        }
        self.queue.message_timer = due;
        let timer = Timer::MessageExpiry { queue: Rc::clone(&self.queue.name) };
        self.cx.effects.push(match due {
            Some(due) => Effect::Schedule { timer, due },
            None => Effect::Cancel { timer },
        });
    }

    pub(super) fn settle_quorum(
        &mut self,
        seqs: &[u64],
        consumer: Option<ConsumerKey>,
        outcome: Outcome,
    ) {
        let before = self.active_tag();
        match outcome {
            Outcome::Ack => self.ack(seqs),
            Outcome::Requeue => {
                for seq in seqs {
                    let message = self.take_unacked(*seq).message;
                    self.take_back(message, RequeueReason::GivenBack);
                }
            }
            Outcome::Discard => {
                for seq in seqs {
                    let mut held = self.take_unacked(*seq);
                    held.message.returns += 1;
                    held.message.failures += 1;
                    self.note_rejected(&held);
                    self.kill(held.message, DeathReason::Rejected);
                }
            }
        }
        if let Some(key) = consumer {
            let count = u32::try_from(seqs.len()).expect("a channel holds fewer deliveries");
            self.queue.consumers.settled(key, count, outcome == Outcome::Requeue);
        }
        self.note_activation(before);
        self.run_quorum();
    }

    /// Messages whose consumer went away count as failed.
    pub(super) fn fail_quorum(&mut self, seqs: &[u64], reason: RequeueReason) {
        for seq in seqs {
            let mut message = self.take_unacked(*seq).message;
            message.failures += 1;
            self.take_back(message, reason);
        }
    }

    fn take_back(&mut self, mut message: QueuedMessage, reason: RequeueReason) {
        message.returns += 1;
        let limit = self.queue.settings.delivery_limit;
        if limit.is_some_and(|limit| u64::from(message.returns) > limit) {
            self.kill(message, DeathReason::DeliveryLimit);
            return;
        }
        let count = message.returns;
        show_count(&mut message, count);
        self.note_requeued(&message, reason);
        self.queue.ready.put_back(message);
    }
}

/// Consumers see in `x-delivery-count` how often the message has come back.
fn show_count(message: &mut QueuedMessage, count: u32) {
    message.redelivered = true;
    message.message = Rc::new(message.message.with_delivery_count(count));
}
