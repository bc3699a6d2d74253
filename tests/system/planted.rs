//! Who watches the checker: the server with a bug planted in it, which has to be caught. See `src/planted.rs`.

#![cfg(debug_assertions)]

use crate::chance::Chance;
use crate::history::{Broken, Violation};
use crate::storm::Storm;
use crate::world::World;

#[tokio::test]
async fn a_server_that_acknowledges_before_it_commits_is_caught() {
    caught(Broken::Lost, &judged("early_answer", ORDINARY).await);
}

#[tokio::test]
async fn a_server_that_forgets_claims_is_caught() {
    // A conversation remembers its newest messages by itself: only what came long ago is known by its claim alone.
    let long = Storm { phones: 1, stay: usize::MAX, writers: 8, kills: 0, messages_max: 1, messages_before: 340 };
    caught(Broken::Doubled, &judged("forgotten_claim", long).await);
}

#[tokio::test]
async fn a_server_that_skips_positions_is_caught() {
    caught(Broken::Disagreement, &judged("skipped_position", ORDINARY).await);
}

const ORDINARY: Storm = Storm { phones: 4, stay: 20, writers: 8, kills: 4, messages_max: 40, messages_before: 0 };

async fn judged(bug: &str, storm: Storm) -> Vec<Violation> {
    let world = World::start_with(&[("PLANTED_BUG", bug)]).await;
    storm.over(world, None, Chance::told()).await
}

fn caught(broken: Broken, verdict: &[Violation]) {
    assert!(verdict.iter().any(|one| one.broken == broken), "{broken:?} is not among {verdict:#?}");
}
