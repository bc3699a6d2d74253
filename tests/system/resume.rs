//! A desk that loses its socket again and again, across everything that may happen to the server, and misses nothing.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::agents::Worked;
use crate::board::text;
use crate::chance::{Chance, number};
use crate::desk::Desk;
use crate::history::{Answer, Call, Evidence, Message, Reply, assert_kept, judge};
use crate::server::{PATIENCE, Setting};
use crate::storm::gather;
use crate::world::{World, database};

const CUTS: u64 = 200;
/// Every so many cuts, something happens to the server meanwhile.
const DISTURBED_EVERY: u64 = 40;

#[tokio::test]
async fn a_desk_cut_at_200_random_points_across_restarts_has_the_servers_state() {
    cut_again_and_again(World::start_behind_a_door(lease()).await).await;
}

#[tokio::test]
async fn a_desk_cut_at_200_random_points_across_restarts_has_the_servers_state_on_postgres() {
    let settings = [lease(), vec![database("cut").await]].concat();
    cut_again_and_again(World::start_behind_a_door(settings).await).await;
}

/// Short, so that nobody waits long for a take-over.
fn lease() -> Vec<Setting> {
    vec![("GATEHOUSE_LEASE_S", "3".to_owned())]
}

/// What happens to the server while a desk is cut off.
#[derive(Clone, Copy)]
enum Disturbance {
    Kill,
    TakeOver,
    Stop,
}

const DISTURBANCES: [Disturbance; 3] = [Disturbance::Kill, Disturbance::TakeOver, Disturbance::Stop];

impl Disturbance {
    async fn happen(self, world: &mut World) {
        match self {
            Self::Kill => {
                world.kill();
                world.restart().await;
            }
            Self::TakeOver => {
                let mut standby = world.server.start_standby().await;
                standby.stands_by().await;
                world.kill();
                standby.ready().await;
                world.turn_to(standby);
            }
            Self::Stop => {
                assert!(world.server.stop().await.success());
                world.restart().await;
            }
        }
    }
}

async fn cut_again_and_again(mut world: World) {
    let mut chance = Chance::told();
    let (base, token) = (world.server.url(), world.anna.api.token.clone().unwrap());
    let mut bert = world.desk(&world.bert).await;
    let mut anna = world.desk(&world.anna).await;
    let mut evidence = Evidence::default();
    let cuts = number("CUTS").unwrap_or(CUTS);
    for cut in 0..cuts {
        // What happens while she looks, up to anywhere in it, and what happens while she does not.
        happens(&world, &mut bert, &mut evidence, &mut chance).await;
        for _ in 0..chance.below(6) {
            if !told(&mut anna).await {
                break;
            }
        }
        let mut board = anna.board;
        happens(&world, &mut bert, &mut evidence, &mut chance).await;
        if cut % DISTURBED_EVERY == DISTURBED_EVERY - 1 {
            let which = usize::try_from(cut / DISTURBED_EVERY).unwrap() % DISTURBANCES.len();
            DISTURBANCES[which].happen(&mut world).await;
            let token = world.bert.api.token.as_ref().unwrap();
            bert = Desk::come_back(&base, token, bert.board).await.unwrap();
        }
        if chance.one_in(3) {
            // Cut once more while she is told what she missed.
            board = Desk::come_back_for(&base, &token, board, chance.below(8)).await.unwrap();
        }
        anna = Desk::come_back(&base, &token, board).await.unwrap();
    }
    everything_arrives(&world, evidence.messages.len()).await;
    let anna = Worked::taking_part("Anna's desk", base, token, anna);
    gather(&world, &mut evidence, vec![anna]).await;
    eprintln!("{cuts} cuts, {} messages, {} events", evidence.messages.len(), evidence.log.len());
    assert_kept(&judge(&evidence));
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

/// Somebody writes, and Bert does something.
async fn happens(world: &World, bert: &mut Desk, evidence: &mut Evidence, chance: &mut Chance) {
    let customer = format!("49156000000{:02}", chance.below(12));
    let words = format!("message {}", evidence.messages.len());
    world.writes(&customer, &words);
    // The provider does not give up: in the end it has been acknowledged.
    let answer = Answer::Acknowledged { at: u64::MAX, position: None };
    evidence.messages.push(Message { words, call: Call { invoked: 0, answer } });
    if bert.board.agents[&bert.board.me]["presence"] != "online" {
        bert.go("online").await;
    }
    let mine: Vec<String> = bert.board.mine().map(|one| text(&one["conversation"])).collect();
    match chance.below(3) {
        0 => {
            if let Some((conversation, offer)) = bert.board.offers().first() {
                // It may have run out by now.
                let _ = bert.call("offer.accept", json!({"conversation": conversation, "offer": offer})).await;
            }
        }
        // He has not read on: it may have ended by now.
        1 if !mine.is_empty() => {
            let (conversation, id) = (mine[0].clone(), world.mint());
            let reply = json!({"conversation": conversation, "message": id, "text": "Yes"});
            let answer = match bert.call("conversation.reply", reply).await {
                Ok(receipt) => Answer::Acknowledged { at: u64::MAX, position: receipt["position"].as_u64() },
                Err(_) => Answer::Refused,
            };
            evidence.replies.push(Reply { id, conversation, call: Call { invoked: 0, answer } });
        }
        2 if mine.len() > 2 => {
            let end = json!({"conversation": mine[0], "reason": world.end_reason("solved").await});
            let _ = bert.call("conversation.end", end).await;
        }
        _ => {}
    }
}

/// Waits until the provider has delivered everything; what was on its way when the server ended comes again later.
async fn everything_arrives(world: &World, messages: usize) {
    let since = Instant::now();
    while world.log().await.0.iter().filter(|event| event.name == "message_received").count() < messages {
        assert!(since.elapsed() < 2 * PATIENCE, "not every message arrives");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// One more frame, if there is one soon.
async fn told(desk: &mut Desk) -> bool {
    tokio::time::timeout(Duration::from_millis(10), desk.read()).await.is_ok_and(|read| read.is_ok())
}
