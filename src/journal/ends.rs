//! Where the streams end that this lane wrote lately: an append that goes on exactly there needs no look at the log.
//!
//! Nobody else writes while the fence is ours, so what was committed last is the end. After an outcome that is unknown
//! nothing is known any more.

use std::collections::HashMap;

use gatehouse_domain::StreamId;

/// Streams remembered; beyond that all are forgotten, and those that are still written are soon known again.
const ENDS_MAX: usize = 65_536;

#[derive(Default)]
pub struct Ends {
    sequences: HashMap<StreamId, u64>,
}

impl Ends {
    /// Whether the stream is known to end with this sequence.
    pub fn are(&self, stream: StreamId, sequence: u64) -> bool {
        self.sequences.get(&stream) == Some(&sequence)
    }

    pub fn remember(&mut self, stream: StreamId, sequence: u64) {
        if self.sequences.len() >= ENDS_MAX {
            self.forget();
        }
        self.sequences.insert(stream, sequence);
    }

    pub fn forget(&mut self) {
        self.sequences.clear();
    }
}
