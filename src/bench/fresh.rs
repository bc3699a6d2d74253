//! A fresh place for a log: a directory of its own, and on PostgreSQL a database of its own. Nothing is left behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use reqwest::Url;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};

use super::{StoreKind, Target};
use crate::clock::fresh_id;
use crate::journal::{LOG_SCHEMA, PostgresStore, SqliteStore, Store, postgres_options, sqlite_options};
use crate::server::LOG_FILE;

pub struct Fresh {
    directory: PathBuf,
    /// On PostgreSQL: the server's address, and that of the database made there.
    database: Option<(Url, Url)>,
}

/// A connection beside the server's own, for looking at what is stored.
pub enum Look {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Fresh {
    /// Does `work` in a fresh place, which is gone afterwards.
    pub async fn with<T>(target: &Target, work: impl AsyncFnOnce(&Self) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let fresh = Self::make(target).await?;
        let done = work(&fresh).await;
        let removed = fresh.remove().await;
        let done = done?;
        removed?;
        Ok(done)
    }

    async fn make(target: &Target) -> anyhow::Result<Self> {
        let name = format!("gatehouse_bench_{}", fresh_id().simple());
        let directory = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
        let database = match (target.store, &target.database_url) {
            (StoreKind::Postgres, Some(url)) => {
                let server = Url::parse(url).context("the database's address cannot be read")?;
                let mut database = server.clone();
                database.set_path(&name);
                run_on(&server, &format!("CREATE DATABASE {name}")).await?;
                Some((server, database))
            }
            (StoreKind::Postgres, None) | (StoreKind::Sqlite, _) => None,
        };
        Ok(Self { directory, database })
    }

    async fn remove(self) -> anyhow::Result<()> {
        std::fs::remove_dir_all(&self.directory)?;
        if let Some((server, database)) = &self.database {
            let name = database.path().trim_start_matches('/');
            run_on(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }

    /// Where its files are, the keys among them.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The address of its database; none on SQLite.
    pub fn database_url(&self) -> Option<&str> {
        self.database.as_ref().map(|(_, database)| database.as_str())
    }

    /// The log here, open as a server opens it.
    pub async fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        open_store(&self.directory, self.database_url()).await
    }

    /// Another connection to the log.
    pub async fn look(&self) -> anyhow::Result<Look> {
        Ok(match self.database_url() {
            Some(url) => Look::Postgres(postgres_options(url, LOG_SCHEMA)?.connect().await?),
            None => Look::Sqlite(sqlite_options(&self.directory.join(LOG_FILE))?.connect().await?),
        })
    }
}

impl Look {
    /// The number a question is answered with.
    pub async fn number(&mut self, sql: &str) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await?,
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await?,
        })
    }

    /// Fails unless the log is whole and holds `events` events, and as many commands as `commands`.
    pub async fn verify(&mut self, events: u64, commands: u64) -> anyhow::Result<()> {
        let broken = "SELECT count(*) FROM (SELECT 1 AS one FROM events GROUP BY aggregate_type, aggregate_id
                      HAVING count(*) <> max(sequence) OR min(sequence) <> 1) AS broken";
        for (what, sql, expected) in [
            ("events", "SELECT count(*) FROM events", events),
            ("first position", "SELECT min(position) FROM events", 1),
            ("last position", "SELECT max(position) FROM events", events),
            ("distinct positions", "SELECT count(DISTINCT position) FROM events", events),
            ("position of the head", "SELECT position FROM log_head", events),
            ("commands claimed", "SELECT count(*) FROM claims WHERE kind = 0", commands),
            ("streams with gaps", broken, 0),
        ] {
            let found = self.number(sql).await?;
            anyhow::ensure!(u64::try_from(found)? == expected, "{what}: {found} stored, {expected} acknowledged");
        }
        Ok(())
    }
}

/// The log in a directory, or in a database.
pub async fn open_store(directory: &Path, database_url: Option<&str>) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match database_url {
        Some(url) => Arc::new(PostgresStore::connect(url).await?),
        None => Arc::new(SqliteStore::open(&directory.join(LOG_FILE)).await?),
    })
}

async fn run_on(server: &Url, sql: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(server.as_str()).await.context("the server cannot be reached")?;
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
