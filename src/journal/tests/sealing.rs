//! What belongs to a person: never in clear at rest, readable while their key lives, erased once it is gone.

use cqrs_es::Aggregate;
use gatehouse_domain::conversation::{Content, Conversation, InboundWords, Opening, Window};
use gatehouse_domain::{
    Address, AddressKind, Channel, ContactId, GatewayId, InboxId, MessageId, Personal, contact, conversation,
};

use super::*;

every_store!(
    words_addresses_and_names_are_not_kept_in_clear,
    words_open_again_after_a_restart,
    words_read_as_erased_once_the_key_is_gone_and_the_stream_still_folds,
    erasing_one_contact_leaves_the_words_of_others,
    a_sealed_payload_that_was_changed_is_not_read,
    a_sealed_payload_opens_in_its_own_place_only,
    a_contacts_key_opens_under_this_installations_master_key_only,
    words_without_a_living_key_are_not_stored,
);

pub const LENA: u128 = 0xC1;
const MARK: u128 = 0xC2;
pub const LENAS: u128 = 0x51;
pub const MARKS: u128 = 0x52;
pub const SAID: &str = "the canary sings at noon";
pub const PHONE: &str = "491709876543";
pub const NAME: &str = "Lena Kanarienvogel";

async fn words_addresses_and_names_are_not_kept_in_clear(home: impl Home) {
    let journal = home.journal().await;
    lena_wrote(&journal).await;
    let kept = home.at_rest().await;
    let finds = |word: &str| kept.contains(word);
    assert!(finds("message_received"), "what is searched is the log");
    for word in [SAID, PHONE, NAME] {
        assert!(!finds(word), "{word:?} is kept in clear");
    }
}

async fn words_open_again_after_a_restart(home: impl Home) {
    let first = home.journal().await;
    lena_wrote(&first).await;
    let told = [contact_facts(), conversation_facts()].concat();
    for journal in [first, home.journal().await] {
        let read = journal.read(0, 100).await.unwrap();
        assert!(read.iter().map(|recorded| recorded.fact.clone()).eq(told.iter().cloned()));
        let lenas = journal.stream(conversation(LENAS), 0).await.unwrap();
        assert!(lenas.iter().map(|recorded| recorded.fact.clone()).eq(conversation_facts()));
        assert_eq!(folded(&journal, LENAS).await.addresses, [phone()]);
    }
}

async fn words_read_as_erased_once_the_key_is_gone_and_the_stream_still_folds(home: impl Home) {
    lena_wrote(&home.journal().await).await;
    home.meddle("DELETE FROM contact_keys").await;
    let journal = home.journal().await;
    let read: Vec<Fact> = journal.read(0, 100).await.unwrap().into_iter().map(|recorded| recorded.fact).collect();
    let erased = [
        Fact::Contact(contact::Event::ContactCreated { channel: Channel::Whatsapp, at: NOON }),
        Fact::Contact(contact::Event::AddressAdded {
            channel: Channel::Whatsapp,
            at: NOON,
            personal: Personal::Erased,
        }),
        Fact::Contact(contact::Event::Named { at: NOON, personal: Personal::Erased }),
        Fact::Conversation(opened(LENA)),
        Fact::Conversation(conversation::Event::Queued { inbox: inbox(), since: NOON, at: NOON }),
        Fact::Conversation(conversation::Event::AddressAdded { at: NOON, personal: Personal::Erased }),
        Fact::Conversation(received(Personal::Erased)),
    ];
    assert_eq!(read, erased);
    let state = folded(&journal, LENAS).await;
    assert_eq!(state.addresses, []);
    assert_eq!(state.window, Window::OpenUntil(NOON + chrono::TimeDelta::hours(24)));
    assert_eq!(state.party.map(|party| party.contact), Some(ContactId(Uuid::from_u128(LENA))));
    // What is said from now on cannot be sealed, and is not kept.
    let more = Append { subject: lena(), ..append::<Conversation>(LENAS, 4, vec![received(said(SAID))]) };
    assert_eq!(journal.append(more).await, now(8, 5));
    assert_eq!(
        journal.stream(conversation(LENAS), 4).await.unwrap()[0].fact,
        Fact::Conversation(received(Personal::Erased))
    );
}

