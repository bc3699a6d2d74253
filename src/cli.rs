//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::backup;
use crate::bench::{self, Bench};
use crate::config::Config;
use crate::journal::LogState;
use crate::server;
use crate::tables;

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
    /// Writes everything into a directory of files, beside a running server.
    Backup(Backup),
    /// Puts a backup into an empty data directory or database, of either kind. Sending starts paused.
    Restore(Restore),
    /// Builds the tables of a read model anew beside a running server, shows them, and says what changed.
    Rebuild(Rebuild),
    /// Builds every read model beside the one that is shown, and compares row by row, beside a running server.
    Verify(Place),
    /// Measures the log, the way in and the memory, beside what they could be compared with.
    #[command(subcommand)]
    Bench(Bench),
    /// Prints the API's description, as served at /api/v1/openapi.json.
    Openapi,
    /// Prints the definition of every metric and reporting table: docs/METRICS.md.
    Metrics,
}

/// Where the server keeps what it has.
#[derive(Args)]
struct Place {
    /// A file that overrides the defaults; see deploy/config/default.toml.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where the server's files live.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The PostgreSQL database that holds the log; SQLite files where none is given.
    #[arg(long)]
    database_url: Option<String>,
}

impl Place {
    fn config(self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        config.data = self.data.unwrap_or(config.data);
        if let Some(url) = self.database_url {
            config.set_database_url(url);
        }
        Ok(config)
    }
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where the server listens.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Waits while another server writes the log, reads along, and takes over when that server is gone.
    #[arg(long)]
    standby: bool,
}

#[derive(Args)]
struct Backup {
    /// The directory to make; one that exists must be empty.
    #[arg(long)]
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct Restore {
    /// The directory a backup was written into.
    #[arg(long)]
    from: PathBuf,
    /// Contacts erased since, one id a line, besides those in the data directory's erasures.list.
    #[arg(long)]
    erasures: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct Rebuild {
    /// Which read model.
    name: String,
    /// Shows the tables from before again instead.
    #[arg(long)]
    back: bool,
    #[command(flatten)]
    place: Place,
}

/// Runs what the command line asks for.
pub async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(serve) => {
            let mut config = serve.place.config()?;
            config.listen = serve.listen.unwrap_or(config.listen);
            config.standby |= serve.standby;
            let (app, server) = server::start(&config).await?;
            server.await?;
            anyhow::ensure!(*app.journal.state().borrow() != LogState::Fenced, "another process writes this log now");
            app.sending.wind_up().await;
            app.let_go().await;
            tracing::info!("stopped");
        }
        Command::Backup(backup) => println!("{}", backup::run::back_up(&backup.place.config()?, &backup.to).await?),
        Command::Restore(restore) => {
            let done = backup::run::restore(&restore.place.config()?, &restore.from, restore.erasures).await?;
            println!("{done}");
        }
        Command::Rebuild(rebuild) => {
            let config = rebuild.place.config()?;
            println!("{}", tables::command::rebuild(&config, &rebuild.name, rebuild.back).await?);
        }
        Command::Verify(place) => println!("{}", tables::command::verify(&place.config()?).await?),
        Command::Bench(bench) => bench::run(bench).await?,
        Command::Openapi => println!("{}", crate::http::openapi_document().to_pretty_json()?),
        Command::Metrics => print!("{}", gatehouse_projections::metrics::document()),
    }
    Ok(())
}
