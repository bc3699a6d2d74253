//! Golden streams: one history of every kind, with what it has folded to ever since. A fold that changes without its
//! `FOLD_VERSION` would take snapshots of the old fold for its own.
//!
//! A history may grow; what is in it stays. When a fold has changed on purpose: raise `FOLD_VERSION` of that aggregate,
//! then have the files written anew, which is refused while the version is the old one:
//! `cargo nextest run -p gatehouse-domain --run-ignored only -E 'test(write_golden_streams)'`

#![cfg(test)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use gatehouse_domain::{Kind, Rules, UPCASTS, Words};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What is said of every aggregate.
macro_rules! every_aggregate {
    ($($kind:ident::$aggregate:ident),* $(,)?) => {
        $(mod $kind {
            use gatehouse_domain::$kind::{$aggregate, Event};
            use gatehouse_domain::Rules;

            #[test]
            fn the_golden_stream_folds_as_it_always_did() {
                super::folds_as_ever::<$aggregate>();
            }

            #[test]
            fn the_golden_stream_tells_every_event() {
                super::tells_all(<$aggregate as Rules>::KIND, Event::NAMES);
            }

            #[test]
            fn a_snapshot_of_any_moment_and_what_came_after_give_the_same_states() {
                super::snapshots_serve::<$aggregate>();
            }
        })*

        #[test]
        #[ignore = "it writes the files: see above"]
        fn write_golden_streams() {
            $(write_anew::<gatehouse_domain::$kind::$aggregate>();)*
        }
    };
}

every_aggregate!(
    conversation::Conversation,
    agent::Agent,
    contact::Contact,
    connection::Connection,
    gateway::Gateway,
    inbox::Inbox,
    end_reason::EndReason,
    team::Team,
    user::User,
);

#[test]
fn every_kind_has_a_golden_stream_and_no_file_is_astray() {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let expected = Kind::ALL.iter().map(|kind| format!("{}.json", kind.name()));
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.collect());
}

#[test]
fn a_fold_that_changed_needs_a_new_version_and_a_new_version_needs_its_file() {
    let told = |state: &str| Told { version: 1, state: state.to_owned(), event: json!({"event": "queued"}) };
    let golden = Golden { fold_version: 3, history: vec![told("a"), told("b")] };
    let states = |states: [&str; 2]| states.map(str::to_owned).to_vec();
    let fold = |version, folded: [&str; 2]| golden.verdict(Kind::Conversation, version, &states(folded));
    assert_eq!(fold(3, ["a", "b"]), Ok(()));
    assert!(fold(3, ["a", "c"]).unwrap_err().contains("event 2 of the golden stream, queued"));
    assert!(fold(3, ["a", "c"]).unwrap_err().contains("raise it to 4"));
    for folded in [["a", "b"], ["a", "c"]] {
        assert!(fold(4, folded).unwrap_err().contains("write_golden_streams"));
    }
}

#[derive(Serialize, Deserialize)]
struct Golden {
    fold_version: u32,
    history: Vec<Told>,
}

/// One event as it was stored, and a hash of the state it left. Empty: not written yet.
#[derive(Serialize, Deserialize)]
struct Told {
    version: u16,
    state: String,
    event: Value,
}

