//! The database is gone, frozen, read-only, locked, or its disk is full: nothing is promised that cannot be kept, nothing
//! promised is lost, nobody waits for ever, and the server recovers by itself.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};

use crate::board::text;
use crate::cluster::Cluster;
use crate::hook::{From, Hook, sign};
use crate::server::PATIENCE;
use crate::story::{inbound, ticks};
use crate::world::{CLARA, World};

/// Nobody waits longer for an answer, whatever it is.
const ANSWERED_WITHIN: Duration = Duration::from_secs(17);
const DORA: &str = "4915199999999";

#[tokio::test]
async fn the_database_is_gone_for_a_while() {
    let cluster = Cluster::start().await;
    let world = World::start_with(&[("GATEHOUSE_DATABASE_URL", &cluster.url())]).await;
    survives(&world, async || cluster.stop(), async || cluster.start_again().await).await;
}

#[tokio::test]
async fn the_database_stands_still_for_a_while() {
    let cluster = Cluster::start().await;
    let world = World::start_with(&[("GATEHOUSE_DATABASE_URL", &cluster.url())]).await;
    survives(&world, async || cluster.stands_still(true), async || cluster.stands_still(false)).await;
}

#[tokio::test]
async fn the_database_takes_no_writes_for_a_while() {
    let cluster = Cluster::start().await;
    let world = World::start_with(&[("GATEHOUSE_DATABASE_URL", &cluster.url())]).await;
    survives(&world, async || cluster.takes_writes(false).await, async || cluster.takes_writes(true).await).await;
}

#[tokio::test]
async fn the_disk_is_full_for_a_while() {
    let world = World::start().await;
    survives(&world, async || world.server.may_write(false), async || world.server.may_write(true)).await;
}

#[tokio::test]
async fn the_disk_of_the_database_is_full_for_a_while() {
    let cluster = Cluster::start().await;
    let world = World::start_with(&[("GATEHOUSE_DATABASE_URL", &cluster.url())]).await;
    let ends = async || {
        // It cannot even write its own log, and has given up: whoever runs it starts it again when there is room.
        cluster.stop();
        cluster.start_again().await;
    };
    survives(&world, async || cluster.has_a_full_disk(), ends).await;
}

#[tokio::test]
async fn somebody_else_has_locked_the_log_for_a_while() {
    let world = World::start().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(world.server.data().join("log.db"));
    let mut meddler = options.connect().await.unwrap();
    let holder = tokio::sync::Mutex::new(&mut meddler);
    let say = async |sql: &str| {
        sqlx::raw_sql(sql).execute(&mut **holder.lock().await).await.unwrap();
    };
    survives(&world, async || say("BEGIN IMMEDIATE").await, async || say("ROLLBACK").await).await;
    meddler.close().await.unwrap();
}

/// What happens to a working system when a fault begins, lasts and ends.
async fn survives(world: &World, begins: impl AsyncFn(), ends: impl AsyncFn()) {
    let hook = world.hook();
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "before");
    let conversation = desk.accept().await;
    let promised = (world.mint(), world.mint());
    let reply = |message: &str| json!({"conversation": conversation, "message": message, "text": "an answer"});
    desk.call("conversation.reply", reply(&promised.0)).await.unwrap();
    world.comes_to(&mut desk, &conversation, &promised.0, "delivered").await;
    drop(desk);

    begins().await;
    let clara = hook.text(&From::phone(CLARA), "wamid.during", "during");
    let dora = hook.text(&From::phone(DORA), "wamid.dora", "somebody new");
    let answer = json!({"message": promised.1, "text": "an answer during"});
    let path = format!("/conversations/{conversation}/replies");
    let asks = || async {
        // At once, as it happens, and each is told to come again.
        let hooks = join_all([&clara, &dora].map(|body| refused(called(&hook, body))));
        let inbox = json!({"name": "Late"});
        let api = join_all([refused(told(world, &path, &answer)), refused(told(world, "/inboxes", &inbox))]);
        tokio::join!(hooks, api);
    };
    asks().await;
    let health = async |what: &str| {
        let call = hook.http.get(format!("{}/health/{what}", world.server.url())).send();
        tokio::time::timeout(Duration::from_secs(5), call).await.unwrap().unwrap()
    };
    assert_eq!(health("live").await.status(), 200);
    let since = Instant::now();
    while health("ready").await.status() != 503 {
        assert!(since.elapsed() < Duration::from_secs(8), "it says that it is ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(health("ready").await.headers().contains_key("Retry-After"));
    asks().await;
    assert_eq!(health("live").await.status(), 200);

    ends().await;
    let since = Instant::now();
    while health("ready").await.status() != 200 {
        assert!(since.elapsed() < PATIENCE, "it does not recover");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for body in [&clara, &dora, &clara] {
        assert_eq!(hook.post(body).await, 200);
    }
    for _ in 0..2 {
        let answered = told(world, &path, &answer).await;
        assert!(answered.status().is_success(), "{}", answered.text().await.unwrap());
    }
    let since = Instant::now();
    let entries = loop {
        let entries = world.timeline(&conversation).await;
        if ticks(&entries, &promised.1) == "delivered" {
            break entries;
        }
        assert!(since.elapsed() < PATIENCE, "the answer is {}", ticks(&entries, &promised.1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(inbound(&entries), ["before", "during"]);
    assert_eq!(ticks(&entries, &promised.0), "delivered");
    assert_eq!(world.accepted(), ["an answer", "an answer during"]);
    let conversations = world.conversations().await;
    let of_dora = conversations.iter().find(|one| one["contact"]["address"] == DORA).unwrap();
    assert_eq!(inbound(&world.timeline(&text(&of_dora["conversation"])).await), ["somebody new"]);
    assert_eq!(conversations.len(), 2);
    assert_eq!(world.admin.items("/inboxes").await.len(), 1);
}

async fn called(hook: &Hook, body: &str) -> reqwest::Response {
    let call = hook.http.post(&hook.url).header("X-Hub-Signature-256", sign(&hook.secret, body));
    call.body(body.to_owned()).send().await.unwrap()
}

/// Anna's commands go under her name, all others under the administrator's.
async fn told(world: &World, path: &str, body: &Value) -> reqwest::Response {
    let api = if path.starts_with("/conversations") { &world.anna.api } else { &world.admin };
    let call = api.http.post(format!("{}/api/v1{path}", api.base)).bearer_auth(api.token.as_ref().unwrap());
    call.json(body).send().await.unwrap()
}

/// Whoever asks hears in time that it was not done, by a stable code, and when to come again.
async fn refused(call: impl Future<Output = reqwest::Response>) {
    let answer = tokio::time::timeout(ANSWERED_WITHIN, call).await.expect("nobody waits for ever");
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!((status, &body["code"]), (503, &json!("unavailable")));
    assert!(retry_after.is_some_and(|seconds| seconds > 0), "{retry_after:?}");
}
