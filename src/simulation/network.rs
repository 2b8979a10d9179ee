//! The network: links between the parts of the system, and what goes wrong on them.
//!
//! A link is there once somebody did something to it; all others carry everything. What a link
//! loses, doubles or delays are whole messages, not packets. Messages of one connection to a broker
//! stay in order, as TCP keeps them; HTTP calls may overtake each other.

use std::time::Duration;

use litemap::LiteMap;

use crate::engine::Instant;
use crate::json::document;

use super::parcel::Endpoint;
use super::random::Stream;

/// A message that is overtaken takes so many times as long as the others.
const OVERTAKEN: u32 = 10;

document! {
    /// What goes wrong on a link while it is not cut; all zero is nothing.
    pub struct LinkFault: Copy, Default, Eq, Hash {
        /// Of 1 000 messages, how many are lost.
        pub loss_per_mille: u32 = 0,
        /// Of 1 000 calls, writes and publishes, how many arrive twice.
        pub duplicate_per_mille: u32 = 0,
        /// Of 1 000 messages, how many take ten times as long, so that others overtake them.
        pub reorder_per_mille: u32 = 0,
        /// How much longer each message takes.
        pub delay_ms: u64 = 0,
    }
}

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Buyer,
    /// The Kafka cluster, or one broker of it.
    Kafka(Option<u32>),
    RabbitMq,
    /// A service, or one instance of it.
    Service(u16, Option<u16>),
}

impl Node {
    /// True if a message to or from this end passes the node. `broker` is the Kafka broker that it
    /// is for, where it matters.
    pub fn covers(self, end: Endpoint, broker: Option<u32>) -> bool {
        match (self, end) {
            (Node::Buyer, Endpoint::Buyer) | (Node::RabbitMq, Endpoint::RabbitMq) => true,
            (Node::Kafka(one), Endpoint::Kafka) => one.is_none() || one == broker,
            (Node::Service(index, one), Endpoint::Service { service, instance }) => {
                index == service && one.is_none_or(|one| one == instance)
            }
            _ => false,
        }
    }
}

/// One direction of a link.
#[derive(Clone, Debug)]
struct Link {
    from: Node,
    to: Node,
    cut_since: Option<Instant>,
    fault: LinkFault,
    draws: Stream,
    /// When the latest message of each connection arrives.
    latest: LiteMap<(Endpoint, Endpoint), Instant>,
}

/// What becomes of a message on its way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passage {
    pub lost: bool,
    pub doubled: bool,
    pub due: Instant,
}

/// All links that somebody did something to.
#[derive(Clone, Debug)]
pub(super) struct Network {
    seed: u64,
    links: Vec<Link>,
}

impl Network {
    pub fn new(seed: u64) -> Network {
        Network { seed, links: Vec::new() }
    }

    /// True while nobody has done anything to any link.
    pub fn is_untouched(&self) -> bool {
        self.links.is_empty()
    }

    /// Directions in which nothing gets through.
    pub fn cuts(&self) -> u64 {
        self.links.iter().filter(|link| link.cut_since.is_some()).count() as u64
    }

    /// The link from one end to the other; `name` is that of its random stream.
    fn link(&mut self, from: Node, to: Node, name: &str) -> &mut Link {
        let known = self.links.iter().position(|link| (link.from, link.to) == (from, to));
        let index = known.unwrap_or_else(|| {
            let (fault, latest) = (LinkFault::default(), LiteMap::new());
            let draws = Stream::new(self.seed, name);
            self.links.push(Link { from, to, cut_since: None, fault, draws, latest });
            self.links.len() - 1
        });
        &mut self.links[index]
    }

    pub fn cut(&mut self, now: Instant, from: Node, to: Node, name: &str) {
        self.link(from, to, name).cut_since.get_or_insert(now);
    }

    pub fn set_fault(&mut self, from: Node, to: Node, name: &str, fault: LinkFault) {
        self.link(from, to, name).fault = fault;
    }

    /// The link carries everything again. Its connections go on in order.
    pub fn heal(&mut self, from: Node, to: Node) {
        for link in &mut self.links {
            if (link.from, link.to) == (from, to) {
                (link.cut_since, link.fault) = (None, LinkFault::default());
            }
        }
    }

    /// Whether anything is wrong between two ends, in this direction.
    pub fn is_broken(&self, from: Node, to: Node) -> bool {
        let healthy = |link: &Link| link.cut_since.is_none() && link.fault == LinkFault::default();
        self.links.iter().any(|link| (link.from, link.to) == (from, to) && !healthy(link))
    }

