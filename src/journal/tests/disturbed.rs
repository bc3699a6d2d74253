//! What others do to the database while the log is written: slow commits, old readers, a second writer that takes over.

use std::time::Duration;

use futures_util::future::join_all;

use super::*;

every_store!(
    readers_skip_nothing_while_two_writers_commit_slowly,
    a_reader_on_an_old_snapshot_stalls_nobody_and_nobody_misses_anything,
    taken_over_in_the_middle_of_a_rush_nothing_answered_is_lost_and_the_log_is_whole,
    after_a_restart_a_batch_of_old_and_new_commands_tells_them_apart,
    a_hundred_thousand_events_read_back_in_order,
);

async fn readers_skip_nothing_while_two_writers_commit_slowly(home: impl Home) {
    let first = home.open().await;
    let fence = first.raise_fence().await.unwrap().fence;
    home.meddle(home.slow_commits()).await;
    // Two processes that believe in the same fence: their commits overlap, and only the head's lock orders them.
    let writer = |id: u128, store: Arc<dyn Store>| async move {
        for expected in 0..40 {
            let batch = [row(id, expected * 2, 2), row(id + 10, expected, 1)];
            assert!(store.append(fence, NOON, &batch).await.unwrap().iter().all(is_committed));
        }
    };
    let reader = |store: Arc<dyn Store>| async move {
        let mut position = 0;
        while position < 240 {
            for event in events(&store, position, 7).await {
                assert_eq!(event.position, position + 1, "something was not there yet, and was skipped");
                position = event.position;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let (one, two) = (Arc::clone(&first), home.open().await);
    let writers = async { tokio::join!(writer(1, Arc::clone(&one)), writer(2, Arc::clone(&two))) };
    tokio::join!(writers, reader(Arc::clone(&one)), reader(Arc::clone(&two)), reader(home.open().await));
    assert_eq!(whole(&first).await, 240);
}

async fn a_reader_on_an_old_snapshot_stalls_nobody_and_nobody_misses_anything(home: impl Home) {
    let journal = home.journal().await;
    for expected in 0..10 {
        journal.append(reason(1, expected)).await.unwrap();
    }
    let mut follow = journal.follow(0);
    let work = async {
        for expected in 10..60 {
            let many = (0..40).map(|number| reason_added(&format!("{expected}/{number}"))).collect();
            let sequence = 10 + (expected - 10) * 40;
            journal.append(append::<EndReason>(1, sequence, many)).await.unwrap();
        }
        seen_until(&mut follow, 2_010).await
    };
    let work = async { tokio::time::timeout(Duration::from_secs(20), work).await.expect("nobody waits for a reader") };
    let (seen_before, seen_after, followed) = home.while_reading(work).await;
    assert_eq!((seen_before, seen_after), (10, 10), "its snapshot is as old as it is");
    assert_eq!(followed, (1..=2_010).collect::<Vec<_>>());
    assert_eq!(whole(&home.open().await).await, 2_010);
}

async fn taken_over_in_the_middle_of_a_rush_nothing_answered_is_lost_and_the_log_is_whole(home: impl Home) {
    let overtaken = home.journal().await;
    let rush = |id: u128| {
        let journal = Arc::clone(&overtaken);
        tokio::spawn(async move {
            let mut answered = 0;
            while journal.append(reason(id, answered)).await.is_ok() {
                answered += 1;
            }
            answered
        })
    };
    let rushes: Vec<_> = (1..=8).map(rush).collect();
    let mut follow = overtaken.follow(0);
    seen_until(&mut follow, 50).await;
    let writer = home.journal().await;
    let first = writer.head() + 1;
    for expected in 0..50 {
        assert_eq!(writer.append(reason(99, expected)).await, now(first + expected, expected + 1));
    }
    let answered: Vec<u64> = join_all(rushes).await.into_iter().map(Result::unwrap).collect();
    for (id, answered) in (1..).zip(&answered) {
        assert_eq!(writer.stream(stream(id), 0).await.unwrap().len() as u64, *answered, "{id}");
    }
    assert_eq!(whole(&home.open().await).await, answered.iter().sum::<u64>() + 50);
    assert_eq!(*overtaken.state().borrow(), LogState::Fenced);
}

async fn after_a_restart_a_batch_of_old_and_new_commands_tells_them_apart(home: impl Home) {
    let ask = |number: u8| claiming(row(u128::from(number), 0, 2), [command(number), unique(100 + number)]);
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    store.append(fence, NOON, &[ask(1), ask(2), ask(3)]).await.unwrap();
    drop(store);
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    assert_eq!(
        store.append(fence, NOON, &[ask(3), ask(4), ask(1), ask(5)]).await.unwrap(),
        [duplicate(6, 2), committed(8, 2), duplicate(2, 2), committed(10, 2)]
    );
    assert_eq!(store.append(fence, NOON, &[ask(4)]).await.unwrap(), [duplicate(8, 2)]);
    assert_eq!(whole(&store).await, 10);
}

async fn a_hundred_thousand_events_read_back_in_order(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    // Ten streams that take turns, so that the order of the log is not that of any stream.
    let batches = (0..20).map(|turn| (0..10).map(|id| row(id, turn * 500, 500)).collect::<Vec<_>>());
    for batch in batches {
        assert!(store.append(fence, NOON, &batch).await.unwrap().iter().all(is_committed));
    }
    let last = events(&store, 99_999, 10).await;
    assert_eq!(last.iter().map(|event| (event.stream, event.sequence)).collect::<Vec<_>>(), [(stream(9), 10_000)]);
    let journal = home.journal().await;
    let mut follow = journal.follow(0);
    let (mut position, mut sequences) = (0, BTreeMap::<StreamId, u64>::new());
    while position < 100_000 {
        for recorded in follow.next().await.unwrap().events() {
            let sequence = sequences.entry(recorded.stream).or_default();
            (position, *sequence) = (position + 1, *sequence + 1);
            assert_eq!((recorded.position, recorded.sequence), (position, *sequence));
        }
    }
    assert!(sequences.values().eq(&[10_000; 10]));
}

fn is_committed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Committed(_))
}
