//! What was signed but could not be used: quarantine (not understood) and unrouted (nobody to route it to).
//!
//! Kept whole and sealed, once however often it comes, and committed before the provider hears 200. Never dropped: it was
//! signed, and somebody waits for an answer to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use gatehouse_domain::ConnectionId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cabinet::{Cabinet, CabinetError, Kept};
use crate::installation::Installation;
use crate::seal;
use crate::telemetry;

/// Why something was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// Signed, but not understood.
    Quarantine,
    /// Understood, but its gateway is unknown, parked or retired, or it tells of a message that is not ours, or what it
    /// belongs to cannot be read by this version.
    Unrouted,
}

impl Aside {
    /// Everything that is set aside is kept under one of these kinds.
    pub const KINDS: [&str; 2] = [Self::Quarantine.name(), Self::Unrouted.name()];

    const fn name(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Unrouted => "unrouted",
        }
    }
}

/// One thing set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Item {
    /// Names it; the same thing always has the same.
    pub key: String,
    pub connection: Uuid,
    pub reason: String,
    pub at: DateTime<Utc>,
    /// As it came.
    pub original: Option<String>,
}

/// What is kept of it; the words are sealed.
#[derive(Serialize, Deserialize)]
struct Stored {
    connection: ConnectionId,
    reason: String,
    sealed: String,
}

/// Everything set aside.
pub struct SetAside {
    cabinet: Arc<dyn Cabinet>,
    installation: Arc<Installation>,
}

impl SetAside {
    pub fn new(cabinet: Arc<dyn Cabinet>, installation: Arc<Installation>) -> Self {
        Self { cabinet, installation }
    }

    /// Keeps `original`; the same thing again is kept already.
    pub async fn keep(
        &self,
        kind: Aside,
        connection: ConnectionId,
        reason: &str,
        original: &[u8],
        at: DateTime<Utc>,
    ) -> Result<(), CabinetError> {
        let words = String::from_utf8_lossy(original);
        let hash = self.installation.keyed_hash(&["set_aside", kind.name(), &connection.to_string(), &words]);
        let key = hex::encode(hash);
        let sealed = seal::seal(self.installation.master_key(), &place(&key), original);
        let stored = Stored { connection, reason: reason.to_owned(), sealed };
        let value = serde_json::to_string(&stored).map_err(|error| CabinetError::Unreadable(error.to_string()))?;
        if self.cabinet.keep(kind.name(), &Kept { key, value, at }).await? {
            telemetry::set_aside(kind.name());
            tracing::warn!(kind = kind.name(), connection.id = %connection, reason, "set aside");
        }
        Ok(())
    }

    /// Forgets what found its place.
    pub async fn remove(&self, kind: Aside, key: &str) -> Result<(), CabinetError> {
        self.cabinet.remove(kind.name(), key).await
    }

    /// The newest things set aside, up to `limit`.
    pub async fn list(&self, kind: Aside, limit: u32) -> Result<Vec<Item>, CabinetError> {
        let kept = self.cabinet.newest(kind.name(), limit).await?;
        kept.into_iter().map(|kept| self.opened(kept)).collect()
    }

    /// What was set aside after `key`, in the order of keys, up to `limit`: for whoever has to look at all of it.
    pub async fn after(&self, kind: Aside, key: &str, limit: u32) -> Result<Vec<Item>, CabinetError> {
        let kept = self.cabinet.after(kind.name(), key, limit).await?;
        kept.into_iter().map(|kept| self.opened(kept)).collect()
    }

    fn opened(&self, kept: Kept) -> Result<Item, CabinetError> {
        let stored: Stored =
            serde_json::from_str(&kept.value).map_err(|error| CabinetError::Unreadable(error.to_string()))?;
        let words = seal::open(self.installation.master_key(), &place(&kept.key), &stored.sealed);
        Ok(Item {
            key: kept.key,
            connection: stored.connection.0,
            reason: stored.reason,
            at: kept.at,
            original: words.map(|words| String::from_utf8_lossy(&words).into_owned()),
        })
    }
}

fn place(key: &str) -> String {
    format!("set_aside/{key}")
}
