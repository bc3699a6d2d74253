//! Where logs are kept during the tests: SQLite files, and databases of a PostgreSQL server that `make test` starts.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection, query_scalar};
use tempfile::TempDir;

use super::Home;
use crate::cabinet::PostgresCabinet;
use crate::clock::fresh_id;
use crate::installation::Installation;
use crate::journal::{Leases, PostgresStore, SqliteStore, Store};

/// Names the server whose databases the tests make and drop. `tests/with_postgres.sh` starts one and sets it.
const SERVER_VARIABLE: &str = "TEST_POSTGRES_URL";

const COUNT: &str = "SELECT count(*) FROM events";

pub struct SqliteHome {
    log: TempDir,
    keys: TempDir,
}

impl SqliteHome {
    async fn connection(&self) -> SqliteConnection {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.log.path().join("log.db"));
        options.connect().await.unwrap()
    }
}

impl Home for SqliteHome {
    async fn make() -> Self {
        Self { log: tempfile::tempdir().unwrap(), keys: tempfile::tempdir().unwrap() }
    }

    async fn open(&self) -> Arc<dyn Store> {
        self.open_with_leases().await.0
    }

    async fn open_with_leases(&self) -> (Arc<dyn Store>, Arc<dyn Leases>) {
        let store = Arc::new(SqliteStore::open(&self.log.path().join("log.db")).await.unwrap());
        (Arc::clone(&store) as _, store)
    }

    async fn at_rest(&self) -> String {
        let files = std::fs::read_dir(self.log.path()).unwrap();
        text(files.map(|file| file.unwrap().path()))
    }

    async fn meddle(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(&mut self.connection().await).await.unwrap();
    }

    fn slow_commits(&self) -> &'static str {
        "CREATE TRIGGER slow AFTER UPDATE ON log_head BEGIN
             SELECT count(*) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                                   SELECT i FROM n);
         END"
    }

    async fn while_reading<T>(&self, work: impl Future<Output = T>) -> (i64, i64, T) {
        let mut connection = self.connection().await;
        let mut reading = connection.begin().await.unwrap();
        let before = query_scalar(COUNT).fetch_one(&mut *reading).await.unwrap();
        let result = work.await;
        (before, query_scalar(COUNT).fetch_one(&mut *reading).await.unwrap(), result)
    }

    fn installation(&self) -> Arc<Installation> {
        Arc::new(Installation::open(self.keys.path()).unwrap())
    }
}

fn text(files: impl Iterator<Item = PathBuf>) -> String {
    files.map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned()).collect()
}

/// A database of its own on the tests' server.
pub struct PostgresHome {
    server: String,
    database: String,
    keys: TempDir,
}

impl PostgresHome {
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.database)
    }

    async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.unwrap()
    }
}

impl Home for PostgresHome {
    async fn make() -> Self {
        let server = std::env::var(SERVER_VARIABLE)
            .unwrap_or_else(|_| panic!("{SERVER_VARIABLE} is not set: run through tests/with_postgres.sh"));
        let database = format!("log_{}", fresh_id().simple());
        let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
        sqlx::raw_sql(&format!("CREATE DATABASE {database}")).execute(&mut connection).await.unwrap();
        Self { server, database, keys: tempfile::tempdir().unwrap() }
    }

    async fn open(&self) -> Arc<dyn Store> {
        self.open_with_leases().await.0
    }

    async fn open_with_leases(&self) -> (Arc<dyn Store>, Arc<dyn Leases>) {
        let store = Arc::new(PostgresStore::connect(&self.url()).await.unwrap());
        (Arc::clone(&store) as _, store)
    }

