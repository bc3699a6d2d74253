//! Where a log and its cabinet are during these tests.

use std::sync::Arc;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::backup::archive::Archive;
use crate::backup::{PostgresArchive, SqliteArchive};
use crate::cabinet::{Cabinet, PostgresCabinet, SqliteCabinet};
use crate::clock::fresh_id;
use crate::journal::{PostgresStore, SqliteStore, Store};
use crate::server::{CABINET_FILE, LOG_FILE};

pub trait Place {
    async fn make() -> Self;
    async fn store(&self) -> Arc<dyn Store>;
    async fn cabinet(&self) -> Arc<dyn Cabinet>;
    /// To be read by a backup, beside whoever has it open.
    async fn readable(&self) -> impl Archive;
    /// To be filled by a restore.
    async fn fillable(&self) -> impl Archive;
}

pub struct SqlitePlace(TempDir);

impl SqlitePlace {
    /// Changes the log behind its back.
    pub async fn meddle(&self, sql: &str) {
        let url = format!("sqlite://{}", self.0.path().join(LOG_FILE).display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
}

impl Place for SqlitePlace {
    async fn make() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.0.path().join(LOG_FILE)).await.unwrap())
    }

    async fn cabinet(&self) -> Arc<dyn Cabinet> {
        Arc::new(SqliteCabinet::open(&self.0.path().join(CABINET_FILE)).await.unwrap())
    }

    async fn readable(&self) -> impl Archive {
        SqliteArchive::existing(self.0.path()).await.unwrap()
    }

    async fn fillable(&self) -> impl Archive {
        SqliteArchive::make(self.0.path()).await.unwrap()
    }
}

/// A database of its own on the server that `tests/with_postgres.sh` starts.
pub struct PostgresPlace(String);

impl Place for PostgresPlace {
    async fn make() -> Self {
        let server = std::env::var("TEST_POSTGRES_URL").expect("run through tests/with_postgres.sh");
        let database = format!("backup_{}", fresh_id().simple());
        let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
        sqlx::raw_sql(&format!("CREATE DATABASE {database}")).execute(&mut connection).await.unwrap();
        Self(format!("{server}/{database}"))
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(PostgresStore::connect(&self.0).await.unwrap())
    }

    async fn cabinet(&self) -> Arc<dyn Cabinet> {
        Arc::new(PostgresCabinet::connect(&self.0).await.unwrap())
    }

    async fn readable(&self) -> impl Archive {
        PostgresArchive::existing(&self.0).await.unwrap()
    }

    async fn fillable(&self) -> impl Archive {
        PostgresArchive::make(&self.0).await.unwrap()
    }
}
