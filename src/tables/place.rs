//! Where the tables of a group are: a file beside the log's, or a schema in its database.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use gatehouse_projections::table::Group;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection, query_scalar, raw_sql};
use tokio::sync::Mutex;

use super::readers::Readers;
use super::session::Session;
use super::{Result, generations};
use crate::config::Config;
use crate::journal::{ACQUIRE_TIMEOUT, postgres_options};

const READERS_MAX: u32 = 4;
/// Statements of one connection that stay prepared: a handful for each table.
const STATEMENTS_MAX: usize = 500;
/// A writer's page cache, in KiB.
const CACHE_KIB: u32 = 16 * 1_024;
/// Pages of the write-ahead log before they are moved to the file, 64 MiB.
const CHECKPOINT_PAGES: u32 = 16 * 1_024;
/// How long one process waits for another that writes the same file, as a rebuild beside the server does.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the tables of a group are.
pub struct Place {
    group: Group,
    at: At,
    /// A file has one writer at a time: who waits here does not ask SQLite again and again.
    pub turn: Mutex<()>,
}

enum At {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Place {
    /// Makes it where there is none.
    pub async fn open(config: &Config, group: Group) -> Result<Self> {
        let at = match config.database_url() {
            Some(url) => At::Postgres(schema(url, name(group, "work", "reporting")).await?),
            None => At::Sqlite(file(&config.data.join(name(group, "work.db", "reports.db")), group)?),
        };
        let place = Self { group, at, turn: Mutex::new(()) };
        generations::prepare(&mut place.session().await?, group).await?;
        Ok(place)
    }

    pub fn group(&self) -> Group {
        self.group
    }

    /// A connection that writes.
    pub async fn session(&self) -> Result<Session> {
        Ok(match &self.at {
            At::Sqlite(options) => Session::Sqlite(options.connect().await?),
            At::Postgres(options) => Session::Postgres(options.connect().await?),
        })
    }

    /// Connections that read.
    pub async fn readers(&self) -> Result<Readers> {
        Ok(match &self.at {
            At::Sqlite(options) => {
                let pool = SqlitePoolOptions::new().max_connections(READERS_MAX).test_before_acquire(false);
                let options = options.clone().pragma("query_only", "ON");
                Readers::Sqlite(pool.acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options).await?)
            }
            At::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(READERS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
                // What is looked for decides how: a plan that fits every word fits none.
                let settings = [("default_transaction_read_only", "on"), ("plan_cache_mode", "force_custom_plan")];
                let options = options.clone().options(settings);
                Readers::Postgres(pool.connect_with(options).await?)
            }
        })
    }
}

fn name(group: Group, work: &'static str, reporting: &'static str) -> &'static str {
    match group {
        Group::Work => work,
        Group::Reporting => reporting,
    }
}

/// The log is the truth, and the position is in the transaction: what a power cut takes is written again.
fn file(file: &Path, group: Group) -> Result<SqliteConnectOptions> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", file.display()))?;
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).busy_timeout(BUSY_TIMEOUT);
    let options = options.synchronous(SqliteSynchronous::Normal).statement_cache_capacity(STATEMENTS_MAX);
    let options = options.pragma("cache_size", format!("-{CACHE_KIB}")).pragma("temp_store", "MEMORY");
    let options = options.pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string());
    // Words that are deleted are overwritten.
    Ok(if group == Group::Work { options.pragma("secure_delete", "ON") } else { options })
}

/// Tables belong to whoever owns the schema, whichever of our roles makes them.
async fn schema(url: &str, schema: &str) -> Result<PgConnectOptions> {
    let options = postgres_options(url, schema)?.statement_cache_capacity(STATEMENTS_MAX);
    let mut connection: PgConnection = options.connect().await?;
    let there: Option<String> =
        query_scalar("SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1")
            .bind(schema)
            .fetch_optional(&mut connection)
            .await?;
    let owner = match there {
        Some(owner) => owner,
        None => {
            raw_sql(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).execute(&mut connection).await?;
            query_scalar("SELECT current_user::text").fetch_one(&mut connection).await?
        }
    };
    connection.close().await?;
    Ok(options.options([("role", owner.as_str())]))
}