async fn erasing_one_contact_leaves_the_words_of_others(home: impl Home) {
    let journal = home.journal().await;
    lena_wrote(&journal).await;
    journal.append(append::<contact::Contact>(MARK, 0, created("491701111111"))).await.unwrap();
    let marks = Append {
        subject: Some(ContactId(Uuid::from_u128(MARK))),
        ..append::<Conversation>(MARKS, 0, vec![opened(MARK), received(said("I am Mark"))])
    };
    journal.append(marks).await.unwrap();
    home.meddle(&format!("DELETE FROM contact_keys WHERE contact = '{}'", Uuid::from_u128(LENA))).await;
    let again = home.journal().await;
    let last = |events: Vec<Recorded>| events.last().map(|recorded| recorded.fact.clone());
    let marks = again.stream(conversation(MARKS), 0).await.unwrap();
    assert_eq!(last(marks), Some(Fact::Conversation(received(said("I am Mark")))));
    let lenas = again.stream(conversation(LENAS), 0).await.unwrap();
    assert_eq!(last(lenas), Some(Fact::Conversation(received(Personal::Erased))));
}

async fn a_sealed_payload_that_was_changed_is_not_read(home: impl Home) {
    let journal = home.journal().await;
    lena_wrote(&journal).await;
    let stored = home.open().await.read_stream(conversation(LENAS), 3).await.unwrap().remove(0);
    let mut payload: serde_json::Value = serde_json::from_str(&stored.payload).unwrap();
    let sealed = payload["personal"]["sealed"].as_str().unwrap();
    let (head, last) = sealed.split_at(sealed.len() - 4);
    let changed: String = last.chars().rev().collect();
    assert_ne!(changed, last);
    payload["personal"]["sealed"] = format!("{head}{changed}").into();
    home.meddle(&format!("UPDATE events SET payload = '{payload}' WHERE position = {}", stored.position)).await;
    is_unreadable(&journal, LENAS).await;
}

async fn a_sealed_payload_opens_in_its_own_place_only(home: impl Home) {
    let journal = home.journal().await;
    lena_wrote(&journal).await;
    let more = Append { subject: lena(), ..append::<Conversation>(LENAS, 4, vec![received(said("never mind"))]) };
    journal.append(more).await.unwrap();
    home.meddle("UPDATE events SET payload = (SELECT payload FROM events WHERE position = 7) WHERE position = 8").await;
    is_unreadable(&journal, LENAS).await;
}

async fn a_contacts_key_opens_under_this_installations_master_key_only(home: impl Home) {
    lena_wrote(&home.journal().await).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let installation = Arc::new(Installation::open(elsewhere.path()).unwrap());
    let clock = Arc::new(FixedClock(NOON));
    let stolen = Journal::open(home.open().await, installation, clock).await.unwrap();
    is_unreadable(&stolen, LENAS).await;
}

async fn words_without_a_living_key_are_not_stored(home: impl Home) {
    let journal = home.journal().await;
    for (id, subject) in [(LENAS, None), (MARKS, lena())] {
        let orphaned = Append { subject, ..append::<Conversation>(id, 0, vec![opened(LENA), received(said(SAID))]) };
        journal.append(orphaned).await.unwrap();
        let read = journal.stream(conversation(id), 1).await.unwrap();
        assert_eq!(read[0].fact, Fact::Conversation(received(Personal::Erased)));
    }
    assert!(!home.at_rest().await.contains(SAID));
}

