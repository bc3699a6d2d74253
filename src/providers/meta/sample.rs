//! A call as WhatsApp makes it, signed: what a bench sends to our own server.

use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::receive::{SIGNATURE_HEADER, SIGNATURE_PREFIX};
use crate::providers::{SampleCall, SampleMessage};

/// The call that brings one text.
pub fn call(message: &SampleMessage<'_>, secret: &str) -> SampleCall {
    let sent_at = message.sent_at.timestamp().to_string();
    let text = json!({
        "from": message.phone, "id": message.provider_id, "timestamp": sent_at, "type": "text",
        "text": {"body": message.text},
    });
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": message.account, "phone_number_id": message.account},
        "contacts": [{"profile": {"name": "A Customer"}, "wa_id": message.phone}],
        "messages": [text],
    });
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": message.account, "changes": [{"value": value, "field": "messages"}]}],
    });
    let body = body.to_string();
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).expect("any length of key is valid");
    mac.update(body.as_bytes());
    let signature = format!("{SIGNATURE_PREFIX}{}", hex::encode(mac.finalize().into_bytes()));
    SampleCall { header: (SIGNATURE_HEADER, signature), body }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use crate::providers::meta::config::APP_SECRET;
    use crate::providers::{Element, HttpCall, Received, SampleMessage, Secrets, sample_call};

    #[test]
    fn a_sample_is_verified_and_read_like_the_real_thing() {
        let sent_at = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
        let message = SampleMessage { account: "1", phone: "15550001", provider_id: "m1", sent_at, text: "hello" };
        let sample = sample_call(&message, "secret");
        let secrets: Secrets = BTreeMap::from([(APP_SECRET.to_owned(), "secret".to_owned().into())]);
        let header = |name: &str| (name == sample.header.0).then(|| sample.header.1.clone());
        let call = HttpCall { method: "POST", query: "", header: &header, body: sample.body.as_bytes() };
        let received = super::super::receive::receive(&call, &secrets);
        let Received::Elements(elements) = received else { panic!("{received:?}") };
        let [Element::Message(read)] = elements.as_slice() else { panic!("{elements:?}") };
        assert_eq!((read.provider_id.as_str(), read.text.as_deref(), read.sent_at), ("m1", Some("hello"), sent_at));
    }
}
