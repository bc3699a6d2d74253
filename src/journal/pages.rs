//! Pages of the log, read and decoded once for everybody: followers start at the same place and go on at much the same
//! pace, so whoever is first reads for the others.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::StoreError;
use super::follow::Piece;

/// Events on a page.
pub const PAGE: u32 = 1_000;
/// Pages read and decoded beside the one that is asked for, on other threads.
const PAGES_AHEAD: u64 = 3;
/// Pages kept: those ahead, and some for whoever is a little behind.
const PAGES_KEPT: usize = 12;

/// A page: events, and between them those that cannot be read.
pub type Page = Arc<[Piece]>;

#[derive(Default)]
pub struct Pages {
    kept: Mutex<VecDeque<(u64, Arc<OnceCell<Page>>)>>,
}

impl Pages {
    /// The page after a position: kept, being read by somebody, or read now.
    pub async fn after<F>(&self, position: u64, read: impl Fn() -> F) -> Result<Page, StoreError>
    where
        F: Future<Output = Result<Page, StoreError>>,
    {
        let page = self.cell(position);
        let mut read_now = false;
        let first = || {
            read_now = true;
            read()
        };
        let pieces = page.get_or_try_init(first).await?.clone();
        if pieces.iter().map(Piece::size).sum::<usize>() == PAGE as usize {
            return Ok(pieces);
        }
        // The end of the log. It grows, and what somebody else found there may be older than what we heard of.
        self.kept().clear();
        if read_now { Ok(pieces) } else { read().await }
    }

    /// The pages after the one after `position` that nobody reads yet. Only full ones: what is on them is settled, and
    /// because positions have no gaps it is known where they begin.
    pub fn ahead(&self, position: u64, head: u64) -> Vec<u64> {
        let page = u64::from(PAGE);
        let kept = self.kept();
        let begin = (1..=PAGES_AHEAD).map(|number| position + number * page);
        begin.take_while(|at| at + page <= head).filter(|at| !kept.iter().any(|(known, _)| known == at)).collect()
    }

    /// Forgets what was read: words on it may have been erased since.
    pub fn forget(&self) {
        self.kept().clear();
    }

    fn cell(&self, position: u64) -> Arc<OnceCell<Page>> {
        let mut kept = self.kept();
        if let Some((_, page)) = kept.iter().find(|(at, _)| *at == position) {
            return Arc::clone(page);
        }
        if kept.len() == PAGES_KEPT {
            kept.pop_front();
        }
        let page = Arc::default();
        kept.push_back((position, Arc::clone(&page)));
        page
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<(u64, Arc<OnceCell<Page>>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
