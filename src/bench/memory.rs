//! What stays in memory, and what has to be read again: the weight of a resident conversation, and the time from a
//! restart to readiness beside a plain read of the same rows.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use futures_util::{StreamExt, stream};
use gatehouse_domain::Clock;
use sqlx::Row;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::fresh::{Fresh, Look, open_store};
use super::ingest::{first_line, free_address, ourselves};
use super::report::{Report, median};
use super::{ROUNDS, Target, fill, load};
use crate::actors::{Actors, Spread};
use crate::clock::SystemClock;
use crate::installation::Installation;
use crate::journal::Journal;

/// Conversations read back at the same time.
const READERS: usize = 64;
/// Every conversation has to be asked within this time: much longer, and an actor nobody asks makes room.
const ASKED_WITHIN: Duration = Duration::from_secs(45);
/// How often a server is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(10);
const READY_WITHIN: Duration = Duration::from_secs(300);
const ROWS: &str = "SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload,
                    metadata, recorded_at FROM events ORDER BY position";

#[derive(Args)]
pub struct Memory {
    #[command(flatten)]
    target: Target,
    /// Conversations in memory at the same time.
    #[arg(long, hide = true, default_value_t = 100_000)]
    actors: u64,
    /// Messages of each.
    #[arg(long, hide = true, default_value_t = 20)]
    messages: u64,
    /// Events in the log at the restart.
    #[arg(long, hide = true, default_value_t = 1_000_000)]
    events: u64,
}

#[derive(Args)]
pub struct Resident {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    database_url: Option<String>,
    #[arg(long)]
    actors: u64,
}

pub async fn run(bench: Memory) -> anyhow::Result<()> {
    let report = Fresh::with(&bench.target, async |fresh| measure(&bench, fresh).await).await?;
    report.print(bench.target.json)
}

async fn measure(bench: &Memory, fresh: &Fresh) -> anyhow::Result<Report> {
    // Beside its messages: opened, queued, an address; and of its contact: created, an address, a name.
    let conversations = bench.events.div_ceil(bench.messages + 6);
    fill::fill(fresh, 0..conversations, bench.messages).await?;
    // The very first start makes keys and an administrator: that is no restart.
    restart(fresh).await?;
    let (mut ready, mut read, mut ratio) = (vec![], vec![], vec![]);
    for number in 1..=ROUNDS {
        let rows = rows(fresh).await?;
        let started = restart(fresh).await?;
        eprintln!("round {number}: ready after {started:.2} s, the rows alone {rows:.2} s");
        ready.push(started);
        read.push(rows);
        ratio.push(started / rows);
    }
    if bench.actors > conversations {
        fill::fill(fresh, conversations..bench.actors, bench.messages).await?;
    }
    let bytes_per_actor = resident_bytes(bench, fresh).await? / bench.actors as f64;
    Ok(Report::new("memory", &bench.target)
        .figure("bytes_per_actor", Some(bytes_per_actor))
        .figure("ready_s", Some(median(ready)))
        .figure("ratio_vs_read", Some(median(ratio)))
        .figure("read_s", Some(median(read)))
        .figure("actors", Some(bench.actors as f64))
        .figure("events", Some(bench.events as f64)))
}

/// Seconds from the start of a server to its first word that it is ready.
async fn restart(fresh: &Fresh) -> anyhow::Result<f64> {
    let address = free_address()?;
    let mut server = ourselves()?;
    server.args(["serve", "--listen", &address.to_string(), "--data"]).arg(fresh.directory());
    if let Some(url) = fresh.database_url() {
        server.args(["--database-url", url]);
    }
    let started = Instant::now();
    let mut server = server.spawn()?;
    while !is_ready(address).await {
        anyhow::ensure!(started.elapsed() < READY_WITHIN, "the server never became ready");
        anyhow::ensure!(server.try_wait()?.is_none(), "the server stopped");
        tokio::time::sleep(ASK_EVERY).await;
    }
    let elapsed = started.elapsed().as_secs_f64();
    server.kill().await?;
    Ok(elapsed)
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\n\r\n").await?;
        load::answer(&mut stream).await
    };
    asked.await.is_ok_and(|status| status == 200)
}

/// Seconds that a plain read of every row takes, in order, through the same driver.
async fn rows(fresh: &Fresh) -> anyhow::Result<f64> {
    let mut look = fresh.look().await?;
    let stored = u64::try_from(look.number("SELECT count(*) FROM events").await?)?;
    let started = Instant::now();
    let mut read = 0;
    let mut bytes = 0;
    match &mut look {
        Look::Sqlite(connection) => {
            let mut rows = sqlx::query(ROWS).fetch(connection);
            while let Some(row) = rows.next().await {
                bytes += row?.get::<&str, _>("payload").len();
                read += 1;
            }
        }
        Look::Postgres(connection) => {
            let mut rows = sqlx::query(ROWS).fetch(connection);
            while let Some(row) = rows.next().await {
                bytes += row?.get_unchecked::<&str, _>("payload").len();
                read += 1;
            }
        }
    }
    anyhow::ensure!(read == stored && bytes > 0, "{read} of {stored} rows were read");
    Ok(started.elapsed().as_secs_f64())
}

/// What the conversations weigh, in a process that did nothing before.
async fn resident_bytes(bench: &Memory, fresh: &Fresh) -> anyhow::Result<f64> {
    let mut resident = ourselves()?;
    resident.args(["bench", "resident", "--actors", &bench.actors.to_string(), "--data"]).arg(fresh.directory());
    if let Some(url) = fresh.database_url() {
        resident.args(["--database-url", url]);
    }
    let mut resident = resident.stdout(Stdio::piped()).spawn()?;
    Ok(first_line(&mut resident).await?.parse()?)
}

/// Brings the conversations into memory and tells by how much the process has grown.
pub async fn resident(resident: Resident) -> anyhow::Result<()> {
    let installation = Arc::new(Installation::open(&resident.data)?);
    let store = open_store(&resident.data, resident.database_url.as_deref()).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let journal = Journal::open(store, Arc::clone(&installation), Arc::clone(&clock)).await?;
    let spread = Arc::new(Spread::start(std::thread::available_parallelism().map_or(1, usize::from)));
    let actors = Arc::new(Actors::new(&journal, &clock, &spread));
    let before = resident_set()?;
    loop {
        let started = Instant::now();
        ask(&actors, &installation, resident.actors).await?;
        eprintln!("{} conversations were asked in {:.1} s", resident.actors, started.elapsed().as_secs_f64());
        if started.elapsed() < ASKED_WITHIN {
            break;
        }
        // The first of them may be gone again.
    }
    println!("{}", resident_set()? - before);
    Ok(())
}

async fn ask(actors: &Arc<Actors>, installation: &Installation, conversations: u64) -> anyhow::Result<()> {
    let sequences = stream::iter(0..conversations).map(|number| {
        let (actors, id) = (Arc::clone(actors), fill::conversation(installation, number));
        async move { actors.conversations.observe(id, |_, sequence| sequence).await }
    });
    let mut sequences = sequences.buffer_unordered(READERS);
    while let Some(sequence) = sequences.next().await {
        anyhow::ensure!(sequence? > 0, "a conversation has no events");
    }
    Ok(())
}

/// Bytes of ours that are in memory now.
fn resident_set() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("only Linux tells how big a process is")?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(kilobytes.context("the size is not told")?.parse::<u64>()? * 1_024)
}
