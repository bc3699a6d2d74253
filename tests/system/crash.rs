//! The server is killed in the middle of everything, again and again, and nothing that was promised is lost or doubled.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::board::{Board, text};
use crate::crowd::{Progress, Worked, Written, everybody_writes, works};
use crate::desk::Desk;
use crate::server::PATIENCE;
use crate::story::{inbound, ticks};
use crate::world::{Person, World};

const KILLS: u32 = 3;

#[tokio::test]
async fn killed_three_times_under_load_nothing_promised_is_lost_or_doubled() {
    interrupted_under_load(World::start().await, KILLS, killed).await;
}

#[tokio::test]
async fn killed_three_times_under_load_nothing_promised_is_lost_or_doubled_on_postgres() {
    interrupted_under_load(World::start_on_postgres().await, KILLS, killed).await;
}

async fn killed(world: &mut World) {
    world.kill();
    world.restart().await;
}

/// Everybody writes and answers while the server is interrupted `times` times; then everything is where it belongs.
pub async fn interrupted_under_load(mut world: World, times: u32, mut interrupt: impl AsyncFnMut(&mut World)) {
    let mut desks = [world.desk(&world.anna).await, world.desk(&world.bert).await];
    let phones: Vec<String> = (0..10).map(|n| format!("49157000000{n:02}")).collect();
    for phone in &phones {
        // By way of the provider, who has to know them before they can be answered.
        world.writes(phone, &format!("{phone} says hello"));
    }
    let all_known = |board: &Board| (board.conversations.len() == phones.len()).then_some(());
    desks[0].until("everybody's first message", all_known).await;
    let progress = Arc::new(Progress::default());
    let end_reason = world.end_reason("solved").await;
    let mut agents = vec![];
    for ((ids, person), desk) in (1..).zip(world.people()).zip(desks) {
        let (base, token) = (world.server.url(), person.api.token.clone().unwrap());
        agents.push(tokio::spawn(works(base, token, desk, end_reason.clone(), ids, Arc::clone(&progress))));
    }
    let mut customers = everybody_writes(&world.hook(), &phones, &progress);
    for time in 0..times {
        // Everybody is writing at any time, so whenever it is, requests are in flight.
        progress.until(40 + 7 * time as usize, 8).await;
        interrupt(&mut world).await;
    }
    progress.until(40, 8).await;
    progress.stop();

    let mut written = BTreeMap::new();
    while let Some(customer) = customers.join_next().await {
        let (phone, mut texts) = customer.unwrap();
        texts.all.insert(0, format!("{phone} says hello"));
        texts.acknowledged.insert(0, format!("{phone} says hello"));
        written.insert(phone, texts);
    }
    let mut worked = vec![];
    for agent in agents {
        let mut agent = agent.await.unwrap();
        calm(&mut agent.desk, &world).await;
        worked.push(agent);
    }

    every_message_is_there_once(&world, &written).await;
    for (agent, person) in worked.iter_mut().zip(world.people()) {
        every_reply_went_out_once(&world, agent).await;
        the_desk_shows_what_a_fresh_one_shows(&world, &mut agent.desk, person).await;
        slots_are_taken_by_what_is_held(&agent.desk.board);
    }
}

/// Waits until whatever can happen without anybody has happened: offers made, messages sent, news taken in.
async fn calm(desk: &mut Desk, world: &World) {
    let accepted = || world.sandbox.sent(&world.number).len();
    let settled = |board: &Board| {
        let lines: Vec<&Value> = board.lines.values().flat_map(BTreeMap::values).collect();
        let delivered = lines.iter().filter(|line| line["status"] == "delivered").count();
        let waits = board.open().any(|one| one["owner"]["is"] == "queue");
        let free = board.agents.values().any(|agent| agent["in_use"].as_u64() < agent["capacity"].as_u64());
        (delivered == accepted() && !(waits && free) && board.lines.values().all(is_at_rest)).then_some(())
    };
    tokio::time::timeout(PATIENCE, desk.until("calm", settled)).await.unwrap();
}

