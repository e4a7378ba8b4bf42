//! Chance that follows from a seed and from nothing else.

use std::cell::Cell;

/// A stream of numbers (splitmix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub struct Chance(Cell<u64>);

impl Chance {
    /// The numbers that follow from a seed.
    pub fn new(seed: u64) -> Chance {
        Chance(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap_or(0).checked_rem(end).unwrap_or(0)
    }

    /// True once in `times`.
    pub fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of them, or none of none.
    pub fn one_of<'t, T>(&self, from: &'t [T]) -> Option<&'t T> {
        from.get(self.below(from.len()))
    }
}
