//! A long ordered list whose copies share what has not changed since.
//!
//! A checkpoint of the broker copies every queue, and a queue may hold a million messages. The
//! list is kept in chunks behind `Rc`, so that a copy costs a pointer for each chunk, and a change
//! after that costs one chunk. Items lie in order of their numbers wherever they are looked for by
//! number; at either end a list takes and gives in constant time.

use std::collections::VecDeque;
use std::rc::Rc;

/// An item with a number to find it by.
pub(super) trait Numbered: Clone {
    fn number(&self) -> u64;
}

#[derive(Clone, Debug)]
pub(super) struct Chunks<T> {
    /// None is empty, but for a single one that is kept to be filled again.
    chunks: VecDeque<Rc<VecDeque<T>>>,
    len: usize,
}

/// How many items a chunk takes at its ends. Items put in between may make it twice as long.
const CHUNK: usize = 256;

impl<T> Default for Chunks<T> {
    fn default() -> Chunks<T> {
        Chunks { chunks: VecDeque::new(), len: 0 }
    }
}

impl<T> Chunks<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.chunks.front()?.front()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

impl<T: Numbered> Chunks<T> {
    pub(super) fn push_back(&mut self, item: T) {
        self.len += 1;
        match self.chunks.back_mut() {
            Some(last) if last.len() < CHUNK => Rc::make_mut(last).push_back(item),
            Some(_) | None => self.chunks.push_back(Rc::new(VecDeque::from([item]))),
        }
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        self.front()?;
        Some(self.take(0, 0))
    }

    /// Puts an item into its place by number, which most often is the end.
    pub(super) fn insert(&mut self, item: T) {
        if self.chunks.back().is_none_or(|last| is_before(last, item.number())) {
            return self.push_back(item);
        }
        let (at, within) = self.place(item.number());
        let chunk = &mut self.chunks[at];
        self.len += 1;
        if at == 0 && within == 0 && chunk.len() >= CHUNK {
            return self.chunks.push_front(Rc::new(VecDeque::from([item])));
        }
        let chunk = Rc::make_mut(chunk);
        chunk.insert(within, item);
        if chunk.len() > 2 * CHUNK {
            let behind = chunk.split_off(CHUNK);
            self.chunks.insert(at + 1, Rc::new(behind));
        }
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let (at, within) = self.place(number);
        self.is_at(number, at, within)
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<T> {
        let (at, within) = self.place(number);
        self.is_at(number, at, within).then(|| self.take(at, within))
    }

    fn is_at(&self, number: u64, at: usize, within: usize) -> bool {
        let found = self.chunks.get(at).and_then(|chunk| chunk.get(within));
        found.is_some_and(|item| item.number() == number)
    }

    /// The chunk and the place in it where the number is, or would be. Most often it is the first.
    fn place(&self, number: u64) -> (usize, usize) {
        if self.front().is_some_and(|first| first.number() == number) {
            return (0, 0);
        }
        let at = self.chunks.partition_point(|chunk| is_before(chunk, number));
        let within = self.chunks.get(at);
        (at, within.map_or(0, |chunk| chunk.partition_point(|item| item.number() < number)))
    }

    fn take(&mut self, at: usize, within: usize) -> T {
        self.len -= 1;
        let chunk = Rc::make_mut(&mut self.chunks[at]);
        let item = chunk.remove(within).expect("the place was looked up");
        if chunk.is_empty() && self.chunks.len() > 1 {
            self.chunks.remove(at);
        }
        item
    }
}

/// Whether all of a chunk comes before the number.
fn is_before<T: Numbered>(chunk: &VecDeque<T>, number: u64) -> bool {
    chunk.back().is_some_and(|last| last.number() < number)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Numbered for u64 {
        fn number(&self) -> u64 {
            *self
        }
    }

    fn filled(numbers: impl Iterator<Item = u64>) -> Chunks<u64> {
        let mut chunks = Chunks::default();
        numbers.for_each(|number| chunks.insert(number));
        chunks
    }

    impl<T> Chunks<T> {
        /// How many chunks it has in common with another list, and how many it has.
        pub(in crate::engine::rabbitmq) fn shared(&self, other: &Chunks<T>) -> (usize, usize) {
            let is_there =
                |chunk: &&Rc<VecDeque<T>>| other.chunks.iter().any(|it| Rc::ptr_eq(it, chunk));
            (self.chunks.iter().filter(is_there).count(), self.chunks.len())
        }
    }

    #[test]
    fn items_lie_in_order_wherever_they_were_put() {
        let count = 3_001;
        // Steps of 1 000 visit each number below 3 001 once.
        let mut chunks = filled((0..count).map(|step| step * 1_000 % count));
        assert!(chunks.iter().copied().eq(0..count));
        for number in (0..count).filter(|number| number % 3 == 1) {
            assert_eq!(chunks.remove(number), Some(number));
            assert_eq!((chunks.remove(number), chunks.contains(number)), (None, false));
        }
        assert!(chunks.iter().copied().eq((0..count).filter(|number| number % 3 != 1)));
        assert_eq!(chunks.len(), chunks.iter().count());
        while let Some(first) = chunks.pop_front() {
            assert!(chunks.front().is_none_or(|next| first < *next));
        }
        assert!(chunks.is_empty());
    }

    #[test]
    fn a_copy_shares_all_chunks_and_a_change_unshares_one() {
        let original = filled(0..1_000_000);
        let mut copy = original.clone();
        let (shared, chunks) = original.shared(&copy);
        assert_eq!(shared, chunks);
        copy.push_back(1_000_000);
        copy.pop_front();
        copy.remove(500_000);
        assert!(original.shared(&copy).0 >= chunks - 3, "{:?}", original.shared(&copy));
        assert_eq!((original.len(), copy.len()), (1_000_000, 999_999));
    }

    #[test]
    fn a_list_that_is_filled_and_emptied_in_turn_keeps_its_chunk() {
        let mut chunks = filled(0..1);
        let place = Rc::as_ptr(&chunks.chunks[0]);
        for number in 1..1_000 {
            chunks.push_back(number);
            assert_eq!(chunks.pop_front(), Some(number - 1));
        }
        assert_eq!((chunks.chunks.len(), Rc::as_ptr(&chunks.chunks[0])), (1, place));
    }
}
