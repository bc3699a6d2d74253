//! The whole way in: signed messages from another process, acknowledged after the commit, with every follower running.
//! Beside it, on the same server, an endpoint that verifies and translates the same bytes and stores nothing.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context;
use clap::Args;
use gatehouse_domain::gateway::{Account, Conditions};
use gatehouse_domain::inbox::Routing;
use gatehouse_domain::{Channel, ConnectionId, GatewayId, InboxId, connection, gateway, inbox};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::fresh::Fresh;
use super::report::{Report, Speed};
use super::{ROUNDS, Target};
use crate::app::App;
use crate::clock::{fresh_id, random_bytes};
use crate::config::{ADMIN_PASSWORD_VARIABLE, Config};
use crate::http;
use crate::providers::Secrets;
use crate::server;

const ACCOUNT: &str = "106540352242922";
const SECRETS_VERSION: u32 = 1;
const CONTACTS: u64 = 10_000;
const CONNECTIONS: u32 = 256;

#[derive(Args)]
pub struct Ingest {
    #[command(flatten)]
    target: Target,
    /// Messages sent in a round.
    #[arg(long, hide = true, default_value_t = 50_000)]
    messages: u64,
    /// People they come from.
    #[arg(long, hide = true, default_value_t = CONTACTS)]
    contacts: u64,
    /// Connections of the provider, each with one call under way.
    #[arg(long, hide = true, default_value_t = CONNECTIONS)]
    connections: u32,
}

#[derive(Args)]
pub struct Serve {
    #[arg(long)]
    data: PathBuf,
    #[arg(long, default_value = "")]
    database_url: String,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    secret: String,
}

struct Round {
    ours: Speed,
    null: Speed,
    /// In the log at the end.
    events: f64,
}

impl Ingest {
    /// The same beside another bench.
    pub fn of(target: Target, messages: u64) -> Self {
        Self { target, messages, contacts: CONTACTS, connections: CONNECTIONS }
    }

    /// Has another process send the messages; no faster than so many a second, where that is said.
    pub async fn load(
        &self,
        address: SocketAddr,
        secret: &str,
        path: &str,
        name: &str,
        per_second: Option<f64>,
    ) -> anyhow::Result<Speed> {
        let mut load = ourselves()?;
        load.args(["bench", "load", "--secret", secret, "--account", ACCOUNT, "--address", &address.to_string()])
            .args(["--path", path, "--name", name, "--messages", &self.messages.to_string()])
            .args(["--contacts", &self.contacts.to_string(), "--connections", &self.connections.to_string()]);
        if let Some(per_second) = per_second {
            load.args(["--per-second", &per_second.to_string()]);
        }
        let mut load = load.stdout(Stdio::piped()).spawn()?;
        let told = first_line(&mut load).await.context("the messages were not all taken")?;
        Ok(serde_json::from_str(&told)?)
    }
}

/// How many messages a second come in.
pub async fn messages_per_second(bench: &Ingest, fresh: &Fresh) -> anyhow::Result<f64> {
    Ok(round(bench, fresh).await?.ours.per_second)
}

/// How many events a second come in.
pub async fn events_per_second(bench: &Ingest, fresh: &Fresh) -> anyhow::Result<f64> {
    let round = round(bench, fresh).await?;
    Ok(round.ours.per_second * round.events / bench.messages as f64)
}

pub async fn run(bench: Ingest) -> anyhow::Result<()> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for number in 1..=ROUNDS {
        let round = Fresh::with(&bench.target, async |fresh| round(&bench, fresh).await).await?;
        eprintln!("round {number}: {:.0}/s, storing nothing {:.0}/s", round.ours.per_second, round.null.per_second);
        rounds.push(round);
    }
    Report::new("ingest", &bench.target)
        .median_of("per_second", &rounds, |round| round.ours.per_second)
        .median_of("ratio_vs_null", &rounds, |round| round.ours.per_second / round.null.per_second)
        .median_of("p50_ms", &rounds, |round| round.ours.p50_ms)
        .median_of("p99_ms", &rounds, |round| round.ours.p99_ms)
        .median_of("null_per_second", &rounds, |round| round.null.per_second)
        .print(bench.target.json)
}

