//! What time does: promises to customers, silence, the reply window; and where an entry point leads.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::board::{Board, text};
use crate::server::PATIENCE;
use crate::world::{CLARA, World};

const DORA: &str = "4915822222222";

#[tokio::test]
async fn an_exception_leads_an_entry_point_to_its_inbox_with_a_promise_of_its_own() {
    let world = World::start().await;
    let vip = json!({"name": "VIP", "sla_first_response_minutes": 5, "sla_next_response_minutes": "7.5"});
    let vip = text(&world.admin.post("/inboxes", vip).await.good()["id"]);
    let path = format!("/gateways/{}/exception", world.gateway);
    let waits = async |customer: &str| {
        world.writes(customer, "Hello?");
        world.until(|row| row["contact"]["address"] == customer).await
    };

    let row = waits(CLARA).await;
    assert_eq!((&row["inbox"], &row["sla"]), (&json!(world.inbox), &Value::Null));

    let set = world.admin.put_json(&path, json!({"inbox": vip, "sla_minutes": 0.66})).await.good();
    assert_eq!(set["exception"], json!({"inbox": vip, "sla_ms": 39_600}));
    let row = waits(DORA).await;
    assert_eq!(row["inbox"], json!(vip));
    let (due, since) = (time(&row["sla"]["due"]), time(&row["owner"]["since"]));
    assert_eq!((due - since, &row["sla"]["breached"]), (TimeDelta::milliseconds(39_600), &json!(false)));

    let blank = world.admin.put_json(&path, json!({"inbox": vip, "sla_minutes": " "})).await.good();
    assert_eq!(blank["exception"], json!({"inbox": vip, "sla_ms": null}));
    let row = waits("4915833333333").await;
    let (due, since) = (time(&row["sla"]["due"]), time(&row["owner"]["since"]));
    assert_eq!(due - since, TimeDelta::minutes(5), "the inbox's");

    let cleared = world.admin.delete(&path).await.good();
    assert_eq!(cleared["exception"], Value::Null);
    assert_eq!(waits("4915844444444").await["inbox"], json!(world.inbox));
}

#[tokio::test]
async fn an_exception_that_says_nonsense_is_refused_by_field_and_changes_nothing() {
    let world = World::start().await;
    let path = format!("/gateways/{}/exception", world.gateway);
    let (inbox, nobodys) = (&world.inbox, world.mint());
    let a_year_and_a_bit = json!(525_600.01);
    for sla in [json!(0), json!(-1), json!("0.00"), json!("soon"), json!("0,66"), a_year_and_a_bit, json!([1])] {
        let refused = world.admin.put_json(&path, json!({"inbox": inbox, "sla_minutes": sla})).await;
        assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["sla_minutes"]), "{sla}");
    }
    let refused = world.admin.put_json(&path, json!({"inbox": nobodys, "sla_minutes": "no"})).await;
    assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["inbox", "sla_minutes"]));
    let good = json!({"inbox": inbox, "sla_minutes": 1});
    assert_eq!(world.anna.api.put_json(&path, good.clone()).await.refusal(), (403, "forbidden"));
    let nowhere = format!("/gateways/{nobodys}/exception");
    assert_eq!(world.admin.put_json(&nowhere, good).await.refusal(), (404, "not_found"));
    assert_eq!(world.admin.delete(&nowhere).await.refusal(), (404, "not_found"));
    let idle = format!("/gateways/{}/idle_close", world.gateway);
    for after_s in [0, 365 * 24 * 60 * 60 + 1] {
        let refused = world.admin.put_json(&idle, json!({"after_s": after_s})).await;
        assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["after_s"]));
    }
    let gateway = world.admin.get(&format!("/gateways/{}", world.gateway)).await.good();
    assert_eq!((&gateway["exception"], &gateway["idle_close_s"]), (&Value::Null, &json!(86_400)));
}

#[tokio::test]
async fn a_promise_that_is_broken_is_shown_until_somebody_answers_and_the_next_is_counted_anew() {
    let world = World::start().await;
    let routing = format!("/inboxes/{}/routing", world.inbox);
    let promise = json!({"sla_first_response_minutes": 0.02, "sla_next_response_minutes": "60"});
    world.admin.put_json(&routing, promise).await.good();
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = anna.accept().await;
    let sla = |board: &Board| board.conversations[&conversation]["sla"].clone();
    assert_eq!(sla(&anna.board)["clock"], "first_response");
    anna.until("the promise broken", |board| (sla(board)["breached"] == true).then_some(())).await;

    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Sorry, here I am"});
    anna.call("conversation.reply", reply).await.unwrap();
    anna.until("no promise that runs", |board| sla(board).is_null().then_some(())).await;
    // Changed for whoever comes later, not for her.
    world.admin.put_json(&routing, json!({"sla_next_response_minutes": 1})).await.good();
    world.writes(CLARA, "And?");
    anna.until("the next promise", |board| (sla(board)["clock"] == "next_response").then_some(())).await;
    let (row, next) = (&anna.board.conversations[&conversation], sla(&anna.board));
    assert_eq!(time(&next["due"]) - time(&row["last"]["at"]), TimeDelta::minutes(60));
    let story = world.story(&conversation).await;
    assert_eq!(story.iter().filter(|line| *line == "sla_breached").count(), 1, "{story:?}");
}

