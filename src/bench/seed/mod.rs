//! `gatehouse bench seed`: a month that might have been, written through the real aggregates. The same seed makes the same
//! month.
//!
//! - `organisation`: inboxes, gateways of every channel, agents and their shifts.
//! - `agenda`: what is to happen, and when. `month` takes one thing after the other.
//! - `customers`, `agents`, `provider`: what each of them does, and how it goes wrong.
//! - `consequences`: what follows from what happened: who is offered what, which slots are let go, what runs out when.
//! - `log`: how it is written.

mod agenda;
mod agents;
mod consequences;
mod customers;
mod log;
mod month;
mod organisation;
mod provider;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use serde_json::json;

use super::fresh::open_store;
use crate::installation::Installation;
use crate::journal::Journal;
use log::Log;
pub use log::Told;
use month::Month;

#[derive(Args)]
pub struct Seed {
    /// The data directory. Its log, or the database's, has to be empty.
    #[arg(long)]
    data: PathBuf,
    /// Where the log is instead: a PostgreSQL database.
    #[arg(long)]
    database_url: Option<String>,
    /// Customers' requests in the month; some of them come to more than one interaction.
    #[arg(long, default_value_t = 2_000)]
    interactions: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Tell as one JSON object, on the last line.
    #[arg(long)]
    json: bool,
}

pub async fn run(seed: Seed) -> anyhow::Result<()> {
    std::fs::create_dir_all(&seed.data)?;
    let installation = Arc::new(Installation::open(&seed.data)?);
    let store = open_store(&seed.data, seed.database_url.as_deref()).await?;
    let clock = Arc::new(Told::default());
    let journal = Journal::open(store, installation, Arc::clone(&clock) as _).await?;
    ensure!(journal.head() == 0, "the log is not empty: a month is only written into a new one");
    let began = Instant::now();
    let events = write(journal, clock, seed.interactions, seed.seed).await?;
    let seconds = began.elapsed().as_secs_f64();
    println!("{} requests came to {events} events, written in {seconds:.1} s", seed.interactions);
    if seed.json {
        println!("{}", json!({"bench": "seed", "interactions": seed.interactions, "events": events, "s": seconds}));
    }
    Ok(())
}

/// Writes a month with so many requests into a log that goes by `clock`; tells how many events it came to.
pub async fn write(journal: Arc<Journal>, clock: Arc<Told>, requests: u64, seed: u64) -> anyhow::Result<u64> {
    let mut month = Month::new(Log::new(journal), clock, requests, seed);
    month.happens().await?;
    Ok(month.log.events)
}
