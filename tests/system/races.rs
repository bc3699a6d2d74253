//! Two who want the same at one instant: one has it, and the other is told who.

use serde_json::{Value, json};

use crate::board::text;
use crate::desk::{Desk, Outcome};
use crate::hook::From;
use crate::world::{CLARA, World};

const RACES: usize = 500;

#[tokio::test]
async fn of_two_who_pull_the_same_one_has_it_and_the_other_is_told_who() {
    let world = World::start().await;
    route(&world, json!({"mode": "manual"})).await;
    let (mut anna, mut bert) = (world.desk(&world.anna).await, world.desk(&world.bert).await);
    writes(&world, 0).await;
    let conversation = text(&world.conversations().await[0]["conversation"]);
    for _ in 0..RACES {
        let pull = json!({"conversation": conversation});
        let answers = tokio::join!(anna.call("conversation.pull", pull.clone()), bert.call("conversation.pull", pull));
        let winner = winner(&world, answers, "taken");
        let desk = if winner == world.anna.id { &mut anna } else { &mut bert };
        let back = json!({"conversation": conversation, "inbox": world.inbox});
        desk.call("conversation.move", back).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_who_accept_the_same_one_has_it_and_the_other_is_told_who() {
    let world = World::start().await;
    route(&world, json!({"strategy": "ring_all"})).await;
    let (mut anna, mut bert) = (world.desk(&world.anna).await, world.desk(&world.bert).await);
    let reason = world.end_reason("solved").await;
    let mut before = [String::new(), String::new()];
    for race in 0..RACES {
        writes(&world, race).await;
        let (annas, berts) = tokio::join!(fresh_offer(&mut anna, &before[0]), fresh_offer(&mut bert, &before[1]));
        let accept = |offer: &(String, String)| json!({"conversation": offer.0, "offer": offer.1});
        let answers =
            tokio::join!(anna.call("offer.accept", accept(&annas)), bert.call("offer.accept", accept(&berts)));
        let winner = winner(&world, answers, "offer_gone");
        let desk = if winner == world.anna.id { &mut anna } else { &mut bert };
        desk.call("conversation.end", json!({"conversation": annas.0, "reason": reason})).await.unwrap();
        before = [annas.1, berts.1];
    }
}

/// The one who has it; the other was refused with this code, and told who.
fn winner(world: &World, (anna, bert): (Outcome, Outcome), code: &str) -> String {
    let (winner, refused): (&String, Value) = match (anna, bert) {
        (Ok(_), Err(error)) => (&world.anna.id, error),
        (Err(error), Ok(_)) => (&world.bert.id, error),
        other => panic!("not one winner: {other:?}"),
    };
    assert_eq!((&refused["data"]["code"], &refused["data"]["winner"]), (&json!(code), &json!(winner)), "{refused}");
    winner.clone()
}

async fn fresh_offer(desk: &mut Desk, before: &str) -> (String, String) {
    desk.until("a new offer", |board| board.offers().into_iter().find(|(_, offer)| offer != before)).await
}

async fn route(world: &World, routing: Value) {
    world.admin.put_json(&format!("/inboxes/{}/routing", world.inbox), routing).await.good();
}

async fn writes(world: &World, race: usize) {
    let hook = world.hook();
    let body = hook.text(&From::phone(CLARA), &format!("wamid.{race}"), &format!("Hello {race}"));
    assert_eq!(hook.post(&body).await, 200);
}
