//! The cabinet in a schema of its own beside the log's, shared by whoever may take the log over.

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::{PgPool, Row, query};

use super::{Cabinet, CabinetError, Kept};
use crate::journal::{ACQUIRE_TIMEOUT, StoreError, postgres_options, prepare_schema};

/// The schema the cabinet lives in.
pub const SCHEMA: &str = "gatehouse_cabinet";
const CONNECTIONS_MAX: u32 = 4;

const SCRIPT: &str = include_str!("schema.sql");

pub struct PostgresCabinet {
    pool: PgPool,
}

impl PostgresCabinet {
    /// Connects, and makes the schema where it is not as this version needs it.
    pub async fn connect(url: &str) -> Result<Self, CabinetError> {
        let unusable = |error: StoreError| CabinetError::Unavailable(error.to_string());
        let options = postgres_options(url, SCHEMA).map_err(unusable)?;
        prepare_schema(&options, SCHEMA, SCRIPT).await.map_err(unusable)?;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool.connect_with(options).await?;
        Ok(Self { pool })
    }

    async fn insert(&self, on_conflict: &str, kind: &str, kept: &Kept) -> Result<bool, CabinetError> {
        let sql = format!("INSERT INTO cabinet VALUES ($1, $2, $3, $4) ON CONFLICT (kind, key) DO {on_conflict}");
        let row = query(&sql).bind(kind).bind(&kept.key).bind(&kept.value).bind(kept.at);
        Ok(row.execute(&self.pool).await?.rows_affected() > 0)
    }
}

impl Cabinet for PostgresCabinet {
    fn put<'a>(&'a self, kind: &'a str, kept: &'a Kept) -> BoxFuture<'a, Result<(), CabinetError>> {
        let replace = "UPDATE SET value = excluded.value, at = excluded.at";
        async move { self.insert(replace, kind, kept).await.map(|_| ()) }.boxed()
    }

    fn keep<'a>(&'a self, kind: &'a str, kept: &'a Kept) -> BoxFuture<'a, Result<bool, CabinetError>> {
        self.insert("NOTHING", kind, kept).boxed()
    }

    fn replace<'a>(
        &'a self,
        kind: &'a str,
        before: &'a str,
        kept: &'a Kept,
    ) -> BoxFuture<'a, Result<bool, CabinetError>> {
        async move {
            let sql = "UPDATE cabinet SET value = $1, at = $2 WHERE kind = $3 AND key = $4 AND value = $5";
            let row = query(sql).bind(&kept.value).bind(kept.at).bind(kind).bind(&kept.key).bind(before);
            Ok(row.execute(&self.pool).await?.rows_affected() > 0)
        }
        .boxed()
    }

    fn find<'a>(&'a self, kind: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Kept>, CabinetError>> {
        async move {
            let sql = "SELECT key, value, at FROM cabinet WHERE kind = $1 AND key = $2";
            Ok(query(sql).bind(kind).bind(key).fetch_optional(&self.pool).await?.as_ref().map(kept))
        }
        .boxed()
    }

    fn remove<'a>(&'a self, kind: &'a str, key: &'a str) -> BoxFuture<'a, Result<(), CabinetError>> {
        async move {
            let sql = "DELETE FROM cabinet WHERE kind = $1 AND key = $2";
            query(sql).bind(kind).bind(key).execute(&self.pool).await?;
            Ok(())
        }
        .boxed()
    }

    fn newest<'a>(&'a self, kind: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Kept>, CabinetError>> {
        async move {
            let sql = "SELECT key, value, at FROM cabinet WHERE kind = $1 ORDER BY at DESC LIMIT $2";
            let rows = query(sql).bind(kind).bind(i64::from(limit)).fetch_all(&self.pool).await?;
            Ok(rows.iter().map(kept).collect())
        }
        .boxed()
    }

    fn after<'a>(&'a self, kind: &'a str, key: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Kept>, CabinetError>> {
        async move {
            let sql = "SELECT key, value, at FROM cabinet WHERE kind = $1 AND key > $2 ORDER BY key LIMIT $3";
            let rows = query(sql).bind(kind).bind(key).bind(i64::from(limit)).fetch_all(&self.pool).await?;
            Ok(rows.iter().map(kept).collect())
        }
        .boxed()
    }

    fn shed<'a>(&'a self, kind: &'a str, at: DateTime<Utc>, limit: u32) -> BoxFuture<'a, Result<u64, CabinetError>> {
        async move {
            let sql = "DELETE FROM cabinet WHERE kind = $1 AND key IN
                       (SELECT key FROM cabinet WHERE kind = $1 AND at < $2 ORDER BY at LIMIT $3)";
            let rows = query(sql).bind(kind).bind(at).bind(i64::from(limit)).execute(&self.pool).await?;
            Ok(rows.rows_affected())
        }
        .boxed()
    }
}

fn kept(row: &PgRow) -> Kept {
    Kept { key: row.get("key"), value: row.get("value"), at: row.get("at") }
}
