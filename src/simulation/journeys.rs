//! An index of the trace by order: from each entry to the one before it about the same order.
//!
//! It costs two numbers an entry while the world runs, and makes the journey of an order a walk
//! along its own entries, however many orders there are.

use std::collections::VecDeque;
use std::rc::Rc;

const BLOCK: usize = 1_024;

/// Entries are numbered from 0 in the order in which they were noted.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    /// By order: its last entry, counted from 1; 0 is none.
    last: Vec<Rc<Vec<u64>>>,
    /// By entry: how far back the one before is; 0 is none.
    back: VecDeque<Rc<[u32]>>,
    /// The same for the entries behind the last whole block.
    newest: Vec<u32>,
    forgotten: u64,
    entries: u64,
}

impl Journeys {
    /// Takes the next entry, about an order or about none.
    pub fn push(&mut self, order: Option<u32>) {
        let number = self.entries;
        self.entries += 1;
        let back = order.map_or(0, |order| {
            let before = std::mem::replace(self.last_of(order), number + 1);
            number + 1 - if before == 0 { number + 1 } else { before }
        });
        self.newest.push(u32::try_from(back).unwrap_or(0));
        if self.newest.len() == BLOCK {
            self.back.push_back(self.newest.as_slice().into());
            self.newest.clear();
        }
    }

    /// Lets go of what was noted before the entry with this number.
    pub fn forget_before(&mut self, number: u64) {
        while self.forgotten + BLOCK as u64 <= number {
            self.back.pop_front();
            self.forgotten += BLOCK as u64;
        }
    }

    /// The numbers of an order's entries, the newest first, as far back as they are kept.
    pub fn of(&self, order: u32) -> impl Iterator<Item = u64> {
        let block = self.last.get(order as usize / BLOCK);
        let last = block.and_then(|block| block.get(order as usize % BLOCK)).copied();
        let last = last.and_then(|last| last.checked_sub(1));
        std::iter::successors(last, |number| self.before(*number))
    }

    fn before(&self, number: u64) -> Option<u64> {
        let index = number.checked_sub(self.forgotten)? as usize;
        let block = self.back.get(index / BLOCK).map_or(&*self.newest, |block| block);
        let back = *block.get(index % BLOCK)?;
        if back == 0 { None } else { number.checked_sub(u64::from(back)) }
    }

    fn last_of(&mut self, order: u32) -> &mut u64 {
        let (block, index) = (order as usize / BLOCK, order as usize % BLOCK);
        while self.last.len() <= block {
            self.last.push(Rc::new(vec![0; BLOCK]));
        }
        &mut Rc::make_mut(&mut self.last[block])[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_finds_its_own_entries_only() {
        let mut journeys = Journeys::default();
        let orders = [Some(7), None, Some(9), Some(7), Some(5_000), Some(7)];
        orders.into_iter().for_each(|order| journeys.push(order));
        assert_eq!(journeys.of(7).collect::<Vec<_>>(), [5, 3, 0]);
        assert_eq!(journeys.of(5_000).collect::<Vec<_>>(), [4]);
        assert_eq!(journeys.of(8).count() + journeys.of(90_000).count(), 0);
    }

    #[test]
    fn what_is_forgotten_ends_the_walk() {
        let mut journeys = Journeys::default();
        for number in 0..5_000_u32 {
            journeys.push(number.is_multiple_of(1_000).then_some(1));
        }
        journeys.forget_before(2_100);
        assert_eq!(journeys.of(1).collect::<Vec<_>>(), [4_000, 3_000, 2_000]);
    }
}
