//! The supervisors' boards: what they show and how soon, who may watch, and that watching costs nobody anything.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::Api;
use crate::board::text;
use crate::desk::{Desk, Lost};
use crate::hook::From;
use crate::wall::Wall;
use crate::world::{CLARA, World};

/// How late a board may be.
const LATE_MAX: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_board_shows_within_a_second_how_things_stand_and_goes_on_after_a_restart() {
    let mut world = World::start().await;
    let dana = supervisor(&world, "dana").await;
    let mut all = watching(&world, &dana, json!({})).await;
    let mut front = watching(&world, &dana, json!({"inbox": world.inbox})).await;
    let other = json!({"name": "Other", "offer_timeout_s": 30});
    let other = text(&world.admin.post("/inboxes", other).await.good()["id"]);
    let mut empty = watching(&world, &dana, json!({"inbox": other})).await;

    let mut anna = world.desk(&world.anna).await;
    soon(&mut all, "anna is there", |wall| wall.state_of(&world.anna.id) == "available").await;
    assert_eq!(all.wall().number("people/free_slots"), 4);
    let began = Instant::now();
    world.writes(CLARA, "Hello?");
    soon(&mut front, "clara is offered", |wall| wall.number("waiting/offered") == 1).await;
    soon(&mut all, "she is seen overall", |wall| wall.state_of(&world.anna.id) == "offered").await;
    let conversation = anna.accept().await;
    soon(&mut front, "clara is looked after", |wall| {
        wall.number("waiting/count") == 0 && wall.number("progress/active") == 1
    })
    .await;
    let in_time = u64::from(began.elapsed() < Duration::from_secs(60));
    let today = &front.wall().board["tiles"]["service"]["today"];
    assert_eq!((&today["answered"], &today["answered_within"]), (&json!(1), &json!(in_time)), "{today}");
    soon(&mut all, "anna is busy", |wall| wall.state_of(&world.anna.id) == "busy").await;
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Good day"});
    anna.call("conversation.reply", reply).await.unwrap();
    let is_out = |wall: &Wall| wall.board["gateways"][0]["out"] == "good" && wall.number("promises/unanswered") == 0;
    soon(&mut front, "the answer is out", is_out).await;

    // Whoever asks, and whoever comes, is told the same as who has watched all along.
    for (wall, path, params) in [
        (&mut all, "/board".to_owned(), json!({})),
        (&mut front, format!("/board?inbox={}", world.inbox), json!({"inbox": world.inbox})),
        (&mut empty, format!("/board?inbox={other}"), json!({"inbox": other})),
    ] {
        let asked = dana.get(&path).await.good();
        wall.until_wall("as far as was asked", |wall| wall.position >= asked["position"].as_u64().unwrap()).await;
        let newcomer = watching(&world, &dana, params).await;
        let told = shown(wall.wall());
        assert_eq!(shown(&Wall::subscribed(&asked)), told, "{path}");
        assert_eq!(shown(newcomer.wall()), told, "{path}");
    }
    assert_eq!(empty.wall().number("service/today/answered"), 0);

    anna.go("offline").await;
    front.until_wall("clara waits again", |wall| wall.number("waiting/count") == 1).await;
    let before = dana.get("/board").await.good()["board"]["tiles"].clone();
    world.kill();
    world.restart().await;
    let after = dana.get("/board").await.good()["board"]["tiles"].clone();
    assert_eq!(after["service"]["today"], before["service"]["today"]);
    assert_eq!(after["waiting"]["oldest_customer"], before["waiting"]["oldest_customer"]);
}

#[tokio::test]
async fn what_only_time_changes_is_told_without_any_event() {
    let world = World::start_with(&[("GATEHOUSE_BOARD__ANSWER_WITHIN_S", "2")]).await;
    let mut wall = watching(&world, &world.admin, json!({})).await;
    world.writes(CLARA, "Hello?");
    soon(&mut wall, "clara waits", |wall| wall.number("waiting/count") == 1).await;
    assert_eq!(wall.wall().number("waiting/past_target"), 0);
    assert_eq!(wall.wall().board["tiles"]["service"]["today"]["live"], Value::Null);
    let position = wall.wall().position;
    wall.until_wall("clara has waited for too long", |wall| wall.number("waiting/past_target") == 1).await;
    assert_eq!(wall.wall().position, position, "nothing has happened meanwhile");
    assert_eq!(wall.wall().board["tiles"]["service"]["today"]["live"], json!(0.0));
}

