//! The log: one total order of everything that happened.
//!
//! Actors build appends and hand them to the one lane, which writes whatever has gathered while the previous commit was
//! in flight, in one transaction (`lane`). The `codec` seals personal words on the way in and opens them on the way out.
//! Followers read on from a position (`follow`); actors read their stream from its newest snapshot (`hydrate`). `store`
//! is what a database must offer; `sqlite` and `postgres` are the two that do. Who writes, and taking over: `standby`.
//! What cannot be read: `apart`.

mod apart;
mod claims;
mod codec;
mod ends;
mod follow;
mod hydrate;
mod keys;
mod lane;
mod pages;
mod postgres;
mod remembered;
mod snapshots;
mod sqlite;
mod standby;
pub mod store;
mod streams;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gatehouse_domain::{Claim, Clock, ContactId, Fact, Kind, Recorded, Rules, StreamId, UPCASTS, Upcasts, contact};
use serde::Serialize;
use thiserror::Error;
use tokio::sync::{broadcast, watch};
use utoipa::ToSchema;
use uuid::Uuid;

pub use claims::CommandKey;
pub use follow::{Commit, Follow, Piece};
pub use hydrate::Hydration;
pub use lane::LogState;
pub use postgres::{
    ACQUIRE_TIMEOUT, PostgresStore, SCHEMA as LOG_SCHEMA, options as postgres_options, prepare as prepare_schema,
};
pub use sqlite::{SqliteStore, options as sqlite_options};
pub use standby::{Candidate, Tenure};
pub use store::{Leases, Store, StoreError, Unread, parse_stream};

use crate::clock::fresh_id;
use crate::installation::Installation;
use apart::Apart;
use codec::Codec;
use keys::{ContactKey, KeyRing};
use lane::Lane;
use pages::{PAGE, Page, Pages};
use remembered::Remembered;
use snapshots::Snapshots;
use store::{AppendRow, ClaimKind, ClaimRow, EventRow, Forgets, Head, Outcome};
use streams::Streams;

/// How many owners of claims are kept in memory.
const OWNERS_CACHED_MAX: u64 = 200_000;

/// Where something was stored: its place in the log, and in its own stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Receipt {
    pub position: u64,
    pub sequence: u64,
}

/// Why the log did not take an append.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    #[error("the stream has moved on")]
    Conflict,
    #[error("another stream owns it")]
    Taken { owner: StreamId },
    #[error("too much is waiting to be written")]
    Overloaded,
    #[error("the log cannot be written now")]
    Unavailable,
}

/// What became of an append that the log took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    Now(Receipt),
    /// Its command was done before, here or in another stream; nothing was stored now.
    Before(Receipt),
}

/// What an actor wants appended.
pub struct Append<A: Rules> {
    pub id: Uuid,
    /// The sequence of the last event the decision was made on.
    pub expected: u64,
    pub events: Vec<A::Event>,
    pub claims: Vec<Claim>,
    /// What the stream owned and gives back.
    pub releases: Vec<Claim>,
    pub subject: Option<ContactId>,
    pub key: Option<CommandKey>,
}

/// The log, open for appending, reading and following.
pub struct Journal {
    store: Arc<dyn Store>,
    lane: Lane,
    codec: Arc<Codec>,
    snapshots: Snapshots,
    pages: Pages,
    apart: Apart,
    /// Who owns what was claimed.
    owners: Remembered<[u8; 16], StreamId>,
    streams: Streams,
    installation: Arc<Installation>,
    log_id: Uuid,
    head: watch::Sender<u64>,
    commits: broadcast::Sender<follow::Commit>,
    epoch: Arc<AtomicU64>,
}

