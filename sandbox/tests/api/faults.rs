//! Things go wrong on demand.

use std::time::{Duration, Instant};

use gatehouse_sandbox::{Fault, FaultKind, WebhookFault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::business::{Business, PATIENCE};

async fn business_with(fault: Value) -> Business {
    let business = Business::start().await;
    business.clara_writes("Hello").await;
    let (status, _) = business.control(Method::POST, "/faults", fault).await;
    assert_eq!(status, 201);
    business
}

/// The status and the error's code of a text to Clara.
async fn send(business: &Business) -> (u16, Value) {
    let answer = business.send(&business.text_to_clara("Hello")).await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.expect("JSON")["error"]["code"].clone())
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let fault = json!({"on": "send", "fault": "status_429", "retry_after_s": 3});
    let business = business_with(fault).await;
    let answer = business.send(&business.text_to_clara("Hello")).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (429, b"3".as_slice()));
    assert!(business.sandbox.sent(&business.number).is_empty());
    assert_eq!(send(&business).await, (200, Value::Null));
}

#[tokio::test]
async fn meta_breaks_twice_and_recovers() {
    let business = business_with(json!({"on": "send", "fault": "status_500", "times": 2})).await;
    assert_eq!(send(&business).await, (500, json!(131000)));
    assert_eq!(send(&business).await, (500, json!(131000)));
    assert_eq!(send(&business).await, (200, Value::Null));
}

#[tokio::test]
async fn an_error_has_the_code_that_was_asked_for() {
    let business = business_with(json!({"on": "send", "fault": "error", "code": 131049})).await;
    assert_eq!(send(&business).await, (400, json!(131049)));
}

#[tokio::test]
async fn a_message_is_accepted_and_nobody_is_told() {
    let business = business_with(json!({"on": "send", "fault": "drop_after_accept"})).await;
    let outcome = business.send(&business.text_to_clara("Hello")).await;
    assert!(outcome.is_err_and(|error| error.is_request()));
    assert_eq!(business.sandbox.sent_at_least(&business.number, 1, PATIENCE).await.len(), 1);
    assert_eq!(business.states(3).await, ["sent", "delivered"]);
}

#[tokio::test]
async fn a_connection_breaks_before_the_message_is_accepted() {
    let business = business_with(json!({"on": "send", "fault": "drop_before_accept"})).await;
    let outcome = business.send(&business.text_to_clara("Hello")).await;
    assert!(outcome.is_err_and(|error| error.is_request()));
    assert!(business.sandbox.sent(&business.number).is_empty());
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_statuses() {
    let business = business_with(json!({"on": "send", "fault": "slow", "delay_ms": 300})).await;
    let since = Instant::now();
    let message = business.text_to_clara("Hello");
    let (answer, states) = tokio::join!(business.send(&message), business.states(3));
    assert_eq!(states, ["sent", "delivered"]);
    assert_eq!(answer.expect("an answer").status(), 200);
    assert!(since.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_message_fails_after_it_was_accepted() {
    let business = business_with(json!({"on": "send", "fault": "failed_status", "code": 131026})).await;
    assert_eq!(send(&business).await, (200, Value::Null));
    let values = business.values(2).await;
    let status = &values[1]["statuses"][0];
    assert_eq!((&status["status"], &status["errors"][0]["code"]), (&json!("failed"), &json!(131026)));
    assert_eq!((&values[1]["contacts"], &status["recipient_user_id"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_fault_of_another_customer_does_no_harm() {
    let fault = json!({"on": "send", "fault": "status_500", "customer": "4915100000000"});
    let business = business_with(fault).await;
    assert_eq!(send(&business).await, (200, Value::Null));
}

#[tokio::test]
async fn a_webhook_comes_twice() {
    let business = business_with(json!({"on": "webhook", "fault": "duplicate"})).await;
    send(&business).await;
    assert_eq!(business.states(4).await, ["sent", "sent", "delivered"]);
    assert_eq!(business.calls()[1], business.calls()[2]);
}

#[tokio::test]
async fn a_webhook_is_overtaken() {
    let business = business_with(json!({"on": "webhook", "fault": "reorder"})).await;
    send(&business).await;
    assert_eq!(business.states(3).await, ["delivered", "sent"]);
}

#[tokio::test]
async fn a_webhook_is_late() {
    let business = business_with(json!({"on": "webhook", "fault": "delay", "delay_ms": 200})).await;
    send(&business).await;
    assert_eq!(business.states(3).await, ["delivered", "sent"]);
}

#[tokio::test]
async fn withheld_statuses_come_when_the_faults_are_cleared() {
    let business = business_with(json!({"on": "webhook", "fault": "withhold_statuses", "times": 2})).await;
    send(&business).await;
    // Messages still come.
    business.clara_writes("Anybody there?").await;
    assert_eq!(business.states(2).await, Vec::<String>::new());
    let (status, _) = business.control(Method::DELETE, "/faults", Value::Null).await;
    assert_eq!(status, 204);
    assert_eq!(business.states(4).await, ["sent", "delivered"]);
}

#[tokio::test]
async fn faults_are_listed_until_they_have_happened() {
    let business = Business::start().await;
    let kind = FaultKind::Webhook(WebhookFault::Delay { delay_ms: 5 });
    business.sandbox.add_fault(Fault { kind, times: 2, customer: None });
    let list = async || business.control(Method::GET, "/faults", Value::Null).await.1;
    let fault = |times: u32| json!({"on": "webhook", "fault": "delay", "delay_ms": 5, "times": times});
    assert_eq!(list().await, json!({"items": [fault(2)]}));
    business.clara_writes("Hello").await;
    assert_eq!(list().await, json!({"items": [fault(1)]}));
    business.clara_writes("Hello").await;
    assert_eq!(list().await, json!({"items": []}));
}

#[tokio::test]
async fn a_misspelt_fault_is_refused() {
    let business = Business::start().await;
    let (status, _) = business.control(Method::POST, "/faults", json!({"on": "send", "fault": "explode"})).await;
    assert_eq!(status, 400);
}
