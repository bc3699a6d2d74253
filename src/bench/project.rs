//! How fast read models are kept: all of them together on a month that might have been, beside what the way in can bring;
//! and how fast `gatehouse rebuild` builds one anew, compares and shows it, beside decoding the same events: the slowest
//! one's figure, and that of all one after the other, which read and decode the log once each.
//!
//! Kept: their tables are live and empty, the log grows to a month, and a process of its own takes it in as a server does.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::fresh::{Fresh, open_store};
use super::ingest::{self, Ingest, first_line, ourselves};
use super::report::Report;
use super::{ROUNDS, Target};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation::Installation;
use crate::journal::Journal;
use crate::tables::Tables;
use crate::tables::command::{rebuilt, source};
use crate::tables::compare::Difference;
use crate::tables::model::models;
use crate::tables::place::Place;

/// Events of one page while they are only decoded.
const PAGE: u32 = 1_000;

#[derive(Args)]
pub struct Project {
    #[command(flatten)]
    target: Target,
    /// Requests of the month.
    #[arg(long, hide = true, default_value_t = 10_000)]
    interactions: u64,
    /// Messages of the run that finds out what the way in can bring.
    #[arg(long, hide = true, default_value_t = 50_000)]
    messages: u64,
}

#[derive(Args)]
pub struct Keep {
    #[arg(long)]
    data: PathBuf,
    #[arg(long, default_value = "")]
    database_url: String,
}

/// What a process that keeps tables tells.
#[derive(Serialize, Deserialize)]
struct Kept {
    events: u64,
    seconds: f64,
}

struct Round {
    ingest: f64,
    kept: f64,
    /// Of the slowest one.
    rebuilt: f64,
    all_rebuilt: f64,
    decoded: f64,
    events: u64,
}

pub async fn run(bench: Project) -> anyhow::Result<()> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for number in 1..=ROUNDS {
        let way_in = Ingest::of(bench.target.clone(), bench.messages);
        let ingest = Fresh::with(&bench.target, async |fresh| ingest::events_per_second(&way_in, fresh).await).await?;
        let round = Fresh::with(&bench.target, async |fresh| round(&bench, fresh, ingest).await).await?;
        eprintln!(
            "round {number}: {:.0} events/s kept, {:.0}/s come in; {:.0}/s rebuilt, {:.0}/s decoded",
            round.kept, round.ingest, round.rebuilt, round.decoded
        );
        rounds.push(round);
    }
    Report::new("project", &bench.target)
        .median_of("per_second", &rounds, |round| round.kept)
        .median_of("ratio_vs_ingest", &rounds, |round| round.kept / round.ingest)
        .median_of("rebuild_ratio_vs_decode", &rounds, |round| round.rebuilt / round.decoded)
        .median_of("rebuild_all_ratio_vs_decode", &rounds, |round| round.all_rebuilt / round.decoded)
        .median_of("ingest_events_per_second", &rounds, |round| round.ingest)
        .median_of("rebuild_per_second", &rounds, |round| round.rebuilt)
        .median_of("decode_per_second", &rounds, |round| round.decoded)
        .median_of("events", &rounds, |round| round.events as f64)
        .print(bench.target.json)
}

async fn round(bench: &Project, fresh: &Fresh, ingest: f64) -> anyhow::Result<Round> {
    // The tables are there, live and empty, before anything happens.
    drop((Installation::open(fresh.directory())?, fresh.store().await?));
    keeps(fresh).await?;
    let mut seed = ourselves()?;
    seed.args(["bench", "seed", "--interactions", &bench.interactions.to_string(), "--data"]).arg(fresh.directory());
    if let Some(url) = fresh.database_url() {
        seed.args(["--database-url", url]);
    }
    let mut seed = seed.stdout(Stdio::piped()).spawn()?;
    first_line(&mut seed).await.context("the month was not written")?;
    seed.wait().await?;
    let kept = keeps(fresh).await?;

    let config = config(fresh.directory().to_owned(), fresh.database_url().unwrap_or_default())?;
    let (decoding, decoded) = (Instant::now(), decode(fresh).await?);
    let decoding = decoding.elapsed().as_secs_f64();
    let source = source(&config).await?;
    let (mut slowest, mut all) = (0.0_f64, 0.0);
    for model in models() {
        let rebuilding = Instant::now();
        let differences = rebuilt(model, &Place::open(&config, model.group).await?, &source).await?;
        let same = differences.iter().all(Difference::is_none);
        anyhow::ensure!(same, "{}: what was built anew differs from what was kept", model.name);
        let rebuilding = rebuilding.elapsed().as_secs_f64();
        (slowest, all) = (slowest.max(rebuilding), all + rebuilding);
    }
    let speed = |seconds: f64| kept.events as f64 / seconds;
    anyhow::ensure!(decoded == kept.events, "{decoded} of {} events were decoded", kept.events);
    Ok(Round {
        ingest,
        kept: speed(kept.seconds),
        rebuilt: speed(slowest),
        all_rebuilt: speed(all),
        decoded: speed(decoding),
        events: decoded,
    })
}

/// Reads and decodes everything on one connection, and does nothing with it.
async fn decode(fresh: &Fresh) -> anyhow::Result<u64> {
    let store = open_store(fresh.directory(), fresh.database_url()).await?;
    let installation = Arc::new(Installation::existing(fresh.directory())?);
    let journal = Journal::open(store, installation, Arc::new(SystemClock)).await?;
    let mut position = 0;
    while let Some(last) = journal.read(position, PAGE).await?.last() {
        position = last.position;
    }
    Ok(position)
}

/// Has another process keep the tables up to the end of the log.
async fn keeps(fresh: &Fresh) -> anyhow::Result<Kept> {
    let mut keep = ourselves()?;
    keep.args(["bench", "keep", "--data"]).arg(fresh.directory());
    if let Some(url) = fresh.database_url() {
        keep.args(["--database-url", url]);
    }
    let mut keep = keep.stdout(Stdio::piped()).spawn()?;
    let told = first_line(&mut keep).await.context("the tables were not kept")?;
    keep.wait().await?;
    Ok(serde_json::from_str(&told)?)
}

/// Keeps the tables up to the end of the log, as a server does, and tells how long that took.
pub async fn keep(keep: Keep) -> anyhow::Result<()> {
    let config = config(keep.data, &keep.database_url)?;
    let source = source(&config).await?;
    let (began, head) = (Instant::now(), source.journal.head());
    let (open, opened) = watch::channel(true);
    let tables = Tables::start(&config, &source.journal, &opened, &models()).await?;
    for kept in tables.kept() {
        let mut written = kept.position.clone();
        written.wait_for(|position| *position >= head).await?;
    }
    let kept = Kept { events: head, seconds: began.elapsed().as_secs_f64() };
    println!("{}", serde_json::to_string(&kept)?);
    drop(open);
    Ok(())
}

fn config(data: PathBuf, database_url: &str) -> anyhow::Result<Config> {
    let mut config = Config::load(None)?;
    config.data = data;
    config.set_database_url(database_url.to_owned());
    Ok(config)
}
