//! The stored example of every event, as the log would hand it over.

use std::path::Path;

use chrono::{DateTime, Utc};
use gatehouse_domain::{
    Fact, Kind, Recorded, StreamId, UPCASTS, agent, connection, contact, conversation, end_reason, gateway, inbox,
    team, user,
};
use serde_json::Value;
use uuid::Uuid;

pub const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

/// Every event of every kind, in the order they are declared.
pub fn every_event() -> impl Iterator<Item = (Kind, &'static str)> {
    let kinds: [(Kind, &[&str]); 9] = [
        (Kind::Conversation, conversation::Event::NAMES),
        (Kind::Agent, agent::Event::NAMES),
        (Kind::Contact, contact::Event::NAMES),
        (Kind::Connection, connection::Event::NAMES),
        (Kind::Gateway, gateway::Event::NAMES),
        (Kind::Inbox, inbox::Event::NAMES),
        (Kind::EndReason, end_reason::Event::NAMES),
        (Kind::User, user::Event::NAMES),
        (Kind::Team, team::Event::NAMES),
    ];
    kinds.into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, *name)))
}

pub fn stored(kind: Kind, name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/fixtures/v1");
    let path = folder.join(kind.name()).join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    UPCASTS.to_newest(name, 1, serde_json::from_str(&text).unwrap()).unwrap()
}

pub fn example(kind: Kind, name: &str) -> Fact {
    Fact::from_json(kind, stored(kind, name)).unwrap()
}

/// The same event after the contact's key was destroyed.
pub fn erased(kind: Kind, name: &str) -> Fact {
    let mut payload = stored(kind, name);
    if let Some(personal) = payload.get_mut("personal") {
        *personal = Value::Null;
    }
    Fact::from_json(kind, payload).unwrap()
}

/// The `position`th event of the log, the `sequence`th of its stream.
pub fn recorded(position: u64, kind: Kind, id: Uuid, sequence: u64, fact: Fact) -> Recorded {
    Recorded { position, stream: StreamId { kind, id }, sequence, recorded_at: NOON, fact }
}
