//! The bodies of webhooks, as Meta writes them.

use serde_json::{Map, Value, json};

use crate::clock::now_ms;
use crate::courier::{Carries, Delivery};
use crate::graph::GraphError;
use crate::ids::{UserId, WaId, Wamid};
use crate::number::{Customer, Message, Number, Outbound};
use crate::signature::meta_json;

/// What a status says about a message.
pub enum Status {
    Sent,
    Delivered,
    Read,
    Failed(GraphError),
}

/// The webhook that tells of the customer's newest message.
pub fn message_delivery(number: &Number, wa_id: &WaId, content: Value) -> Option<Delivery> {
    let customer = number.customers.get(wa_id)?;
    let message = customer.messages.last()?;
    let body = message_body(number, customer, message, content);
    Some(delivery(number, customer, body, Carries::Message(message.id.clone())))
}

/// The webhook that tells how far a message to this customer has come.
pub fn status_delivery(
    number: &Number,
    wa_id: &WaId,
    id: &Wamid,
    outbound: &Outbound,
    status: Status,
) -> Option<Delivery> {
    let customer = number.customers.get(wa_id)?;
    let body = status_body(number, customer, id, outbound, status, now_ms());
    Some(delivery(number, customer, body, Carries::Status))
}

fn delivery(number: &Number, customer: &Customer, body: String, carries: Carries) -> Delivery {
    Delivery { number: number.id.clone(), customer: customer.wa_id.clone(), body, carries }
}

/// Tells the business what a customer wrote. `content` is the part named by the message's type.
fn message_body(number: &Number, customer: &Customer, message: &Message, content: Value) -> String {
    let mut entry = json!({
        "id": message.id,
        "timestamp": seconds(message.at_ms),
        "type": message.kind,
        "from_user_id": customer.user_id,
    });
    entry[&message.kind] = content;
    if message.kind == "unsupported" {
        // Meta says why in errors, beside an object that names what it could not pass on.
        entry["errors"] = json!([GraphError::of(131051, "Message type is currently not supported.").in_webhook()]);
    }
    if !customer.hides_phone {
        entry["from"] = json!(customer.wa_id);
    }
    envelope(number, json!({"contacts": [contact(customer)], "messages": [entry]}))
}

/// Tells the business how far one of its messages has come.
fn status_body(
    number: &Number,
    customer: &Customer,
    id: &Wamid,
    outbound: &Outbound,
    status: Status,
    at_ms: u64,
) -> String {
    let mut entry = json!({"id": id, "timestamp": seconds(at_ms), "status": status.name()});
    if outbound.addressed_by_phone || !customer.hides_phone {
        entry["recipient_id"] = json!(customer.wa_id);
    }
    if let Some(data) = &outbound.callback_data {
        entry["biz_opaque_callback_data"] = json!(data);
    }
    match status {
        Status::Failed(error) => {
            entry["errors"] = json!([error.in_webhook()]);
            // A failed status names the user id only if the message was addressed to it, and leaves the contacts out.
            if !outbound.addressed_by_phone {
                entry["recipient_user_id"] = json!(customer.user_id);
            }
            return envelope(number, json!({"statuses": [entry]}));
        }
        // The price stands in one of the two, and here always in this one.
        Status::Delivered => entry["pricing"] = pricing(outbound.category),
        Status::Sent | Status::Read => {}
    }
    entry["recipient_user_id"] = json!(customer.user_id);
    envelope(number, json!({"contacts": [contact(customer)], "statuses": [entry]}))
}

impl Status {
    fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed(_) => "failed",
        }
    }
}

fn envelope(number: &Number, mut value: Value) -> String {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({"display_phone_number": number.digits(), "phone_number_id": number.id});
    meta_json(&json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": number.registration.waba, "changes": [{"field": "messages", "value": value}]}],
    }))
}

fn contact(customer: &Customer) -> Value {
    let mut contact = Map::new();
    contact.insert("profile".to_owned(), profile(&customer.name, &customer.user_id, customer.hides_phone));
    contact.insert("user_id".to_owned(), json!(customer.user_id));
    if !customer.hides_phone {
        contact.insert("wa_id".to_owned(), json!(customer.wa_id));
    }
    Value::Object(contact)
}

fn profile(name: &str, user_id: &UserId, hides_phone: bool) -> Value {
    if hides_phone {
        let username = user_id.0.to_lowercase().replace('.', "_");
        return json!({"name": name, "username": username});
    }
    json!({"name": name})
}

fn pricing(category: &str) -> Value {
    let free = category == "service";
    json!({
        "billable": !free,
        "pricing_model": "PMP",
        "type": if free { "free_customer_service" } else { "regular" },
        "category": category,
    })
}

/// Meta writes times in whole seconds, as text.
fn seconds(at_ms: u64) -> String {
    (at_ms / 1000).to_string()
}
