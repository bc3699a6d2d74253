//! The archive of a PostgreSQL store: the log's schema and the cabinet's.

use serde::de::DeserializeOwned;
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Row, query, query_scalar};

use super::BackupError;
use super::archive::{Archive, Contents, LogHead, PAGE};
use super::lines::{ClaimLine, EventLine, KeptLine, KeyLine, Line, Place};
use super::restored;
use crate::cabinet::{CABINET_SCHEMA, PostgresCabinet};
use crate::journal::{LOG_SCHEMA, PostgresStore, postgres_options};
use crate::set_aside::Aside;

/// Looking the restored log through once takes as long as it takes.
const NO_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

pub struct PostgresArchive {
    pool: PgPool,
}

impl PostgresArchive {
    /// The log in a database, to be read.
    pub async fn existing(url: &str) -> Result<Self, BackupError> {
        let this = Self::open(url, true).await?;
        let found: bool = query_scalar("SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL")
            .bind(format!("{LOG_SCHEMA}.log_head"))
            .bind(format!("{CABINET_SCHEMA}.cabinet"))
            .fetch_one(&this.pool)
            .await?;
        if found { Ok(this) } else { Err(BackupError::NoLog("the database".to_owned())) }
    }

    /// The log in a database, to be filled; made where there is none.
    pub async fn make(url: &str) -> Result<Self, BackupError> {
        let this = Self::open(url, false).await?;
        // A server's role may only append, through functions that take no log from elsewhere.
        let owner =
            "SELECT CASE WHEN to_regnamespace($1) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                         ELSE has_schema_privilege($1, 'CREATE') END";
        let owner: bool = query_scalar(owner).bind(LOG_SCHEMA).fetch_one(&this.pool).await?;
        if !owner {
            return Err(BackupError::NotOwner);
        }
        let unusable = |error: &dyn std::fmt::Display| BackupError::Unreadable(error.to_string());
        PostgresStore::connect(url).await.map_err(|error| unusable(&error))?;
        PostgresCabinet::connect(url).await.map_err(|error| unusable(&error))?;
        Ok(this)
    }

    async fn open(url: &str, only_reading: bool) -> Result<Self, BackupError> {
        let schemas = format!("{LOG_SCHEMA},{CABINET_SCHEMA}");
        let options = postgres_options(url, &schemas).map_err(|error| BackupError::Unreadable(error.to_string()))?;
        let options = options.options([("default_transaction_read_only", if only_reading { "on" } else { "off" })]);
        Ok(Self { pool: PgPoolOptions::new().max_connections(1).connect_with(options).await? })
    }

    async fn page<L: DeserializeOwned>(
        &self,
        sql: &str,
        [first, second]: &Place,
        until: u64,
    ) -> Result<Vec<L>, BackupError> {
        let until = i64::try_from(until).expect("no log grows beyond 63 bits");
        let limit = i64::from(PAGE);
        let rows = query_scalar(sql).bind(first).bind(second).bind(until).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|line: &String| serde_json::from_str(line).map_err(unreadable)).collect()
    }
}

impl Archive for PostgresArchive {
    async fn head(&self) -> Result<LogHead, BackupError> {
        let row = query("SELECT position, log_id FROM log_head").fetch_one(&self.pool).await?;
        let position: i64 = row.get("position");
        Ok(LogHead { position: position.unsigned_abs(), log_id: row.get("log_id") })
    }

