//! Erasing: the key goes with the event that says so, and what the contact owned is free. No word can be opened again,
//! and every stream still folds.

use std::path::Path;

use cqrs_es::Aggregate;
use gatehouse_domain::contact::{Contact, Property};
use gatehouse_domain::conversation::{
    self, Conversation, InboundWords, Note, OutboundWords, ProviderReference, Reaction,
};
use gatehouse_domain::record::By;
use gatehouse_domain::{Address, AddressKind, Channel, Personal, contact};
use serde_json::{Value, json, to_value};

use super::homes::SqliteHome;
use super::*;
use crate::journal::store::Forgets;

every_store!(
    no_word_of_an_erased_contact_can_be_opened_and_every_stream_still_folds,
    what_an_erased_contact_owned_is_free_in_the_same_batch,
    nobody_gives_back_what_is_anothers,
    a_refused_append_forgets_nothing,
    what_this_process_remembered_is_forgotten,
    what_another_process_erased_is_forgotten_when_it_is_read,
    somebody_unknown_who_is_erased_gets_no_key,
);

const LENA: u128 = 0xC1;
const MARK: u128 = 0xC2;
const LENAS: u128 = 0x51;

/// The personal part of every event that has one, with a canary wherever a word can be. Written out whole: a field that
/// is new does not compile, and an event that is new has none here, until it has a canary.
fn with_canaries(name: &str) -> Value {
    let word = |what: &str| format!("canary {name} {what}");
    let address = || Address { kind: AddressKind::Phone, value: word("value") };
    let inbound =
        || InboundWords { provider_id: word("id"), text: Some(word("text")), original: Some(word("caption.pdf")) };
    let personal = match name {
        "contact_address_added" | "address_added" => to_value(address()),
        "contact_named" => to_value(word("name")),
        "contact_property_set" => to_value(Property { name: word("property"), value: word("value") }),
        "transfer_requested" | "note_added" => to_value(Note { text: word("note") }),
        "message_received" | "message_edited" | "message_echoed" => to_value(inbound()),
        "reaction_received" => to_value(Reaction { emoji: Some(word("emoji")) }),
        "reply_queued" => {
            to_value(OutboundWords { to: address(), text: word("text"), parameters: vec![word("parameter")] })
        }
        "reply_submitted" => to_value(ProviderReference { provider_id: word("id") }),
        other => panic!("{other} has personal words and no canary"),
    };
    personal.unwrap()
}

/// An example of every event of one aggregate, canaries in the personal part.
fn examples<A: Rules<Event: serde::de::DeserializeOwned>>(names: &[&str]) -> Vec<A::Event> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("domain/fixtures/v1").join(A::KIND.name());
    let example = |name: &&str| {
        let stored = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let mut stored: Value = serde_json::from_str(&stored).unwrap();
        if stored.get("personal").is_some() {
            stored["personal"] = with_canaries(name);
        }
        serde_json::from_value(stored).unwrap()
    };
    names.iter().filter(|name| !name.ends_with("_erased")).map(example).collect()
}

async fn no_word_of_an_erased_contact_can_be_opened_and_every_stream_still_folds(home: impl Home) {
    let journal = home.journal().await;
    let contacts = examples::<Contact>(contact::Event::NAMES);
    let conversations = examples::<Conversation>(conversation::Event::NAMES);
    let (met, said) = (contacts.len() as u64, conversations.len() as u64);
    journal.append(append::<Contact>(LENA, 0, contacts)).await.unwrap();
    let wrote = Append { subject: lena(), ..append::<Conversation>(LENAS, 0, conversations) };
    journal.append(wrote).await.unwrap();
    let canaries = canaries_in(&journal).await;
    assert_eq!(canaries.len(), 2 + 1 + 2 + 2 + 3 * 3 + 1 + 3 + 1, "{canaries:?}");
    let key = home.open().await.contact_key(ContactId(Uuid::from_u128(LENA))).await.unwrap();
    assert!(key.is_some());

    assert_eq!(journal.append(erased(LENA, met, vec![])).await, now(met + said + 1, met + 1));
    for journal in [journal, home.journal().await] {
        assert_eq!(canaries_in(&journal).await, BTreeSet::new());
        let mut contact = Contact::default();
        for envelope in journal.hydrate::<Contact>(Uuid::from_u128(LENA)).await.unwrap().tail {
            contact.apply(envelope.payload);
        }
        assert_eq!(contact, Contact::Erased);
        let mut conversation = Conversation::default();
        for envelope in journal.hydrate::<Conversation>(Uuid::from_u128(LENAS)).await.unwrap().tail {
            conversation.apply(envelope.payload);
        }
        assert_eq!(conversation.addresses, []);
    }
    assert_eq!(home.open().await.contact_key(ContactId(Uuid::from_u128(LENA))).await.unwrap(), None);
    let kept = home.at_rest().await;
    // Every one of them begins so.
    assert!(!kept.contains("canary"), "a word is kept in clear");
}

