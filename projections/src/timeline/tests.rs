//! Events in, lines out.

use std::collections::BTreeSet;

use gatehouse_domain::conversation::{OutboundWords, Reaction};
use gatehouse_domain::{
    Address, AddressKind, ConversationId, EndReasonId, Fact, GatewayId, Kind, MessageId, conversation, end_reason,
};
use serde_json::{Value, from_value, json, to_value};

use super::*;
use crate::fixtures::{NOON, erased, every_event, example, recorded, stored};

const ANNA: &str = "0197b2c4-0a10-7c31-9d52-6f1e8a3b4c01";
const BORIS: &str = "0197b2c4-1b20-7d42-8e63-7a2f9b4c5d02";
const INBOUND: &str = "a7c3e915-2b60-5d84-9f17-3e8b0c5d624a";
const OUTBOUND: &str = "0197f3a1-5c20-7b11-8d3e-4a6f9c02e715";

#[test]
fn every_event_of_a_conversation_is_told_as_its_line_or_deliberately_not_at_all() {
    let expected = lines();
    let told: BTreeSet<&str> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(told, conversation::Event::NAMES.iter().copied().collect());
    for (name, line) in expected {
        let entry = entry_of(example(Kind::Conversation, name)).map(|entry| to_value(entry).unwrap());
        assert_eq!(entry, line.map(|line| with_place(line, name)), "{name}");
    }
}

#[test]
fn erased_words_leave_their_line_without_them() {
    let message = |message: &str, direction: &str, author: Value, status: Value| {
        let content = json!({"is": "erased"});
        let (kind, message) = ("message", message);
        json!({"kind": kind, "message": message, "direction": direction, "author": author, "content": content,
               "status": status})
    };
    let expected = [
        ("message_received", message(INBOUND, "inbound", json!({"is": "contact"}), Value::Null)),
        ("reply_queued", message(OUTBOUND, "outbound", json!({"is": "agent", "agent": ANNA}), json!("queued"))),
        ("note_added", moment_of("note", Some(ANNA), None)),
        ("reaction_received", moment_of("reaction", None, None)),
        ("transfer_requested", moment_of("transfer_requested", Some(BORIS), None)),
    ];
    for (name, line) in expected {
        let entry = entry_of(erased(Kind::Conversation, name)).map(|entry| to_value(entry).unwrap());
        assert_eq!(entry, Some(with_place(line, name)), "{name}");
    }
}

#[test]
fn every_example_is_told_the_same_however_often() {
    for (kind, name) in every_event().filter(|(kind, _)| *kind == Kind::Conversation) {
        assert_eq!(entry_of(example(kind, name)), entry_of(example(kind, name)), "{name}");
    }
}

#[test]
fn an_end_names_its_reason_and_who_gave_it() {
    let (solved, anna) = (EndReasonId(Uuid::from_u128(0xE1)), AgentId(Uuid::from_u128(0xA1)));
    let mut setup = Setup::default();
    let added = Fact::EndReason(end_reason::Event::EndReasonAdded { name: "Solved".to_owned(), at: NOON });
    setup.fold(&recorded(1, Kind::EndReason, solved.0, 1, added));
    assert_eq!(told(Ending::Reason { reason: solved, by: anna }, &setup), (Some(anna), "Solved".to_owned()));
    // A reason that is retired still tells why.
    let retired = Fact::EndReason(end_reason::Event::EndReasonRetired { at: NOON });
    setup.fold(&recorded(2, Kind::EndReason, solved.0, 2, retired));
    assert_eq!(told(Ending::Reason { reason: solved, by: anna }, &setup), (Some(anna), "Solved".to_owned()));
    let unknown = EndReasonId(Uuid::from_u128(0xE2));
    assert_eq!(told(Ending::Reason { reason: unknown, by: anna }, &setup), (Some(anna), "unknown".to_owned()));
    assert_eq!(told(Ending::Idle, &setup), (None, "idle".to_owned()));
    assert_eq!(told(Ending::Erased, &setup), (None, "erased".to_owned()));
}

