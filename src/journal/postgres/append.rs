//! Appending a batch: insert first, and only where something is not unique, or to be forgotten, look at each append.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row, query, query_scalar};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::journal::Receipt;
use crate::journal::store::{AppendRow, Outcome, StoreError, parse_stream};

/// Raised by the functions in `schema.sql`.
const FENCED: &str = "GH001";
const NOT_WHERE_EXPECTED: &str = "GH002";
const UNIQUE_VIOLATION: &str = "23505";

/// Why a batch has no outcomes.
pub enum Failure {
    /// The database said no: nothing was written.
    Refused(StoreError),
    /// No answer came: nobody knows what was written.
    Lost(sqlx::Error),
}

pub async fn append(
    connection: &mut PgConnection,
    fence: u64,
    recorded_at: DateTime<Utc>,
    batch: &[AppendRow],
) -> Result<Vec<Outcome>, Failure> {
    if batch.iter().any(|append| !append.forgets.nothing()) {
        return one_by_one(connection, fence, recorded_at, batch).await.map_err(failure);
    }
    match all_at_once(connection, fence, recorded_at, batch).await {
        Ok(outcomes) => Ok(outcomes),
        Err(error) => match code(&error).as_deref() {
            Some(UNIQUE_VIOLATION | NOT_WHERE_EXPECTED) => {
                one_by_one(connection, fence, recorded_at, batch).await.map_err(failure)
            }
            _ => Err(failure(error)),
        },
    }
}

async fn all_at_once(
    connection: &mut PgConnection,
    fence: u64,
    recorded_at: DateTime<Utc>,
    batch: &[AppendRow],
) -> Result<Vec<Outcome>, sqlx::Error> {
    let continued = || batch.iter().filter(|append| append.expected > 0 && !append.continues);
    let idle = || batch.iter().filter(|append| append.events.is_empty());
    let events = Events::of(batch);
    let claims: Vec<_> = batch
        .iter()
        .scan(0, |offset, append| {
            *offset += append.events.len() as u64;
            let (sequence, offset) = (append.expected + append.events.len() as u64, *offset);
            let rows = append.claims.iter();
            Some(rows.map(move |claim| (claim, claim.owner(append.stream), signed(sequence), signed(offset))))
        })
        .flatten()
        .collect();
    let keys: Vec<_> = batch.iter().filter_map(|append| append.new_key.as_ref()).collect();
    let base: i64 = query_scalar(
        "SELECT append_all($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                           $21, $22)",
    )
    .bind(signed(fence))
    .bind(recorded_at)
    .bind(continued().map(|append| append.stream.kind.name()).collect::<Vec<_>>())
    .bind(continued().map(|append| append.stream.id.to_string()).collect::<Vec<_>>())
    .bind(continued().map(|append| signed(append.expected)).collect::<Vec<_>>())
    .bind(idle().map(|append| append.stream.kind.name()).collect::<Vec<_>>())
    .bind(idle().map(|append| append.stream.id.to_string()).collect::<Vec<_>>())
    .bind(idle().map(|append| signed(append.expected + 1)).collect::<Vec<_>>())
    .bind(events.kinds)
    .bind(events.streams)
    .bind(events.sequences)
    .bind(events.names)
    .bind(events.versions)
    .bind(events.payloads)
    .bind(events.ids)
    .bind(claims.iter().map(|(claim, ..)| claim.key.to_vec()).collect::<Vec<_>>())
    .bind(claims.iter().map(|(claim, ..)| claim.kind.number()).collect::<Vec<_>>())
    .bind(claims.iter().map(|(_, owner, ..)| owner.clone()).collect::<Vec<_>>())
    .bind(claims.iter().map(|(_, _, sequence, _)| *sequence).collect::<Vec<_>>())
    .bind(claims.iter().map(|(_, _, _, offset)| *offset).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.contact.to_string()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.sealed.clone()).collect::<Vec<_>>())
    .fetch_one(connection)
    .await?;
    let mut position = unsigned(base);
    let receipt = |append: &AppendRow| {
        let events = append.events.len() as u64;
        position += events;
        Outcome::Committed(Receipt { position, sequence: append.expected + events })
    };
    Ok(batch.iter().map(receipt).collect())
}

