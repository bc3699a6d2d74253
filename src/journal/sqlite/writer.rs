//! The writer's connection. After a failure it is made anew: SQLite may have ended the transaction by itself, as on a full
//! disk, and the connection would never begin another.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::append;
use crate::journal::store::{AppendRow, Outcome, StoreError};

/// The writer's page cache, in KiB: keys are hashes, so every batch touches pages all over the indexes.
const CACHE_KIB: u32 = 32 * 1_024;
/// Pages of the write-ahead log before they are moved to the file, 128 MiB: a page changed by many batches is moved once.
const CHECKPOINT_PAGES: u32 = 32 * 1_024;

pub struct Writer {
    options: SqliteConnectOptions,
    open: Option<SqliteConnection>,
}

impl Writer {
    pub fn new(options: SqliteConnectOptions) -> Self {
        let options = options.pragma("cache_size", format!("-{CACHE_KIB}"));
        // What is deleted is overwritten: a contact's key is, and nothing else here.
        let options = options.pragma("secure_delete", "ON");
        Self { options: options.pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string()), open: None }
    }

    /// Writes a batch; an error means that nothing of it was written, or that nobody can tell now.
    pub async fn append(
        &mut self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &[AppendRow],
    ) -> Result<Vec<Outcome>, StoreError> {
        let appended = append::append(self.connected().await?, fence, recorded_at, batch).await;
        if appended.is_err()
            && let Some(broken) = self.open.take()
        {
            // Whatever it held is let go before the next one writes.
            let _ = broken.close().await;
        }
        appended
    }

    pub async fn connected(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if self.open.is_none() {
            self.open = Some(self.options.connect().await?);
        }
        Ok(self.open.as_mut().expect("made above"))
    }
}