    /// The log's files and the write-ahead log. What is only in the server's memory is written out first.
    async fn at_rest(&self) -> String {
        let mut connection = self.connection().await;
        sqlx::raw_sql("CHECKPOINT").execute(&mut connection).await.unwrap();
        let of_cluster: String = query_scalar("SHOW data_directory").fetch_one(&mut connection).await.unwrap();
        let of_log: Vec<String> = query_scalar(
            "SELECT pg_relation_filepath(oid) FROM pg_class
             WHERE relnamespace = 'gatehouse_log'::regnamespace AND relkind IN ('r', 'i')",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let cluster = PathBuf::from(of_cluster);
        let ahead = std::fs::read_dir(cluster.join("pg_wal")).unwrap().map(|file| file.unwrap().path());
        let files = of_log.iter().map(|file| cluster.join(file)).chain(ahead.filter(|path| path.is_file()));
        text(files)
    }

    async fn meddle(&self, sql: &str) {
        let mut connection = self.connection().await;
        sqlx::raw_sql("SET search_path = gatehouse_log").execute(&mut connection).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }

    async fn leave_as_an_older_version(&self, sql: &str) {
        self.meddle(&format!("{sql}; COMMENT ON SCHEMA gatehouse_log IS NULL")).await;
    }

    /// Everything is written; only the commit is not done yet.
    fn slow_commits(&self) -> &'static str {
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.004); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON log_head DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION slow()"
    }

    async fn while_reading<T>(&self, work: impl Future<Output = T>) -> (i64, i64, T) {
        let mut connection = self.connection().await;
        sqlx::raw_sql("SET search_path = gatehouse_log").execute(&mut connection).await.unwrap();
        let mut reading = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
        let before = query_scalar(COUNT).fetch_one(&mut *reading).await.unwrap();
        let result = work.await;
        (before, query_scalar(COUNT).fetch_one(&mut *reading).await.unwrap(), result)
    }

    fn installation(&self) -> Arc<Installation> {
        Arc::new(Installation::open(self.keys.path()).unwrap())
    }
}

/// The same log, served by a role that may do no more than a server needs.
pub struct PostgresAsServer(PostgresHome);

impl PostgresAsServer {
    fn url_of(&self, role: &str) -> String {
        self.0.url().replacen("://gatehouse@", &format!("://{role}@"), 1)
    }

    /// What the database says to the server's role when it tries this.
    pub async fn tries(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(&self.url_of("gatehouse_server")).await?;
        sqlx::raw_sql("SET search_path = gatehouse_log").execute(&mut connection).await?;
        sqlx::raw_sql(sql).execute(&mut connection).await.map(|_| ())
    }

    pub async fn roles(&self) {
        let mut connection = self.0.connection().await;
        sqlx::raw_sql(include_str!("../../../deploy/postgres/roles.sql")).execute(&mut connection).await.unwrap();
    }

    pub async fn connect(&self, role: &str) -> Result<(Arc<PostgresStore>, PostgresCabinet), String> {
        let url = self.url_of(role);
        let store = PostgresStore::connect(&url).await.map_err(|error| error.to_string())?;
        Ok((Arc::new(store), PostgresCabinet::connect(&url).await.map_err(|error| error.to_string())?))
    }

    /// A database where nobody has made a schema yet, or an owner who is not `gatehouse_owner` has.
    pub async fn without_roles() -> Self {
        Self(PostgresHome::make().await)
    }
}

impl Home for PostgresAsServer {
    async fn make() -> Self {
        let home = Self::without_roles().await;
        home.roles().await;
        home.connect("gatehouse_owner").await.unwrap();
        home
    }

    async fn open(&self) -> Arc<dyn Store> {
        self.open_with_leases().await.0
    }

    async fn open_with_leases(&self) -> (Arc<dyn Store>, Arc<dyn Leases>) {
        let (store, _) = self.connect("gatehouse_server").await.unwrap();
        (Arc::clone(&store) as _, store)
    }

    async fn at_rest(&self) -> String {
        self.0.at_rest().await
    }

    async fn meddle(&self, sql: &str) {
        self.0.meddle(sql).await;
    }

    async fn leave_as_an_older_version(&self, sql: &str) {
        self.0.leave_as_an_older_version(sql).await;
        self.connect("gatehouse_owner").await.unwrap();
    }

    fn slow_commits(&self) -> &'static str {
        self.0.slow_commits()
    }

    async fn while_reading<T>(&self, work: impl Future<Output = T>) -> (i64, i64, T) {
        self.0.while_reading(work).await
    }

    fn installation(&self) -> Arc<Installation> {
        self.0.installation()
    }
}
