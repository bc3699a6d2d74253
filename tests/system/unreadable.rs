//! An event from a future version: its stream is set apart everywhere, there is an alarm, everything else goes on, and
//! nothing is missing after the start of a program that can read it.

use gatehouse_sandbox::WaId;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::hook::From;
use crate::server::{DATABASE, PATIENCE, Setting};
use crate::world::{CLARA, World};

const DORA: &str = "4915112345679";
const TABLES: [&str; 2] = ["history", "reports"];

on_both_stores!(
    what_a_newer_version_wrote_is_left_alone_and_goes_on_after_the_start_of_that_version,
    an_agent_whom_nobody_can_read_holds_nobody_up,
);

async fn what_a_newer_version_wrote_is_left_alone_and_goes_on_after_the_start_of_that_version(settings: Vec<Setting>) {
    let mut world = World::start_in(settings).await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Where is it?");
    let claras = desk.accept().await;
    let first = world.mint();
    let reply = json!({"conversation": claras, "message": first, "text": "I am looking."});
    desk.call("conversation.reply", reply).await.unwrap();
    world.comes_to(&mut desk, &claras, &first, "delivered").await;
    let story = world.story(&claras).await;
    world.server.stop().await;

    // Who has it, nobody can read, and there is a stream of a kind that nobody knows.
    let assigned = format!("event_type = 'assigned' AND aggregate_id = '{claras}'");
    world.meddle(&format!("UPDATE events SET event_version = '99' WHERE {assigned}")).await;
    let weather = format!("aggregate_type = 'user' AND aggregate_id = '{}'", world.bert.id);
    world.meddle(&format!("UPDATE events SET aggregate_type = 'weather' WHERE {weather}")).await;
    world.restart().await;

    // The alarm.
    let ready = world.readiness().await;
    assert_eq!((&ready["status"], &ready["unreadable_streams"]), (&json!("ready"), &json!(2)), "{ready}");
    let named = ready["unreadable"].as_array().unwrap();
    let stream = json!(format!("conversation/{claras}"));
    let conversation = named.iter().find(|one| one["stream"] == stream).expect("it is named");
    assert!(conversation["event"] == "assigned" && conversation["position"].as_u64() > Some(0), "{named:?}");
    assert!(named.iter().any(|one| one["stream"].as_str().unwrap().starts_with("weather/")), "{named:?}");
    assert_eq!(world.metric("gatehouse_unreadable_streams").await, 2.0);
    let said = world.server.log();
    assert!(said.contains(&claras) && said.contains("its stream is set apart"), "{said}");

    // Nobody does anything with it, and whoever asks is told why.
    let path = format!("/conversations/{claras}");
    let anna = &world.anna.api;
    let asked = [
        anna.post(&format!("{path}/replies"), json!({"message": world.mint(), "text": "Still looking."})).await,
        anna.get(&format!("{path}/timeline")).await,
        anna.post(&format!("{path}/end"), json!({"reason": world.end_reason("solved").await})).await,
        world.admin.post(&format!("{path}/assign"), json!({"to": world.bert.id})).await,
        world.admin.get(&format!("{path}/why")).await,
    ];
    for refused in asked {
        assert_eq!(refused.refusal(), (409, "unreadable"));
    }

    // A call with the messages of two customers: one is kept for later, the other goes its way.
    let hook = world.hook();
    let together = hook.together(&[
        hook.text(&From::phone(CLARA), "wamid.clara.2", "Anybody there?"),
        hook.text(&From::phone(DORA), "wamid.dora.1", "A question"),
    ]);
    assert_eq!(hook.post(&together).await, 200);
    world.sandbox.read(&world.number, &WaId::from(CLARA)).unwrap();
    let mut desk = world.desk(&world.anna).await;
    let doras = desk.accept().await;
    assert_ne!(doras, claras);
    world.writes(DORA, "Another question");
    let message = world.mint();
    let reply = json!({"conversation": doras, "message": message, "text": "An answer"});
    desk.call("conversation.reply", reply).await.unwrap();
    world.comes_to(&mut desk, &doras, &message, "delivered").await;
    let reason = world.end_reason("solved").await;
    desk.call("conversation.end", json!({"conversation": doras, "reason": reason})).await.unwrap();
    world.until_aside(2).await;

    // The tables do without it, and so do those that are built anew; a standby and a backup cope.
    world.tables_keep_up().await;
    for name in TABLES {
        assert!(world.server.run(&["rebuild", name]).await.0, "{name}");
    }
    world.verified().await;
    assert!(world.readiness().await["parked"]["history"] == 1);
    let to = world.server.data().join("backup");
    let (good, said) = world.server.run(&["backup", "--to", to.to_str().unwrap()]).await;
    assert!(good, "{said}");
    drop(world.server.start_standby().await);

    // The version that wrote it.
    world.server.stop().await;
    world.meddle(&format!("UPDATE events SET event_version = '1' WHERE {assigned}")).await;
    world.meddle("UPDATE events SET aggregate_type = 'user' WHERE aggregate_type = 'weather'").await;
    world.restart().await;
    let ready = world.readiness().await;
    assert_eq!((&ready["unreadable_streams"], &ready["unreadable"]), (&json!(0), &json!([])));
    assert_eq!(world.metric("gatehouse_unreadable_streams").await, 0.0);
    world.until_aside(0).await;
    let told = world.story(&claras).await;
    assert_eq!(told[..story.len()], story);
    let mut since = told[story.len()..].to_vec();
    since.sort();
    assert_eq!(since, ["contact: Anybody there?", "read"]);
    let mut desk = world.desk(&world.anna).await;
    assert_eq!(desk.board.conversations[&claras]["owner"]["agent"], world.anna.id.as_str());
    let message = world.mint();
    let reply = json!({"conversation": claras, "message": message, "text": "Found it."});
    desk.call("conversation.reply", reply).await.unwrap();
    world.comes_to(&mut desk, &claras, &message, "delivered").await;
    assert_eq!(world.accepted(), ["I am looking.", "An answer", "Found it."]);
    world.tables_keep_up().await;
    assert!(world.readiness().await["parked"].as_object().unwrap().is_empty());
    world.verified().await;
}

