//! Who watches the checker: the server with a bug planted in it, which has to be caught. See `src/planted.rs`.

#![cfg(debug_assertions)]

use crate::chance::Chance;
use crate::history::{Broken, Violation};
use crate::server::Setting;
use crate::storm::Storm;
use crate::world::World;

on_both_stores!(
    a_server_that_acknowledges_before_it_commits_is_caught,
    a_server_that_forgets_claims_is_caught,
    a_server_that_skips_positions_is_caught,
);

async fn a_server_that_acknowledges_before_it_commits_is_caught(store: Vec<Setting>) {
    caught(Broken::Lost, &judged(store, "early_answer", ORDINARY).await);
}

async fn a_server_that_forgets_claims_is_caught(store: Vec<Setting>) {
    // A conversation remembers its newest messages by itself: only what came long ago is known by its claim alone.
    let long = Storm {
        phones: 1,
        stay: usize::MAX,
        writers: 8,
        kills: 0,
        messages_max: 1,
        messages_before: 340,
        until_everything: false,
    };
    caught(Broken::Doubled, &judged(store, "forgotten_claim", long).await);
}

async fn a_server_that_skips_positions_is_caught(store: Vec<Setting>) {
    caught(Broken::Disagreement, &judged(store, "skipped_position", ORDINARY).await);
}

const ORDINARY: Storm =
    Storm { phones: 4, stay: 20, writers: 8, kills: 3, messages_max: 40, messages_before: 0, until_everything: false };

async fn judged(mut store: Vec<Setting>, bug: &str, storm: Storm) -> Vec<Violation> {
    store.push(("PLANTED_BUG", bug.to_owned()));
    let world = World::start_in(store).await;
    storm.over(world, None, Chance::told()).await
}

fn caught(broken: Broken, verdict: &[Violation]) {
    assert!(verdict.iter().any(|one| one.broken == broken), "{broken:?} is not among {verdict:#?}");
}
