//! Reading tables: one statement for either store.

use gatehouse_projections::table::{Type, Value};
use sqlx::{PgPool, SqlitePool};

use super::dialect::Dialect;
use super::{Result, postgres, sqlite};

/// Connections that read the tables of a group, under their plain names.
pub enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Readers {
    /// A statement that tells times in milliseconds, in the words of this database: see `Dialect::statement`.
    pub fn statement(&self, text: &str, instant: i64) -> String {
        let dialect = match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        };
        dialect.statement(text, instant)
    }

    /// The rows of a statement that both databases understand; values are `$1`, `$2`, ..., and `types` are the columns it
    /// gives.
    pub async fn rows(&self, sql: &str, values: &[Value], types: &[Type]) -> Result<Vec<Vec<Value>>> {
        match self {
            Self::Sqlite(pool) => {
                let rows = sqlite::bound(sqlx::query(sql), values).fetch_all(pool).await?;
                rows.iter().map(|row| sqlite::decoded(row, types)).collect()
            }
            Self::Postgres(pool) => {
                let rows = postgres::bound(sqlx::query(sql), values).fetch_all(pool).await?;
                rows.iter().map(|row| postgres::decoded(row, types)).collect()
            }
        }
    }
}
