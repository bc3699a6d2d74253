//! Leases: who may write the log, and who has to wait for how long.

use std::time::Duration;

use futures_util::future::join_all;

use super::sealing::{LENAS, lena_wrote};
use super::*;
use crate::clock::SystemClock;
use crate::journal::store::Lease;

every_store!(
    a_log_is_taken_once_and_refused_to_others_until_its_lease_lapses,
    who_was_overtaken_can_neither_renew_nor_append,
    a_lease_that_is_renewed_does_not_lapse,
    a_server_that_comes_back_to_its_own_directory_need_not_wait,
    a_lease_that_was_given_up_is_free_at_once,
    of_many_who_take_a_lapsed_log_at_once_exactly_one_has_it,
    who_stands_by_reads_along_and_goes_on_where_the_other_was,
    who_was_overtaken_notices_without_writing,
    a_key_destroyed_while_standing_by_is_gone_after_the_take_over,
    opening_a_log_again_keeps_its_lease,
);

const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(600);

async fn a_log_is_taken_once_and_refused_to_others_until_its_lease_lapses(home: impl Home) {
    let (_, leases) = home.open_with_leases().await;
    assert!(leases.standing(&lease("a", LONG)).await.unwrap().free, "nobody has it");
    let first = leases.take_over(&lease("a", LONG)).await.unwrap().unwrap();
    for other in [lease("b", LONG), nameless(LONG)] {
        assert!(!leases.standing(&other).await.unwrap().free);
        assert!(leases.take_over(&other).await.unwrap().is_none());
    }
    leases.renew(first.fence, &lease("a", SHORT)).await.unwrap();
    tokio::time::sleep(SHORT).await;
    assert!(leases.standing(&lease("b", SHORT)).await.unwrap().free);
    let second = leases.take_over(&lease("b", LONG)).await.unwrap().unwrap();
    assert_eq!((second.fence, second.log_id), (first.fence + 1, first.log_id));
}

async fn who_was_overtaken_can_neither_renew_nor_append(home: impl Home) {
    let (store, leases) = home.open_with_leases().await;
    let first = leases.take_over(&lease("a", SHORT)).await.unwrap().unwrap();
    store.append(first.fence, NOON, &[row(1, 0, 1)]).await.unwrap();
    tokio::time::sleep(SHORT).await;
    // Late, but nobody wanted it: the log is still theirs.
    leases.renew(first.fence, &lease("a", SHORT)).await.unwrap();
    tokio::time::sleep(SHORT).await;
    let (_, others) = home.open_with_leases().await;
    let second = others.take_over(&lease("b", LONG)).await.unwrap().unwrap();
    assert_eq!(second.position, 1);
    assert!(matches!(leases.renew(first.fence, &lease("a", LONG)).await, Err(StoreError::Fenced)));
    assert!(matches!(store.append(first.fence, NOON, &[row(1, 1, 1)]).await, Err(StoreError::Fenced)));
    // Nor does it take anything from its successor to let go.
    leases.give_up(first.fence).await.unwrap();
    assert!(!leases.standing(&lease("a", LONG)).await.unwrap().free);
    assert_eq!(places(&store).await, [(1, stream(1), 1)]);
}

async fn a_lease_that_is_renewed_does_not_lapse(home: impl Home) {
    let (_, leases) = home.open_with_leases().await;
    let ours = leases.take_over(&lease("a", SHORT)).await.unwrap().unwrap();
    leases.renew(ours.fence, &lease("a", LONG)).await.unwrap();
    tokio::time::sleep(SHORT).await;
    assert!(leases.take_over(&lease("b", SHORT)).await.unwrap().is_none());
}

async fn a_server_that_comes_back_to_its_own_directory_need_not_wait(home: impl Home) {
    let (_, leases) = home.open_with_leases().await;
    let before = leases.take_over(&lease("a", LONG)).await.unwrap().unwrap();
    let after = leases.take_over(&lease("a", LONG)).await.unwrap().unwrap();
    assert_eq!(after.fence, before.fence + 1);
    // Whoever has no lock on a directory is never known again.
    leases.renew(after.fence, &nameless(LONG)).await.unwrap();
    for other in [nameless(LONG), lease("a", LONG)] {
        assert!(leases.take_over(&other).await.unwrap().is_none());
    }
}

async fn a_lease_that_was_given_up_is_free_at_once(home: impl Home) {
    let (_, leases) = home.open_with_leases().await;
    let ours = leases.take_over(&lease("a", LONG)).await.unwrap().unwrap();
    leases.give_up(ours.fence).await.unwrap();
    assert!(leases.take_over(&lease("b", LONG)).await.unwrap().is_some());
}

async fn of_many_who_take_a_lapsed_log_at_once_exactly_one_has_it(home: impl Home) {
    let (_, leases) = home.open_with_leases().await;
    leases.take_over(&lease("gone", Duration::from_millis(1))).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let others = join_all((0..6).map(|_| home.open_with_leases())).await;
    let tries = others.iter().enumerate().map(|(number, (_, leases))| {
        let leases = Arc::clone(leases);
        tokio::spawn(async move { leases.take_over(&lease(&number.to_string(), LONG)).await.unwrap().is_some() })
    });
    let taken = join_all(tries.collect::<Vec<_>>()).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
}

