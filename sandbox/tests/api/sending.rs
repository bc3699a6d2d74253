//! A business sends a message.

use reqwest::Method;
use serde_json::{Value, json};

use crate::business::Business;

#[tokio::test]
async fn a_text_is_sent_delivered_and_read() {
    let business = Business::start().await;
    business.clara_writes("Are you open?").await;
    let answer = business.send(&business.text_to_clara("Until eight.")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.expect("JSON");
    let id = answer["messages"][0]["id"].clone();
    let contact = json!({"input": "+4915112345678", "wa_id": "4915112345678"});
    let expected = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id}]});
    assert_eq!(answer, expected);

    assert_eq!(business.states(3).await, ["sent", "delivered"]);
    business.sandbox.read(&business.number, &business.clara).expect("she can");
    assert_eq!(business.states(4).await, ["sent", "delivered", "read"]);
    for value in &business.values(4).await[1..] {
        let status = &value["statuses"][0];
        assert_eq!(status["id"], id);
        assert_eq!(status["recipient_id"], "4915112345678");
        assert_eq!(status["biz_opaque_callback_data"], "ours");
        assert!(status["timestamp"].is_string());
    }

    let sent = &business.sandbox.sent(&business.number)[0];
    assert_eq!((sent.text.as_deref(), sent.to.as_str()), (Some("Until eight."), "+4915112345678"));
    assert_eq!(sent.biz_opaque_callback_data.as_deref(), Some("ours"));
}

#[tokio::test]
async fn only_whoever_holds_the_token_may_send() {
    let business = Business::start().await;
    let send = async |number: &str, token: &str| {
        let url = format!("{}/v25.0/{number}/messages", business.sandbox.url());
        let message = business.text_to_clara("Hello");
        let answer = business.http.post(url).bearer_auth(token).json(&message).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        (status, body["error"]["code"].clone(), body["error"]["error_subcode"].clone())
    };
    assert_eq!(send("106540352242922", "stolen").await, (401, json!(190), Value::Null));
    assert_eq!(send("999", "EAAB").await, (400, json!(100), json!(33)));
}

#[tokio::test]
async fn a_refusal_is_worded_as_meta_words_it() {
    let business = Business::start().await;
    let answer = business.send(&business.text_to_clara("Hello")).await.expect("an answer");
    assert_eq!(answer.status(), 400);
    let mut body: Value = answer.json().await.expect("JSON");
    body["error"]["fbtrace_id"].take();
    let error = json!({
        "message": "(#131026) Message undeliverable",
        "type": "OAuthException",
        "code": 131026,
        "error_data": {"messaging_product": "whatsapp", "details": "Message undeliverable."},
        "fbtrace_id": null,
    });
    assert_eq!(body, json!({"error": error}));
}

#[tokio::test]
async fn the_window_closes_a_day_after_the_customer_wrote() {
    let business = Business::start().await;
    let path = "/numbers/106540352242922/customers/4915112345678/messages";
    let long_ago = json!({"text": "Hi", "age_s": 24 * 60 * 60});
    let (status, _) = business.control(Method::POST, path, long_ago).await;
    assert_eq!(status, 202);
    let answer = business.send(&business.text_to_clara("Hello")).await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["error"]["code"], 131047);

    let mut template = business.text_to_clara("");
    template["type"] = json!("template");
    template["template"] = json!({"name": "still_there", "language": {"code": "en"}});
    assert_eq!(business.send(&template).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn what_is_not_called_json_is_not_looked_into() {
    let business = Business::start().await;
    let url = format!("{}/v25.0/{}/messages", business.sandbox.url(), business.number);
    let body = business.text_to_clara("Hello").to_string();
    let answer = business.http.post(url).bearer_auth("EAAB").body(body).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["error"]["message"], "(#100) The parameter messaging_product is required.");
}

#[tokio::test]
async fn a_path_without_a_version_is_unknown() {
    let business = Business::start().await;
    let url = format!("{}/{}/messages", business.sandbox.url(), business.number);
    let answer = business.http.post(url).bearer_auth("EAAB").json(&json!({})).send().await.expect("an answer");
    assert_eq!(answer.status(), 404);
}
