//! Decides whether Meta accepts a message that is shaped right, and books it when it does.

use serde_json::{Value, json};

use super::GraphError;
use super::phone_number::reached;
use super::request::{Content, Recipient, Send};
use crate::ids::{WaId, Wamid};
use crate::number::{Customer, Message, MessageState, Number, Outbound, Sent, Way};

const WINDOW_MS: u64 = 24 * 60 * 60 * 1000;
/// One message in six seconds to one person, of which 45 may be borrowed at once.
const PAIR_INTERVAL_MS: u64 = 6000;
const PAIR_BURST: u64 = 45;

/// A message that was accepted.
pub struct Accepted {
    pub id: Wamid,
    pub outbound: Outbound,
    pub answer: Value,
}

/// Finds the person a message is for.
pub fn find_recipient(number: &Number, to: &Recipient) -> Result<WaId, GraphError> {
    match to {
        Recipient::Phone(written) => {
            let wa_id = reached(written, &number.digits())
                .ok_or_else(|| GraphError::of(131009, "Param to is not a phone number."))?;
            if wa_id.0 == number.digits() {
                return Err(GraphError::of(131021, "The sender and the recipient are the same."));
            }
            let known = number.customers.contains_key(&wa_id);
            known.then(|| wa_id.clone()).ok_or_else(|| undeliverable(written, &wa_id))
        }
        Recipient::UserId(user_id) => number
            .customers
            .values()
            .find(|customer| customer.user_id.0 == *user_id)
            .map(|customer| customer.wa_id.clone())
            .ok_or_else(|| GraphError::of(131026, "Nobody has this user id here.")),
    }
}

/// Books the message for the person it is for, unless a rule of Meta's forbids it.
pub fn accept(number: &mut Number, wa_id: &WaId, send: Send, now_ms: u64) -> Result<Accepted, GraphError> {
    let limited = number.registration.pair_rate_limit;
    let customer = number.meet(wa_id);
    let (kind, text, category) = match send.content {
        Content::Text(text) => {
            require_window(customer, now_ms)?;
            ("text", text, "service")
        }
        Content::Template { name, parameters } => ("template", shown(&name, &parameters), "utility"),
    };
    if limited {
        take_pair_turn(customer, now_ms)?;
    }

    let id = Wamid::mint();
    let addressed_by_phone = matches!(send.to, Recipient::Phone(_));
    let outbound = Outbound { callback_data: send.callback_data.clone(), addressed_by_phone, category };
    customer.messages.push(Message {
        id: id.clone(),
        kind: kind.to_owned(),
        text: Some(text.clone()),
        at_ms: now_ms,
        state: MessageState::Sent,
        way: Way::Outbound(outbound.clone()),
    });
    let (input, contact) = match send.to {
        Recipient::Phone(phone) => (phone.clone(), json!({"input": phone, "wa_id": wa_id})),
        Recipient::UserId(user_id) => (user_id.clone(), json!({"input": user_id, "user_id": user_id})),
    };
    number.sent.push(Sent {
        id: id.clone(),
        to: input,
        kind: kind.to_owned(),
        text: Some(text),
        biz_opaque_callback_data: send.callback_data,
        at_ms: now_ms,
    });
    let mut message = json!({"id": id});
    if kind == "template" {
        message["message_status"] = json!("accepted");
    }
    let answer = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]});
    Ok(Accepted { id, outbound, answer })
}

fn require_window(customer: &Customer, now_ms: u64) -> Result<(), GraphError> {
    match customer.last_wrote_at_ms {
        Some(wrote_at_ms) if now_ms < wrote_at_ms + WINDOW_MS => Ok(()),
        _ => Err(GraphError::of(
            131047,
            "Message failed to send because more than 24 hours have passed since the customer last replied to this \
             number.",
        )),
    }
}

fn take_pair_turn(customer: &mut Customer, now_ms: u64) -> Result<(), GraphError> {
    let free_at_ms = customer.pair_free_at_ms.max(now_ms);
    if free_at_ms - now_ms > (PAIR_BURST - 1) * PAIR_INTERVAL_MS {
        return Err(GraphError::of(131056, "Too many messages to the same person in a short time."));
    }
    customer.pair_free_at_ms = free_at_ms + PAIR_INTERVAL_MS;
    Ok(())
}

fn undeliverable(written: &str, reached: &WaId) -> GraphError {
    if written.trim().starts_with('+') {
        return GraphError::of(131026, "Message undeliverable.");
    }
    // The sandbox says more than Meta here: whoever meets this is looking for a forgotten plus.
    let details = format!("Message undeliverable. Without a plus the number was taken for +{reached}.");
    GraphError::of(131026, &details)
}

fn shown(name: &str, parameters: &[String]) -> String {
    if parameters.is_empty() { format!("[{name}]") } else { format!("[{name}] {}", parameters.join(" · ")) }
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
