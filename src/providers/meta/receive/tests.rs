//! Recorded calls in, domain values out.

use gatehouse_domain::conversation::{Content, Delivery};
use gatehouse_domain::{Address, AddressKind, Channel};
use serde::Deserialize;
use serde_json::json;

use super::{receive, translate};
use crate::providers::{Element, HttpCall, InboundMessage, Received, Secrets};

/// Signed bodies: `pywa_real` was captured from the service and is published with its secret; the rest is computed.
#[derive(Deserialize)]
struct Signed {
    name: String,
    secret: String,
    signature: String,
    body: String,
}

#[test]
fn the_published_call_is_verified_and_becomes_a_message() {
    let signed = signed("pywa_real");
    let Received::Elements(elements) = post(&signed.body, Some(&signed.signature), &signed.secret) else {
        panic!("refused");
    };
    let [Element::Message(message)] = elements.as_slice() else { panic!("{elements:?}") };
    let expected = InboundMessage {
        account: "277321005464405".to_owned(),
        channel: Channel::Whatsapp,
        provider_id: "wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA".to_owned(),
        sent_at: "2024-10-29T19:58:23Z".parse().unwrap(),
        addresses: vec![phone("972544401243")],
        opens_window: true,
        name: Some("PyWa Tests".to_owned()),
        content: Content::Text,
        text: Some("Hey there! I am using PyWa.".to_owned()),
        original: message.original.clone(),
    };
    assert_eq!(**message, expected);
}

#[test]
fn escaped_text_is_verified_as_sent_and_read_as_meant() {
    let signed = signed("wa_text");
    let Received::Elements(elements) = post(&signed.body, Some(&signed.signature), &signed.secret) else {
        panic!("refused");
    };
    let [Element::Message(message)] = elements.as_slice() else { panic!("{elements:?}") };
    assert_eq!(message.text.as_deref(), Some("café 😀 <b>&/"));
    assert_eq!(message.name.as_deref(), Some("Zoë"));
}

#[test]
fn every_vector_is_verified_over_its_own_bytes_and_no_others() {
    for signed in vectors() {
        let answer = post(&signed.body, Some(&signed.signature), &signed.secret);
        assert_ne!(answer, Received::Forged, "{}", signed.name);
        let understood = matches!(answer, Received::Elements(_));
        assert_eq!(understood, ["pywa_real", "wa_text"].contains(&signed.name.as_str()), "{}", signed.name);

        let other_bytes = format!("{} ", signed.body);
        assert_eq!(post(&other_bytes, Some(&signed.signature), &signed.secret), Received::Forged);
        assert_eq!(post(&signed.body, Some(&signed.signature), "another secret"), Received::Forged);
        assert_eq!(post(&signed.body, None, &signed.secret), Received::Forged);
        assert_eq!(post(&signed.body, Some("sha256="), &signed.secret), Received::Forged);
        assert_eq!(post(&signed.body, Some(&signed.signature[..40]), &signed.secret), Received::Forged);
        assert_eq!(post(&signed.body, Some(&signed.signature), ""), Received::Forged, "no secret, no trust");
    }
    // The same JSON value in other bytes is another message to a signature.
    let (raw, escaped) = (signed("raw_utf8"), signed("escaped"));
    assert_eq!(post(&raw.body, Some(&escaped.signature), &raw.secret), Received::Forged);
}

#[test]
fn an_empty_body_is_signed_like_any_other() {
    let signature = "sha256=3c81cc9496e1c25250f6ccb85f697c1bb623e3480d6538ad8cb6a6648142777d";
    assert!(matches!(post("", Some(signature), "s3cr3t"), Received::NotUnderstood { .. }));
}

#[test]
fn the_handshake_is_answered_only_for_our_token() {
    let ask = |query: &str| {
        let call = HttpCall { method: "GET", query, header: &|_| None, body: b"" };
        receive(&call, &Secrets::from([("verify_token".to_owned(), "ours".to_owned().into())]))
    };
    let query = "hub.mode=subscribe&hub.challenge=11%2042&hub.verify_token=";
    assert_eq!(ask(&format!("{query}ours")), Received::Handshake("11 42".to_owned()));
    assert_eq!(ask(&format!("{query}theirs")), Received::Forged);
    assert_eq!(ask(query), Received::Forged);
    assert_eq!(ask("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=ours"), Received::Forged);
}

