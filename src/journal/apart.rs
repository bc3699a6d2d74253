//! Streams set apart: each has an event that nobody can read here, as one that a newer version wrote. Nobody acts on such a
//! stream, and everybody goes on with all others, until a program starts that can read it.
//!
//! Owns: the first such event of each stream, as far as the log was read. Restart: found again.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use gatehouse_domain::StreamId;

use super::Journal;
use super::store::Unread;

/// Streams named in the log of the server, one line each; more are counted only.
const NAMED_MAX: usize = 100;

/// By stream, the first of its events that cannot be read.
#[derive(Default)]
pub struct Apart(RwLock<BTreeMap<String, Unread>>);

impl Apart {
    /// Takes note of an event that cannot be read. Pages are read in any order.
    pub fn note(&self, unread: &Unread) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = all.get_mut(&unread.stream) {
            if unread.position < first.position {
                first.clone_from(unread);
            }
            return;
        }
        all.insert(unread.stream.clone(), unread.clone());
        if all.len() <= NAMED_MAX {
            let Unread { position, stream, event, error } = unread;
            tracing::error!(stream, position, event, error, "an event cannot be read: its stream is set apart");
        }
    }
}

impl Journal {
    /// Whether a stream is set apart: nobody knows how it stands.
    pub fn is_apart(&self, stream: StreamId) -> bool {
        self.apart_because(stream).is_some()
    }

    /// Why a stream is set apart, if it is.
    pub fn apart_because(&self, stream: StreamId) -> Option<String> {
        let all = self.apart.0.read().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() { None } else { all.get(&stream.to_string()).map(|unread| unread.error.clone()) }
    }

    /// How many streams are set apart, and some of them.
    pub fn set_apart(&self, some: usize) -> (usize, Vec<Unread>) {
        let all = self.apart.0.read().unwrap_or_else(PoisonError::into_inner);
        (all.len(), all.values().take(some).cloned().collect())
    }
}
