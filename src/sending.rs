//! Whether sending is paused: nothing is handed to providers then, and everything else goes on.
//!
//! Kept in the cabinet, so that it survives a restart; a restore from backup leaves it paused.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::{Mutex, RwLock, watch};
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::cabinet::{Cabinet, CabinetError, Kept};

/// Where the cabinet keeps it: something is there while sending is paused, and says why.
pub const KIND: &str = "sending";
pub const PAUSED: &str = "paused";

/// How long a server that stops waits for what providers have to say.
const WIND_UP_MAX: Duration = Duration::from_secs(10);

/// Whether sending is paused, since when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SendingState {
    pub paused: bool,
    pub since: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

/// The switch.
pub struct Sending {
    cabinet: Arc<dyn Cabinet>,
    paused: watch::Sender<bool>,
    /// Shared by every send under way; whoever has it alone knows that there is none, and none begins.
    under_way: Arc<RwLock<()>>,
    /// One change at a time, so that what is kept and what is told agree.
    changing: Mutex<()>,
}

impl Sending {
    /// As it was left.
    pub async fn open(cabinet: Arc<dyn Cabinet>) -> Result<Self, CabinetError> {
        let kept = cabinet.find(KIND, PAUSED).await?;
        let paused = watch::channel(kept.is_some()).0;
        Ok(Self { cabinet, paused, under_way: Arc::default(), changing: Mutex::new(()) })
    }

    /// Reads it again: while this server stood by, another may have changed it.
    pub async fn look_again(&self) -> Result<(), CabinetError> {
        let _turn = self.changing.lock().await;
        self.paused.send_replace(self.cabinet.find(KIND, PAUSED).await?.is_some());
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
        let kept = self.cabinet.find(KIND, PAUSED).await?;
        Ok(SendingState {
            paused: kept.is_some(),
            since: kept.as_ref().map(|kept| kept.at),
            reason: kept.map(|kept| kept.value),
        })
    }

    /// Stops sending; what is under way is finished. Paused already, it keeps its first reason.
    pub async fn pause(&self, reason: String, at: DateTime<Utc>) -> Result<(), CabinetError> {
        let _turn = self.changing.lock().await;
        if self.cabinet.keep(KIND, &Kept { key: PAUSED.to_owned(), value: reason, at }).await? {
            tracing::warn!("sending is paused");
        }
        self.paused.send_replace(true);
        Ok(())
    }

    /// Goes on with what waits.
    pub async fn resume(&self) -> Result<(), CabinetError> {
        let _turn = self.changing.lock().await;
        self.cabinet.remove(KIND, PAUSED).await?;
        tracing::info!("sending goes on");
        self.paused.send_replace(false);
        Ok(())
    }
}
