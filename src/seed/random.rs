//! Chance that repeats: the same seed gives the same rows on every machine.

use openssl::sha::Sha256;
use uuid::{Builder, Uuid};

/// A stream of numbers (the generator `SplitMix64` by its published constants). Good enough to look natural; never for secrets.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of one topic: what another topic draws does not shift it.
    pub(super) fn of(seed: u64, topic: &str) -> Self {
        let bytes = id(seed, topic, 0).into_bytes();
        let start = bytes
            .iter()
            .take(8)
            .fold(0, |sum, &byte| (sum << 8) | u64::from(byte));
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but without `limit`; 0 when there is nothing to choose from.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of the list; nothing of an empty one.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.below(list.len())).copied()
    }

    /// A word of a list that is never empty.
    pub(super) fn word(&mut self, list: &[&'static str]) -> &'static str {
        self.pick(list).unwrap_or_default()
    }
}

/// The id of the `index`-th row of a topic: a UUID of version 8, made of a digest.
pub(super) fn id(seed: u64, topic: &str, index: usize) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(b"portico demo data 1\0");
    hash.update(&seed.to_be_bytes());
    hash.update(&(index as u64).to_be_bytes());
    hash.update(topic.as_bytes());
    let mut bytes = [0; 16];
    for (byte, digest) in bytes.iter_mut().zip(hash.finish()) {
        *byte = digest;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The number for people of the `index`-th row, `OPP-2026-7F3K9Q`: looks random, and no two rows share one.
pub(super) fn number(prefix: &str, year: i32, (seed, index): (u64, usize)) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    // An odd factor permutes the thirty bits of six digits, so that different rows stay different.
    let shuffled = (index as u64)
        .wrapping_mul(0x2545_F491)
        .wrapping_add(seed.wrapping_mul(0x9E37_79B9));
    let suffix: String = (0..6)
        .filter_map(|digit| {
            let place = usize::try_from((shuffled >> (digit * 5)) & 31).ok()?;
            ALPHABET.get(place).map(|&byte| char::from(byte))
        })
        .collect();
    format!("{prefix}-{year}-{suffix}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_of_different_rows_differ() {
        let numbers: HashSet<String> = (0..100_000)
            .map(|index| number("OPP", 2026, (7, index)))
            .collect();
        assert_eq!(numbers.len(), 100_000);
    }

    #[test]
    fn the_same_seed_repeats_itself_and_another_does_not() {
        let draw = |seed| {
            let mut random = Random::of(seed, "topic");
            [random.below(1_000_000), random.below(1_000_000)]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(id(1, "a", 2), id(1, "a", 2));
        assert_ne!(id(1, "a", 2), id(1, "b", 2));
    }
}
