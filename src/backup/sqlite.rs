//! The archive of an SQLite store: two files, read through connections that cannot write while a server has them open.

use std::path::Path;

use serde::de::DeserializeOwned;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Row, SqlitePool, query, query_scalar};

use super::BackupError;
use super::archive::{Archive, Contents, LogHead, PAGE};
use super::lines::{ClaimLine, EventLine, KeptLine, KeyLine, Line, Place};
use super::restored;
use crate::cabinet::SqliteCabinet;
use crate::journal::{SqliteStore, sqlite_options};
use crate::server::{CABINET_FILE, LOG_FILE};
use crate::set_aside::Aside;

pub struct SqliteArchive {
    log: SqlitePool,
    cabinet: SqlitePool,
}

impl SqliteArchive {
    /// The files in `data`, to be read.
    pub async fn existing(data: &Path) -> Result<Self, BackupError> {
        if !data.join(LOG_FILE).is_file() || !data.join(CABINET_FILE).is_file() {
            return Err(BackupError::NoLog(data.display().to_string()));
        }
        Self::open(data, true).await
    }

    /// The files in `data`, to be filled; made where there are none.
    pub async fn make(data: &Path) -> Result<Self, BackupError> {
        let unusable = |error: &dyn std::fmt::Display| BackupError::Unreadable(error.to_string());
        SqliteStore::open(&data.join(LOG_FILE)).await.map_err(|error| unusable(&error))?;
        SqliteCabinet::open(&data.join(CABINET_FILE)).await.map_err(|error| unusable(&error))?;
        Self::open(data, false).await
    }

    async fn open(data: &Path, only_reading: bool) -> Result<Self, BackupError> {
        let open = async |file: &str| {
            let options =
                sqlite_options(&data.join(file)).map_err(|error| BackupError::Unreadable(error.to_string()))?;
            let mut options = options.create_if_missing(false);
            if only_reading {
                options = options.pragma("query_only", "1");
            }
            Ok::<_, BackupError>(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
        };
        Ok(Self { log: open(LOG_FILE).await?, cabinet: open(CABINET_FILE).await? })
    }
}

impl Archive for SqliteArchive {
    async fn head(&self) -> Result<LogHead, BackupError> {
        let row = query("SELECT position, log_id FROM log_head").fetch_one(&self.log).await?;
        let (position, log_id): (i64, String) = (row.get("position"), row.get("log_id"));
        Ok(LogHead { position: position.unsigned_abs(), log_id: log_id.parse().map_err(|_| no_id())? })
    }

    async fn events(&self, after: &Place, until: u64) -> Result<Vec<EventLine>, BackupError> {
        let sql = "SELECT json_object('position', position, 'kind', aggregate_type, 'id', aggregate_id,
                       'sequence', sequence, 'event', event_type, 'version', event_version, 'payload', payload,
                       'metadata', metadata, 'event_id', event_id, 'recorded_at_us', recorded_at)
                   FROM events WHERE position > CAST(?1 AS INTEGER) AND position <= ?3 ORDER BY position LIMIT ?4";
        page(&self.log, sql, after, until).await
    }

