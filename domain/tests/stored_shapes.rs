//! What is stored stays readable: one example of every version of every event ever written, read, folded and written back.
//!
//! `fixtures/v1` has the first version of every event, `fixtures/v2` the second of those that have one, and so on.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use gatehouse_domain::conversation::{
    AttachmentOutcome, Author, Content, Ending, HowAssigned, Opening, PassedOver, Reason, Resolution, Rule, SlaClock,
    Why, Withdrawn,
};
use gatehouse_domain::record::By;
use gatehouse_domain::upcast::Upcast;
use gatehouse_domain::{
    AddressKind, AgentId, Channel, EndReasonId, Fact, FlowId, Kind, OfferId, Rules, UPCASTS, Upcasts, agent,
    connection, contact, conversation, end_reason, gateway, inbox, team, user,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn every_event_has_one_example_and_no_example_is_astray() {
    let newest = kinds().into_iter().flat_map(|(_, names)| names).map(|name| UPCASTS.newest(name)).max().unwrap();
    for version in 1..=newest {
        for (kind, names) in kinds() {
            let stored = names.iter().filter(|name| UPCASTS.newest(name) >= version);
            let expected: BTreeSet<String> = stored.map(|name| format!("{name}.json")).collect();
            let files = fs::read_dir(folder(version).join(kind.name())).into_iter().flatten();
            let found: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            assert_eq!(found, expected, "examples of {kind:?} in version {version}");
        }
    }
    assert!(!folder(newest + 1).exists(), "examples of a version that no event has");
}

#[test]
fn every_step_from_an_old_version_is_of_an_event_we_have_and_leaves_none_out() {
    let names: BTreeSet<&str> = kinds().into_iter().flat_map(|(_, names)| names.iter().copied()).collect();
    for event in UPCASTS.0.iter().map(|one| one.event).collect::<BTreeSet<_>>() {
        assert!(names.contains(event), "{event}");
        let mut from: Vec<u16> = UPCASTS.0.iter().filter(|one| one.event == event).map(|one| one.from).collect();
        from.sort_unstable();
        assert_eq!(from, (1..UPCASTS.newest(event)).collect::<Vec<_>>(), "{event}");
    }
}

#[test]
fn an_old_example_reads_as_the_newest_shape_of_its_event() {
    // As if a failure's reason had been called otherwise twice, and a name had come in two parts.
    const LATER: Upcasts = Upcasts(&[
        Upcast { event: "reply_failed", from: 2, step: |payload| renamed(payload, "because", "reason") },
        Upcast { event: "reply_failed", from: 1, step: |payload| renamed(payload, "why", "because") },
        Upcast { event: "contact_named", from: 1, step: called },
    ]);
    let newest = example(Kind::Conversation, "reply_failed", 1);
    let read = |version, stored: Value| {
        let payload = LATER.to_newest("reply_failed", version, stored).unwrap();
        Fact::from_json(Kind::Conversation, payload).unwrap().to_json().unwrap()
    };
    assert_eq!(read(3, newest.clone()), newest);
    assert_eq!(read(2, renamed(newest.clone(), "reason", "because")), newest);
    assert_eq!(read(1, renamed(newest.clone(), "reason", "why")), newest);
    assert_eq!(LATER.newest("reply_failed"), 3);
    assert_eq!(LATER.newest("reply_sent"), 1);

    let first_and_last =
        json!({"event": "contact_named", "at": "2026-07-10T08:15:30Z", "personal": ["Lena", "Fischer"]});
    let named = |stored| Fact::from_json(Kind::Contact, LATER.to_newest("contact_named", 1, stored).unwrap()).unwrap();
    assert_eq!(named(first_and_last.clone()).to_json().unwrap()["personal"], json!("Lena Fischer"));
    assert_eq!(named(erased(first_and_last).unwrap()).to_json().unwrap()["personal"], Value::Null);
}

#[test]
fn a_version_that_only_a_newer_server_knows_is_refused_by_name() {
    let unknown = UPCASTS.newest("reply_failed") + 1;
    let refused = UPCASTS.to_newest("reply_failed", unknown, Value::Null).unwrap_err().to_string();
    assert!(refused.starts_with(&format!("reply_failed is stored in version {unknown}")), "{refused}");
}

#[test]
fn every_folder_of_examples_is_a_kind_of_stream() {
    let found: BTreeSet<String> =
        fs::read_dir(folder(1)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, Kind::ALL.iter().map(|kind| kind.name().to_owned()).collect());
}

#[test]
fn every_example_reads_under_its_name_and_is_written_back_the_same() {
    for (kind, name, newest) in examples() {
        let fact = Fact::from_json(kind, newest.clone()).unwrap_or_else(|error| panic!("{kind:?} {name}: {error}"));
        assert_eq!(fact.name(), name);
        assert_eq!(fact.to_json().unwrap(), newest, "{kind:?} {name}");
    }
}

#[test]
fn the_stored_tag_is_the_name_of_the_event() {
    for (kind, name, stored) in examples() {
        assert_eq!(stored["event"], json!(name), "{kind:?}");
    }
}

#[test]
fn no_two_events_of_any_kind_share_a_name() {
    let all: Vec<&str> = kinds().into_iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn every_example_whose_words_were_erased_reads_as_erased() {
    let mut with_words = 0;
    for (kind, name, stored) in examples() {
        let Some(erased) = erased(stored) else { continue };
        with_words += 1;
        let fact = Fact::from_json(kind, erased.clone()).unwrap_or_else(|error| panic!("{kind:?} {name}: {error}"));
        assert!(format!("{fact:?}").contains("personal: Erased"), "{fact:?}");
        assert_eq!(fact.to_json().unwrap(), erased, "{kind:?} {name}");
    }
    assert_eq!(with_words, 12);
}

#[test]
fn every_example_folds_read_or_erased() {
    folds::<conversation::Conversation>(conversation::Event::NAMES);
    folds::<agent::Agent>(agent::Event::NAMES);
    folds::<contact::Contact>(contact::Event::NAMES);
    folds::<connection::Connection>(connection::Event::NAMES);
    folds::<gateway::Gateway>(gateway::Event::NAMES);
    folds::<inbox::Inbox>(inbox::Event::NAMES);
    folds::<end_reason::EndReason>(end_reason::Event::NAMES);
    folds::<user::User>(user::Event::NAMES);
    folds::<team::Team>(team::Event::NAMES);
}

#[test]
fn a_printed_event_keeps_its_words_to_itself() {
    for (kind, name, stored) in examples() {
        let fact = Fact::from_json(kind, stored.clone()).unwrap();
        for word in words(&stored["personal"]) {
            assert!(!format!("{fact:?}").contains(&word), "{kind:?} {name} prints {word}");
        }
    }
}

#[test]
fn the_words_of_a_conversation_are_stored_for_ever() {
    let one = Uuid::from_u128(1);
    let id = "00000000-0000-0000-0000-000000000001";
    let (agent, flow, offer, reason) = (AgentId(one), FlowId(one), OfferId(one), EndReasonId(one));
    stored_as(Opening::Received, json!({"is": "received"}));
    stored_as(Opening::Outbound { agent }, json!({"is": "outbound", "agent": id}));
    stored_as(Opening::Retaken { from: 2, agent }, json!({"is": "retaken", "from": 2, "agent": id}));
    stored_as(HowAssigned::Offer { offer }, json!({"is": "offer", "offer": id}));
    stored_as(HowAssigned::Transfer, json!({"is": "transfer"}));
    stored_as(HowAssigned::Automatic, json!({"is": "automatic"}));
    stored_as(HowAssigned::Pull, json!({"is": "pull"}));
    stored_as(HowAssigned::Supervisor { by: agent }, json!({"is": "supervisor", "by": id}));
    stored_as(HowAssigned::TakeOver, json!({"is": "take_over"}));
    stored_as(HowAssigned::Retake, json!({"is": "retake"}));
    stored_as(HowAssigned::Outbound, json!({"is": "outbound"}));
    stored_as(Withdrawn::Superseded, json!("superseded"));
    stored_as(Withdrawn::AgentGone, json!("agent_gone"));
    stored_as(Withdrawn::Ended, json!("ended"));
    stored_as(Withdrawn::Requested, json!("requested"));
    stored_as(Ending::Reason { reason, by: agent }, json!({"is": "reason", "reason": id, "by": id}));
    stored_as(Ending::Idle, json!({"is": "idle"}));
    stored_as(Ending::Erased, json!({"is": "erased"}));
    stored_as(Author::Agent { agent }, json!({"is": "agent", "agent": id}));
    stored_as(Author::Flow { flow }, json!({"is": "flow", "flow": id}));
    stored_as(Author::Api, json!({"is": "api"}));
    stored_as(Content::Text, json!({"is": "text"}));
    stored_as(Content::Unsupported { kind: "sticker".to_owned() }, json!({"is": "unsupported", "kind": "sticker"}));
    stored_as(Resolution::Resend, json!("resend"));
    stored_as(Resolution::Discard, json!("discard"));
    stored_as(SlaClock::FirstResponse, json!("first_response"));
    stored_as(SlaClock::NextResponse, json!("next_response"));
    stored_as(AttachmentOutcome::Stored { bytes: 1 }, json!({"is": "stored", "bytes": 1}));
    stored_as(AttachmentOutcome::Failed { reason: "gone".to_owned() }, json!({"is": "failed", "reason": "gone"}));
    stored_as(By::Agent { agent }, json!({"is": "agent", "agent": id}));
    stored_as(By::System, json!({"is": "system"}));
}

#[test]
fn the_words_of_configuration_are_stored_for_ever() {
    stored_as(agent::OfflineCause::Chosen, json!("chosen"));
    stored_as(agent::OfflineCause::Disconnected, json!("disconnected"));
    stored_as(inbox::Mode::Offer, json!("offer"));
    stored_as(inbox::Mode::Assign, json!("assign"));
    stored_as(inbox::Mode::Manual, json!("manual"));
    stored_as(inbox::Strategy::LongestIdle, json!("longest_idle"));
    stored_as(inbox::Strategy::LeastBusy, json!("least_busy"));
    stored_as(inbox::Strategy::RoundRobin, json!("round_robin"));
    stored_as(inbox::Strategy::Ordered, json!("ordered"));
    stored_as(inbox::Strategy::RingAll, json!("ring_all"));
    stored_as(inbox::OnOffline::Return, json!("return"));
    stored_as(inbox::OnOffline::Keep, json!("keep"));
    stored_as(user::Role::Agent, json!("agent"));
    stored_as(user::Role::Supervisor, json!("supervisor"));
    stored_as(user::Role::Analyst, json!("analyst"));
    stored_as(user::Role::Administrator, json!("administrator"));
}

#[test]
fn a_whole_routing_is_stored_for_ever_and_an_old_one_still_reads() {
    let agent = AgentId(Uuid::from_u128(1));
    let whole = inbox::Routing {
        mode: inbox::Mode::Assign,
        strategy: inbox::Strategy::Ordered,
        offer_timeout_ms: 20_000,
        transfer_timeout_ms: 90_000,
        skills_required: ["german".to_owned()].into(),
        flow_max: Some(3),
        preferred_agent_days: Some(14),
        not_responding_after: Some(2),
        on_offline: inbox::OnOffline::Keep,
        wrap_up_ms: Some(15_000),
        sla: inbox::Sla { first_response_ms: Some(39_600), next_response_ms: Some(60_000) },
        order: vec![agent],
    };
    let stored = json!({
        "mode": "assign", "strategy": "ordered", "offer_timeout_ms": 20_000, "transfer_timeout_ms": 90_000,
        "skills_required": ["german"], "flow_max": 3, "preferred_agent_days": 14, "not_responding_after": 2,
        "on_offline": "keep", "wrap_up_ms": 15_000,
        "sla": {"first_response_ms": 39_600, "next_response_ms": 60_000},
        "order": ["00000000-0000-0000-0000-000000000001"]
    });
    stored_as(whole, stored);
    let before = json!({"mode": "offer", "strategy": "longest_idle", "offer_timeout_ms": 45_000});
    stored_as(inbox::Routing { offer_timeout_ms: 45_000, ..inbox::Routing::default() }, before);
}

#[test]
fn a_promise_is_stored_with_the_interaction_and_an_interaction_without_one_still_reads() {
    let mut stored = example(Kind::Conversation, "interaction_opened", 1);
    let sla = |stored: &Value| match Fact::from_json(Kind::Conversation, stored.clone()).unwrap() {
        Fact::Conversation(conversation::Event::InteractionOpened { sla, .. }) => sla,
        other => panic!("{other:?}"),
    };
    assert_eq!(sla(&stored), inbox::Sla::default());
    stored["sla"] = json!({"first_response_ms": 39_600});
    assert_eq!(sla(&stored), inbox::Sla { first_response_ms: Some(39_600), next_response_ms: None });
    assert_eq!(Fact::from_json(Kind::Conversation, stored.clone()).unwrap().to_json().unwrap(), stored);
}

#[test]
fn what_explains_an_offer_is_stored_for_ever() {
    let agent = AgentId(Uuid::from_u128(1));
    let id = "00000000-0000-0000-0000-000000000001";
    let passed_over = vec![PassedOver { agent, reason: Reason::HadIt }];
    let why = Why { rule: Rule::LongestIdle, position: 1, waiting: 4, could: 2, candidates: vec![agent], passed_over };
    let stored = json!({
        "rule": "longest_idle", "position": 1, "waiting": 4, "could": 2, "candidates": [id],
        "passed_over": [{"agent": id, "reason": "had_it"}]
    });
    stored_as(why, stored);
    for (rule, stored) in [
        (Rule::LeastBusy, "least_busy"),
        (Rule::RoundRobin, "round_robin"),
        (Rule::Ordered, "ordered"),
        (Rule::RingAll, "ring_all"),
        (Rule::PreferredAgent, "preferred_agent"),
        (Rule::Requested, "requested"),
    ] {
        stored_as(rule, json!(stored));
    }
    for (reason, stored) in [
        (Reason::Offline, "offline"),
        (Reason::OnBreak, "on_break"),
        (Reason::NotResponding, "not_responding"),
        (Reason::NotConnected, "not_connected"),
        (Reason::LacksSkill, "lacks_skill"),
        (Reason::NoFreeSlot, "no_free_slot"),
        (Reason::NoFreeSlotOnChannel, "no_free_slot_on_channel"),
        (Reason::FlowFull, "flow_full"),
        (Reason::Unsettled, "unsettled"),
    ] {
        stored_as(reason, json!(stored));
    }
}

#[test]
fn kinds_channels_and_addresses_are_stored_under_their_names() {
    for kind in Kind::ALL {
        stored_as(kind, json!(kind.name()));
        assert_eq!(Kind::parse(kind.name()), Some(kind));
    }
    for channel in [
        Channel::Whatsapp,
        Channel::Messenger,
        Channel::Instagram,
        Channel::Telegram,
        Channel::Viber,
        Channel::Sms,
        Channel::Email,
        Channel::WebChat,
        Channel::CustomIm,
    ] {
        stored_as(channel, json!(channel.name()));
    }
    for kind in [AddressKind::Phone, AddressKind::User, AddressKind::Email] {
        stored_as(kind, json!(kind.name()));
    }
}

fn kinds() -> [(Kind, &'static [&'static str]); 9] {
    [
        (Kind::Conversation, conversation::Event::NAMES),
        (Kind::Agent, agent::Event::NAMES),
        (Kind::Contact, contact::Event::NAMES),
        (Kind::Connection, connection::Event::NAMES),
        (Kind::Gateway, gateway::Event::NAMES),
        (Kind::Inbox, inbox::Event::NAMES),
        (Kind::EndReason, end_reason::Event::NAMES),
        (Kind::User, user::Event::NAMES),
        (Kind::Team, team::Event::NAMES),
    ]
}

fn folder(version: u16) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/v{version}"))
}

