//! What colleagues note and tag: seen by whoever may, found again, and never told the customer.

use serde_json::{Value, json};

use crate::board::{Board, text};
use crate::desk::Desk;
use crate::history_search::{found, head, hears};
use crate::server::Setting;
use crate::world::{CLARA, World};

on_both_stores!(
    a_tag_finds_an_interaction_while_it_is_on,
    a_note_is_for_colleagues_and_found_by_them,
    a_long_conversation_is_read_back_page_by_page,
);

async fn a_tag_finds_an_interaction_while_it_is_on(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut anna = world.desk(&world.anna).await;
    let mut bert = world.quiet_desk(&world.bert.api).await;
    hears(&world, CLARA, "Clara", "wamid.1", "Where is my parcel?").await;
    let conversation = anna.accept().await;
    let tags = format!("/conversations/{conversation}/tags");
    anna.call("conversation.tag", json!({"conversation": conversation, "tag": "  2. Mahnung "})).await.unwrap();
    for again in ["VIP", "vip", " Vip "] {
        world.bert.api.post(&tags, json!({"tag": again})).await.good();
    }
    shows(&mut bert, &conversation, &["2. Mahnung", "VIP"]).await;
    world.bert.api.post(&tags, json!({"tag": "A/C"})).await.good();
    for typed in ["2.%20mahnung", "VIP", "vip", "%20ViP", "a%2Fc"] {
        let hits = found(&world, &format!("tag={typed}")).await;
        assert_eq!(hits.iter().map(|hit| text(&hit["conversation"])).collect::<Vec<_>>(), [&*conversation], "{typed}");
    }
    assert_eq!(found(&world, "tag=vip&text=parcel").await.len(), 1);

    world.anna.api.delete(&format!("{tags}/vIp")).await.good();
    world.anna.api.delete(&format!("{tags}/a%2Fc")).await.good();
    bert.call("conversation.untag", json!({"conversation": conversation, "tag": "nobody put it on"})).await.unwrap();
    shows(&mut bert, &conversation, &["2. Mahnung"]).await;
    for query in ["tag=vip", "tag=VIP", "tag=vip&text=parcel", "tag=a%2Fc"] {
        assert_eq!(found(&world, query).await, Vec::<Value>::new(), "{query}");
    }
    world.anna.api.post(&tags, json!({"tag": "vip"})).await.good();
    assert_eq!(found(&world, "tag=VIP").await.len(), 1, "and on again");
    let story = world.story(&conversation).await;
    let told: Vec<&String> = story.iter().filter(|line| line.contains("tagged")).collect();
    let expected = [
        "tagged Anna (2. Mahnung)",
        "tagged Bert (VIP)",
        "tagged Bert (A/C)",
        "untagged Anna (VIP)",
        "untagged Anna (A/C)",
        "tagged Anna (vip)",
    ];
    assert_eq!(told, expected);

    // What has ended keeps its tags; the next begins without.
    let reason = world.end_reason("solved").await;
    world.anna.api.post(&format!("/conversations/{conversation}/end"), json!({"reason": reason})).await.good();
    assert_eq!(world.anna.api.delete(&format!("{tags}/vip")).await.refusal(), (409, "not_open"));
    assert_eq!(world.anna.api.post(&tags, json!({"tag": "late"})).await.refusal(), (409, "not_open"));
    hears(&world, CLARA, "Clara", "wamid.2", "And my parcel?").await;
    assert_eq!(anna.accept().await, conversation);
    shows(&mut bert, &conversation, &[]).await;
    world.anna.api.delete(&format!("{tags}/vip")).await.good();
    let hits = found(&world, "tag=vip").await;
    assert_eq!(hits.iter().map(|hit| hit["interaction"].clone()).collect::<Vec<_>>(), [json!(1)]);
    let (good, said) = world.server.run(&["verify"]).await;
    assert!(good && said.contains("0 differences"), "{said}");
}

