//! Tables hold what the log says, once, whenever their keeper is killed.

use std::time::Duration;

use gatehouse_domain::end_reason::Event;
use gatehouse_projections::table::{Group, Type, Value};

use super::homes::Home;
use super::reasons::{GONE, NOON, model};
use super::{Server, WITHIN, every_store, life, named};
use crate::tables::Tables;
use crate::tables::command::verified;
use crate::tables::compare::Difference;

every_store!(
    tables_follow_the_log,
    instants_words_and_nothing_come_back_as_they_went,
    killed_at_any_moment_every_event_counts_once,
    a_server_that_stands_by_reads_along,
    a_row_changed_by_hand_is_found,
    of_a_log_whose_older_copy_was_put_back_only_that_is_shown,
);

fn tables_follow_the_log(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 0, "solved").await;
        server.added(2, 0, "spam").await;
        server.added(1, 1, "answered").await;
        server.added(3, 0, "wrong").await;
        server.added(3, 1, GONE).await;
        server.all_written().await;
        assert_eq!(server.reasons().await, [(1, "answered".to_owned(), 2), (2, "spam".to_owned(), 1)]);
        assert_eq!(server.names().await, named([("answered", 1), ("solved", 1), ("spam", 1), ("wrong", 1)]));
        // Written before: only what changes is written now.
        server.added(2, 1, "spam").await;
        server.added(3, 2, "right").await;
        server.all_written().await;
        let rows = [(1, "answered".to_owned(), 2), (2, "spam".to_owned(), 2), (3, "right".to_owned(), 1)];
        assert_eq!(server.reasons().await, rows);
    });
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 2, "closed").await;
        server.all_written().await;
        assert_eq!(server.reasons().await[0], (1, "closed".to_owned(), 3));
        assert_eq!(server.names().await[1], ("closed".to_owned(), 1));
    });
}

fn instants_words_and_nothing_come_back_as_they_went(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        server.added(1, 0, "it's \"quoted\" — ü").await;
        server.added(2, 0, "retired").await;
        server.happens(2, 1, Event::EndReasonRetired { at: NOON }).await;
        server.added(3, 0, "a zero: \0").await;
        server.all_written().await;
        let types = [Type::Text, Type::Time, Type::Time];
        let sql = "SELECT name, added_at, retired_at FROM reasons WHERE added_at = $1 ORDER BY id";
        let rows = server.tables.read(Group::Reporting).rows(sql, &[Value::Time(NOON)], &types).await.unwrap();
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(rows[0], [text("it's \"quoted\" — ü"), Value::Time(NOON), Value::Null]);
        assert_eq!(rows[1], [text("retired"), Value::Time(NOON), Value::Time(NOON)]);
        assert_eq!(rows.len(), 3);
    });
}

fn killed_at_any_moment_every_event_counts_once(home: &Home) {
    let mut sequences = [0_u64; 7];
    for killed_after_ms in [0, 3, 7, 12, 20, 35, 60, 90] {
        // Each of these events is in the log, whatever becomes of the life.
        life(async {
            let server = Server::start(home, model()).await;
            for round in 0..20 {
                for (id, sequence) in sequences.iter_mut().enumerate() {
                    server.added(id as u128, *sequence, &format!("name {}", round % 5)).await;
                    *sequence += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(killed_after_ms)).await;
        });
    }
    life(async {
        let server = Server::start(home, model()).await;
        server.all_written().await;
        let events: u64 = sequences.iter().sum();
        let given: i64 = server.names().await.iter().map(|(_, given)| given).sum();
        assert_eq!(given as u64, events);
        assert_eq!(server.reasons().await.iter().map(|(_, _, times)| *times as u64).sum::<u64>(), events);
        assert_eq!(differences(home).await, []);
    });
}

fn a_server_that_stands_by_reads_along(home: &Home) {
    life(async {
        let working = Server::start(home, model()).await;
        let (open, opened) = tokio::sync::watch::channel(false);
        let source = home.source().await;
        let standing_by = Tables::start(&home.config, &source.journal, &opened, &[model()]).await.unwrap();
        working.added(1, 0, "solved").await;
        working.all_written().await;
        source.journal.catch_up(&source.candidate).await.unwrap();
        let position = working.journal.head();
        assert!(standing_by.at_least("reasons", position, WITHIN).await, "it reads along");
        assert_eq!(working.names().await, named([("solved", 1)]));
        drop(open);
    });
}

fn a_row_changed_by_hand_is_found(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        for id in 1..=4 {
            server.added(id, 0, "solved").await;
        }
        server.all_written().await;
        assert_eq!(differences(home).await, []);
        for sql in [
            "UPDATE reasons_g1 SET name = 'else' WHERE name = 'solved' AND id = (SELECT min(id::text)::uuid FROM reasons_g1)",
            "DELETE FROM reasons_g1 WHERE id = (SELECT max(id::text)::uuid FROM reasons_g1)",
            "INSERT INTO reason_names_g1 VALUES ('made up', 7)",
        ] {
            let sql = if home.config.database_url().is_some() {
                sql
            } else {
                &sql.replace("::text", "").replace("::uuid", "")
            };
            home.meddle("reporting", "reports.db", sql).await;
        }
        let found = differences(home).await;
        let counts: Vec<_> = found.iter().map(|one| (one.table, one.added, one.gone, one.different)).collect();
        assert_eq!(counts, [("reasons", 1, 0, 1), ("reason_names", 0, 1, 0)]);
        assert!(found[0].to_string().contains("name: \"else\" -> \"solved\""), "{}", found[0]);
        assert!(found[1].to_string().contains("name=\"made up\" given=7"), "{}", found[1]);
    });
}

fn of_a_log_whose_older_copy_was_put_back_only_that_is_shown(home: &Home) {
    life(async {
        let server = Server::start(home, model()).await;
        for id in 1..=4 {
            server.added(id, 0, "of before").await;
        }
        server.all_written().await;
        home.meddle_with_log("DELETE FROM events WHERE position > 1; UPDATE log_head SET position = 1").await;
    });
    life(async {
        let server = Server::start(home, model()).await;
        server.added(9, 0, "of after").await;
        server.all_written().await;
        let shown = async {
            while server.names().await != named([("of after", 1), ("of before", 1)]) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(WITHIN, shown).await.expect("what is gone is not shown");
        assert_eq!(differences(home).await, []);
    });
}

/// What is not as the log says.
async fn differences(home: &Home) -> Vec<Difference> {
    let (found, _) = verified(model(), &home.place().await, &home.source().await).await.unwrap();
    found.into_iter().filter(|one| !one.is_none()).collect()
}
