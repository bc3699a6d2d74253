//! Bugs to be caught: the tests run the server with one of them and expect the history checker to see it. Built with
//! debug assertions only, so no release has them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use cqrs_es::persist::SerializedEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gatehouse_domain::{ContactId, StreamId};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::journal::store::{AppendRow, Head, KeyRow, LogRow, Outcome, StoredEvent};
use crate::journal::{Receipt, Store, StoreError};

/// Names the bug. Without the prefix of configuration, which nobody may mistake it for.
const VARIABLE: &str = "PLANTED_BUG";
/// How long after the answer a batch is written that was answered too early.
const LATE: Duration = Duration::from_millis(100);
/// One in so many appends loses its claims, one in so many messages its place.
const ONE_IN: u64 = 2;

/// `store`, with the bug the environment names.
pub fn with_bug(store: Arc<dyn Store>) -> Arc<dyn Store> {
    let bug = match std::env::var(VARIABLE).as_deref() {
        Ok("early_answer") => Bug::EarlyAnswer,
        Ok("forgotten_claim") => Bug::ForgottenClaim,
        Ok("skipped_position") => Bug::SkippedPosition,
        _ => return store,
    };
    tracing::error!(?bug, "a bug is planted");
    Arc::new(Planted { store, bug, appends: AtomicU64::new(0), head: Arc::default() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    /// Says committed and commits a little later.
    EarlyAnswer,
    /// Stores events without what they claim.
    ForgottenClaim,
    /// Reads past an event.
    SkippedPosition,
}

struct Planted {
    store: Arc<dyn Store>,
    bug: Bug,
    appends: AtomicU64,
    /// The position that was answered last, once something was; locked while a batch that was answered is not yet written.
    head: Arc<Mutex<Option<u64>>>,
}

impl Planted {
    /// Waits until everything that was answered is written.
    async fn written(&self) -> OwnedMutexGuard<Option<u64>> {
        Arc::clone(&self.head).lock_owned().await
    }

    async fn append(
        &self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &[AppendRow],
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut head = self.written().await;
        let mut batch = batch.to_vec();
        if self.bug == Bug::ForgottenClaim {
            for append in &mut batch {
                if self.appends.fetch_add(1, Ordering::Relaxed).is_multiple_of(ONE_IN) {
                    append.claims.clear();
                }
            }
        }
        if self.bug == Bug::EarlyAnswer
            && let Some(known) = head.as_mut()
            && self.are_new(&batch).await?
        {
            let outcomes = outcomes(known, &batch);
            let store = Arc::clone(&self.store);
            tokio::spawn(async move {
                tokio::time::sleep(LATE).await;
                if let Err(error) = store.append(fence, recorded_at, &batch).await {
                    tracing::error!(%error, "what was answered could not be written");
                }
                drop(head);
            });
            return Ok(outcomes);
        }
        let outcomes = self.store.append(fence, recorded_at, &batch).await?;
        for outcome in &outcomes {
            if let Outcome::Committed(receipt) = outcome {
                *head = Some(receipt.position);
            }
        }
        Ok(outcomes)
    }

    /// Whether nothing of a batch can collide, so that its outcome is known without asking.
    async fn are_new(&self, batch: &[AppendRow]) -> Result<bool, StoreError> {
        let mut keys: Vec<[u8; 16]> = batch.iter().flat_map(|append| &append.claims).map(|claim| claim.key).collect();
        let claims = keys.len();
        keys.sort_unstable();
        keys.dedup();
        let mut new = keys.len() == claims && batch.iter().all(|append| append.continues || append.expected == 0);
        for key in keys {
            new &= self.store.receipt_of(key).await?.is_none() && self.store.owner_of(key).await?.is_none();
        }
        Ok(new)
    }
}

fn outcomes(head: &mut u64, batch: &[AppendRow]) -> Vec<Outcome> {
    let committed = |append: &AppendRow| {
        let events = append.events.len() as u64;
        *head += events;
        Outcome::Committed(Receipt { position: *head, sequence: append.expected + events })
    };
    batch.iter().map(committed).collect()
}

impl Store for Planted {
    fn raise_fence(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        self.store.raise_fence()
    }

    fn append<'a>(
        &'a self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &'a [AppendRow],
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>> {
        Self::append(self, fence, recorded_at, batch).boxed()
    }

    fn serialized(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<SerializedEvent>, StoreError>> {
        async move {
            drop(self.written().await);
            self.store.serialized(stream, after).await
        }
        .boxed()
    }

    fn read_stream(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        async move {
            drop(self.written().await);
            self.store.read_stream(stream, after).await
        }
        .boxed()
    }

    fn read_log(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<LogRow>, StoreError>> {
        async move {
            drop(self.written().await);
            let mut events = self.store.read_log(after, limit).await?;
            if self.bug == Bug::SkippedPosition {
                // Messages only, and never the last: otherwise the server would not get as far as being judged.
                let last = events.pop();
                let skipped =
                    |event: &StoredEvent| event.name == "message_received" && event.position.is_multiple_of(ONE_IN);
                events.retain(|row| !row.as_ref().is_ok_and(skipped));
                events.extend(last);
            }
            Ok(events)
        }
        .boxed()
    }

    fn receipt_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<Receipt>, StoreError>> {
        async move {
            drop(self.written().await);
            self.store.receipt_of(key).await
        }
        .boxed()
    }

    fn owner_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<StreamId>, StoreError>> {
        async move {
            drop(self.written().await);
            self.store.owner_of(key).await
        }
        .boxed()
    }

    fn contact_key(&self, contact: ContactId) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        async move {
            drop(self.written().await);
            self.store.contact_key(contact).await
        }
        .boxed()
    }

    fn contact_keys<'a>(&'a self, contacts: &'a [ContactId]) -> BoxFuture<'a, Result<Vec<KeyRow>, StoreError>> {
        async move {
            drop(self.written().await);
            self.store.contact_keys(contacts).await
        }
        .boxed()
    }
}
