//! A small ordered set: a sorted list, for the same reason as maps are `LiteMap`s.

use std::borrow::Borrow;

use litemap::LiteMap;

/// Values in their order, each once. Made for dozens of them, right for any number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T>(LiteMap<T, ()>);

impl<T> Default for Set<T> {
    fn default() -> Set<T> {
        Set(LiteMap::new_vec())
    }
}

impl<T: Ord> Set<T> {
    pub fn new() -> Set<T> {
        Set::default()
    }

    /// True if the value was not there yet.
    pub fn insert(&mut self, value: T) -> bool {
        self.0.insert(value, ()).is_none()
    }

    /// True if the value was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(value).is_some()
    }

    pub fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains_key(value)
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|value, ()| keep(value));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T> Set<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.keys()
    }

    pub fn first(&self) -> Option<&T> {
        self.0.first().map(|(value, ())| value)
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Set<T> {
        let mut set = Set::new();
        set.extend(values);
        set
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_tuple_vec().into_iter().map(|(value, ())| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_there_once_and_in_order() {
        let mut set: Set<u32> = [3, 1, 3, 2].into_iter().collect();
        assert!(!set.insert(1) && set.insert(5) && set.remove(&2) && !set.remove(&2));
        assert_eq!(set.iter().copied().collect::<Vec<u32>>(), [1, 3, 5]);
        assert_eq!((set.first(), set.len(), set.contains(&5)), (Some(&1), 3, true));
        assert_eq!(set.into_iter().rev().collect::<Vec<u32>>(), [5, 3, 1]);
    }
}
