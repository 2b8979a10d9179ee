//! Seeded streams of random numbers, one for each purpose, so that a change in how often one
//! thing draws does not shift the draws of another.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, 2014): 64 bits of state, integers only.

/// The natural logarithm of 1 + i/32, in units of 2⁻¹⁶.
const LOG: [u64; 33] = [
    0, 2_017, 3_973, 5_873, 7_719, 9_515, 11_262, 12_965, 14_624, 16_242, 17_821, 19_364, 20_870,
    22_343, 23_783, 25_193, 26_573, 27_924, 29_248, 30_546, 31_818, 33_067, 34_292, 35_494, 36_675,
    37_835, 38_975, 40_095, 41_196, 42_280, 43_345, 44_394, 45_426,
];

/// One stream.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The stream for one purpose of one seed.
    pub fn new(seed: u64, purpose: &str) -> Stream {
        let mut stream = Stream { state: seed };
        for byte in purpose.bytes() {
            stream.state = stream.next().wrapping_add(u64::from(byte));
        }
        stream
    }

    /// The stream for one number of this purpose, whatever was drawn for others.
    pub fn of(&self, number: u64) -> Stream {
        let mut stream = Stream { state: self.state ^ number };
        stream.state = stream.next();
        stream
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which must not be 0. The bias is below 2⁻³² for bounds below 2³².
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `min` to `max`, both included.
    pub fn between(&mut self, min: u64, max: u64) -> u64 {
        min + self.below(max.saturating_sub(min) + 1)
    }

    /// A number that is exponentially distributed: the gap between two events of a Poisson process.
    ///
    /// It is −ln(u) times the mean for an even u in (0, 1]. The bits before the first one of u are
    /// as many halvings; the logarithm of the rest is looked up in a table of 32 steps.
    pub fn exponential(&mut self, mean: u64) -> u64 {
        let draw = self.next() | 1;
        let halvings = u64::from(draw.leading_zeros()) + 1;
        let rest = (draw << (halvings - 1)) << 1;
        let (step, part) = ((rest >> 59) as usize, (rest >> 43) & 0xffff);
        let log = LOG[step] + (((LOG[step + 1] - LOG[step]) * part) >> 16);
        let scaled = halvings * LOG[32] - log;
        ((u128::from(mean) * u128::from(scaled)) >> 16) as u64
    }

    /// True in `part` of `whole` draws.
    pub fn chance(&mut self, part: u32, whole: u32) -> bool {
        self.below(u64::from(whole)) < u64::from(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_differ_by_purpose() {
        assert_ne!(Stream::new(1, "work").next(), Stream::new(1, "failures").next());
        assert_eq!(Stream::new(1, "work").next(), Stream::new(1, "work").next());
    }

    #[test]
    fn exponential_draws_have_their_mean_and_their_tail() {
        let mut stream = Stream::new(7, "test");
        let draws: Vec<u64> = (0..100_000).map(|_| stream.exponential(10_000)).collect();
        let mean = draws.iter().sum::<u64>() / 100_000;
        assert!((9_900..=10_100).contains(&mean), "a mean of {mean}");
        // Of an exponential distribution, e⁻¹ lies above the mean and e⁻³ above three means.
        let above = |limit: u64| draws.iter().filter(|draw| **draw > limit).count();
        assert!((36_300..=37_300).contains(&above(10_000)), "{}", above(10_000));
        assert!((4_700..=5_260).contains(&above(30_000)), "{}", above(30_000));
    }

    #[test]
    fn draws_stay_between_their_bounds_and_reach_both() {
        let mut stream = Stream::new(7, "test");
        let draws: Vec<u64> = (0..1_000).map(|_| stream.between(3, 6)).collect();
        assert!(draws.iter().all(|draw| (3..=6).contains(draw)));
        assert!((3..=6).all(|value| draws.contains(&value)));
    }
}
