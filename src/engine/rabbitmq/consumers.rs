//! The consumers of one queue: who gets the next message.
//!
//! Consumers take turns. One whose window is full is passed over; once there is room it joins the
//! round again at the end (<https://www.rabbitmq.com/docs/consumers>,
//! <https://www.rabbitmq.com/docs/consumer-prefetch>). Classic queues notice a full window only
//! when its turn comes (`rabbit_queue_consumers`), quorum queues at once (`rabbit_fifo`). With a
//! single active consumer one gets everything and the others wait. The window of a whole channel
//! is not known here; whoever asks for the next consumer passes it in as `permit`.

use std::cmp::Reverse;
use std::rc::Rc;

use litemap::LiteMap;

use super::method::ChannelId;
use super::round::{ConsumerKey, Round};
use super::settings::{QueueType, Settings};
use crate::engine::Set;

#[derive(Clone, Debug)]
pub(super) struct Consumer {
    pub(super) channel: ChannelId,
    pub(super) tag: Rc<str>,
    pub(super) no_ack: bool,
    pub(super) exclusive: bool,
    pub(super) priority: i64,
    /// The size of its window; `None` is without limit.
    pub(super) window: Option<u32>,
    /// Messages it holds unacknowledged.
    pub(super) held: u32,
    /// Set aside until its window has room; used by classic queues.
    blocked: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Consumers {
    kind: QueueType,
    single_active: bool,
    next_key: ConsumerKey,
    members: LiteMap<ConsumerKey, Consumer>,
    round: Round,
    /// Those set aside, by channel, in the order in which that happened.
    blocked: LiteMap<ChannelId, Round>,
    /// Channels whose common window was found full.
    suspended: Set<ChannelId>,
    /// The single active consumer.
    active: Option<ConsumerKey>,
    /// The active one gets nothing more and hands over when it holds no message.
    fading: bool,
}

/// The window of a quorum queue's consumer that set none (`rabbit_quorum_queue`).
const QUORUM_WINDOW: u32 = 2000;

impl Consumer {
    pub(super) fn new(channel: ChannelId, tag: Rc<str>, priority: i64) -> Consumer {
        Consumer {
            channel,
            tag,
            no_ack: false,
            exclusive: false,
            priority,
            window: None,
            held: 0,
            blocked: false,
        }
    }

    fn is_full(&self) -> bool {
        self.window.is_some_and(|window| self.held >= window)
    }

