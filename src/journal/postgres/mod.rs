//! The log on PostgreSQL: one function call, so one round trip and one transaction, for a batch.

mod append;
mod lease;
mod read;
mod schema;
mod snapshots;
mod writer;

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cqrs_es::persist::SerializedEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gatehouse_domain::{ContactId, StreamId};
use postgres_es::PostgresEventRepository;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{Connection, PgPool, Row};
use tokio::sync::Mutex;

use super::Receipt;
use super::store::{
    AppendRow, Head, KeyRow, Lease, Leases, LogRow, Outcome, SnapshotRow, Standing, Store, StoreError, StoredEvent,
};
pub use schema::prepare;
use writer::Writer;

/// The schema the log lives in, apart from what analysts read.
pub const SCHEMA: &str = "gatehouse_log";
const READERS_MAX: u32 = 8;
/// How long a reader waits for a connection, one that has to be made included.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that was used just now is not asked whether it still lives: that would double every look-up.
const ASK_AFTER_IDLE: Duration = Duration::from_secs(1);
/// No statement of ours takes longer, in milliseconds; one that does is given up rather than stall everybody.
const STATEMENT_TIMEOUT_MS: &str = "15000";
const LOCK_TIMEOUT_MS: &str = "5000";

/// The log in a PostgreSQL database.
pub struct PostgresStore {
    writer: Mutex<Writer>,
    readers: PgPool,
    /// cqrs-es's own reader over the same table.
    repository: PostgresEventRepository,
}

impl PostgresStore {
    /// Connects, and makes the schema where it is not as this version needs it.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options = options(url, SCHEMA)?;
        schema::prepare(&options, SCHEMA, include_str!("schema.sql")).await?;
        let pool = PgPoolOptions::new().max_connections(READERS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
        let readers = pool
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for >= ASK_AFTER_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone())
            .await?;
        let repository = PostgresEventRepository::new(readers.clone());
        Ok(Self { writer: Mutex::new(Writer::new(options)), readers, repository })
    }
}

/// How every connection of ours is made: to its schema, with bounds on what it may wait for.
pub fn options(url: &str, schema: &str) -> Result<PgConnectOptions, StoreError> {
    let bounds = [
        ("search_path", schema),
        ("statement_timeout", STATEMENT_TIMEOUT_MS),
        ("lock_timeout", LOCK_TIMEOUT_MS),
        ("idle_in_transaction_session_timeout", STATEMENT_TIMEOUT_MS),
        ("client_min_messages", "warning"),
        // Our statements are short: compiling them took 70 ms an append, for plans that only look dear.
        ("jit", "off"),
    ];
    Ok(PgConnectOptions::from_str(url)?.application_name("gatehouse").options(bounds))
}

impl Store for PostgresStore {
    fn raise_fence(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        async move {
            let row = sqlx::query("UPDATE log_head SET fence = fence + 1 RETURNING position, fence, log_id")
                .fetch_one(&self.readers)
                .await?;
            Ok(head(&row))
        }
        .boxed()
    }

    fn append<'a>(
        &'a self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &'a [AppendRow],
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>> {
        async move { self.writer.lock().await.append(fence, recorded_at, batch).await }.boxed()
    }

    fn serialized(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<SerializedEvent>, StoreError>> {
        async move {
            if after == 0 {
                return read::serialized(&self.repository, stream).await;
            }
            // postgres-es writes the sequence into the statement, and would have every one prepared anew.
            self.read_stream(stream, after).await?.into_iter().map(StoredEvent::serialized).collect()
        }
        .boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Result<Option<SnapshotRow>, StoreError>> {
        snapshots::newest(&self.readers, stream).boxed()
    }

    fn keep_snapshot<'a>(&'a self, snapshot: &'a SnapshotRow) -> BoxFuture<'a, Result<(), StoreError>> {
        snapshots::keep(&self.readers, snapshot).boxed()
    }

    fn read_stream(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        read::stream(&self.readers, stream, after).boxed()
    }

    fn read_log(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<LogRow>, StoreError>> {
        read::log(&self.readers, after, limit).boxed()
    }

    fn receipt_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<Receipt>, StoreError>> {
        read::receipt_of(&self.readers, key).boxed()
    }

    fn owner_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<StreamId>, StoreError>> {
        read::owner_of(&self.readers, key).boxed()
    }

    fn contact_key(&self, contact: ContactId) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        read::contact_key(&self.readers, contact).boxed()
    }

    fn contact_keys<'a>(&'a self, contacts: &'a [ContactId]) -> BoxFuture<'a, Result<Vec<KeyRow>, StoreError>> {
        read::contact_keys(&self.readers, contacts).boxed()
    }
}

impl Leases for PostgresStore {
    fn standing<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Standing, StoreError>> {
        lease::standing(&self.readers, lease).boxed()
    }

    fn take_over<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Option<Head>, StoreError>> {
        lease::take_over(&self.readers, lease).boxed()
    }

    fn renew<'a>(&'a self, fence: u64, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        lease::renew(&self.readers, fence, lease).boxed()
    }

    fn give_up(&self, fence: u64) -> BoxFuture<'_, Result<(), StoreError>> {
        lease::give_up(&self.readers, fence).boxed()
    }
}

fn head(row: &PgRow) -> Head {
    let number = |column: &str| unsigned(row.get(column));
    Head { position: number("position"), fence: number("fence"), log_id: row.get("log_id") }
}

/// PostgreSQL has signed integers only; ours are counted from zero.
fn unsigned(stored: i64) -> u64 {
    u64::try_from(stored).expect("positions and sequences are never negative")
}

fn signed(ours: u64) -> i64 {
    i64::try_from(ours).expect("no log grows beyond 63 bits")
}
