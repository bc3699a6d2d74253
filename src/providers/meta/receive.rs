//! Verifies Meta's webhook calls over their raw bytes and translates them.

use chrono::DateTime;
use gatehouse_domain::conversation::{Content, Delivery};
use gatehouse_domain::{Address, AddressKind, Channel};
use hmac::{Hmac, Mac};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::config::{APP_SECRET, VERIFY_TOKEN};
use super::wire::{Contact, Message, Messages, Status, Webhook};
use crate::providers::{Element, HttpCall, InboundMessage, Receipt, Received, Secrets};

const WHATSAPP: &str = "whatsapp_business_account";
pub const SIGNATURE_HEADER: &str = "X-Hub-Signature-256";
pub const SIGNATURE_PREFIX: &str = "sha256=";

/// A GET asks whether the URL is ours; a POST tells what happened.
pub fn receive(call: &HttpCall<'_>, secrets: &Secrets) -> Received {
    match call.method {
        "GET" => handshake(call.query, secrets),
        "POST" if is_signed(call, secrets) => translate(call.body),
        _ => Received::Forged,
    }
}

fn handshake(query: &str, secrets: &Secrets) -> Received {
    let (mut mode, mut challenge, mut token) = (None, None, None);
    for (name, value) in form(query) {
        match name.as_str() {
            "hub.mode" => mode = Some(value),
            "hub.challenge" => challenge = Some(value),
            "hub.verify_token" => token = Some(value),
            _ => {}
        }
    }
    let (Some("subscribe"), Some(challenge), Some(token)) = (mode.as_deref(), challenge, token) else {
        return Received::Forged;
    };
    let ours = secrets.get(VERIFY_TOKEN).map(|secret| secret.expose_secret().as_bytes()).unwrap_or_default();
    if !ours.is_empty() && bool::from(token.as_bytes().ct_eq(ours)) {
        Received::Handshake(challenge)
    } else {
        Received::Forged
    }
}

/// Meta signs the bytes as sent, with non-ASCII escaped: anything re-serialised would not verify.
fn is_signed(call: &HttpCall<'_>, secrets: &Secrets) -> bool {
    let Some(secret) = secrets.get(APP_SECRET).map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty())
    else {
        return false;
    };
    let header = (call.header)(SIGNATURE_HEADER).unwrap_or_default();
    let signature = header.strip_prefix(SIGNATURE_PREFIX).and_then(|hex| hex::decode(hex).ok()).unwrap_or_default();
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).expect("any length of key is valid");
    mac.update(call.body);
    mac.verify_slice(&signature).is_ok()
}

/// Translates a body that was verified, now or when it came.
pub fn translate(body: &[u8]) -> Received {
    let webhook: Webhook = match serde_json::from_slice(body) {
        Ok(webhook) => webhook,
        Err(error) => return Received::NotUnderstood { why: unlike(&error) },
    };
    if webhook.object != WHATSAPP {
        return Received::NotUnderstood { why: "not of a WhatsApp account".to_owned() };
    }
    let changes = webhook.entry.into_iter().flat_map(|entry| entry.changes);
    Received::Elements(
        changes
            .flat_map(|change| {
                if change.field == "messages" {
                    messages(change.value)
                } else {
                    vec![other(&change.field, &change.value)]
                }
            })
            .collect(),
    )
}

fn messages(value: Value) -> Vec<Element> {
    let around = value.clone();
    let value: Messages = match serde_json::from_value(value) {
        Ok(value) => value,
        Err(error) => return vec![Element::NotUnderstood { original: call("messages", &around), why: unlike(&error) }],
    };
    let account = &value.metadata.phone_number_id;
    let alone = |list, one: &Value| call("messages", &alone(&around, list, one));
    let messages = value.messages.iter().map(|one| message(one, alone("messages", one), account, &value.contacts));
    let statuses = value.statuses.iter().map(|one| status(one, alone("statuses", one), account));
    let errors = value.errors.iter().map(|one| Element::NotUnderstood {
        original: alone("errors", one),
        why: "an error of the account".to_owned(),
    });
    messages.chain(statuses).chain(errors).collect()
}

