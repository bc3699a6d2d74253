//! Following the log: what is committed arrives decoded and in order; who lags, or just started, reads the store.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_domain::Recorded;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Journal, StoreError};

/// One commit of the lane, in order.
pub type Commit = Arc<[Recorded]>;

/// Commits kept for followers that fall behind a little.
pub const COMMITS_KEPT: usize = 1_024;
/// A gap that no commit announced (an outcome that was unknown) is found by looking this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A place in the log that moves forward. Every event comes exactly once, in order of position.
pub struct Follow {
    journal: Arc<Journal>,
    commits: broadcast::Receiver<Commit>,
    position: u64,
    /// A page on its way. Whoever stops waiting for it, and waits again, has lost nothing.
    reading: Option<JoinHandle<Result<Commit, StoreError>>>,
    /// When the store is looked at although nothing was announced.
    look_at: Instant,
}

impl Follow {
    pub(super) fn new(journal: Arc<Journal>, commits: broadcast::Receiver<Commit>, position: u64) -> Self {
        Self { journal, commits, position, reading: None, look_at: Instant::now() }
    }

    /// The position of the last event handed out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether everything committed was handed out.
    pub fn caught_up(&self) -> bool {
        self.position >= self.journal.head()
    }

    /// Goes on after `position`: what is before it was read in another way.
    pub fn go_on_after(&mut self, position: u64) {
        self.position = position;
    }

    /// Waits for the next events. Safe to drop while waiting: nothing is lost.
    pub async fn next(&mut self) -> Result<Commit, StoreError> {
        loop {
            if let Some(commit) = self.announced() {
                return Ok(commit);
            }
            if !self.caught_up() || self.reading.is_some() || Instant::now() >= self.look_at {
                let page = self.read().await?;
                self.look_at = Instant::now() + LOOK_EVERY;
                if let Some(new) = self.beyond(page) {
                    return Ok(new);
                }
            }
            match tokio::time::timeout_at(self.look_at, self.commits.recv()).await {
                Ok(Ok(commit)) => {
                    if let Some(new) = self.beyond(commit) {
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
    async fn read(&mut self) -> Result<Commit, StoreError> {
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
    fn announced(&mut self) -> Option<Commit> {
        while let Ok(commit) = self.commits.try_recv() {
            if let Some(new) = self.beyond(commit) {
                return Some(new);
            }
        }
        None
    }

    /// What of `commit` is new, when it leaves no gap; otherwise the store is read.
    fn beyond(&mut self, commit: Commit) -> Option<Commit> {
        let (first, last) = (commit.first()?.position, commit.last()?.position);
        if first > self.position + 1 || last <= self.position {
            return None;
        }
        let seen = usize::try_from(self.position + 1 - first).expect("a commit is short");
        self.position = last;
        Some(if seen == 0 { commit } else { Arc::from(&commit[seen..]) })
    }
}
