//! The agenda: what is due, ordered by time and then by when it was put there.

use std::collections::BTreeMap;

use crate::engine::Instant;

/// Where an item stands on the agenda; needed to take it off again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    due: Instant,
    sequence: u64,
}

impl Place {
    pub fn due(self) -> Instant {
        self.due
    }
}

/// Items of type `T` in the order in which they fall due. The tree that orders them holds only the
/// numbers of the slots in which they lie, so that little is moved when it changes.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    order: BTreeMap<Place, u32>,
    slots: Vec<Option<T>>,
    free: Vec<u32>,
    sequence: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Agenda<T> {
        Agenda { order: BTreeMap::new(), slots: Vec::new(), free: Vec::new(), sequence: 0 }
    }
}

impl<T> Agenda<T> {
    pub fn add(&mut self, due: Instant, item: T) -> Place {
        self.sequence += 1;
        let place = Place { due, sequence: self.sequence };
        let slot = self.keep(item);
        self.order.insert(place, slot);
        place
    }

    fn keep(&mut self, item: T) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(item);
                slot
            }
            None => {
                self.slots.push(Some(item));
                self.slots.len() as u32 - 1
            }
        }
    }

    fn take(&mut self, slot: u32) -> Option<T> {
        self.free.push(slot);
        self.slots[slot as usize].take()
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn remove(&mut self, place: Place) {
        if let Some(slot) = self.order.remove(&place) {
            self.take(slot);
        }
    }

    /// When the next item falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.order.first_key_value().map(|(place, _)| place.due)
    }

    /// Takes the next item if it is due by `limit`.
    pub fn pop_until(&mut self, limit: Instant) -> Option<(Instant, T)> {
        let next = self.order.first_entry()?;
        if next.key().due > limit {
            return None;
        }
        let (place, slot) = next.remove_entry();
        self.take(slot).map(|item| (place.due, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_due_together_leave_in_the_order_they_came() {
        let mut agenda = Agenda::default();
        agenda.add(Instant::from_millis(2), "late");
        agenda.add(Instant::from_millis(1), "first");
        let gone = agenda.add(Instant::from_millis(1), "gone");
        agenda.add(Instant::from_millis(1), "second");
        agenda.remove(gone);
        let mut order = Vec::new();
        while let Some((_, item)) = agenda.pop_until(Instant::from_millis(1)) {
            order.push(item);
        }
        assert_eq!(order, ["first", "second"]);
        assert_eq!(agenda.next_due(), Some(Instant::from_millis(2)));
    }
}