/// A call with nothing but this change: what is kept of an element is translated again as it came.
fn call(field: &str, value: &Value) -> String {
    let changes = json!([{"field": field, "value": value}]);
    json!({"object": WHATSAPP, "entry": [{"changes": changes}]}).to_string()
}

/// What came around an element, with that element alone.
fn alone(around: &Value, list: &str, one: &Value) -> Value {
    let mut value = json!({"metadata": around["metadata"], "contacts": around["contacts"], list: [one]});
    if value["contacts"].is_null() {
        value["contacts"] = json!([]);
    }
    value
}

fn message(raw: &Value, original: String, account: &str, contacts: &[Contact]) -> Element {
    let not_understood = |why: String| Element::NotUnderstood { original: original.clone(), why };
    let message: Message = match serde_json::from_value(raw.clone()) {
        Ok(message) => message,
        Err(error) => return not_understood(unlike(&error)),
    };
    let sent_at = message.timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let Some(sent_at) = sent_at else { return not_understood("a timestamp that is none".to_owned()) };
    let contact = contacts.iter().find(|contact| is_of(contact, &message)).or(match contacts {
        [only] => Some(only),
        _ => None,
    });
    let phone = message.from.or_else(|| contact.and_then(|contact| contact.wa_id.clone()));
    let user = message.from_user_id.or_else(|| contact.and_then(|contact| contact.user_id.clone()));
    let address = |kind, value: Option<String>| value.map(|value| Address { kind, value });
    // The phone first: whoever wrote with it can always be answered there, also by older numbers.
    let addresses: Vec<Address> =
        address(AddressKind::Phone, phone).into_iter().chain(address(AddressKind::User, user)).collect();
    if addresses.is_empty() {
        return not_understood("nobody it is from".to_owned());
    }
    if message.kind == "system" {
        // A number that changed, an identity: told by Meta, never said by the customer.
        return not_understood("a system notice".to_owned());
    }
    let opens_window = !["reaction", "edit", "revoke", "request_welcome"].contains(&message.kind.as_str());
    let (content, text) = match (message.kind.as_str(), message.text) {
        ("text", Some(text)) => (Content::Text, Some(text.body)),
        ("text", None) => return not_understood("a text without text".to_owned()),
        (kind, _) => (Content::Unsupported { kind: kind.to_owned() }, None),
    };
    Element::Message(Box::new(InboundMessage {
        account: account.to_owned(),
        channel: Channel::Whatsapp,
        provider_id: message.id,
        sent_at,
        addresses,
        opens_window,
        name: contact.and_then(|contact| contact.profile.as_ref()?.name.clone()),
        content,
        text,
        original,
    }))
}

fn status(raw: &Value, original: String, account: &str) -> Element {
    let status: Status = match serde_json::from_value(raw.clone()) {
        Ok(status) => status,
        Err(error) => return Element::NotUnderstood { original, why: unlike(&error) },
    };
    let delivery = match status.status.as_str() {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        // A voice message that was played was read.
        "read" | "played" => Delivery::Read,
        "failed" => {
            let reason = status.errors.first().map(super::send::reason);
            Delivery::Failed { reason: reason.unwrap_or_else(|| "the provider gave no reason".to_owned()) }
        }
        other => return Element::NotUnderstood { why: format!("the status {other:?}"), original },
    };
    Element::Receipt(Receipt {
        account: account.to_owned(),
        to: status.recipient_id.map(|value| (Channel::Whatsapp, Address { kind: AddressKind::Phone, value })),
        provider_id: status.id,
        ours: status.biz_opaque_callback_data,
        delivery,
        original,
    })
}

fn other(field: &str, value: &Value) -> Element {
    Element::NotUnderstood { original: call(field, value), why: format!("field {field:?}") }
}

/// Where it is not as documented. The values stay out of it: they may be somebody's words.
fn unlike(error: &serde_json::Error) -> String {
    format!("not as documented ({:?} at line {}, column {})", error.classify(), error.line(), error.column())
}

fn is_of(contact: &Contact, message: &Message) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&contact.wa_id, &message.from) || same(&contact.user_id, &message.from_user_id)
}

/// A query string's pairs, decoded.
fn form(query: &str) -> Vec<(String, String)> {
    reqwest::Url::parse(&format!("http://query/?{query}"))
        .map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
