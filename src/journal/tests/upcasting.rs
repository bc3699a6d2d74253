//! Events of older versions, and of versions this server does not know.

use gatehouse_domain::upcast::Upcast;
use gatehouse_domain::{Personal, contact};
use serde_json::{Value, json};

use super::sealing::{LENA, NAME, lena_wrote};
use super::*;

every_store!(
    older_versions_read_as_the_newest_for_followers_and_actors_alike,
    erased_words_stay_erased_whatever_the_version,
    what_is_written_now_has_the_newest_version_and_is_left_as_it_is,
    what_a_newer_server_wrote_is_not_guessed_at,
    a_follower_goes_on_without_the_streams_that_it_cannot_read,
);

/// As if names had changed once and end reasons twice since.
const LATER: Upcasts = Upcasts(&[
    Upcast { event: "contact_named", from: 1, step: shouted },
    Upcast { event: "end_reason_added", from: 1, step: |payload| with_name(payload, "second") },
    Upcast { event: "end_reason_added", from: 2, step: |payload| with_name(payload, "third") },
]);

fn shouted(mut payload: Value) -> Value {
    if let Some(name) = payload["personal"].as_str() {
        payload["personal"] = json!(name.to_uppercase());
    }
    payload
}

fn with_name(mut payload: Value, name: &str) -> Value {
    payload["name"] = json!(format!("{} {name}", payload["name"].as_str().unwrap()));
    payload
}

async fn older_versions_read_as_the_newest_for_followers_and_actors_alike(home: impl Home) {
    let now = home.journal().await;
    lena_wrote(&now).await;
    now.append(append::<EndReason>(1, 0, vec![reason_added("Solved")])).await.unwrap();

    let journal = later(&home).await;
    let mut follow = journal.follow(0);
    let piece = follow.next().await.unwrap();
    let followed = piece.events();
    assert_eq!(followed[2].fact, named(Personal::Known(NAME.to_uppercase())));
    assert_eq!(followed[7].fact, Fact::EndReason(reason_added("Solved second third")));
    let contact = journal.hydrate::<contact::Contact>(Uuid::from_u128(LENA)).await.unwrap().tail.remove(2);
    assert_eq!(Fact::Contact(contact.payload), followed[2].fact);
    let reason = journal.hydrate::<EndReason>(Uuid::from_u128(1)).await.unwrap().tail.remove(0);
    assert_eq!(Fact::EndReason(reason.payload), followed[7].fact);
}

async fn erased_words_stay_erased_whatever_the_version(home: impl Home) {
    lena_wrote(&home.journal().await).await;
    home.meddle("DELETE FROM contact_keys").await;
    assert_eq!(later(&home).await.read(2, 1).await.unwrap()[0].fact, named(Personal::Erased));
}

async fn what_is_written_now_has_the_newest_version_and_is_left_as_it_is(home: impl Home) {
    let journal = later(&home).await;
    let events = vec![reason_added("Solved"), end_reason::Event::EndReasonRetired { at: NOON }];
    journal.append(append::<EndReason>(1, 0, events)).await.unwrap();
    let stored = super::events(&home.open().await, 0, 10).await;
    assert_eq!(stored.iter().map(|event| event.version).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(journal.read(0, 1).await.unwrap()[0].fact, Fact::EndReason(reason_added("Solved")));
}

async fn what_a_newer_server_wrote_is_not_guessed_at(home: impl Home) {
    later(&home).await.append(append::<EndReason>(1, 0, vec![reason_added("Solved")])).await.unwrap();
    let journal = home.journal().await;
    let read = journal.read(0, 10).await.map(drop);
    let hydrated = journal.hydrate::<EndReason>(Uuid::from_u128(1)).await.map(drop);
    for refused in [read, hydrated] {
        let Err(StoreError::Unreadable(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("end_reason_added is stored in version 3"), "{why}");
    }
}

async fn a_follower_goes_on_without_the_streams_that_it_cannot_read(home: impl Home) {
    let journal = home.journal().await;
    for (id, expected) in [(1, 0), (2, 0), (1, 1), (3, 0), (1, 2), (2, 1)] {
        journal.append(reason(id, expected)).await.unwrap();
    }
    home.meddle("UPDATE events SET event_version = '99' WHERE position = 3").await;
    home.meddle("UPDATE events SET aggregate_type = 'weather' WHERE position = 4").await;
    let lost = r#"event_type = 'parcel_lost', payload = '{"event":"parcel_lost"}'"#;
    home.meddle(&format!("UPDATE events SET {lost} WHERE position = 6")).await;

    let journal = home.journal().await;
    let mut follow = journal.follow(0);
    let (mut read, mut unread) = (vec![], vec![]);
    while follow.position() < 6 {
        match follow.next().await.unwrap() {
            Piece::Events(events) => read.extend(events.iter().map(|one| one.position)),
            Piece::Unread(one) => unread.push((one.position, one.stream_id(), one.event)),
        }
    }
    assert_eq!(read, [1, 2], "nothing of a stream that cannot be read on, and all before that");
    let added = || "end_reason_added".to_owned();
    assert_eq!(unread, [(3, Some(stream(1)), added()), (4, None, added()), (6, Some(stream(2)), "parcel_lost".into())]);
    let (count, named) = journal.set_apart(1);
    assert_eq!((count, named.len()), (3, 1));
    assert!(journal.is_apart(stream(1)) && journal.is_apart(stream(2)) && !journal.is_apart(stream(3)));

    // Whoever writes goes on, and those who follow hear of it.
    journal.append(reason(5, 0)).await.unwrap();
    assert_eq!(follow.next().await.unwrap().events().iter().map(|one| one.position).collect::<Vec<_>>(), [7]);
}

/// The log as a server opens it for which these versions are the newest.
async fn later(home: &impl Home) -> Arc<Journal> {
    let clock = Arc::new(FixedClock(NOON));
    Journal::open_with(home.open().await, home.installation(), clock, LATER).await.unwrap()
}

fn named(personal: Personal<String>) -> Fact {
    Fact::Contact(contact::Event::Named { at: NOON, personal })
}
