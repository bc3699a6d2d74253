//! A contact is erased: every word of theirs is gone for good, and whoever writes from their number is somebody new.

use gatehouse_sandbox::{CustomerMessage, WaId};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

use crate::board::{Board, text};
use crate::desk::Desk;
use crate::hook::From;
use crate::story::inbound;
use crate::world::{CLARA, World};

/// Everything of Clara's that is somewhere: in what she wrote and was told, in her name, in her number.
const CANARIES: [&str; 5] =
    ["canary of her text", "canary of a caption", "canary of a file", "Clara Canary", "canary of a reply"];

#[tokio::test]
async fn nothing_of_an_erased_contact_can_be_read_anywhere() {
    nothing_can_be_read(World::start().await).await;
}

#[tokio::test]
async fn nothing_of_an_erased_contact_can_be_read_anywhere_on_postgres() {
    nothing_can_be_read(World::start_on_postgres().await).await;
}

async fn nothing_can_be_read(mut world: World) {
    let mut desk = world.desk(&world.anna).await;
    let conversation = clara_and_anna_talk(&world, &mut desk).await;
    let other = "4915777777777";
    world.writes(other, "I am somebody else");
    let others = desk.accept().await;
    let contact = contact_of(&world, &conversation).await;
    let before = told(&world, &conversation, &contact).await;
    for canary in
        CANARIES.iter().filter(|canary| !canary.contains("caption") && !canary.contains("file")).chain(&[CLARA])
    {
        assert!(before.contains(canary), "{canary} is not there to be erased: {before}");
    }
    let key = sealed_key(&world, &contact).await;
    assert!(key.is_some());
    let in_use = desk.board.agents[&world.anna.id]["in_use"].clone();
    assert_eq!(in_use, 2);

    let receipt = erase(&world, &contact).await;
    assert!(receipt["position"].as_u64().unwrap() > 0, "{receipt}");
    // Nothing is read any more from the moment it is answered.
    let after = told(&world, &conversation, &contact).await;
    let shown = world.admin.get(&format!("/contacts/{contact}")).await.good();
    assert_eq!(
        shown,
        json!({"id": contact, "state": "erased", "name": null, "addresses": [], "properties": [], "opted_out": [], "linked": []})
    );
    is_clean(&after);
    // Anna sees it happen: her slot is free, and the row says nothing of Clara.
    let closed = |board: &Board| {
        let row = &board.conversations[&conversation];
        (row["owner"]["reason"] == "erased" && board.agents[&world.anna.id]["in_use"] == 1).then(|| row.clone())
    };
    let row = desk.until("the conversation as erased", closed).await;
    assert_eq!((&row["contact"]["name"], &row["contact"]["address"]), (&Value::Null, &Value::Null));
    assert_eq!(row["last"]["text"], Value::Null);
    let closes =
        |board: &Board| board.lines_of(&conversation).iter().any(|line| line["what"] == "erased").then_some(());
    desk.until("the line that says so", closes).await;
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Still there?"});
    assert_eq!(desk.refused("conversation.reply", reply).await, "erased");
    // What can be counted stays.
    let story = world.story(&conversation).await;
    for line in ["opened", "contact: -", "assigned Anna", "Anna: -", "delivered", "ended (erased)", "erased"] {
        assert!(story.iter().any(|told| told == line), "{line} is gone: {story:?}");
    }

    assert_eq!(sealed_key(&world, &contact).await, None);
    nothing_at_rest(&world, key.as_deref()).await;
    assert_eq!(world.server.file("erasures.list"), Some(format!("{contact}\n")));

    // Twice is once; the same from a log that is read anew.
    erase(&world, &contact).await;
    world.kill();
    world.restart().await;
    erase(&world, &contact).await;
    is_clean(&told(&world, &conversation, &contact).await);
    assert_eq!(world.story(&conversation).await, story);
    assert_eq!(inbound(&world.timeline(&others).await), ["I am somebody else"]);
    nothing_at_rest(&world, key.as_deref()).await;

    // Whoever writes from the number is somebody new, and is answered.
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "It is me again");
    let again = desk.accept().await;
    let met_again = contact_of(&world, &again).await;
    assert!(again != conversation && met_again != contact);
    answers(&world, &mut desk, &again, "Welcome back").await;
    assert_eq!(inbound(&world.timeline(&again).await), ["It is me again"]);
    assert_eq!(world.story(&conversation).await, story);

    // And may be erased as well, as often as they like.
    erase(&world, &met_again).await;
    world.writes(CLARA, "And again");
    let third = desk.accept().await;
    assert!(![&conversation, &again].contains(&&third));
    assert!(![&contact, &met_again].contains(&&contact_of(&world, &third).await));
}

#[tokio::test]
async fn only_administrators_erase_and_only_whom_somebody_met() {
    let world = World::start().await;
    world.writes(CLARA, "Hello?");
    let mut desk = world.quiet_desk(&world.anna.api).await;
    let row = desk.until("Clara", |board| board.open().next().cloned()).await;
    let contact = text(&row["contact"]["id"]);
    let path = format!("/contacts/{contact}");
    assert_eq!(world.anna.api.post(&format!("{path}/erase"), json!({})).await.refusal(), (403, "forbidden"));
    assert_eq!(world.anna.api.get(&path).await.good()["name"], "Clara");
    let nobody = world.mint();
    assert_eq!(world.admin.post(&format!("/contacts/{nobody}/erase"), json!({})).await.refusal(), (404, "not_found"));
    assert_eq!(world.admin.get(&format!("/contacts/{nobody}")).await.refusal(), (404, "not_found"));
    let shown = world.admin.get(&path).await.good();
    assert_eq!((&shown["state"], &shown["name"]), (&json!("known"), &json!("Clara")));
    assert_eq!(shown["addresses"][0], json!({"channel": "whatsapp", "kind": "phone", "value": CLARA}));
    assert_eq!(world.server.file("erasures.list"), None);
}

