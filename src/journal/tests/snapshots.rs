//! Snapshots: as good as the whole stream, or no help at all; and their words as safe as the events'.

use std::time::Duration;

use cqrs_es::Aggregate;
use gatehouse_domain::conversation::{self, Author, Content, Conversation, OutboundWords};
use gatehouse_domain::{AgentId, GatewayId, MessageId, Personal, contact};

use super::sealing::{LENA, LENAS, MARKS, NAME, PHONE, conversation, folded, lena, lena_wrote, phone, received, said};
use super::*;

every_store!(
    a_snapshot_and_what_came_after_are_the_whole_stream,
    a_snapshot_takes_the_place_of_the_one_before,
    a_snapshot_that_is_no_help_is_passed_over,
    a_snapshot_beyond_the_end_of_its_stream_is_passed_over,
    words_in_a_snapshot_are_not_kept_in_clear,
    once_the_key_is_gone_a_snapshot_is_no_help_and_none_is_taken,
);

const ANSWER: &str = "the second canary answers";

async fn a_snapshot_and_what_came_after_are_the_whole_stream(home: impl Home) {
    let first = home.journal().await;
    snapshot_of_lena(&home, &first).await;
    let more = vec![received(said("and another thing")), answered(2)];
    let more = Append { subject: lena(), ..append::<Conversation>(LENAS, 5, more) };
    assert_eq!(first.append(more).await, now(10, 7));
    for journal in [first, home.journal().await] {
        assert_eq!(hydrated(&journal).await, (5, 2));
        assert_eq!(folded(&journal, LENAS).await, whole(&journal).await);
    }
}

async fn a_snapshot_takes_the_place_of_the_one_before(home: impl Home) {
    let journal = home.journal().await;
    snapshot_of_lena(&home, &journal).await;
    let more = Append { subject: lena(), ..append::<Conversation>(LENAS, 5, vec![answered(2)]) };
    journal.append(more).await.unwrap();
    keep(&home, &journal, 6).await;
    assert_eq!(hydrated(&journal).await, (6, 0));
    assert_eq!(folded(&journal, LENAS).await, whole(&journal).await);
}

async fn a_snapshot_that_is_no_help_is_passed_over(home: impl Home) {
    let journal = home.journal().await;
    snapshot_of_lena(&home, &journal).await;
    let elsewhere = Uuid::from_u128(MARKS);
    for spoilt in [
        "UPDATE snapshots SET fold_version = fold_version + 1".to_owned(),
        "UPDATE snapshots SET log_id = 'another'".to_owned(),
        "UPDATE snapshots SET sequence = 4".to_owned(),
        "UPDATE snapshots SET sequence = -1".to_owned(),
        "UPDATE snapshots SET payload = 'nonsense'".to_owned(),
        "UPDATE snapshots SET payload = '{\"plain\":\"{}\"}'".to_owned(),
        format!("UPDATE snapshots SET aggregate_id = '{elsewhere}'"),
    ] {
        keep(&home, &journal, 5).await;
        assert_eq!(hydrated(&journal).await, (5, 0));
        home.meddle(&spoilt).await;
        assert_eq!(hydrated(&journal).await, (0, 5), "{spoilt}");
        assert_eq!(folded(&journal, LENAS).await, whole(&journal).await);
    }
    // Moved to another stream, it opens there no more than here.
    let marks = Append { subject: lena(), ..append::<Conversation>(MARKS, 0, vec![received(said("hello"))]) };
    journal.append(marks).await.unwrap();
    assert_eq!(journal.hydrate::<Conversation>(elsewhere).await.unwrap().sequence, 0);
    home.meddle("DROP TABLE snapshots").await;
    assert_eq!(hydrated(&journal).await, (0, 5));
}

async fn a_snapshot_beyond_the_end_of_its_stream_is_passed_over(home: impl Home) {
    let journal = home.journal().await;
    journal.append(reason(1, 0)).await.unwrap();
    journal.keep_snapshot(Uuid::from_u128(1), &EndReason::default(), 2);
    until_kept(&home, stream(1), 2).await;
    let hydration = journal.hydrate::<EndReason>(Uuid::from_u128(1)).await.unwrap();
    assert_eq!((hydration.sequence, hydration.tail.len()), (0, 1));
}