    async fn claims(&self, after: &Place, until: u64) -> Result<Vec<ClaimLine>, BackupError> {
        let sql = "SELECT json_object('key', lower(hex(key)), 'kind', kind, 'owner', owner, 'sequence', sequence,
                       'position', position)
                   FROM claims WHERE key > unhex(?1) AND position <= ?3 ORDER BY key LIMIT ?4";
        page(&self.log, sql, after, until).await
    }

    async fn keys(&self, after: &Place, until: u64) -> Result<Vec<KeyLine>, BackupError> {
        let sql = "SELECT json_object('contact', contact, 'sealed', sealed) FROM contact_keys
                   WHERE contact > ?1 AND EXISTS (SELECT 1 FROM events WHERE aggregate_type = 'contact'
                       AND aggregate_id = contact AND sequence = 1 AND position <= ?3)
                   ORDER BY contact LIMIT ?4";
        page(&self.log, sql, after, until).await
    }

    async fn kept(&self, after: &Place, set_aside: bool) -> Result<Vec<KeptLine>, BackupError> {
        let [quarantine, unrouted] = Aside::KINDS;
        let sql = format!(
            "SELECT json_object('kind', kind, 'key', key, 'value', value, 'at_us', at) FROM cabinet
             WHERE (kind, key) > (?1, ?2) AND (kind IN ('{quarantine}', '{unrouted}')) = ?3
             ORDER BY kind, key LIMIT ?4"
        );
        page(&self.cabinet, &sql, after, u64::from(set_aside)).await
    }

    async fn contents(&self) -> Result<Contents, BackupError> {
        let any = "SELECT EXISTS (SELECT 1 FROM events) OR EXISTS (SELECT 1 FROM claims)
                   OR EXISTS (SELECT 1 FROM contact_keys)";
        let log: bool = query_scalar(any).fetch_one(&self.log).await?;
        let cabinet: bool = query_scalar("SELECT EXISTS (SELECT 1 FROM cabinet)").fetch_one(&self.cabinet).await?;
        let restored = query_scalar("SELECT value FROM cabinet WHERE kind = ? AND key = ?")
            .bind(restored::KIND)
            .bind(restored::KEY)
            .fetch_optional(&self.cabinet)
            .await?;
        let head = self.head().await?;
        Ok(Contents { head, log: log || head.position > 0, cabinet, restored })
    }

    async fn clear(&self) -> Result<(), BackupError> {
        sqlx::raw_sql("DELETE FROM events; DELETE FROM claims; DELETE FROM contact_keys").execute(&self.log).await?;
        sqlx::raw_sql("DELETE FROM cabinet").execute(&self.cabinet).await?;
        Ok(())
    }

    async fn load<L: Line>(&self, lines: &[L]) -> Result<(), BackupError> {
        let (pool, sql) = match L::FILE {
            EventLine::FILE => (
                &self.log,
                "INSERT INTO events (position, aggregate_type, aggregate_id, sequence, event_type, event_version,
                     payload, metadata, event_id, recorded_at)
                 SELECT value->>'position', value->>'kind', value->>'id', value->>'sequence', value->>'event',
                     value->>'version', value->>'payload', value->>'metadata', value->>'event_id',
                     value->>'recorded_at_us' FROM json_each(?)",
            ),
            ClaimLine::FILE => (
                &self.log,
                "INSERT INTO claims (key, kind, owner, sequence, position)
                 SELECT unhex(value->>'key'), value->>'kind', value->>'owner', value->>'sequence', value->>'position'
                 FROM json_each(?)",
            ),
            KeyLine::FILE => (
                &self.log,
                "INSERT INTO contact_keys (contact, sealed) SELECT value->>'contact', value->>'sealed' FROM json_each(?)",
            ),
            _ => (
                &self.cabinet,
                "INSERT INTO cabinet (kind, key, value, at)
                 SELECT value->>'kind', value->>'key', value->>'value', value->>'at_us' FROM json_each(?)",
            ),
        };
        query(sql).bind(serde_json::to_string(lines).map_err(unreadable)?).execute(pool).await?;
        Ok(())
    }

    async fn finish(&self, head: LogHead) -> Result<bool, BackupError> {
        let position = i64::try_from(head.position).expect("no log grows beyond 63 bits");
        let mut transaction = self.log.begin_with("BEGIN IMMEDIATE").await?;
        let events: i64 = query_scalar("SELECT count(*) FROM events").fetch_one(&mut *transaction).await?;
        let gaps = "SELECT EXISTS (SELECT 1 FROM events GROUP BY aggregate_type, aggregate_id
                    HAVING count(*) <> max(sequence))";
        let gaps: bool = query_scalar(gaps).fetch_one(&mut *transaction).await?;
        let named = query("UPDATE log_head SET position = ?1, log_id = ?2, fence = fence + 1 WHERE position = 0")
            .bind(position)
            .bind(head.log_id.to_string())
            .execute(&mut *transaction)
            .await?;
        if gaps || events != position || named.rows_affected() != 1 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }
}

async fn page<L: DeserializeOwned>(
    pool: &SqlitePool,
    sql: &str,
    [first, second]: &Place,
    until: u64,
) -> Result<Vec<L>, BackupError> {
    let until = i64::try_from(until).expect("no log grows beyond 63 bits");
    let rows = query_scalar(sql).bind(first).bind(second).bind(until).bind(PAGE).fetch_all(pool).await?;
    rows.iter().map(|line: &String| serde_json::from_str(line).map_err(unreadable)).collect()
}

fn unreadable(error: serde_json::Error) -> BackupError {
    BackupError::Unreadable(error.to_string())
}

fn no_id() -> BackupError {
    BackupError::Unreadable("log_id is no id".to_owned())
}
