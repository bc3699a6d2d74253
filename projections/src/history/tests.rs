//! What the history holds, and what it does not hold any more.

use gatehouse_domain::{Fact, Kind};
use uuid::Uuid;

use super::History;
use crate::fixtures::{erased, every_event, example, recorded, stored};
use crate::table::{Batch, Change, Edit, Projection, Step, Value};

const CONVERSATION: Uuid = Uuid::from_u128(0xC0);
const CONTACT: Uuid = Uuid::from_u128(0xC1);

#[test]
fn an_interaction_is_one_row_as_it_stands() {
    let rows =
        put("interactions", &folded(&["interaction_opened", "queued", "offered", "assigned", "interaction_ended"]));
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row[super::INTERACTIONS.place("state")], Value::Text("ended".to_owned()));
    assert!(matches!(row[super::INTERACTIONS.place("agent_id")], Value::Id(_)), "who had it is kept");
    assert!(matches!(row[super::INTERACTIONS.place("ended_at")], Value::Time(_)));
}

#[test]
fn whatever_was_said_is_found_with_its_words() {
    let names = ["interaction_opened", "message_received", "reply_queued", "note_added"];
    let rows = put("messages", &folded(&names));
    assert_eq!(rows.len(), 3);
    let text = super::MESSAGES.place("text");
    assert!(rows.iter().all(|row| row[text] != Value::Null), "{rows:?}");
}

#[test]
fn what_was_erased_is_nowhere_whether_it_was_erased_before_or_after_it_was_folded() {
    let words = words_in(&every(example));
    assert!(!words.is_empty());
    // Folded anew after the erasure: the words are gone from the events.
    let anew = every(erased);
    assert_eq!(words_in(&anew), Vec::<String>::new());
    // Folded before: they are removed.
    let batch = every(example);
    for table in ["messages", "contact_addresses"] {
        let (_, steps) = batch.tables().find(|(of, _)| of.name == table).unwrap();
        assert!(steps.iter().any(|step| matches!(step, Step::Remove { .. })), "{table}");
    }
}

#[test]
fn a_tag_is_found_by_its_small_letters_while_it_is_on() {
    let tag = |event: &str, typed: &str| {
        let mut stored = stored(Kind::Conversation, event);
        stored["tag"] = typed.into();
        Fact::from_json(Kind::Conversation, stored).unwrap()
    };
    let opened = example(Kind::Conversation, "interaction_opened");
    let found = |facts: Vec<Fact>| {
        let (mut history, mut batch) = (History::default(), Batch::default());
        for (position, fact) in (1..).zip(facts) {
            fold(&mut history, &mut batch, position, Kind::Conversation, fact);
        }
        let place = super::INTERACTION_TAGS.place("tag");
        put("interaction_tags", &batch).into_iter().map(|row| row[place].clone()).collect::<Vec<_>>()
    };
    let (on, off) = (tag("tagged", "VIP"), tag("untagged", "VIP"));
    let vip = Value::Text("vip".to_owned());
    assert_eq!(found(vec![opened.clone(), on.clone()]), vec![vip.clone()]);
    assert_eq!(found(vec![opened.clone(), on.clone(), off.clone()]), [Value::Null]);
    assert_eq!(found(vec![opened, on, off, tag("tagged", "vip")]), [vip]);
}

/// Every event of a contact and of a conversation, the erasures last.
fn every(of: fn(Kind, &str) -> Fact) -> Batch {
    let (mut history, mut batch) = (History::default(), Batch::default());
    let erasures = ["conversation_erased", "contact_erased"];
    let known = |kind: Kind| kind == Kind::Conversation || kind == Kind::Contact;
    let events = every_event().filter(|(kind, name)| known(*kind) && !erasures.contains(name));
    let last = [(Kind::Contact, "contact_erased"), (Kind::Conversation, "conversation_erased")];
    for (position, (kind, name)) in (1..).zip(events.chain(last)) {
        fold(&mut history, &mut batch, position, kind, of(kind, name));
    }
    batch
}

fn folded(names: &[&str]) -> Batch {
    let (mut history, mut batch) = (History::default(), Batch::default());
    for (position, name) in (1..).zip(names) {
        fold(&mut history, &mut batch, position, Kind::Conversation, example(Kind::Conversation, name));
    }
    batch
}

fn fold(history: &mut History, batch: &mut Batch, position: u64, kind: Kind, fact: Fact) {
    let id = if kind == Kind::Contact { CONTACT } else { CONVERSATION };
    let mut changes: Vec<Change> = vec![];
    history.fold(&recorded(position, kind, id, position, fact), &mut changes);
    changes.into_iter().for_each(|change| batch.take(change));
}

/// The rows that are there in the end, of those that were put.
fn put(table: &str, batch: &Batch) -> Vec<Vec<Value>> {
    let mut rows = vec![];
    for (_, steps) in batch.tables().filter(|(of, _)| of.name == table) {
        for step in steps {
            match step {
                Step::Remove { .. } => rows.clear(),
                Step::Rows(edits) => rows.extend(edits.iter().filter_map(|(_, edit)| match edit {
                    Edit::Put(row) => Some(row.clone()),
                    Edit::Set(_) | Edit::Add(_) => None,
                })),
            }
        }
    }
    rows
}

/// Every text that a person outside, or an agent about them, has said, and what they are called.
fn words_in(batch: &Batch) -> Vec<String> {
    let mut words = vec![];
    let personal = [("messages", "text"), ("contacts", "name"), ("contact_addresses", "address")];
    for (of, steps) in batch.tables() {
        let Some((_, column)) = personal.iter().find(|(table, _)| *table == of.name) else { continue };
        let place = of.place(column);
        for step in steps {
            let Step::Rows(rows) = step else { continue };
            for (_, edit) in rows.iter() {
                let value = match edit {
                    Edit::Put(row) => row.get(place),
                    Edit::Set(set) => set.get(&place),
                    Edit::Add(_) => None,
                };
                words.extend(
                    value.and_then(|value| if let Value::Text(text) = value { Some(text.clone()) } else { None }),
                );
            }
        }
    }
    words
}