    async fn events(&self, after: &Place, until: u64) -> Result<Vec<EventLine>, BackupError> {
        let sql = "SELECT json_build_object('position', position, 'kind', aggregate_type, 'id', aggregate_id,
                       'sequence', sequence, 'event', event_type, 'version', event_version, 'payload', payload::text,
                       'metadata', metadata::text, 'event_id', event_id,
                       'recorded_at_us', (extract(epoch FROM recorded_at) * 1000000)::bigint)::text
                   FROM events WHERE position > coalesce(nullif($1, ''), '0')::bigint AND position <= $3
                   ORDER BY position LIMIT $4";
        self.page(sql, after, until).await
    }

    async fn claims(&self, after: &Place, until: u64) -> Result<Vec<ClaimLine>, BackupError> {
        let sql = "SELECT json_build_object('key', encode(key, 'hex'), 'kind', kind, 'owner', owner,
                       'sequence', sequence, 'position', position)::text
                   FROM claims WHERE key > decode($1, 'hex') AND position <= $3 ORDER BY key LIMIT $4";
        self.page(sql, after, until).await
    }

    async fn keys(&self, after: &Place, until: u64) -> Result<Vec<KeyLine>, BackupError> {
        let sql = "SELECT json_build_object('contact', contact, 'sealed', sealed)::text FROM contact_keys
                   WHERE contact > $1 AND EXISTS (SELECT 1 FROM events WHERE aggregate_type = 'contact'
                       AND aggregate_id = contact AND sequence = 1 AND position <= $3)
                   ORDER BY contact LIMIT $4";
        self.page(sql, after, until).await
    }

    async fn kept(&self, after: &Place, set_aside: bool) -> Result<Vec<KeptLine>, BackupError> {
        let [quarantine, unrouted] = Aside::KINDS;
        let sql = format!(
            "SELECT json_build_object('kind', kind, 'key', key, 'value', value,
                 'at_us', (extract(epoch FROM at) * 1000000)::bigint)::text
             FROM cabinet WHERE (kind, key) > ($1, $2) AND (kind IN ('{quarantine}', '{unrouted}')) = ($3 = 1)
             ORDER BY kind, key LIMIT $4"
        );
        self.page(&sql, after, u64::from(set_aside)).await
    }

    async fn contents(&self) -> Result<Contents, BackupError> {
        let any = "SELECT EXISTS (SELECT 1 FROM events) OR EXISTS (SELECT 1 FROM claims)
                   OR EXISTS (SELECT 1 FROM contact_keys)";
        let log: bool = query_scalar(any).fetch_one(&self.pool).await?;
        let cabinet: bool = query_scalar("SELECT EXISTS (SELECT 1 FROM cabinet)").fetch_one(&self.pool).await?;
        let restored = query_scalar("SELECT value FROM cabinet WHERE kind = $1 AND key = $2")
            .bind(restored::KIND)
            .bind(restored::KEY)
            .fetch_optional(&self.pool)
            .await?;
        let head = self.head().await?;
        Ok(Contents { head, log: log || head.position > 0, cabinet, restored })
    }

    async fn clear(&self) -> Result<(), BackupError> {
        sqlx::raw_sql("TRUNCATE events, claims, contact_keys, cabinet").execute(&self.pool).await?;
        Ok(())
    }

    async fn load<L: Line>(&self, lines: &[L]) -> Result<(), BackupError> {
        // One microsecond times a whole number is exact; fractions of a second would not be.
        let sql = match L::FILE {
            EventLine::FILE => {
                "INSERT INTO events (position, aggregate_type, aggregate_id, sequence, event_type, event_version,
                     payload, metadata, event_id, recorded_at)
                 SELECT position, kind, id, sequence, event, version, payload::json, metadata::json, event_id,
                     timestamptz 'epoch' + recorded_at_us * interval '1 microsecond'
                 FROM json_to_recordset($1::json) AS line (position bigint, kind text, id text, sequence bigint,
                     event text, version text, payload text, metadata text, event_id uuid, recorded_at_us bigint)"
            }
            ClaimLine::FILE => {
                "INSERT INTO claims (key, kind, owner, sequence, position)
                 SELECT decode(key, 'hex'), kind, owner, sequence, position
                 FROM json_to_recordset($1::json)
                     AS line (key text, kind smallint, owner text, sequence bigint, position bigint)"
            }
            KeyLine::FILE => {
                "INSERT INTO contact_keys (contact, sealed)
                 SELECT contact, sealed FROM json_to_recordset($1::json) AS line (contact text, sealed text)"
            }
            _ => {
                "INSERT INTO cabinet (kind, key, value, at)
                 SELECT kind, key, value, timestamptz 'epoch' + at_us * interval '1 microsecond'
                 FROM json_to_recordset($1::json) AS line (kind text, key text, value text, at_us bigint)"
            }
        };
        query(sql).bind(serde_json::to_string(lines).map_err(unreadable)?).execute(&self.pool).await?;
        Ok(())
    }

    async fn finish(&self, head: LogHead) -> Result<bool, BackupError> {
        let position = i64::try_from(head.position).expect("no log grows beyond 63 bits");
        let mut transaction = self.pool.begin().await?;
        query(NO_TIMEOUT).execute(&mut *transaction).await?;
        let named = query("UPDATE log_head SET position = $1, log_id = $2, fence = fence + 1 WHERE position = 0")
            .bind(position)
            .bind(head.log_id)
            .execute(&mut *transaction)
            .await?;
        let events: i64 = query_scalar("SELECT count(*) FROM events").fetch_one(&mut *transaction).await?;
        let gaps = "SELECT EXISTS (SELECT 1 FROM events GROUP BY aggregate_type, aggregate_id
                    HAVING count(*) <> max(sequence))";
        let gaps: bool = query_scalar(gaps).fetch_one(&mut *transaction).await?;
        if gaps || events != position || named.rows_affected() != 1 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }
}

fn unreadable(error: serde_json::Error) -> BackupError {
    BackupError::Unreadable(error.to_string())
}
