//! Maps by id, for what is looked up many times in every decision.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Looked up by id, in no order. Who stands where is in ordered sets, and what is decided never depends on the order here.
pub type ById<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// Ids are random or come from a keyed hash, so that nobody chooses where they fall: spreading their bits is enough.
#[derive(Default)]
pub struct Spread(u64);

impl Spread {
    fn take(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.take(u64::from_le_bytes(word));
        }
    }

    /// The length of an id says nothing.
    fn write_usize(&mut self, _: usize) {}

    fn write_isize(&mut self, number: isize) {
        self.take(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