async fn a_note_is_for_colleagues_and_found_by_them(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut anna = world.desk(&world.anna).await;
    hears(&world, CLARA, "Clara", "wamid.1", "Where is my parcel?").await;
    let conversation = anna.accept().await;
    let notes = format!("/conversations/{conversation}/notes");
    world.bert.api.post(&notes, json!({"text": " She called: the xyzzyplugh is broken. \n"})).await.good();
    let note = |board: &Board| board.lines_of(&conversation).iter().find(|line| line["what"] == "note").cloned();
    let line = anna.until("Bert's note", note).await;
    assert_eq!(line["agent"], world.bert.id.as_str());
    assert_eq!(line["reason"], "She called: the xyzzyplugh is broken.");
    let [hit] = &found(&world, "text=xyzzyplugh").await[..] else { panic!("the note is not found") };
    assert_eq!((&hit["said"]["kind"], &hit["said"]["agent"]["name"]), (&json!("note"), &json!("Bert")));
    assert_eq!(hit["said"]["message"], line["message"], "the line can be found by it");
    let reason = world.end_reason("solved").await;
    world.anna.api.post(&format!("/conversations/{conversation}/end"), json!({"reason": reason})).await.good();
    let later = json!({"conversation": conversation, "text": "xyzzyplugh sent"});
    anna.call("conversation.add_note", later).await.unwrap();
    // Also somebody who answers no customers.
    world.admin.post(&notes, json!({"text": "xyzzyplugh paid"})).await.good();
    let position = head(&world).await;
    let finds = format!("/history?text=xyzzyplugh&at_least={position}");
    assert_eq!(world.bert.api.items(&finds).await.len(), 3);
    assert_eq!(world.accepted(), Vec::<String>::new(), "the customer is told nothing");

    // Bert neither had it nor serves the inbox any more.
    world.admin.delete(&format!("/inboxes/{}/members/{}", world.inbox, world.bert.id)).await.good();
    assert_eq!(world.bert.api.items(&finds).await, Vec::<Value>::new());
    assert_eq!(world.bert.api.post(&notes, json!({"text": "Me too"})).await.refusal(), (404, "not_found"));
    assert_eq!(world.anna.api.items(&finds).await.len(), 3);

    let contact = text(&hit["contact"]["id"]);
    world.admin.post(&format!("/contacts/{contact}/erase"), json!({})).await.good();
    assert_eq!(found(&world, "text=xyzzyplugh").await, Vec::<Value>::new());
    assert!(world.story(&conversation).await.iter().any(|line| line == "note Bert"), "that there was one stays");
    assert_eq!(world.server.scan("xyzzyp"), Vec::<String>::new());
    let closed =
        |board: &Board| board.lines_of(&conversation).iter().any(|line| line["what"] == "erased").then_some(());
    anna.until("the conversation as erased", closed).await;
    assert_eq!(world.anna.api.post(&notes, json!({"text": "Who was it?"})).await.refusal(), (409, "erased"));
}

