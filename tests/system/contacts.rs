//! The contact's page: what is known of them, everything said with them, and who is the same person.

use serde_json::{Value, json};

use crate::board::{Board, text};
use crate::erasing::erase;
use crate::history_search::{head, hears};
use crate::hook::From;
use crate::server::Setting;
use crate::world::{CLARA, World};

/// Clara's other number.
const AT_WORK: &str = "4915333333333";
const DORA: &str = "4915222222222";

on_both_stores!(
    two_numbers_of_one_person_are_linked_and_unlinked,
    an_agent_sees_contacts_they_have_to_do_with,
    nothing_of_an_erased_contact_is_left_with_those_they_were_linked_with,
    pages_of_conversations_have_no_gap,
);

async fn two_numbers_of_one_person_are_linked_and_unlinked(settings: Vec<Setting>) {
    let mut world = World::start_in(settings).await;
    let mut desk = world.desk(&world.anna).await;
    let second = world.second_number("another secret 0123456789abcdef", "another account").await;
    hears(&world, CLARA, "Clara", "wamid.1", "Hello?").await;
    let first = desk.accept().await;
    // One number is one person, whatever account they write to.
    assert_eq!(second.post(&second.text(&From::phone(CLARA), "wamid.2", "Hello there?")).await, 200);
    let there = desk.accept().await;
    hears(&world, AT_WORK, "C. Canary", "wamid.3", "It is me").await;
    let from_work = desk.accept().await;
    hears(&world, DORA, "Dora", "wamid.4", "I am somebody else").await;
    let clara = contact_of(&world, &first).await;
    let (work, dora) = (contact_of(&world, &from_work).await, contact_named(&world, "Dora").await);
    assert_eq!(contact_of(&world, &there).await, clara);
    assert_eq!(conversations(&world, &clara).await, [&*there, &first]);
    assert_eq!(conversations(&world, &work).await, [&*from_work]);

    // Said of one, it is seen from both.
    link(&world, &clara, &work).await;
    link(&world, &work, &clara).await;
    for (one, other, name, number) in [(&clara, &work, "C. Canary", AT_WORK), (&work, &clara, "Clara", CLARA)] {
        let page = world.anna.api.get(&format!("/contacts/{one}")).await.good();
        let address = json!({"channel": "whatsapp", "kind": "phone", "value": number});
        let expected = json!([{"id": other, "name": name, "addresses": [address], "linked_to": [one]}]);
        assert_eq!(page["linked"], expected);
        assert_eq!(conversations(&world, one).await, [&*from_work, &there, &first]);
    }
    // Whoever is linked with one of them is the same person as both.
    link(&world, &dora, &work).await;
    assert_eq!(linked(&world, &clara).await, [&*work, &dora]);
    assert_eq!(conversations(&world, &clara).await.len(), 4);
    let through = world.anna.api.delete(&format!("/contacts/{clara}/links/{dora}")).await;
    assert_eq!(through.refusal(), (409, "linked_through_others"));
    world.kill();
    world.restart().await;
    assert_eq!(linked(&world, &dora).await, [&*work, &clara]);

    // Undone from either side.
    for (one, other) in [(&work, &dora), (&work, &clara), (&work, &clara)] {
        world.anna.api.delete(&format!("/contacts/{one}/links/{other}")).await.good();
    }
    for (one, alone) in [(&clara, vec![&*there, &first]), (&work, vec![&*from_work])] {
        assert_eq!(linked(&world, one).await, Vec::<String>::new());
        assert_eq!(conversations(&world, one).await, alone);
    }
    link(&world, &work, &clara).await;
    world.anna.api.delete(&format!("/contacts/{clara}/links/{work}")).await.good();
    assert_eq!(linked(&world, &work).await, Vec::<String>::new());

    let rows = world.anna.api.items(&format!("/contacts/{clara}/conversations")).await;
    let row = rows.iter().find(|row| row["conversation"] == first.as_str()).unwrap();
    assert_eq!((&row["contact"], &row["channel"]), (&json!(clara), &json!("whatsapp")));
    assert_eq!((&row["gateway"], &row["inbox"]["name"]), (&json!(world.gateway), &json!("Front desk")));
    assert_eq!((&row["interactions"], &row["state"]), (&json!(1), &json!("agent")));
    assert_eq!((&row["agent"]["name"], &row["ended_at"]), (&json!("Anna"), &Value::Null));
    let reason = world.end_reason("solved").await;
    world.anna.api.post(&format!("/conversations/{first}/end"), json!({"reason": reason})).await.good();
    assert_eq!(conversations(&world, &clara).await, [&*there, &first], "an end is nothing said");
    hears(&world, CLARA, "Clara", "wamid.5", "One more thing").await;
    assert_eq!(conversations(&world, &clara).await, [&*first, &there]);
    let rows = world.anna.api.items(&format!("/contacts/{clara}/conversations")).await;
    assert_eq!(rows[0]["interactions"], 2);
}

