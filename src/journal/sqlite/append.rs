//! Appending a batch in one transaction: insert first, and only where something is not unique, or to be forgotten, look
//! at each append.
//!
//! One actor writes a stream, so conflicts and repetitions are exceptional, and the fast path need not look for them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection, SqliteTransaction, query, query_scalar};

use super::{signed, unsigned};
use crate::journal::Receipt;
use crate::journal::store::{AppendRow, ClaimKind, Outcome, StoreError, parse_stream};

const EVENT_METADATA: &str = "{}";

/// Writes `batch` and says what became of each append.
pub async fn append(
    writer: &mut SqliteConnection,
    fence: u64,
    recorded_at: DateTime<Utc>,
    batch: &[AppendRow],
) -> Result<Vec<Outcome>, StoreError> {
    if batch.iter().all(|append| append.forgets.nothing())
        && let Some(outcomes) = all_at_once(writer, fence, recorded_at, batch).await?
    {
        return Ok(outcomes);
    }
    one_by_one(writer, fence, recorded_at, batch).await
}

/// The fast path: every row of the batch in a handful of statements. `None`: something was not unique, or a stream is
/// not where its append expects it; nothing is stored.
async fn all_at_once(
    writer: &mut SqliteConnection,
    fence: u64,
    recorded_at: DateTime<Utc>,
    batch: &[AppendRow],
) -> Result<Option<Vec<Outcome>>, StoreError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let before = lock_head(&mut transaction, fence).await?;
    let mut position = before;
    let (mut outcomes, mut events, mut claims, mut keys) = (vec![], vec![], vec![], vec![]);
    let (mut reached, mut beyond) = (vec![], vec![]);
    for append in batch {
        let receipt = receipt_of(append, position);
        for event in &append.events {
            position += 1;
            events.push(json!([
                position,
                append.stream.kind.name(),
                append.stream.id,
                event.sequence,
                event.name,
                event.version.to_string(),
                event.payload,
                event.event_id
            ]));
        }
        claims.extend(claim_rows(append, receipt));
        keys.extend(append.new_key.iter().map(|key| json!([key.contact, key.sealed])));
        if append.expected > 0 && !append.continues {
            reached.push(place(append, append.expected));
        }
        if append.events.is_empty() {
            beyond.push(place(append, append.expected + 1));
        }
        outcomes.push(Outcome::Committed(receipt));
    }
    let written = async {
        let expected = reached.len() as u64;
        if taken_places(&mut transaction, reached).await? != expected
            || taken_places(&mut transaction, beyond).await? != 0
        {
            return Ok(false);
        }
        insert_events(&mut transaction, events, recorded_at).await?;
        insert_claims(&mut transaction, claims).await?;
        insert_keys(&mut transaction, keys).await?;
        move_head(&mut transaction, position).await?;
        Ok(true)
    }
    .await;
    match written {
        Ok(true) => transaction.commit().await.map(|()| Some(outcomes)).map_err(StoreError::from),
        Ok(false) => transaction.rollback().await.map(|()| None).map_err(StoreError::from),
        Err(error) if is_unique_violation(&error) => {
            transaction.rollback().await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The checked path: each append by itself, in order, so that each gets its own outcome.
async fn one_by_one(
    writer: &mut SqliteConnection,
    fence: u64,
    recorded_at: DateTime<Utc>,
    batch: &[AppendRow],
) -> Result<Vec<Outcome>, StoreError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let mut position = lock_head(&mut transaction, fence).await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for append in batch {
        let outcome = match refusal(&mut transaction, append).await? {
            Some(outcome) => outcome,
            None => {
                let receipt = receipt_of(append, position);
                let rows = append.events.iter().zip(position + 1..).map(|(event, position)| {
                    json!([
                        position,
                        append.stream.kind.name(),
                        append.stream.id,
                        event.sequence,
                        event.name,
                        event.version.to_string(),
                        event.payload,
                        event.event_id
                    ])
                });
                insert_events(&mut transaction, rows.collect(), recorded_at).await?;
                let own = own_claims(&mut transaction, append).await?;
                let new = claim_rows(append, receipt).into_iter().filter(|row| !own.contains(&row[0])).collect();
                insert_claims(&mut transaction, new).await?;
                let keys = append.new_key.iter().map(|key| json!([key.contact, key.sealed])).collect();
                insert_keys(&mut transaction, keys).await?;
                forget(&mut transaction, append).await?;
                position = receipt.position.max(position);
                Outcome::Committed(receipt)
            }
        };
        outcomes.push(outcome);
    }
    move_head(&mut transaction, position).await?;
    transaction.commit().await?;
    Ok(outcomes)
}

/// Why an append cannot be stored, if it cannot.
async fn refusal(transaction: &mut SqliteTransaction<'_>, append: &AppendRow) -> Result<Option<Outcome>, StoreError> {
    for claim in &append.claims {
        let row = query("SELECT owner, sequence, position FROM claims WHERE key = ?")
            .bind(claim.key.as_slice())
            .fetch_optional(&mut **transaction)
            .await?;
        let Some(row) = row else { continue };
        if claim.kind == ClaimKind::Command {
            let receipt = Receipt { position: unsigned(row.get("position")), sequence: unsigned(row.get("sequence")) };
            return Ok(Some(Outcome::Duplicate(receipt)));
        }
        let owner = parse_stream(row.get("owner"))?;
        if owner != append.stream {
            return Ok(Some(Outcome::Taken(owner)));
        }
    }
    let last: Option<i64> =
        query_scalar("SELECT max(sequence) FROM events WHERE aggregate_type = ? AND aggregate_id = ?")
            .bind(append.stream.kind.name())
            .bind(append.stream.id.to_string())
            .fetch_one(&mut **transaction)
            .await?;
    let moved_on = unsigned(last.unwrap_or(0)) != append.expected;
    Ok(moved_on.then_some(Outcome::Conflict))
}

/// The claims this stream holds already: claiming one's own again is no violation.
async fn own_claims(transaction: &mut SqliteTransaction<'_>, append: &AppendRow) -> Result<Vec<Value>, StoreError> {
    let mut own = vec![];
    for claim in append.claims.iter().filter(|claim| claim.kind == ClaimKind::Unique) {
        let held: Option<i64> = query_scalar("SELECT 1 FROM claims WHERE key = ?")
            .bind(claim.key.as_slice())
            .fetch_optional(&mut **transaction)
            .await?;
        if held.is_some() {
            own.push(Value::from(hex::encode(claim.key)));
        }
    }
    Ok(own)
}

fn place(append: &AppendRow, sequence: u64) -> Value {
    json!([append.stream.kind.name(), append.stream.id, sequence])
}

/// How many of these places in streams hold an event.
async fn taken_places(transaction: &mut SqliteTransaction<'_>, places: Vec<Value>) -> Result<u64, sqlx::Error> {
    if places.is_empty() {
        return Ok(0);
    }
    let taken: i64 = query_scalar(
        "SELECT count(*) FROM json_each(?) AS j JOIN events AS e ON e.aggregate_type = j.value->>0
         AND e.aggregate_id = j.value->>1 AND e.sequence = j.value->>2",
    )
    .bind(Value::from(places).to_string())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(unsigned(taken))
}

fn receipt_of(append: &AppendRow, before: u64) -> Receipt {
    let events = append.events.len() as u64;
    Receipt { position: before + events, sequence: append.expected + events }
}

fn claim_rows(append: &AppendRow, receipt: Receipt) -> Vec<Value> {
    let row = |claim: &crate::journal::store::ClaimRow| {
        let kind = match claim.kind {
            ClaimKind::Command => 0,
            ClaimKind::Unique => 1,
        };
        json!([hex::encode(claim.key), kind, append.stream.to_string(), receipt.sequence, receipt.position])
    };
    append.claims.iter().map(row).collect()
}

async fn lock_head(transaction: &mut SqliteTransaction<'_>, fence: u64) -> Result<u64, StoreError> {
    let position: Option<i64> = query_scalar("SELECT position FROM log_head WHERE fence = ?")
        .bind(signed(fence))
        .fetch_optional(&mut **transaction)
        .await?;
    position.map(unsigned).ok_or(StoreError::Fenced)
}

async fn move_head(transaction: &mut SqliteTransaction<'_>, position: u64) -> Result<(), sqlx::Error> {
    query("UPDATE log_head SET position = ?").bind(signed(position)).execute(&mut **transaction).await?;
    Ok(())
}

async fn insert_events(
    transaction: &mut SqliteTransaction<'_>,
    rows: Vec<Value>,
    recorded_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    query(
        "INSERT INTO events (position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload,
             event_id, metadata, recorded_at)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, ?, ?
         FROM json_each(?)",
    )
    .bind(EVENT_METADATA)
    .bind(recorded_at.timestamp_micros())
    .bind(Value::from(rows).to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert_claims(transaction: &mut SqliteTransaction<'_>, rows: Vec<Value>) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    query(
        "INSERT INTO claims (key, kind, owner, sequence, position)
         SELECT unhex(value->>0), value->>1, value->>2, value->>3, value->>4 FROM json_each(?)",
    )
    .bind(Value::from(rows).to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert_keys(transaction: &mut SqliteTransaction<'_>, rows: Vec<Value>) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    query("INSERT OR IGNORE INTO contact_keys SELECT value->>0, value->>1 FROM json_each(?)")
        .bind(Value::from(rows).to_string())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Frees what the stream gives back, if it is the stream's, and destroys the key of an erased contact.
async fn forget(transaction: &mut SqliteTransaction<'_>, append: &AppendRow) -> Result<(), sqlx::Error> {
    for claim in &append.forgets.claims {
        query("DELETE FROM claims WHERE key = ? AND kind = 1 AND owner = ?")
            .bind(claim.as_slice())
            .bind(append.stream.to_string())
            .execute(&mut **transaction)
            .await?;
    }
    if let Some(contact) = append.forgets.key {
        query("DELETE FROM contact_keys WHERE contact = ?")
            .bind(contact.to_string())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}