#[tokio::test]
async fn a_promise_that_runs_out_while_the_server_is_down_is_broken_all_the_same() {
    let mut world = World::start().await;
    let routing = format!("/inboxes/{}/routing", world.inbox);
    world.admin.put_json(&routing, json!({"sla_first_response_minutes": 0.05})).await.good();
    world.writes(CLARA, "Hello?");
    let row = world.until(|_| true).await;
    assert_eq!(row["sla"]["breached"], false);
    world.kill();
    sleep_until(time(&row["sla"]["due"])).await;
    world.restart().await;
    let mut anna = world.quiet_desk(&world.anna.api).await;
    let broken = |board: &Board| board.open().next().filter(|row| row["sla"]["breached"] == true).cloned();
    let after = anna.until("the promise broken", broken).await;
    assert_eq!(after["sla"]["due"], row["sla"]["due"]);
}

#[tokio::test]
async fn a_silent_customers_interaction_ends_also_while_the_server_is_down() {
    let mut world = World::start().await;
    let idle = format!("/gateways/{}/idle_close", world.gateway);
    assert_eq!(world.admin.put_json(&idle, json!({"after_s": 3})).await.good()["idle_close_s"], 3);
    // Hours on the way do not count: silence begins when it was received.
    world.wrote(CLARA, "Hello?", 7_200);
    let row = world.until(|_| true).await;
    assert_eq!(row["owner"]["is"], "queue");
    let received = time(&row["last"]["at"]);
    world.kill();
    sleep_until(received + TimeDelta::seconds(3)).await;
    world.restart().await;
    let ended = world.until(|row| row["owner"]["is"] == "nobody").await;
    assert_eq!(ended["owner"]["reason"], "idle");
    assert!(time(&ended["owner"]["at"]) >= received + TimeDelta::seconds(3));

    assert_eq!(world.admin.put_json(&idle, json!({"after_s": null})).await.good()["idle_close_s"], Value::Null);
    world.writes(CLARA, "Hello again?");
    let next = world.until(|row| row["owner"]["is"] != "nobody").await;
    assert_eq!(next["interaction"], 2);
}

#[tokio::test]
async fn the_reply_window_is_counted_from_the_providers_time_and_closes_over_a_restart() {
    let mut world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.wrote(CLARA, "Hello?", 24 * 3_600 - 8);
    let conversation = anna.accept().await;
    let row = anna.board.conversations[&conversation].clone();
    let until = time(&row["window_until"]);
    assert!(until - time(&row["last"]["at"]) <= TimeDelta::seconds(8), "{row}");
    world.kill();
    world.restart().await;
    let mut anna = world.desk(&world.anna).await;
    let shown = |board: &Board| text(&board.conversations[&conversation]["window_until"]);
    assert_eq!(time(&shown(&anna.board).into()), until);
    sleep_until(until).await;
    let late = json!({"conversation": conversation, "message": world.mint(), "text": "Too late"});
    assert_eq!(anna.refused("conversation.reply", late).await, "window_closed");
    let closed = async || world.story(&conversation).await.iter().any(|line| line == "window_expired");
    tokio::time::timeout(PATIENCE, async { while !closed().await {} }).await.unwrap();

    world.writes(CLARA, "Still there?");
    anna.until("the window open again", |board| (time(&shown(board).into()) > until).then_some(())).await;
    let answer = json!({"conversation": conversation, "message": world.mint(), "text": "Yes"});
    anna.call("conversation.reply", answer).await.unwrap();
}

impl World {
    /// Waits for a conversation that fits, as REST tells it.
    async fn until(&self, fits: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                if let Some(row) = self.conversations().await.into_iter().find(&fits) {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.expect("a conversation that fits")
    }
}

fn time(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

async fn sleep_until(at: DateTime<Utc>) {
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    tokio::time::sleep((at - now).to_std().unwrap_or_default() + Duration::from_millis(50)).await;
}