#[test]
fn an_opening_names_the_agent_who_wrote_first_or_took_it_up_again() {
    let anna = AgentId(Uuid::from_u128(0xA1));
    let mut opened = stored(Kind::Conversation, "interaction_opened");
    for opening in [Opening::Outbound { agent: anna }, Opening::Retaken { from: 2, agent: anna }] {
        opened["opening"] = to_value(opening).unwrap();
        let event = Fact::Conversation(from_value(opened.clone()).unwrap());
        let line =
            Line::Moment { interaction: Some(3), what: "opened", agent: Some(anna.0), reason: None, message: None };
        assert_eq!(entry_of(event).map(|entry| entry.line), Some(line));
    }
}

#[test]
fn a_reply_names_its_author() {
    let flow = gatehouse_domain::FlowId(Uuid::from_u128(0xF1));
    let agent = AgentId(Uuid::from_u128(0xA1));
    let authors = [
        (Author::Agent { agent }, Writer::Agent { agent: agent.0 }),
        (Author::Flow { flow }, Writer::Flow),
        (Author::Api, Writer::System),
    ];
    for (author, told) in authors {
        let message = MessageId(Uuid::from_u128(0x41));
        let to = Address { kind: AddressKind::Phone, value: "491701234567".to_owned() };
        let words = OutboundWords { to, text: "Good day!".to_owned(), parameters: vec![] };
        let queued = Event::ReplyQueued {
            message,
            interaction: 1,
            author,
            gateway: GatewayId(Uuid::from_u128(0x61)),
            content: Content::Text,
            at: NOON,
            personal: Personal::Known(words),
        };
        let line = Line::Message {
            message: message.0,
            direction: Direction::Outbound,
            author: told,
            content: Shown::Text { text: "Good day!".to_owned() },
            status: Some(Status::Queued),
        };
        assert_eq!(entry_of(Fact::Conversation(queued)), Some(Entry { sequence: 7, at: NOON, line }));
    }
}

#[test]
fn a_reaction_taken_back_is_told_without_its_emoji() {
    let message = MessageId(Uuid::from_u128(0x41));
    let personal = Personal::Known(Reaction { emoji: None });
    let line = Line::Moment { interaction: None, what: "reaction", agent: None, reason: None, message: None };
    let taken_back = Fact::Conversation(Event::ReactionReceived { message, at: NOON, personal });
    assert_eq!(entry_of(taken_back), Some(Entry { sequence: 7, at: NOON, line }));
}

#[test]
fn a_message_sent_again_or_discarded_tells_how_it_goes_on() {
    let message = MessageId(Uuid::from_u128(0x41));
    let by = AgentId(Uuid::from_u128(0xA1));
    for (resolution, status) in [(Resolution::Resend, Status::Queued), (Resolution::Discard, Status::Discarded)] {
        let resolved = Fact::Conversation(Event::SendResolved { message, resolution, by, at: NOON });
        let line = Line::Status { message: message.0, status, reason: None };
        assert_eq!(entry_of(resolved).map(|entry| entry.line), Some(line));
    }
}

