//! Reading the log for tables: up to a position exactly, and much at a time.

use std::sync::Arc;

use futures_util::FutureExt;

use crate::journal::{Commit, Follow, Journal, Piece, StoreError};

pub struct Reading {
    follow: Follow,
    /// Read, and not handed out, because it is beyond what was asked for; with where it ends.
    ahead: Option<(Piece, u64)>,
    position: u64,
}

impl Reading {
    /// From the beginning.
    pub fn start(journal: &Arc<Journal>) -> Self {
        Self { follow: journal.follow(0), ahead: None, position: 0 }
    }

    /// The position up to which everything was handed out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether everything committed was handed out.
    pub fn caught_up(&self) -> bool {
        self.ahead.is_none() && self.follow.caught_up()
    }

    /// Waits for what comes next, and gives nothing beyond `up_to`. Safe to drop while waiting: nothing is lost.
    pub async fn next(&mut self, up_to: u64) -> Result<Piece, StoreError> {
        let (piece, ends_at) = match self.ahead.take() {
            Some(ahead) => ahead,
            None => {
                let piece = self.follow.next().await?;
                (piece, self.follow.position())
            }
        };
        if ends_at <= up_to {
            self.position = ends_at;
            return Ok(piece);
        }
        // Also where the event at `up_to` is not there, as in a log that lost one: nobody waits for it for ever.
        self.position = self.position.max(up_to);
        let (within, beyond) = match piece {
            Piece::Events(events) => {
                let (within, beyond) = events.split_at(events.partition_point(|one| one.position <= up_to));
                (Commit::from(within), Piece::Events(Commit::from(beyond)))
            }
            unread @ Piece::Unread(_) => (Commit::default(), unread),
        };
        self.ahead = Some((beyond, ends_at));
        Ok(Piece::Events(within))
    }

    /// Waits for what comes next, and adds what is there already, up to about `events_max`.
    pub async fn gather(&mut self, up_to: u64, events_max: usize) -> Result<Vec<Piece>, StoreError> {
        let mut pieces = vec![self.next(up_to).await?];
        let mut events = pieces[0].size();
        while events < events_max && self.position < up_to {
            let more = if self.caught_up() { self.next(up_to).now_or_never() } else { Some(self.next(up_to).await) };
            // What went wrong goes wrong again, when this is written.
            let Some(Ok(piece)) = more else { break };
            events += piece.size();
            pieces.push(piece);
        }
        Ok(pieces)
    }
}
