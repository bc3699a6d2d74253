//! Two roles on PostgreSQL: the owner starts the program once, and from then on a role serves that cannot change history.

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::erasing::{contact_of, erase};
use crate::server::DATABASE;
use crate::story::inbound;
use crate::world::{CLARA, World, database};

const ROLES: &str = include_str!("../../deploy/postgres/roles.sql");

#[tokio::test]
async fn a_role_that_cannot_change_history_serves_erases_and_backs_up() {
    let home = Database::make("roles").await;
    let mut world = World::start_with(&[(DATABASE, &home.url_of("gatehouse_owner"))]).await;
    world.server.stop().await;
    let as_server = vec![(DATABASE, home.url_of("gatehouse_server"))];
    world.server.move_out(true, as_server);
    world.restart().await;

    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    // Nor can it make the extension that finds names fast: they are found all the same.
    home.does("DROP EXTENSION IF EXISTS pg_trgm CASCADE").await;
    let (good, said) = world.server.run(&["rebuild", "history"]).await;
    assert!(good, "{said}");
    let found = world.admin.items("/history?contact=clar").await;
    assert_eq!(found.iter().map(|one| &one["conversation"]).collect::<Vec<_>>(), [conversation.as_str()]);
    assert_eq!(home.counts("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'").await, 0);
    let reply = world.mint();
    let asked = serde_json::json!({"conversation": conversation, "message": reply, "text": "Good day"});
    desk.call("conversation.reply", asked).await.unwrap();
    world.comes_to(&mut desk, &conversation, &reply, "delivered").await;
    let dir = TempDir::new().unwrap();
    let backup = dir.path().join("backup");
    let backup = backup.to_str().unwrap();
    let (good, said) = world.server.run(&["backup", "--to", backup]).await;
    assert!(good, "{said}");
    erase(&world, &contact_of(&world, &conversation).await).await;

    home.does("COMMENT ON SCHEMA gatehouse_log IS 'of another version'").await;
    let (status, said) = world.server.start_again_by_mistake().await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("start this version once as the role that owns it"), "{said}");

    // Restoring is the owner's, into a database where nobody has started yet.
    world.kill();
    let other = Database::make("roles_restored").await;
    let [owner, server] = ["gatehouse_owner", "gatehouse_server"].map(|role| vec![(DATABASE, other.url_of(role))]);
    let into = ["restore", "--from", backup];
    world.server.move_out(true, server.clone());
    let (good, said) = world.server.run(&into).await;
    assert!(!good && said.contains("restore as the role that owns its schemas"), "{said}");
    world.server.move_out(true, owner);
    let (good, said) = world.server.run(&into).await;
    assert!(good, "{said}");
    world.server.move_out(true, server);
    world.restart().await;
    assert_eq!(inbound(&world.timeline(&conversation).await), ["Hello?"]);
}

/// A database with the roles and nothing in it.
pub struct Database(String);

impl Database {
    pub async fn make(name: &str) -> Self {
        let this = Self(database(name).await.1);
        this.does(ROLES).await;
        this
    }

    pub fn url_of(&self, role: &str) -> String {
        self.0.replacen("://gatehouse@", &format!("://{role}@"), 1)
    }

    async fn counts(&self, sql: &str) -> i64 {
        let mut connection = PgConnection::connect(&self.0).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }

    async fn does(&self, sql: &str) {
        let mut connection = PgConnection::connect(&self.0).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
}