#[tokio::test]
async fn behind_a_number_is_who_is_counted() {
    let world = World::start().await;
    world.writes(CLARA, "Hello?");
    let mut wall = watching(&world, &world.admin, json!({})).await;
    wall.until_wall("clara waits", |wall| wall.number("waiting/count") == 1).await;
    let of = |lens: &str| json!({"inbox": world.inbox, "lens": lens});
    let waiting = wall.call("board.interactions", of("waiting")).await.unwrap();
    assert_eq!((&waiting["count"], &waiting["items"][0]["contact"]["name"]), (&json!(1), &json!("Clara")));
    assert_eq!(wall.call("board.interactions", of("active")).await.unwrap()["items"], json!([]));
    let path = format!("/board/interactions?inbox={}&lens=unanswered", world.inbox);
    assert_eq!(world.admin.get(&path).await.good()["items"], waiting["items"]);
    let nobody = world.admin.get(&format!("/board/interactions?lens=of_agent&agent={}", world.anna.id)).await.good();
    assert_eq!(nobody["count"], 0);
}

#[tokio::test]
async fn boards_are_for_supervisors() {
    let world = World::start().await;
    let mut anna = Desk::open(&world.server.url(), &bearer(&world.anna.api)).await.unwrap();
    for (method, params) in [("board.subscribe", json!({})), ("board.interactions", json!({"lens": "waiting"}))] {
        assert_eq!(anna.refused(method, params).await, "forbidden");
    }
    for path in ["/board", "/board/interactions?lens=waiting"] {
        assert_eq!(world.anna.api.get(path).await.refusal(), (403, "forbidden"));
    }
    let unknown = world.mint();
    let mut wall = Desk::open(&world.server.url(), &bearer(&world.admin)).await.unwrap();
    assert_eq!(wall.refused("board.subscribe", json!({"inbox": unknown})).await, "not_found");
    assert_eq!(world.admin.get(&format!("/board?inbox={unknown}")).await.refusal(), (404, "not_found"));
    assert_eq!(world.admin.get("/board/interactions?lens=everything").await.refusal(), (400, "bad_query"));
}

#[tokio::test]
async fn whoever_watches_is_not_there_to_work() {
    let world = World::start().await;
    let dana = supervisor(&world, "dana").await;
    let id = text(&dana.get("/session").await.good()["user"]["id"]);
    let mut wall = watching(&world, &dana, json!({})).await;
    let mut desk = world.quiet_desk(&dana).await;
    desk.go("online").await;
    drop(desk);
    soon(&mut wall, "online, without a desk", |wall| wall.state_of(&id) == "disconnected").await;
    let desk = world.quiet_desk(&dana).await;
    soon(&mut wall, "at a desk", |wall| wall.state_of(&id) == "available").await;
    drop(desk);
    soon(&mut wall, "gone from it", |wall| wall.state_of(&id) == "disconnected").await;
}

#[tokio::test]
async fn a_board_that_is_left_is_told_nothing_and_another_takes_its_place() {
    let world = World::start().await;
    let mut wall = watching(&world, &world.admin, json!({})).await;
    let front = wall.call("board.subscribe", json!({"inbox": world.inbox})).await.unwrap();
    wall.wall = Some(Wall::subscribed(&front));
    world.writes(CLARA, "Hello?");
    soon(&mut wall, "only the newer board", |wall| wall.number("waiting/count") == 1).await;
    wall.call("board.unsubscribe", json!({})).await.unwrap();
    wall.wall = None;
    world.writes("4915112345679", "Hello?");
    let mut other = watching(&world, &world.admin, json!({})).await;
    other.until_wall("told to whoever watches", |wall| wall.number("waiting/count") == 2).await;
    wall.call("board.interactions", json!({"lens": "waiting"})).await.unwrap();
}

