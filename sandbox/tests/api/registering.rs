//! A number is registered only with a webhook that knows the verify token.

use gatehouse_sandbox::{Sandbox, StartError};
use reqwest::Method;
use serde_json::{Value, json};

use crate::business::Business;

#[tokio::test]
async fn a_webhook_that_does_not_know_the_token_is_refused() {
    let business = Business::start().await;
    let mut registration = serde_json::to_value(business.registration()).expect("JSON");
    registration["verify_token"] = json!("guessed");
    let (status, body) = business.control(Method::PUT, "/numbers/1", registration.clone()).await;
    let reason = "the callback answered 403 to the handshake, and only 200 will do";
    assert_eq!((status, body), (422, json!({"reason": reason})));

    registration["verify_token"] = json!(business.registration().verify_token);
    let (status, _) = business.control(Method::PUT, "/numbers/1", registration).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn numbers_are_listed_without_their_secrets() {
    let business = Business::start().await;
    let (_, body) = business.control(Method::GET, "/numbers", Value::Null).await;
    let expected = json!({
        "id": "106540352242922",
        "display_phone_number": "+1 555-078-3881",
        "waba": "102290129340398",
        "callback_url": business.callback_url,
    });
    assert_eq!(body, json!({"items": [expected]}));
}

#[tokio::test]
async fn the_sandbox_is_for_this_machine_only() {
    let outcome = Sandbox::start(([0, 0, 0, 0], 0).into());
    assert!(matches!(outcome, Err(StartError::NotLoopback(_))));
}
