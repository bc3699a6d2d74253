//! Webhooks of our own making: the bytes, the signature, and one call.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The callback of one connection, and what the provider knows to call it.
#[derive(Clone)]
pub struct Hook {
    pub http: reqwest::Client,
    pub url: String,
    pub secret: String,
    pub account: String,
}

/// Who a message is from, as the provider tells it.
#[derive(Clone, Default)]
pub struct From {
    pub phone: Option<String>,
    pub user: Option<String>,
}

impl From {
    pub fn phone(phone: &str) -> Self {
        Self { phone: Some(phone.to_owned()), user: None }
    }

    pub fn user(user: &str) -> Self {
        Self { phone: None, user: Some(user.to_owned()) }
    }

    pub fn both(phone: &str, user: &str) -> Self {
        Self { phone: Some(phone.to_owned()), user: Some(user.to_owned()) }
    }
}

impl Hook {
    /// Posts a body with the right signature and gives the status of the answer.
    pub async fn post(&self, body: &str) -> u16 {
        self.try_post(body).await.unwrap()
    }

    /// The same, while the server may be gone.
    pub async fn try_post(&self, body: &str) -> reqwest::Result<u16> {
        self.post_signed_as(body, Some(&sign(&self.secret, body))).await
    }

    /// Posts a body with any signature or none.
    pub async fn post_signed_as(&self, body: &str, signature: Option<&str>) -> reqwest::Result<u16> {
        let mut call = self.http.post(&self.url).header("Content-Type", "application/json").body(body.to_owned());
        if let Some(signature) = signature {
            call = call.header("X-Hub-Signature-256", signature);
        }
        Ok(call.send().await?.status().as_u16())
    }

    /// The webhook that tells of a text a customer wrote just now.
    pub fn text(&self, from: &From, id: &str, text: &str) -> String {
        let mut contact = json!({"profile": {"name": "Clara"}});
        let mut message = json!({"id": id, "timestamp": now_s().to_string(), "type": "text", "text": {"body": text}});
        if let Some(phone) = &from.phone {
            (contact["wa_id"], message["from"]) = (json!(phone), json!(phone));
        }
        if let Some(user) = &from.user {
            (contact["user_id"], message["from_user_id"]) = (json!(user), json!(user));
        }
        self.envelope(json!({"contacts": [contact], "messages": [message]}))
    }

    /// The webhook that tells how far a message of ours has come.
    pub fn status(&self, id: &str, status: &str, ours: &str) -> String {
        self.envelope(json!({"statuses": [
            {"id": id, "status": status, "timestamp": now_s().to_string(), "biz_opaque_callback_data": ours}
        ]}))
    }

    /// What several webhooks tell, in one call.
    pub fn together(&self, calls: &[String]) -> String {
        let entries = calls.iter().map(|call| serde_json::from_str::<Value>(call).unwrap()["entry"][0].take());
        json!({"object": "whatsapp_business_account", "entry": entries.collect::<Vec<_>>()}).to_string()
    }

    fn envelope(&self, mut value: Value) -> String {
        value["messaging_product"] = json!("whatsapp");
        value["metadata"] = json!({"display_phone_number": "15550783881", "phone_number_id": self.account});
        let changes = json!([{"field": "messages", "value": value}]);
        json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]})
            .to_string()
    }
}

/// The header that says who wrote the body.
pub fn sign(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
