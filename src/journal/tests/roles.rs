//! A server's role on PostgreSQL: the whole contract is asked under it too; here is what it cannot do, and how a database
//! comes to have it.

use super::homes::PostgresAsServer;
use super::*;
use crate::cabinet::{Cabinet, Kept};

const OWNER: &str = "gatehouse_owner";
const SERVER: &str = "gatehouse_server";

/// What would change what has happened, who may write, or the schema.
const FORBIDDEN: [&str; 22] = [
    "UPDATE events SET payload = '{}'",
    "DELETE FROM events",
    "TRUNCATE events",
    "INSERT INTO events SELECT * FROM events",
    "UPDATE claims SET owner = 'somebody'",
    "DELETE FROM claims",
    "TRUNCATE claims",
    "INSERT INTO claims SELECT * FROM claims",
    "UPDATE contact_keys SET sealed = ''",
    "DELETE FROM contact_keys",
    "DELETE FROM snapshots",
    "INSERT INTO snapshots SELECT * FROM snapshots",
    "UPDATE log_head SET position = 0",
    "UPDATE log_head SET log_id = gen_random_uuid()",
    "DELETE FROM log_head",
    "DROP TABLE snapshots",
    "ALTER TABLE events ADD COLUMN more text",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "CREATE TABLE more (n int)",
    "CREATE OR REPLACE FUNCTION lock_head(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
    "DROP SCHEMA gatehouse_log CASCADE",
    "TRUNCATE gatehouse_cabinet.cabinet",
];

#[tokio::test]
async fn a_server_cannot_change_what_happened_or_the_schema() {
    let home = PostgresAsServer::make().await;
    let journal = home.journal().await;
    assert_eq!(journal.append(reason(1, 0)).await, now(1, 1));
    for sql in FORBIDDEN {
        let error = home.tries(sql).await.expect_err(sql);
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
    }
    home.tries("SELECT FROM events, claims, contact_keys, snapshots, log_head").await.unwrap();
    assert_eq!(whole(&home.open().await).await, 1);
}

#[tokio::test]
async fn no_table_of_somebody_elses_is_taken_for_the_logs() {
    let home = PostgresAsServer::make().await;
    let forged = "CREATE TEMPORARY TABLE log_head (one boolean, position bigint, fence bigint);
                  INSERT INTO log_head VALUES (true, 0, 77);
                  SET search_path = pg_temp, gatehouse_log;
                  SELECT append_each(77, now(), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
                                     '{}', '{}', '{}', '{}', '{}', '{}', '{}')";
    let error = home.tries(forged).await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("GH001"), "{error}");
}

#[tokio::test]
async fn a_server_that_finds_no_schema_says_who_must_start_first() {
    let home = PostgresAsServer::without_roles().await;
    home.roles().await;
    let refused = home.connect(SERVER).await.map(|_| ()).unwrap_err();
    assert!(refused.contains("gatehouse_log") && refused.contains("start this version once"), "{refused}");
    home.connect(OWNER).await.unwrap();
    home.connect(SERVER).await.unwrap();
}

#[tokio::test]
async fn a_schema_of_another_version_is_brought_up_by_its_owner_only() {
    let home = PostgresAsServer::make().await;
    for (schema, of_version) in [("gatehouse_log", "log"), ("gatehouse_cabinet", "cabinet")] {
        home.meddle(&format!("COMMENT ON SCHEMA {schema} IS 'another version'")).await;
        let refused = home.connect(SERVER).await.map(|_| ()).unwrap_err();
        assert!(refused.contains(schema), "{of_version}: {refused}");
        home.connect(OWNER).await.unwrap();
        home.connect(SERVER).await.unwrap();
    }
}

#[tokio::test]
async fn a_log_made_under_one_role_is_given_two_and_keeps_what_it_holds() {
    let home = PostgresAsServer::without_roles().await;
    let (store, cabinet) = home.connect("gatehouse").await.unwrap();
    let fence = store.raise_fence().await.unwrap().fence;
    store.append(fence, NOON, &[row(1, 0, 2)]).await.unwrap();
    let kept = Kept { key: "k".to_owned(), value: "v".to_owned(), at: NOON };
    cabinet.put("kind", &kept).await.unwrap();

    home.roles().await;
    home.roles().await;
    home.connect(SERVER).await.map(|_| ()).unwrap_err();
    home.connect(OWNER).await.unwrap();
    let (store, cabinet) = home.connect(SERVER).await.unwrap();
    assert_eq!(cabinet.find("kind", "k").await.unwrap(), Some(kept));
    let store: Arc<dyn Store> = store;
    let fence = store.raise_fence().await.unwrap().fence;
    assert_eq!(store.append(fence, NOON, &[row(1, 2, 1)]).await.unwrap(), [committed(3, 3)]);
    assert_eq!(whole(&store).await, 3);
}
