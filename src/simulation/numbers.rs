//! A number for each order, in shared blocks: cloning it for a checkpoint copies no block.

use std::rc::Rc;

const BLOCK: usize = 1_024;

/// What is not set is 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    blocks: Vec<Rc<Vec<u64>>>,
}

impl Numbers {
    pub fn get(&self, order: u32) -> u64 {
        let (block, place) = place_of(order);
        self.blocks.get(block).map_or(0, |block| block[place])
    }

    pub fn set(&mut self, order: u32, number: u64) {
        let (block, place) = place_of(order);
        while self.blocks.len() <= block {
            self.blocks.push(Rc::new(vec![0; BLOCK]));
        }
        Rc::make_mut(&mut self.blocks[block])[place] = number;
    }
}

fn place_of(order: u32) -> (usize, usize) {
    (order as usize / BLOCK, order as usize % BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_its_numbers() {
        let mut numbers = Numbers::default();
        numbers.set(5_000, 7);
        let copy = numbers.clone();
        numbers.set(5_000, 8);
        let seen = [copy.get(5_000), numbers.get(5_000), numbers.get(1), numbers.get(90_000)];
        assert_eq!(seen, [7, 8, 0, 0]);
    }
}
