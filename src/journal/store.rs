//! What a database must offer to hold the log.

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_es::persist::SerializedEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gatehouse_domain::upcast::FromTheFuture;
use gatehouse_domain::{ContactId, Kind, StreamId};
use thiserror::Error;
use uuid::Uuid;

use super::Receipt;

/// Why a store could not do it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process has taken the log over: this one must not write again.
    #[error("another process writes this log now")]
    Fenced,
    #[error("the store cannot be reached or written: {0}")]
    Unavailable(String),
    #[error("the store holds something unreadable: {0}")]
    Unreadable(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<FromTheFuture> for StoreError {
    fn from(error: FromTheFuture) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// The state of the log.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub position: u64,
    pub fence: u64,
    pub log_id: Uuid,
}

/// A lease as a server asks for it: who, from when, for how long.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Names the data directory whose lock the server has: whoever had it before is dead. None while it has no lock.
    pub holder: Option<String>,
    /// What time it is. A store with a clock that all servers share goes by that instead.
    pub now: DateTime<Utc>,
    pub length: TimeDelta,
}

/// Where the log stands, as a server sees it that may have to take it over.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub head: Head,
    /// Whether whoever asks may have it now: the lease has lapsed, was given up, or was our own in a former life.
    pub free: bool,
    /// When the lease ends unless it is renewed.
    pub until: Option<DateTime<Utc>>,
}

/// One append of a batch: events of one stream with what they claim.
#[derive(Clone)]
pub struct AppendRow {
    pub stream: StreamId,
    pub expected: u64,
    /// Whether the stream is known to stand where it is expected, so that nobody need look.
    pub continues: bool,
    pub events: Vec<EventRow>,
    pub claims: Vec<ClaimRow>,
    /// The key of a contact who is new.
    pub new_key: Option<KeyRow>,
    pub forgets: Forgets,
}

/// What goes for ever with an append: claims of its stream that are free again, and the key of an erased contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgets {
    pub claims: Vec<[u8; 16]>,
    pub key: Option<ContactId>,
}

impl Forgets {
    pub fn nothing(&self) -> bool {
        self.claims.is_empty() && self.key.is_none()
    }
}

#[derive(Clone)]
pub struct EventRow {
    pub sequence: u64,
    pub name: &'static str,
    pub version: u16,
    /// JSON, the personal part sealed.
    pub payload: String,
    pub event_id: Uuid,
}

/// What a claim stands for: a command done, or a thing owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    Command,
    Unique,
}

impl ClaimKind {
    /// As it is stored.
    pub fn number(self) -> i16 {
        match self {
            Self::Command => 0,
            Self::Unique => 1,
        }
    }
}

#[derive(Clone)]
pub struct ClaimRow {
    pub key: [u8; 16],
    pub kind: ClaimKind,
}

impl ClaimRow {
    pub fn command(key: [u8; 16]) -> Self {
        Self { key, kind: ClaimKind::Command }
    }

    pub fn unique(key: [u8; 16]) -> Self {
        Self { key, kind: ClaimKind::Unique }
    }

    /// What is stored as its owner. Nobody asks who did a command, only where: most rows are commands, and stay short.
    pub fn owner(&self, stream: StreamId) -> String {
        match self.kind {
            ClaimKind::Command => String::new(),
            ClaimKind::Unique => stream.to_string(),
        }
    }
}

/// A contact's key, sealed under the master key.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub contact: ContactId,
    pub sealed: String,
}

/// What became of one append. One bad append never hurts its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Committed(Receipt),
    /// Its command was done before; this is where.
    Duplicate(Receipt),
    /// Another stream holds what it claims: nothing is stored.
    Taken(StreamId),
    /// The stream is not where the append expected it.
    Conflict,
}

/// An event as it is stored.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub position: u64,
    pub stream: StreamId,
    pub sequence: u64,
    pub name: String,
    pub version: u16,
    pub payload: String,
    pub metadata: String,
    pub recorded_at: DateTime<Utc>,
}

impl StoredEvent {
    /// As cqrs-es reads it.
    pub fn serialized(self) -> Result<SerializedEvent, StoreError> {
        let json = |text: &str| serde_json::from_str(text).map_err(|error| StoreError::Unreadable(error.to_string()));
        Ok(SerializedEvent {
            aggregate_id: self.stream.id.to_string(),
            sequence: usize::try_from(self.sequence).expect("a stream fits in memory"),
            aggregate_type: self.stream.kind.name().to_owned(),
            event_type: self.name,
            event_version: self.version.to_string(),
            payload: json(&self.payload)?,
            metadata: json(&self.metadata)?,
        })
    }
}

/// An event that cannot be read, as one that a newer version wrote, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub position: u64,
    /// Its stream, which may be of a kind nobody knows here.
    pub stream: String,
    /// What kind of event it is.
    pub event: String,
    pub error: String,
}

impl Unread {
    pub fn of(row: &StoredEvent, error: StoreError) -> Self {
        Self::at(row.position, [row.stream.kind.name(), &row.stream.id.to_string(), &row.name], error)
    }