async fn an_agent_sees_contacts_they_have_to_do_with(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut desk = world.desk(&world.anna).await;
    hears(&world, CLARA, "Clara", "wamid.1", "for Anna alone").await;
    let conversation = desk.accept().await;
    // As soon as it is on her desk.
    let clara = contact_of(&world, &conversation).await;
    assert_eq!(world.anna.api.get(&format!("/contacts/{clara}")).await.good()["name"], "Clara");
    for person in world.people() {
        world.admin.delete(&format!("/inboxes/{}/members/{}", world.inbox, person.id)).await.good();
    }
    hears(&world, AT_WORK, "Clara at work", "wamid.2", "for nobody alone").await;
    let work = contact_named(&world, "Clara at work").await;
    let value = json!({"value": "DE"});
    for (api, contact) in [(&world.bert.api, &clara), (&world.bert.api, &work), (&world.anna.api, &work)] {
        let path = format!("/contacts/{contact}");
        let refused = [
            api.get(&path).await,
            api.get(&format!("{path}/conversations")).await,
            api.put_json(&format!("{path}/properties/country"), value.clone()).await,
            api.put(&format!("{path}/opt_outs/whatsapp")).await,
            api.post(&format!("{path}/links"), json!({"to": clara})).await,
            api.delete(&format!("{path}/links/{clara}")).await,
        ];
        for answer in refused {
            assert_eq!(answer.refusal(), (404, "not_found"));
        }
    }
    // Nobody is made visible by linking them.
    let answer = world.anna.api.post(&format!("/contacts/{clara}/links"), json!({"to": work})).await;
    assert_eq!(answer.refusal(), (422, "unknown_contact"));
    world.admin.post(&format!("/contacts/{clara}/links"), json!({"to": work})).await.good();
    // Now it is one person she has to do with; what was said elsewhere is still not hers.
    assert_eq!(world.anna.api.get(&format!("/contacts/{work}")).await.good()["name"], "Clara at work");
    let hers = world.anna.api.items(&format!("/contacts/{work}/conversations?at_least={}", head(&world).await)).await;
    assert_eq!(hers.iter().map(|row| text(&row["conversation"])).collect::<Vec<_>>(), [conversation]);
    assert_eq!(world.admin.items(&format!("/contacts/{work}/conversations")).await.len(), 2);
    assert_eq!(world.bert.api.get(&format!("/contacts/{work}")).await.refusal(), (404, "not_found"));
    assert_eq!(world.anna.api.post(&format!("/contacts/{clara}/erase"), json!({})).await.refusal(), (403, "forbidden"));
}

async fn nothing_of_an_erased_contact_is_left_with_those_they_were_linked_with(settings: Vec<Setting>) {
    let mut world = World::start_in(settings).await;
    for (number, name, id) in
        [(CLARA, "Clara", "wamid.1"), (AT_WORK, "Zyxwvuts Canary", "wamid.2"), (DORA, "Dora", "wamid.3")]
    {
        hears(&world, number, name, id, "Hello?").await;
    }
    let (clara, work) = (contact_named(&world, "Clara").await, contact_named(&world, "Zyxwvuts Canary").await);
    let dora = contact_named(&world, "Dora").await;
    let property = format!("/contacts/{work}/properties/Zyxwvuts%20key");
    world.anna.api.put_json(&property, json!({"value": "Zyxwvuts value"})).await.good();
    link(&world, &clara, &work).await;
    link(&world, &work, &dora).await;
    assert_eq!(linked(&world, &clara).await.len(), 2);
    erase(&world, &work).await;
    for _ in 0..2 {
        for other in [&clara, &dora] {
            assert_eq!(linked(&world, other).await, Vec::<String>::new());
            assert_eq!(conversations(&world, other).await.len(), 1);
        }
        let page = world.admin.get(&format!("/contacts/{work}")).await.good();
        assert_eq!((&page["state"], &page["properties"], &page["linked"]), (&json!("erased"), &json!([]), &json!([])));
        for (one, other) in [(&clara, &work), (&work, &clara)] {
            let answer = world.admin.post(&format!("/contacts/{one}/links"), json!({"to": other})).await;
            assert_eq!(answer.refusal(), (409, "erased"));
        }
        assert_eq!(world.admin.put_json(&property, json!({"value": "DE"})).await.refusal(), (409, "erased"));
        world.kill();
        world.restart().await;
    }
    assert_eq!(world.server.scan("Zyxwvu"), Vec::<String>::new());
    let (good, said) = world.server.run(&["verify"]).await;
    assert!(good && said.contains("0 differences"), "{said}");
}

