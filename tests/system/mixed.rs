//! Calls that carry several things, of which not all can be used.

use gatehouse_sandbox::{CustomerMessage, WaId};
use serde_json::{Value, json};

use crate::board::text;
use crate::hook::From;
use crate::world::{CLARA, World};

#[tokio::test]
async fn one_part_nobody_understands_spoils_no_other() {
    let world = World::start().await;
    let hook = world.hook();
    let mut call: Value = serde_json::from_str(&hook.text(&From::phone(CLARA), "wamid.1", "Hello?")).unwrap();
    let nonsense = json!({"id": "wamid.2", "nonsense": true});
    let value = &mut call["entry"][0]["changes"][0]["value"];
    value["messages"].as_array_mut().unwrap().insert(0, nonsense.clone());
    let strange = json!({"field": "account_alerts", "value": {"alert": "odd"}});
    call["entry"][0]["changes"].as_array_mut().unwrap().push(strange);
    for _ in 0..2 {
        assert_eq!(hook.post(&call.to_string()).await, 200);
    }

    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    let story = world.story(conversation["conversation"].as_str().unwrap()).await;
    assert_eq!(story, ["opened", "queued", "contact: Hello?"]);
    let change = |item: &Value| -> Value {
        let kept: Value = serde_json::from_str(item["original"].as_str().unwrap()).unwrap();
        kept["entry"][0]["changes"][0].clone()
    };
    let mut quarantine: Vec<Value> = world.admin.items("/quarantine").await.iter().map(change).collect();
    quarantine.sort_by_key(|change| change["field"].to_string());
    let [alert, message] = &quarantine[..] else { panic!("{quarantine:?}") };
    assert_eq!(*alert, json!({"field": "account_alerts", "value": {"alert": "odd"}}));
    assert_eq!(message["value"]["messages"], json!([nonsense]));
}

#[tokio::test]
async fn news_of_a_message_that_is_not_ours_is_kept_aside() {
    let world = World::start().await;
    let hook = world.hook();
    let nobodys = format!("{}.{}", world.mint(), world.mint());
    for ours in [nobodys.as_str(), "garbage", ".", ""] {
        assert_eq!(hook.post(&hook.status(&format!("wamid.of {ours}"), "delivered", ours)).await, 200);
    }
    let unrouted = world.admin.items("/unrouted").await;
    let reasons: Vec<String> = unrouted.iter().map(|item| text(&item["reason"])).collect();
    assert_eq!(reasons, ["it tells of a message that is not ours"; 4]);
    assert_eq!(world.conversations().await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_cannot_be_shown_yet_is_there_as_what_it_is() {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    for kind in ["image", "location", "unsupported"] {
        let message = CustomerMessage { kind: Some(kind.to_owned()), ..CustomerMessage::default() };
        world.sandbox.write(&world.number, &WaId::from(CLARA), message).unwrap();
    }
    let conversation = desk.accept().await;
    let kinds = |lines: &[Value]| -> Vec<Value> {
        let messages = lines.iter().filter(|line| line["kind"] == "message");
        messages.map(|line| line["content"].clone()).collect()
    };
    let expected = ["image", "location", "unsupported"].map(|kind| json!({"is": "unsupported", "type": kind}));
    desk.until("three messages", |board| (kinds(&board.lines_of(&conversation)) == expected).then_some(())).await;
    assert_eq!(kinds(&world.timeline(&conversation).await), expected);
    let shown = &desk.board.conversations[&conversation];
    assert_eq!((&shown["last"]["text"], &shown["unanswered"]), (&Value::Null, &json!(true)));
}
