//! One connection that writes tables: what is the same in both databases is said once, over this.

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use gatehouse_projections::table::{Type, Value};
use sqlx::{Executor, PgConnection, SqliteConnection};

use super::bulk::Bulk;
use super::{Result, postgres, sqlite};

pub enum Session {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Session {
    /// Runs a statement whose values are `$1`, `$2`, ..., and says how many rows it changed.
    pub async fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(session) => {
                sqlite::bound(sqlx::query(sql), values).execute(&mut *session).await?.rows_affected()
            }
            Self::Postgres(session) => {
                postgres::bound(sqlx::query(sql), values).execute(&mut *session).await?.rows_affected()
            }
        })
    }

    /// The rows of a statement; `types` are the columns it gives.
    pub async fn rows(&mut self, sql: &str, values: &[Value], types: &[Type]) -> Result<Vec<Vec<Value>>> {
        match self {
            Self::Sqlite(session) => {
                let rows = sqlite::bound(sqlx::query(sql), values).fetch_all(&mut *session).await?;
                rows.iter().map(|row| sqlite::decoded(row, types)).collect()
            }
            Self::Postgres(session) => {
                let rows = postgres::bound(sqlx::query(sql), values).fetch_all(&mut *session).await?;
                rows.iter().map(|row| postgres::decoded(row, types)).collect()
            }
        }
    }

    /// Runs statements without values.
    pub fn script<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        match self {
            Self::Sqlite(session) => session.execute(sql).map_ok(|_| ()).err_into().boxed(),
            Self::Postgres(session) => session.execute(sql).map_ok(|_| ()).err_into().boxed(),
        }
    }

    /// Writes many rows.
    pub async fn write(&mut self, bulk: &Bulk<'_>) -> Result<()> {
        match self {
            Self::Sqlite(session) => sqlite::write(session, bulk).await,
            Self::Postgres(session) => postgres::write(session, bulk).await,
        }
    }

    /// Begins a transaction that writes. It ends with `COMMIT`, or with the session.
    pub async fn begin(&mut self) -> Result<()> {
        let begin = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN",
        };
        self.script(begin).await
    }

    /// Begins a transaction that sees everything as of one moment.
    pub async fn begin_snapshot(&mut self) -> Result<()> {
        let begin = match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.script(begin).await
    }

    pub async fn commit(&mut self) -> Result<()> {
        self.script("COMMIT").await
    }

    pub async fn rollback(&mut self) -> Result<()> {
        self.script("ROLLBACK").await
    }

    /// Lifts the bound on how long a statement may take: nobody waits for this session.
    pub async fn take_its_time(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => {
                self.script("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0").await
            }
        }
    }

    /// Empties the write-ahead log: pages in it still show what was removed since.
    pub async fn overwrite_traces(&mut self) {
        if let Self::Sqlite(session) = self
            && let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(session).await
        {
            tracing::warn!(%error, "what the write-ahead log shows of removed rows goes with a later checkpoint");
        }
    }

    /// What a statement that counts gives, as one row.
    pub async fn counts<const N: usize>(&mut self, sql: &str) -> Result<[u64; N]> {
        let rows = self.rows(sql, &[], &[Type::Number; N]).await?;
        Ok(std::array::from_fn(|column| match rows.first().and_then(|row| row.get(column)) {
            Some(Value::Number(count)) => u64::try_from(*count).unwrap_or_default(),
            _ => 0,
        }))
    }
}