impl Golden {
    fn of(kind: Kind) -> Self {
        let path = path(kind);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Why today's fold does not fit the file, if it does not.
    fn verdict(&self, kind: Kind, fold_version: u32, states: &[String]) -> Result<(), String> {
        let known = self.fold_version;
        if fold_version != known {
            return Err(format!(
                "{kind:?}: FOLD_VERSION is {fold_version}, the golden stream says {known}: run write_golden_streams"
            ));
        }
        let changed = self.history.iter().zip(states).position(|(told, state)| told.state != *state);
        changed.map_or(Ok(()), |index| {
            let event = self.history[index].event["event"].as_str().unwrap_or("?");
            Err(format!(
                "{kind:?}: the state after event {} of the golden stream, {event}, is not what it was. Snapshots hold the \
                 old one: if this is meant, FOLD_VERSION is {known}: raise it to {}, and run write_golden_streams",
                index + 1,
                known + 1
            ))
        })
    }

    fn events<A: Rules<Event: DeserializeOwned>>(&self) -> impl Iterator<Item = [A::Event; 2]> {
        self.history.iter().map(|told| {
            let name = told.event["event"].as_str().expect("an event has a name");
            let newest = |payload: Value| {
                let payload = UPCASTS.to_newest(name, told.version, payload).expect("we know what we wrote");
                from_value(payload).unwrap_or_else(|error| panic!("{}: {error}", told.event))
            };
            let mut erased = told.event.clone();
            if let Some(personal) = erased.get_mut("personal") {
                *personal = Value::Null;
            }
            [newest(told.event.clone()), newest(erased)]
        })
    }

    /// Hashes of the states: each of the one with words, and the one where they were erased.
    fn states<A: Rules<Event: DeserializeOwned>>(&self) -> Vec<String> {
        let (mut known, mut erased) = (A::default(), A::default());
        let state = |[event, without_words]: [A::Event; 2]| {
            known.apply(event);
            erased.apply(without_words);
            hash(&json!([known, erased]))
        };
        self.events::<A>().map(state).collect()
    }
}

fn folds_as_ever<A: Rules<Event: DeserializeOwned>>() {
    let golden = Golden::of(A::KIND);
    golden.verdict(A::KIND, A::FOLD_VERSION, &golden.states::<A>()).unwrap_or_else(|why| panic!("{why}"));
}

fn tells_all(kind: Kind, names: &[&str]) {
    let golden = Golden::of(kind);
    let told: BTreeSet<&str> = golden.history.iter().filter_map(|told| told.event["event"].as_str()).collect();
    assert_eq!(told, names.iter().copied().collect());
}

/// Also: whoever has events with words says whose the words of its state are.
fn snapshots_serve<A: Rules<Event: DeserializeOwned>>() {
    let golden = Golden::of(A::KIND);
    let mut whole = A::default();
    golden.events::<A>().for_each(|[event, _]| whole.apply(event));
    let whole = to_value(&whole).unwrap();
    let wordy = golden.history.iter().any(|told| told.event.get("personal").is_some());
    let mut live = A::default();
    for (index, [event, _]) in golden.events::<A>().enumerate() {
        live.apply(event);
        assert_eq!(live.words(Uuid::nil()) == Words::Nobodys, !wordy, "{:?}", A::KIND);
        let mut restored: A = from_str(&to_string(&live).unwrap()).unwrap();
        golden.events::<A>().skip(index + 1).for_each(|[event, _]| restored.apply(event));
        assert_eq!(to_value(&restored).unwrap(), whole, "from event {}", index + 1);
    }
}

fn write_anew<A: Rules<Event: DeserializeOwned>>() {
    let golden = Golden::of(A::KIND);
    let states = golden.states::<A>();
    let kept = golden.history.iter().zip(&states).all(|(told, now)| told.state.is_empty() || told.state == *now);
    let (kind, known, version) = (A::KIND, golden.fold_version, A::FOLD_VERSION);
    assert!(kept || version > known, "{kind:?}: its fold has changed: raise FOLD_VERSION above {known} first");
    let mut text = format!("{{\"fold_version\":{version},\"history\":[\n");
    let last = states.len();
    for (index, (told, state)) in golden.history.into_iter().zip(states).enumerate() {
        let comma = if index + 1 == last { "" } else { "," };
        writeln!(text, "{}{comma}", to_string(&Told { state, ..told }).unwrap()).unwrap();
    }
    fs::write(path(kind), text + "]}\n").unwrap();
}

/// The same for equal values, whatever order their fields are in.
fn hash(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    let mut hash = format!("{:x}", Sha256::digest(value.to_string()));
    hash.truncate(16);
    hash
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden")
}

fn path(kind: Kind) -> PathBuf {
    folder().join(format!("{}.json", kind.name()))
}