    /// What cannot be read at a position, with the names of its stream's kind, its stream and itself.
    pub fn at(position: u64, [kind, id, event]: [&str; 3], error: StoreError) -> Self {
        let error = match error {
            StoreError::Unreadable(why) => why,
            error => error.to_string(),
        };
        Self { position, stream: format!("{kind}/{id}"), event: event.to_owned(), error }
    }

    /// Its stream, where that is of a kind that is known here.
    pub fn stream_id(&self) -> Option<StreamId> {
        parse_stream(&self.stream).ok()
    }
}

/// One position of the log.
pub type LogRow = Result<StoredEvent, Unread>;

/// What a stream folded to after its event `sequence`.
#[derive(Clone, Debug)]
pub struct SnapshotRow {
    pub stream: StreamId,
    /// Of which log: a restored one goes on in another way.
    pub log_id: String,
    pub sequence: u64,
    pub fold_version: u32,
    /// JSON; sealed where it holds somebody's words.
    pub payload: String,
}

impl SnapshotRow {
    /// Reads a snapshot as it is stored: databases have signed integers only.
    pub fn read(
        stream: StreamId,
        log_id: String,
        sequence: i64,
        fold_version: i64,
        payload: String,
    ) -> Result<Self, StoreError> {
        match (sequence.try_into(), fold_version.try_into()) {
            (Ok(sequence), Ok(fold_version)) => Ok(Self { stream, log_id, sequence, fold_version, payload }),
            _ => Err(StoreError::Unreadable(format!("a snapshot of version {fold_version} at {sequence}"))),
        }
    }
}

/// Reads a stream's name as claims keep it.
pub fn parse_stream(name: &str) -> Result<StreamId, StoreError> {
    let (kind, id) = name.split_once('/').unwrap_or((name, ""));
    stream_id(kind, id)
}

/// Reads a stream's name as events keep it.
pub fn stream_id(kind: &str, id: &str) -> Result<StreamId, StoreError> {
    let parsed = Kind::parse(kind).zip(id.parse().ok()).map(|(kind, id)| StreamId { kind, id });
    parsed.ok_or_else(|| StoreError::Unreadable(format!("{kind}/{id} names no stream")))
}

/// Reads a contact's key as it is stored.
pub fn key_row(contact: &str, sealed: String) -> Result<KeyRow, StoreError> {
    let contact = contact.parse().map_err(|_| StoreError::Unreadable(format!("{contact:?} names no contact")))?;
    Ok(KeyRow { contact, sealed })
}

/// A database that holds the log. The lane alone appends; anybody may read.
pub trait Store: Send + Sync + 'static {
    /// Takes the log over for writing and tells where it stands.
    fn raise_fence(&self) -> BoxFuture<'_, Result<Head, StoreError>>;

    /// Writes a batch in one transaction and says what became of each append. An error means: the outcome is unknown.
    fn append<'a>(
        &'a self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &'a [AppendRow],
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>>;

    /// The events of one stream after `sequence` as cqrs-es reads them.
    fn serialized(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<SerializedEvent>, StoreError>> {
        async move { self.read_stream(stream, after).await?.into_iter().map(StoredEvent::serialized).collect() }.boxed()
    }

    /// The newest snapshot of a stream. A store need not keep any.
    fn snapshot(&self, _stream: StreamId) -> BoxFuture<'_, Result<Option<SnapshotRow>, StoreError>> {
        async { Ok(None) }.boxed()
    }

    /// Keeps a snapshot in place of the one before. Nobody waits for it, and it may be lost in a crash.
    fn keep_snapshot<'a>(&'a self, _snapshot: &'a SnapshotRow) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    /// The events of one stream after `sequence`.
    fn read_stream(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>>;

    /// Up to `limit` events after `position`, in order; also those that make no sense here.
    fn read_log(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<LogRow>, StoreError>>;

    /// Where a command was done, if it was.
    fn receipt_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<Receipt>, StoreError>>;

    /// The stream that owns a claim.
    fn owner_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<StreamId>, StoreError>>;

    /// The sealed key of a contact; none once it was destroyed.
    fn contact_key(&self, contact: ContactId) -> BoxFuture<'_, Result<Option<String>, StoreError>>;

    /// The sealed keys of many contacts, of those that have one.
    fn contact_keys<'a>(&'a self, contacts: &'a [ContactId]) -> BoxFuture<'a, Result<Vec<KeyRow>, StoreError>> {
        async move {
            let mut keys = vec![];
            for contact in contacts {
                keys.extend(self.contact_key(*contact).await?.map(|sealed| KeyRow { contact: *contact, sealed }));
            }
            Ok(keys)
        }
        .boxed()
    }
}

/// Who may write the log, and until when. Leases decide who takes over, and when; the fence makes it safe.
pub trait Leases: Send + Sync + 'static {
    /// Where the log stands, and whether this lease would be granted.
    fn standing<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Standing, StoreError>>;

    /// Takes the log over for writing if it is free, raising the fence in the same step. None: it is not free.
    fn take_over<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Option<Head>, StoreError>>;

    /// Holds on to the log for another length. Whoever was overtaken is told so.
    fn renew<'a>(&'a self, fence: u64, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Lets go of the log, so that nobody has to wait.
    fn give_up(&self, fence: u64) -> BoxFuture<'_, Result<(), StoreError>>;
}
