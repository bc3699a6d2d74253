//! One conversation from the first word to the next one.

use gatehouse_sandbox::WaId;
use serde_json::{Value, json};

use crate::board::{Board, text};
use crate::desk::Desk;
use crate::world::{CLARA, World};

const FIRST_INTERACTION: [&str; 11] = [
    "opened",
    "queued",
    "contact: Is my parcel lost?",
    "offered Anna",
    "assigned Anna",
    "Anna: It comes today.",
    "sending",
    "submitted",
    "sent",
    "delivered",
    "read",
];

#[tokio::test]
async fn a_message_is_offered_accepted_answered_read_and_ended_and_the_next_opens_another_interaction() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Is my parcel lost?");
    let conversation = desk.accept().await;

    let message = world.mint();
    let reply = json!({"conversation": conversation, "message": message, "text": "It comes today."});
    desk.call("conversation.reply", reply).await.unwrap();
    world.comes_to(&mut desk, &conversation, &message, "delivered").await;
    world.sandbox.read(&world.number, &WaId::from(CLARA)).unwrap();
    world.comes_to(&mut desk, &conversation, &message, "read").await;
    assert_eq!(world.story(&conversation).await, FIRST_INTERACTION);

    let reason = world.end_reason("solved").await;
    desk.call("conversation.end", json!({"conversation": conversation, "reason": reason})).await.unwrap();
    the_next_message_opens_another(&world, &mut desk, &conversation).await;
}

#[tokio::test]
async fn the_same_journey_by_rest_alone() {
    let world = World::start().await;
    // Only somebody who is connected is offered anything, so the desk is open and does nothing.
    let mut desk = world.quiet_desk(&world.anna.api).await;
    let anna = &world.anna.api;
    anna.post("/agents/me/presence", json!({"state": "online"})).await.good();
    world.writes(CLARA, "Is my parcel lost?");
    let (conversation, offer) = desk.offered().await;
    let path = format!("/conversations/{conversation}");

    anna.post(&format!("{path}/offers/{offer}/accept"), json!({})).await.good();
    let message = world.mint();
    let receipt = anna.post(&format!("{path}/replies"), json!({"message": message, "text": "It comes today."})).await;
    let receipt = receipt.good();
    assert!(receipt["position"].as_u64() > receipt["sequence"].as_u64(), "{receipt}");
    world.comes_to(&mut desk, &conversation, &message, "delivered").await;
    world.sandbox.read(&world.number, &WaId::from(CLARA)).unwrap();
    world.comes_to(&mut desk, &conversation, &message, "read").await;
    assert_eq!(world.story(&conversation).await, FIRST_INTERACTION);

    let reason = world.end_reason("solved").await;
    anna.post(&format!("{path}/end"), json!({"reason": reason})).await.good();
    the_next_message_opens_another(&world, &mut desk, &conversation).await;
}

async fn is_listed_by_inbox_agent_and_state(world: &World, conversation: &str) {
    let inbox = text(&world.admin.items("/inboxes").await[0]["id"]);
    let (anna, nobody) = (&world.anna.id, world.mint());
    for (query, found) in [
        (format!("state=agent&inbox={inbox}&agent={anna}"), true),
        ("state=open".to_owned(), true),
        ("state=queue".to_owned(), false),
        (format!("inbox={nobody}"), false),
        (format!("agent={nobody}"), false),
    ] {
        let items = world.admin.items(&format!("/conversations?{query}")).await;
        let listed = items.iter().any(|item| item["conversation"] == conversation);
        assert_eq!(listed, found, "{query}");
    }
}

async fn the_next_message_opens_another(world: &World, desk: &mut Desk, conversation: &str) {
    let ended = |board: &Board| board.conversations[conversation]["owner"].clone();
    let owner = desk.until("the end", |board| Some(ended(board)).filter(|owner| owner["is"] == "nobody")).await;
    assert_eq!(owner["reason"], "solved");
    assert_eq!(text(&world.admin.items("/conversations?state=ended").await[0]["conversation"]), conversation);

    world.writes(CLARA, "Thank you!");
    assert_eq!(desk.accept().await, conversation);
    is_listed_by_inbox_agent_and_state(world, conversation).await;
    let mut told: Vec<String> = FIRST_INTERACTION.map(str::to_owned).into();
    let more = ["ended Anna (solved)", "opened", "queued", "contact: Thank you!", "offered Anna", "assigned Anna"];
    told.extend(more.map(str::to_owned));
    assert_eq!(world.story(conversation).await, told);

    let shown = world.anna.api.get(&format!("/conversations/{conversation}")).await.good();
    assert_eq!(shown, desk.board.conversations[conversation]);
    let owner = json!({"is": "agent", "agent": world.anna.id, "since": shown["owner"]["since"], "transfer": null});
    let last = json!({"at": shown["last"]["at"], "direction": "inbound", "text": "Thank you!"});
    let expected = json!({
        "conversation": conversation,
        "interaction": 2,
        "version": shown["version"],
        "channel": "whatsapp",
        "gateway": world.gateway,
        "inbox": world.inbox,
        "contact": {"id": shown["contact"]["id"], "name": "Clara", "address": CLARA},
        "owner": owner,
        "last": last,
        "window_until": shown["window_until"],
        "unanswered": true,
        "priority": 0,
        "sla": null,
    });
    assert_eq!(shown, expected);
    let slots = |row: &Value| (row["capacity"].clone(), row["in_use"].clone());
    assert_eq!(slots(&desk.board.agents[&world.anna.id]), (json!(4), json!(1)));
    assert_eq!(desk.board.lines_of(conversation), world.timeline(conversation).await);
}
