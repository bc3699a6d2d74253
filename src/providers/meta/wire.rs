//! Meta's JSON, field for field. Phone numbers can be absent since 2026: people with a username are known by user id.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub struct Webhook {
    pub object: String,
    pub entry: Vec<Entry>,
}

#[derive(Deserialize)]
pub struct Entry {
    #[serde(default)]
    pub changes: Vec<Change>,
}

#[derive(Deserialize)]
pub struct Change {
    pub field: String,
    pub value: Value,
}

/// `value` of a `messages` change. The elements stay raw, so that one we do not understand spoils no other.
#[derive(Deserialize)]
pub struct Messages {
    pub metadata: Metadata,
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub messages: Vec<Value>,
    #[serde(default)]
    pub statuses: Vec<Value>,
    /// Errors beside messages, of the account as a whole.
    #[serde(default)]
    pub errors: Vec<Value>,
}

#[derive(Deserialize)]
pub struct Metadata {
    pub phone_number_id: String,
}

#[derive(Deserialize)]
pub struct Contact {
    pub profile: Option<Profile>,
    pub wa_id: Option<String>,
    pub user_id: Option<String>,
}

#[derive(Deserialize)]
pub struct Profile {
    pub name: Option<String>,
}

#[derive(Deserialize)]
pub struct Message {
    pub id: String,
    /// Unix seconds, as a string.
    pub timestamp: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub from: Option<String>,
    pub from_user_id: Option<String>,
    pub text: Option<Text>,
}

#[derive(Deserialize)]
pub struct Text {
    pub body: String,
}

#[derive(Deserialize)]
pub struct Status {
    pub id: String,
    pub status: String,
    pub recipient_id: Option<String>,
    pub biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    pub errors: Vec<Problem>,
}

#[derive(Deserialize)]
pub struct Problem {
    pub code: i64,
    pub title: Option<String>,
    pub message: Option<String>,
}

/// The answer to a send.
#[derive(Deserialize)]
pub struct Accepted {
    pub messages: Vec<AcceptedMessage>,
}

#[derive(Deserialize)]
pub struct AcceptedMessage {
    pub id: String,
}

#[derive(Deserialize)]
pub struct Refused {
    pub error: Problem,
}
