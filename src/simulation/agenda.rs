//! The agenda: what is due, ordered by time and then by when it was put there.

use std::collections::VecDeque;

use crate::engine::Instant;

/// How many lanes there are.
const LANES: usize = 3;
/// How many places a run has at most.
const RUN: usize = 64;

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

    /// What places are ordered by, as one number: places are compared oftener than anything else.
    fn rank(self) -> u128 {
        u128::from(self.due.as_micros()) << 64 | u128::from(self.sequence)
    }
}

/// Items of type `T` in the order in which they fall due. Most of what is put here is due soon, so
/// the places lie in runs with the next one at the end: little is moved when they change. What is put
/// here with the same delay again and again needs no search: it queues in a lane of its own.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    /// Each place is due after all that follow it, in its run and in the runs behind; no run is
    /// empty.
    runs: Vec<Vec<Place>>,
    /// Places that are never taken off, in their order.
    lanes: [VecDeque<Place>; LANES],
    slots: Vec<Option<T>>,
    free: Vec<u32>,
    sequence: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Agenda<T> {
        let (runs, lanes) = (Vec::new(), Default::default());
        Agenda { runs, lanes, slots: Vec::new(), free: Vec::new(), sequence: 0 }
    }
}

impl<T> Agenda<T> {
    pub fn add(&mut self, due: Instant, item: T) -> Place {
        let place = self.keep(due, item);
        self.file(place);
        place
    }

    /// Adds what will not be taken off. What a lane gets should fall due in the order in which it
    /// comes.
    pub fn queue(&mut self, lane: usize, due: Instant, item: T) {
        let place = self.keep(due, item);
        let lane = &mut self.lanes[lane];
        if lane.back().is_none_or(|last| last.due <= due) {
            lane.push_back(place);
        } else {
            self.file(place);
        }
    }

    fn file(&mut self, place: Place) {
        let (number, index) = self.seek(place);
        if self.runs.is_empty() {
            self.runs.push(Vec::with_capacity(RUN));
        }
        let run = &mut self.runs[number];
        run.insert(index, place);
        if run.len() == RUN {
            let mut sooner = Vec::with_capacity(RUN);
            sooner.extend(run.drain(RUN / 2..));
            self.runs.insert(number + 1, sooner);
        }
    }

    fn keep(&mut self, due: Instant, item: T) -> Place {
        self.sequence += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        });
        self.slots[slot as usize] = Some(item);
        Place { due, sequence: self.sequence, slot }
    }

    /// The run in which a place is or would be, and the index there.
    fn seek(&self, place: Place) -> (usize, usize) {
        let rank = place.rank();
        let number = self.runs.partition_point(|run| run[0].rank() >= rank).saturating_sub(1);
        let run = self.runs.get(number).map_or(&[][..], |run| run);
        (number, run.partition_point(|other| other.rank() > rank))
    }

    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub fn remove(&mut self, place: Place) {
        let (number, index) = self.seek(place);
        if let Some(run) = self.runs.get_mut(number)
            && run.get(index) == Some(&place)
        {
            run.remove(index);
            if run.is_empty() {
                self.runs.remove(number);
            }
            self.take(place);
        }
    }

    fn take(&mut self, place: Place) -> Option<T> {
        self.free.push(place.slot);
        self.slots[place.slot as usize].take()
    }

    /// The next place, and its lane if it is in one.
    fn next(&self) -> Option<(Place, Option<usize>)> {
        let mut next = self.runs.last().and_then(|run| run.last()).map(|place| (*place, None));
        for (number, lane) in self.lanes.iter().enumerate() {
            if let Some(first) = lane.front()
                && next.is_none_or(|(place, _)| first.rank() < place.rank())
            {
                next = Some((*first, Some(number)));
            }
        }
        next
    }

    /// When the next item falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.next().map(|(place, _)| place.due)
    }

    /// Takes the next item if it is due by `limit`.
    pub fn pop_until(&mut self, limit: Instant) -> Option<(Instant, T)> {
        let (place, lane) = self.next().filter(|(place, _)| place.due <= limit)?;
        match lane {
            Some(lane) => {
                self.lanes[lane].pop_front();
            }
            None => {
                let run = self.runs.last_mut()?;
                run.pop();
                if run.is_empty() {
                    self.runs.pop();
                }
            }
        }
        self.take(place).map(|item| (place.due, item))
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
        assert!(agenda.slots.len() < 10);
        assert_eq!(agenda.pop_until(Instant::from_secs(9)), Some((Instant::from_secs(1), 0)));
        assert_eq!((agenda.len(), agenda.next_due()), (0, None));
    }

    #[test]
    fn many_items_leave_in_order() {
        let mut agenda = Agenda::default();
        let due = |number: u64| number * 7_919 % 1_000;
        let places: Vec<Place> =
            (0..5_000).map(|it| agenda.add(Instant::from_micros(due(it)), it)).collect();
        (5_000..6_000).for_each(|it| agenda.queue(1, Instant::from_micros(due(it)), it));
        places.iter().step_by(3).for_each(|place| agenda.remove(*place));
        let mut left: Vec<u64> = (0..6_000).filter(|it| it % 3 > 0 || *it >= 5_000).collect();
        assert_eq!(agenda.len(), left.len());
        left.sort_by_key(|it| due(*it));
        let next = || agenda.pop_until(Instant::from_secs(1)).map(|(_, item)| item);
        assert_eq!(std::iter::from_fn(next).collect::<Vec<_>>(), left);
    }
}