pub async fn erase(world: &World, contact: &str) -> Value {
    world.admin.post(&format!("/contacts/{contact}/erase"), json!({})).await.good()
}

/// Clara writes, sends a picture and is answered.
async fn clara_and_anna_talk(world: &World, desk: &mut Desk) -> String {
    let name = Some("Clara Canary".to_owned());
    let message = CustomerMessage { text: Some("canary of her text".to_owned()), name, ..CustomerMessage::default() };
    world.sandbox.write(&world.number, &WaId::from(CLARA), message).unwrap();
    let conversation = desk.accept().await;
    let hook = world.hook();
    let mut picture: Value = serde_json::from_str(&hook.text(&From::phone(CLARA), "wamid.picture", "-")).unwrap();
    let value = &mut picture["entry"][0]["changes"][0]["value"];
    value["contacts"][0]["profile"]["name"] = json!("Clara Canary");
    let message = &mut value["messages"][0];
    message.as_object_mut().unwrap().remove("text");
    message["type"] = json!("document");
    message["document"] = json!({"id": "1", "caption": "canary of a caption", "filename": "canary of a file"});
    assert_eq!(hook.post(&picture.to_string()).await, 200);
    answers(world, desk, &conversation, "canary of a reply").await;
    conversation
}

async fn answers(world: &World, desk: &mut Desk, conversation: &str, words: &str) {
    let message = world.mint();
    let reply = json!({"conversation": conversation, "message": message, "text": words});
    desk.call("conversation.reply", reply).await.unwrap();
    world.comes_to(desk, conversation, &message, "delivered").await;
}

/// Everything the API and a desk that has just sat down tell of a conversation and its contact.
async fn told(world: &World, conversation: &str, contact: &str) -> String {
    let mut told = vec![];
    for path in [
        format!("/conversations/{conversation}"),
        format!("/conversations/{conversation}/timeline"),
        format!("/contacts/{contact}"),
        "/conversations?state=open&limit=200".to_owned(),
        "/conversations?state=ended&limit=200".to_owned(),
        "/unrouted".to_owned(),
        "/quarantine".to_owned(),
    ] {
        told.push(world.admin.get(&path).await.good().to_string());
    }
    let desk = world.quiet_desk(&world.bert.api).await;
    told.push(format!("{:?}", desk.board));
    told.join("\n")
}

fn is_clean(told: &str) {
    for canary in CANARIES.iter().chain(&[CLARA]) {
        assert!(!told.contains(canary), "{canary} is still told: {told}");
    }
}

pub async fn contact_of(world: &World, conversation: &str) -> String {
    text(&world.admin.get(&format!("/conversations/{conversation}")).await.good()["contact"]["id"])
}

/// No word in clear, and no key that would open the sealed ones: not in a file, not in a table.
async fn nothing_at_rest(world: &World, key: Option<&str>) {
    for word in CANARIES.iter().chain(&[CLARA]).chain(key.as_ref()) {
        assert_eq!(world.server.scan(word), Vec::<String>::new(), "{word}");
    }
    let Some(mut database) = postgres(world).await else { return };
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_schema::text, table_name::text FROM information_schema.tables WHERE table_schema LIKE 'gatehouse%' OR table_schema IN ('work', 'reporting')",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert!(tables.len() >= 5, "{tables:?}");
    for (schema, table) in tables {
        let rows: Vec<String> = sqlx::query_scalar(&format!("SELECT t::text FROM {schema}.{table} AS t"))
            .fetch_all(&mut database)
            .await
            .unwrap();
        for word in CANARIES.iter().chain(&[CLARA]).chain(key.as_ref()) {
            assert!(!rows.iter().any(|row| row.contains(word)), "{word} is in {schema}.{table}");
        }
    }
}

/// The contact's key as it is stored, sealed under the master key.
async fn sealed_key(world: &World, contact: &str) -> Option<String> {
    match postgres(world).await {
        Some(mut database) => {
            let sql = "SELECT sealed FROM gatehouse_log.contact_keys WHERE contact = $1";
            sqlx::query(sql).bind(contact).fetch_optional(&mut database).await.unwrap().map(|row| row.get(0))
        }
        None => {
            let mut log = sqlite(world).await;
            let sql = "SELECT sealed FROM contact_keys WHERE contact = ?";
            sqlx::query(sql).bind(contact).fetch_optional(&mut log).await.unwrap().map(|row| row.get(0))
        }
    }
}

/// How many contacts have a key.
pub async fn keys(world: &World) -> i64 {
    match postgres(world).await {
        Some(mut database) => sqlx::query_scalar("SELECT count(*) FROM gatehouse_log.contact_keys")
            .fetch_one(&mut database)
            .await
            .unwrap(),
        None => {
            let mut log = sqlite(world).await;
            sqlx::query_scalar("SELECT count(*) FROM contact_keys").fetch_one(&mut log).await.unwrap()
        }
    }
}

async fn sqlite(world: &World) -> sqlx::SqliteConnection {
    let file = world.server.data().join("log.db");
    sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true).connect().await.unwrap()
}

async fn postgres(world: &World) -> Option<PgConnection> {
    Some(PgConnection::connect(world.server.setting("GATEHOUSE_DATABASE_URL")?).await.unwrap())
}
