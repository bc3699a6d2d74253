//! The server ends politely, and is not disturbed by a second one.

use std::time::Instant;

use serde_json::json;

use crate::board::Board;
use crate::desk::{Desk, Lost};
use crate::hook::From;
use crate::story::inbound;
use crate::world::{CLARA, World};

#[tokio::test]
async fn a_server_that_stops_sends_the_desks_away_and_finds_them_again() {
    let mut world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let stopped = async {
        let since = Instant::now();
        assert!(world.server.stop().await.success());
        since.elapsed()
    };
    let lost = async {
        loop {
            if let Err(lost) = desk.read().await {
                return lost;
            }
        }
    };
    let (took, lost) = tokio::join!(stopped, lost);
    assert_eq!(lost, Lost(Some(4503)));
    assert!(took.as_secs() < 8, "desks held it up for {took:?}");

    world.restart().await;
    let token = world.anna.api.token.as_ref().unwrap();
    let mut desk = Desk::come_back(&world.server.url(), token, desk.board).await.unwrap();
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Here I am"});
    desk.call("conversation.reply", reply).await.unwrap();
    let delivered =
        |board: &Board| board.lines_of(&conversation).iter().any(|line| line["status"] == "delivered").then_some(());
    desk.until("the reply delivered", delivered).await;
    assert_eq!(desk.board.lines_of(&conversation), world.timeline(&conversation).await);
}

#[tokio::test]
async fn a_second_server_on_the_same_data_gives_up_and_the_first_goes_on() {
    a_second_server_gives_up(World::start().await).await;
}

#[tokio::test]
async fn a_second_server_on_the_same_database_gives_up_and_the_first_goes_on() {
    a_second_server_gives_up(World::start_on_postgres().await).await;
}

async fn a_second_server_gives_up(world: World) {
    let mut desk = world.desk(&world.anna).await;
    let hook = world.hook();
    let text = |id: &str| hook.text(&From::phone(CLARA), id, id);
    assert_eq!(hook.post(&text("wamid.1")).await, 200);
    let conversation = desk.accept().await;
    let (status, said) = world.server.start_again_by_mistake().await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("--standby"), "it names no way out: {said}");
    assert_eq!(hook.post(&text("wamid.2")).await, 200);
    let heard = |board: &Board| (inbound(&board.lines_of(&conversation)) == ["wamid.1", "wamid.2"]).then_some(());
    desk.until("both messages", heard).await;
    let ready = format!("{}/health/ready", world.server.url());
    assert_eq!(hook.http.get(ready).send().await.unwrap().status().as_u16(), 200);
}
