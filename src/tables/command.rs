//! The commands `gatehouse rebuild` and `gatehouse verify`, beside a running server.

use std::fmt::Write;
use std::io::{IsTerminal, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::build::{self, Build, Source};
use super::compare::Difference;
use super::generations::State;
use super::model::{Model, models};
use super::place::Place;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation::Installation;
use crate::journal::{Candidate, Journal};
use crate::server;

const SAY_EVERY: Duration = Duration::from_secs(1);
/// Signs of a whole progress bar.
const BAR: u64 = 30;

/// Builds the tables of a projection anew, shows them, and says what changed; or shows those from before again.
pub async fn rebuild(config: &Config, name: &str, back: bool) -> anyhow::Result<String> {
    let model = models().into_iter().find(|model| model.name == name);
    let known = || models().iter().map(|model| model.name).collect::<Vec<_>>().join(", ");
    let model = model.with_context(|| format!("no projection is named {name}; there are: {}", known()))?;
    let place = Place::open(config, model.group).await?;
    if back {
        let former = build::back(&place, &model).await?;
        return Ok(format!(
            "{name}: generation {} of version {} is shown again, at position {}",
            former.number, former.version, former.position
        ));
    }
    let differences = rebuilt(model, &place, &source(config).await?).await?;
    Ok(format!("{name}: the new tables are shown; what changed:\n{}", table(&differences)))
}

/// Builds every projection beside the live one and compares. An error where they differ.
pub async fn verify(config: &Config) -> anyhow::Result<String> {
    let source = source(config).await?;
    let (mut told, mut differ) = (String::new(), false);
    for model in models() {
        let place = Place::open(config, model.group).await?;
        let (differences, parked) = verified(model, &place, &source).await?;
        differ |= !differences.iter().all(Difference::is_none);
        writeln!(told, "{} ({parked} streams parked)\n{}", model.name, table(&differences))?;
    }
    if differ {
        println!("{told}");
        anyhow::bail!("tables differ from what the log says: `gatehouse rebuild` puts that right");
    }
    Ok(format!("{told}0 differences"))
}

/// Builds a projection beside the live one, shows it, and tells what is different.
pub async fn rebuilt(model: Model, place: &Place, source: &Source) -> super::Result<Vec<Difference>> {
    let mut build = Build::begin(model, place, source, State::Building).await?;
    build.level(&mut progress(model.name)).await?;
    build.index().await?;
    let differences = build.compare().await?;
    build.swap().await?;
    Ok(differences)
}

/// Builds a projection beside the live one and tells what is different, and how many streams it could not read.
pub async fn verified(model: Model, place: &Place, source: &Source) -> super::Result<(Vec<Difference>, usize)> {
    let mut build = Build::begin(model, place, source, State::Scratch).await?;
    build.level(&mut progress(model.name)).await?;
    let differences = build.compare().await?;
    let parked = build.parked();
    build.discard().await?;
    Ok((differences, parked))
}

/// The log, read beside a server that may be writing it.
pub async fn source(config: &Config) -> anyhow::Result<Source> {
    let installation = Installation::existing(&config.data).context("the data directory cannot be used")?;
    if config.database_url().is_none() {
        let log = config.data.join(server::LOG_FILE);
        anyhow::ensure!(log.exists(), "{} is not there", log.display());
    }
    let (store, leases, _) = server::stores(config).await?;
    // It never asks for the log: it has no lock of a data directory.
    let candidate =
        Candidate { leases, clock: Arc::new(SystemClock), length: config.lease(), holder: Box::new(|| None) };
    let journal = Journal::stand_by(store, &candidate, Arc::new(installation)).await?;
    Ok(Source { journal, candidate })
}

/// Tells on stderr how far it is, how fast, and how long it will take: on a terminal in one line that grows, otherwise in
/// lines.
fn progress(name: &'static str) -> impl FnMut(u64, u64) {
    let (began, mut said) = (Instant::now(), Instant::now());
    let mut stderr = std::io::stderr();
    let (back, end) = if stderr.is_terminal() { ("\r", "") } else { ("", "\n") };
    move |position, of| {
        let done = position >= of;
        if said.elapsed() < SAY_EVERY && !done {
            return;
        }
        said = Instant::now();
        let per_s = u128::from(position) * 1_000 / began.elapsed().as_millis().max(1);
        let left_s = u128::from(of - position) / per_s.max(1);
        let bar = bar(position, of);
        let end = if done { "\n" } else { end };
        // Whoever does not listen misses nothing.
        let _ =
            write!(stderr, "{back}{name} [{bar}] {position} of {of} events, {per_s} events/s, {left_s} s left {end}");
    }
}

/// How much of a bar is full.
fn bar(position: u64, of: u64) -> String {
    let full = (position * BAR).checked_div(of).unwrap_or(BAR);
    (0..BAR).map(|place| if place < full { '#' } else { '.' }).collect()
}

fn table(differences: &[Difference]) -> String {
    differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("\n")
}
