//! What the store said, remembered, and forgotten for good when the store no longer says so.
//!
//! Somebody may be reading the old answer while it is dropped. So whoever fills in says since when they were reading:
//! what was dropped since is not remembered.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;

pub struct Remembered<K, V> {
    known: Cache<K, V>,
    drops: AtomicU64,
}

/// From when an answer of the store is.
#[derive(Clone, Copy)]
pub struct Since(u64);

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Remembered<K, V> {
    pub fn new(max: u64) -> Self {
        Self { known: Cache::new(max), drops: AtomicU64::new(0) }
    }

    pub fn get(&self, key: &K) -> Option<V> {
        self.known.get(key)
    }

    /// To be taken before the store is asked.
    pub fn since(&self) -> Since {
        Since(self.drops.load(Ordering::SeqCst))
    }

    pub fn fill(&self, key: K, value: V, since: Since)
    where
        K: Copy,
    {
        self.known.insert(key, value);
        // In this order: a drop either is seen here, or comes after the insertion and removes it.
        if self.drops.load(Ordering::SeqCst) != since.0 {
            self.known.invalidate(&key);
        }
    }

    /// To be called after the store has changed.
    pub fn drop(&self, key: &K) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate(key);
    }

    pub fn drop_all(&self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::Remembered;

    #[test]
    fn what_was_dropped_while_it_was_read_is_not_remembered() {
        let remembered = Remembered::new(10);
        let since = remembered.since();
        remembered.drop(&1);
        remembered.fill(1, "old", since);
        assert_eq!(remembered.get(&1), None);
        remembered.fill(1, "new", remembered.since());
        assert_eq!(remembered.get(&1), Some("new"));
        remembered.drop_all();
        assert_eq!(remembered.get(&1), None);
    }
}
