//! What the rules of a conversation refuse somebody who is signed in and asks in good form.

use serde_json::json;

use crate::board::{Board, text};
use crate::desk::Desk;
use crate::world::{CLARA, World};

#[tokio::test]
async fn an_end_needs_one_of_the_reasons() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let path = format!("/conversations/{conversation}/end");
    let nobodys = world.mint();
    let unknown = json!({"conversation": conversation, "reason": nobodys});
    assert_eq!(desk.refused("conversation.end", unknown).await, "unknown_end_reason");
    assert_eq!(desk.refused("conversation.end", json!({"conversation": conversation})).await, "reason_missing");
    let anna = &world.anna.api;
    assert_eq!(anna.post(&path, json!({"reason": nobodys})).await.refusal(), (422, "unknown_end_reason"));
    assert_eq!(anna.post(&path, json!({})).await.refusal(), (422, "reason_missing"));
    assert_eq!(world.story(&conversation).await.last().unwrap(), "assigned Anna");
}

#[tokio::test]
async fn who_accepts_an_offer_that_is_gone_is_told_who_has_it() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let (conversation, offer) = anna.offered().await;
    let mut bert = world.desk(&world.bert).await;
    let old = json!({"conversation": conversation, "offer": offer});
    assert_eq!(bert.refused("offer.accept", old.clone()).await, "not_your_offer");
    anna.call("offer.decline", old.clone()).await.unwrap();
    assert_eq!(bert.accept().await, conversation);

    let error = anna.call("offer.accept", old).await.unwrap_err();
    assert_eq!((error["code"].as_i64(), &error["data"]["code"]), (Some(-32_000), &json!("offer_gone")));
    assert_eq!(error["data"]["winner"], world.bert.id.as_str());
    let by_rest = format!("/conversations/{conversation}/offers/{offer}/accept");
    let refused = world.anna.api.post(&by_rest, json!({})).await;
    assert_eq!((refused.refusal(), &refused.body["winner"]), ((409, "offer_gone"), &json!(world.bert.id)));
    let expected = [
        "opened",
        "queued",
        "contact: Hello?",
        "offered Anna",
        "declined Anna",
        "queued",
        "offered Bert",
        "assigned Bert",
    ];
    assert_eq!(world.story(&conversation).await, expected);
}

#[tokio::test]
async fn only_the_owner_answers_and_only_with_words() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let (conversation, offer) = anna.offered().await;
    let reply = |words: &str| json!({"conversation": conversation, "message": world.mint(), "text": words});
    assert_eq!(anna.refused("conversation.reply", reply("Too early")).await, "not_owner");
    anna.call("offer.accept", json!({"conversation": conversation, "offer": offer})).await.unwrap();

    let mut bert = world.desk(&world.bert).await;
    let error = bert.call("conversation.reply", reply("Mine?")).await.unwrap_err();
    assert_eq!((&error["data"]["code"], &error["data"]["winner"]), (&json!("not_owner"), &json!(world.anna.id)));
    let end = json!({"conversation": conversation, "reason": world.end_reason("solved").await});
    assert_eq!(bert.refused("conversation.end", end).await, "not_owner");

    assert_eq!(anna.refused("conversation.reply", reply("")).await, "text_blank");
    assert_eq!(anna.refused("conversation.reply", reply(" \n\t ")).await, "text_blank");
    assert_eq!(anna.refused("conversation.reply", reply(&"é".repeat(4_097))).await, "text_too_long");
    let longest = "é".repeat(4_096);
    anna.call("conversation.reply", reply(&longest)).await.unwrap();
    assert_eq!(world.sandbox.sent_at_least(&world.number, 1, crate::server::PATIENCE).await.len(), 1);
    assert_eq!(world.accepted(), [longest]);
}

#[tokio::test]
async fn after_a_day_of_silence_nothing_free_is_sent() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.wrote(CLARA, "Are you there?", 24 * 60 * 60 + 60);
    let conversation = desk.accept().await;
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "We are now."});
    assert_eq!(desk.refused("conversation.reply", reply.clone()).await, "window_closed");
    let by_rest =
        world.anna.api.post(&format!("/conversations/{conversation}/replies"), json!({"text": "Hello"})).await;
    assert_eq!(by_rest.refusal(), (409, "window_closed"));

    world.writes(CLARA, "I still am");
    let written = |board: &Board| (board.conversations[&conversation]["last"]["text"] == "I still am").then_some(());
    desk.until("the next message", written).await;
    desk.call("conversation.reply", reply).await.unwrap();
    world.sandbox.sent_at_least(&world.number, 1, crate::server::PATIENCE).await;
    assert_eq!(world.accepted(), ["We are now."]);
}

#[tokio::test]
async fn nobody_is_given_more_than_they_can_take() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    for customer in 0..6 {
        world.writes(&format!("49154000000{customer:02}"), "Hello?");
    }
    for _ in 0..4 {
        anna.accept().await;
    }
    let queued = |board: &Board| board.open().filter(|one| one["owner"]["is"] == "queue").count();
    anna.until("two who wait", |board| (board.open().count() == 6 && queued(board) == 2).then_some(())).await;
    assert_eq!(anna.board.agents[&world.anna.id]["in_use"], 4);
    let since = |one: &serde_json::Value| text(&one["owner"]["since"]);
    let mut waiting: Vec<_> = anna.board.open().filter(|one| one["owner"]["is"] == "queue").cloned().collect();
    waiting.sort_by_key(since);

    let conversation = text(&anna.board.mine().next().unwrap()["conversation"]);
    ends(&world, &mut anna, &conversation).await;
    assert_eq!(anna.accept().await, text(&waiting[0]["conversation"]), "who waits longest is next");
    anna.until("one who waits", |board| (queued(board) == 1).then_some(())).await;
}

async fn ends(world: &World, desk: &mut Desk, conversation: &str) {
    let reason = world.end_reason("solved").await;
    desk.call("conversation.end", json!({"conversation": conversation, "reason": reason})).await.unwrap();
}
