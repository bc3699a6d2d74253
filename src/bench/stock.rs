//! What one would use instead of the lane: cqrs-es as it comes, or a transaction for every command; and the ceiling, raw
//! `COPY`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use futures_util::StreamExt;
use gatehouse_domain::{Clock, Kind, StreamId};
use postgres_es::PostgresCqrs;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::append::STREAM_EVENTS;
use super::fresh::{Fresh, Look};
use super::report::Speed;
use crate::clock::{SystemClock, fresh_id, random_bytes};
use crate::journal::store::{AppendRow, ClaimRow, EventRow, Forgets, Outcome, Store};

const NAME: &str = "note_added";
/// As many as postgres-es itself opens by default.
const CONNECTIONS_MAX: u32 = 10;
/// Rows sent to `COPY` at a time.
const COPY_ROWS: usize = 1_000;

/// The table as the documentation of postgres-es defines it.
const TABLE: &str = "CREATE TABLE events (
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
)";

/// cqrs-es with postgres-es, on its own table.
pub struct Framework {
    pool: PgPool,
    cqrs: PostgresCqrs<Notes>,
}

/// The least aggregate there can be: whatever it is told has happened.
#[derive(Default, Serialize, Deserialize)]
struct Notes {
    count: u64,
}

/// A payload as the journal stored it, so already sealed: stock is spared that work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Noted(Value);

impl DomainEvent for Noted {
    fn event_type(&self) -> String {
        NAME.to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

impl Aggregate for Notes {
    const TYPE: &'static str = Kind::Conversation.name();
    type Command = Noted;
    type Event = Noted;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, command: Noted, _: &(), sink: &EventSink<Self>) -> Result<(), Infallible> {
        sink.write(command, self).await;
        Ok(())
    }

    fn apply(&mut self, _: Noted) {
        self.count += 1;
    }
}

impl Framework {
    pub async fn make(url: &str) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).connect(url).await?;
        sqlx::raw_sql(TABLE).execute(&pool).await?;
        Ok(Self { cqrs: postgres_es::postgres_cqrs(pool.clone(), vec![], ()), pool })
    }

    /// One writer: its streams one after the other.
    pub async fn write(self: Arc<Self>, ids: Vec<Uuid>, payload: String) -> anyhow::Result<Vec<Duration>> {
        let noted = Noted(serde_json::from_str(&payload)?);
        let mut took = vec![];
        for id in ids {
            for _ in 0..STREAM_EVENTS {
                let started = Instant::now();
                self.cqrs.execute(&id.to_string(), noted.clone()).await?;
                took.push(started.elapsed());
            }
        }
        Ok(took)
    }

    /// Fails unless all of it is stored.
    pub async fn verify(&self, events: u64) -> anyhow::Result<()> {
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&self.pool).await?;
        anyhow::ensure!(u64::try_from(stored)? == events, "stock stored {stored} of {events}");
        self.pool.close().await;
        Ok(())
    }
}

/// One writer on the same tables as ours, a transaction for each command.
pub async fn one_by_one(
    store: Arc<dyn Store>,
    fence: u64,
    ids: Vec<Uuid>,
    payload: String,
) -> anyhow::Result<Vec<Duration>> {
    let mut took = vec![];
    for id in ids {
        for expected in 0..STREAM_EVENTS {
            let started = Instant::now();
            let event = EventRow {
                sequence: expected + 1,
                name: NAME,
                version: 1,
                payload: payload.clone(),
                event_id: fresh_id(),
            };
            let append = AppendRow {
                stream: StreamId { kind: Kind::Conversation, id },
                expected,
                continues: false,
                events: vec![event],
                claims: vec![ClaimRow::command(random_bytes())],
                new_key: None,
                forgets: Forgets::default(),
            };
            let outcomes = store.append(fence, SystemClock.now(), &[append]).await?;
            anyhow::ensure!(matches!(outcomes[..], [Outcome::Committed(_)]), "a command was not done: {outcomes:?}");
            took.push(started.elapsed());
        }
    }
    Ok(took)
}

/// The rows of `stored`, copied into the same table, with the same indexes, in a place of its own.
pub async fn copy(stored: &mut PgConnection, to: &Fresh) -> anyhow::Result<Speed> {
    let mut rows = stored.copy_out_raw("COPY events TO STDOUT").await?;
    let mut chunks = vec![];
    while let Some(chunk) = rows.next().await {
        chunks.push(chunk?);
    }
    drop(rows);
    // Makes the tables.
    to.store().await?;
    let Look::Postgres(mut connection) = to.look().await? else { anyhow::bail!("only PostgreSQL copies") };
    let started = Instant::now();
    let mut into = connection.copy_in_raw("COPY events FROM STDIN").await?;
    for chunk in chunks.chunks(COPY_ROWS) {
        into.send(chunk.concat()).await?;
    }
    let copied = into.finish().await?;
    let elapsed = started.elapsed();
    anyhow::ensure!(copied as usize == chunks.len(), "{copied} of {} rows were copied", chunks.len());
    Ok(Speed { per_second: copied as f64 / elapsed.as_secs_f64(), p50_ms: f64::NAN, p99_ms: f64::NAN })
}
