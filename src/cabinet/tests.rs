//! The contract of a cabinet, asked of both.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, PgConnection};

use super::*;
use crate::clock::fresh_id;
use crate::sending::Sending;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 123_457_000).unwrap();

macro_rules! every_cabinet {
    ($($question:ident),* $(,)?) => {$(
        mod $question {
            #[tokio::test]
            async fn on_sqlite() {
                let dir = tempfile::tempdir().unwrap();
                super::$question(super::sqlite(dir.path()).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$question(super::postgres().await).await;
            }
        }
    )*};
}

every_cabinet!(
    what_is_replaced_is_what_was_there,
    what_is_old_is_shed_a_bit_at_a_time,
    everything_of_a_kind_is_looked_through,
    a_server_that_was_overtaken_changes_nothing_about_sending,
);

async fn what_is_replaced_is_what_was_there(cabinet: Arc<dyn Cabinet>) {
    assert!(!cabinet.replace("switch", "", &kept("one", "a", NOON)).await.unwrap());
    cabinet.put("switch", &kept("one", "a", NOON)).await.unwrap();
    assert!(!cabinet.replace("switch", "b", &kept("one", "c", NOON)).await.unwrap());
    assert!(cabinet.replace("switch", "a", &kept("one", "b", NOON)).await.unwrap());
    assert_eq!(cabinet.find("switch", "one").await.unwrap(), Some(kept("one", "b", NOON)));
}

async fn what_is_old_is_shed_a_bit_at_a_time(cabinet: Arc<dyn Cabinet>) {
    for hour in 0..5 {
        let kept = kept(&format!("at {hour}"), "x", NOON + TimeDelta::hours(hour));
        cabinet.put("session", &kept).await.unwrap();
        cabinet.put("password", &kept).await.unwrap();
    }
    let shed = |limit| cabinet.shed("session", NOON + TimeDelta::hours(3), limit);
    assert_eq!((shed(2).await.unwrap(), shed(2).await.unwrap(), shed(2).await.unwrap()), (2, 1, 0));
    assert_eq!(keys(cabinet.after("session", "", 10).await.unwrap()), ["at 3", "at 4"]);
    assert_eq!(cabinet.newest("password", 10).await.unwrap().len(), 5, "only what was asked for");
}

async fn everything_of_a_kind_is_looked_through(cabinet: Arc<dyn Cabinet>) {
    for key in ["c", "a", "b"] {
        cabinet.put("unrouted", &kept(key, "x", NOON)).await.unwrap();
    }
    cabinet.put("other", &kept("d", "x", NOON)).await.unwrap();
    assert_eq!(keys(cabinet.after("unrouted", "", 2).await.unwrap()), ["a", "b"]);
    assert_eq!(keys(cabinet.after("unrouted", "b", 2).await.unwrap()), ["c"]);
    assert_eq!(keys(cabinet.after("unrouted", "c", 2).await.unwrap()), Vec::<String>::new());
}

async fn a_server_that_was_overtaken_changes_nothing_about_sending(cabinet: Arc<dyn Cabinet>) {
    let [before, after] = [Sending::open(Arc::clone(&cabinet)).await, Sending::open(cabinet).await].map(Result::unwrap);
    assert!(before.pause("too early".to_owned(), NOON).await.is_err(), "it has no log yet");
    before.take_over(1, NOON, async || false).await.unwrap();
    before.pause("an incident".to_owned(), NOON).await.unwrap();
    after.take_over(2, NOON, async || true).await.unwrap();
    assert!(*after.paused().borrow(), "as it was left");

    assert!(before.resume(NOON).await.is_err());
    assert!(before.take_over(1, NOON, async || false).await.is_err());
    let state = after.state().await.unwrap();
    assert_eq!((state.paused, state.since, state.reason.as_deref()), (true, Some(NOON), Some("an incident")));
    after.resume(NOON).await.unwrap();
    assert!(before.resume(NOON).await.is_err());
    assert!(before.pause("too late".to_owned(), NOON).await.is_err());
    assert!(!after.state().await.unwrap().paused && !*after.paused().borrow());
    // The log itself was put back from a copy, and with it its fence.
    before.take_over(1, NOON, async || true).await.unwrap();
    before.pause("a new beginning".to_owned(), NOON).await.unwrap();
}

fn kept(key: &str, value: &str, at: DateTime<Utc>) -> Kept {
    Kept { key: key.to_owned(), value: value.to_owned(), at }
}

fn keys(kept: Vec<Kept>) -> Vec<String> {
    kept.into_iter().map(|kept| kept.key).collect()
}

async fn sqlite(dir: &std::path::Path) -> Arc<dyn Cabinet> {
    Arc::new(SqliteCabinet::open(&dir.join("cabinet.db")).await.unwrap())
}

/// In a database of its own on the server that `tests/with_postgres.sh` starts.
async fn postgres() -> Arc<dyn Cabinet> {
    let server = std::env::var("TEST_POSTGRES_URL").expect("run through tests/with_postgres.sh");
    let database = format!("cabinet_{}", fresh_id().simple());
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::raw_sql(&format!("CREATE DATABASE {database}")).execute(&mut connection).await.unwrap();
    Arc::new(PostgresCabinet::connect(&format!("{server}/{database}")).await.unwrap())
}
