//! Publisher confirms: how a publisher learns what became of its messages.
//!
//! In confirm mode every publish is answered: with a nack when a queue refused the message, and
//! with an ack otherwise, even when it went nowhere (<https://www.rabbitmq.com/docs/confirms>). What
//! one call decides goes out at its end in as few frames as possible (`rabbit_channel`).

use std::rc::Rc;

use super::broker::Broker;
use super::channel::Unconfirmed;
use super::effect::Effect;
use super::event::Event;
use super::message::Message;
use super::method::ChannelId;
use super::work::Context;

/// The answer to one publish, not yet sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confirm {
    channel: ChannelId,
    number: u64,
    ack: bool,
}

impl Broker {
    /// The number of a publish in confirm mode, else zero.
    pub(super) fn number_publish(&mut self, channel: ChannelId) -> u64 {
        if self.channels[&channel].confirms.is_none() {
            return 0;
        }
        let number = self.channel_mut(channel).confirms.as_mut().expect("in confirm mode");
        *number += 1;
        *number
    }

    /// A queue that had no majority has answered at last.
    pub(super) fn answered(
        &mut self,
        cx: &mut Context,
        id: ChannelId,
        number: u64,
        taken: bool,
        message: &Message,
    ) {
        if number == 0 {
            return;
        }
        let waiting = &mut self.channel_mut(id).unconfirmed;
        let place = waiting.iter().position(|one| one.number == number);
        let place = place.expect("a publish waits for each of its queues");
        waiting[place].queues -= 1;
        waiting[place].ack &= taken;
        if waiting[place].queues == 0 {
            let done = waiting.remove(place);
            confirm(cx, id, done, message);
        }
    }

    /// Sends what the call has decided, channel by channel, acks before nacks.
    pub(super) fn send_confirms(&self, cx: &mut Context) {
        let mut all = std::mem::take(&mut cx.confirms);
        all.sort_unstable_by_key(|one| (one.channel, one.number));
        for of_channel in all.chunk_by(|one, next| one.channel == next.channel) {
            let numbers = |ack: bool| -> Vec<u64> {
                of_channel.iter().filter(|one| one.ack == ack).map(|one| one.number).collect()
            };
            let (acks, nacks) = (numbers(true), numbers(false));
            let channel = of_channel[0].channel;
            if let [delivery_tag] = acks[..] {
                cx.effects.push(Effect::Confirm {
                    channel,
                    delivery_tag,
                    multiple: false,
                    ack: true,
                });
            } else {
                self.send_together(cx, channel, &acks, &nacks, true);
            }
            self.send_together(cx, channel, &nacks, &acks, false);
        }
    }

    /// One frame for all numbers below the first that has another answer or none yet, and one for
    /// each of the rest. Even a single nack is sent as one for all, which a single ack is not.
    fn send_together(
        &self,
        cx: &mut Context,
        channel: ChannelId,
        numbers: &[u64],
        others: &[u64],
        ack: bool,
    ) {
        let waiting = self.channels[&channel].unconfirmed.first().map(|one| one.number);
        let cutoff = others.first().copied().into_iter().chain(waiting).min();
        let together =
            numbers.partition_point(|number| cutoff.is_none_or(|cutoff| *number < cutoff));
        let (together, single) = numbers.split_at(together);
        let frames = together.last().map(|last| (*last, true)).into_iter();
        for (delivery_tag, multiple) in frames.chain(single.iter().map(|number| (*number, false))) {
            cx.effects.push(Effect::Confirm { channel, delivery_tag, multiple, ack });
        }
    }
}

/// The last queue has answered.
pub(super) fn confirm(
    cx: &mut Context,
    channel: ChannelId,
    publish: Unconfirmed,
    message: &Message,
) {
    let Unconfirmed { number, ack, .. } = publish;
    let message = Rc::clone(message.identity());
    cx.event(Event::Confirmed { channel, delivery_tag: number, ack, message });
    cx.confirms.push(Confirm { channel, number, ack });
}