    /// Since when nothing gets from one end to the other, if nothing does.
    pub fn cut_since(&self, from: Endpoint, to: Endpoint, broker: Option<u32>) -> Option<Instant> {
        let passed = self.links.iter().filter(|link| link.carries(from, to, broker));
        passed.filter_map(|link| link.cut_since).min()
    }

    /// Sends a message over the links between two ends. `in_order` keeps it behind what was sent
    /// before it.
    pub fn passage(
        &mut self,
        (from, to, broker): (Endpoint, Endpoint, Option<u32>),
        (now, latency): (Instant, Duration),
        in_order: bool,
    ) -> Passage {
        let mut passage = Passage { due: now + latency, ..Passage::default() };
        for link in self.links.iter_mut().filter(|link| link.carries(from, to, broker)) {
            link.pass(&mut passage, latency);
            if in_order {
                let latest = link.latest.entry((from, to)).or_insert(passage.due);
                *latest = passage.due.max(*latest);
                passage.due = *latest;
            }
        }
        passage
    }

    /// How much longer a follower's fetch from its leader takes, or `None` while either direction
    /// is cut.
    pub fn replication_delay(&self, leader: u32, follower: u32) -> Option<Duration> {
        let mut delay = Duration::ZERO;
        for (from, to) in [(leader, follower), (follower, leader)] {
            for link in &self.links {
                if link.joins_brokers(from, to) {
                    if link.cut_since.is_some() {
                        return None;
                    }
                    delay += Duration::from_millis(link.fault.delay_ms);
                }
            }
        }
        Some(delay)
    }
}

impl Link {
    fn carries(&self, from: Endpoint, to: Endpoint, broker: Option<u32>) -> bool {
        self.from.covers(from, broker) && self.to.covers(to, broker)
    }

    fn joins_brokers(&self, from: u32, to: u32) -> bool {
        let is = |node: Node, broker| node == Node::Kafka(Some(broker));
        is(self.from, from) && is(self.to, to)
    }

    fn pass(&mut self, passage: &mut Passage, latency: Duration) {
        let fault = self.fault;
        let mut happens = |per_mille: u32| per_mille > 0 && self.draws.chance(per_mille, 1_000);
        passage.lost |= happens(fault.loss_per_mille);
        passage.doubled |= happens(fault.duplicate_per_mille);
        let delay = Duration::from_millis(fault.delay_ms);
        passage.due += delay;
        if happens(fault.reorder_per_mille) {
            passage.due += (latency + delay) * (OVERTAKEN - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: Endpoint = Endpoint::Service { service: 4, instance: 1 };

    fn passages(fault: LinkFault, in_order: bool) -> Vec<Passage> {
        let mut network = Network::new(1);
        let (from, to) = (Node::Buyer, Node::Service(4, None));
        network.set_fault(from, to, "test", fault);
        let at = |n: u64| (Instant::from_millis(n), Duration::from_millis(1));
        (0..1_000)
            .map(|n| network.passage((Endpoint::Buyer, EMAIL, None), at(n), in_order))
            .collect()
    }

    #[test]
    fn a_fault_hits_as_many_messages_as_it_says() {
        let fault =
            LinkFault { loss_per_mille: 100, duplicate_per_mille: 300, ..LinkFault::default() };
        let passages = passages(fault, false);
        let lost = passages.iter().filter(|one| one.lost).count();
        let doubled = passages.iter().filter(|one| one.doubled).count();
        assert!((70..130).contains(&lost), "{lost} of 100 are lost");
        assert!((250..350).contains(&doubled), "{doubled} of 300 are doubled");
        assert!(passages.windows(2).all(|pair| pair[0].due < pair[1].due));
    }

    #[test]
    fn messages_overtake_each_other_only_between_connections() {
        let fault = LinkFault { reorder_per_mille: 200, ..LinkFault::default() };
        let sorted = |passages: &[Passage]| passages.is_sorted_by_key(|one| one.due);
        assert!(!sorted(&passages(fault, false)));
        assert!(sorted(&passages(fault, true)));
    }

    #[test]
    fn a_cut_is_in_one_direction_and_for_the_ends_it_names() {
        let mut network = Network::new(1);
        let (email, broker) = (Node::Service(4, Some(1)), Node::Kafka(Some(2)));
        network.cut(Instant::from_secs(1), email, broker, "test");
        let since = |from, to, broker| network.cut_since(from, to, broker);
        assert_eq!(since(EMAIL, Endpoint::Kafka, Some(2)), Some(Instant::from_secs(1)));
        assert_eq!(since(EMAIL, Endpoint::Kafka, Some(1)), None);
        assert_eq!(since(Endpoint::Kafka, EMAIL, Some(2)), None);
    }
}
