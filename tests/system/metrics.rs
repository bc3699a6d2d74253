//! `/metrics`: the numbers an administrator is woken by move as they promise, and say nothing about anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::json;

use crate::hook::{From, Hook};
use crate::server::PATIENCE;
use crate::world::{CLARA, World};

#[tokio::test]
async fn the_numbers_tell_the_story() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    let before = metrics(&world).await;
    let hook = world.hook();
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let message = world.mint();
    let reply = json!({"conversation": conversation, "message": message, "text": "Hello Clara"});
    desk.call("conversation.reply", reply).await.unwrap();
    world.comes_to(&mut desk, &conversation, &message, "delivered").await;
    let twice = hook.text(&From::phone(CLARA), "wamid.twice", "once or twice");
    for _ in 0..2 {
        assert_eq!(hook.post(&twice).await, 200);
    }
    assert_eq!(hook.post("{}").await, 200);
    assert_eq!(hook.post_signed_as(&twice, Some("sha256=00")).await.unwrap(), 401);
    let elsewhere = Hook { account: "nobody's".to_owned(), ..hook.clone() };
    assert_eq!(hook.post(&elsewhere.text(&From::phone(CLARA), "wamid.lost", "to nobody")).await, 200);

    let after = settled(&world).await;
    let grown = |name: &str| value(&after, name) - value(&before, name);
    // The customer's first message, news of ours (sent, delivered), one message twice, two things set aside.
    assert_eq!(grown(r#"gatehouse_webhook_requests_total{provider="meta",outcome="kept"}"#), 7.0);
    assert_eq!(grown(r#"gatehouse_webhook_requests_total{provider="meta",outcome="forged"}"#), 1.0);
    assert_eq!(grown(r#"gatehouse_set_aside_total{kind="quarantine"}"#), 1.0);
    assert_eq!(grown(r#"gatehouse_set_aside_total{kind="unrouted"}"#), 1.0);
    assert_eq!(grown(r#"gatehouse_sends_total{outcome="submitted"}"#), 1.0);
    assert_eq!(grown(r#"gatehouse_appends_total{outcome="duplicate"}"#), 1.0);
    assert!(grown(r#"gatehouse_appends_total{outcome="committed"}"#) >= 8.0);
    assert!(grown("gatehouse_append_seconds_count") > 0.0);
    assert_eq!(value(&after, "gatehouse_log_writable"), 1.0);
    assert_eq!(value(&after, "gatehouse_worklist_violations"), 0.0);
    assert_eq!(value(&after, "gatehouse_sockets_open"), 1.0);
    assert!(value(&after, r#"gatehouse_actors_living{kind="conversation"}"#) >= 1.0);
    assert!(value(&after, r#"gatehouse_http_request_seconds_count{route="/hooks/{connection}",status="2xx"}"#) >= 7.0);
    for follower in ["desks", "worklist", "outbox", "deadlines"] {
        let position = value(&after, &format!(r#"gatehouse_follower_position{{follower="{follower}"}}"#));
        assert_eq!(position, value(&after, "gatehouse_log_position"), "{follower}");
    }
    drop(desk);
    let since = Instant::now();
    while value(&metrics(&world).await, "gatehouse_sockets_open") != 0.0 {
        assert!(since.elapsed() < PATIENCE, "the desk is gone and still counted");
    }
}

#[tokio::test]
async fn the_numbers_are_well_formed_and_say_nothing_about_anybody() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    world.anna.api.get(&format!("/conversations/{conversation}/timeline")).await.good();
    let text = told(&world).await;
    for secret in [CLARA, "Clara", "Anna", &conversation, &world.connection, &world.anna.id, "Hello"] {
        assert!(!text.contains(secret), "{secret} is told to whoever asks");
    }
    let metrics = parsed(&text);
    let said = |what: &str| -> BTreeSet<&str> {
        text.lines().filter_map(|line| line.strip_prefix(what)?.split(' ').next()).collect()
    };
    let (help, types) = (said("# HELP "), said("# TYPE "));
    for name in metrics.keys() {
        let name = name.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(family.starts_with("gatehouse_") && help.contains(family) && types.contains(family), "{name}");
    }
    assert!(metrics.len() < 1_000, "{} lines are more than anybody reads", metrics.len());
}

/// The numbers once nothing is on its way any more.
async fn settled(world: &World) -> BTreeMap<String, f64> {
    let since = Instant::now();
    loop {
        let metrics = metrics(world).await;
        let behind: f64 = metrics.iter().filter(|(name, _)| name.contains("lag_events")).map(|(_, value)| value).sum();
        if behind == 0.0 {
            return metrics;
        }
        assert!(since.elapsed() < PATIENCE, "followers do not come to the end");
    }
}

async fn metrics(world: &World) -> BTreeMap<String, f64> {
    parsed(&told(world).await)
}

async fn told(world: &World) -> String {
    let answer = world.admin.http.get(format!("{}/metrics", world.server.url())).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    answer.text().await.unwrap()
}

/// Every line as Prometheus reads it; one that it could not read is an error.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line}")))
    };
    lines.map(pair).collect()
}

/// What stands under a name; what has not been counted is nothing.
fn value(metrics: &BTreeMap<String, f64>, name: &str) -> f64 {
    metrics.get(name).copied().unwrap_or(0.0)
}
