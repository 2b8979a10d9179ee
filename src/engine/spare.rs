//! Lists that are used again and again.

/// A list that is empty between two uses, kept for its room. A copy begins without any.
#[derive(Debug)]
pub struct Spare<T>(Vec<T>);

impl<T> Default for Spare<T> {
    fn default() -> Spare<T> {
        Spare(Vec::new())
    }
}

impl<T> Clone for Spare<T> {
    fn clone(&self) -> Spare<T> {
        Spare::default()
    }
}

impl<T> Spare<T> {
    /// An empty list, with room unless it is in use.
    pub fn take(&mut self) -> Vec<T> {
        std::mem::take(&mut self.0)
    }

    pub fn put_back(&mut self, list: Vec<T>) {
        debug_assert!(list.is_empty());
        self.0 = list;
    }
}
