//! From the desk to the provider, who may be busy, refuse, or hang up.

use gatehouse_sandbox::SendFault;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::server::PATIENCE;
use crate::story::{statuses, ticks};
use crate::world::{CLARA, World};

#[tokio::test]
async fn a_busy_provider_is_asked_again_and_the_order_is_kept() {
    let (world, mut desk, conversation) = answering().await;
    world.goes_wrong(SendFault::Status429 { retry_after_s: Some(1) }, 1);
    let first = reply(&world, &mut desk, &conversation, "first").await;
    world.comes_to(&mut desk, &conversation, &first, "deferred").await;
    let second = reply(&world, &mut desk, &conversation, "second").await;
    let third = reply(&world, &mut desk, &conversation, "third").await;
    world.comes_to(&mut desk, &conversation, &third, "delivered").await;
    let entries = world.comes_to(&mut desk, &conversation, &second, "delivered").await;

    assert_eq!(world.accepted(), ["first", "second", "third"]);
    let told = ["queued", "sending", "deferred", "sending", "submitted", "sent", "delivered"];
    assert_eq!(statuses(&entries, &first), told);
    let told = ["queued", "sending", "submitted", "sent", "delivered"];
    assert_eq!(
        (statuses(&entries, &second), statuses(&entries, &third)),
        (told.map(str::to_owned).into(), told.map(str::to_owned).into())
    );
}

#[tokio::test]
async fn a_provider_that_stays_busy_is_given_up() {
    let (world, mut desk, conversation) = answering().await;
    world.goes_wrong(SendFault::Status500, 3);
    let message = reply(&world, &mut desk, &conversation, "Hello").await;
    let entries = world.comes_to(&mut desk, &conversation, &message, "failed").await;
    let told = ["queued", "sending", "deferred", "sending", "deferred", "sending", "failed"];
    assert_eq!(statuses(&entries, &message), told);
    assert!(reason(&entries).starts_with("given up after 3 attempts: "), "{}", reason(&entries));
    let next = reply(&world, &mut desk, &conversation, "And now?").await;
    world.comes_to(&mut desk, &conversation, &next, "delivered").await;
    assert_eq!(world.accepted(), ["And now?"]);
}

#[tokio::test]
async fn a_refused_message_fails_with_a_reason_a_person_can_read() {
    let (world, mut desk, conversation) = answering().await;
    world.goes_wrong(SendFault::Error { code: 131_026 }, 1);
    let message = reply(&world, &mut desk, &conversation, "Hello").await;
    let entries = world.comes_to(&mut desk, &conversation, &message, "failed").await;
    assert_eq!(statuses(&entries, &message), ["queued", "sending", "failed"]);
    assert_eq!(reason(&entries), "the message cannot be delivered to this number (code 131026)");

    world.goes_wrong(SendFault::FailedStatus { code: 131_049 }, 1);
    let message = reply(&world, &mut desk, &conversation, "Hello again").await;
    let entries = world.comes_to(&mut desk, &conversation, &message, "failed").await;
    assert_eq!(statuses(&entries, &message), ["queued", "sending", "submitted", "failed"]);
    assert_eq!(reason(&entries), "the provider limits how often this customer is written to (code 131049)");
}

#[tokio::test]
async fn an_answer_that_got_lost_is_settled_by_the_news_that_follow() {
    let (world, mut desk, conversation) = answering().await;
    world.goes_wrong(SendFault::DropAfterAccept, 1);
    let message = reply(&world, &mut desk, &conversation, "Hello").await;
    world.comes_to(&mut desk, &conversation, &message, "delivered").await;
    let clara = gatehouse_sandbox::WaId::from(CLARA);
    world.sandbox.read(&world.number, &clara).unwrap();
    world.comes_to(&mut desk, &conversation, &message, "read").await;
    let next = reply(&world, &mut desk, &conversation, "And more").await;
    world.comes_to(&mut desk, &conversation, &next, "delivered").await;
    assert_eq!(world.accepted(), ["Hello", "And more"]);
}

#[tokio::test]
async fn what_may_have_been_sent_is_shown_as_such_and_not_sent_again() {
    let (mut world, mut desk, conversation) = answering().await;
    world.goes_wrong(SendFault::DropBeforeAccept, 1);
    let message = reply(&world, &mut desk, &conversation, "Hello").await;
    let entries = world.comes_to(&mut desk, &conversation, &message, "indeterminate").await;
    assert_eq!(statuses(&entries, &message), ["queued", "sending", "indeterminate"]);

    world.kill();
    world.restart().await;
    // Another customer is answered meanwhile; by then the first message would have been tried again.
    world.writes("4915511111111", "And me?");
    let mut desk = world.desk(&world.anna).await;
    let other = desk.accept().await;
    let answer = reply(&world, &mut desk, &other, "And you").await;
    world.comes_to(&mut desk, &other, &answer, "delivered").await;
    assert_eq!(ticks(&world.timeline(&conversation).await, &message), "indeterminate");
    assert_eq!(world.accepted(), ["And you"]);
}

#[tokio::test]
async fn a_slow_provider_is_told_once() {
    let (world, mut desk, conversation) = answering().await;
    world.goes_wrong(SendFault::Slow { delay_ms: 700 }, 1);
    let first = reply(&world, &mut desk, &conversation, "first").await;
    let second = reply(&world, &mut desk, &conversation, "second").await;
    world.comes_to(&mut desk, &conversation, &first, "delivered").await;
    let entries = world.comes_to(&mut desk, &conversation, &second, "delivered").await;
    assert_eq!(world.accepted(), ["first", "second"]);
    // The news come before the answer and tell as much as it would.
    assert_eq!(statuses(&entries, &first), ["queued", "sending", "submitted", "sent", "delivered"]);
}

/// Anna has Clara's conversation.
async fn answering() -> (World, Desk, String) {
    let world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    (world, desk, conversation)
}

async fn reply(world: &World, desk: &mut Desk, conversation: &str, words: &str) -> String {
    let message = world.mint();
    let reply = json!({"conversation": conversation, "message": message, "text": words});
    tokio::time::timeout(PATIENCE, desk.call("conversation.reply", reply)).await.unwrap().unwrap();
    message
}

/// The newest reason there is.
fn reason(entries: &[Value]) -> String {
    entries.iter().rev().find_map(|entry| entry["reason"].as_str()).unwrap_or_default().to_owned()
}
