//! Sockets: what is no request, who is not let in, and how it ends.

use serde_json::{Value, json};

use crate::desk::{Desk, Lost};
use crate::hook::From;
use crate::world::{CLARA, World};

#[tokio::test]
async fn nonsense_gets_its_code_and_the_socket_still_answers() {
    let world = World::start().await;
    let mut desk = world.quiet_desk(&world.anna.api).await;
    for (frame, code, id) in [
        ("{", -32_700, Value::Null),
        ("", -32_700, Value::Null),
        ("hello", -32_700, Value::Null),
        ("[]", -32_600, Value::Null),
        ("5", -32_600, Value::Null),
        (r#"{"jsonrpc":"1.0","id":7,"method":"desk.subscribe"}"#, -32_600, json!(7)),
        (r#"{"jsonrpc":"2.0","id":"a","params":{}}"#, -32_600, json!("a")),
        (r#"{"jsonrpc":"2.0","id":8,"method":"desk.dance"}"#, -32_601, json!(8)),
        (r#"{"jsonrpc":"2.0","id":9,"method":"offer.accept","params":{}}"#, -32_602, json!(9)),
        (r#"{"jsonrpc":"2.0","id":9,"method":"offer.accept","params":[1]}"#, -32_602, json!(9)),
        (r#"{"jsonrpc":"2.0","id":10,"method":"presence.set","params":{"state":"asleep"}}"#, -32_602, json!(10)),
        (
            r#"{"jsonrpc":"2.0","id":11,"method":"conversation.timeline","params":{"conversation":"x"}}"#,
            -32_602,
            json!(11),
        ),
    ] {
        desk.send(frame).await.unwrap();
        let answer = desk.answer().await;
        assert_eq!(
            (&answer["jsonrpc"], &answer["id"], &answer["error"]["code"]),
            (&json!("2.0"), &id, &json!(code)),
            "{frame}"
        );
        assert!(answer["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    desk.go("online").await;
    let anna = world.anna.id.clone();
    desk.until("Anna online", |board| (board.agents[&anna]["presence"] == "online").then_some(())).await;
}

#[tokio::test]
async fn nobody_gets_a_desk_without_a_session() {
    let world = World::start().await;
    let base = world.server.url();
    let token = world.anna.api.token.as_ref().unwrap();
    let refused = async |headers: &[(&str, &str)]| Desk::open(&base, headers).await.err();
    assert_eq!(refused(&[]).await, Some(401));
    assert_eq!(refused(&[("Authorization", "Bearer of bad news")]).await, Some(401));
    assert_eq!(refused(&[("Authorization", &format!("Basic {token}"))]).await, Some(401));
    assert_eq!(refused(&[("Cookie", "gatehouse_session=guessed"), ("Origin", &base)]).await, Some(401));
}

#[tokio::test]
async fn a_page_from_elsewhere_cannot_use_the_cookie() {
    let world = World::start().await;
    let base = world.server.url();
    let cookie = format!("gatehouse_session={}", world.anna.api.token.as_ref().unwrap());
    let open = async |origin: Option<&str>| {
        let mut headers = vec![("Cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("Origin", origin)));
        Desk::open(&base, &headers).await.err()
    };
    let port = world.server.address.port();
    assert_eq!(open(Some("https://evil.example")).await, Some(403));
    assert_eq!(open(Some(&format!("http://127.0.0.1:{port}.evil.example"))).await, Some(403));
    assert_eq!(open(Some("null")).await, Some(403));
    assert_eq!(open(None).await, Some(403));
    assert_eq!(open(Some(&base)).await, None);
    // Nor may it change anything over HTTP; reading is kept from it by the browser.
    let end = world.admin.http.delete(format!("{base}/api/v1/session"));
    let end = end.header("Cookie", &cookie).header("Origin", "https://evil.example").send().await.unwrap();
    assert_eq!(end.status().as_u16(), 403);
    assert_eq!(world.anna.api.get("/session").await.status, 200);
}

#[tokio::test]
async fn signing_out_closes_the_desk_of_that_session_and_no_other() {
    let world = World::start().await;
    let mut desk = world.quiet_desk(&world.anna.api).await;
    let again = crate::api::Api::sign_in(&world.admin.base, "anna", "anna has a password").await;
    let mut other = world.quiet_desk(&again).await;
    assert_eq!(world.anna.api.delete("/session").await.status, 204);
    let lost = loop {
        match desk.read().await {
            Ok(_) => {}
            Err(lost) => break lost,
        }
    };
    assert_eq!(lost, Lost(Some(4401)));
    assert_eq!(world.anna.api.get("/session").await.refusal(), (401, "signed_out"));
    other.go("online").await;
    let hook = world.hook();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.1", "Hello?")).await, 200);
    other.offered().await;
}
