//! The log in one SQLite file: WAL, every commit on disk before it is acknowledged.

mod append;
mod lease;
mod read;
mod snapshots;
mod writer;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gatehouse_domain::{ContactId, StreamId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Row, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::store::{
    AppendRow, Head, KeyRow, Lease, Leases, LogRow, Outcome, SnapshotRow, Standing, Store, StoreError, StoredEvent,
};
use super::{ACQUIRE_TIMEOUT, Receipt};
use crate::clock::fresh_id;
use writer::Writer;

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS_MAX: u32 = 4;
/// `PRAGMA synchronous` FULL: an acknowledged commit survives a power cut.
const SYNCHRONOUS_FULL: i64 = 2;

/// The log in `log.db`.
pub struct SqliteStore {
    writer: Mutex<Writer>,
    readers: SqlitePool,
    snapshots: Mutex<SqliteConnection>,
}

impl SqliteStore {
    /// Opens the file, making it where there is none.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = options(file)?;
        let mut writer = Writer::new(options.clone());
        let connection = writer.connected().await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *connection).await?;
        lease::add_columns(connection).await?;
        sqlx::query("INSERT OR IGNORE INTO log_head (one, position, fence, log_id) VALUES (1, 0, 0, ?)")
            .bind(fresh_id().to_string())
            .execute(&mut *connection)
            .await?;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
        if synchronous != SYNCHRONOUS_FULL {
            return Err(StoreError::Unavailable("the log must be opened with synchronous=FULL".to_owned()));
        }
        // A file does not hang up: asking first whether it is still there would double every look-up.
        let pool = SqlitePoolOptions::new().max_connections(READERS_MAX).test_before_acquire(false);
        let readers = pool.acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options.clone()).await?;
        let snapshots = Mutex::new(snapshots::connect(options).await?);
        Ok(Self { writer: Mutex::new(writer), readers, snapshots })
    }
}

/// How every file of ours is opened.
pub fn options(file: &Path) -> Result<SqliteConnectOptions, StoreError> {
    let url = format!("sqlite://{}", file.display());
    Ok(SqliteConnectOptions::from_str(&url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT))
}

impl Store for SqliteStore {
    fn raise_fence(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        async move {
            let mut writer = self.writer.lock().await;
            let connection = writer.connected().await?;
            let row = sqlx::query("UPDATE log_head SET fence = fence + 1 RETURNING position, fence, log_id")
                .fetch_one(&mut *connection)
                .await?;
            // An erasure may have been broken off before its traces were gone.
            overwrite_traces(connection).await;
            head(&row)
        }
        .boxed()
    }

    fn append<'a>(
        &'a self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &'a [AppendRow],
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>> {
        async move {
            let mut writer = self.writer.lock().await;
            let outcomes = writer.append(fence, recorded_at, batch).await?;
            if batch.iter().any(|append| append.forgets.key.is_some()) {
                overwrite_traces(writer.connected().await?).await;
            }
            Ok(outcomes)
        }
        .boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Result<Option<SnapshotRow>, StoreError>> {
        snapshots::newest(&self.readers, stream).boxed()
    }

    fn keep_snapshot<'a>(&'a self, snapshot: &'a SnapshotRow) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let mut connection = self.snapshots.lock().await;
            // A file has one writer at a time: who waits here does not make the lane ask SQLite again and again.
            let _turn = self.writer.lock().await;
            snapshots::keep(&mut connection, snapshot).await
        }
        .boxed()
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

impl Leases for SqliteStore {
    fn standing<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Standing, StoreError>> {
        lease::standing(&self.readers, lease).boxed()
    }

    fn take_over<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Option<Head>, StoreError>> {
        async move {
            let mut writer = self.writer.lock().await;
            let connection = writer.connected().await?;
            let head = lease::take_over(connection, lease).await?;
            if head.is_some() {
                // An erasure may have been broken off before its traces were gone.
                overwrite_traces(connection).await;
            }
            Ok(head)
        }
        .boxed()
    }

    fn renew<'a>(&'a self, fence: u64, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        async move { lease::renew(self.writer.lock().await.connected().await?, fence, lease).await }.boxed()
    }

    fn give_up(&self, fence: u64) -> BoxFuture<'_, Result<(), StoreError>> {
        async move { lease::give_up(self.writer.lock().await.connected().await?, fence).await }.boxed()
    }
}

fn head(row: &SqliteRow) -> Result<Head, StoreError> {
    let log_id: String = row.get("log_id");
    Ok(Head {
        position: unsigned(row.get("position")),
        fence: unsigned(row.get("fence")),
        log_id: log_id.parse().map_err(|_| StoreError::Unreadable("log_id is no id".to_owned()))?,
    })
}

/// Brings the file up to date and empties the write-ahead log: pages in it still show what was deleted since.
async fn overwrite_traces(writer: &mut SqliteConnection) {
    let checkpointed = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await;
    let busy = checkpointed.map(|row| row.get::<i64, _>(0) != 0).unwrap_or(true);
    if busy {
        tracing::warn!("the write-ahead log is in use: what it shows of an erased key goes with a later checkpoint");
    }
}

/// SQLite has signed integers only; ours are counted from zero.
fn unsigned(stored: i64) -> u64 {
    u64::try_from(stored).expect("positions and sequences are never negative")
}

fn signed(ours: u64) -> i64 {
    i64::try_from(ours).expect("no log grows beyond 63 bits")
}