/// Sealed keys are of use to whoever has the master key, so no copy of a destroyed one may stay behind.
#[tokio::test]
async fn nothing_is_left_of_a_destroyed_key_in_sqlites_files() {
    let home = SqliteHome::make().await;
    let journal = home.journal().await;
    for contact in 0..400 {
        journal.append(append::<Contact>(contact, 0, met(&format!("4917000{contact:04}")))).await.unwrap();
    }
    let store = home.open().await;
    for contact in [17, 200, 399] {
        let key = store.contact_key(ContactId(Uuid::from_u128(contact))).await.unwrap().unwrap();
        let finds = |kept: String| kept.contains(&key);
        assert!(finds(home.at_rest().await), "what is searched is where keys are");
        journal.append(erased(contact, 2, vec![])).await.unwrap();
        assert!(!finds(home.at_rest().await), "the key of contact {contact} is still there");
    }
    assert!(store.contact_key(ContactId(Uuid::from_u128(18))).await.unwrap().is_some());
}

async fn what_an_erased_contact_owned_is_free_in_the_same_batch(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    let first = [claiming(row(1, 0, 1), [command(7), unique(1)])];
    store.append(fence, NOON, &first).await.unwrap();
    let goes = AppendRow { forgets: Forgets { claims: vec![[1; 16], [7; 16]], key: None }, ..row(1, 1, 1) };
    let batch = [goes, claiming(row(2, 0, 1), [unique(1)]), claiming(row(3, 0, 1), [command(7)])];
    let outcomes = store.append(fence, NOON, &batch).await.unwrap();
    // What was done stays done: only things that are owned are given back.
    assert_eq!(outcomes, [committed(2, 2), committed(3, 1), duplicate(1, 1)]);
    assert_eq!(store.owner_of([1; 16]).await.unwrap(), Some(stream(2)));
}

async fn nobody_gives_back_what_is_anothers(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    store.append(fence, NOON, &[claiming(row(1, 0, 1), [unique(1)])]).await.unwrap();
    let meddles = AppendRow { forgets: Forgets { claims: vec![[1; 16]], key: None }, ..row(2, 0, 1) };
    assert_eq!(store.append(fence, NOON, &[meddles]).await.unwrap(), [committed(2, 1)]);
    assert_eq!(store.owner_of([1; 16]).await.unwrap(), Some(stream(1)));
}

async fn a_refused_append_forgets_nothing(home: impl Home) {
    let journal = home.journal().await;
    lena_is_met(&journal).await;
    assert_eq!(journal.append(erased(LENA, 1, vec![phone()])).await, Err(AppendError::Conflict));
    assert_eq!(journal.owner_of(&phone()).await.unwrap().map(|owner| owner.id), Some(Uuid::from_u128(LENA)));
    assert!(home.open().await.contact_key(ContactId(Uuid::from_u128(LENA))).await.unwrap().is_some());
}

