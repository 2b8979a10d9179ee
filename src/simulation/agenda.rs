//! The agenda: what is due, ordered by time and then by when it was put there.

use std::collections::BTreeMap;

use crate::engine::Instant;

/// Where an item stands on the agenda; needed to take it off again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    due: Instant,
    sequence: u64,
}

/// Items of type `T` in the order in which they fall due.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    items: BTreeMap<Place, T>,
    sequence: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Agenda<T> {
        Agenda { items: BTreeMap::new(), sequence: 0 }
    }
}

impl<T> Agenda<T> {
    pub fn add(&mut self, due: Instant, item: T) -> Place {
        self.sequence += 1;
        let place = Place { due, sequence: self.sequence };
        self.items.insert(place, item);
        place
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn remove(&mut self, place: Place) {
        self.items.remove(&place);
    }

    /// When the next item falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.items.first_key_value().map(|(place, _)| place.due)
    }

    /// Takes the next item if it is due by `limit`.
    pub fn pop_until(&mut self, limit: Instant) -> Option<(Instant, T)> {
        if self.next_due()? > limit {
            return None;
        }
        self.items.pop_first().map(|(place, item)| (place.due, item))
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