async fn round(bench: &Ingest, fresh: &Fresh) -> anyhow::Result<Round> {
    let secret = hex::encode(random_bytes::<16>());
    let address = free_address()?;
    let mut server = ourselves()?;
    server
        .args(["bench", "serve", "--secret", &secret, "--listen", &address.to_string(), "--data"])
        .arg(fresh.directory());
    if let Some(url) = fresh.database_url() {
        server.args(["--database-url", url]);
    }
    let mut server = server.stdout(Stdio::piped()).spawn()?;
    let connection = first_line(&mut server).await.context("the server did not start")?;

    let null = bench.load(address, &secret, &format!("/null/{connection}"), "null", None).await?;
    let ours = bench.load(address, &secret, &format!("/hooks/{connection}"), "ours", None).await?;

    let mut look = fresh.look().await?;
    let stored = look.number("SELECT count(*) FROM events WHERE event_type = 'message_received'").await?;
    anyhow::ensure!(u64::try_from(stored)? == bench.messages, "{stored} of {} messages are stored", bench.messages);
    let gaps = look.number("SELECT max(position) - count(*) FROM events").await?;
    anyhow::ensure!(gaps == 0, "{gaps} positions are missing");
    let events = look.number("SELECT max(position) FROM events").await? as f64;
    server.kill().await?;
    Ok(Round { ours, null, events })
}

/// Runs the server the messages go to; tells its connection's id when it is ready.
pub async fn serve(serve: Serve) -> anyhow::Result<()> {
    let mut config = Config::load(None)?;
    config.data = serve.data;
    config.set_database_url(serve.database_url);
    config.listen = serve.listen;
    // Without tables, so that the figure keeps its meaning as there are more of them.
    let (app, server) = server::start_with(&config, http::null_route, &[]).await?;
    println!("{}", set_up(&app, &serve.secret).await?.0);
    server.await?;
    Ok(())
}

/// One gateway whose messages wait in one inbox.
pub async fn set_up(app: &App, secret: &str) -> anyhow::Result<(ConnectionId, InboxId)> {
    let (connection, gateway, inbox) = (ConnectionId(fresh_id()), GatewayId(fresh_id()), InboxId(fresh_id()));
    let secrets: Secrets = BTreeMap::from([("app_secret".to_owned(), secret.to_owned().into())]);
    app.vault.set_secrets(connection, SECRETS_VERSION, &secrets).await?;
    let (name, provider) = ("bench".to_owned(), "meta".to_owned());
    let (settings, secrets_version) = (BTreeMap::new(), SECRETS_VERSION);
    let added = connection::Command::Add { name: name.clone(), provider, settings, secrets_version };
    app.actors.connections.execute(connection, added, None).await?;
    let routing = Routing::default();
    app.actors.inboxes.execute(inbox, inbox::Command::Add { name: name.clone(), routing }, None).await?;
    let primary = inbox::Command::MakePrimary { channel: Channel::Whatsapp };
    app.actors.inboxes.execute(inbox, primary, None).await?;
    let account = Account { connection, channel: Channel::Whatsapp, id: ACCOUNT.to_owned(), sender: None };
    let added = gateway::Command::Add { number: 1, name, account, conditions: Conditions::default() };
    app.actors.gateways.execute(gateway, added, None).await?;
    let connected = gateway::Command::Connect { inbox_ready: true };
    let receipt = app.actors.gateways.execute(gateway, connected, None).await?;
    app.desks.at_least(receipt.position).await;
    Ok((connection, inbox))
}

/// This program again, as another process that ends with us.
pub fn ourselves() -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env("RUST_LOG", "warn").env(ADMIN_PASSWORD_VARIABLE, hex::encode(random_bytes::<12>()));
    command.stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

/// What a process tells first.
pub async fn first_line(process: &mut Child) -> anyhow::Result<String> {
    let told = process.stdout.take().context("its output is not read")?;
    BufReader::new(told).lines().next_line().await?.context("it ended without a word")
}

/// An address nobody listens on.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
