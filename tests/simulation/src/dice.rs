//! Numbers that follow from a seed (`SplitMix64`).

/// A source of chance that can be replayed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Chance that follows from this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ 0x5e5e_5e5e)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `limit`; 0 when there is none.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % (limit.max(1) as u64)).unwrap()
    }

    /// A number from `least` to `most`, both included.
    pub fn within(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.bits() % u64::try_from(most - least + 1).unwrap()).unwrap()
    }

    /// Whether something happens that does so `per_mille` times in a thousand.
    pub fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.bits() % 1000 < u64::from(per_mille)
    }

    /// One of some.
    pub fn one_of<'s, T>(&mut self, some: &'s [T]) -> Option<&'s T> {
        let place = self.below(some.len());
        some.get(place)
    }
}