async fn a_long_conversation_is_read_back_page_by_page(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut anna = world.desk(&world.anna).await;
    hears(&world, CLARA, "Clara", "wamid.1", "Where is my parcel?").await;
    let conversation = anna.accept().await;
    for n in 0..7 {
        let note = json!({"conversation": conversation, "text": format!("note {n}")});
        anna.call("conversation.add_note", note).await.unwrap();
    }
    let whole = world.timeline(&conversation).await;
    let timeline = format!("/conversations/{conversation}/timeline");
    let (mut told, mut before) = (vec![], String::new());
    loop {
        let page = world.anna.api.get(&format!("{timeline}?limit=3{before}")).await.good();
        let entries = page["entries"].as_array().unwrap();
        assert!((1..=3).contains(&entries.len()), "{page}");
        told.splice(0..0, entries.clone());
        // What is said meanwhile is newer, and on no page that is still to be read.
        let note = json!({"conversation": conversation, "text": "meanwhile"});
        anna.call("conversation.add_note", note).await.unwrap();
        let Some(next) = page["next"].as_u64() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(told, whole);
    let newest = &whole[whole.len() - 1]["sequence"];
    let asked = json!({"conversation": conversation, "before": newest, "limit": 2});
    let page = anna.call("conversation.timeline", asked).await.unwrap();
    assert_eq!(page["entries"].as_array().unwrap()[..], whole[whole.len() - 3..whole.len() - 1]);
    world.admin.delete(&format!("/inboxes/{}/members/{}", world.inbox, world.bert.id)).await.good();
    let refused = world.bert.api.get(&format!("{timeline}?limit=1&before={newest}")).await;
    assert_eq!(refused.refusal(), (404, "not_found"), "no page of what they may not see");
}

#[tokio::test]
async fn a_note_asked_again_under_its_key_is_one_note() {
    let mut world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = anna.accept().await;
    let (key, tag_key) = (world.mint(), world.mint());
    let note = json!({"conversation": conversation, "text": "calls back", "key": key});
    let receipt = anna.call("conversation.add_note", note).await.unwrap();
    let notes = format!("/conversations/{conversation}/notes");
    let tags = format!("/conversations/{conversation}/tags");
    let calls_back = json!({"text": "calls back"});
    assert_eq!(world.anna.api.post_keyed(&notes, calls_back.clone(), &key).await.good(), receipt);
    let tagged = world.anna.api.post_keyed(&tags, json!({"tag": "vip"}), &tag_key).await.good();
    // Without a key it is said again; with another text, or from somebody else, it is another.
    world.anna.api.post(&notes, calls_back.clone()).await.good();
    world.anna.api.post_keyed(&notes, json!({"text": "called back"}), &key).await.good();
    world.bert.api.post_keyed(&notes, calls_back.clone(), &key).await.good();
    world.kill();
    world.restart().await;
    assert_eq!(world.anna.api.post_keyed(&notes, calls_back, &key).await.good(), receipt);
    world.anna.api.delete(&format!("{tags}/vip")).await.good();
    assert_eq!(world.anna.api.post_keyed(&tags, json!({"tag": "VIP"}), &tag_key).await.good(), tagged);
    let story = world.story(&conversation).await;
    let told: Vec<&String> = story.iter().filter(|line| line.starts_with("note") || line.contains("tagged")).collect();
    let expected = [
        "note Anna (calls back)",
        "tagged Anna (vip)",
        "note Anna (calls back)",
        "note Anna (called back)",
        "note Bert (calls back)",
        "untagged Anna (vip)",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_no_note_and_no_tag_says_what_to_mend() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = anna.accept().await;
    let notes = format!("/conversations/{conversation}/notes");
    let tags = format!("/conversations/{conversation}/tags");
    for text in [String::new(), " \n ".to_owned(), "x".repeat(2_001)] {
        let answer = world.anna.api.post(&notes, json!({"text": text})).await;
        assert_eq!((answer.refusal(), answer.fields()), ((422, "invalid"), vec!["text"]), "{text:?}");
    }
    for tag in [String::new(), "  ".to_owned(), "two\nlines".to_owned(), "x".repeat(51)] {
        let answer = world.anna.api.post(&tags, json!({"tag": tag})).await;
        assert_eq!((answer.refusal(), answer.fields()), ((422, "invalid"), vec!["tag"]), "{tag:?}");
    }
    assert_eq!(world.anna.api.delete(&format!("{tags}/%20")).await.refusal(), (422, "invalid"));
    for n in 1..=20 {
        world.anna.api.post(&tags, json!({"tag": format!("tag {n}")})).await.good();
    }
    assert_eq!(world.anna.api.post(&tags, json!({"tag": "one more"})).await.refusal(), (409, "too_many_tags"));
    let nobody = world.mint();
    for (path, body) in [("notes", json!({"text": "x"})), ("tags", json!({"tag": "x"}))] {
        let answer = world.anna.api.post(&format!("/conversations/{nobody}/{path}"), body).await;
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
}

/// The desk comes to show these tags.
async fn shows(desk: &mut Desk, conversation: &str, tags: &[&str]) {
    let as_told = |board: &Board| {
        let row = board.conversations.get(conversation)?;
        (row["tags"] == json!(tags)).then_some(())
    };
    desk.until(&format!("the tags {tags:?}"), as_told).await;
}
