//! The cabinet in an SQLite file of its own, so that it never waits for the log.

use std::path::Path;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqlitePoolOptions, SqliteRow};
use sqlx::{Row, SqlitePool, query};

use super::{Cabinet, CabinetError, Kept};
use crate::journal::{ACQUIRE_TIMEOUT, sqlite_options};

const CONNECTIONS_MAX: u32 = 4;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS cabinet (
    kind  TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL,                      -- hashed or sealed by its owner
    at    INTEGER NOT NULL,                      -- microseconds since 1970, UTC
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cabinet_at ON cabinet (kind, at);
";

pub struct SqliteCabinet {
    pool: SqlitePool,
}

impl SqliteCabinet {
    /// Opens the file, making it where there is none.
    pub async fn open(file: &Path) -> Result<Self, CabinetError> {
        let options = sqlite_options(file).map_err(|error| CabinetError::Unavailable(error.to_string()))?;
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool.connect_with(options).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self { pool })
    }

    async fn insert(&self, verb: &str, kind: &str, kept: &Kept) -> Result<bool, CabinetError> {
        let sql = format!("INSERT OR {verb} INTO cabinet VALUES (?, ?, ?, ?)");
        let row = query(&sql).bind(kind).bind(&kept.key).bind(&kept.value).bind(kept.at.timestamp_micros());
        Ok(row.execute(&self.pool).await?.rows_affected() > 0)
    }
}

impl Cabinet for SqliteCabinet {
    fn put<'a>(&'a self, kind: &'a str, kept: &'a Kept) -> BoxFuture<'a, Result<(), CabinetError>> {
        async move { self.insert("REPLACE", kind, kept).await.map(|_| ()) }.boxed()
    }

    fn keep<'a>(&'a self, kind: &'a str, kept: &'a Kept) -> BoxFuture<'a, Result<bool, CabinetError>> {
        self.insert("IGNORE", kind, kept).boxed()
    }

    fn replace<'a>(
        &'a self,
        kind: &'a str,
        before: &'a str,
        kept: &'a Kept,
    ) -> BoxFuture<'a, Result<bool, CabinetError>> {
        async move {
            let sql = "UPDATE cabinet SET value = ?, at = ? WHERE kind = ? AND key = ? AND value = ?";
            let row = query(sql).bind(&kept.value).bind(kept.at.timestamp_micros());
            let row = row.bind(kind).bind(&kept.key).bind(before).execute(&self.pool).await?;
            Ok(row.rows_affected() > 0)
        }
        .boxed()
    }

    fn find<'a>(&'a self, kind: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Kept>, CabinetError>> {
        async move {
            let sql = "SELECT key, value, at FROM cabinet WHERE kind = ? AND key = ?";
            query(sql).bind(kind).bind(key).fetch_optional(&self.pool).await?.as_ref().map(kept).transpose()
        }
        .boxed()
    }

    fn remove<'a>(&'a self, kind: &'a str, key: &'a str) -> BoxFuture<'a, Result<(), CabinetError>> {
        async move {
            let sql = "DELETE FROM cabinet WHERE kind = ? AND key = ?";
            query(sql).bind(kind).bind(key).execute(&self.pool).await?;
            Ok(())
        }
        .boxed()
    }

    fn newest<'a>(&'a self, kind: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Kept>, CabinetError>> {
        async move {
            let sql = "SELECT key, value, at FROM cabinet WHERE kind = ? ORDER BY at DESC LIMIT ?";
            query(sql).bind(kind).bind(limit).fetch_all(&self.pool).await?.iter().map(kept).collect()
        }
        .boxed()
    }

    fn after<'a>(&'a self, kind: &'a str, key: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Kept>, CabinetError>> {
        async move {
            let sql = "SELECT key, value, at FROM cabinet WHERE kind = ? AND key > ? ORDER BY key LIMIT ?";
            query(sql).bind(kind).bind(key).bind(limit).fetch_all(&self.pool).await?.iter().map(kept).collect()
        }
        .boxed()
    }

    fn shed<'a>(&'a self, kind: &'a str, at: DateTime<Utc>, limit: u32) -> BoxFuture<'a, Result<u64, CabinetError>> {
        async move {
            let sql = "DELETE FROM cabinet WHERE kind = ?1 AND key IN
                       (SELECT key FROM cabinet WHERE kind = ?1 AND at < ?2 ORDER BY at LIMIT ?3)";
            let rows = query(sql).bind(kind).bind(at.timestamp_micros()).bind(limit).execute(&self.pool).await?;
            Ok(rows.rows_affected())
        }
        .boxed()
    }
}

fn kept(row: &SqliteRow) -> Result<Kept, CabinetError> {
    let at = DateTime::from_timestamp_micros(row.get("at"));
    let at = at.ok_or_else(|| CabinetError::Unreadable("a time out of range".to_owned()))?;
    Ok(Kept { key: row.get("key"), value: row.get("value"), at })
}
