//! What every edge works with: the log, the actors, the shared read model, and the stores beside the log.

use std::fs::File;
use std::sync::Arc;

use gatehouse_domain::Clock;
use tokio::sync::watch;

use crate::actors::Actors;
use crate::config::Limits;
use crate::followers::desks::Desks;
use crate::journal::Journal;
use crate::sending::Sending;
use crate::set_aside::SetAside;
use crate::vault::Vault;

/// The running system, as edges see it.
pub struct App {
    pub journal: Arc<Journal>,
    pub actors: Arc<Actors>,
    pub desks: Arc<Desks>,
    pub vault: Arc<Vault>,
    pub set_aside: SetAside,
    pub sending: Sending,
    pub clock: Arc<dyn Clock>,
    pub public_url: String,
    pub limits: Limits,
    /// Whether the server is about to stop: desks come back to whoever runs then.
    pub draining: watch::Sender<bool>,
    /// Keeps the data directory ours.
    pub _lock: File,
    /// Every follower by name, with the position it has reached.
    pub followers: Vec<(&'static str, watch::Receiver<u64>)>,
}
