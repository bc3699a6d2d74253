//! Where a log and tables are kept during these tests.

use std::sync::Arc;

use gatehouse_domain::clock::FixedClock;
use gatehouse_projections::table::Group;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::life;
use super::reasons::NOON;
use crate::clock::fresh_id;
use crate::config::Config;
use crate::installation::Installation;
use crate::journal::{Candidate, Journal};
use crate::server;
use crate::tables::build::Source;
use crate::tables::place::Place;

pub struct Home {
    data: TempDir,
    pub config: Config,
}

impl Home {
    pub fn on_sqlite() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::load(None).unwrap();
        config.data = data.path().to_owned();
        Self { data, config }
    }

    /// A database of its own on the server that `tests/with_postgres.sh` starts.
    pub fn on_postgres() -> Self {
        let mut home = Self::on_sqlite();
        let server = std::env::var("TEST_POSTGRES_URL").expect("run through tests/with_postgres.sh");
        let database = format!("tables_{}", fresh_id().simple());
        life(async {
            let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
            sqlx::raw_sql(&format!("CREATE DATABASE {database}")).execute(&mut connection).await.unwrap();
        });
        home.config.set_database_url(format!("{server}/{database}"));
        home
    }

    /// The log, as the server has it that writes.
    pub async fn journal(&self) -> Arc<Journal> {
        let (store, _, _) = server::stores(&self.config).await.unwrap();
        let installation = Arc::new(Installation::open(self.data.path()).unwrap());
        Journal::open(store, installation, Arc::new(FixedClock(NOON))).await.unwrap()
    }

    /// The log, as another process has it that reads along.
    pub async fn source(&self) -> Source {
        let (store, leases, _) = server::stores(&self.config).await.unwrap();
        let installation = Arc::new(Installation::open(self.data.path()).unwrap());
        let clock = Arc::new(FixedClock(NOON));
        let candidate = Candidate { leases, clock, length: self.config.lease(), holder: Box::new(|| None) };
        let journal = Journal::stand_by(store, &candidate, installation).await.unwrap();
        Source { journal, candidate }
    }

    pub async fn place(&self) -> Place {
        Place::open(&self.config, Group::Reporting).await.unwrap()
    }

    /// Changes the log behind its back.
    pub async fn meddle_with_log(&self, sql: &str) {
        self.meddle("gatehouse_log", server::LOG_FILE, sql).await;
    }

    /// Changes the tables behind their keeper's back.
    pub async fn meddle(&self, schema: &str, file: &str, sql: &str) {
        if let Some(url) = self.config.database_url() {
            let mut connection = PgConnection::connect(url).await.unwrap();
            let sql = format!("SET search_path = {schema}; {sql}");
            sqlx::raw_sql(&sql).execute(&mut connection).await.unwrap();
        } else {
            let url = format!("sqlite://{}", self.data.path().join(file).display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }
}