/// The line of each event's example; none where there is nothing to tell.
fn lines() -> Vec<(&'static str, Option<Value>)> {
    let moment = |what: &str, agent: Option<&str>, reason: Option<&str>| Some(moment_of(what, agent, reason));
    let of_interaction = |what: &str, agent: Option<&str>, reason: Option<&str>| {
        let mut line = moment_of(what, agent, reason);
        line["interaction"] = json!(3);
        Some(line)
    };
    let status = |status: &str, reason: Option<&str>| {
        Some(json!({"kind": "status", "message": OUTBOUND, "status": status, "reason": reason}))
    };
    let message = |message: &str, direction: &str, author: Value, content: Value, status: Value| {
        Some(json!({"kind": "message", "message": message, "direction": direction, "author": author,
                    "content": content, "status": status}))
    };
    let text = |text: &str| json!({"is": "text", "text": text});
    vec![
        ("interaction_opened", of_interaction("opened", None, None)),
        ("queued", moment("queued", None, None)),
        ("offered", moment("offered", Some(ANNA), None)),
        ("offer_accepted", None),
        ("offer_declined", moment("declined", Some(ANNA), Some("in a call"))),
        ("offer_lapsed", moment("lapsed", Some(ANNA), None)),
        ("offer_withdrawn", moment("withdrawn", Some(ANNA), Some("superseded"))),
        ("assigned", moment("assigned", Some(ANNA), None)),
        (
            "transfer_requested",
            moment("transfer_requested", Some(BORIS), Some("Kundin fragt nach der Rechnung vom Juni.")),
        ),
        ("transfer_accepted", None),
        ("transfer_declined", moment("transfer_declined", None, None)),
        ("transfer_lapsed", moment("transfer_lapsed", None, None)),
        ("transfer_withdrawn", moment("transfer_withdrawn", None, Some("requested"))),
        ("handed_to_flow", moment("handed_to_flow", None, None)),
        ("flow_ended", moment("flow_ended", None, None)),
        ("conversation_erased", Some(moment_of("erased", None, None))),
        ("interaction_ended", of_interaction("ended", Some(ANNA), Some("unknown"))),
        ("address_added", None),
        (
            "message_received",
            message(
                INBOUND,
                "inbound",
                json!({"is": "contact"}),
                text("Guten Morgen, wo bleibt meine Bestellung 4711?"),
                Value::Null,
            ),
        ),
        ("message_edited", moment("edited", None, None)),
        ("message_revoked", moment("revoked", None, None)),
        ("reaction_received", moment("reaction", None, Some("👍"))),
        (
            "message_echoed",
            message(
                INBOUND,
                "outbound",
                json!({"is": "system"}),
                json!({"is": "unsupported", "type": "sticker"}),
                Value::Null,
            ),
        ),
        ("window_expired", moment("window_expired", None, None)),
        (
            "reply_queued",
            message(
                OUTBOUND,
                "outbound",
                json!({"is": "agent", "agent": ANNA}),
                text("Ihre Bestellung 4711 kommt am 12. Juli."),
                json!("queued"),
            ),
        ),
        ("send_attempted", status("sending", None)),
        ("send_deferred", status("deferred", Some("too many requests"))),
        ("reply_submitted", status("submitted", None)),
        ("reply_sent", status("sent", None)),
        ("reply_delivered", status("delivered", None)),
        ("reply_read", status("read", None)),
        ("reply_failed", status("failed", Some("the customer cannot be reached on this channel"))),
        ("reply_indeterminate", status("indeterminate", None)),
        ("send_resolved", status("queued", None)),
        ("note_added", moment("note", Some(ANNA), Some("Ruft am Montag zurück."))),
        ("tagged", moment("tagged", Some(ANNA), Some("delivery"))),
        ("untagged", moment("untagged", Some(ANNA), Some("delivery"))),
        ("priority_set", moment("priority_set", None, Some("5"))),
        ("sla_breached", moment("sla_breached", None, None)),
        ("attachment_recorded", None),
    ]
}

fn moment_of(what: &str, agent: Option<&str>, reason: Option<&str>) -> Value {
    json!({"kind": "moment", "interaction": null, "what": what, "agent": agent, "reason": reason})
}

/// The line with the sequence it is told at, and the time its event names; a note with what the history calls it.
fn with_place(mut line: Value, name: &str) -> Value {
    line["sequence"] = json!(7);
    if line["what"] == "note" || line["what"] == "transfer_requested" {
        line["message"] = json!(note_id(ConversationId(Uuid::from_u128(0xC1)), 7));
    }
    let at: DateTime<Utc> = from_value(stored(Kind::Conversation, name)["at"].clone()).unwrap();
    line["at"] = to_value(at).unwrap();
    line
}

fn entry_of(fact: Fact) -> Option<Entry> {
    let recorded = recorded(9, Kind::Conversation, Uuid::from_u128(0xC1), 7, fact);
    let Fact::Conversation(event) = &recorded.fact else { panic!("only conversations are told") };
    entry(&recorded, event, &Setup::default())
}
