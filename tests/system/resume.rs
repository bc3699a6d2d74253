//! A desk that loses its socket again and again, and misses nothing.

use serde_json::json;

use crate::board::{Board, text};
use crate::desk::Desk;
use crate::server::PATIENCE;
use crate::world::World;

const CUTS: u32 = 20;

#[tokio::test]
async fn a_desk_cut_twenty_times_shows_what_a_fresh_one_shows() {
    let world = World::start().await;
    let mut bert = world.desk(&world.bert).await;
    let mut anna = world.desk(&world.anna).await;
    let token = world.anna.api.token.clone().unwrap();
    let mut chance = Chance(0x5eed);
    for cut in 0..CUTS {
        // What happens while she looks, up to anywhere in it, and what happens while she does not.
        happens(&world, &mut bert, cut, &mut chance).await;
        for _ in 0..chance.below(6) {
            if !told(&mut anna).await {
                break;
            }
        }
        let board = anna.board;
        happens(&world, &mut bert, CUTS + cut, &mut chance).await;
        anna = Desk::come_back(&world.server.url(), &token, board).await.unwrap();
    }
    quiet(&mut bert).await;
    let fresh = world.quiet_desk(&world.anna.api).await;
    anna.know(fresh.board.position).await;
    assert_eq!(anna.board.shown(), fresh.board.shown());
    let conversations = world.conversations().await;
    assert!(conversations.len() >= 10, "{}", conversations.len());
    for conversation in conversations {
        let id = text(&conversation["conversation"]);
        assert_eq!(anna.board.conversations[&id], conversation);
        assert_eq!(anna.board.lines_of(&id), world.timeline(&id).await);
    }
}

#[tokio::test]
async fn a_desk_that_knew_another_log_starts_again() {
    let world = World::start().await;
    let desk = world.quiet_desk(&world.anna.api).await;
    let token = world.anna.api.token.as_ref().unwrap();
    let bearer = format!("Bearer {token}");
    let mut other = Desk::open(&world.server.url(), &[("Authorization", &bearer)]).await.unwrap();
    for resume in [json!({"log": world.mint(), "position": 1}), json!({"log": desk.board.log, "position": 1_000_000})] {
        let answer = other.call("desk.subscribe", json!({"resume": resume})).await.unwrap();
        assert_eq!((&answer["log"], &answer["reset"]), (&json!(desk.board.log), &json!(true)));
        assert_eq!(answer["snapshot"]["me"]["login"], "anna");
    }
}

/// Somebody writes, or Bert does something.
async fn happens(world: &World, bert: &mut Desk, round: u32, chance: &mut Chance) {
    let customer = format!("49156000000{:02}", chance.below(12));
    world.writes(&customer, &format!("message {round}"));
    match chance.below(3) {
        0 if !bert.board.offers().is_empty() => {
            bert.accept().await;
        }
        1 => {
            let mine = bert.board.mine().next().map(|one| text(&one["conversation"]));
            if let Some(conversation) = mine {
                let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Yes"});
                bert.call("conversation.reply", reply).await.unwrap();
            }
        }
        2 if bert.board.mine().count() > 2 => {
            let conversation = bert.board.mine().next().map(|one| text(&one["conversation"])).unwrap();
            let reason = world.end_reason("solved").await;
            bert.call("conversation.end", json!({"conversation": conversation, "reason": reason})).await.unwrap();
        }
        _ => {}
    }
}

/// Waits until every message is here and every reply has arrived.
async fn quiet(bert: &mut Desk) {
    let written = 2 * CUTS as usize;
    let arrived = |board: &Board| {
        let lines = board.lines.values().flat_map(|lines| lines.values());
        let lines: Vec<_> = lines.collect();
        let inbound = lines.iter().filter(|line| line["direction"] == "inbound").count();
        let outbound = lines.iter().filter(|line| line["direction"] == "outbound").count();
        let delivered = lines.iter().filter(|line| line["status"] == "delivered").count();
        let settled = board.open().all(|one| one["owner"]["is"] != "queue" || busy(board));
        (inbound == written && delivered == outbound && settled).then_some(())
    };
    tokio::time::timeout(PATIENCE, bert.until("everything", arrived)).await.unwrap();
}

/// Whether nobody can take more.
fn busy(board: &Board) -> bool {
    board.agents.values().all(|agent| agent["in_use"] == agent["capacity"])
}

/// One more frame, if there is one soon.
async fn told(desk: &mut Desk) -> bool {
    tokio::time::timeout(std::time::Duration::from_millis(20), desk.read()).await.is_ok_and(|read| read.is_ok())
}

/// The same numbers in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