    fn room(&self) -> u32 {
        self.window.map_or(u32::MAX, |window| window.saturating_sub(self.held))
    }
}

impl Consumers {
    pub(super) fn new(settings: &Settings) -> Consumers {
        Consumers {
            kind: settings.kind,
            single_active: settings.single_active,
            next_key: 0,
            members: LiteMap::new(),
            round: Round::default(),
            blocked: LiteMap::new(),
            suspended: Set::new(),
            active: None,
            fading: false,
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.members.len() as u64
    }

    pub(super) fn get(&self, key: ConsumerKey) -> Option<&Consumer> {
        self.members.get(&key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Consumer> {
        self.members.values()
    }

    pub(super) fn active(&self) -> Option<&Consumer> {
        self.members.get(&self.active?)
    }

    /// Whether a new consumer would break someone's claim to the whole queue.
    pub(super) fn is_taken(&self, exclusively: bool) -> bool {
        exclusively && !self.members.is_empty()
            || self.members.values().any(|consumer| consumer.exclusive)
    }

    pub(super) fn add(&mut self, mut consumer: Consumer) -> ConsumerKey {
        let key = self.next_key;
        self.next_key += 1;
        let priority = consumer.priority;
        match self.kind {
            QueueType::Classic => {
                self.members.insert(key, consumer);
                self.round.push(priority, key);
                if self.single_active {
                    self.active.get_or_insert(key);
                }
            }
            QueueType::Quorum => {
                consumer.window.get_or_insert(QUORUM_WINDOW);
                self.members.insert(key, consumer);
                if self.single_active {
                    self.activate_next();
                } else {
                    self.round.push(priority, key);
                }
            }
        }
        key
    }

    pub(super) fn remove(&mut self, key: ConsumerKey) -> Consumer {
        let consumer = self.members.remove(&key).expect("a consumer is removed once");
        self.round.remove(consumer.priority, key);
        if consumer.blocked
            && let Some(blocked) = self.blocked.get_mut(&consumer.channel)
        {
            blocked.remove(consumer.priority, key);
        }
        if self.active == Some(key) {
            self.active = None;
            self.fading = false;
            match self.kind {
                QueueType::Classic => self.active = self.round.first(),
                QueueType::Quorum => self.activate_next(),
            }
        }
        consumer
    }

    /// Removes the consumers of a channel that is gone.
    pub(super) fn remove_channel(&mut self, channel: ChannelId) -> Vec<Consumer> {
        let keys = self.members.iter().filter(|(_, consumer)| consumer.channel == channel);
        let keys: Vec<ConsumerKey> = keys.map(|(key, _)| *key).collect();
        // The active one goes last, so that none of the others takes over for a moment.
        let (active, others): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|key| self.active == Some(*key));
        self.blocked.remove(&channel);
        self.suspended.remove(&channel);
        others.into_iter().chain(active).map(|key| self.remove(key)).collect()
    }

    /// Picks the consumer for the next message and counts the message as held.
    pub(super) fn choose(
        &mut self,
        permit: &mut impl FnMut(&Consumer) -> bool,
    ) -> Option<ConsumerKey> {
        match (self.kind, self.single_active) {
            (QueueType::Quorum, _) => self.choose_with_room(),
            (QueueType::Classic, true) => self.choose_active(permit),
            (QueueType::Classic, false) => self.choose_in_turn(permit),
        }
    }

    /// Counts messages as no longer held. Says whether someone may be let back into the round.
    ///
    /// In a quorum queue a fading consumer hands over when it acknowledges its last message; when
    /// it requeues it, nobody is served until something else happens (`rabbit_fifo` of 4.0).
    pub(super) fn settled(&mut self, key: ConsumerKey, messages: u32, requeued: bool) -> bool {
        let Some(consumer) = self.members.get_mut(&key) else {
            return false;
        };
        let was_full = consumer.is_full();
        consumer.held -= messages;
        let (channel, priority) = (consumer.channel, consumer.priority);
        match self.kind {
            QueueType::Classic => was_full && self.unblock(channel),
            QueueType::Quorum => {
                self.step_down();
                if self.single_active && !requeued {
                    self.activate_next();
                }
                self.rejoin(priority, key);
                true
            }
        }
    }

    /// The common window of the channel has room again. Says whether someone is let back.
    pub(super) fn resume(&mut self, channel: ChannelId) -> bool {
        self.suspended.remove(&channel);
        self.unblock(channel)
    }

    fn choose_in_turn(
        &mut self,
        permit: &mut impl FnMut(&Consumer) -> bool,
    ) -> Option<ConsumerKey> {
        while let Some((priority, key)) = self.round.pop() {
            if self.admits(key, permit) {
                self.round.push(priority, key);
                return Some(key);
            }
            self.block(key);
        }
        None
    }

    fn choose_active(&mut self, permit: &mut impl FnMut(&Consumer) -> bool) -> Option<ConsumerKey> {
        let key = self.active?;
        let consumer = &self.members[&key];
        if consumer.blocked {
            return None;
        }
        let priority = consumer.priority;
        if self.admits(key, permit) {
            return Some(key);
        }
        self.round.remove(priority, key);
        self.block(key);
        None
    }

    /// A quorum queue holds in its round only those that have room.
    fn choose_with_room(&mut self) -> Option<ConsumerKey> {
        while let Some((priority, key)) = self.round.pop() {
            let serving = !self.single_active || self.active == Some(key) && !self.fading;
            let consumer = self.members.get_mut(&key).expect("the round holds members");
            if !serving || consumer.is_full() {
                continue;
            }
            if !consumer.no_ack {
                consumer.held += 1;
            }
            self.rejoin(priority, key);
            return Some(key);
        }
        None
    }

    fn rejoin(&mut self, priority: i64, key: ConsumerKey) {
        let serving = !self.single_active || self.active == Some(key) && !self.fading;
        let full = self.members[&key].is_full();
        if serving && !full && !self.round.contains(priority, key) {
            self.round.push(priority, key);
        }
    }

    fn admits(&mut self, key: ConsumerKey, permit: &mut impl FnMut(&Consumer) -> bool) -> bool {
        let consumer = self.members.get_mut(&key).expect("the round holds members");
        if self.suspended.contains(&consumer.channel) || consumer.is_full() {
            return false;
        }
        if !permit(consumer) {
            self.suspended.insert(consumer.channel);
            return false;
        }
        if !consumer.no_ack {
            consumer.held += 1;
        }
        true
    }

    fn block(&mut self, key: ConsumerKey) {
        let consumer = self.members.get_mut(&key).expect("the round holds members");
        consumer.blocked = true;
        self.blocked.entry(consumer.channel).or_default().push(consumer.priority, key);
    }

    /// Lets those of the channel that have room join the round, at the end.
    fn unblock(&mut self, channel: ChannelId) -> bool {
        let Some(blocked) = self.blocked.remove(&channel) else {
            return false;
        };
        let mut still = Round::default();
        let mut any = false;
        for (priority, key) in blocked.iter() {
            let consumer = self.members.get_mut(&key).expect("the blocked are members");
            if consumer.is_full() {
                still.push(priority, key);
            } else {
                consumer.blocked = false;
                self.round.push(priority, key);
                any = true;
            }
        }
        self.blocked.insert(channel, still);
        any
    }

    /// A fading consumer that holds nothing any more waits like the others.
    fn step_down(&mut self) {
        if self.fading && self.active().is_some_and(|active| active.held == 0) {
            self.active = None;
            self.fading = false;
        }
    }

    /// Chooses the single active consumer of a quorum queue: the one of highest priority, which
    /// may also take over from one of lower priority, as soon as that one holds nothing.
    fn activate_next(&mut self) {
        let waiting = self.members.iter().filter(|(key, _)| self.active != Some(**key));
        let best = waiting
            .max_by_key(|(key, consumer)| (consumer.priority, consumer.room(), Reverse(**key)));
        let Some((best, priority)) = best.map(|(key, consumer)| (*key, consumer.priority)) else {
            return;
        };
        match self.active() {
            Some(active) if active.priority >= priority => return,
            Some(active) if active.held > 0 => {
                self.fading = true;
                return;
            }
            Some(_) | None => {}
        }
        self.active = Some(best);
        self.rejoin(priority, best);
    }
}