/// Lena is met, and writes.
pub async fn lena_wrote(journal: &Arc<Journal>) {
    let claims = vec![Claim::ContactAddress(Channel::Whatsapp, phone())];
    let mut events = created(PHONE);
    events.push(contact::Event::Named { at: NOON, personal: Personal::Known(NAME.to_owned()) });
    let met = Append { claims, ..append::<contact::Contact>(LENA, 0, events) };
    assert_eq!(journal.append(met).await, now(3, 3));
    let wrote = Append { subject: lena(), ..append::<Conversation>(LENAS, 0, conversation_events()) };
    assert_eq!(journal.append(wrote).await, now(7, 4));
}

/// Neither by itself, nor with the rest of the log, nor for an actor.
async fn is_unreadable(journal: &Arc<Journal>, id: u128) {
    let stream = journal.stream(conversation(id), 0).await.map(drop);
    let log = journal.read(0, 100).await.map(drop);
    let actor = journal.hydrate::<Conversation>(Uuid::from_u128(id)).await.map(drop);
    for read in [stream, log, actor] {
        assert!(matches!(read, Err(StoreError::Unreadable(_))), "{read:?}");
    }
}

pub async fn folded(journal: &Arc<Journal>, id: u128) -> Conversation {
    let Hydration { mut state, tail, .. } = journal.hydrate::<Conversation>(Uuid::from_u128(id)).await.unwrap();
    tail.into_iter().for_each(|envelope| state.apply(envelope.payload));
    state
}

pub fn conversation(id: u128) -> StreamId {
    StreamId { kind: Kind::Conversation, id: Uuid::from_u128(id) }
}

pub fn lena() -> Option<ContactId> {
    Some(ContactId(Uuid::from_u128(LENA)))
}

pub fn inbox() -> InboxId {
    InboxId(Uuid::from_u128(0x11))
}

pub fn phone() -> Address {
    Address { kind: AddressKind::Phone, value: PHONE.to_owned() }
}

fn created(phone: &str) -> Vec<contact::Event> {
    let (channel, at) = (Channel::Whatsapp, NOON);
    let personal = Personal::Known(Address { kind: AddressKind::Phone, value: phone.to_owned() });
    vec![contact::Event::ContactCreated { channel, at }, contact::Event::AddressAdded { channel, at, personal }]
}

fn contact_facts() -> Vec<Fact> {
    let named = contact::Event::Named { at: NOON, personal: Personal::Known(NAME.to_owned()) };
    created(PHONE).into_iter().chain([named]).map(Fact::Contact).collect()
}

fn conversation_facts() -> Vec<Fact> {
    conversation_events().into_iter().map(Fact::Conversation).collect()
}

fn conversation_events() -> Vec<conversation::Event> {
    vec![
        opened(LENA),
        conversation::Event::Queued { inbox: inbox(), since: NOON, at: NOON },
        conversation::Event::AddressAdded { at: NOON, personal: Personal::Known(phone()) },
        received(said(SAID)),
    ]
}

fn opened(contact: u128) -> conversation::Event {
    conversation::Event::InteractionOpened {
        interaction: 1,
        gateway: GatewayId(Uuid::from_u128(0x61)),
        channel: Channel::Whatsapp,
        contact: ContactId(Uuid::from_u128(contact)),
        inbox: inbox(),
        opening: Opening::Received,
        at: NOON,
        sla: gatehouse_domain::inbox::Sla::default(),
    }
}

pub fn received(personal: Personal<InboundWords>) -> conversation::Event {
    conversation::Event::MessageReceived {
        message: MessageId(Uuid::from_u128(0x31)),
        content: Content::Text,
        sent_at: NOON,
        window_until: Some(NOON + chrono::TimeDelta::hours(24)),
        at: NOON,
        personal,
    }
}

pub fn said(text: &str) -> Personal<InboundWords> {
    Personal::Known(InboundWords { provider_id: "m.1".to_owned(), text: Some(text.to_owned()), original: None })
}
