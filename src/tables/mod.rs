//! Keeps read models in tables: what a projection says of the log is written, with the position, in one transaction.
//!
//! - `model`: a projection by name; `fold` takes the log in, `reading` gives it.
//! - `keeper`: the follower that keeps the tables of one projection.
//! - `generations`: tables are built beside those that are shown, and take their place at once.
//! - `parked`: what cannot be read is left out, and comes later.
//! - `build`, `compare`, `command`: `gatehouse rebuild` and `gatehouse verify`.
//! - `filling`: tables that no log tells of, to be measured.
//! - `place`, `session`, `readers`: SQLite files or PostgreSQL schemas, the same to everybody else; what differs is in
//!   `sqlite` and `postgres`, in `ddl` and in `dialect`.
//! - `search`: texts that are searched, and how they are asked for.
//! - `bulk`: a batch as statements that write many rows.

mod build;
mod bulk;
pub mod command;
pub mod compare;
mod ddl;
mod dialect;
pub mod filling;
mod fold;
mod generations;
mod keeper;
pub mod model;
mod parked;
pub mod place;
mod postgres;
mod reading;
mod readers;
pub mod search;
mod session;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_projections::table::Group;
use thiserror::Error;
use tokio::sync::watch;

use crate::config::Config;
use crate::journal::{Journal, StoreError};
use keeper::Keeper;
use model::Model;
use place::Place;
pub use readers::Readers;

type Result<T> = std::result::Result<T, TablesError>;

/// Why tables could not be read or written.
#[derive(Debug, Error)]
pub enum TablesError {
    #[error("the tables cannot be reached or written: {0}")]
    Unavailable(#[from] sqlx::Error),
    #[error("the tables hold something unreadable: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Log(#[from] StoreError),
    #[error("there is no {0} to go back to")]
    NoFormer(String),
    #[error("somebody else is building {0} now")]
    Disturbed(String),
    #[error("{0} is built by the server at its start: wait until it is done, or start one of this version")]
    NotLive(String),
}

/// The tables of a running server.
pub struct Tables {
    kept: Vec<Kept>,
    work: Readers,
    reporting: Readers,
}

/// One projection that is kept.
pub struct Kept {
    pub name: &'static str,
    /// Everything up to here is in its tables.
    pub position: watch::Receiver<u64>,
    /// How many streams are left out.
    pub parked: watch::Receiver<usize>,
}

impl Tables {
    /// Starts keeping projections: the log is followed now, and tables are written once the server has `opened`.
    pub async fn start(
        config: &Config,
        journal: &Arc<Journal>,
        opened: &watch::Receiver<bool>,
        models: &[Model],
    ) -> Result<Arc<Self>> {
        let work = Arc::new(Place::open(config, Group::Work).await?);
        let reporting = Arc::new(Place::open(config, Group::Reporting).await?);
        let mut kept = vec![];
        for model in models {
            let place = Arc::clone(if model.group == Group::Work { &work } else { &reporting });
            generations::ensure(&mut place.session().await?, model, journal.log_id()).await?;
            kept.push(Keeper::start(*model, place, Arc::clone(journal), opened.clone()));
        }
        Ok(Arc::new(Self { kept, work: work.readers().await?, reporting: reporting.readers().await? }))
    }

    /// Reads the tables of a group.
    pub fn read(&self, group: Group) -> &Readers {
        match group {
            Group::Work => &self.work,
            Group::Reporting => &self.reporting,
        }
    }

    /// Waits until everything up to `position` is in the tables of a projection: reading one's own writes. No: it took
    /// too long, or nobody keeps it.
    pub async fn at_least(&self, projection: &str, position: u64, within: Duration) -> bool {
        let Some(kept) = self.kept.iter().find(|kept| kept.name == projection) else { return false };
        let mut written = kept.position.clone();
        let reached = written.wait_for(|at| *at >= position);
        matches!(tokio::time::timeout(within, reached).await, Ok(Ok(_)))
    }

    /// Every projection, with how far its tables are.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// Streams left out, by projection, where there are any.
    pub fn parked(&self) -> BTreeMap<&'static str, usize> {
        self.kept.iter().map(|kept| (kept.name, *kept.parked.borrow())).filter(|(_, parked)| *parked > 0).collect()
    }
}
