//! Where bindings lead: queues and exchanges, and sets of them.

use std::rc::Rc;

/// The number of a queue, unique for the life of the broker.
pub(super) type QueueId = u32;

/// The number of no queue: where deliveries belong whose queue has forgotten them.
pub(super) const NO_QUEUE: QueueId = QueueId::MAX;

/// The far end of a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Destination {
    Queue(QueueId),
    Exchange(Rc<str>),
}

/// Destinations with how many bindings lead to each, in order.
///
/// Bindings that differ only in their arguments are separate bindings but give one copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Targets(Vec<(Destination, u32)>);

impl Targets {
    pub(super) fn add(&mut self, destination: &Destination) {
        match self.0.binary_search_by(|(known, _)| known.cmp(destination)) {
            Ok(place) => self.0[place].1 += 1,
            Err(place) => self.0.insert(place, (destination.clone(), 1)),
        }
    }

    pub(super) fn remove(&mut self, destination: &Destination) {
        let place = self
            .0
            .binary_search_by(|(known, _)| known.cmp(destination))
            .expect("a bound destination is among the targets");
        self.0[place].1 -= 1;
        if self.0[place].1 == 0 {
            self.0.remove(place);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Destination> {
        self.0.iter().map(|(destination, _)| destination)
    }
}
