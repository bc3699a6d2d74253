//! `gatehouse bench`: how fast and how big, always beside what it could be compared with, in the same run.
//!
//! - `append`: the log alone, beside stock postgres-es and raw `COPY`.
//! - `ingest`: the whole way of a message, from the signed call to its acknowledgement, beside an endpoint that stores
//!   nothing.
//! - `route`: a decision of the worklist, with few and with many waiting, beside a queue that only pops its oldest.
//! - `seed`: a month that might have been, written through the real aggregates.
//! - `board`: what a supervisors' board computes, and how soon it shows what was committed.
//! - `project`: read models in tables, kept and built anew.
//! - `search`: questions to the history of a million messages, beside a page of the list.
//! - `memory`: what a resident conversation weighs, and how long a restart takes beside reading the rows.
//!
//! Every round works on a `fresh` database or directory. Contenders take turns within a round, and medians of the rounds
//! are told, so that a machine that grows slow or fast meanwhile spoils no comparison. A run fails unless the database
//! holds afterwards exactly what was acknowledged.

mod append;
mod board;
pub mod chance;
mod fill;
mod fresh;
mod ingest;
mod load;
mod memory;
mod project;
mod report;
mod route;
mod search;
pub mod seed;
mod stock;

use clap::{Args, Subcommand, ValueEnum};

/// Rounds of every comparison.
const ROUNDS: usize = 3;

#[derive(Subcommand)]
pub enum Bench {
    /// Appends of 256 concurrent streams.
    Append(append::Append),
    /// Signed messages from another process, acknowledged when they are durable.
    Ingest(ingest::Ingest),
    /// The worklist's decisions, beside a queue that only pops its oldest.
    Route(route::Route),
    /// Writes a month that might have been into an empty log: every channel, shifts, transfers, lapses, mishaps.
    Seed(seed::Seed),
    /// A supervisors' board, watched by one and by many.
    Board(board::Board),
    /// Read models, kept beside what comes in and built anew beside decoding.
    Project(project::Project),
    /// Questions to the history of a million messages, beside a page of the list.
    Search(search::Search),
    /// Resident conversations, and a restart.
    Memory(memory::Memory),
    /// The server that `ingest` measures.
    #[command(hide = true)]
    Serve(ingest::Serve),
    /// The process that keeps the tables `project` measures.
    #[command(hide = true)]
    Keep(project::Keep),
    /// The process that plays the provider.
    #[command(hide = true)]
    Load(load::Load),
    /// The process whose memory `memory` measures.
    #[command(hide = true)]
    Resident(memory::Resident),
}

/// Where to measure, and how to tell.
#[derive(Args, Clone)]
pub struct Target {
    /// What holds the log.
    #[arg(long, value_enum, default_value_t = StoreKind::Sqlite)]
    store: StoreKind,
    /// A PostgreSQL server, as postgres://user@host/database: databases of their own are made there, and dropped.
    #[arg(long, required_if_eq("store", "postgres"))]
    database_url: Option<String>,
    /// Tell as one JSON object, on the last line.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    Sqlite,
    Postgres,
}

impl StoreKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Runs what the command line asks for.
pub async fn run(bench: Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Append(append) => append::run(append).await,
        Bench::Ingest(ingest) => ingest::run(ingest).await,
        Bench::Route(route) => route::run(&route),
        Bench::Seed(seed) => seed::run(seed).await,
        Bench::Board(board) => board::run(board).await,
        Bench::Project(project) => project::run(project).await,
        Bench::Search(search) => search::run(search).await,
        Bench::Memory(memory) => memory::run(memory).await,
        Bench::Serve(serve) => ingest::serve(serve).await,
        Bench::Keep(keep) => project::keep(keep).await,
        Bench::Load(load) => load::run(load).await,
        Bench::Resident(resident) => memory::resident(resident).await,
    }
}
