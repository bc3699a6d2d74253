//! Pushes what changed to agents' browsers.
//!
//! Owns: the one `Desk` fold every reader shares, and the stream of notices. Restart: folds the log again. Nobody waits
//! for a socket: whoever cannot keep up falls off the stream and resumes from the log.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use gatehouse_projections::desk::{Desk, Notice};
use tokio::sync::{broadcast, watch};

use crate::journal::{Journal, Piece};

/// Notices kept for sockets that fall behind a little; further behind, the socket is closed and resumes.
const NOTICES_KEPT: usize = 4_096;
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The desks' shared state.
pub struct Desks {
    desk: RwLock<Desk>,
    position: watch::Sender<u64>,
    notices: broadcast::Sender<Arc<Notice>>,
}

impl Desks {
    /// Starts following; `read` shows what was folded so far.
    pub fn start(journal: &Arc<Journal>) -> Arc<Self> {
        let this = Arc::new(Self {
            desk: RwLock::new(Desk::default()),
            position: watch::channel(0).0,
            notices: broadcast::channel(NOTICES_KEPT).0,
        });
        let (desks, mut follow) = (Arc::clone(&this), journal.follow(0));
        tokio::spawn(async move {
            loop {
                match follow.next().await {
                    Ok(piece) => desks.fold(&piece, follow.position()),
                    Err(error) => {
                        tracing::error!(follower = "desks", %error, "the log cannot be read");
                        tokio::time::sleep(READ_AGAIN_AFTER).await;
                    }
                }
            }
        });
        this
    }

    /// The state now. Not to be held over an await.
    pub fn read(&self) -> RwLockReadGuard<'_, Desk> {
        // A fold that panicked has left the state as of the event before.
        self.desk.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The position up to which events are folded.
    pub fn position(&self) -> watch::Receiver<u64> {
        self.position.subscribe()
    }

    /// Waits until everything up to `position` is folded: reading one's own writes.
    pub async fn at_least(&self, position: u64) {
        let mut folded = self.position.subscribe();
        // The sender lives as long as we do.
        let _ = folded.wait_for(|at| *at >= position).await;
    }

    /// What `look` sees at the position it is told, and every notice after it.
    pub fn subscribe<T>(&self, look: impl FnOnce(&Desk, u64) -> T) -> (T, broadcast::Receiver<Arc<Notice>>) {
        let desk = self.read();
        (look(&desk, *self.position.borrow()), self.notices.subscribe())
    }

    fn fold(&self, piece: &Piece, position: u64) {
        let mut desk = self.desk.write().unwrap_or_else(PoisonError::into_inner);
        if let Piece::Unread(unread) = piece {
            unread.stream_id().into_iter().for_each(|stream| desk.set_apart(stream));
        }
        for recorded in piece.events() {
            // Nobody subscribes meanwhile: whoever does looks at the desk first.
            if self.notices.receiver_count() == 0 {
                desk.take(recorded);
            } else if let Some(notice) = desk.fold(recorded) {
                // Nobody may be watching.
                let _ = self.notices.send(Arc::new(notice));
            }
        }
        self.position.send_replace(position);
    }
}
