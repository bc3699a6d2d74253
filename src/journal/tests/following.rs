//! Followers: every event once, in order, however far behind they are.

use futures_util::future::join_all;

use super::*;

every_store!(
    followers_see_every_event_once_and_in_order_while_many_appends_race,
    a_follower_that_lags_behind_every_announcement_misses_nothing,
    a_follower_goes_on_in_the_middle_of_a_commit,
    what_is_followed_is_what_is_read_later,
    five_thousand_events_read_back_in_order,
    a_follower_finds_what_another_process_wrote,
);

async fn followers_see_every_event_once_and_in_order_while_many_appends_race(home: impl Home) {
    let journal = home.journal().await;
    let follower = |_| {
        let mut follow = journal.follow(0);
        tokio::spawn(async move { seen_until(&mut follow, 1_600).await })
    };
    let followers: Vec<_> = (0..3).map(follower).collect();
    let writer = |id| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            for expected in 0..200 {
                journal.append(reason(id, expected)).await.unwrap();
            }
        })
    };
    let writers: Vec<_> = (1..=8).map(writer).collect();
    let late = follower(3);
    join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
    for follower in followers.into_iter().chain([late]) {
        assert_eq!(follower.await.unwrap(), (1..=1_600).collect::<Vec<_>>());
    }
}

async fn a_follower_that_lags_behind_every_announcement_misses_nothing(home: impl Home) {
    let journal = home.journal().await;
    let mut follow = journal.follow(0);
    assert!(follow.caught_up());
    let commits = follow::COMMITS_KEPT as u64 + 50;
    for expected in 0..commits {
        assert_eq!(journal.append(reason(1, expected)).await, now(expected + 1, expected + 1));
    }
    assert!(!follow.caught_up());
    assert_eq!(seen_until(&mut follow, commits).await, (1..=commits).collect::<Vec<_>>());
    assert!(follow.caught_up());
    // And it is back among those who are told.
    journal.append(reason(2, 0)).await.unwrap();
    assert_eq!(follow.next().await.unwrap().events(), [recorded(commits + 1, 2, 1, reason_added("2/0"))]);
}

async fn a_follower_goes_on_in_the_middle_of_a_commit(home: impl Home) {
    let journal = home.journal().await;
    let mut follow = journal.follow(2);
    let three = ["first", "second", "third"].map(reason_added).to_vec();
    journal.append(append::<EndReason>(1, 0, three)).await.unwrap();
    assert_eq!(follow.next().await.unwrap().events(), [recorded(3, 1, 3, reason_added("third"))]);
    assert_eq!(follow.position(), 3);
}

async fn what_is_followed_is_what_is_read_later(home: impl Home) {
    let journal = home.journal().await;
    let mut follow = journal.follow(0);
    let asks = (1..=20).map(|id| journal.append(reason(id, 0)));
    assert!(join_all(asks).await.iter().all(Result::is_ok));
    let mut followed = vec![];
    while followed.len() < 20 {
        followed.extend_from_slice(follow.next().await.unwrap().events());
    }
    assert_eq!(journal.read(0, 100).await.unwrap(), followed);
}

async fn five_thousand_events_read_back_in_order(home: impl Home) {
    let journal = home.journal().await;
    let names: Vec<String> = (1..=5_000).map(|number| format!("reason {number}")).collect();
    for (index, hundred) in names.chunks(100).enumerate() {
        let events = hundred.iter().map(|name| reason_added(name)).collect();
        journal.append(append::<EndReason>(1, index as u64 * 100, events)).await.unwrap();
    }
    let expected = |place: usize| recorded(place as u64 + 1, 1, place as u64 + 1, reason_added(&names[place]));
    let all: Vec<Recorded> = (0..5_000).map(expected).collect();
    assert!(journal.read(0, 10_000).await.unwrap() == all);
    assert!(journal.stream(stream(1), 4_000).await.unwrap() == all[4_000..]);
    assert_eq!(journal.read(1_234, 2).await.unwrap(), all[1_234..1_236]);
    assert_eq!(journal.hydrate::<EndReason>(stream(1).id).await.unwrap().tail.len(), 5_000);
    assert_eq!(seen_until(&mut journal.follow(0), 5_000).await, (1..=5_000).collect::<Vec<_>>());
    assert_eq!(seen_until(&mut journal.follow(2_500), 5_000).await, (2_501..=5_000).collect::<Vec<_>>());
}

async fn a_follower_finds_what_another_process_wrote(home: impl Home) {
    let overtaken = home.journal().await;
    let mut follow = overtaken.follow(0);
    home.journal().await.append(reason(1, 0)).await.unwrap();
    assert_eq!(follow.next().await.unwrap().events(), [recorded(1, 1, 1, reason_added("1/0"))]);
}