async fn an_agent_whom_nobody_can_read_holds_nobody_up(settings: Vec<Setting>) {
    let mut world = World::start_in(settings).await;
    let mut annas = world.desk(&world.anna).await;
    world.writes(CLARA, "For Anna");
    let claras = annas.accept().await;
    world.writes(DORA, "For whom?");
    // Offered to Anna, who is gone before she answers.
    annas.offered().await;
    world.kill();
    let online = format!("event_type = 'went_online' AND aggregate_id = '{}'", world.anna.id);
    world.meddle(&format!("UPDATE events SET event_version = '99' WHERE {online}")).await;
    world.restart().await;
    assert_eq!(world.readiness().await["unreadable_streams"], 1);
    assert_eq!(
        world.anna.api.post("/agents/me/presence", json!({"state": "online"})).await.refusal(),
        (409, "unreadable")
    );

    // What was offered to her goes to Bert, and what she has stays hers until somebody moves it.
    let mut berts = world.desk(&world.bert).await;
    let doras = berts.accept().await;
    assert_ne!(doras, claras);
    world.admin.post(&format!("/conversations/{claras}/assign"), json!({"to": world.bert.id})).await.good();
    let message = world.mint();
    let reply = json!({"conversation": claras, "message": message, "text": "Bert here."});
    berts.call("conversation.reply", reply).await.unwrap();
    world.comes_to(&mut berts, &claras, &message, "delivered").await;

    world.kill();
    world.meddle(&format!("UPDATE events SET event_version = '1' WHERE {online}")).await;
    world.restart().await;
    let mut annas = world.desk(&world.anna).await;
    // Nothing is hers any more, and every slot of hers is free again.
    let free = |board: &crate::board::Board| (board.agents[&world.anna.id]["in_use"] == 0).then_some(());
    annas.until("her slots", free).await;
    world.tables_keep_up().await;
    world.verified().await;
}

impl World {
    /// Changes the log behind the server's back.
    async fn meddle(&self, sql: &str) {
        match self.server.setting(DATABASE) {
            Some(url) => {
                let mut log = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(&format!("SET search_path = gatehouse_log; {sql}")).execute(&mut log).await.unwrap();
            }
            None => {
                let file = SqliteConnectOptions::new().filename(self.server.data().join("log.db"));
                sqlx::raw_sql(sql).execute(&mut file.connect().await.unwrap()).await.unwrap();
            }
        }
    }

    async fn readiness(&self) -> Value {
        reqwest::get(format!("{}/health/ready", self.server.own_url())).await.unwrap().json().await.unwrap()
    }

    async fn metric(&self, name: &str) -> f64 {
        let told = reqwest::get(format!("{}/metrics", self.server.own_url())).await.unwrap().text().await.unwrap();
        let value = told.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no {name}: {told}"))
    }

    /// Waits until so much is set aside.
    async fn until_aside(&self, count: usize) {
        let there = async {
            while self.admin.items("/unrouted").await.len() != count {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, there).await.expect("as much set aside as it should be");
    }

    async fn tables_keep_up(&self) {
        let caught_up = async {
            while self.readiness().await["lag"].as_object().unwrap().values().any(|lag| *lag != 0) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, caught_up).await.expect("everybody catches up");
    }

    async fn verified(&self) {
        let (good, said) = self.server.run(&["verify"]).await;
        assert!(good && said.contains("0 differences"), "{said}");
    }
}
