//! What a database must offer to hold the log.

use chrono::{DateTime, Utc};
use cqrs_es::persist::SerializedEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
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

/// The state of the log.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub position: u64,
    pub fence: u64,
    pub log_id: Uuid,
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
    fn serialized(self) -> Result<SerializedEvent, StoreError> {
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

/// Reads a stream's name as claims keep it.
pub fn parse_stream(name: &str) -> Result<StreamId, StoreError> {
    let parsed =
        name.split_once('/').and_then(|(kind, id)| Some(StreamId { kind: Kind::parse(kind)?, id: id.parse().ok()? }));
    parsed.ok_or_else(|| StoreError::Unreadable(format!("{name:?} names no stream")))
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

    /// A whole stream as cqrs-es reads it.
    fn serialized(&self, stream: StreamId) -> BoxFuture<'_, Result<Vec<SerializedEvent>, StoreError>> {
        async move { self.read_stream(stream, 0).await?.into_iter().map(StoredEvent::serialized).collect() }.boxed()
    }

    /// The events of one stream after `sequence`.
    fn read_stream(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>>;

    /// Up to `limit` events after `position`, in order.
    fn read_log(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>>;

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
