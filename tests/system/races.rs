//! Two who want the same at one instant: one has it, and the other is told who. Several customers are fought over at the
//! same time, each by two sockets of its own.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::board::text;
use crate::desk::{Desk, Outcome};
use crate::hook::From;
use crate::world::{Person, World};

const RACES: usize = 500;
const CUSTOMERS: usize = 5;

#[tokio::test]
async fn of_two_who_pull_the_same_one_has_it_and_the_other_is_told_who() {
    let world = world(json!({"mode": "manual"})).await;
    join_all((0..CUSTOMERS).map(|customer| pull(&world, customer))).await;
}

#[tokio::test]
async fn of_two_who_accept_the_same_one_has_it_and_the_other_is_told_who() {
    let world = world(json!({"strategy": "ring_all"})).await;
    join_all((0..CUSTOMERS).map(|customer| accept(&world, customer))).await;
}

async fn pull(world: &World, customer: usize) {
    let (mut anna, mut bert) = (socket(world, &world.anna).await, socket(world, &world.bert).await);
    let conversation = writes(world, customer, 0).await;
    for _ in 0..RACES / CUSTOMERS {
        let pull = json!({"conversation": conversation});
        let answers = tokio::join!(anna.call("conversation.pull", pull.clone()), bert.call("conversation.pull", pull));
        let winner = winner(world, answers, "taken");
        let desk = if winner == world.anna.id { &mut anna } else { &mut bert };
        let back = json!({"conversation": conversation, "inbox": world.inbox});
        desk.call("conversation.move", back).await.unwrap();
    }
}

async fn accept(world: &World, customer: usize) {
    // Her board shows whom it is offered to; he need not see it.
    let (mut anna, mut bert) = (world.desk(&world.anna).await, socket(world, &world.bert).await);
    let reason = world.end_reason("solved").await;
    for race in 0..RACES / CUSTOMERS {
        let conversation = writes(world, customer, race).await;
        let offers = offers(&mut anna, &conversation, race).await;
        let accept = |person: &Person| json!({"conversation": conversation, "offer": offers[&person.id]});
        let accepts = (accept(&world.anna), accept(&world.bert));
        let answers = tokio::join!(anna.call("offer.accept", accepts.0), bert.call("offer.accept", accepts.1));
        let winner = winner(world, answers, "offer_gone");
        let desk = if winner == world.anna.id { &mut anna } else { &mut bert };
        desk.call("conversation.end", json!({"conversation": conversation, "reason": reason})).await.unwrap();
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

/// The offers of this race, by agent.
async fn offers(desk: &mut Desk, conversation: &str, race: usize) -> Value {
    let both = |board: &crate::board::Board| {
        let row = board.conversations.get(conversation)?;
        let offers = row["owner"]["offers"].as_array().filter(|offers| offers.len() == 2)?;
        let by_agent = offers.iter().map(|one| (text(&one["agent"]), one["offer"].clone())).collect();
        (row["interaction"] == race + 1).then_some(Value::Object(by_agent))
    };
    desk.until("two offers", both).await
}

/// Both have slots for every customer, also while those of a race before are still held.
async fn world(routing: Value) -> World {
    let world = World::start().await;
    world.admin.put_json(&format!("/inboxes/{}/routing", world.inbox), routing).await.good();
    for person in world.people() {
        let path = format!("/agents/{}/capacity", person.id);
        world.admin.put_json(&path, json!({"capacity": 4 * CUSTOMERS})).await.good();
    }
    world
}

/// A socket that is told nothing.
async fn socket(world: &World, person: &Person) -> Desk {
    let session = format!("Bearer {}", person.api.token.as_ref().unwrap());
    let mut socket = Desk::open(&world.server.url(), &[("Authorization", &session)]).await.unwrap();
    socket.go("online").await;
    socket
}

/// A customer writes, and their conversation is known.
async fn writes(world: &World, customer: usize, race: usize) -> String {
    let (hook, phone) = (world.hook(), format!("49151{customer:07}"));
    let body = hook.text(&From::phone(&phone), &format!("wamid.{customer}.{race}"), &format!("Hello {race}"));
    assert_eq!(hook.post(&body).await, 200);
    loop {
        let rows = world.admin.get("/conversations?state=open&limit=200").await.good();
        let row = rows["items"].as_array().unwrap().iter().find(|row| row["contact"]["address"] == *phone).cloned();
        if let Some(row) = row {
            return text(&row["conversation"]);
        }
    }
}