/// Whether nothing of ours is on its way: a message may only wait behind one of which nobody knows.
fn is_at_rest(lines: &BTreeMap<u64, Value>) -> bool {
    let lines: Vec<Value> = lines.values().cloned().collect();
    let ours = lines.iter().filter(|line| line["kind"] == "message" && line["direction"] == "outbound");
    let mut blocked = false;
    ours.map(|line| ticks(&lines, line["message"].as_str().unwrap())).all(|status| {
        blocked |= status == "indeterminate";
        blocked || ["delivered", "failed"].contains(&status.as_str())
    })
}

async fn every_message_is_there_once(world: &World, written: &BTreeMap<String, Written>) {
    let conversations = world.conversations().await;
    assert_eq!(conversations.len(), written.len());
    for conversation in conversations {
        let texts = inbound(&world.timeline(conversation["conversation"].as_str().unwrap()).await);
        let written = &written[conversation["contact"]["address"].as_str().unwrap()];
        for words in &written.acknowledged {
            assert_eq!(texts.iter().filter(|text| *text == words).count(), 1, "{words}");
        }
        // In the order in which they were written, and nothing nobody wrote.
        let mut rest = written.all.iter();
        assert!(texts.iter().all(|text| rest.any(|words| words == text)), "{texts:?}");
    }
}

async fn every_reply_went_out_once(world: &World, agent: &Worked) {
    let sent = world.sandbox.sent(&world.number);
    // Sent again until it was answered, and an owner is refused nothing.
    assert!(agent.acknowledged.len() > 4 && agent.all.keys().eq(&agent.acknowledged), "{:?}", agent.refused);
    for (message, conversation) in &agent.all {
        let ours = format!("{conversation}.{message}");
        let accepted = sent.iter().filter(|sent| sent.biz_opaque_callback_data.as_ref() == Some(&ours)).count();
        let entries = world.timeline(conversation).await;
        let kept = entries.iter().filter(|entry| entry["kind"] == "message" && entry["message"] == *message).count();
        assert_eq!(kept, 1, "{message}");
        let told = ticks(&entries, message);
        match told.as_str() {
            "delivered" => assert_eq!(accepted, 1, "{message}"),
            // Nobody knows of it, or it waits behind one of which nobody knows.
            "indeterminate" | "queued" => assert_eq!(accepted, 0, "{message} {told}"),
            other => panic!("{message} is {other}"),
        }
    }
}

async fn the_desk_shows_what_a_fresh_one_shows(world: &World, desk: &mut Desk, person: &Person) {
    let fresh = world.quiet_desk(&person.api).await;
    desk.know(fresh.board.position).await;
    assert_eq!(desk.board.shown(), fresh.board.shown());
    for conversation in world.conversations().await {
        let id = text(&conversation["conversation"]);
        assert_eq!(desk.board.lines_of(&id), world.timeline(&id).await, "{id}");
    }
}

/// Every open interaction is queued, offered, owned or in a flow, and nobody holds a slot for nothing.
fn slots_are_taken_by_what_is_held(board: &Board) {
    let mut held: BTreeMap<String, u64> = board.agents.keys().map(|id| (id.clone(), 0)).collect();
    for summary in board.open() {
        let owner = &summary["owner"];
        match owner["is"].as_str().unwrap() {
            "agent" => *held.get_mut(owner["agent"].as_str().unwrap()).unwrap() += 1,
            "offered" => {
                let offers = owner["offers"].as_array().unwrap();
                assert!(!offers.is_empty(), "offered to nobody: {summary}");
                for one in offers {
                    *held.get_mut(one["agent"].as_str().unwrap()).unwrap() += 1;
                }
            }
            "queue" | "flow" => {}
            other => panic!("an owner nobody knows: {other}"),
        }
    }
    let in_use: BTreeMap<String, u64> =
        board.agents.iter().map(|(id, agent)| (id.clone(), agent["in_use"].as_u64().unwrap())).collect();
    assert_eq!(held, in_use);
}
