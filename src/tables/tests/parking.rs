//! What cannot be read on is left out, everything else goes on, and it comes later.

use super::homes::Home;
use super::reasons::{POISON, fragile, model};
use super::{Server, every_store, life, named};

every_store!(
    a_stream_that_a_projection_cannot_bear_is_parked_and_drained_after_the_fix,
    an_event_from_a_future_version_parks_its_stream_alone,
    what_was_read_before_and_cannot_be_read_now_is_not_counted_twice,
);

fn a_stream_that_a_projection_cannot_bear_is_parked_and_drained_after_the_fix(home: &Home) {
    life(async {
        let server = Server::start(home, fragile()).await;
        server.added(1, 0, "before").await;
        server.added(1, 1, POISON).await;
        server.added(1, 2, "after").await;
        server.added(2, 0, "else").await;
        server.all_written().await;
        assert_eq!(server.reasons().await, [(1, "before".to_owned(), 1), (2, "else".to_owned(), 1)]);
        assert_eq!(server.names().await, named([("before", 1), ("else", 1)]));
        assert_eq!(server.tables.parked().into_iter().collect::<Vec<_>>(), [("reasons", 1)]);
    });
    life(async {
        let server = Server::start(home, fragile()).await;
        server.added(1, 3, "later").await;
        server.all_written().await;
        assert_eq!(server.reasons().await[0], (1, "before".to_owned(), 1), "a start alone puts nothing right");
        assert_eq!(server.tables.parked().into_iter().collect::<Vec<_>>(), [("reasons", 1)]);
    });
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 4, "now").await;
        server.all_written().await;
        assert_eq!(server.reasons().await, [(1, "now".to_owned(), 5), (2, "else".to_owned(), 1)]);
        let all = [("after", 1), ("before", 1), ("else", 1), ("later", 1), ("now", 1), (POISON, 1)];
        assert_eq!(server.names().await, named(all));
        assert!(server.tables.parked().is_empty());
    });
}

fn an_event_from_a_future_version_parks_its_stream_alone(home: &Home) {
    life(async {
        let journal = Server::start(home, model()).await;
        journal.added(1, 0, "before").await;
        journal.all_written().await;
    });
    life(async {
        // Nobody keeps tables: what comes now is found by whoever starts next.
        let server = Server::start_without_tables(home).await;
        server.added(1, 1, "from the future").await;
        server.added(2, 0, "else").await;
        server.added(1, 2, "after").await;
        home.meddle_with_log("UPDATE events SET event_version = '99' WHERE position = 2").await;
    });
    life(async {
        let server = Server::start(home, model()).await;
        server.all_written().await;
        assert_eq!(server.reasons().await, [(1, "before".to_owned(), 1), (2, "else".to_owned(), 1)]);
        assert_eq!(server.tables.parked().into_iter().collect::<Vec<_>>(), [("reasons", 1)]);
    });
    life(async {
        home.meddle_with_log("UPDATE events SET event_version = '1' WHERE position = 2").await;
        let server = Server::start(home, model()).await;
        server.added(2, 1, "else").await;
        server.all_written().await;
        assert_eq!(server.reasons().await, [(1, "after".to_owned(), 3), (2, "else".to_owned(), 2)]);
        assert!(server.tables.parked().is_empty());
    });
}

fn what_was_read_before_and_cannot_be_read_now_is_not_counted_twice(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 0, "a").await;
        server.added(1, 1, "b").await;
        server.all_written().await;
    });
    life(async {
        // An older server, which does not know the second event yet.
        home.meddle_with_log("UPDATE events SET event_version = '99' WHERE position = 2").await;
        let server = Server::start(home, model()).await;
        server.added(2, 0, "c").await;
        server.all_written().await;
        assert_eq!(server.names().await, named([("a", 1), ("b", 1), ("c", 1)]));
        assert_eq!(server.tables.parked().into_iter().collect::<Vec<_>>(), [("reasons", 1)]);
        home.meddle_with_log("UPDATE events SET event_version = '1' WHERE position = 2").await;
    });
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 2, "d").await;
        server.all_written().await;
        assert_eq!(server.names().await, named([("a", 1), ("b", 1), ("c", 1), ("d", 1)]));
        assert_eq!(server.reasons().await[0], (1, "d".to_owned(), 3));
        assert!(server.tables.parked().is_empty());
    });
}
