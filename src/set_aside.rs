//! What was signed but could not be used: quarantine (not understood) and unrouted (nobody to route it to).
//!
//! Kept whole and sealed, once however often it comes, and committed before the provider hears 200.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use gatehouse_domain::ConnectionId;
use serde::Serialize;
use sqlx::{Row, SqlitePool, query};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::installation::Installation;
use crate::seal;
use crate::vault::VaultError;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS set_aside (
    key        BLOB PRIMARY KEY,             -- keyed hash of what it is: the same thing is kept once
    kind       TEXT NOT NULL,
    connection TEXT NOT NULL,
    reason     TEXT NOT NULL,
    sealed     TEXT NOT NULL,                -- the words as they came, under the master key
    at         INTEGER NOT NULL              -- microseconds since 1970, UTC
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS set_aside_at ON set_aside (kind, at);
";

/// Items listed at a time.
const LISTED_MAX: u32 = 200;

/// Why something was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// Signed, but not understood.
    Quarantine,
    /// Understood, but its gateway is unknown, parked or retired, or it tells of a message that is not ours.
    Unrouted,
}

impl Aside {
    const fn name(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Unrouted => "unrouted",
        }
    }
}

/// One thing set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Item {
    /// Names it; the same thing always has the same.
    pub key: String,
    pub connection: Uuid,
    pub reason: String,
    pub at: DateTime<Utc>,
    /// As it came.
    pub original: Option<String>,
}

/// Everything set aside.
pub struct SetAside {
    pool: SqlitePool,
    installation: Arc<Installation>,
}

impl SetAside {
    pub async fn open(pool: SqlitePool, installation: Arc<Installation>) -> Result<Self, VaultError> {
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self { pool, installation })
    }

    /// Keeps `original`; the same thing again is kept already.
    pub async fn keep(
        &self,
        kind: Aside,
        connection: ConnectionId,
        reason: &str,
        original: &[u8],
        at: DateTime<Utc>,
    ) -> Result<(), VaultError> {
        let words = String::from_utf8_lossy(original);
        let key = self.installation.keyed_hash(&["set_aside", kind.name(), &connection.to_string(), &words]);
        let sealed = seal::seal(self.installation.master_key(), &place(&key), original);
        let kept = query("INSERT OR IGNORE INTO set_aside VALUES (?, ?, ?, ?, ?, ?)")
            .bind(key.as_slice())
            .bind(kind.name())
            .bind(connection.to_string())
            .bind(reason)
            .bind(sealed)
            .bind(at.timestamp_micros())
            .execute(&self.pool)
            .await?;
        if kept.rows_affected() > 0 {
            tracing::warn!(kind = kind.name(), connection.id = %connection, reason, "set aside");
        }
        Ok(())
    }

    /// The newest things set aside.
    pub async fn list(&self, kind: Aside) -> Result<Vec<Item>, VaultError> {
        let rows =
            query("SELECT key, connection, reason, sealed, at FROM set_aside WHERE kind = ? ORDER BY at DESC LIMIT ?")
                .bind(kind.name())
                .bind(LISTED_MAX)
                .fetch_all(&self.pool)
                .await?;
        let unreadable = |what: &str| VaultError::Unreadable(what.to_owned());
        rows.iter()
            .map(|row| {
                let (key, sealed): (Vec<u8>, String) = (row.get("key"), row.get("sealed"));
                let words = seal::open(self.installation.master_key(), &place(&key), &sealed);
                let connection: String = row.get("connection");
                Ok(Item {
                    key: hex::encode(&key),
                    connection: connection.parse().map_err(|_| unreadable("a connection's id"))?,
                    reason: row.get("reason"),
                    at: DateTime::from_timestamp_micros(row.get("at")).ok_or_else(|| unreadable("a time"))?,
                    original: words.map(|words| String::from_utf8_lossy(&words).into_owned()),
                })
            })
            .collect()
    }
}

fn place(key: &[u8]) -> String {
    format!("set_aside/{}", hex::encode(key))
}
