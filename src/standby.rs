//! Becoming the server that writes the log: at once where nobody does; where another does, not before it is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::journal::{Candidate, StoreError, Tenure};

/// How often a server that stands by looks at the log.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Takes the log, if need be after the lease of a server that is gone has lapsed. Gives up where that server lives.
pub async fn take_or_give_up(app: &App, candidate: &Arc<Candidate>) -> anyhow::Result<Tenure> {
    let mut lapses = None;
    loop {
        if let Some(tenure) = app.journal.take_over(candidate).await? {
            return Ok(tenure);
        }
        let standing = app.journal.catch_up(candidate).await?;
        if let Some(until) = standing.until.filter(|_| !standing.free) {
            if lapses.is_none() {
                tracing::info!(%until, "another server wrote this log: waiting whether it still does");
            }
            anyhow::ensure!(
                *lapses.get_or_insert(until) == until,
                "another server writes this log: stop it, or start this one with --standby to wait for it"
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Reads along until the log is free, however long that takes.
pub async fn take_when_free(app: &App, candidate: &Arc<Candidate>) -> Tenure {
    tracing::info!("standing by");
    loop {
        match try_to_take(app, candidate).await {
            Ok(Some(tenure)) => return tenure,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the log cannot be followed while standing by"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Only who has read everything takes over: of two that stand by, the one that is warm.
async fn try_to_take(app: &App, candidate: &Arc<Candidate>) -> Result<Option<Tenure>, StoreError> {
    let standing = app.journal.catch_up(candidate).await?;
    let has_read = |(_, position): &(_, watch::Receiver<u64>)| *position.borrow() >= standing.head.position;
    if !standing.free || !app.followers.iter().all(has_read) {
        return Ok(None);
    }
    app.journal.take_over(candidate).await
}