async fn what_this_process_remembered_is_forgotten(home: impl Home) {
    let journal = home.journal().await;
    lena_is_met(&journal).await;
    note(&journal, 0, "before").await;
    assert!(journal.owner_of(&phone()).await.unwrap().is_some());
    journal.append(erased(LENA, 2, vec![phone()])).await.unwrap();
    assert_eq!(journal.owner_of(&phone()).await.unwrap(), None);
    note(&journal, 1, "after").await;
    assert_eq!(notes(&journal).await, [Personal::Erased, Personal::Erased]);
    let mark = Append { claims: vec![phone()], ..append::<Contact>(MARK, 0, met("491709876543")) };
    journal.append(mark).await.unwrap();
    assert_eq!(journal.owner_of(&phone()).await.unwrap().map(|owner| owner.id), Some(Uuid::from_u128(MARK)));
}

async fn what_another_process_erased_is_forgotten_when_it_is_read(home: impl Home) {
    let waits = home.journal().await;
    let writes = home.journal().await;
    lena_is_met(&writes).await;
    note(&writes, 0, "before").await;
    let known = Personal::Known(Note { text: "before".to_owned() });
    assert_eq!(notes(&waits).await, [known]);
    assert!(waits.owner_of(&phone()).await.unwrap().is_some());
    writes.append(erased(LENA, 2, vec![phone()])).await.unwrap();
    waits.read(3, 10).await.unwrap();
    assert_eq!(notes(&waits).await, [Personal::Erased]);
    assert_eq!(waits.owner_of(&phone()).await.unwrap(), None);
}

async fn somebody_unknown_who_is_erased_gets_no_key(home: impl Home) {
    let journal = home.journal().await;
    journal.append(erased(LENA, 0, vec![])).await.unwrap();
    assert_eq!(home.open().await.contact_key(ContactId(Uuid::from_u128(LENA))).await.unwrap(), None);
}

/// Every canary that can be read in the log.
async fn canaries_in(journal: &Arc<Journal>) -> BTreeSet<String> {
    fn words(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) if text.starts_with("canary") => {
                found.insert(text.clone());
            }
            Value::Array(parts) => parts.iter().for_each(|part| words(part, found)),
            Value::Object(parts) => parts.values().for_each(|part| words(part, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for recorded in journal.read(0, 1_000).await.unwrap() {
        words(&recorded.fact.to_json().unwrap(), &mut found);
    }
    found
}

async fn lena_is_met(journal: &Arc<Journal>) {
    let met = Append { claims: vec![phone()], ..append::<Contact>(LENA, 0, met("491709876543")) };
    assert_eq!(journal.append(met).await, now(2, 2));
}

async fn note(journal: &Arc<Journal>, expected: u64, text: &str) {
    let personal = json!({"event": "note_added", "by": Uuid::nil(), "at": NOON, "personal": {"text": text}});
    let noted = serde_json::from_value(personal).unwrap();
    let noted = Append { subject: lena(), ..append::<Conversation>(LENAS, expected, vec![noted]) };
    journal.append(noted).await.unwrap();
}

async fn notes(journal: &Arc<Journal>) -> Vec<Personal<Note>> {
    let stream = StreamId { kind: Kind::Conversation, id: Uuid::from_u128(LENAS) };
    let note = |recorded: Recorded| match recorded.fact {
        Fact::Conversation(conversation::Event::NoteAdded { personal, .. }) => Some(personal),
        _ => None,
    };
    journal.stream(stream, 0).await.unwrap().into_iter().filter_map(note).collect()
}

fn erased(contact: u128, expected: u64, releases: Vec<Claim>) -> Append<Contact> {
    let erased = contact::Event::Erased { by: By::System, at: NOON };
    Append { releases, ..append::<Contact>(contact, expected, vec![erased]) }
}

fn met(phone: &str) -> Vec<contact::Event> {
    let (channel, at) = (Channel::Whatsapp, NOON);
    let personal = Personal::Known(Address { kind: AddressKind::Phone, value: phone.to_owned() });
    vec![contact::Event::ContactCreated { channel, at }, contact::Event::AddressAdded { channel, at, personal }]
}

fn phone() -> Claim {
    Claim::ContactAddress(Channel::Whatsapp, Address { kind: AddressKind::Phone, value: "491709876543".to_owned() })
}

fn lena() -> Option<ContactId> {
    Some(ContactId(Uuid::from_u128(LENA)))
}
