//! Following the log: what is committed arrives decoded and in order; who lags, or just started, reads the store.
//!
//! Where an event cannot be read, whoever follows is told so once, and is given nothing more of its stream.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use gatehouse_domain::{Recorded, StreamId};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::pages::Page;
use super::{Journal, StoreError, Unread};

/// One commit of the lane, in order.
pub type Commit = Arc<[Recorded]>;

/// What comes next.
#[derive(Clone, Debug)]
pub enum Piece {
    Events(Commit),
    /// An event that cannot be read. Nothing of its stream comes after it.
    Unread(Unread),
}

impl Piece {
    /// Its events, where it has any that can be read.
    pub fn events(&self) -> &[Recorded] {
        match self {
            Self::Events(events) => events,
            Self::Unread(_) => &[],
        }
    }

    /// How much of the log it is.
    pub fn size(&self) -> usize {
        match self {
            Self::Events(events) => events.len(),
            Self::Unread(_) => 1,
        }
    }

    /// The position it ends at.
    pub fn last(&self) -> Option<u64> {
        self.ends().map(|(_, last)| last)
    }

    fn ends(&self) -> Option<(u64, u64)> {
        match self {
            Self::Events(events) => Some((events.first()?.position, events.last()?.position)),
            Self::Unread(unread) => Some((unread.position, unread.position)),
        }
    }
}

/// Commits kept for followers that fall behind a little.
pub const COMMITS_KEPT: usize = 1_024;
/// A gap that no commit announced (an outcome that was unknown) is found by looking this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A place in the log that moves forward. Every event comes exactly once, in order of position.
pub struct Follow {
    journal: Arc<Journal>,
    commits: broadcast::Receiver<Commit>,
    position: u64,
    /// Streams that cannot be read on from where we are.
    apart: BTreeSet<StreamId>,
    /// Read, and not handed out.
    ahead: VecDeque<Piece>,
    /// A page on its way. Whoever stops waiting for it, and waits again, has lost nothing.
    reading: Option<JoinHandle<Result<Page, StoreError>>>,
    /// When the store is looked at although nothing was announced.
    look_at: Instant,
}

impl Follow {
    pub(super) fn new(journal: Arc<Journal>, commits: broadcast::Receiver<Commit>, position: u64) -> Self {
        let (apart, ahead) = (BTreeSet::new(), VecDeque::new());
        Self { journal, commits, position, apart, ahead, reading: None, look_at: Instant::now() }
    }

    /// The position of the last event handed out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether everything committed was handed out.
    pub fn caught_up(&self) -> bool {
        self.position >= self.journal.head()
    }

    /// Waits for what comes next. Safe to drop while waiting: nothing is lost.
    pub async fn next(&mut self) -> Result<Piece, StoreError> {
        loop {
            while let Some(piece) = self.ahead.pop_front() {
                if let Some(new) = self.beyond(piece) {
                    return Ok(new);
                }
            }
            if let Some(commit) = self.announced() {
                return Ok(commit);
            }
            if !self.caught_up() || self.reading.is_some() || Instant::now() >= self.look_at {
                let page = self.read().await?;
                self.look_at = Instant::now() + LOOK_EVERY;
                if !page.is_empty() {
                    self.ahead.extend(page.iter().cloned());
                    continue;
                }
            }
            match tokio::time::timeout_at(self.look_at, self.commits.recv()).await {
                Ok(Ok(commit)) => {
                    if let Some(new) = self.beyond(Piece::Events(commit)) {
                        return Ok(new);
                    }
                }
                Ok(Err(broadcast::error::RecvError::Closed)) => {
                    return Err(StoreError::Unavailable("the log is closed".to_owned()));
                }
                // What was missed lies before the head, or it is time to look.
                Ok(Err(broadcast::error::RecvError::Lagged(_))) | Err(_) => {}
            }
        }
    }

    /// The next page, from where we were when it was asked for.
    async fn read(&mut self) -> Result<Page, StoreError> {
        let (journal, position) = (&self.journal, self.position);
        let reading = self.reading.get_or_insert_with(|| {
            let journal = Arc::clone(journal);
            tokio::spawn(async move { journal.page(position).await })
        });
        let page = reading.await;
        self.reading = None;
        page.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("reading broke off: {error}"))))
    }

    /// The next commit already waiting, if it goes on exactly where we are.
    fn announced(&mut self) -> Option<Piece> {
        while let Ok(commit) = self.commits.try_recv() {
            if let Some(new) = self.beyond(Piece::Events(commit)) {
                return Some(new);
            }
        }
        None
    }

    /// What of `piece` is new and may be read, when it leaves no gap; otherwise the store is read.
    fn beyond(&mut self, piece: Piece) -> Option<Piece> {
        let (first, last) = piece.ends()?;
        if first > self.position + 1 || last <= self.position {
            return None;
        }
        let seen = usize::try_from(self.position + 1 - first).expect("a commit is short");
        self.position = last;
        let events = match piece {
            Piece::Events(events) => events,
            Piece::Unread(unread) => {
                // Of a stream of an unknown kind, nothing can be read anyway.
                let known = unread.stream_id().is_none_or(|stream| self.apart.insert(stream));
                return Some(if known { Piece::Unread(unread) } else { Piece::Events(Arc::default()) });
            }
        };
        let new = &events[seen..];
        let of_apart = |recorded: &Recorded| self.apart.contains(&recorded.stream);
        Some(Piece::Events(if !self.apart.is_empty() && new.iter().any(of_apart) {
            new.iter().filter(|recorded| !of_apart(recorded)).cloned().collect()
        } else if seen == 0 {
            events
        } else {
            Arc::from(new)
        }))
    }
}
