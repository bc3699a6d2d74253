//! What Meta objects to.

use serde_json::json;

use super::*;

fn message() -> Value {
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+4915112345678",
        "type": "text",
        "text": {"body": "Good morning"},
    })
}

/// The code under which the message is refused once `field` is `value`, or is gone when that is null.
fn refused_with(field: &str, value: Value) -> Option<u32> {
    let mut message = message();
    message[field] = value;
    parse(&message).err().map(|error| error.code)
}

#[test]
fn a_text_is_accepted() {
    let expected = Send {
        to: Recipient::Phone("+4915112345678".to_owned()),
        content: Content::Text("Good morning".to_owned()),
        callback_data: None,
    };
    assert_eq!(parse(&message()), Ok(Request::Send(expected)));
}

#[test]
fn nothing_required_may_be_missing() {
    for field in ["messaging_product", "recipient_type", "to", "type"] {
        assert_eq!(refused_with(field, Value::Null), Some(100), "{field}");
    }
    assert_eq!(refused_with("text", Value::Null), Some(131008));
    assert_eq!(refused_with("text", json!({})), Some(131008));
    assert_eq!(parse(&json!([])).err().map(|error| error.code), Some(100));
}

#[test]
fn a_text_is_neither_blank_nor_endless() {
    assert_eq!(refused_with("text", json!({"body": " \n"})), Some(131009));
    assert_eq!(refused_with("text", json!({"body": 5})), Some(100));
    assert_eq!(refused_with("text", json!({"body": "é".repeat(4096)})), None);
    assert_eq!(refused_with("text", json!({"body": "é".repeat(4097)})), Some(100));
    assert_eq!(refused_with("text", json!({"body": "hi", "preview_url": "yes"})), Some(100));
}

#[test]
fn values_have_their_types_and_their_words() {
    assert_eq!(refused_with("messaging_product", json!("WhatsApp")), Some(100));
    assert_eq!(refused_with("recipient_type", json!("group")), Some(100));
    assert_eq!(refused_with("to", json!(4915112345678_u64)), Some(100));
    assert_eq!(refused_with("type", json!("image")), Some(131051));
    assert_eq!(refused_with("context", json!({"message_id": "17"})), Some(131009));
}

#[test]
fn our_own_data_comes_along_up_to_a_length() {
    assert_eq!(refused_with("biz_opaque_callback_data", json!("x".repeat(512))), None);
    assert_eq!(refused_with("biz_opaque_callback_data", json!("x".repeat(513))), Some(100));
}

#[test]
fn the_phone_number_wins_over_the_user_id() {
    let mut both = message();
    both["recipient"] = json!("US.13491208655302741918");
    assert_eq!(parse(&both), parse(&message()));
    both["to"] = Value::Null;
    let Ok(Request::Send(send)) = parse(&both) else { panic!("a user id will do") };
    assert_eq!(send.to, Recipient::UserId("US.13491208655302741918".to_owned()));
}

#[test]
fn a_template_has_a_name_and_a_language() {
    let mut message = message();
    message["type"] = json!("template");
    let mut code = |template: Value| {
        message["template"] = template;
        parse(&message).err().map(|error| error.code)
    };
    assert_eq!(code(json!({"name": "hello_world", "language": {"code": "en_US"}})), None);
    assert_eq!(code(json!({"name": "hello_world"})), Some(131008));
    assert_eq!(code(json!({"language": {"code": "en_US"}})), Some(131008));
    assert_eq!(code(json!({"name": "Hello World", "language": {"code": "en_US"}})), Some(132001));
    let footer = json!([{"type": "footer"}]);
    assert_eq!(code(json!({"name": "hello", "language": {"code": "de"}, "components": footer})), Some(131009));
}

#[test]
fn a_message_is_marked_as_read() {
    let mark = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"});
    assert_eq!(parse(&mark), Ok(Request::MarkRead(Wamid::from("wamid.1"))));
}
