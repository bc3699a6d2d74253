//! What a customer can send besides text, each in the smallest shape Meta gives it.

use serde_json::{Value, json};

use crate::ids::Wamid;

/// Builds the part of a message that is named by its type, or nothing when no customer can send that type.
///
/// `about` is the message a reaction or a button answers.
pub fn content(kind: &str, text: Option<&str>, about: Option<&Wamid>) -> Option<Value> {
    let mut content = match kind {
        "text" => json!({"body": text.unwrap_or_default()}),
        "image" => media("image/jpeg"),
        "video" => media("video/mp4"),
        "document" => media("application/pdf"),
        "audio" => with(media("audio/ogg; codecs=opus"), "voice", json!(true)),
        "sticker" => with(media("image/webp"), "animated", json!(false)),
        "location" => json!({"latitude": 52.520008, "longitude": 13.404954}),
        "contacts" => json!([{"name": {"formatted_name": text.unwrap_or("Kim Doe"), "first_name": "Kim"}}]),
        "reaction" => json!({"message_id": about?, "emoji": text.unwrap_or("👍")}),
        "button" => json!({"payload": text.unwrap_or("yes"), "text": text.unwrap_or("Yes")}),
        "interactive" => {
            json!({"type": "button_reply", "button_reply": {"id": "yes", "title": text.unwrap_or("Yes")}})
        }
        "unsupported" => json!({"type": "unknown"}),
        _ => return None,
    };
    if let ("image" | "video" | "document", Some(caption)) = (kind, text) {
        content["caption"] = json!(caption);
    }
    Some(content)
}

/// Whether a message of this type opens the window in which the business may answer freely.
pub fn opens_window(kind: &str) -> bool {
    kind != "reaction"
}

fn media(mime_type: &str) -> Value {
    // The hash of nothing, in base64: there is no file behind this id.
    json!({"id": "1003383421387256", "mime_type": mime_type, "sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="})
}

fn with(mut content: Value, field: &str, value: Value) -> Value {
    content[field] = value;
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_carries_its_caption() {
        let content = content("image", Some("our cat"), None).expect("images can be sent");
        assert_eq!(content["caption"], "our cat");
        assert_eq!(content["mime_type"], "image/jpeg");
    }

    #[test]
    fn nobody_reacts_to_nothing() {
        assert_eq!(content("reaction", None, None), None);
        let seen = Wamid::from("wamid.1");
        assert_eq!(content("reaction", None, Some(&seen)), Some(json!({"message_id": "wamid.1", "emoji": "👍"})));
    }

    #[test]
    fn an_invented_type_is_not_made() {
        assert_eq!(content("telepathy", None, None), None);
    }
}