/// Every example of every version, in the newest shape.
fn examples() -> impl Iterator<Item = (Kind, &'static str, Value)> {
    let events = kinds().into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, *name)));
    events.flat_map(|(kind, name)| newest(kind, name).map(move |stored| (kind, name, stored)))
}

/// The examples of every version of one event, in its newest shape.
fn newest(kind: Kind, name: &str) -> impl Iterator<Item = Value> {
    (1..=UPCASTS.newest(name)).map(move |version| {
        UPCASTS.to_newest(name, version, example(kind, name, version)).expect("we know our versions")
    })
}

fn example(kind: Kind, name: &str, version: u16) -> Value {
    let path = folder(version).join(kind.name()).join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The same event after the contact's key was destroyed; none where it carried no words.
fn erased(mut stored: Value) -> Option<Value> {
    let personal = stored.get_mut("personal")?;
    *personal = Value::Null;
    Some(stored)
}

/// Folds each example alone and all in the order they are declared, read and erased; snapshots of each state read back.
fn folds<A: Rules<Event: serde::de::DeserializeOwned> + PartialEq + std::fmt::Debug>(names: &[&str]) {
    let fold = |state: &mut A, stored: Value| {
        state.apply(serde_json::from_value(stored).expect("an example reads"));
        let snapshot = serde_json::to_value(&*state).expect("a state is written");
        assert_eq!(serde_json::from_value::<A>(snapshot).expect("a snapshot reads"), *state);
    };
    let (mut read, mut unread) = (A::default(), A::default());
    for stored in names.iter().flat_map(|name| newest(A::KIND, name)) {
        let without_words = erased(stored.clone()).unwrap_or_else(|| stored.clone());
        for event in [&stored, &without_words] {
            fold(&mut A::default(), event.clone());
        }
        fold(&mut read, stored);
        fold(&mut unread, without_words);
    }
}

fn renamed(mut payload: Value, from: &str, to: &str) -> Value {
    let fields = payload.as_object_mut().expect("an event is an object");
    let value = fields.remove(from).expect("the field is there");
    fields.insert(to.to_owned(), value);
    payload
}

/// One name of a first and a last one.
fn called(mut payload: Value) -> Value {
    if let Value::Array(names) = &payload["personal"] {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        payload["personal"] = json!(names.join(" "));
    }
    payload
}

/// Every text in the personal part that is long enough to be told from the rest.
fn words(personal: &Value) -> Vec<String> {
    match personal {
        Value::String(text) if text.chars().count() >= 6 => vec![text.clone()],
        Value::Array(parts) => parts.iter().flat_map(words).collect(),
        Value::Object(parts) => parts.values().flat_map(words).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

fn stored_as<T>(value: T, stored: Value)
where
    T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(serde_json::to_value(&value).expect("it is written"), stored);
    assert_eq!(serde_json::from_value::<T>(stored).expect("it reads"), value);
}
