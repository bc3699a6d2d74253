//! Reading the log.

use chrono::{DateTime, Utc};
use cqrs_es::persist::{PersistedEventRepository, PersistenceError, SerializedEvent};
use gatehouse_domain::{
    ContactId, Kind, StreamId, agent::Agent, connection::Connection, contact::Contact, conversation::Conversation,
    end_reason::EndReason, gateway::Gateway, inbox::Inbox, team::Team, user::User,
};
use postgres_es::PostgresEventRepository;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use super::{signed, unsigned};
use crate::journal::Receipt;
use crate::journal::store::{KeyRow, LogRow, StoreError, StoredEvent, Unread, key_row, parse_stream};

const COLUMNS: &str = "position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload::text, \
                       metadata::text, recorded_at";

/// A stream through postgres-es. Its reads ask for the aggregate's type, of which only the name counts.
pub async fn serialized(
    repository: &PostgresEventRepository,
    stream: StreamId,
) -> Result<Vec<SerializedEvent>, StoreError> {
    let id = stream.id.to_string();
    let events = match stream.kind {
        Kind::Conversation => repository.get_events::<Conversation>(&id).await,
        Kind::Agent => repository.get_events::<Agent>(&id).await,
        Kind::Contact => repository.get_events::<Contact>(&id).await,
        Kind::Connection => repository.get_events::<Connection>(&id).await,
        Kind::Gateway => repository.get_events::<Gateway>(&id).await,
        Kind::Inbox => repository.get_events::<Inbox>(&id).await,
        Kind::EndReason => repository.get_events::<EndReason>(&id).await,
        Kind::User => repository.get_events::<User>(&id).await,
        Kind::Team => repository.get_events::<Team>(&id).await,
    };
    events.map_err(|error| match error {
        PersistenceError::DeserializationError(error) => StoreError::Unreadable(error.to_string()),
        error => StoreError::Unavailable(error.to_string()),
    })
}

pub async fn stream(readers: &PgPool, stream: StreamId, after: u64) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = select("aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence");
    let rows = sqlx::query(&sql)
        .bind(stream.kind.name())
        .bind(stream.id.to_string())
        .bind(signed(after))
        .fetch_all(readers)
        .await?;
    rows.iter().map(stored_event).collect()
}

pub async fn log(readers: &PgPool, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
    let sql = select("position > $1 ORDER BY position LIMIT $2");
    let rows = sqlx::query(&sql).bind(signed(after)).bind(i64::from(limit)).fetch_all(readers).await?;
    Ok(rows.iter().map(log_row).collect())
}

pub async fn receipt_of(readers: &PgPool, key: [u8; 16]) -> Result<Option<Receipt>, StoreError> {
    let row = sqlx::query("SELECT position, sequence FROM claims WHERE key = $1 AND kind = 0")
        .bind(key.as_slice())
        .fetch_optional(readers)
        .await?;
    Ok(row.map(|row| Receipt { position: unsigned(row.get("position")), sequence: unsigned(row.get("sequence")) }))
}

pub async fn owner_of(readers: &PgPool, key: [u8; 16]) -> Result<Option<StreamId>, StoreError> {
    let owner: Option<String> = sqlx::query_scalar("SELECT owner FROM claims WHERE key = $1 AND kind = 1")
        .bind(key.as_slice())
        .fetch_optional(readers)
        .await?;
    owner.map(|owner| parse_stream(&owner)).transpose()
}

pub async fn contact_key(readers: &PgPool, contact: ContactId) -> Result<Option<String>, StoreError> {
    let sealed = sqlx::query_scalar("SELECT sealed FROM contact_keys WHERE contact = $1")
        .bind(contact.to_string())
        .fetch_optional(readers)
        .await?;
    Ok(sealed)
}

pub async fn contact_keys(readers: &PgPool, contacts: &[ContactId]) -> Result<Vec<KeyRow>, StoreError> {
    let contacts: Vec<String> = contacts.iter().map(ToString::to_string).collect();
    let rows = sqlx::query("SELECT contact, sealed FROM contact_keys WHERE contact = ANY($1)")
        .bind(contacts)
        .fetch_all(readers)
        .await?;
    rows.iter().map(|row| key_row(row.get("contact"), row.get("sealed"))).collect()
}

fn select(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM events WHERE {condition}")
}

fn log_row(row: &PgRow) -> LogRow {
    let names = ["aggregate_type", "aggregate_id", "event_type"].map(|column| row.get(column));
    stored_event(row).map_err(|error| Unread::at(unsigned(row.get("position")), names, error))
}

fn stored_event(row: &PgRow) -> Result<StoredEvent, StoreError> {
    let (kind, id): (String, String) = (row.get("aggregate_type"), row.get("aggregate_id"));
    let version: String = row.get("event_version");
    Ok(StoredEvent {
        position: unsigned(row.get("position")),
        stream: parse_stream(&format!("{kind}/{id}"))?,
        sequence: unsigned(row.get("sequence")),
        name: row.get("event_type"),
        version: version.parse().map_err(|_| StoreError::Unreadable(format!("event version {version:?}")))?,
        payload: row.get("payload"),
        metadata: row.get("metadata"),
        recorded_at: row.get::<DateTime<Utc>, _>("recorded_at"),
    })
}