#[tokio::test]
async fn a_storm_of_events_is_no_storm_of_frames() {
    const CUSTOMERS: u64 = 120;
    let world = World::start().await;
    let mut wall = watching(&world, &world.admin, json!({})).await;
    let hook = world.hook();
    let began = Instant::now();
    let calls = (0..CUSTOMERS).map(|number| {
        let hook = hook.clone();
        async move {
            let from = From::phone(&format!("4915{number:09}"));
            assert_eq!(hook.post(&hook.text(&from, &format!("wamid.{number}"), "Hello?")).await, 200);
        }
    });
    futures_util::future::join_all(calls).await;
    wall.until_wall("everybody waits", |wall| wall.number("waiting/count") == CUSTOMERS).await;
    let paces = usize::try_from(began.elapsed().as_millis() / 100).unwrap() + 2;
    let changes = wall.wall().changes;
    assert!(changes <= paces, "{changes} frames in {:?}", began.elapsed());
    assert!(wall.wall().position >= 3 * CUSTOMERS);
}

#[tokio::test]
async fn whoever_does_not_read_is_sent_away_and_costs_nobody_anything() {
    const ASKED: usize = 6_000;
    let world = World::start().await;
    let dana = supervisor(&world, "dana").await;
    let id = text(&dana.get("/session").await.good()["user"]["id"]);
    let mut wall = watching(&world, &world.admin, json!({})).await;
    // A desk with a board that asks for more than any buffer holds, and reads nothing.
    let mut slow = world.quiet_desk(&dana).await;
    slow.go("online").await;
    soon(&mut wall, "dana is there", |wall| wall.state_of(&id) == "available").await;
    let ask = json!({"jsonrpc": "2.0", "id": 0, "method": "board.subscribe", "params": {}}).to_string();
    let floods = async {
        for _ in 0..ASKED {
            slow.send(&ask).await.unwrap();
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), floods).await;

    // Everybody else sees everything as soon as ever, until it is gone, and then nobody is there.
    let mut anna = world.desk(&world.anna).await;
    let mut waiting = 0;
    let began = Instant::now();
    while wall.wall().state_of(&id) != "disconnected" {
        waiting += 1;
        world.writes(&format!("49151000000{waiting:02}"), "Hello?");
        if waiting <= 4 {
            anna.accept().await;
        }
        soon(&mut wall, "one more", |wall| wall.number("waiting/count") + wall.number("progress/active") == waiting)
            .await;
        assert!(began.elapsed() < Duration::from_secs(40), "it is still there");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let told = reqwest::get(format!("{}/metrics", world.server.url())).await.unwrap().text().await.unwrap();
    assert!(told.contains("gatehouse_sockets_closed_slow_total 1"), "{told}");
    // Whoever reads again, reads why.
    let lost = loop {
        if let Err(lost) = slow.read().await {
            break lost;
        }
    };
    assert_eq!(lost, Lost(Some(4408)));
}

/// Somebody who supervises and can work too.
async fn supervisor(world: &World, login: &str) -> Api {
    let password = format!("{login} has a password");
    let agent = json!({"login": login, "password": password, "name": login, "capacity": 4, "supervisor": true});
    world.admin.post("/agents", agent).await.good();
    Api::sign_in(&world.admin.base, login, &password).await
}

/// A screen that shows a board.
async fn watching(world: &World, api: &Api, params: Value) -> Desk {
    let mut desk = Desk::open(&world.server.url(), &bearer(api)).await.unwrap();
    let answer = desk.call("board.subscribe", params).await.unwrap();
    desk.wall = Some(Wall::subscribed(&answer));
    desk
}

fn bearer(api: &Api) -> Vec<(&'static str, &str)> {
    vec![("Authorization", Box::leak(format!("Bearer {}", api.token.as_ref().unwrap()).into_boxed_str()))]
}

/// The board comes to show it, in time.
async fn soon(desk: &mut Desk, what: &str, shows: impl Fn(&Wall) -> bool) {
    let began = Instant::now();
    desk.until_wall(what, shows).await;
    assert!(began.elapsed() < LATE_MAX, "{what}: only after {:?}", began.elapsed());
}

/// What it shows, whenever that was.
fn shown(wall: &Wall) -> Value {
    let mut board = wall.board.clone();
    board["as_of"] = Value::Null;
    board
}