async fn pages_of_conversations_have_no_gap(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let numbers: Vec<String> = (0..5).map(|n| format!("491530000000{n}")).collect();
    for (n, number) in numbers.iter().enumerate() {
        hears(&world, number, &format!("Clara {n}"), &format!("wamid.{n}"), "Hello?").await;
    }
    let first = contact_named(&world, "Clara 0").await;
    for n in 1..numbers.len() {
        let other = contact_named(&world, &format!("Clara {n}")).await;
        link(&world, &first, &other).await;
    }
    let whole = conversations(&world, &first).await;
    assert_eq!(whole.len(), 5);
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let page = world.anna.api.get(&format!("/contacts/{first}/conversations?limit=2{cursor}")).await.good();
        seen.extend(page["items"].as_array().unwrap().iter().map(|row| text(&row["conversation"])));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, whole);
    for (query, field) in [("cursor=nonsense", "cursor"), ("at_least=999999", "at_least")] {
        let answer = world.anna.api.get(&format!("/contacts/{first}/conversations?{query}")).await;
        assert_eq!((answer.refusal(), answer.fields()), ((422, "invalid"), vec![field]));
    }
}

#[tokio::test]
async fn what_agents_know_of_a_contact_is_kept_and_may_be_taken_back() {
    let mut world = World::start().await;
    hears(&world, CLARA, "Clara", "wamid.1", "Hello?").await;
    let clara = contact_named(&world, "Clara").await;
    let path = format!("/contacts/{clara}");
    for (name, value) in [("market", "DACH"), ("country", "DE"), ("country", " AT "), ("%20customer%20number", "4/711")]
    {
        world.anna.api.put_json(&format!("{path}/properties/{name}"), json!({"value": value})).await.good();
    }
    world.anna.api.put_json(&format!("{path}/properties/market"), json!({"value": " "})).await.good();
    for channel in ["whatsapp", "whatsapp", "sms"] {
        world.bert.api.put(&format!("{path}/opt_outs/{channel}")).await.good();
    }
    world.anna.api.delete(&format!("{path}/opt_outs/sms")).await.good();
    for _ in 0..2 {
        let page = world.anna.api.get(&path).await.good();
        let properties =
            [json!({"name": "country", "value": "AT"}), json!({"name": "customer number", "value": "4/711"})];
        assert_eq!((&page["properties"], &page["opted_out"]), (&json!(properties), &json!(["whatsapp"])));
        world.kill();
        world.restart().await;
    }
    for (name, value, field) in [
        ("%20", "DE".to_owned(), "name"),
        (&*"x".repeat(101), "DE".to_owned(), "name"),
        ("a%0Ab", "DE".to_owned(), "name"),
        ("country", "x".repeat(501), "value"),
        ("country", "D\u{0}E".to_owned(), "value"),
    ] {
        let answer = world.anna.api.put_json(&format!("{path}/properties/{name}"), json!({"value": value})).await;
        assert_eq!((answer.refusal(), answer.fields()), ((422, "invalid"), vec![field]), "{name}");
    }
    for n in 3..=50 {
        world.anna.api.put_json(&format!("{path}/properties/p{n}"), json!({"value": "x"})).await.good();
    }
    let answer = world.anna.api.put_json(&format!("{path}/properties/p51"), json!({"value": "x"})).await;
    assert_eq!(answer.refusal(), (409, "too_many_properties"));
    assert_eq!(world.anna.api.put(&format!("{path}/opt_outs/pigeon")).await.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn whoever_opted_out_is_not_written_to_until_they_opt_in() {
    let world = World::start().await;
    let mut anna = world.desk(&world.anna).await;
    hears(&world, CLARA, "Clara", "wamid.1", "Hello?").await;
    let conversation = anna.accept().await;
    let opt_outs = format!("/contacts/{}/opt_outs", contact_named(&world, "Clara").await);
    let reply = || json!({"conversation": conversation, "message": world.mint(), "text": "Good day"});

    world.anna.api.put(&format!("{opt_outs}/sms")).await.good();
    anna.call("conversation.reply", reply()).await.unwrap();
    world.anna.api.put(&format!("{opt_outs}/whatsapp")).await.good();
    assert_eq!(anna.refused("conversation.reply", reply()).await, "opted_out");
    world.anna.api.delete(&format!("{opt_outs}/whatsapp")).await.good();
    anna.call("conversation.reply", reply()).await.unwrap();
}

#[tokio::test]
async fn a_link_with_nobody_or_oneself_is_refused() {
    let world = World::start().await;
    hears(&world, CLARA, "Clara", "wamid.1", "Hello?").await;
    let clara = contact_named(&world, "Clara").await;
    let nobody = world.mint();
    let links = format!("/contacts/{clara}/links");
    for api in [&world.anna.api, &world.admin] {
        assert_eq!(api.post(&links, json!({"to": clara})).await.refusal(), (422, "link_to_self"));
        assert_eq!(api.post(&links, json!({"to": nobody})).await.refusal(), (422, "unknown_contact"));
        let of_nobody = api.post(&format!("/contacts/{nobody}/links"), json!({"to": clara})).await;
        assert_eq!(of_nobody.refusal(), (404, "not_found"));
        assert_eq!(api.get(&format!("/contacts/{nobody}/conversations")).await.refusal(), (404, "not_found"));
    }
}

#[tokio::test]
async fn a_link_asked_again_under_its_key_is_not_made_again() {
    let world = World::start().await;
    for (number, name, id) in [(CLARA, "Clara", "wamid.1"), (DORA, "Dora", "wamid.2")] {
        hears(&world, number, name, id, "Hello?").await;
    }
    let (clara, dora) = (contact_named(&world, "Clara").await, contact_named(&world, "Dora").await);
    let (links, key) = (format!("/contacts/{clara}/links"), world.mint());
    let receipt = world.anna.api.post_keyed(&links, json!({"to": dora}), &key).await.good();
    world.anna.api.delete(&format!("{links}/{dora}")).await.good();
    assert_eq!(world.anna.api.post_keyed(&links, json!({"to": dora}), &key).await.good(), receipt);
    assert_eq!(linked(&world, &clara).await, Vec::<String>::new());
    // Also once she may see neither of them.
    for person in world.people() {
        world.admin.delete(&format!("/inboxes/{}/members/{}", world.inbox, person.id)).await.good();
    }
    assert_eq!(world.anna.api.post_keyed(&links, json!({"to": dora}), &key).await.good(), receipt);
    assert_eq!(world.anna.api.post(&links, json!({"to": dora})).await.refusal(), (404, "not_found"));
}

async fn link(world: &World, one: &str, other: &str) {
    world.anna.api.post(&format!("/contacts/{one}/links"), json!({"to": other})).await.good();
}

/// Who is the same person, by id.
async fn linked(world: &World, contact: &str) -> Vec<String> {
    let page = world.admin.get(&format!("/contacts/{contact}")).await.good();
    page["linked"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect()
}

/// All conversations of a person, by id, as they are told.
async fn conversations(world: &World, contact: &str) -> Vec<String> {
    let path = format!("/contacts/{contact}/conversations?at_least={}", head(world).await);
    world.admin.items(&path).await.iter().map(|row| text(&row["conversation"])).collect()
}

async fn contact_of(world: &World, conversation: &str) -> String {
    text(&world.admin.get(&format!("/conversations/{conversation}")).await.good()["contact"]["id"])
}

/// The contact of this name, who has an open conversation.
async fn contact_named(world: &World, name: &str) -> String {
    let named =
        |board: &Board| board.open().find(|row| row["contact"]["name"] == name).map(|row| text(&row["contact"]["id"]));
    world.quiet_desk(&world.admin).await.until(name, named).await
}
