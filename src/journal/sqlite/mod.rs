//! The log in one SQLite file: WAL, every commit on disk before it is acknowledged.

mod append;
mod read;
mod writer;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gatehouse_domain::{ContactId, StreamId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};
use tokio::sync::Mutex;

use super::store::{AppendRow, Head, KeyRow, Outcome, Store, StoreError, StoredEvent};
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
}

impl SqliteStore {
    /// Opens the file, making it where there is none.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = options(file)?;
        let mut writer = Writer::new(options.clone());
        let connection = writer.connected().await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *connection).await?;
        sqlx::query("INSERT OR IGNORE INTO log_head VALUES (1, 0, 0, ?)")
            .bind(fresh_id().to_string())
            .execute(&mut *connection)
            .await?;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
        if synchronous != SYNCHRONOUS_FULL {
            return Err(StoreError::Unavailable("the log must be opened with synchronous=FULL".to_owned()));
        }
        // A file does not hang up: asking first whether it is still there would double every look-up.
        let pool = SqlitePoolOptions::new().max_connections(READERS_MAX).test_before_acquire(false);
        let readers = pool.acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options).await?;
        Ok(Self { writer: Mutex::new(writer), readers })
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
            let row = sqlx::query("UPDATE log_head SET fence = fence + 1 RETURNING position, fence, log_id")
                .fetch_one(writer.connected().await?)
                .await?;
            let log_id: String = row.get("log_id");
            Ok(Head {
                position: unsigned(row.get("position")),
                fence: unsigned(row.get("fence")),
                log_id: log_id.parse().map_err(|_| StoreError::Unreadable("log_id is no id".to_owned()))?,
            })
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

    fn read_stream(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        read::stream(&self.readers, stream, after).boxed()
    }

    fn read_log(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
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

/// SQLite has signed integers only; ours are counted from zero.
fn unsigned(stored: i64) -> u64 {
    u64::try_from(stored).expect("positions and sequences are never negative")
}

fn signed(ours: u64) -> i64 {
    i64::try_from(ours).expect("no log grows beyond 63 bits")
}
