//! What is promised of whoever keeps tables, asked of every store.
//!
//! A life is a runtime of its own: its end is as sudden as that of a process, also for whoever is in the middle of a
//! transaction.

mod homes;
mod keeping;
mod month;
mod parking;
mod rebuilding;
mod reasons;

use std::sync::Arc;
use std::time::Duration;

use gatehouse_domain::end_reason::{self, EndReason};
use gatehouse_projections::table::{Group, Type, Value};
use tokio::sync::watch;
use uuid::Uuid;

use super::Tables;
use super::model::Model;
use crate::journal::{Append, Journal};
use homes::Home;
use reasons::{NOON, TABLES};

/// Asks the questions named of every store.
macro_rules! every_store {
    ($($question:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $question() {
                super::$question(&$crate::tables::tests::homes::Home::on_sqlite());
            })*
        }
        mod postgres {
            $(#[test]
            fn $question() {
                super::$question(&$crate::tables::tests::homes::Home::on_postgres());
            })*
        }
    };
}
use every_store;

/// Long enough for everything a test waits for.
const WITHIN: Duration = Duration::from_secs(30);

/// A server, as far as it keeps tables.
struct Server {
    journal: Arc<Journal>,
    tables: Arc<Tables>,
    _open: watch::Sender<bool>,
}

impl Server {
    async fn start(home: &Home, model: Model) -> Self {
        Self::start_with(home, &[model]).await
    }

    /// One that keeps no tables.
    async fn start_without_tables(home: &Home) -> Self {
        Self::start_with(home, &[]).await
    }

    async fn start_with(home: &Home, models: &[Model]) -> Self {
        let journal = home.journal().await;
        let (open, opened) = watch::channel(true);
        let tables = Tables::start(&home.config, &journal, &opened, models).await.unwrap();
        Self { journal, tables, _open: open }
    }

    /// Something happens to the reason with this number, for the so many-th time.
    async fn happens(&self, id: u128, before: u64, event: end_reason::Event) {
        let id = Uuid::from_u128(id);
        let (events, claims, releases) = (vec![event], vec![], vec![]);
        let append = Append::<EndReason> { id, expected: before, events, claims, releases, subject: None, key: None };
        self.journal.append(append).await.unwrap();
    }

    async fn added(&self, id: u128, before: u64, name: &str) {
        self.happens(id, before, end_reason::Event::EndReasonAdded { name: name.to_owned(), at: NOON }).await;
    }

    /// Waits until everything there is is in the tables.
    async fn all_written(&self) {
        assert!(self.tables.at_least(TABLES, self.journal.head(), WITHIN).await, "the tables do not come on");
    }

    /// The name and the number of times of every reason, by id.
    async fn reasons(&self) -> Vec<(u128, String, i64)> {
        let types = [Type::Id, Type::Text, Type::Number];
        let sql = "SELECT id, name, times FROM reasons ORDER BY id";
        let rows = self.tables.read(Group::Reporting).rows(sql, &[], &types).await.unwrap();
        let row = |row: Vec<Value>| match &row[..] {
            [Value::Id(id), Value::Text(name), Value::Number(times)] => (id.as_u128(), name.clone(), *times),
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(row).collect()
    }

    /// How often each name was given.
    async fn names(&self) -> Vec<(String, i64)> {
        let sql = "SELECT name, given FROM reason_names ORDER BY name";
        let rows = self.tables.read(Group::Reporting).rows(sql, &[], &[Type::Text, Type::Number]).await.unwrap();
        let row = |row: Vec<Value>| match &row[..] {
            [Value::Text(name), Value::Number(given)] => (name.clone(), *given),
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(row).collect()
    }
}

/// One life of a process.
fn life<T>(lived: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let result = runtime.block_on(lived);
    runtime.shutdown_background();
    result
}

fn named<const N: usize>(names: [(&str, i64); N]) -> Vec<(String, i64)> {
    names.map(|(name, given)| (name.to_owned(), given)).into()
}
