//! Lets go of what the cabinet keeps and nobody can use any more: sessions that have run out.

use std::sync::Weak;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::watch;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(60 * 60);
/// Removed in one go, so that nobody waits long for the cabinet.
const AT_ONCE: u32 = 1_000;
/// Before the next go.
const REST: Duration = Duration::from_millis(100);

/// Sheds now and again once the server has opened, for as long as it runs.
pub async fn start(app: Weak<App>, mut opened: watch::Receiver<bool>) {
    if opened.wait_for(|open| *open).await.is_err() {
        return;
    }
    let mut began = None;
    loop {
        let Some(app) = app.upgrade() else { return };
        let (began_at, began) = *began.get_or_insert_with(|| (app.clock.now(), Instant::now()));
        // A wall clock that has jumped forward makes nothing old.
        let passed = TimeDelta::from_std(began.elapsed()).unwrap_or_default();
        let now = app.clock.now().min(began_at + passed);
        let pause = match app.vault.shed(now, AT_ONCE).await {
            Ok(true) => REST,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "sessions that ran out could not be removed");
                EVERY
            }
        };
        drop(app);
        tokio::time::sleep(pause).await;
    }
}
