//! What arrives of a contact around their erasure: an old message again, what was set aside, and what they go on writing.

use std::time::Instant;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::board::text;
use crate::erasing::{erase, keys};
use crate::hook::From;
use crate::server::PATIENCE;
use crate::world::{CLARA, World};

#[tokio::test]
async fn an_old_message_delivered_again_brings_nobody_back() {
    let world = World::start().await;
    let hook = world.hook();
    let old = hook.text(&From::phone(CLARA), "wamid.old", "canary of her text");
    assert_eq!(hook.post(&old).await, 200);
    let contact = latest_contact(&world).await;
    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    erase(&world, &contact).await;
    assert_eq!(join_all((0..5).map(|_| hook.post(&old))).await, [200; 5]);
    // News of a message of ours nobody can name any more is not kept either.
    let conversations = world.conversations().await;
    let [left] = &conversations[..] else { panic!("{conversations:?}") };
    assert_eq!(left["conversation"], conversation["conversation"]);
    let log = world.server.scan(CLARA);
    assert_eq!(log, Vec::<String>::new());
    assert_eq!(keys(&world).await, 0, "nobody was met anew");
}

#[tokio::test]
async fn what_was_set_aside_of_somebody_erased_is_not_kept() {
    let world = World::start().await;
    let hook = world.hook();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.1", "Hello?")).await, 200);
    world.admin.post(&format!("/gateways/{}/park", world.gateway), json!({})).await.good();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.2", "Is anybody there?")).await, 200);
    assert_eq!(hook.post(&hook.text(&From::phone("4915777777777"), "wamid.3", "And for me?")).await, 200);
    assert_eq!(world.admin.items("/unrouted").await.len(), 2);
    erase(&world, &latest_contact(&world).await).await;
    let left = world.admin.items("/unrouted").await;
    let [left] = &left[..] else { panic!("{left:?}") };
    assert!(text(&left["original"]).contains("And for me?"));
}

#[tokio::test]
async fn whoever_writes_while_they_are_erased_is_heard() {
    heard_while_erased(World::start().await, false).await;
}

#[tokio::test]
async fn whoever_writes_while_they_are_erased_is_heard_on_postgres() {
    heard_while_erased(World::start_on_postgres().await, false).await;
}

#[tokio::test]
async fn an_erasure_that_is_killed_is_finished_by_the_next_start() {
    heard_while_erased(World::start().await, true).await;
}

/// Clara writes all the time, and is erased again and again: every message that was acknowledged is in the log once; it
/// was erased with the contact it came to, or it can be read.
async fn heard_while_erased(mut world: World, killed: bool) {
    const ROUNDS: usize = 4;
    let hook = world.hook();
    let mut written = vec![];
    for round in 0..ROUNDS {
        assert_eq!(
            hook.post(&hook.text(&From::phone(CLARA), &format!("wamid.{round}"), &format!("{round} first"))).await,
            200
        );
        written.push(format!("{round} first"));
        let contact = latest_contact(&world).await;
        let mut messages = JoinSet::new();
        for number in 0..20 {
            let (hook, words) = (hook.clone(), format!("{round} {number}"));
            let body = hook.text(&From::phone(CLARA), &format!("wamid.{round}.{number}"), &words);
            messages.spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(number)).await;
                let since = Instant::now();
                // As the provider does: again until it is acknowledged.
                while !matches!(hook.try_post(&body).await, Ok(200)) {
                    assert!(since.elapsed() < PATIENCE, "{words} is never taken");
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                words
            });
        }
        tokio::time::sleep(std::time::Duration::from_millis(8)).await;
        if killed {
            let api = world.admin.clone();
            let path = format!("{}/api/v1/contacts/{contact}/erase", api.base);
            let asked = tokio::spawn(api.http.post(path).bearer_auth(api.token.clone().unwrap()).send());
            tokio::time::sleep(std::time::Duration::from_millis(3 * round as u64)).await;
            world.kill();
            // It may have been answered before.
            let _ = asked.await;
            world.restart().await;
        }
        erase(&world, &contact).await;
        while let Some(words) = messages.join_next().await {
            written.push(words.unwrap());
        }
    }
    let since = Instant::now();
    loop {
        let all = world.conversations().await;
        let mut readable = vec![];
        let mut kept = 0;
        let mut open = 0;
        for conversation in &all {
            let lines = world.timeline(conversation["conversation"].as_str().unwrap()).await;
            let said: Vec<&Value> = lines.iter().filter(|line| line["direction"] == "inbound").collect();
            kept += said.len();
            readable.extend(said.iter().filter_map(|line| line["content"]["text"].as_str()).map(str::to_owned));
            open += usize::from(conversation["owner"]["is"] != "nobody");
        }
        assert_eq!(kept, written.len(), "every message once");
        let of_the_living = all.iter().filter(|one| one["contact"]["address"] == CLARA).count();
        // The last erasure may have come after every message, or before some.
        if open == of_the_living && of_the_living <= 1 {
            assert!(readable.iter().all(|words| written.contains(words)));
            assert_eq!(readable.is_empty(), of_the_living == 0);
            break;
        }
        assert!(since.elapsed() < PATIENCE, "not every conversation of an erased contact is closed: {all:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(keys(&world).await <= 1, "a key of somebody erased is left");
}

/// The contact who has Clara's number now.
async fn latest_contact(world: &World) -> String {
    let since = Instant::now();
    loop {
        let all = world.conversations().await;
        if let Some(found) = all.iter().find(|one| one["contact"]["address"] == CLARA) {
            return text(&found["contact"]["id"]);
        }
        // Acknowledged when it is on disk; lists follow a moment later.
        assert!(since.elapsed() < PATIENCE, "nobody has Clara's number: {all:?}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
