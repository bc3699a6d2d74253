//! A second server on the same log: it waits, takes over when the first is gone, and the first can do no harm.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::api::Answer;
use crate::board::Board;
use crate::crowd::Progress;
use crate::desk::{Desk, Lost};
use crate::history::assert_kept;
use crate::hook::{From, Hook};
use crate::server::{Server, Setting};
use crate::storm::Storm;
use crate::story::inbound;
use crate::world::{CLARA, World};

/// Shorter than by default, so that nobody waits long; renewed in time on a busy machine all the same.
const LEASE_S: u64 = 5;
/// What a take-over may take beside the lease: to notice, to settle what was left open, to be asked.
const A_LITTLE: Duration = Duration::from_secs(5);

on_both_stores!(
    who_stands_by_answers_nothing_and_takes_over_at_once_when_the_other_stops,
    killed_under_load_with_another_standing_by_nothing_promised_is_lost_or_doubled,
    a_frozen_server_that_wakes_after_its_lease_acknowledges_nothing_and_ends,
    a_server_that_was_killed_and_comes_back_need_not_wait_for_its_own_lease,
);

async fn world(mut settings: Vec<Setting>) -> World {
    settings.push(("GATEHOUSE_LEASE_S", LEASE_S.to_string()));
    World::start_behind_a_door(settings).await
}

async fn who_stands_by_answers_nothing_and_takes_over_at_once_when_the_other_stops(store: Vec<Setting>) {
    let mut world = world(store).await;
    let mut desk = world.desk(&world.anna).await;
    // By way of the provider, who has to know her before she can be answered.
    world.writes(CLARA, "wamid.1");
    let conversation = desk.accept().await;

    let mut standby = world.server.start_standby().await;
    answers_nothing(&world, &standby).await;
    // It reads along.
    assert_eq!(world.hook().post(&text(&world, "wamid.2")).await, 200);
    let heard = |board: &Board| (inbound(&board.lines_of(&conversation)) == ["wamid.1", "wamid.2"]).then_some(());
    desk.until("both messages", heard).await;
    let known = desk.board.position;
    standby.has_read(known).await;

    let since = Instant::now();
    let lost = async {
        loop {
            if let Err(lost) = desk.read().await {
                return lost;
            }
        }
    };
    let (stopped, lost) = tokio::join!(world.server.stop(), lost);
    assert!(stopped.success());
    assert_eq!(lost, Lost(Some(4503)));
    standby.ready().await;
    assert!(since.elapsed() < Duration::from_secs(LEASE_S), "it waited for the lease: {:?}", since.elapsed());

    world.turn_to(standby);
    let mut desk = resumed(&world, desk.board).await;
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Here we are"});
    desk.call("conversation.reply", reply).await.unwrap();
    let delivered =
        |board: &Board| board.lines_of(&conversation).iter().any(|line| line["status"] == "delivered").then_some(());
    desk.until("the reply delivered", delivered).await;
    assert_eq!(desk.board.lines_of(&conversation), world.timeline(&conversation).await);
}

async fn killed_under_load_with_another_standing_by_nothing_promised_is_lost_or_doubled(store: Vec<Setting>) {
    let world = world(store).await;
    let storm = Storm {
        phones: 6,
        stay: 20,
        writers: 10,
        kills: 2,
        messages_max: 60,
        messages_before: 20,
        until_everything: false,
    };
    let taken_over = async |world: &mut World, progress: &Progress| {
        progress.until(20, 2).await;
        let mut standby = world.server.start_standby().await;
        world.kill();
        let since = Instant::now();
        standby.ready().await;
        let took = since.elapsed();
        assert!(took < Duration::from_secs(LEASE_S) + A_LITTLE, "{took:?}");
        eprintln!("taken over after {took:?}");
        world.turn_to(standby);
        1
    };
    assert_kept(&storm.with(world, taken_over).await);
}

