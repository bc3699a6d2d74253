//! Who serves which inbox, and what that changes on desks that are open; and work of people who leave.

use serde_json::json;

use crate::board::{Board, text};
use crate::desk::{Desk, Lost};
use crate::world::{CLARA, World};

#[tokio::test]
async fn a_desk_that_serves_an_inbox_no_more_shows_nothing_of_it_and_shows_it_again_later() {
    let world = World::start().await;
    let mut anna = world.quiet_desk(&world.anna.api).await;
    world.writes(CLARA, "Hello?");
    let waiting =
        anna.until("somebody who waits", |board| board.open().next().map(|row| text(&row["conversation"]))).await;
    let inbox = text(&world.admin.items("/inboxes").await[0]["id"]);
    let member = format!("/inboxes/{inbox}/members/{}", world.anna.id);

    world.admin.delete(&member).await.good();
    anna = comes_back(&world, anna).await;
    assert_eq!(anna.board.open().count(), 0);
    assert_eq!(world.anna.api.get(&format!("/conversations/{waiting}")).await.refusal(), (404, "not_found"));
    // Nothing that happens there reaches her now.
    world.writes(CLARA, "Anybody?");
    world.writes("4915822222222", "Me too");
    let position = world.quiet_desk(&world.admin).await.board.position;
    world.admin.put(&member).await.good();
    anna = comes_back(&world, anna).await;
    assert!(anna.board.position > position);
    anna.until("both customers", |board| (board.open().count() == 2).then_some(())).await;
    assert!(anna.board.conversations.contains_key(&waiting));
}

#[tokio::test]
async fn the_work_of_somebody_who_goes_offline_is_offered_to_a_colleague_at_its_age() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = anna.accept().await;
    let mut bert = world.desk(&world.bert).await;
    anna.go("offline").await;
    assert_eq!(bert.accept().await, conversation);
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Bert here"});
    bert.call("conversation.reply", reply.clone()).await.unwrap();
    assert_eq!(
        anna.refused(
            "conversation.reply",
            json!({"message": world.mint(), "text": "And Anna", "conversation": conversation})
        )
        .await,
        "not_owner"
    );
    let expected = [
        "opened",
        "queued",
        "contact: Hello?",
        "offered Anna",
        "assigned Anna",
        "queued",
        "offered Bert",
        "assigned Bert",
    ];
    assert_eq!(world.story(&conversation).await[..8], expected);
    let free = |board: &Board| (board.agents[&world.anna.id]["in_use"] == 0).then_some(());
    bert.until("Anna's slot free again", free).await;
}

/// Reads until the server sends the desk away, and comes back with what it knows.
async fn comes_back(world: &World, mut desk: Desk) -> Desk {
    loop {
        if let Err(Lost { .. }) = desk.read().await {
            break;
        }
    }
    Desk::come_back(&world.server.url(), world.anna.api.token.as_ref().unwrap(), desk.board).await.unwrap()
}
