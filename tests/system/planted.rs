//! Who watches the checker: the server with a bug planted in it, which has to be caught. See `src/planted.rs`.

#![cfg(debug_assertions)]

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

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
    match AssertUnwindSafe(judged(store, "early_answer", ORDINARY)).catch_unwind().await {
        Ok(verdict) => caught(Broken::Lost, &verdict),
        // The positions of what was lost are given to something else: a desk that is shown both says so at once.
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map_or("", String::as_str);
            assert!(said.contains("a line came twice") || said.contains("came again after"), "{said}");
        }
    }
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
