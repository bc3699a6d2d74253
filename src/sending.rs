//! Whether sending is paused: nothing is handed to providers then, and everything else goes on.
//!
//! Kept in the cabinet, so that it survives a restart; a restore from backup leaves it paused. It is kept together with
//! the fence of whoever changed it last, and nobody with an older one changes it: a server that was overtaken, and woke
//! in the middle of a request, cannot begin to send again what its successor has stopped.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, RwLock, watch};
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::cabinet::{Cabinet, CabinetError, Kept};

/// Where the cabinet keeps it.
pub const KIND: &str = "sending";
pub const KEY: &str = "state";

/// How long a server that stops waits for what providers have to say.
const WIND_UP_MAX: Duration = Duration::from_secs(10);

/// Whether sending is paused, since when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SendingState {
    pub paused: bool,
    pub since: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

/// What the cabinet keeps.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Stored {
    /// Of the server that changed it last; no log has a fence of 0.
    fence: u64,
    paused: Option<Pause>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Pause {
    since: DateTime<Utc>,
    reason: String,
}

/// The switch.
pub struct Sending {
    cabinet: Arc<dyn Cabinet>,
    paused: watch::Sender<bool>,
    /// Shared by every send under way; whoever has it alone knows that there is none, and none begins.
    under_way: Arc<RwLock<()>>,
    /// Our fence, once the log is ours. One change at a time, so that what is kept and what is told agree.
    fence: Mutex<Option<u64>>,
}

impl Stored {
    /// Paused by whoever has no log yet.
    pub fn paused(reason: String, since: DateTime<Utc>) -> Self {
        Self { fence: 0, paused: Some(Pause { since, reason }) }
    }

    /// As the cabinet keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("it is plain data")
    }

    fn parse(kept: &Kept) -> Result<Self, CabinetError> {
        serde_json::from_str(&kept.value).map_err(|error| CabinetError::Unreadable(error.to_string()))
    }
}

impl Sending {
    /// As it was left.
    pub async fn open(cabinet: Arc<dyn Cabinet>) -> Result<Self, CabinetError> {
        let stored = stored(&*cabinet).await?.1;
        let paused = watch::channel(stored.paused.is_some()).0;
        Ok(Self { cabinet, paused, under_way: Arc::default(), fence: Mutex::new(None) })
    }

    /// The log is ours under `fence`: from now on nobody with an older one changes it. While this server stood by,
    /// another may have. `holds` asks the log itself whether it is ours still: one that was put back from a copy has an
    /// older fence than its cabinet knows.
    pub async fn take_over(
        &self,
        fence: u64,
        at: DateTime<Utc>,
        holds: impl AsyncFn() -> bool,
    ) -> Result<(), CabinetError> {
        let mut ours = self.fence.lock().await;
        self.change(fence, at, holds, |paused| paused).await?;
        *ours = Some(fence);
        Ok(())
    }

    /// Tells whether sending is paused, now and from now on.
    pub fn paused(&self) -> watch::Receiver<bool> {
        self.paused.subscribe()
    }

    /// What every send shares from before it begins until its outcome is recorded.
    pub fn under_way(&self) -> Arc<RwLock<()>> {
        Arc::clone(&self.under_way)
    }

    /// Begins no send any more, in this process, and waits for those under way: whoever stops in good order leaves none
    /// of them uncertain.
    pub async fn wind_up(&self) {
        match timeout(WIND_UP_MAX, Arc::clone(&self.under_way).write_owned()).await {
            // Never given back.
            Ok(none) => std::mem::forget(none),
            Err(_) => tracing::warn!("a send is still under way: it will be indeterminate"),
        }
    }

    pub async fn state(&self) -> Result<SendingState, CabinetError> {
        let paused = stored(&*self.cabinet).await?.1.paused;
        Ok(SendingState {
            paused: paused.is_some(),
            since: paused.as_ref().map(|pause| pause.since),
            reason: paused.map(|pause| pause.reason),
        })
    }

    /// Stops sending; what is under way is finished. Paused already, it keeps its first reason.
    pub async fn pause(&self, reason: String, at: DateTime<Utc>) -> Result<(), CabinetError> {
        let fence = self.fence.lock().await;
        let pause = Pause { since: at, reason };
        self.change(fence.ok_or_else(overtaken)?, at, async || false, |paused| paused.or(Some(pause.clone()))).await?;
        tracing::warn!("sending is paused");
        Ok(())
    }

    /// Goes on with what waits.
    pub async fn resume(&self, at: DateTime<Utc>) -> Result<(), CabinetError> {
        let fence = self.fence.lock().await;
        self.change(fence.ok_or_else(overtaken)?, at, async || false, |_| None).await?;
        tracing::info!("sending goes on");
        Ok(())
    }

    async fn change(
        &self,
        fence: u64,
        at: DateTime<Utc>,
        holds: impl AsyncFn() -> bool,
        change: impl Fn(Option<Pause>) -> Option<Pause>,
    ) -> Result<(), CabinetError> {
        loop {
            let (before, Stored { fence: newest, paused }) = stored(&*self.cabinet).await?;
            if newest > fence && !holds().await {
                return Err(overtaken());
            }
            let new = Stored { fence, paused: change(paused) };
            let kept = Kept { key: KEY.to_owned(), value: new.to_text(), at };
            let changed = match before {
                Some(before) => self.cabinet.replace(KIND, &before.value, &kept).await?,
                None => self.cabinet.keep(KIND, &kept).await?,
            };
            // Otherwise another server came between: it is looked at again.
            if changed {
                self.paused.send_replace(new.paused.is_some());
                return Ok(());
            }
        }
    }
}

/// What is kept, and as what.
async fn stored(cabinet: &dyn Cabinet) -> Result<(Option<Kept>, Stored), CabinetError> {
    let kept = cabinet.find(KIND, KEY).await?;
    let stored = kept.as_ref().map(Stored::parse).transpose()?.unwrap_or_default();
    Ok((kept, stored))
}

fn overtaken() -> CabinetError {
    CabinetError::Unavailable("another server has the log: it alone changes whether sending is paused".to_owned())
}