async fn one_by_one(
    connection: &mut PgConnection,
    fence: u64,
    recorded_at: DateTime<Utc>,
    batch: &[AppendRow],
) -> Result<Vec<Outcome>, sqlx::Error> {
    let up_to = |count: fn(&AppendRow) -> usize| {
        let sums = batch.iter().scan(0, move |sum, append| {
            *sum += i32::try_from(count(append)).expect("a batch is small");
            Some(*sum)
        });
        sums.collect::<Vec<i32>>()
    };
    let events = Events::of(batch);
    let claims = || batch.iter().flat_map(|append| append.claims.iter());
    let keys: Vec<_> = (1..).zip(batch).filter_map(|(index, append)| Some((index, append.new_key.as_ref()?))).collect();
    let released: Vec<(i32, Vec<u8>)> = (1..)
        .zip(batch)
        .flat_map(|(index, append)| append.forgets.claims.iter().map(move |claim| (index, claim.to_vec())))
        .collect();
    let destroyed: Vec<(i32, String)> =
        (1..).zip(batch).filter_map(|(index, append)| Some((index, append.forgets.key?.to_string()))).collect();
    let rows = query(
        "SELECT outcome, at_position, at_sequence, taken_by
         FROM append_each($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                          $21)",
    )
    .bind(signed(fence))
    .bind(recorded_at)
    .bind(batch.iter().map(|append| append.stream.kind.name()).collect::<Vec<_>>())
    .bind(batch.iter().map(|append| append.stream.id.to_string()).collect::<Vec<_>>())
    .bind(batch.iter().map(|append| signed(append.expected)).collect::<Vec<_>>())
    .bind(up_to(|append| append.events.len()))
    .bind(up_to(|append| append.claims.len()))
    .bind(events.sequences)
    .bind(events.names)
    .bind(events.versions)
    .bind(events.payloads)
    .bind(events.ids)
    .bind(claims().map(|claim| claim.key.to_vec()).collect::<Vec<_>>())
    .bind(claims().map(|claim| claim.kind.number()).collect::<Vec<_>>())
    .bind(keys.iter().map(|(index, _)| *index).collect::<Vec<i32>>())
    .bind(keys.iter().map(|(_, key)| key.contact.to_string()).collect::<Vec<_>>())
    .bind(keys.iter().map(|(_, key)| key.sealed.clone()).collect::<Vec<_>>())
    .bind(released.iter().map(|(index, _)| *index).collect::<Vec<_>>())
    .bind(released.iter().map(|(_, claim)| claim.clone()).collect::<Vec<_>>())
    .bind(destroyed.iter().map(|(index, _)| *index).collect::<Vec<_>>())
    .bind(destroyed.iter().map(|(_, contact)| contact.clone()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    let outcome = |row: &sqlx::postgres::PgRow| {
        let receipt =
            Receipt { position: unsigned(row.get("at_position")), sequence: unsigned(row.get("at_sequence")) };
        Ok(match row.get::<i32, _>("outcome") {
            0 => Outcome::Committed(receipt),
            1 => Outcome::Duplicate(receipt),
            2 => Outcome::Taken(parse_stream(row.get("taken_by")).map_err(|error| sqlx::Error::Decode(error.into()))?),
            _ => Outcome::Conflict,
        })
    };
    rows.iter().map(outcome).collect()
}

/// The events of a batch, column by column.
#[derive(Default)]
struct Events<'a> {
    kinds: Vec<&'static str>,
    streams: Vec<String>,
    sequences: Vec<i64>,
    names: Vec<&'static str>,
    versions: Vec<String>,
    payloads: Vec<&'a str>,
    ids: Vec<Uuid>,
}

impl<'a> Events<'a> {
    fn of(batch: &'a [AppendRow]) -> Self {
        let mut columns = Self::default();
        for append in batch {
            for event in &append.events {
                columns.kinds.push(append.stream.kind.name());
                columns.streams.push(append.stream.id.to_string());
                columns.sequences.push(signed(event.sequence));
                columns.names.push(event.name);
                columns.versions.push(event.version.to_string());
                columns.payloads.push(&event.payload);
                columns.ids.push(event.event_id);
            }
        }
        columns
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

/// An answer of the database is a no; anything else leaves the outcome open. So does the end of our own backend.
fn failure(error: sqlx::Error) -> Failure {
    match code(&error).as_deref() {
        Some(FENCED) => Failure::Refused(StoreError::Fenced),
        Some(code) if !code.starts_with("57P") => Failure::Refused(error.into()),
        _ => Failure::Lost(error),
    }
}
