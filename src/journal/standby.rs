//! Standing by, and taking the log over: one server writes the log, and others on the same store read along until its
//! lease has lapsed.
//!
//! The lease decides who, and when. What makes it safe is the fence, raised in the same statement that takes the lease:
//! whoever wrote before, even if it wakes in the middle of a commit, cannot write any more.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use gatehouse_domain::{Clock, UPCASTS};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::follow::Piece;
use super::pages::PAGE;
use super::store::{Lease, Leases, Standing, Store, StoreError};
use super::{Installation, Journal};

/// A lease is renewed this many times before it would lapse.
const RENEWALS: u32 = 3;

/// A server that may write the log.
pub struct Candidate {
    pub leases: Arc<dyn Leases>,
    pub clock: Arc<dyn Clock>,
    /// How long the log stays ours without a word from us.
    pub length: Duration,
    /// Names the data directory whose lock we have, if we have it.
    pub holder: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

/// The log is ours for writing, as long as this lives.
pub struct Tenure {
    /// Under which the log is ours; whoever takes it over has a greater one.
    pub fence: u64,
    give_up: oneshot::Sender<()>,
    renewing: JoinHandle<()>,
}

impl Candidate {
    /// Whether nobody has taken the log over since it was ours under `fence`.
    pub async fn holds(&self, fence: u64) -> Result<bool, StoreError> {
        Ok(self.leases.standing(&self.lease()).await?.head.fence == fence)
    }

    fn lease(&self) -> Lease {
        let length = TimeDelta::from_std(self.length).expect("a lease is short");
        Lease { holder: (self.holder)(), now: self.clock.now(), length }
    }
}

impl Tenure {
    /// Lets go of the log, so that whoever stands by need not wait. Nothing may be written afterwards.
    pub async fn give_up(self) {
        // The task is gone where we were overtaken.
        let _ = self.give_up.send(());
        let _ = self.renewing.await;
    }
}

impl Journal {
    /// Opens the log for reading. It takes no appends until it is taken over.
    pub async fn stand_by(
        store: Arc<dyn Store>,
        candidate: &Candidate,
        installation: Arc<Installation>,
    ) -> Result<Arc<Self>, StoreError> {
        let head = candidate.leases.standing(&candidate.lease()).await?.head;
        Ok(Self::waiting(store, installation, Arc::clone(&candidate.clock), UPCASTS, head))
    }

    /// Reads what others wrote, for every follower, and tells how the log stands.
    pub async fn catch_up(&self, candidate: &Candidate) -> Result<Standing, StoreError> {
        let standing = candidate.leases.standing(&candidate.lease()).await?;
        self.must_be(standing.head.log_id)?;
        self.read_on(standing.head.position).await?;
        Ok(standing)
    }

    /// Takes the log over for writing, if it is free.
    pub async fn take_over(self: &Arc<Self>, candidate: &Arc<Candidate>) -> Result<Option<Tenure>, StoreError> {
        let Some(head) = candidate.leases.take_over(&candidate.lease()).await? else { return Ok(None) };
        let (give_up, stop) = oneshot::channel();
        let renewing = tokio::spawn(hold(Arc::clone(self), Arc::clone(candidate), head.fence, stop));
        self.must_be(head.log_id)?;
        if let Err(error) = self.read_on(head.position).await {
            tracing::warn!(%error, "the last events of the server before could not be read yet");
        }
        // Followers that were not told of them find them by looking.
        self.head.send_replace(head.position);
        // What was kept while others wrote may have been changed by them: claims released, keys destroyed.
        self.owners.drop_all();
        self.codec.keys().forget_all();
        self.pages.forget();
        self.streams.ours_after(head.position);
        self.lane.begin(head.fence);
        Ok(Some(Tenure { fence: head.fence, give_up, renewing }))
    }

    /// Announces what is in the store up to `position`, as the lane announces what it writes.
    async fn read_on(&self, position: u64) -> Result<(), StoreError> {
        while self.head() < position {
            let pieces = self.pieces(self.head(), PAGE).await?;
            let Some(last) = pieces.last().and_then(Piece::last) else {
                return Err(StoreError::Unreadable("the log ends before its head".to_owned()));
            };
            self.head.send_replace(last);
            for piece in pieces {
                // What cannot be read leaves a gap, and followers read the store for it.
                if let Piece::Events(events) = piece {
                    // No follower may be listening; those that lag read the store.
                    let _ = self.commits.send(events);
                }
            }
        }
        Ok(())
    }

    /// What was folded from one log means nothing in another.
    fn must_be(&self, log_id: uuid::Uuid) -> Result<(), StoreError> {
        if log_id == self.log_id {
            return Ok(());
        }
        self.lane.fenced();
        Err(StoreError::Unreadable("another log is in its place: it was restored".to_owned()))
    }
}

/// Renews the lease until it is given up, or until somebody has overtaken us.
async fn hold(journal: Arc<Journal>, candidate: Arc<Candidate>, fence: u64, mut stop: oneshot::Receiver<()>) {
    let every = candidate.length / RENEWALS;
    loop {
        tokio::select! {
            _ = &mut stop => break,
            () = tokio::time::sleep(every) => {}
        }
        let lease = candidate.lease();
        // A connection that hangs must not cost us the log: the next one may not.
        match tokio::time::timeout(every, candidate.leases.renew(fence, &lease)).await {
            Ok(Ok(())) => {}
            Ok(Err(error @ StoreError::Fenced)) => {
                tracing::error!(%error, "the lease was lost");
                return journal.lane.fenced();
            }
            Ok(Err(error)) => tracing::warn!(%error, "the lease could not be renewed"),
            Err(_) => tracing::warn!("the lease was not renewed in time"),
        }
    }
    match tokio::time::timeout(every, candidate.leases.give_up(fence)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the lease could not be given up: it will lapse"),
        Err(_) => tracing::warn!("the lease was not given up in time: it will lapse"),
    }
}
