//! Reading the log.

use chrono::DateTime;
use gatehouse_domain::{ContactId, StreamId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};

use super::{signed, unsigned};
use crate::journal::Receipt;
use crate::journal::store::{KeyRow, LogRow, StoreError, StoredEvent, Unread, key_row, parse_stream, stream_id};

const COLUMNS: &str =
    "position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at";

pub async fn stream(readers: &SqlitePool, stream: StreamId, after: u64) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = select(COLUMNS, "aggregate_type = ? AND aggregate_id = ? AND sequence > ? ORDER BY sequence");
    let rows = sqlx::query(&sql)
        .bind(stream.kind.name())
        .bind(stream.id.to_string())
        .bind(signed(after))
        .fetch_all(readers)
        .await?;
    rows.iter().map(stored_event).collect()
}

pub async fn log(readers: &SqlitePool, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
    let sql = select(COLUMNS, "position > ? ORDER BY position LIMIT ?");
    let rows = sqlx::query(&sql).bind(signed(after)).bind(limit).fetch_all(readers).await?;
    Ok(rows.iter().map(log_row).collect())
}

pub async fn receipt_of(readers: &SqlitePool, key: [u8; 16]) -> Result<Option<Receipt>, StoreError> {
    let row = sqlx::query("SELECT position, sequence FROM claims WHERE key = ? AND kind = 0")
        .bind(key.as_slice())
        .fetch_optional(readers)
        .await?;
    Ok(row.map(|row| Receipt { position: unsigned(row.get("position")), sequence: unsigned(row.get("sequence")) }))
}

pub async fn owner_of(readers: &SqlitePool, key: [u8; 16]) -> Result<Option<StreamId>, StoreError> {
    let owner: Option<String> = sqlx::query_scalar("SELECT owner FROM claims WHERE key = ? AND kind = 1")
        .bind(key.as_slice())
        .fetch_optional(readers)
        .await?;
    owner.map(|owner| parse_stream(&owner)).transpose()
}

pub async fn contact_key(readers: &SqlitePool, contact: ContactId) -> Result<Option<String>, StoreError> {
    let sealed = sqlx::query_scalar("SELECT sealed FROM contact_keys WHERE contact = ?")
        .bind(contact.to_string())
        .fetch_optional(readers)
        .await?;
    Ok(sealed)
}

pub async fn contact_keys(readers: &SqlitePool, contacts: &[ContactId]) -> Result<Vec<KeyRow>, StoreError> {
    let contacts: Vec<String> = contacts.iter().map(ToString::to_string).collect();
    let rows =
        sqlx::query("SELECT contact, sealed FROM contact_keys WHERE contact IN (SELECT value FROM json_each(?))")
            .bind(serde_json::Value::from(contacts).to_string())
            .fetch_all(readers)
            .await?;
    rows.iter().map(|row| key_row(row.get("contact"), row.get("sealed"))).collect()
}

fn select(columns: &str, condition: &str) -> String {
    format!("SELECT {columns} FROM events WHERE {condition}")
}

fn log_row(row: &SqliteRow) -> LogRow {
    let names = ["aggregate_type", "aggregate_id", "event_type"].map(|column| row.get(column));
    stored_event(row).map_err(|error| Unread::at(unsigned(row.get("position")), names, error))
}

fn stored_event(row: &SqliteRow) -> Result<StoredEvent, StoreError> {
    let version: &str = row.get("event_version");
    Ok(StoredEvent {
        position: unsigned(row.get("position")),
        stream: stream_id(row.get("aggregate_type"), row.get("aggregate_id"))?,
        sequence: unsigned(row.get("sequence")),
        name: row.get("event_type"),
        version: version.parse().map_err(|_| StoreError::Unreadable(format!("event version {version:?}")))?,
        payload: row.get("payload"),
        metadata: row.get("metadata"),
        recorded_at: DateTime::from_timestamp_micros(row.get("recorded_at"))
            .ok_or_else(|| StoreError::Unreadable("recorded_at is out of range".to_owned()))?,
    })
}
