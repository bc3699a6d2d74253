//! What is asked again, over another socket or after a restart, has happened once.

use serde_json::{Value, json};

use crate::server::PATIENCE;
use crate::world::{CLARA, World};

#[tokio::test]
async fn a_reply_sent_again_over_another_socket_is_the_same_reply() {
    let mut world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let (message, key) = (world.mint(), world.mint());
    let with_key = json!({"conversation": conversation, "message": message, "text": "Hello Clara", "key": key});
    let without = json!({"conversation": conversation, "message": message, "text": "Hello Clara"});

    let mut other = world.quiet_desk(&world.anna.api).await;
    let (one, two) = tokio::join!(
        desk.call("conversation.reply", with_key.clone()),
        other.call("conversation.reply", with_key.clone())
    );
    let receipt = one.unwrap();
    assert_eq!(two.unwrap(), receipt);
    other.call("conversation.reply", without.clone()).await.unwrap();
    let by_rest = world.anna.api.post(&format!("/conversations/{conversation}/replies"), without.clone()).await;
    by_rest.good();
    world.comes_to(&mut desk, &conversation, &message, "delivered").await;

    world.kill();
    world.restart().await;
    let mut desk = world.quiet_desk(&world.anna.api).await;
    assert_eq!(desk.call("conversation.reply", with_key).await.unwrap(), receipt);
    desk.call("conversation.reply", without).await.unwrap();
    let next = json!({"conversation": conversation, "message": world.mint(), "text": "Anything else?"});
    desk.call("conversation.reply", next).await.unwrap();
    world.sandbox.sent_at_least(&world.number, 2, PATIENCE).await;
    assert_eq!(world.accepted(), ["Hello Clara", "Anything else?"]);
    let replies: Vec<Value> = world.timeline(&conversation).await;
    assert_eq!(replies.iter().filter(|entry| entry["direction"] == "outbound").count(), 2);
}

#[tokio::test]
async fn an_acceptance_and_an_end_asked_again_under_their_keys_get_the_first_answer() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    let mut other = world.quiet_desk(&world.anna.api).await;
    world.writes(CLARA, "Hello?");
    let (conversation, offer) = desk.offered().await;
    let accept = json!({"conversation": conversation, "offer": offer, "key": world.mint()});
    let receipt = desk.call("offer.accept", accept.clone()).await.unwrap();
    let end = json!({
        "conversation": conversation,
        "reason": world.end_reason("solved").await,
        "key": world.mint(),
    });
    let ended = desk.call("conversation.end", end.clone()).await.unwrap();
    assert_eq!(other.call("conversation.end", end).await.unwrap(), ended);
    assert_eq!(other.call("offer.accept", accept).await.unwrap(), receipt);
    let story = ["opened", "queued", "contact: Hello?", "offered Anna", "assigned Anna", "ended Anna (solved)"];
    assert_eq!(world.story(&conversation).await, story);
}

#[tokio::test]
async fn what_was_done_is_answered_again_to_whoever_may_do_it_no_more() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let at = |what: &str| format!("/conversations/{conversation}/{what}");
    let end = json!({"reason": world.end_reason("solved").await});
    let (urgent, key) = (json!({"priority": 3}), world.mint());
    let api = &world.anna.api;
    let set = api.post_keyed(&at("priority"), urgent.clone(), &key).await.good();
    api.post(&at("end"), end).await.good();
    let retaken = api.post_keyed(&at("retake"), json!({}), &key).await.good();
    let _bert = world.desk(&world.bert).await;
    world.admin.post(&at("assign"), json!({"to": world.bert.id})).await.good();
    let inbox = world.inbox.clone();
    world.admin.delete(&format!("/inboxes/{inbox}/members/{}", world.anna.id)).await.good();

    assert_eq!(api.post(&at("retake"), json!({})).await.refusal(), (404, "not_found"));
    assert_eq!(api.post(&at("priority"), urgent.clone()).await.refusal(), (404, "not_found"));
    assert_eq!(api.post_keyed(&at("retake"), json!({}), &key).await.good(), retaken);
    assert_eq!(api.post_keyed(&at("priority"), urgent, &key).await.good(), set);
}

#[tokio::test]
async fn a_key_of_somebody_else_is_another_key() {
    let world = World::start().await;
    let mut anna = world.quiet_desk(&world.anna.api).await;
    let mut bert = world.quiet_desk(&world.bert.api).await;
    let online = json!({"state": "online", "key": world.mint()});
    anna.call("presence.set", online.clone()).await.unwrap();
    bert.call("presence.set", online).await.unwrap();
    let id = world.bert.id.clone();
    bert.until("Bert online", |board| (board.agents[&id]["presence"] == "online").then_some(())).await;
}
