//! Reading the log for tables: up to a position exactly, much at a time, and past events that nobody can read.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::journal::{Commit, Follow, Journal, StoreError, Unread};

/// What comes next.
pub enum Piece {
    Events(Commit),
    /// An event that cannot be read, as one that a newer version wrote.
    Unread(Unread),
}

impl Piece {
    fn last(&self) -> u64 {
        match self {
            Self::Events(events) => events.last().map_or(0, |last| last.position),
            Self::Unread(unread) => unread.position,
        }
    }

    pub fn events(&self) -> usize {
        match self {
            Self::Events(events) => events.len(),
            Self::Unread(_) => 1,
        }
    }
}

pub struct Reading {
    journal: Arc<Journal>,
    follow: Follow,
    /// Read, and not handed out.
    ahead: VecDeque<Piece>,
    position: u64,
}

impl Reading {
    /// From the beginning.
    pub fn start(journal: &Arc<Journal>) -> Self {
        Self { journal: Arc::clone(journal), follow: journal.follow(0), ahead: VecDeque::new(), position: 0 }
    }

    /// The position of the last event handed out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether everything committed was handed out.
    pub fn caught_up(&self) -> bool {
        self.ahead.is_empty() && self.follow.caught_up()
    }

    /// Waits for what comes next, and gives nothing beyond `up_to`. Safe to drop while waiting: nothing is lost.
    pub async fn next(&mut self, up_to: u64) -> Result<Piece, StoreError> {
        if self.ahead.is_empty() {
            match self.follow.next().await {
                Ok(events) => self.ahead.push_back(Piece::Events(events)),
                Err(StoreError::Unreadable(error)) => self.read_leniently(error).await?,
                Err(error) => return Err(error),
            }
        }
        let piece = self.ahead.pop_front().expect("read just above");
        let (piece, to) = match piece {
            Piece::Events(events) if events.last().is_some_and(|last| last.position > up_to) => {
                let within = events.partition_point(|recorded| recorded.position <= up_to);
                self.ahead.push_front(Piece::Events(Arc::from(&events[within..])));
                // Also where the event at `up_to` is not there, as in a log that lost one: nobody waits for it for ever.
                (Piece::Events(Arc::from(&events[..within])), up_to)
            }
            piece => {
                let last = piece.last();
                (piece, last)
            }
        };
        self.position = self.position.max(to);
        Ok(piece)
    }

    /// Waits for what comes next, and adds what is there already, up to about `events_max`.
    pub async fn gather(&mut self, up_to: u64, events_max: usize) -> Result<Vec<Piece>, StoreError> {
        let mut pieces = vec![self.next(up_to).await?];
        let mut events = pieces[0].events();
        while events < events_max && self.position < up_to {
            let more = if self.caught_up() { self.next(up_to).now_or_never() } else { Some(self.next(up_to).await) };
            // What went wrong goes wrong again, when this is written.
            let Some(Ok(piece)) = more else { break };
            events += piece.events();
            pieces.push(piece);
        }
        Ok(pieces)
    }

    /// The next page, event by event.
    async fn read_leniently(&mut self, why: String) -> Result<(), StoreError> {
        let mut events = vec![];
        for read in self.journal.read_leniently(self.follow.position()).await? {
            match read {
                Ok(recorded) => events.push(recorded),
                Err(unread) => {
                    if !events.is_empty() {
                        self.ahead.push_back(Piece::Events(Arc::from(std::mem::take(&mut events))));
                    }
                    self.ahead.push_back(Piece::Unread(unread));
                }
            }
        }
        if !events.is_empty() {
            self.ahead.push_back(Piece::Events(Arc::from(events)));
        }
        // A page that cannot be read and has nothing on it: the error is not about one event.
        let last = self.ahead.back().ok_or(StoreError::Unreadable(why))?.last();
        self.follow.go_on_after(last);
        Ok(())
    }
}