impl Journal {
    /// Opens the log for writing: whoever wrote before us no longer can.
    pub async fn open(
        store: Arc<dyn Store>,
        installation: Arc<Installation>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, StoreError> {
        Self::open_with(store, installation, clock, UPCASTS).await
    }

    async fn open_with(
        store: Arc<dyn Store>,
        installation: Arc<Installation>,
        clock: Arc<dyn Clock>,
        upcasts: Upcasts,
    ) -> Result<Arc<Self>, StoreError> {
        let head = store.raise_fence().await?;
        let journal = Self::waiting(store, installation, clock, upcasts, head);
        journal.streams.ours_after(head.position);
        journal.lane.begin(head.fence);
        Ok(journal)
    }

    /// The log as it stands at `head`, not yet for writing.
    fn waiting(
        store: Arc<dyn Store>,
        installation: Arc<Installation>,
        clock: Arc<dyn Clock>,
        upcasts: Upcasts,
        at: Head,
    ) -> Arc<Self> {
        let head = watch::channel(at.position).0;
        let (commits, _) = broadcast::channel(follow::COMMITS_KEPT);
        let epoch = Arc::new(AtomicU64::new(0));
        let lane = Lane::new(Arc::clone(&store), clock, head.clone(), commits.clone(), Arc::clone(&epoch));
        let codec = Arc::new(Codec::new(KeyRing::new(Arc::clone(&store), Arc::clone(&installation)), upcasts));
        Arc::new(Self {
            snapshots: Snapshots::start(Arc::clone(&store), Arc::clone(&codec), at.log_id),
            store,
            lane,
            codec,
            pages: Pages::default(),
            apart: Apart::default(),
            owners: Remembered::new(OWNERS_CACHED_MAX),
            streams: Streams::default(),
            installation,
            log_id: at.log_id,
            head,
            commits,
            epoch,
        })
    }

    /// Names this log; another after a restore from backup.
    pub fn log_id(&self) -> Uuid {
        self.log_id
    }

    /// The position of the last committed event.
    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// Grows whenever an outcome is unknown: state decided on before may be ahead of, or behind, the log.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether the log takes appends, now and from now on.
    pub fn state(&self) -> watch::Receiver<LogState> {
        self.lane.state()
    }

    /// The installation's hashes: ids and keys.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Appends, or says why not. A command done before is answered with its first receipt.
    pub async fn append<A: Rules>(&self, append: Append<A>) -> Result<Appended, AppendError> {
        let key_since = self.codec.keys().since();
        let (row, facts, new_key) = self.encode(append).await.map_err(|error| {
            tracing::error!(%error, "an append could not be encoded");
            AppendError::Unavailable
        })?;
        let stream = row.stream;
        if row.expected == 0 {
            self.streams.begins(stream);
        }
        let claimed: Vec<_> =
            row.claims.iter().filter(|claim| claim.kind == ClaimKind::Unique).map(|claim| claim.key).collect();
        let forgets = row.forgets.clone();
        let since = self.owners.since();
        let outcome = self.lane.append(row, facts).await;
        // Also where nobody knows whether it was written: what is forgotten for nothing is read again.
        self.forget(&forgets);
        match outcome? {
            Outcome::Committed(receipt) => {
                claimed.into_iter().for_each(|key| self.owners.fill(key, stream, since));
                new_key.into_iter().for_each(|key| self.codec.keys().stored(key, key_since));
                Ok(Appended::Now(receipt))
            }
            Outcome::Duplicate(receipt) => Ok(Appended::Before(receipt)),
            Outcome::Taken(owner) => Err(AppendError::Taken { owner }),
            Outcome::Conflict => Err(AppendError::Conflict),
        }
    }

    /// Where the command of this key was done, if it was.
    pub async fn receipt_of(&self, key: CommandKey) -> Result<Option<Receipt>, StoreError> {
        self.store.receipt_of(key.0).await
    }

    /// The stream that owns `claim`, if one does.
    pub async fn owner_of(&self, claim: &Claim) -> Result<Option<StreamId>, StoreError> {
        let key = claims::claim_key(&self.installation, claim);
        if let Some(owner) = self.owners.get(&key) {
            return Ok(Some(owner));
        }
        let since = self.owners.since();
        let owner = self.store.owner_of(key).await?;
        if let Some(owner) = owner {
            self.owners.fill(key, owner, since);
        }
        Ok(owner)
    }

    /// All events of one stream after `sequence`, oldest first.
    pub async fn stream(&self, stream: StreamId, after: u64) -> Result<Vec<Recorded>, StoreError> {
        let rows = self.store.read_stream(stream, after).await?;
        self.codec.decode_all(rows).await
    }

    /// Has a snapshot of the state after `sequence` written some time soon. Nobody waits for it.
    pub fn keep_snapshot<A: Rules>(&self, id: Uuid, state: &A, sequence: u64) {
        self.snapshots.keep(id, state, sequence);
    }

    /// Up to `limit` events after `position`, oldest first, for whoever needs every one of them.
    pub async fn read(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let decoded = self.decoded(after, limit).await?.into_iter();
        decoded.map(|one| one.map_err(|unread| StoreError::Unreadable(unread.error))).collect()
    }

    /// The same, with those that cannot be read in their places.
    pub async fn pieces(&self, after: u64, limit: u32) -> Result<Vec<Piece>, StoreError> {
        let (mut pieces, mut events) = (vec![], vec![]);
        for one in self.decoded(after, limit).await? {
            match one {
                Ok(recorded) => events.push(recorded),
                Err(unread) => {
                    if !events.is_empty() {
                        pieces.push(Piece::Events(Arc::from(std::mem::take(&mut events))));
                    }
                    pieces.push(Piece::Unread(unread));
                }
            }
        }
        if !events.is_empty() {
            pieces.push(Piece::Events(Arc::from(events)));
        }
        Ok(pieces)
    }

    async fn decoded(&self, after: u64, limit: u32) -> Result<Vec<Result<Recorded, Unread>>, StoreError> {
        let decoded = self.codec.decode_page(self.store.read_log(after, limit).await?).await?;
        for one in &decoded {
            match one {
                // Another process may have written it, or this one without hearing the answer.
                Ok(Recorded { fact: Fact::Contact(contact::Event::Erased { .. }), stream, .. }) => {
                    self.codec.keys().forget(ContactId(stream.id));
                    self.owners.drop_all();
                }
                Ok(_) => {}
                Err(unread) => self.apart.note(unread),
            }
        }
        Ok(decoded)
    }

    /// Drops what this process remembers of what is gone, so that nothing is sealed, opened or found with it again.
    fn forget(&self, forgets: &Forgets) {
        forgets.claims.iter().for_each(|claim| self.owners.drop(claim));
        if let Some(contact) = forgets.key {
            self.codec.keys().forget(contact);
            self.pages.forget();
        }
    }

    /// The next events after `position`, decoded once for all followers that ask for them. The pages that come next are
    /// read meanwhile.
    async fn page(self: &Arc<Self>, after: u64) -> Result<Page, StoreError> {
        for after in self.pages.ahead(after, self.head()) {
            let journal = Arc::clone(self);
            // Whoever needs it reads it again where this fails.
            tokio::spawn(async move { drop(journal.page_at(after).await) });
        }
        self.page_at(after).await
    }

    async fn page_at(&self, after: u64) -> Result<Page, StoreError> {
        self.pages.after(after, || async { Ok(Arc::from(self.pieces(after, PAGE).await?)) }).await
    }

    /// Follows the log from after `position`, without gap or repetition.
    pub fn follow(self: &Arc<Self>, after: u64) -> Follow {
        Follow::new(Arc::clone(self), self.commits.subscribe(), after)
    }

    /// The row to be stored, its facts as followers are told of them, and the key of a contact who is new.
    async fn encode<A: Rules>(
        &self,
        append: Append<A>,
    ) -> Result<(AppendRow, Vec<Fact>, Option<ContactKey>), StoreError> {
        let stream = StreamId { kind: A::KIND, id: append.id };
        let mut forgets = Forgets::default();
        let subject = if A::KIND == Kind::Contact { Some(ContactId(append.id)) } else { append.subject };
        let facts: Vec<Fact> = append.events.into_iter().map(A::fact).collect();
        if facts.iter().any(|fact| matches!(fact, Fact::Contact(contact::Event::Erased { .. }))) {
            forgets.key = Some(ContactId(append.id));
        }
        let new_contact = A::KIND == Kind::Contact && append.expected == 0 && !facts.is_empty();
        let new_key = (new_contact && forgets.key.is_none()).then(|| self.codec.keys().new_key(ContactId(append.id)));
        let mut events = Vec::with_capacity(facts.len());
        for (index, fact) in facts.iter().enumerate() {
            let sequence = append.expected + 1 + index as u64;
            let payload = self.codec.seal(fact, stream, sequence, subject, new_key.as_ref()).await?;
            let version = self.codec.upcasts().newest(fact.name());
            events.push(EventRow { sequence, name: fact.name(), version, payload, event_id: fresh_id() });
        }
        forgets.claims = append.releases.iter().map(|claim| claims::claim_key(&self.installation, claim)).collect();
        // Each once: a store takes the same claim twice for somebody else's.
        let unique: BTreeSet<_> =
            append.claims.iter().map(|claim| claims::claim_key(&self.installation, claim)).collect();
        let command = append.key.map(|key| ClaimRow::command(key.0));
        let claims = command.into_iter().chain(unique.into_iter().map(ClaimRow::unique)).collect();
        let row = AppendRow {
            stream,
            expected: append.expected,
            continues: false,
            events,
            claims,
            new_key: new_key.as_ref().map(ContactKey::row),
            forgets,
        };
        Ok((row, facts, new_key))
    }
}