async fn who_stands_by_reads_along_and_goes_on_where_the_other_was(home: impl Home) {
    let first = candidate(&home, "a", LONG).await;
    let writer = stand_by(&home, &first).await;
    let tenure = writer.take_over(&first).await.unwrap().unwrap();
    assert_eq!(writer.append(reason(1, 0)).await, now(1, 1));

    let second = candidate(&home, "b", LONG).await;
    let waiting = stand_by(&home, &second).await;
    let mut follow = waiting.follow(0);
    assert_eq!(seen(&mut follow, 1).await, [1]);
    assert_eq!(writer.append(reason(2, 0)).await, now(2, 1));
    assert!(!waiting.catch_up(&second).await.unwrap().free);
    // What was read is announced: the follower need not look for it.
    assert_eq!((waiting.head(), seen(&mut follow, 2).await), (2, vec![2]));
    assert!(waiting.take_over(&second).await.unwrap().is_none());
    assert_eq!(waiting.append(reason(1, 1)).await, Err(AppendError::Unavailable));
    assert_eq!(*waiting.state().borrow(), LogState::Standby);

    // The last word of the first is not yet read when the second takes over.
    assert_eq!(writer.append(reason(2, 1)).await, now(3, 2));
    tenure.give_up().await;
    let _tenure = waiting.take_over(&second).await.unwrap().unwrap();
    assert_eq!((*waiting.state().borrow(), waiting.head()), (LogState::Writable, 3));
    assert_eq!(waiting.append(reason(1, 1)).await, now(4, 2));
    assert_eq!(seen(&mut follow, 4).await, [3, 4]);
    assert_eq!(writer.append(reason(1, 1)).await, Err(AppendError::Unavailable));
    assert_eq!(*writer.state().borrow(), LogState::Fenced);
}

async fn who_was_overtaken_notices_without_writing(home: impl Home) {
    let ours = candidate(&home, "a", SHORT).await;
    let journal = stand_by(&home, &ours).await;
    let _tenure = journal.take_over(&ours).await.unwrap().unwrap();
    home.journal().await.append(reason(1, 0)).await.unwrap();
    let mut state = journal.state();
    let noticed = tokio::time::timeout(25 * SHORT, state.wait_for(|state| *state == LogState::Fenced)).await;
    assert!(noticed.is_ok(), "it takes itself for the writer still");
}

async fn a_key_destroyed_while_standing_by_is_gone_after_the_take_over(home: impl Home) {
    lena_wrote(&home.journal().await).await;
    let ours = candidate(&home, "a", LONG).await;
    let journal = stand_by(&home, &ours).await;
    let addresses = async || {
        let events =
            journal.stream(StreamId { kind: Kind::Conversation, id: Uuid::from_u128(LENAS) }, 0).await.unwrap();
        assert!(!events.is_empty());
        format!("{events:?}").matches("Erased").count()
    };
    assert_eq!(addresses().await, 0);
    home.meddle("DELETE FROM contact_keys").await;
    let _tenure = journal.take_over(&ours).await.unwrap().unwrap();
    assert!(addresses().await > 0);
}

async fn opening_a_log_again_keeps_its_lease(home: impl Home) {
    let (_, leases) = home.open_with_leases().await;
    leases.take_over(&lease("a", LONG)).await.unwrap().unwrap();
    home.open().await;
    assert!(!leases.standing(&lease("b", LONG)).await.unwrap().free);
    // One from before there were leases gets them.
    let without = "ALTER TABLE log_head DROP COLUMN lease_holder; ALTER TABLE log_head DROP COLUMN lease_until";
    home.leave_as_an_older_version(without).await;
    let (_, leases) = home.open_with_leases().await;
    assert!(leases.take_over(&lease("b", LONG)).await.unwrap().is_some());
}

fn lease(holder: &str, length: Duration) -> Lease {
    Lease { holder: Some(holder.to_owned()), ..nameless(length) }
}

fn nameless(length: Duration) -> Lease {
    Lease { holder: None, now: SystemClock.now(), length: chrono::TimeDelta::from_std(length).unwrap() }
}

async fn candidate(home: &impl Home, holder: &'static str, length: Duration) -> Arc<Candidate> {
    let (_, leases) = home.open_with_leases().await;
    let holder = Box::new(|| Some(holder.to_owned()));
    Arc::new(Candidate { leases, clock: Arc::new(SystemClock), length, holder })
}

async fn stand_by(home: &impl Home, candidate: &Candidate) -> Arc<Journal> {
    Journal::stand_by(home.open().await, candidate, home.installation()).await.unwrap()
}

/// The positions handed out until `last` has come; without looking for long.
async fn seen(follow: &mut Follow, last: u64) -> Vec<u64> {
    let mut seen = vec![];
    while follow.position() < last {
        let piece = tokio::time::timeout(Duration::from_millis(1_500), follow.next()).await.expect("news at once");
        seen.extend(piece.unwrap().events().iter().map(|recorded| recorded.position));
    }
    seen
}
