//! Puts the system together and runs it.

use std::fs::{DirBuilder, File};
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::Compress;
use actix_web::{App as WebApp, HttpServer, web};
use anyhow::Context;
use gatehouse_domain::Clock;
use gatehouse_domain::agent::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::actors::{Actors, Spread};
use crate::app::App;
use crate::cabinet::{Cabinet, PostgresCabinet, SqliteCabinet};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::first_start;
use crate::followers::desks::Desks;
use crate::followers::{Given, deadlines, outbox, worklist};
use crate::http;
use crate::installation::Installation;
use crate::journal::{Journal, LogState, PostgresStore, SqliteStore, Store};
use crate::outbound::{Outbound, Policy};
use crate::set_aside::SetAside;
use crate::vault::Vault;

pub const LOG_FILE: &str = "log.db";
const CABINET_FILE: &str = "cabinet.db";
const LOCK_FILE: &str = "server.lock";
/// Seconds running requests get when the server stops.
const SHUTDOWN_S: u64 = 10;

/// Starts the system; it runs until the server is stopped. Needs a running actix system.
pub async fn start(config: &Config) -> anyhow::Result<(Arc<App>, Server)> {
    start_with(config, |_| {}).await
}

/// Starts the system with routes of the caller's beside its own.
pub async fn start_with(config: &Config, also: fn(&mut web::ServiceConfig)) -> anyhow::Result<(Arc<App>, Server)> {
    // The address and the directory first: a second start by mistake must not take the log from the first.
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("{} cannot be listened on", config.listen))?;
    let lock = locked(&config.data)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let installation = Arc::new(Installation::open(&config.data).context("the data directory cannot be used")?);
    let (store, cabinet) = stores(config).await?;
    #[cfg(debug_assertions)]
    let store = crate::planted::with_bug(store);
    let journal = Journal::open(store, Arc::clone(&installation), Arc::clone(&clock)).await?;
    let vault = Arc::new(Vault::new(Arc::clone(&cabinet), Arc::clone(&installation), Arc::clone(&clock)));
    vault.check_installation().await?;
    let set_aside = SetAside::new(cabinet, installation);
    let spread = Arc::new(Spread::start(std::thread::available_parallelism().map_or(1, usize::from)));
    let actors = Arc::new(Actors::new(&journal, &clock, &spread));

    // Together, so that the log is read and decoded once for all of them.
    let (open, opened) = watch::channel(false);
    let given = Given { journal: Arc::clone(&journal), actors: Arc::clone(&actors), clock: Arc::clone(&clock), opened };
    let client = Outbound::new(Policy { allowed: config.outbound.allow.clone() });
    let desks = Desks::start(&journal);
    let followers = vec![
        ("desks", desks.position()),
        ("deadlines", deadlines::start(given.clone())),
        ("worklist", worklist::start(given.clone())),
        ("outbox", outbox::start(given, Arc::clone(&desks), Arc::clone(&vault), client, config.outbox.schedule())),
    ];
    desks.at_least(journal.head()).await;
    let public_url = config.public_url();
    let app = App {
        journal: Arc::clone(&journal),
        actors: Arc::clone(&actors),
        desks: Arc::clone(&desks),
        vault: Arc::clone(&vault),
        set_aside,
        clock: Arc::clone(&clock),
        public_url,
        limits: config.limits,
        draining: watch::channel(false).0,
        _lock: lock,
        followers,
    };
    first_start::prepare(&app).await?;
    disconnect_everybody(&app).await;
    open.send_replace(true);

    let app = Arc::new(app);
    let server = serve(Arc::clone(&app), listener, config, also)?;
    actix_web::rt::spawn(stop_when_asked(Arc::clone(&app), server.handle()));
    Ok((app, server))
}

/// The log and the cabinet, where the configuration says.
async fn stores(config: &Config) -> anyhow::Result<(Arc<dyn Store>, Arc<dyn Cabinet>)> {
    Ok(match config.database_url() {
        Some(url) => {
            let store = PostgresStore::connect(url).await.context("the log's database cannot be used")?;
            let cabinet = PostgresCabinet::connect(url).await.context("the cabinet's database cannot be used")?;
            (Arc::new(store), Arc::new(cabinet))
        }
        None => {
            let store = SqliteStore::open(&config.data.join(LOG_FILE)).await.context("the log cannot be opened")?;
            let cabinet = SqliteCabinet::open(&config.data.join(CABINET_FILE)).await;
            (Arc::new(store), Arc::new(cabinet.context("the cabinet cannot be opened")?))
        }
    })
}

/// The data directory, for this process alone as long as the file lives.
fn locked(data: &Path) -> anyhow::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(data).context("the data directory cannot be made")?;
    let file = File::create(data.join(LOCK_FILE)).context("the data directory cannot be locked")?;
    file.try_lock().with_context(|| format!("another server uses {}", data.display()))?;
    Ok(file)
}

fn serve(
    app: Arc<App>,
    listener: TcpListener,
    config: &Config,
    also: fn(&mut web::ServiceConfig),
) -> anyhow::Result<Server> {
    let limits = config.limits;
    let data = web::Data::from(app);
    let server = HttpServer::new(move || {
        WebApp::new()
            .app_data(data.clone())
            .wrap(http::security_headers())
            .wrap(Compress::default())
            .configure(also)
            .configure(|routes| http::routes(routes, limits))
    })
    .shutdown_timeout(SHUTDOWN_S)
    .disable_signals()
    .listen(listener)
    .context("the address cannot be listened on")?;
    for address in server.addrs() {
        tracing::info!(%address, "listening");
    }
    Ok(server.run())
}

/// Desks are told to come back, which would otherwise hold the server up; requests under way are finished.
async fn stop_when_asked(app: Arc<App>, server: ServerHandle) {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        tracing::error!("signals cannot be heard: the server can only be killed");
        return;
    };
    let mut log = app.journal.state();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        // Another process writes the log: whatever this one would say is stale.
        _ = log.wait_for(|state| *state == LogState::Fenced) => {}
    }
    tracing::info!("stopping");
    app.draining.send_replace(true);
    server.stop(true).await;
}

/// Desks of an earlier life are gone; their agents have the grace period to come back.
async fn disconnect_everybody(app: &App) {
    let connected: Vec<_> = {
        let desk = app.desks.read();
        let sockets = |(id, agent): (&_, &gatehouse_projections::setup::Agent)| {
            agent.sockets.iter().map(|socket| (*id, *socket)).collect::<Vec<_>>()
        };
        desk.setup.agents.iter().flat_map(sockets).collect()
    };
    for (agent, socket) in connected {
        if let Err(error) = app.actors.agents.execute(agent, Command::Disconnect { socket }, None).await {
            tracing::warn!(agent.id = %agent, %error, "a desk of an earlier life is still counted");
        }
    }
}
