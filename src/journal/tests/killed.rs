//! What happens to a PostgreSQL server under the log: backends die in the middle of a commit, and others work beside us.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

use super::homes::PostgresHome;
use super::*;

const KILLS: u32 = 60;
const WRITERS: u128 = 8;

/// Two backends in three die at work, the others while they rest; readers too.
const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'gatehouse' AND datname = current_database() AND ($1 OR state = 'active')";

#[tokio::test]
async fn killed_at_any_point_of_a_commit_what_was_asked_is_there_once() {
    let home = PostgresHome::make().await;
    let journal = home.journal().await;
    home.meddle(home.slow_commits()).await;
    let (done, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(u64::MAX)));
    let writer = |id: u128| {
        let (journal, done, installation) = (Arc::clone(&journal), Arc::clone(&done), home.installation());
        tokio::spawn(async move {
            let mut asked = 0;
            let mut unknown = 0;
            while !done.load(Ordering::Relaxed) {
                let name = format!("{id}/{asked}");
                let key = Some(CommandKey::new(&installation, &[&name]));
                let mut expected = asked;
                let receipt = loop {
                    match journal
                        .append(Append { key, ..append::<EndReason>(id, expected, vec![reason_added(&name)]) })
                        .await
                    {
                        Ok(Appended::Now(receipt) | Appended::Before(receipt)) => break receipt,
                        Err(AppendError::Unavailable) => unknown += 1,
                        // It was stored, or not, and nobody could say: the stream tells, as it tells an actor.
                        Err(AppendError::Conflict) => {}
                        Err(error) => panic!("{name}: {error}"),
                    }
                    expected = length(&journal, id).await;
                };
                asked += 1;
                assert_eq!(receipt.sequence, asked, "{name} was answered with another's receipt");
            }
            (asked, unknown)
        })
    };
    let writers: Vec<_> = (1..=WRITERS).map(writer).collect();
    let follower = {
        let (mut follow, last) = (journal.follow(0), Arc::clone(&last));
        tokio::spawn(async move {
            let mut position = 0;
            while position < last.load(Ordering::Relaxed) {
                // As followers do: what cannot be read is read again.
                let next = tokio::time::timeout(Duration::from_millis(100), follow.next()).await;
                let Ok(Ok(commit)) = next else { continue };
                for recorded in commit.events() {
                    assert_eq!(recorded.position, position + 1);
                    position += 1;
                }
            }
        })
    };
    let mut killer = PgConnection::connect(&home.url()).await.unwrap();
    for kill in 0..KILLS {
        // Odd pauses, so that kills meet every moment of a commit.
        tokio::time::sleep(Duration::from_micros(u64::from(kill * 7_919 % 59_000))).await;
        sqlx::query(KILL).bind(kill % 3 == 0).execute(&mut killer).await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let (mut asked, mut unknown) = (0, 0);
    for (id, writer) in (1..).zip(writers) {
        let (of_writer, unknown_to_it) = writer.await.unwrap();
        let events = home.open().await.read_stream(stream(id), 0).await.unwrap();
        let stored: Vec<_> = events.iter().map(|event| name(&event.payload)).collect();
        assert_eq!(stored, (0..of_writer).map(|number| format!("{id}/{number}")).collect::<Vec<_>>());
        (asked, unknown) = (asked + of_writer, unknown + unknown_to_it);
    }
    assert_eq!(whole(&home.open().await).await, asked);
    last.store(asked, Ordering::Relaxed);
    tokio::time::timeout(Duration::from_secs(20), follower).await.expect("the follower comes to the end").unwrap();
    assert!(unknown > 0 && asked > u64::from(KILLS), "{asked} asked, {unknown} unknown: nothing was tested");
}

#[tokio::test]
async fn a_long_transaction_in_another_database_stalls_nobody() {
    let home = PostgresHome::make().await;
    let journal = home.journal().await;
    let other = PostgresHome::make().await;
    let mut long = PgConnection::connect(&other.url()).await.unwrap();
    long.execute("BEGIN; CREATE TABLE elsewhere (n int); INSERT INTO elsewhere VALUES (1)").await.unwrap();
    let mut follow = journal.follow(0);
    let work = async {
        for expected in 0..200 {
            journal.append(reason(1, expected)).await.unwrap();
        }
        // From the announcements, and as a process that has just started reads.
        let announced = seen_until(&mut follow, 200).await;
        (announced, seen_until(&mut home.journal().await.follow(0), 200).await)
    };
    let all: Vec<u64> = (1..=200).collect();
    let seen = tokio::time::timeout(Duration::from_secs(20), work).await.expect("nobody waits for another database");
    assert_eq!(seen, (all.clone(), all));
    long.execute("ROLLBACK").await.unwrap();
}

async fn length(journal: &Journal, id: u128) -> u64 {
    loop {
        if let Ok(events) = journal.stream(stream(id), 0).await {
            return events.len() as u64;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn name(payload: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(payload).unwrap();
    event["name"].as_str().unwrap().to_owned()
}
