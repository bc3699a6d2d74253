//! The contract of a log, asked of every store that holds one.
//!
//! The questions know `Home`, `Store` and `Journal` only. A second store implements `Home` and is one more line in
//! `every_store`.

mod appending;
mod claiming;
mod disturbed;
mod erasing;
mod following;
mod homes;
mod killed;
mod leasing;
mod roles;
mod sealing;
mod snapshots;
mod upcasting;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gatehouse_domain::clock::FixedClock;
use gatehouse_domain::end_reason::{self, EndReason};
use gatehouse_domain::{Claim, ConnectionId, Fact, Kind, Recorded, Rules, StreamId};
use uuid::Uuid;

use super::store::{EventRow, KeyRow, Outcome, StoredEvent};
use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

/// Where a log is kept: it outlives the process that has it open.
trait Home: Sized + Send + Sync {
    async fn make() -> Self;

    /// Opens the log as one process does.
    async fn open(&self) -> Arc<dyn Store>;

    /// Opens the log as a server does that may have to wait for it.
    async fn open_with_leases(&self) -> (Arc<dyn Store>, Arc<dyn Leases>);

    /// Everything that is kept, as whoever steals the disk reads it. As text, which is soon searched.
    async fn at_rest(&self) -> String;

    /// Changes the log behind its back.
    async fn meddle(&self, sql: &str);

    /// Makes the log what an older version left, by this SQL; its owner's next start is the first of this version.
    async fn leave_as_an_older_version(&self, sql: &str) {
        self.meddle(sql).await;
    }

    /// The SQL that makes every commit from now on take its time.
    fn slow_commits(&self) -> &'static str;

    /// Does `work` while somebody reads in one transaction: how many events they see before, how many after.
    async fn while_reading<T>(&self, work: impl Future<Output = T>) -> (i64, i64, T);

    /// The keys of this installation; kept apart from the log.
    fn installation(&self) -> Arc<Installation>;

    async fn journal(&self) -> Arc<Journal> {
        let store = self.open().await;
        Journal::open(store, self.installation(), Arc::new(FixedClock(NOON))).await.unwrap()
    }
}

/// Asks every store the questions named.
macro_rules! every_store {
    ($($question:ident),* $(,)?) => {
        $crate::journal::tests::every_store!(@ sqlite $crate::journal::tests::homes::SqliteHome: $($question)*);
        $crate::journal::tests::every_store!(@ postgres $crate::journal::tests::homes::PostgresHome: $($question)*);
        $crate::journal::tests::every_store!(@ as_server $crate::journal::tests::homes::PostgresAsServer: $($question)*);
    };
    (@ $store:ident $home:ty: $($question:ident)*) => {
        mod $store {
            $(#[tokio::test]
            async fn $question() {
                super::$question(<$home as $crate::journal::tests::Home>::make().await).await;
            })*
        }
    };
}
use every_store;

fn stream(id: u128) -> StreamId {
    StreamId { kind: Kind::EndReason, id: Uuid::from_u128(id) }
}

/// One append as the lane writes it: `count` events after `expected`.
fn row(id: u128, expected: u64, count: u64) -> AppendRow {
    let event = |sequence| EventRow {
        sequence,
        name: "end_reason_added",
        version: 1,
        payload: format!(r#"{{"event":"end_reason_added","name":"{id}/{sequence}","at":"2026-05-29T12:00:00Z"}}"#),
        event_id: fresh_id(),
    };
    let events = (expected + 1..=expected + count).map(event).collect();
    AppendRow {
        stream: stream(id),
        expected,
        continues: false,
        events,
        claims: vec![],
        new_key: None,
        forgets: Forgets::default(),
    }
}

fn claiming(mut row: AppendRow, claims: impl IntoIterator<Item = ClaimRow>) -> AppendRow {
    row.claims.extend(claims);
    row
}

fn command(number: u8) -> ClaimRow {
    ClaimRow::command([number; 16])
}

fn unique(number: u8) -> ClaimRow {
    ClaimRow::unique([number; 16])
}

fn committed(position: u64, sequence: u64) -> Outcome {
    Outcome::Committed(Receipt { position, sequence })
}

fn duplicate(position: u64, sequence: u64) -> Outcome {
    Outcome::Duplicate(Receipt { position, sequence })
}

/// Up to `limit` events after `position`, as they are stored.
async fn events(store: &Arc<dyn Store>, position: u64, limit: u32) -> Vec<StoredEvent> {
    store.read_log(position, limit).await.unwrap().into_iter().map(Result::unwrap).collect()
}

/// What a store holds, in order: position, stream, sequence.
async fn places(store: &Arc<dyn Store>) -> Vec<(u64, StreamId, u64)> {
    let stored = events(store, 0, 10_000).await;
    stored.iter().map(|event| (event.position, event.stream, event.sequence)).collect()
}

/// Reads the whole log, which has no hole anywhere: positions from 1, and the sequences of every stream from 1. Gives
/// the last position.
async fn whole(store: &Arc<dyn Store>) -> u64 {
    let (mut position, mut sequences) = (0, BTreeMap::<StreamId, u64>::new());
    loop {
        let page = events(store, position, 5_000).await;
        if page.is_empty() {
            break;
        }
        for event in page {
            let sequence = sequences.entry(event.stream).or_default();
            (position, *sequence) = (position + 1, *sequence + 1);
            assert_eq!((event.position, event.sequence), (position, *sequence), "{}", event.stream);
        }
    }
    for (stream, last) in sequences {
        let in_stream: Vec<u64> =
            store.read_stream(stream, 0).await.unwrap().iter().map(|event| event.sequence).collect();
        assert_eq!(in_stream, (1..=last).collect::<Vec<_>>(), "{stream}");
    }
    assert_eq!(store.raise_fence().await.unwrap().position, position, "the head is the last event");
    position
}

/// The positions handed out until `last` has come.
async fn seen_until(follow: &mut Follow, last: u64) -> Vec<u64> {
    let mut seen = vec![];
    while follow.position() < last {
        seen.extend(follow.next().await.unwrap().events().iter().map(|recorded| recorded.position));
    }
    seen
}

/// An append as an actor makes it.
fn append<A: Rules>(id: u128, expected: u64, events: Vec<A::Event>) -> Append<A> {
    Append { id: Uuid::from_u128(id), expected, events, claims: vec![], releases: vec![], subject: None, key: None }
}

fn reason(id: u128, expected: u64) -> Append<EndReason> {
    append(id, expected, vec![reason_added(&format!("{id}/{expected}"))])
}

fn reason_added(name: &str) -> end_reason::Event {
    end_reason::Event::EndReasonAdded { name: name.to_owned(), at: NOON }
}

fn recorded(position: u64, id: u128, sequence: u64, event: end_reason::Event) -> Recorded {
    Recorded { position, stream: stream(id), sequence, recorded_at: NOON, fact: Fact::EndReason(event) }
}

fn account(name: &str) -> Claim {
    Claim::Account(ConnectionId(Uuid::from_u128(0xCC)), name.to_owned())
}

fn key(home: &impl Home, name: &str) -> Option<CommandKey> {
    Some(CommandKey::new(&home.installation(), &[name]))
}

fn now(position: u64, sequence: u64) -> Result<Appended, AppendError> {
    Ok(Appended::Now(Receipt { position, sequence }))
}

fn before(position: u64, sequence: u64) -> Result<Appended, AppendError> {
    Ok(Appended::Before(Receipt { position, sequence }))
}
