//! A backup taken under load and restored elsewhere: nothing acknowledged before it is missing, and nothing is sent twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::board::text;
use crate::desk::Desk;
use crate::hook::{From, Hook};
use crate::server::PATIENCE;
use crate::story::{inbound, statuses, ticks};
use crate::world::{CLARA, World, database};

/// What the server said it has: the words by the webhook that brought them.
type Acknowledged = Arc<Mutex<Vec<(String, String)>>>;

#[tokio::test]
async fn a_backup_taken_under_load_is_restored_and_nothing_goes_out_twice() {
    restored_elsewhere(World::start().await, vec![]).await;
}

#[tokio::test]
async fn an_installation_grows_from_sqlite_onto_postgres() {
    restored_elsewhere(World::start().await, vec![database("restored").await]).await;
}

#[tokio::test]
async fn an_installation_moves_from_postgres_to_sqlite() {
    restored_elsewhere(World::start_on_postgres().await, vec![]).await;
}

async fn restored_elsewhere(mut world: World, to: Vec<(&'static str, String)>) {
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let sent = reply(&world, &mut desk, &conversation, "sent").await;
    world.comes_to(&mut desk, &conversation, &sent, "delivered").await;
    world.admin.post("/sending/pause", json!({})).await.good();
    let waits = reply(&world, &mut desk, &conversation, "waits").await;
    let waits_too = reply(&world, &mut desk, &conversation, "waits too").await;

    let acknowledged = Acknowledged::default();
    let mut customers = everybody_writes(&world.hook(), &acknowledged);
    more(&acknowledged, 60).await;
    let before = acknowledged.lock().unwrap().clone();
    let backups = TempDir::new().unwrap();
    let backup = backups.path().join("tonight");
    let backup = backup.to_str().unwrap();
    let (good, said) = world.server.run(&["backup", "--to", backup]).await;
    assert!(good && said.contains("backed up"), "{said}");
    // The end of the log that will be lost: messages come in, and what waited goes out.
    more(&acknowledged, 20).await;
    world.admin.post("/sending/resume", json!({})).await.good();
    world.comes_to(&mut desk, &conversation, &waits_too, "delivered").await;
    assert_eq!(world.accepted(), ["sent", "waits", "waits too"]);
    customers.abort_all();
    while customers.join_next().await.is_some() {}
    world.kill();

    let _old = world.server.move_out(true, to);
    let (good, said) = world.server.run(&["restore", "--from", backup]).await;
    assert!(good && said.contains("sending is paused"), "{said}");
    world.restart().await;
    let state = world.admin.get("/sending").await.good();
    assert_eq!(state["paused"], true);
    assert!(text(&state["reason"]).starts_with("restored from the backup of "), "{state}");
    assert_eq!(ready(&world).await["sending_paused"], true);

    there_once(&world, &before).await;
    // The provider delivers again what it likes: what is there is not taken twice, and what was lost is taken.
    let everything = acknowledged.lock().unwrap().clone();
    assert!(everything.len() > before.len());
    for (body, _) in &everything {
        assert_eq!(world.hook().post(body).await, 200);
    }
    there_once(&world, &everything).await;

    a_desk_of_before_starts_again(&world, &desk).await;
    let mut desk = world.quiet_desk(&world.anna.api).await;
    let new = reply(&world, &mut desk, &conversation, "new").await;
    for message in [&waits, &waits_too] {
        assert_eq!(doubted(&world, &conversation, message).await, ["queued", "indeterminate"]);
    }
    assert_eq!(world.accepted(), ["sent", "waits", "waits too"], "nothing goes out while sending is paused");

    // Somebody looks at the customer's phone: the first arrived; and is not sure of the second.
    let discard = json!({"conversation": conversation, "message": waits, "resolution": "discard"});
    desk.call("conversation.resolve", discard).await.unwrap();
    let path = format!("/conversations/{conversation}/replies/{waits_too}/resolve");
    world.anna.api.post(&path, json!({"resolution": "resend"})).await.good();
    assert_eq!(world.anna.api.post(&path, json!({"resolution": "resend"})).await.refusal(), (409, "not_indeterminate"));
    assert_eq!(ticks(&world.timeline(&conversation).await, &waits_too), "queued", "it waits like everything else");
    assert_eq!(world.accepted().len(), 3);

    assert_eq!(world.anna.api.post("/sending/resume", json!({})).await.refusal(), (403, "forbidden"));
    let state = world.admin.post("/sending/resume", json!({})).await.good();
    assert_eq!(state, json!({"paused": false, "since": null, "reason": null}));
    world.comes_to(&mut desk, &conversation, &new, "delivered").await;
    world.comes_to(&mut desk, &conversation, &waits_too, "delivered").await;
    assert_eq!(world.accepted(), ["sent", "waits", "waits too", "waits too", "new"]);

    // The doubt does not come back with the next start.
    world.kill();
    world.restart().await;
    assert_eq!(ready(&world).await["sending_paused"], false);
    assert_eq!(ticks(&world.timeline(&conversation).await, &waits), "discarded");
    assert_eq!(world.accepted().len(), 5);
}

#[tokio::test]
async fn what_cannot_be_backed_up_or_restored_is_told_and_changes_nothing() {
    let mut world = World::start().await;
    world.hook().post(&world.hook().text(&From::phone(CLARA), "wamid.1", "Hello?")).await;
    let dir = TempDir::new().unwrap();
    let backup = dir.path().join("backup");
    let backup = backup.to_str().unwrap();
    let said = async |world: &World, args: &[&str]| {
        let (good, said) = world.server.run(args).await;
        assert!(!good, "{args:?}: {said}");
        said
    };
    let into = ["restore", "--from", backup];
    assert!(world.server.run(&["backup", "--to", backup]).await.0);
    assert!(said(&world, &["backup", "--to", backup]).await.contains("holds something already"));
    assert!(said(&world, &into).await.contains("another server uses"), "a running server is left alone");
    world.kill();
    assert!(said(&world, &into).await.contains("holds a log already"));
    assert!(said(&world, &["restore", "--from", dir.path().to_str().unwrap()]).await.contains("is no backup"));

    let old = world.server.move_out(false, vec![]);
    assert!(said(&world, &into).await.contains("the keys are missing"));
    assert!(said(&world, &["backup", "--to", "unmade"]).await.contains("there is no log to back up"));
    assert_eq!(world.server.files(), Vec::<String>::new(), "nothing was made");
    assert!(!std::path::Path::new("unmade").exists());

    world.server.move_in(old);
    world.server.move_out(true, vec![]);
    let events = format!("{backup}/events.ndjson");
    let whole = std::fs::read_to_string(&events).unwrap();
    std::fs::write(&events, whole.replacen("user_added", "user_adder", 1)).unwrap();
    assert!(said(&world, &into).await.contains("damaged: events.ndjson"));
    std::fs::write(&events, whole).unwrap();
    assert!(said(&world, &[&into[..], &["--erasures", "nowhere"]].concat()).await.contains("erasures"));
    assert_eq!(world.server.files(), ["installation.secret", "master.key"], "nothing was made");

    assert!(world.server.run(&into).await.0);
    world.restart().await;
    assert_eq!(world.conversations().await.len(), 1);
}

/// Six customers who write as fast as they are heard.
fn everybody_writes(hook: &Hook, acknowledged: &Acknowledged) -> JoinSet<()> {
    let mut customers = JoinSet::new();
    for phone in (0..6).map(|n| format!("49158000000{n:02}")) {
        let (hook, acknowledged) = (hook.clone(), Arc::clone(acknowledged));
        customers.spawn(async move {
            for n in 0.. {
                let words = format!("{phone} says {n}");
                let body = hook.text(&From::phone(&phone), &format!("wamid.{phone}.{n}"), &words);
                assert_eq!(hook.post(&body).await, 200);
                acknowledged.lock().unwrap().push((body, words));
            }
        });
    }
    customers
}

async fn more(acknowledged: &Acknowledged, count: usize) {
    let until = acknowledged.lock().unwrap().len() + count;
    let enough = async {
        while acknowledged.lock().unwrap().len() < until {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, enough).await.expect("messages are taken");
}

/// Every message is there once, and none twice.
async fn there_once(world: &World, expected: &[(String, String)]) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for conversation in world.conversations().await {
        for words in inbound(&world.timeline(conversation["conversation"].as_str().unwrap()).await) {
            *counts.entry(words).or_default() += 1;
        }
    }
    for (_, words) in expected {
        assert_eq!(counts.get(words), Some(&1), "{words}");
    }
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}

/// The session is still good, and what the desk knew of the old log is not.
async fn a_desk_of_before_starts_again(world: &World, desk: &Desk) {
    let bearer = format!("Bearer {}", world.anna.api.token.as_ref().unwrap());
    let mut again = Desk::open(&world.server.url(), &[("Authorization", &bearer)]).await.unwrap();
    let resume = json!({"log": desk.board.log, "position": 1});
    let answer = again.call("desk.subscribe", json!({"resume": resume})).await.unwrap();
    assert_eq!(answer["reset"], true);
    assert_ne!(answer["log"], desk.board.log.as_str());
}

async fn reply(world: &World, desk: &mut Desk, conversation: &str, words: &str) -> String {
    let message = world.mint();
    let reply = json!({"conversation": conversation, "message": message, "text": words});
    desk.call("conversation.reply", reply).await.unwrap();
    message
}

/// Waits until a message is in doubt, and gives how it came to that.
async fn doubted(world: &World, conversation: &str, message: &str) -> Vec<String> {
    let doubted = async {
        loop {
            let entries = world.timeline(conversation).await;
            if ticks(&entries, message) == "indeterminate" {
                return statuses(&entries, message);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, doubted).await.expect("it is doubted")
}

async fn ready(world: &World) -> Value {
    let url = format!("{}/health/ready", world.server.url());
    serde_json::from_str(&world.admin.http.get(url).send().await.unwrap().text().await.unwrap()).unwrap()
}
