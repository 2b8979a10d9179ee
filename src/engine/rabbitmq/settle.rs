//! What was handed out comes back to its queue: acknowledged, requeued or discarded.
//!
//! <https://www.rabbitmq.com/docs/confirms>. A classic queue puts a message back in its old place;
//! a quorum queue counts how often it came and gives it up beyond the delivery limit.

use std::cmp::Reverse;
use std::rc::Rc;

use super::cluster::Command;
use super::death::DeathReason;
use super::event::{Event, RequeueReason};
use super::method::ChannelId;
use super::queue::{QueuedMessage, Unacked};
use super::round::ConsumerKey;
use super::work::Work;

/// What becomes of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ack,
    Requeue,
    Discard,
}

impl Work<'_> {
    /// Settles deliveries of one consumer on a channel, or one `basic.get`, as soon as the queue has
    /// a majority.
    pub(super) fn settle_for(
        &mut self,
        channel: ChannelId,
        seqs: &[u64],
        consumer: Option<ConsumerKey>,
        outcome: Outcome,
    ) {
        match &mut self.queue.waiting {
            Some(waiting) => {
                let seqs = seqs.to_vec();
                waiting.push(Command::Settle { channel, seqs, consumer, outcome });
            }
            None => self.settle(seqs, consumer, outcome),
        }
    }

    /// Settles deliveries of one consumer, or one `basic.get`, oldest first.
    pub(super) fn settle(&mut self, seqs: &[u64], consumer: Option<ConsumerKey>, out: Outcome) {
        if self.queue.settings.is_quorum() {
            self.settle_quorum(seqs, consumer, out);
            return;
        }
        let count = u32::try_from(seqs.len()).expect("a channel holds fewer deliveries");
        let requeued = out == Outcome::Requeue;
        let freed = consumer.is_some_and(|key| self.queue.consumers.settled(key, count, requeued));
        match out {
            Outcome::Ack => self.ack(seqs),
            Outcome::Requeue => self.requeue(seqs, RequeueReason::GivenBack),
            Outcome::Discard => self.discard(seqs),
        }
        if freed || requeued {
            self.run();
        }
    }

    pub(super) fn ack(&mut self, seqs: &[u64]) {
        for seq in seqs {
            let held = self.take_unacked(*seq);
            self.queue.counters.acked += 1;
            self.cx.event(Event::Acked {
                queue: Rc::clone(&self.queue.name),
                channel: held.channel,
                delivery_tag: held.tag,
                message: Rc::clone(held.message.message.identity()),
            });
        }
    }

    /// Back to the old places, and then the limits of the queue are looked at again.
    pub(super) fn requeue(&mut self, seqs: &[u64], reason: RequeueReason) {
        for seq in seqs {
            let mut message = self.take_unacked(*seq).message;
            message.redelivered = true;
            self.note_requeued(&message, reason);
            self.queue.ready.put_back(message);
        }
        self.drop_over_length();
        self.drop_expired();
    }

    pub(super) fn note_requeued(&mut self, message: &QueuedMessage, reason: RequeueReason) {
        self.queue.counters.requeued += 1;
        self.cx.event(Event::Requeued {
            queue: Rc::clone(&self.queue.name),
            reason,
            message: Rc::clone(message.message.identity()),
        });
    }

    /// Oldest first, but a priority queue goes by priority (`rabbit_priority_queue`).
    fn discard(&mut self, seqs: &[u64]) {
        let mut all: Vec<Unacked> = seqs.iter().map(|seq| self.take_unacked(*seq)).collect();
        let highest = self.queue.settings.max_priority;
        all.sort_by_key(|held| Reverse(held.message.message.priority().min(highest)));
        for held in all {
            self.note_rejected(&held);
            self.kill(held.message, DeathReason::Rejected);
        }
    }

    pub(super) fn note_rejected(&mut self, held: &Unacked) {
        self.cx.event(Event::Rejected {
            queue: Rc::clone(&self.queue.name),
            channel: held.channel,
            delivery_tag: held.tag,
            message: Rc::clone(held.message.message.identity()),
        });
    }

    pub(super) fn take_unacked(&mut self, seq: u64) -> Unacked {
        self.queue.unacked.remove(seq).expect("a delivery is settled once")
    }

    /// A consumer has ended. What it holds stays with its channel.
    pub(super) fn remove_consumer(&mut self, channel: ChannelId, key: ConsumerKey) {
        let before = self.active_tag();
        let consumer = self.queue.consumers.remove(key);
        self.note_removed(channel, consumer.tag);
        if self.queue.is_abandoned() {
            return;
        }
        self.note_activation(before);
        self.touch();
        self.run();
    }

    /// Channels are gone: their consumers go, and then what they held comes back at once.
    pub(super) fn lose_channels(&mut self, channels: &[ChannelId], seqs: &[u64]) {
        let before = self.active_tag();
        for channel in channels {
            for consumer in self.queue.consumers.remove_channel(*channel) {
                self.note_removed(*channel, consumer.tag);
            }
        }
        // An auto-delete queue goes now, with everything in it.
        if self.queue.is_abandoned() {
            return;
        }
        self.note_activation(before);
        self.touch();
        if self.queue.settings.is_quorum() {
            self.fail_quorum(seqs, RequeueReason::ChannelClosed);
        } else {
            self.requeue(seqs, RequeueReason::ChannelClosed);
        }
        self.run();
    }

    pub(super) fn note_removed(&mut self, channel: ChannelId, consumer_tag: Rc<str>) {
        let queue = Rc::clone(&self.queue.name);
        self.cx.event(Event::ConsumerRemoved { queue, consumer_tag, channel });
    }

    /// The channel and tag of the single active consumer, to see whether another takes over.
    pub(super) fn active_tag(&self) -> Option<(ChannelId, Rc<str>)> {
        self.queue.active_consumer().map(|(channel, tag)| (channel, Rc::clone(tag)))
    }

    pub(super) fn note_activation(&mut self, before: Option<(ChannelId, Rc<str>)>) {
        let after = self.active_tag();
        if let Some((channel, consumer_tag)) = after.clone()
            && before != after
        {
            let queue = Rc::clone(&self.queue.name);
            self.cx.event(Event::ConsumerActivated { queue, consumer_tag, channel });
        }
    }
}