#[test]
fn a_person_may_come_with_a_phone_a_user_id_or_both() {
    let from = |message: serde_json::Value| match &elements(vec![message], vec![])[..] {
        [Element::Message(message)] => message.addresses.clone(),
        other => panic!("{other:?}"),
    };
    let user = Address { kind: AddressKind::User, value: "US.13491208655302741918".to_owned() };
    let both = from(json!({"id": "1", "timestamp": "1", "type": "text", "text": {"body": "x"},
        "from": "16505551234", "from_user_id": "US.13491208655302741918"}));
    assert_eq!(both, [phone("16505551234"), user.clone()]);
    let without_phone = from(json!({"id": "1", "timestamp": "1", "type": "text", "text": {"body": "x"},
        "from_user_id": "US.13491208655302741918"}));
    assert_eq!(without_phone, [user]);
}

#[test]
fn other_types_are_kept_whole_as_unsupported() {
    let sticker = json!({"id": "wamid.S", "timestamp": "1749416383", "type": "sticker", "from": "49170",
        "sticker": {"id": "1", "mime_type": "image/webp", "sha256": "x", "animated": false}});
    let [Element::Message(message)] = &elements(vec![sticker.clone()], vec![])[..] else { panic!() };
    assert_eq!(message.content, Content::Unsupported { kind: "sticker".to_owned() });
    let kept: serde_json::Value = serde_json::from_str(&message.original).unwrap();
    assert_eq!(kept["entry"][0]["changes"][0]["value"]["messages"], json!([sticker]));
}

#[test]
fn one_element_not_understood_spoils_no_other() {
    let good = json!({"id": "wamid.G", "timestamp": "1", "type": "text", "from": "49170", "text": {"body": "x"}});
    let found = elements(vec![json!({"nonsense": true}), good], vec![json!({"id": "1", "status": "melted"})]);
    let shapes: Vec<bool> = found.iter().map(|one| matches!(one, Element::Message(_))).collect();
    assert_eq!(shapes, [false, true, false]);
}

#[test]
fn what_is_kept_of_an_element_is_the_same_element_again() {
    let good = json!({"id": "wamid.G", "timestamp": "1", "type": "text", "from": "49170", "text": {"body": "x"}});
    let found = elements(vec![good, json!({"nonsense": true})], vec![json!({"id": "1", "status": "read"})]);
    for element in found {
        let original = match &element {
            Element::Message(message) => &message.original,
            Element::Receipt(receipt) => &receipt.original,
            Element::NotUnderstood { original, .. } => original,
        };
        assert_eq!(translate(original.as_bytes()), Received::Elements(vec![element.clone()]));
    }
}

#[test]
fn statuses_bring_our_own_id_back() {
    let read = json!({"id": "wamid.R", "status": "read", "timestamp": "1", "biz_opaque_callback_data": "ours"});
    let failed = json!({"id": "wamid.F", "status": "failed", "timestamp": "1",
        "errors": [{"code": 131_026, "title": "Message undeliverable"}]});
    let found = elements(vec![], vec![read, failed]);
    let reason = "the message cannot be delivered to this number (code 131026)".to_owned();
    let told: Vec<_> = found
        .into_iter()
        .map(|element| match element {
            Element::Receipt(receipt) => (receipt.account, receipt.provider_id, receipt.ours, receipt.delivery),
            other => panic!("{other:?}"),
        })
        .collect();
    let account = || "106540352242922".to_owned();
    assert_eq!(
        told,
        [
            (account(), "wamid.R".to_owned(), Some("ours".to_owned()), Delivery::Read),
            (account(), "wamid.F".to_owned(), None, Delivery::Failed { reason }),
        ]
    );
}

fn elements(messages: Vec<serde_json::Value>, statuses: Vec<serde_json::Value>) -> Vec<Element> {
    let value = json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": "106540352242922"},
        "messages": messages, "statuses": statuses});
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
    match translate(body.to_string().as_bytes()) {
        Received::Elements(elements) => elements,
        other => panic!("{other:?}"),
    }
}

fn post(body: &str, signature: Option<&str>, secret: &str) -> Received {
    let header = |name: &str| signature.filter(|_| name == "X-Hub-Signature-256").map(str::to_owned);
    let call = HttpCall { method: "POST", query: "", header: &header, body: body.as_bytes() };
    receive(&call, &Secrets::from([("app_secret".to_owned(), secret.to_owned().into())]))
}

fn vectors() -> Vec<Signed> {
    serde_json::from_str(include_str!("../fixtures/signed.json")).unwrap()
}

fn signed(name: &str) -> Signed {
    vectors().into_iter().find(|signed| signed.name == name).unwrap()
}

fn phone(digits: &str) -> Address {
    Address { kind: AddressKind::Phone, value: digits.to_owned() }
}
