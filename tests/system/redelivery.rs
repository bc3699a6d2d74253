//! Providers deliver more than once: what is here already is taken again and changes nothing.

use futures_util::future::join_all;
use reqwest::StatusCode;

use crate::api::Answer;
use crate::hook::{From, Hook};
use crate::real_input::{CAPTURED_ACCOUNT, signed};
use crate::server::PATIENCE;
use crate::story::{inbound, statuses};
use crate::world::{CLARA, VERIFY_TOKEN, World};
use serde_json::json;

#[tokio::test]
async fn one_call_twenty_times_at_once_and_again_after_a_restart_is_one_message() {
    let mut world = World::start().await;
    let captured = signed("pywa_real");
    let hook = world.second_number(&captured.secret, CAPTURED_ACCOUNT).await;
    let deliver = async || join_all((0..20).map(|_| alone(&hook, &captured.body, &captured.signature))).await;
    assert_eq!(deliver().await, [200; 20]);
    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    let id = conversation["conversation"].as_str().unwrap();
    let story = world.story(id).await;
    assert_eq!(story, ["opened", "queued", "contact: Hey there! I am using PyWa."]);

    world.kill();
    world.restart().await;
    assert_eq!(deliver().await, [200; 20]);
    assert_eq!(&world.conversations().await[..], std::slice::from_ref(conversation));
    assert_eq!(world.story(id).await, story);
}

#[tokio::test]
async fn several_messages_in_calls_that_overlap_are_each_there_once() {
    let world = World::start().await;
    let hook = world.hook();
    let bodies: Vec<String> =
        (0..5).map(|n| hook.text(&From::phone(CLARA), &format!("wamid.{n}"), &format!("part {n}"))).collect();
    let calls = (0..4).flat_map(|_| &bodies).map(|body| hook.post(body));
    assert_eq!(join_all(calls).await, [200; 20]);
    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    let mut texts = inbound(&world.timeline(conversation["conversation"].as_str().unwrap()).await);
    texts.sort();
    assert_eq!(texts, ["part 0", "part 1", "part 2", "part 3", "part 4"]);
}

#[tokio::test]
async fn news_of_a_message_in_any_order_and_number_ends_the_same() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let mut ends = vec![];
    for order in [["sent", "delivered", "read"], ["read", "sent", "delivered"], ["delivered", "read", "sent"]] {
        let message = world.mint();
        let reply = json!({"conversation": conversation, "message": message, "text": order.join(", ")});
        desk.call("conversation.reply", reply).await.unwrap();
        world.comes_to(&mut desk, &conversation, &message, "delivered").await;
        let sent = world.sandbox.sent(&world.number).pop().unwrap();
        let ours = sent.biz_opaque_callback_data.unwrap();
        let calls = order.iter().chain(&order).map(|status| world.hook().status(&sent.id.0, status, &ours));
        for body in calls {
            assert_eq!(world.hook().post(&body).await, 200);
        }
        let entries = world.comes_to(&mut desk, &conversation, &message, "read").await;
        ends.push(statuses(&entries, &message));
    }
    let expected = ["queued", "sending", "submitted", "sent", "delivered", "read"];
    assert_eq!(ends, [expected, expected, expected]);
    assert_eq!(world.admin.items("/unrouted").await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn the_provider_is_let_in_with_our_token_only() {
    let world = World::start().await;
    let hook = world.hook();
    let ask = async |url: &str, mode: &str, token: &str| {
        let query = [("hub.mode", mode), ("hub.challenge", "11 & 42"), ("hub.verify_token", token)];
        let answer = hook.http.get(url).query(&query).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(ask(&hook.url, "subscribe", VERIFY_TOKEN).await, (200, "11 & 42".to_owned()));
    assert_eq!(ask(&hook.url, "subscribe", "close sesame").await.0, 403);
    assert_eq!(ask(&hook.url, "unsubscribe", VERIFY_TOKEN).await.0, 403);
    assert_eq!(ask(&hook.url, "subscribe", "").await.0, 403);

    for path in ["00000000-0000-0000-0000-000000000001", "no-id-at-all"] {
        let url = format!("{}/hooks/{path}", world.server.url());
        assert_eq!(ask(&url, "subscribe", VERIFY_TOKEN).await.0, 404);
        let unknown = Hook { url: url.clone(), ..hook.clone() };
        let posted = unknown.http.post(url).body(unknown.text(&From::phone(CLARA), "wamid.1", "Hello?")).send().await;
        assert_eq!(Answer::of(posted.unwrap()).await.refusal(), (StatusCode::NOT_FOUND.as_u16(), "not_found"));
    }
    assert_eq!(world.conversations().await, Vec::<serde_json::Value>::new());
}

/// One call over a connection of its own.
async fn alone(hook: &Hook, body: &str, signature: &str) -> u16 {
    let hook = Hook { http: gatehouse_sandbox::client(PATIENCE).unwrap(), ..hook.clone() };
    hook.post_signed_as(body, Some(signature)).await.unwrap()
}
