//! Where appends land: one total order, no gaps, and one winner wherever two want the same place.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::*;

every_store!(
    appends_that_race_get_positions_and_sequences_without_gaps,
    a_log_goes_on_where_it_was_when_it_is_opened_again,
    of_two_appends_at_one_place_one_wins_and_their_neighbours_are_stored,
    of_many_who_race_for_one_place_exactly_one_wins,
    appends_that_follow_one_another_may_share_a_batch,
    an_append_beyond_the_end_of_its_stream_leaves_no_hole,
    a_decision_to_do_nothing_is_bound_to_its_place_too,
    who_was_overtaken_cannot_write_any_more,
    a_batch_of_nothing_tells_whether_the_log_can_be_written,
    an_empty_log_has_no_history,
);

async fn appends_that_race_get_positions_and_sequences_without_gaps(home: impl Home) {
    let journal = home.journal().await;
    let writer = |id: u128| {
        let journal = &journal;
        async move {
            let mut receipts = vec![];
            for expected in (0..20).step_by(2) {
                let two = vec![reason_added("first"), reason_added("second")];
                let Ok(Appended::Now(receipt)) = journal.append(append::<EndReason>(id, expected, two)).await else {
                    panic!("nobody else writes this stream")
                };
                assert_eq!(receipt.sequence, expected + 2);
                receipts.push((receipt.position, stream(id), receipt.sequence));
            }
            receipts
        }
    };
    let receipts: BTreeSet<_> = join_all((1..=50).map(writer)).await.into_iter().flatten().collect();

    let events = journal.read(0, 10_000).await.unwrap();
    assert_eq!(events.iter().map(|event| event.position).collect::<Vec<_>>(), (1..=1_000).collect::<Vec<_>>());
    assert_eq!(journal.head(), 1_000);
    let mut sequences: BTreeMap<StreamId, Vec<u64>> = BTreeMap::new();
    events.iter().for_each(|event| sequences.entry(event.stream).or_default().push(event.sequence));
    assert_eq!(sequences, (1..=50).map(|id| (stream(id), (1..=20).collect())).collect());
    let told = events.iter().filter(|event| event.sequence % 2 == 0);
    assert_eq!(told.map(|event| (event.position, event.stream, event.sequence)).collect::<BTreeSet<_>>(), receipts);
}

async fn a_log_goes_on_where_it_was_when_it_is_opened_again(home: impl Home) {
    let first = home.journal().await;
    assert_eq!(first.append(reason(1, 0)).await, now(1, 1));
    let second = home.journal().await;
    assert_eq!((second.log_id(), second.head()), (first.log_id(), 1));
    assert_eq!(second.append(reason(1, 1)).await, now(2, 2));
    assert_eq!(
        second.read(0, 10).await.unwrap(),
        [recorded(1, 1, 1, reason_added("1/0")), recorded(2, 1, 2, reason_added("1/1"))]
    );
}

async fn of_two_appends_at_one_place_one_wins_and_their_neighbours_are_stored(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    let batch = [row(1, 0, 1), row(2, 0, 2), row(2, 0, 1), row(3, 0, 1)];
    assert_eq!(
        store.append(fence, NOON, &batch).await.unwrap(),
        [committed(1, 1), committed(3, 2), Outcome::Conflict, committed(4, 1)]
    );
    assert_eq!(places(&store).await, [(1, stream(1), 1), (2, stream(2), 1), (3, stream(2), 2), (4, stream(3), 1)]);
}

async fn of_many_who_race_for_one_place_exactly_one_wins(home: impl Home) {
    let journal = home.journal().await;
    let outcomes = join_all((0..64).map(|_| journal.append(reason(1, 0)))).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == now(1, 1)).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(AppendError::Conflict)).count(), 63);
    assert_eq!(journal.head(), 1);
}

async fn appends_that_follow_one_another_may_share_a_batch(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    let batch = [row(1, 0, 1), row(1, 1, 1), row(1, 2, 0)];
    assert_eq!(store.append(fence, NOON, &batch).await.unwrap(), [committed(1, 1), committed(2, 2), committed(2, 2)]);
}

async fn an_append_beyond_the_end_of_its_stream_leaves_no_hole(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    assert_eq!(store.append(fence, NOON, &[row(1, 0, 1)]).await.unwrap(), [committed(1, 1)]);
    for beyond in [row(1, 2, 1), row(2, 1, 1), row(1, 7, 0)] {
        assert_eq!(store.append(fence, NOON, &[beyond]).await.unwrap(), [Outcome::Conflict]);
    }
    let batch = [row(1, 1, 1), row(1, 5, 1), row(2, 0, 1)];
    assert_eq!(store.append(fence, NOON, &batch).await.unwrap(), [committed(2, 2), Outcome::Conflict, committed(3, 1)]);
}

async fn a_decision_to_do_nothing_is_bound_to_its_place_too(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    store.append(fence, NOON, &[row(1, 0, 2)]).await.unwrap();
    for stale in [row(1, 0, 0), row(1, 1, 0)] {
        let asked = [claiming(stale, [command(1)])];
        assert_eq!(store.append(fence, NOON, &asked).await.unwrap(), [Outcome::Conflict]);
    }
    let asked = [claiming(row(1, 2, 0), [command(1)])];
    assert_eq!(store.append(fence, NOON, &asked).await.unwrap(), [committed(2, 2)]);
}

async fn who_was_overtaken_cannot_write_any_more(home: impl Home) {
    let overtaken = home.journal().await;
    assert_eq!(overtaken.append(reason(1, 0)).await, now(1, 1));
    let writer = home.journal().await;
    assert_eq!(overtaken.append(reason(1, 1)).await, Err(AppendError::Unavailable));
    assert_eq!((*overtaken.state().borrow(), overtaken.epoch()), (LogState::Fenced, 1));
    assert_eq!(writer.append(reason(1, 1)).await, now(2, 2));
    assert_eq!(overtaken.append(reason(1, 2)).await, Err(AppendError::Unavailable));
    assert_eq!(writer.read(0, 10).await.unwrap().len(), 2);
    assert_eq!((*writer.state().borrow(), writer.epoch()), (LogState::Writable, 0));
}

async fn a_batch_of_nothing_tells_whether_the_log_can_be_written(home: impl Home) {
    let overtaken = home.open().await;
    let fence = overtaken.raise_fence().await.unwrap().fence;
    assert_eq!(overtaken.append(fence, NOON, &[]).await.unwrap(), []);
    let writer = home.open().await;
    assert_eq!(writer.raise_fence().await.unwrap().fence, fence + 1);
    assert!(matches!(overtaken.append(fence, NOON, &[]).await, Err(StoreError::Fenced)));
    assert!(matches!(overtaken.append(fence, NOON, &[row(1, 0, 1)]).await, Err(StoreError::Fenced)));
    assert_eq!(places(&writer).await, []);
}

async fn an_empty_log_has_no_history(home: impl Home) {
    let journal = home.journal().await;
    assert_eq!(journal.head(), 0);
    assert_eq!(journal.read(0, 10).await.unwrap(), []);
    assert_eq!(journal.stream(stream(1), 0).await.unwrap(), []);
    assert_eq!(journal.owner_of(&account("shop")).await.unwrap(), None);
    assert!(journal.hydrate::<EndReason>(stream(1).id).await.unwrap().tail.is_empty());
}
