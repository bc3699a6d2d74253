//! Which streams there are, so that nobody asks the store for what is not in it: whoever writes for the first time meets
//! an empty stream without a query.
//!
//! Owns: a fingerprint of every stream. Restart: learnt from the log again; until then everything may exist, and is read.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use gatehouse_domain::StreamId;

use super::Journal;
use super::follow::Piece;

const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Whose fingerprint is missing does not exist, once everything others wrote is learnt.
pub struct Streams {
    known: RwLock<HashSet<u64>>,
    /// Learnt from the log up to here.
    learnt: AtomicU64,
    /// What is after it, we wrote ourselves; none while others write.
    ours_after: AtomicU64,
}

impl Default for Streams {
    fn default() -> Self {
        Self { known: RwLock::default(), learnt: AtomicU64::new(0), ours_after: AtomicU64::new(u64::MAX) }
    }
}

impl Streams {
    /// The log is ours from the end of `position` on.
    pub fn ours_after(&self, position: u64) {
        self.ours_after.store(position, Ordering::SeqCst);
    }

    /// To be told before anything is written to a stream for the first time: nobody may ever hear how that went.
    pub fn begins(&self, stream: StreamId) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(fingerprint(stream));
    }

    /// Whether a stream is certain to have no events.
    pub fn is_new(&self, stream: StreamId) -> bool {
        self.learnt.load(Ordering::SeqCst) >= self.ours_after.load(Ordering::SeqCst)
            && !self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&fingerprint(stream))
    }
}

impl Journal {
    /// Learns from the log which streams there are, for as long as it runs.
    pub async fn learn_streams(self: Arc<Self>) {
        let mut follow = self.follow(0);
        loop {
            match follow.next().await {
                Ok(piece) => {
                    match piece {
                        Piece::Events(events) => {
                            let first = events.iter().filter(|one| one.sequence == 1);
                            first.for_each(|one| self.streams.begins(one.stream));
                        }
                        Piece::Unread(unread) => {
                            unread.stream_id().into_iter().for_each(|stream| self.streams.begins(stream));
                        }
                    }
                    self.streams.learnt.store(follow.position(), Ordering::SeqCst);
                }
                Err(error) => {
                    tracing::error!(follower = "streams", %error, "the log cannot be read");
                    tokio::time::sleep(READ_AGAIN_AFTER).await;
                }
            }
        }
    }
}

/// Two streams may share one: then both are read.
fn fingerprint(stream: StreamId) -> u64 {
    let (high, low) = stream.id.as_u64_pair();
    high ^ low.rotate_left(32) ^ (stream.kind as u64)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use gatehouse_domain::{Kind, StreamId};
    use uuid::Uuid;

    use super::Streams;

    fn stream(number: u128) -> StreamId {
        StreamId { kind: Kind::Contact, id: Uuid::from_u128(number) }
    }

    #[test]
    fn nothing_is_new_until_all_that_others_wrote_is_learnt() {
        let streams = Streams::default();
        assert!(!streams.is_new(stream(1)), "others write");
        streams.ours_after(5);
        assert!(!streams.is_new(stream(1)), "their events are not read yet");
        streams.learnt.store(5, Ordering::SeqCst);
        assert!(streams.is_new(stream(1)));
        streams.begins(stream(1));
        assert!(!streams.is_new(stream(1)), "it is being written");
        assert!(streams.is_new(StreamId { kind: Kind::Conversation, ..stream(1) }), "another kind is another stream");
        streams.ours_after(9);
        assert!(!streams.is_new(stream(2)), "others wrote meanwhile");
    }
}
