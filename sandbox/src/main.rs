//! The sandbox on the command line.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gatehouse_sandbox::Sandbox;
use gatehouse_sandbox::demo::{Demo, run};
use tracing_subscriber::EnvFilter;

/// A stand-in for the WhatsApp Cloud API.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API, and a phone to write from at its root.
    Serve {
        /// Where to listen, on loopback.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
    },
    /// Sets a Gatehouse server up to work with a sandbox. Can be repeated.
    Demo(Demo),
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match Arguments::parse().command {
        Command::Serve { listen } => serve(listen).await.map_err(|error| error.to_string()),
        Command::Demo(demo) => run(&demo).await.map_err(|error| error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("gatehouse-sandbox: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(listen: SocketAddr) -> Result<(), gatehouse_sandbox::StartError> {
    let sandbox = Sandbox::start(listen)?;
    println!("The phone is at {}/", sandbox.url());
    until_told_to_stop().await?;
    sandbox.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn until_told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn until_told_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
