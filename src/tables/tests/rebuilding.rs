//! New tables are built beside those that are shown, take their place at once, and can be taken back.

use std::time::Duration;

use gatehouse_projections::table::{Group, Type, Value};

use super::homes::Home;
use super::reasons::{counting_twice, model};
use super::{Server, every_store, life, named};
use crate::tables::build;
use crate::tables::command::{rebuilt, verified};
use crate::tables::compare::Difference;

every_store!(
    tables_are_built_anew_while_the_server_works,
    a_new_version_takes_the_place_of_the_old_when_it_has_caught_up,
    one_can_go_back,
    tables_and_columns_say_what_they_are,
);

fn tables_are_built_anew_while_the_server_works(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        for id in 0..200 {
            server.added(id, 0, "solved").await;
        }
        server.all_written().await;
        home.meddle("reporting", "reports.db", "UPDATE reason_names_g1 SET given = 7").await;
        let (place, source) = (home.place().await, home.source().await);
        let rebuilding = tokio::spawn(async move { rebuilt(model(), &place, &source).await.unwrap() });
        let mut more = 0;
        while !rebuilding.is_finished() {
            server.added(more, 1, "again").await;
            more += 1;
            // What is shown is never empty.
            assert_eq!(server.reasons().await.len(), 200);
        }
        let found = rebuilding.await.unwrap();
        assert_eq!(found.iter().map(|one| one.different).collect::<Vec<_>>(), [0, 1], "{found:?}");
        server.added(0, 2, "afterwards").await;
        server.all_written().await;
        let again = i64::try_from(more).unwrap();
        assert_eq!(server.names().await, named([("afterwards", 1), ("again", again), ("solved", 200)]));
        let (found, _) = verified(model(), &home.place().await, &home.source().await).await.unwrap();
        assert!(found.iter().all(Difference::is_none), "{found:?}");
    });
}

fn a_new_version_takes_the_place_of_the_old_when_it_has_caught_up(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 0, "solved").await;
        server.all_written().await;
        assert_eq!(server.names().await, named([("solved", 1)]));
    });
    life(async {
        let server = Server::start(home, counting_twice()).await;
        shown(&server, named([("solved", 2)])).await;
        server.added(2, 0, "solved").await;
        server.all_written().await;
        assert_eq!(server.names().await, named([("solved", 4)]));
    });
}

fn one_can_go_back(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 0, "solved").await;
        server.all_written().await;
    });
    life(async {
        let server = Server::start(home, counting_twice()).await;
        shown(&server, named([("solved", 2)])).await;
        build::back(&home.place().await, &counting_twice()).await.unwrap();
        assert_eq!(server.names().await, named([("solved", 1)]));
        // Whoever counts in another way leaves what is shown alone.
        server.added(1, 1, "solved").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(server.names().await, named([("solved", 1)]));
    });
    life(async {
        let server = Server::start(home, model()).await;
        server.all_written().await;
        assert_eq!(server.names().await, named([("solved", 2)]));
        // And with the same version: what was rebuilt, and what was there before it.
        rebuilt(model(), &home.place().await, &home.source().await).await.unwrap();
        server.added(1, 2, "solved").await;
        server.all_written().await;
        build::back(&home.place().await, &model()).await.unwrap();
        server.added(1, 3, "solved").await;
        server.all_written().await;
        shown(&server, named([("solved", 4)])).await;
    });
}

fn tables_and_columns_say_what_they_are(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        server.all_written().await;
        let sql = if home.config.database_url().is_some() {
            "SELECT concat_ws(' | ', obj_description('reasons'::regclass, 'pg_class'),
                       col_description('reasons'::regclass, 2), col_description('reasons_g1'::regclass, 2))"
        } else {
            "SELECT sql FROM sqlite_master WHERE name = 'reasons_g1'"
        };
        let told = server.tables.read(Group::Reporting).rows(sql, &[], &[Type::Text]).await.unwrap();
        let [Value::Text(told)] = &told[0][..] else { panic!("{told:?}") };
        assert!(told.contains("A reason's last name."), "{told}");
        assert!(told.contains("What it is called; it's never empty."), "{told}");
    });
}

/// Waits until these figures are shown: a keeper that begins again takes a moment.
async fn shown(server: &Server, names: Vec<(String, i64)>) {
    for _ in 0..300 {
        if server.names().await == names {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.names().await, names);
}
