//! Offers nobody takes, and agents who go away: the customer is not forgotten.

use serde_json::{Value, json};

use crate::board::Board;
use crate::desk::Desk;
use crate::world::{CLARA, World};

#[tokio::test]
async fn an_offer_that_runs_out_goes_to_a_colleague_also_over_a_restart() {
    let mut world = World::start().await;
    let inbox = json!({"name": "Impatient", "primary_for": ["whatsapp"], "offer_timeout_s": 5});
    let inbox = world.admin.post("/inboxes", inbox).await.good()["id"].as_str().unwrap().to_owned();
    for person in world.people() {
        world.admin.put(&format!("/inboxes/{inbox}/members/{}", person.id)).await.good();
    }
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let (conversation, old) = anna.offered().await;
    let mut bert = world.desk(&world.bert).await;

    world.kill();
    world.restart().await;
    let (base, boards) = (world.server.url(), (anna.board, bert.board));
    anna = Desk::come_back(&base, world.anna.api.token.as_ref().unwrap(), boards.0).await.unwrap();
    bert = Desk::come_back(&base, world.bert.api.token.as_ref().unwrap(), boards.1).await.unwrap();
    assert_eq!(bert.accept().await, conversation);
    let late = json!({"conversation": conversation, "offer": old});
    assert_eq!(anna.refused("offer.accept", late).await, "offer_gone");
    let story = [
        "opened",
        "queued",
        "contact: Hello?",
        "offered Anna",
        "lapsed Anna",
        "queued",
        "offered Bert",
        "assigned Bert",
    ];
    assert_eq!(world.story(&conversation).await, story);
    slots(&mut anna, [(&world.anna.id, 0), (&world.bert.id, 1)]).await;
}

#[tokio::test]
async fn who_goes_on_a_break_keeps_what_is_theirs_and_is_offered_nothing() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let mine = anna.accept().await;
    world.writes("4915822222222", "And me?");
    let (other, _) = anna.offered().await;
    anna.go("break").await;
    slots(&mut anna, [(&world.anna.id, 1), (&world.bert.id, 0)]).await;
    let waits = |board: &Board| (board.conversations[&other]["owner"]["is"] == "queue").then_some(());
    anna.until("the offer taken back", waits).await;

    let reply = json!({"conversation": mine, "message": world.mint(), "text": "One moment"});
    anna.call("conversation.reply", reply).await.unwrap();
    let mut bert = world.desk(&world.bert).await;
    assert_eq!(bert.accept().await, other);
    slots(&mut anna, [(&world.anna.id, 1), (&world.bert.id, 1)]).await;
    let presence = |id: &str| anna.board.agents[id]["presence"].clone();
    assert_eq!([presence(&world.anna.id), presence(&world.bert.id)], ["break", "online"]);
    let story = world.story(&other).await;
    let taken_back = story.iter().find(|line| line.starts_with("withdrawn Anna"));
    assert!(taken_back.is_some(), "{story:?}");
    assert_eq!(story.last().unwrap(), "assigned Bert");
}

#[tokio::test]
async fn who_is_offline_is_offered_nothing_until_they_come() {
    let world = World::start().await;
    // Connected is not online.
    let mut anna = world.quiet_desk(&world.anna.api).await;
    world.writes(CLARA, "Hello?");
    anna.until("somebody who waits", |board| board.open().next().map(drop)).await;
    assert_eq!(anna.board.open().next().unwrap()["owner"]["is"], "queue");
    // Online is not connected.
    world.bert.api.post("/agents/me/presence", json!({"state": "online"})).await.good();
    let online = |board: &Board| (board.agents[&world.bert.id]["presence"] == "online").then_some(());
    anna.until("Bert online", online).await;
    assert_eq!(anna.board.open().next().unwrap()["owner"]["is"], "queue");
    anna.go("online").await;
    anna.accept().await;
    let bert: &Value = &anna.board.agents[&world.bert.id];
    assert_eq!((&bert["connected"], &bert["in_use"]), (&json!(false), &json!(0)));
}

/// Waits until these agents have so many slots in use.
async fn slots(desk: &mut Desk, expected: [(&String, u64); 2]) {
    let fits = |board: &Board| expected.iter().all(|(id, in_use)| board.agents[*id]["in_use"] == *in_use).then_some(());
    desk.until("the slots in use", fits).await;
}
