//! How Meta writes and signs the body of a webhook.

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Signs the raw bytes of a body, as the header `X-Hub-Signature-256` carries it.
pub fn sign(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hmac_hex(app_secret, body))
}

/// Makes the proof that whoever holds the access token holds the app's secret too.
pub fn app_secret_proof(app_secret: &str, access_token: &str) -> String {
    hmac_hex(app_secret, access_token.as_bytes())
}

fn hmac_hex(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// Writes JSON byte for byte as Meta does: ASCII only, with every slash escaped.
///
/// Whoever parses and writes the body again before checking the signature gets other bytes, and is found out.
pub fn meta_json(value: &Value) -> String {
    let mut text = String::new();
    // Slashes and letters beyond ASCII occur in JSON within strings only, so they are escaped wherever they stand.
    for letter in value.to_string().chars() {
        match letter {
            '/' => text.push_str("\\/"),
            ascii if ascii.is_ascii() => text.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_real_webhook_of_meta_has_this_signature() {
        let body = r#"{"object":"whatsapp_business_account","entry":[{"id":"264937493375603","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550953877","phone_number_id":"277321005464405"},"contacts":[{"profile":{"name":"PyWa Tests"},"wa_id":"972544401243"}],"messages":[{"from":"972544401243","id":"wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA","timestamp":"1730231903","text":{"body":"Hey there! I am using PyWa."},"type":"text"}]},"field":"messages"}]}]}"#;
        assert_eq!(
            sign("1222e786b144d0e85b9f365372d93676", body.as_bytes()),
            "sha256=54edfa1d7259e0eb13c677cc7d73d1b5c86cfa12433d19156e058ab9251bc441"
        );
    }

    #[test]
    fn the_same_text_in_other_bytes_has_another_signature() {
        let escaped = meta_json(&json!({"text": "é😀"}));
        assert_eq!(escaped, r#"{"text":"\u00e9\ud83d\ude00"}"#);
        assert_eq!(
            sign("s3cr3t", escaped.as_bytes()),
            "sha256=5ee1ca4da722ace36a180ebf21c9580d323fb418dc347956fe96858d017665db"
        );
        assert_eq!(
            sign("s3cr3t", r#"{"text":"é😀"}"#.as_bytes()),
            "sha256=2fc97e7cc3c4b0d301a77e6c7520723370e758e9819acde69204b2980705db35"
        );
        assert_eq!(sign("s3cr3t", b""), "sha256=3c81cc9496e1c25250f6ccb85f697c1bb623e3480d6538ad8cb6a6648142777d");
    }

    #[test]
    fn slashes_are_escaped_and_quotes_are_left_to_json() {
        assert_eq!(meta_json(&json!({"a": "</b> \"\n"})), r#"{"a":"<\/b> \"\n"}"#);
    }

    #[test]
    fn the_proof_is_keyed_with_the_secret() {
        assert_eq!(
            app_secret_proof("s3cr3t", "EAAB_token"),
            "390bd78b9a7c3c674f1d95e9b110fe52dce68ff95d6a7f106cf75d4b5850aa9a"
        );
    }
}
