//! Appending a batch in one transaction: insert first, and only where something is not unique, or to be forgotten, look
//! at each append.
//!
//! One actor writes a stream, so conflicts and repetitions are exceptional, and the fast path need not look for them.

use chrono::{DateTime, Utc};
use gatehouse_domain::StreamId;
use serde_json::{Value, json};
use sqlx::query_builder::Separated;
use sqlx::{Connection, QueryBuilder, Row, Sqlite, SqliteConnection, SqliteTransaction, query, query_scalar};

use super::{signed, unsigned};
use crate::journal::Receipt;
use crate::journal::store::{AppendRow, ClaimKind, ClaimRow, EventRow, KeyRow, Outcome, StoreError, parse_stream};

/// As it is written in SQL: nothing.
const EVENT_METADATA: &str = "'{}'";
/// Rows of one statement: with ten values each, far below SQLite's limit of 32,766.
const ROWS_MAX: usize = 256;

/// An event in its place.
struct NewEvent<'a> {
    position: u64,
    stream: StreamId,
    event: &'a EventRow,
}

/// A claim with what is found under it from now on.
struct NewClaim<'a> {
    claim: &'a ClaimRow,
    stream: StreamId,
    receipt: Receipt,
}

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
        events.extend(event_rows(append, position));
        position = receipt.position;
        claims.extend(claim_rows(append, receipt));
        keys.extend(&append.new_key);
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
        insert_events(&mut transaction, &events, recorded_at).await?;
        insert_claims(&mut transaction, &claims).await?;
        insert_keys(&mut transaction, &keys).await?;
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
                let rows: Vec<_> = event_rows(append, position).collect();
                insert_events(&mut transaction, &rows, recorded_at).await?;
                let own = own_claims(&mut transaction, append).await?;
                let new: Vec<_> = claim_rows(append, receipt).filter(|row| !own.contains(&row.claim.key)).collect();
                insert_claims(&mut transaction, &new).await?;
                insert_keys(&mut transaction, &append.new_key.iter().collect::<Vec<_>>()).await?;
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
async fn own_claims(transaction: &mut SqliteTransaction<'_>, append: &AppendRow) -> Result<Vec<[u8; 16]>, StoreError> {
    let mut own = vec![];
    for claim in append.claims.iter().filter(|claim| claim.kind == ClaimKind::Unique) {
        let held: Option<i64> = query_scalar("SELECT 1 FROM claims WHERE key = ?")
            .bind(claim.key.as_slice())
            .fetch_optional(&mut **transaction)
            .await?;
        if held.is_some() {
            own.push(claim.key);
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

fn event_rows(append: &AppendRow, before: u64) -> impl Iterator<Item = NewEvent<'_>> {
    (before + 1..).zip(&append.events).map(|(position, event)| NewEvent { position, stream: append.stream, event })
}

fn claim_rows(append: &AppendRow, receipt: Receipt) -> impl Iterator<Item = NewClaim<'_>> {
    append.claims.iter().map(move |claim| NewClaim { claim, stream: append.stream, receipt })
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
    rows: &[NewEvent<'_>],
    recorded_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let into =
        "INSERT OR FAIL INTO events (position, aggregate_type, aggregate_id, sequence, event_type, event_version,
                payload, event_id, metadata, recorded_at) ";
    insert(transaction, into, rows, |mut values, row| {
        values.push_bind(signed(row.position)).push_bind(row.stream.kind.name());
        values.push_bind(row.stream.id.to_string()).push_bind(signed(row.event.sequence));
        values.push_bind(row.event.name).push_bind(row.event.version.to_string());
        values.push_bind(row.event.payload.as_str()).push_bind(row.event.event_id.to_string());
        values.push(EVENT_METADATA).push_bind(recorded_at.timestamp_micros());
    })
    .await
}

async fn insert_claims(transaction: &mut SqliteTransaction<'_>, rows: &[NewClaim<'_>]) -> Result<(), sqlx::Error> {
    let into = "INSERT OR FAIL INTO claims (key, kind, owner, sequence, position) ";
    insert(transaction, into, rows, |mut values, row| {
        values.push_bind(row.claim.key.as_slice()).push_bind(row.claim.kind.number());
        values.push_bind(row.claim.owner(row.stream));
        values.push_bind(signed(row.receipt.sequence)).push_bind(signed(row.receipt.position));
    })
    .await
}

async fn insert_keys(transaction: &mut SqliteTransaction<'_>, rows: &[&KeyRow]) -> Result<(), sqlx::Error> {
    insert(transaction, "INSERT OR IGNORE INTO contact_keys (contact, sealed) ", rows, |mut values, key| {
        values.push_bind(key.contact.to_string()).push_bind(key.sealed.as_str());
    })
    .await
}

/// Inserts rows, many with one statement.
///
/// As plain values, and `OR FAIL`: a statement of many rows that may end half-way, by a constraint or in a function such
/// as those that read JSON, would first copy every page it changes to a file beside the log, for undoing itself alone.
/// Here whatever fails undoes the whole transaction.
async fn insert<'a, T>(
    transaction: &mut SqliteTransaction<'_>,
    into: &'a str,
    mut rows: &'a [T],
    mut bind: impl FnMut(Separated<'_, 'a, Sqlite, &'static str>, &'a T),
) -> Result<(), sqlx::Error> {
    while !rows.is_empty() {
        // Powers of two: few statements, so that each is prepared once.
        let count = ROWS_MAX.min(1 << rows.len().ilog2());
        let (now, later) = rows.split_at(count);
        QueryBuilder::new(into).push_values(now, &mut bind).build().execute(&mut **transaction).await?;
        rows = later;
    }
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
