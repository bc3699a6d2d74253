//! Lets go of what the cabinet keeps and nobody can use any more: sessions that have run out, and what was set aside so
//! long ago that nobody will put it anywhere.

use std::sync::Weak;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::app::App;
use crate::cabinet::CabinetError;

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
        let pause = match shed(&app, app.clock.now().min(began_at + passed)).await {
            Ok(true) => REST,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "the cabinet could not be cleared");
                EVERY
            }
        };
        drop(app);
        tokio::time::sleep(pause).await;
    }
}

/// Whether there may be more.
async fn shed(app: &App, now: DateTime<Utc>) -> Result<bool, CabinetError> {
    Ok(app.vault.shed(now, AT_ONCE).await? | app.set_aside.shed(now, AT_ONCE).await?)
}
