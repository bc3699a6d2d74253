//! What every edge works with: the log, the actors, the shared read model, and the stores beside the log.

use std::sync::{Arc, Mutex, PoisonError};

use gatehouse_domain::Clock;
use tokio::sync::watch;

use crate::actors::Actors;
use crate::config::Limits;
use crate::data_lock::DataLock;
use crate::erasures::Erasures;
use crate::followers::boards::Boards;
use crate::followers::desks::Desks;
use crate::followers::worklist;
use crate::journal::{Journal, Tenure};
use crate::sending::Sending;
use crate::set_aside::SetAside;
use crate::tables::Tables;
use crate::vault::Vault;

/// The running system, as edges see it.
pub struct App {
    pub journal: Arc<Journal>,
    pub actors: Arc<Actors>,
    pub desks: Arc<Desks>,
    pub tables: Arc<Tables>,
    pub boards: Arc<Boards>,
    pub vault: Arc<Vault>,
    pub worklist: Arc<worklist::Handle>,
    pub set_aside: SetAside,
    pub erasures: Erasures,
    pub sending: Sending,
    pub clock: Arc<dyn Clock>,
    pub public_url: String,
    pub limits: Limits,
    /// Whether the server is about to stop: desks come back to whoever runs then.
    pub draining: watch::Sender<bool>,
    /// Whether this server works: it has taken the log over and settled what a former life left open.
    pub open: watch::Sender<bool>,
    /// What keeps the log ours.
    pub tenure: Mutex<Option<Tenure>>,
    /// Keeps the data directory ours.
    pub _lock: Arc<DataLock>,
    /// Every follower by name, with the position it has reached.
    pub followers: Vec<(&'static str, watch::Receiver<u64>)>,
}

impl App {
    /// Whether this server works, or waits until it may.
    pub fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    /// Keeps the log ours.
    pub fn hold(&self, tenure: Tenure) {
        *self.tenure.lock().unwrap_or_else(PoisonError::into_inner) = Some(tenure);
    }

    /// Lets go of the log, so that whoever stands by takes it over at once. The last thing a server does.
    pub async fn let_go(&self) {
        let tenure = self.tenure.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tenure) = tenure {
            tenure.give_up().await;
        }
    }
}
