//! The agenda: what is due, ordered by time and then by when it was put there.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::engine::Instant;

/// Where an item stands on the agenda; needed to take it off again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    due: Instant,
    sequence: u64,
    slot: u32,
}

impl Place {
    pub fn due(self) -> Instant {
        self.due
    }

    /// Its place in the order, as one number: the heap compares it at every step.
    fn rank(self) -> u128 {
        u128::from(self.due.as_micros()) << 64 | u128::from(self.sequence)
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Place) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Place) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Items of type `T` in the order in which they fall due. The heap that orders them holds only
/// places, so that little is moved when it changes. A place whose item was taken off stays in the
/// heap until it comes to the top, or until such places are more than the others.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    order: BinaryHeap<Reverse<Place>>,
    /// By slot: the sequence of its place, and the item unless it was taken off.
    slots: Vec<(u64, Option<T>)>,
    free: Vec<u32>,
    sequence: u64,
    /// Places in the heap without an item.
    empty: usize,
}

impl<T> Default for Agenda<T> {
    fn default() -> Agenda<T> {
        let (slots, free) = (Vec::new(), Vec::new());
        Agenda { order: BinaryHeap::new(), slots, free, sequence: 0, empty: 0 }
    }
}

impl<T> Agenda<T> {
    pub fn add(&mut self, due: Instant, item: T) -> Place {
        self.sequence += 1;
        let (sequence, slot) = (self.sequence, self.keep(item));
        let place = Place { due, sequence, slot };
        self.order.push(Reverse(place));
        place
    }

    fn keep(&mut self, item: T) -> u32 {
        let kept = (self.sequence, Some(item));
        match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = kept;
                slot
            }
            None => {
                self.slots.push(kept);
                self.slots.len() as u32 - 1
            }
        }
    }

    pub fn len(&self) -> usize {
        self.order.len() - self.empty
    }

    pub fn remove(&mut self, place: Place) {
        let (sequence, item) = &mut self.slots[place.slot as usize];
        if *sequence != place.sequence || item.take().is_none() {
            return;
        }
        self.empty += 1;
        if self.empty > self.order.len() / 2 {
            self.sweep();
        }
        self.clear_top();
    }

    /// Lets go of all places without an item.
    fn sweep(&mut self) {
        let (slots, free) = (&self.slots, &mut self.free);
        self.order.retain(|Reverse(place)| {
            let taken = slots[place.slot as usize].1.is_some();
            if !taken {
                free.push(place.slot);
            }
            taken
        });
        self.empty = 0;
    }

    /// Sees to it that the first place has an item.
    fn clear_top(&mut self) {
        while let Some(Reverse(place)) = self.order.peek().copied()
            && self.slots[place.slot as usize].1.is_none()
        {
            self.order.pop();
            self.free.push(place.slot);
            self.empty -= 1;
        }
    }

    /// When the next item falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.order.peek().map(|Reverse(place)| place.due)
    }

    /// Takes the next item if it is due by `limit`.
    pub fn pop_until(&mut self, limit: Instant) -> Option<(Instant, T)> {
        let Reverse(place) = *self.order.peek().filter(|Reverse(next)| next.due <= limit)?;
        self.order.pop();
        self.free.push(place.slot);
        let item = self.slots[place.slot as usize].1.take();
        self.clear_top();
        item.map(|item| (place.due, item))
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

    #[test]
    fn what_is_taken_off_again_and_again_takes_no_room() {
        let mut agenda = Agenda::default();
        agenda.add(Instant::from_secs(1), 0);
        for number in 1..10_000 {
            let place = agenda.add(Instant::from_secs(number), number);
            agenda.remove(place);
            agenda.remove(place);
        }
        assert_eq!((agenda.len(), agenda.next_due()), (1, Some(Instant::from_secs(1))));
        assert!(agenda.order.len() < 10 && agenda.slots.len() < 10);
        assert_eq!(agenda.pop_until(Instant::from_secs(9)), Some((Instant::from_secs(1), 0)));
        assert_eq!((agenda.len(), agenda.next_due()), (0, None));
    }
}
