//! What was said and done is found again by whoever may, and by nobody once it was erased.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::board::text;
use crate::hook::From;
use crate::server::Setting;
use crate::world::{CLARA, World};

const DORA: &str = "4915222222222";

on_both_stores!(
    a_conversation_is_found_by_each_thing_one_may_know_of_it,
    pages_have_no_gap_and_nothing_twice_while_more_is_said,
    an_agent_finds_what_they_serve_or_had_and_nothing_else,
    erased_words_are_not_found_and_in_no_file,
    what_is_built_anew_is_searched_as_before,
    a_question_that_cannot_be_answered_says_what_to_mend,
);

async fn a_conversation_is_found_by_each_thing_one_may_know_of_it(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut desk = world.desk(&world.anna).await;
    hears(&world, CLARA, "Clara Østergård", "wamid.1", "Where is my parcel, order-4711?").await;
    let conversation = desk.accept().await;
    let before = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    hears(&world, CLARA, "Clara Østergård", "wamid.2", "The café is closed, too").await;
    let reason = world.end_reason("solved").await;
    world.anna.api.post(&format!("/conversations/{conversation}/end"), json!({"reason": reason})).await.good();
    hears(&world, DORA, "Dora Anna-Lena Meyer", "wamid.3", "Parcels, parcels").await;

    let clara = found(&world, "text=parcel").await;
    let [hit] = &clara[..] else { panic!("{clara:?}") };
    assert_eq!(hit["conversation"], conversation.as_str());
    assert_eq!((&hit["interaction"], &hit["state"]), (&json!(1), &json!("ended")));
    assert_eq!(hit["contact"]["name"], "Clara Østergård");
    assert_eq!(hit["contact"]["address"], CLARA);
    assert_eq!((&hit["inbox"]["name"], &hit["agent"]["name"]), (&json!("Front desk"), &json!("Anna")));
    assert_eq!(hit["reason"]["name"], "solved");
    assert!(hit["ended_at"].is_string());
    assert_eq!(told(hit), "Where is my [parcel], order-4711?");
    for (query, told_as) in [
        ("text=ORDER%204711", "Where is my parcel, [order]-[4711]?"),
        ("text=parc*%20where", "[Where] is my [parcel], order-4711?"),
        ("text=cafe", "The [café] is closed, too"),
    ] {
        let hits = found(&world, query).await;
        assert!(hits.iter().any(|hit| told(hit) == told_as), "{query}: {hits:?}");
    }
    let words = found(&world, "text=parcels").await;
    assert_eq!(words.iter().map(told).collect::<Vec<_>>(), ["[Parcels], [parcels]"]);

    let (clara, dora) = ("Clara Østergård", "Dora Anna-Lena Meyer");
    let id = text(&hit["contact"]["id"]);
    for (query, names) in [
        (String::new(), vec![dora, clara]),
        (format!("contact=%2B{}%20{}-{}", &CLARA[..2], &CLARA[2..5], &CLARA[5..]), vec![clara]),
        (format!("contact=00{CLARA}"), vec![clara]),
        (format!("contact={id}"), vec![clara]),
        ("contact=clar".to_owned(), vec![clara]),
        ("contact=CLARA%20%C3%98ster".to_owned(), vec![clara]),
        ("contact=lena%20mey".to_owned(), vec![dora]),
        ("contact=lara".to_owned(), vec![]),
        ("contact=15123".to_owned(), vec![]),
        (format!("agent={}", world.anna.id), vec![clara]),
        (format!("agent={}", world.bert.id), vec![]),
        (format!("agent={}&text=parcel", world.anna.id), vec![clara]),
        (format!("agent={}&text=parcel", world.bert.id), vec![]),
        ("channel=whatsapp".to_owned(), vec![dora, clara]),
        ("channel=sms".to_owned(), vec![]),
        (format!("inbox={}", world.inbox), vec![dora, clara]),
        (format!("reason={reason}"), vec![clara]),
        ("tag=nobody".to_owned(), vec![]),
        (format!("to={}", stamp(before)), vec![clara]),
        (format!("from={}", stamp(before)), vec![dora]),
        (format!("text=cafe&to={}", stamp(before)), vec![]),
        (format!("text=cafe&from={}", stamp(before)), vec![clara]),
    ] {
        let hits = found(&world, &query).await;
        let found: Vec<&str> = hits.iter().map(|hit| hit["contact"]["name"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{query}");
    }
}

async fn pages_have_no_gap_and_nothing_twice_while_more_is_said(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    for n in 0..7 {
        hears(&world, &format!("491530000000{n}"), "Somebody", &format!("wamid.{n}"), "the same words").await;
    }
    for query in ["", "text=words&"] {
        let whole = found(&world, &query.replace('&', "")).await;
        let (mut seen, mut cursor) = (vec![], String::new());
        for page in 0.. {
            let found = page_of(&world, &format!("{query}limit=2{cursor}")).await;
            seen.extend(found["items"].as_array().unwrap().clone());
            // Newer ones come first, and so on no page that is still to be read.
            let id = format!("wamid.{}{page}", query.len());
            hears(&world, &format!("49154{}000000{page}", query.len()), "Late", &id, "new words").await;
            let Some(next) = found["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, whole, "{query}");
        let at = |hit: &Value| text(if query.is_empty() { &hit["opened_at"] } else { &hit["said"]["at"] });
        assert!(seen.is_sorted_by(|newer, older| at(newer) >= at(older)), "the newest first: {seen:?}");
        let different: BTreeSet<String> = seen.iter().map(|hit| text(&hit["conversation"])).collect();
        assert_eq!(different.len(), seen.len());
    }
}

async fn an_agent_finds_what_they_serve_or_had_and_nothing_else(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut desk = world.desk(&world.anna).await;
    hears(&world, CLARA, "Clara", "wamid.1", "for Anna alone").await;
    let hers = desk.accept().await;
    // Neither serves the inbox any more; Anna had the conversation.
    for person in world.people() {
        world.admin.delete(&format!("/inboxes/{}/members/{}", world.inbox, person.id)).await;
    }
    hears(&world, DORA, "Dora", "wamid.2", "for nobody alone").await;
    let position = head(&world).await;
    for query in ["", "text=alone&", "contact=clara&", "contact=dora&text=alone&"] {
        let query = format!("/history?{query}at_least={position}");
        let hits = world.anna.api.items(&query).await;
        let expected = if query.contains("dora") { vec![] } else { vec![hers.clone()] };
        assert_eq!(hits.iter().map(|hit| text(&hit["conversation"])).collect::<Vec<_>>(), expected, "{query}");
        assert_eq!(world.bert.api.items(&query).await, Vec::<Value>::new(), "{query}");
        assert!(!world.admin.items(&query).await.is_empty(), "{query}");
    }
    world.admin.put(&format!("/inboxes/{}/members/{}", world.inbox, world.bert.id)).await;
    assert_eq!(world.bert.api.items("/history?text=alone").await.len(), 2);
}

async fn erased_words_are_not_found_and_in_no_file(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    for n in 0..20 {
        hears(&world, DORA, "Dora", &format!("wamid.d{n}"), &format!("xylophones and xenon {n}")).await;
    }
    hears(&world, CLARA, "Zyxwvuts Canary", "wamid.1", "my xyzzyplugh is broken").await;
    let [hit] = &found(&world, "text=xyzzyplugh").await[..] else { panic!("it is there to be erased") };
    let contact = text(&hit["contact"]["id"]);
    world.admin.post(&format!("/contacts/{contact}/erase"), json!({})).await.good();
    for query in ["text=xyzzyplugh", "text=xyzz*", "contact=zyxw"] {
        assert_eq!(found(&world, query).await, Vec::<Value>::new(), "{query}");
    }
    // An index may keep the beginning of a word that it was put in order by.
    for word in ["xyzzyp", "zyxwvu", "Zyxwvu"] {
        assert_eq!(world.server.scan(word), Vec::<String>::new(), "{word}");
    }
    assert_eq!(found(&world, "text=xenon").await.len(), 20, "and nobody else's are gone");
    let (good, said) = world.server.run(&["verify"]).await;
    assert!(good && said.contains("0 differences"), "{said}");
}

async fn what_is_built_anew_is_searched_as_before(settings: Vec<Setting>) {
    let mut world = World::start_in(settings).await;
    hears(&world, CLARA, "Clara", "wamid.1", "once upon a time").await;
    let before = found(&world, "text=upon").await;
    assert_eq!(before.len(), 1);
    for back in [&["rebuild", "history"][..], &["rebuild", "history", "--back"]] {
        let (good, said) = world.server.run(back).await;
        assert!(good, "{said}");
        assert_eq!(found(&world, "text=upon").await, before);
        assert_eq!(found(&world, "contact=clar").await.len(), 1);
    }
    world.kill();
    world.restart().await;
    hears(&world, CLARA, "Clara", "wamid.2", "upon my word").await;
    assert_eq!(found(&world, "text=upon").await.len(), 2);
}

async fn a_question_that_cannot_be_answered_says_what_to_mend(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let long = "x".repeat(201);
    let nobody = world.mint();
    for (query, field) in [
        ("text=".to_owned(), "text"),
        ("text=%21%3F%20%E2%80%A6".to_owned(), "text"),
        ("text=%F0%9F%99%82".to_owned(), "text"),
        ("text=a*".to_owned(), "text"),
        (format!("text={long}"), "text"),
        (format!("text={}", "a%20".repeat(11)), "text"),
        ("contact=%2B-".to_owned(), "contact"),
        (format!("contact={long}"), "contact"),
        (format!("agent={nobody}"), "agent"),
        (format!("inbox={nobody}"), "inbox"),
        ("reason=tired".to_owned(), "reason"),
        ("channel=pigeon".to_owned(), "channel"),
        ("tag=".to_owned(), "tag"),
        ("from=yesterday".to_owned(), "from"),
        ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z".to_owned(), "to"),
        ("cursor=nonsense".to_owned(), "cursor"),
        ("cursor=12".to_owned(), "cursor"),
        ("limit=0".to_owned(), "limit"),
        ("limit=201".to_owned(), "limit"),
        ("at_least=999999".to_owned(), "at_least"),
    ] {
        let answer = world.admin.get(&format!("/history?{query}")).await;
        assert_eq!((answer.refusal(), answer.fields()), ((422, "invalid"), vec![field]), "{query}");
    }
    // Signs that mean something to a database mean nothing here.
    for text in ["a%27b%22c%29", "NEAR%28a%20b%29", "%3A%2A%26%7Cab%21", "100%25_", "null%00byte"] {
        assert_eq!(found(&world, &format!("text={text}")).await, Vec::<Value>::new(), "{text}");
        assert_eq!(found(&world, &format!("contact={text}")).await, Vec::<Value>::new(), "{text}");
    }
}

/// Somebody is heard.
pub async fn hears(world: &World, phone: &str, name: &str, id: &str, words: &str) {
    let hook = world.hook();
    let mut body: Value = serde_json::from_str(&hook.text(&From::phone(phone), id, words)).unwrap();
    body["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] = json!(name);
    assert_eq!(hook.post(&body.to_string()).await, 200);
}

/// What an administrator finds, of everything that has happened.
pub async fn found(world: &World, query: &str) -> Vec<Value> {
    page_of(world, query).await["items"].as_array().unwrap().clone()
}

async fn page_of(world: &World, query: &str) -> Value {
    let position = head(world).await;
    world.admin.get(&format!("/history?{query}&at_least={position}")).await.good()
}

/// Where the log ends.
pub async fn head(world: &World) -> u64 {
    let answer = reqwest::get(format!("{}/health/ready", world.server.own_url())).await.unwrap();
    let ready: Value = answer.json().await.unwrap();
    ready["head"].as_u64().unwrap_or_else(|| panic!("{ready}"))
}

fn told(hit: &Value) -> String {
    let parts = hit["said"]["parts"].as_array().unwrap_or_else(|| panic!("{hit}"));
    let told = parts.iter().map(|part| match part["marked"].as_bool().unwrap() {
        true => format!("[{}]", part["text"].as_str().unwrap()),
        false => text(&part["text"]),
    });
    told.collect()
}

fn stamp(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
