//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::bench::{self, Bench};
use crate::config::Config;
use crate::journal::LogState;
use crate::server;

/// Connects an organisation's messaging accounts to its people.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server.
    Serve(Serve),
    /// Measures the log, the way in and the memory, beside what they could be compared with.
    #[command(subcommand)]
    Bench(Bench),
    /// Prints the API's description, as served at /api/v1/openapi.json.
    Openapi,
}

#[derive(Args)]
struct Serve {
    /// A file that overrides the defaults; see deploy/config/default.toml.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where the server's files live.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The PostgreSQL database that holds the log; SQLite files where none is given.
    #[arg(long)]
    database_url: Option<String>,
    /// Where the server listens.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Waits while another server writes the log, reads along, and takes over when that server is gone.
    #[arg(long)]
    standby: bool,
}

/// Runs what the command line asks for.
pub async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(serve) => {
            let mut config = Config::load(serve.config.as_deref())?;
            config.data = serve.data.unwrap_or(config.data);
            if let Some(url) = serve.database_url {
                config.set_database_url(url);
            }
            config.listen = serve.listen.unwrap_or(config.listen);
            config.standby |= serve.standby;
            let (app, server) = server::start(&config).await?;
            server.await?;
            anyhow::ensure!(*app.journal.state().borrow() != LogState::Fenced, "another process writes this log now");
            app.let_go().await;
            tracing::info!("stopped");
        }
        Command::Bench(bench) => bench::run(bench).await?,
        Command::Openapi => println!("{}", crate::http::openapi_document().to_pretty_json()?),
    }
    Ok(())
}
