//! A customer writes to a business.

use gatehouse_sandbox::{CustomerMessage, Direction, MessageState, UserId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::business::{Business, PATIENCE};

#[tokio::test]
async fn a_text_arrives_signed_and_in_ascii() {
    let business = Business::start().await;
    let message = CustomerMessage {
        text: Some("Grüße 😀 1/2".to_owned()),
        name: Some("Clara".to_owned()),
        user_id: Some(UserId::from("DE.1")),
        ..CustomerMessage::default()
    };
    let id = business.sandbox.write(&business.number, &business.clara, message).expect("she can");
    let value = business.values(1).await.remove(0);
    assert!(business.calls()[0].body.contains(r"Gr\u00fc\u00dfe \ud83d\ude00 1\/2"));
    let expected = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Clara"}, "wa_id": "4915112345678", "user_id": "DE.1"}],
        "messages": [{
            "id": id,
            "from": "4915112345678",
            "from_user_id": "DE.1",
            "timestamp": value["messages"][0]["timestamp"],
            "type": "text",
            "text": {"body": "Grüße 😀 1/2"},
        }],
    });
    assert_eq!(value, expected);
}

#[tokio::test]
async fn a_hidden_phone_number_is_nowhere_to_be_found() {
    let business = Business::start().await;
    let message = CustomerMessage {
        text: Some("Hello".to_owned()),
        name: Some("Clara".to_owned()),
        without_phone: true,
        ..CustomerMessage::default()
    };
    business.sandbox.write(&business.number, &business.clara, message).expect("she can");
    let value = business.values(1).await.remove(0);
    let user_id = value["contacts"][0]["user_id"].clone();
    let answer = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": user_id,
        "type": "text",
        "text": {"body": "Hello to you"},
    });
    assert_eq!(business.send(&answer).await.expect("an answer").status(), 200);
    assert_eq!(business.states(3).await, ["sent", "delivered"]);
    assert!(business.calls().iter().all(|call| !call.body.contains("4915112345678")));
}

#[tokio::test]
async fn every_type_has_a_part_of_its_name() {
    let business = Business::start().await;
    business.clara_writes("Hello").await;
    business.send(&business.text_to_clara("Hello")).await.expect("an answer");
    let kinds = ["image", "sticker", "audio", "location", "contacts", "reaction", "interactive", "unsupported"];
    for kind in kinds {
        let message = CustomerMessage { kind: Some(kind.to_owned()), ..CustomerMessage::default() };
        business.sandbox.write(&business.number, &business.clara, message).expect("she can");
    }
    let values = business.values(3 + kinds.len()).await;
    for (value, kind) in values[3..].iter().zip(kinds) {
        assert_eq!(value["messages"][0]["type"], kind);
        assert!(!value["messages"][0][kind].is_null(), "{kind}");
    }
}

#[tokio::test]
async fn a_message_is_pending_until_the_business_took_it() {
    let business = Business::start().await;
    // The first try, the one at once, and the first after a delay.
    business.answer_next_with(&[500, 202, 503]);
    let message = CustomerMessage { text: Some("Hello".to_owned()), ..CustomerMessage::default() };
    business.sandbox.write(&business.number, &business.clara, message).expect("she can");
    let state = || {
        let messages = business.sandbox.conversation(&business.number, &business.clara).expect("there is one");
        messages.iter().map(|message| (message.direction, message.state, message.ticks)).collect::<Vec<_>>()
    };
    assert_eq!(state(), [(Direction::Inbound, MessageState::Pending, 1)]);
    let values = business.values(4).await;
    assert!(values.iter().all(|value| *value == values[0]));
    let taken = async {
        while state() != [(Direction::Inbound, MessageState::Delivered, 2)] {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.expect("the fourth try is taken");
}

#[tokio::test]
async fn messages_of_one_customer_arrive_in_order() {
    let business = Business::start().await;
    let texts: Vec<String> = (0..50).map(|count| count.to_string()).collect();
    for text in &texts {
        let message = CustomerMessage { text: Some(text.clone()), ..CustomerMessage::default() };
        business.sandbox.write(&business.number, &business.clara, message).expect("she can");
    }
    let values = business.values(50).await;
    let arrived: Vec<_> = values.iter().map(|value| value["messages"][0]["text"]["body"].clone()).collect();
    assert_eq!(arrived, texts);
}

#[tokio::test]
async fn nonsense_is_refused() {
    let business = Business::start().await;
    let write = async |customer: &str, body: Value| {
        let path = format!("/numbers/106540352242922/customers/{customer}/messages");
        business.control(Method::POST, &path, body).await.0
    };
    assert_eq!(write("4915112345678", json!({"text": " "})).await, 422);
    assert_eq!(write("4915112345678", json!({"type": "telepathy"})).await, 422);
    assert_eq!(write("+4915112345678", json!({"text": "Hello"})).await, 422);
    assert_eq!(business.control(Method::GET, "/numbers/999/sent", Value::Null).await.0, 404);
}

#[tokio::test]
async fn the_business_marks_a_message_as_read() {
    let business = Business::start().await;
    let id = business.clara_writes("Hello").await;
    let mark = json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});
    let answer = business.send(&mark).await.expect("an answer");
    assert_eq!(answer.json::<Value>().await.expect("JSON"), json!({"success": true}));
    let messages = business.sandbox.conversation(&business.number, &business.clara).expect("there is one");
    assert_eq!(messages[0].state, MessageState::Read);
}

#[tokio::test]
async fn a_body_of_ones_own_is_delivered_as_it_is() {
    let business = Business::start().await;
    business.answer_next_with(&[401]);
    let forged = json!({"body": "{\"forged\":true}", "signed": false});
    let answer = business.control(Method::POST, "/numbers/106540352242922/webhooks", forged).await;
    assert_eq!(answer, (200, json!({"status": 401})));
    assert_eq!(business.calls()[0].body, "{\"forged\":true}");
    assert_eq!(business.calls()[0].signature, None);
    assert_eq!(business.sandbox.post_webhook(&business.number, "{}", true).await.expect("taken"), 200);
}