async fn a_frozen_server_that_wakes_after_its_lease_acknowledges_nothing_and_ends(store: Vec<Setting>) {
    let mut world = world(store).await;
    let mut desk = world.desk(&world.anna).await;
    assert_eq!(world.hook().post(&text(&world, "wamid.1")).await, 200);
    let conversation = desk.accept().await;
    let mut standby = world.server.start_standby().await;

    world.server.freeze().await;
    let since = Instant::now();
    // Sent to the frozen one, which has not heard of it yet.
    let stale = Hook { url: world.hook().url.replace(&world.server.url(), &world.server.own_url()), ..world.hook() };
    let unheard = tokio::spawn({
        let (stale, body) = (stale.clone(), text(&world, "wamid.2"));
        async move { stale.try_post(&body).await }
    });
    standby.ready().await;
    assert!(since.elapsed() < Duration::from_secs(LEASE_S) + A_LITTLE, "{:?}", since.elapsed());
    let mut frozen = world.turn_to(standby);
    assert_eq!(world.hook().post(&text(&world, "wamid.3")).await, 200);

    frozen.thaw();
    assert_ne!(unheard.await.unwrap().ok(), Some(200), "the stale server acknowledged a message");
    // Until it is gone, and then nobody answers.
    while let Ok(status) = stale.try_post(&text(&world, "wamid.2")).await {
        assert_ne!(status, 200, "the stale server acknowledged a message");
    }
    assert_eq!(frozen.ended().await.code(), Some(1));
    let mut desk = resumed(&world, desk.board).await;
    assert_eq!(world.hook().post(&text(&world, "wamid.2")).await, 200);
    let heard = |board: &Board| inbound(&board.lines_of(&conversation)).len() >= 3;
    desk.until("three messages", |board| heard(board).then_some(())).await;
    assert_eq!(inbound(&world.timeline(&conversation).await), ["wamid.1", "wamid.3", "wamid.2"]);
}

async fn a_server_that_was_killed_and_comes_back_need_not_wait_for_its_own_lease(store: Vec<Setting>) {
    let mut world = world(store).await;
    assert_eq!(world.hook().post(&text(&world, "wamid.1")).await, 200);
    world.kill();
    let since = Instant::now();
    world.restart().await;
    assert!(since.elapsed() < Duration::from_secs(LEASE_S) / 2, "{:?}", since.elapsed());
    assert_eq!(world.hook().post(&text(&world, "wamid.2")).await, 200);
}

/// Whatever is asked, the answer is not to ask here, and it is the same with or without a session.
async fn answers_nothing(world: &World, standby: &Server) {
    let own = standby.own_url();
    let http = &world.admin.http;
    let live = http.get(format!("{own}/health/live")).send().await.unwrap();
    assert_eq!(live.status().as_u16(), 200);
    let hook = world.hook().url.replace(&world.server.url(), &own);
    let body = text(world, "wamid.never");
    let signed = crate::hook::sign(&world.hook().secret, &body);
    let calls = [
        http.post(&hook).header("X-Hub-Signature-256", signed).body(body),
        http.get(&hook),
        http.get(format!("{own}/api/v1/conversations")).bearer_auth(world.admin.token.as_ref().unwrap()),
        http.post(format!("{own}/api/v1/session")).json(&json!({"login": "admin", "password": "guess"})),
        http.get(format!("{own}/desk")),
        http.get(format!("{own}/ws")),
    ];
    for call in calls {
        let answer = call.send().await.unwrap();
        assert_eq!(answer.headers().get("Retry-After").unwrap(), "1");
        assert_eq!(Answer::of(answer).await.refusal(), (503, "standby"));
    }
    let token = format!("Bearer {}", world.anna.api.token.as_ref().unwrap());
    assert_eq!(Desk::open(&own, &[("Authorization", &token)]).await.err(), Some(503));
}

/// Anna's desk as a browser brings it back: from where it was, not from the beginning.
async fn resumed(world: &World, mut board: Board) -> Desk {
    let token = world.anna.api.token.as_ref().unwrap();
    // A snapshot would not know of it.
    board.agents.insert("mark".to_owned(), json!({}));
    let mut desk = Desk::come_back(&world.server.url(), token, board).await.unwrap();
    assert!(desk.board.agents.remove("mark").is_some(), "the desk was reset");
    desk
}

fn text(world: &World, id: &str) -> String {
    world.hook().text(&From::phone(CLARA), id, id)
}
