//! A new entry point feeds its channel's primary inbox at once, with nothing else to set up (B1).

use serde_json::json;

use crate::board::text;
use crate::hook::From;
use crate::world::{CLARA, SECRET, World, gateway};

const ANOTHER_ACCOUNT: &str = "209871234567890";

#[tokio::test]
async fn a_new_number_feeds_the_primary_inbox_of_its_channel_at_once() {
    let mut world = World::start().await;
    gateway(&world.admin, &world.connection, ANOTHER_ACCOUNT).await;
    let hook = world.hook_of(&world.connection, SECRET, ANOTHER_ACCOUNT);
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.1", "Is this your new number?")).await, 200);
    let waits = |row: &serde_json::Value| (text(&row["inbox"]), text(&row["owner"]["is"]));
    let [row] = &world.conversations().await[..] else { panic!("one conversation") };
    assert_eq!(waits(row), (world.inbox.clone(), "queue".to_owned()));
    world.kill();
    world.restart().await;
    let [row] = &world.conversations().await[..] else { panic!("one conversation") };
    assert_eq!(waits(row), (world.inbox.clone(), "queue".to_owned()));
}

#[tokio::test]
async fn the_next_primary_inbox_is_fed_from_then_on() {
    let world = World::start().await;
    let other = json!({"name": "Night desk", "primary_for": ["whatsapp"], "offer_timeout_s": 30});
    let other = text(&world.admin.post("/inboxes", other).await.good()["id"]);
    let hook = world.hook();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.1", "Anybody awake?")).await, 200);
    let [row] = &world.conversations().await[..] else { panic!("one conversation") };
    assert_eq!(text(&row["inbox"]), other);
}