async fn words_in_a_snapshot_are_not_kept_in_clear(home: impl Home) {
    let journal = home.journal().await;
    snapshot_of_lena(&home, &journal).await;
    let person = Uuid::from_u128(LENA);
    let mut known = contact::Contact::default();
    for envelope in journal.hydrate::<contact::Contact>(person).await.unwrap().tail {
        known.apply(envelope.payload);
    }
    journal.keep_snapshot(person, &known, 3);
    until_kept(&home, StreamId { kind: Kind::Contact, id: person }, 3).await;
    let kept = home.at_rest().await;
    for word in [PHONE, NAME, ANSWER] {
        assert!(!kept.contains(word), "{word:?} is kept in clear");
    }
    let again = home.journal().await;
    let opened = again.hydrate::<contact::Contact>(person).await.unwrap();
    assert_eq!((opened.state, opened.sequence), (known, 3));
    assert_eq!(again.hydrate::<Conversation>(Uuid::from_u128(LENAS)).await.unwrap().state.addresses, [phone()]);
}

async fn once_the_key_is_gone_a_snapshot_is_no_help_and_none_is_taken(home: impl Home) {
    snapshot_of_lena(&home, &home.journal().await).await;
    home.meddle("DELETE FROM contact_keys").await;
    let journal = home.journal().await;
    assert_eq!(hydrated(&journal).await, (0, 5));
    let erased = folded(&journal, LENAS).await;
    assert_eq!(erased.addresses, []);
    assert_eq!(erased, whole(&journal).await);

    home.meddle("DELETE FROM snapshots").await;
    journal.keep_snapshot(Uuid::from_u128(LENAS), &erased, 5);
    // They are written in turn: once the second is there, the first was left out.
    journal.append(reason(1, 0)).await.unwrap();
    journal.keep_snapshot(Uuid::from_u128(1), &EndReason::default(), 1);
    until_kept(&home, stream(1), 1).await;
    assert!(home.open().await.snapshot(conversation(LENAS)).await.unwrap().is_none());
}

/// Lena wrote and was answered, five events in all; a snapshot was taken then.
async fn snapshot_of_lena(home: &impl Home, journal: &Arc<Journal>) {
    lena_wrote(journal).await;
    let answer = Append { subject: lena(), ..append::<Conversation>(LENAS, 4, vec![answered(1)]) };
    assert_eq!(journal.append(answer).await, now(8, 5));
    keep(home, journal, 5).await;
}

async fn keep(home: &impl Home, journal: &Arc<Journal>, sequence: u64) {
    home.meddle("DELETE FROM snapshots").await;
    journal.keep_snapshot(Uuid::from_u128(LENAS), &whole(journal).await, sequence);
    until_kept(home, conversation(LENAS), sequence).await;
}

async fn until_kept(home: &impl Home, stream: StreamId, sequence: u64) {
    let store = home.open().await;
    let kept = async {
        while store.snapshot(stream).await.unwrap().is_none_or(|row| row.sequence != sequence) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), kept).await.expect("the snapshot is written");
}

/// Where a reader of Lena's conversation starts, and how many events it reads on.
async fn hydrated(journal: &Arc<Journal>) -> (u64, usize) {
    let hydration = journal.hydrate::<Conversation>(Uuid::from_u128(LENAS)).await.unwrap();
    (hydration.sequence, hydration.tail.len())
}

/// The fold of every event of Lena's conversation.
async fn whole(journal: &Arc<Journal>) -> Conversation {
    let mut state = Conversation::default();
    for recorded in journal.stream(conversation(LENAS), 0).await.unwrap() {
        let Fact::Conversation(event) = recorded.fact else { panic!("{recorded:?}") };
        state.apply(event);
    }
    state
}

fn answered(number: u128) -> conversation::Event {
    conversation::Event::ReplyQueued {
        message: MessageId(Uuid::from_u128(0x40 + number)),
        interaction: 1,
        author: Author::Agent { agent: AgentId(Uuid::from_u128(0xA1)) },
        gateway: GatewayId(Uuid::from_u128(0x61)),
        content: Content::Text,
        at: NOON,
        personal: Personal::Known(OutboundWords { to: phone(), text: ANSWER.to_owned(), parameters: vec![] }),
    }
}
