//! Puts the system together and runs it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as WebApp, HttpServer, web};
use anyhow::Context;
use gatehouse_domain::Clock;
use gatehouse_domain::agent::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::actors::{Actors, Spread};
use crate::app::App;
use crate::backup::Restored;
use crate::cabinet::{Cabinet, PostgresCabinet, SqliteCabinet};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::data_lock::DataLock;
use crate::erase;
use crate::erasures::Erasures;
use crate::first_start;
use crate::followers::boards::Boards;
use crate::followers::desks::Desks;
use crate::followers::{Given, deadlines, erasing, outbox, watchdog, worklist};
use crate::http;
use crate::ingest::{self, Redriven};
use crate::installation::Installation;
use crate::journal::{Candidate, Journal, Leases, LogState, PostgresStore, SqliteStore, Store};
use crate::outbound::{Outbound, Policy};
use crate::sending::Sending;
use crate::set_aside::SetAside;
use crate::shedding;
use crate::standby;
use crate::tables::Tables;
use crate::tables::model::{Model, models};
use crate::telemetry;
use crate::vault::Vault;

pub const LOG_FILE: &str = "log.db";
pub const CABINET_FILE: &str = "cabinet.db";
/// Seconds running requests get when the server stops.
const SHUTDOWN_S: u64 = 10;
/// A server that has the log but could not begin to work tries again after this long.
const OPEN_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Connections per thread, sockets included; more wait to be accepted, and beyond that are refused by the kernel.
const CONNECTIONS_MAX: usize = 25_000;
const BACKLOG_MAX: u32 = 1_024;
/// How long a request's head may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Starts the system, or stands by to start it; it runs until the server is stopped. Needs a running actix system.
pub async fn start(config: &Config) -> anyhow::Result<(Arc<App>, Server)> {
    start_with(config, |_| {}, &models()).await
}

/// Starts the system with routes of the caller's beside its own, keeping the tables of `models`.
pub async fn start_with(
    config: &Config,
    also: fn(&mut web::ServiceConfig),
    models: &[Model],
) -> anyhow::Result<(Arc<App>, Server)> {
    // The address and the directory first: a second start by mistake must not take the log from the first.
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("{} cannot be listened on", config.listen))?;
    let lock = Arc::new(DataLock::of(&config.data)?);
    let way_out = "stop it, or start this one with --standby to wait for it";
    anyhow::ensure!(lock.take() || config.standby, "another server uses {}: {way_out}", config.data.display());
    telemetry::start();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let installation = Arc::new(Installation::open(&config.data).context("the data directory cannot be used")?);
    let (store, leases, cabinet) = stores(config).await?;
    #[cfg(debug_assertions)]
    let store = crate::planted::with_bug(store);
    let holder = Box::new({
        let lock = Arc::clone(&lock);
        move || lock.holder()
    });
    let candidate = Arc::new(Candidate { leases, clock: Arc::clone(&clock), length: config.lease(), holder });
    let journal = Journal::stand_by(store, &candidate, Arc::clone(&installation)).await?;
    // Before anything is written: what a restore left that was broken off is not served.
    let restored = Restored::position_of(&*cabinet, journal.log_id()).await?;
    let vault = Arc::new(Vault::new(Arc::clone(&cabinet), Arc::clone(&installation), Arc::clone(&clock)));
    vault.check_installation().await?;
    let sending = Sending::open(Arc::clone(&cabinet)).await?;
    let set_aside = SetAside::new(cabinet, installation);
    let erasures = Erasures::open(&config.data).context("the list of erasures cannot be read")?;
    let spread = Arc::new(Spread::start(std::thread::available_parallelism().map_or(1, usize::from)));
    let actors = Arc::new(Actors::new(&journal, &clock, &spread));

    // Together, so that the log is read and decoded once for all of them.
    let (open, opened) = watch::channel(false);
    let given = Given {
        journal: Arc::clone(&journal),
        actors: Arc::clone(&actors),
        clock: Arc::clone(&clock),
        opened,
        paused: sending.paused(),
    };
    let client = Outbound::new(Policy { allowed: config.outbound.allow.clone() });
    tokio::spawn(Arc::clone(&journal).learn_streams());
    let tables = Tables::start(config, &journal, &given.opened, models).await.context("the tables cannot be used")?;
    let desks = Desks::start(&journal);
    let boards = Boards::start(&journal, &clock, config.board());
    let (worklist, worklist_position) = worklist::start(given.clone(), config.licence.clone());
    let followers = vec![
        ("desks", desks.position()),
        ("boards", boards.position()),
        ("deadlines", deadlines::start(given.clone())),
        ("erasing", erasing::start(given.clone())),
        ("worklist", worklist_position),
        (
            "outbox",
            outbox::start(
                given,
                restored,
                Arc::clone(&desks),
                Arc::clone(&vault),
                client,
                config.outbox.schedule(),
                sending.under_way(),
            ),
        ),
    ];
    let kept = tables.kept().iter().map(|kept| (kept.name, kept.position.clone()));
    tokio::spawn(watchdog::start(Arc::clone(&journal), followers.iter().cloned().chain(kept).collect()));
    let public_url = config.public_url();
    let app = Arc::new(App {
        journal: Arc::clone(&journal),
        actors: Arc::clone(&actors),
        desks: Arc::clone(&desks),
        tables,
        boards,
        vault: Arc::clone(&vault),
        worklist,
        set_aside,
        erasures,
        sending,
        clock: Arc::clone(&clock),
        public_url,
        limits: config.limits,
        draining: watch::channel(false).0,
        open,
        tenure: Mutex::new(None),
        _lock: lock,
        followers,
    });
    tokio::spawn(shedding::start(Arc::downgrade(&app), app.open.subscribe()));
    if !config.standby {
        let tenure = standby::take_or_give_up(&app, &candidate).await?;
        let fence = tenure.fence;
        app.hold(tenure);
        settle(&app, &candidate, fence).await?;
    }
    let server = serve(Arc::clone(&app), listener, config, also)?;
    actix_web::rt::spawn(stop_when_asked(Arc::clone(&app), server.handle()));
    if config.standby {
        actix_web::rt::spawn(open_when_free(Arc::clone(&app), candidate));
    }
    Ok((app, server))
}

/// Begins to work, now that the log is ours: what a former life left open is settled first.
async fn settle(app: &Arc<App>, candidate: &Candidate, fence: u64) -> anyhow::Result<()> {
    app.desks.at_least(app.journal.head()).await;
    first_start::prepare(app).await?;
    disconnect_everybody(app).await;
    // Before anybody can write: whoever is met again must not be met as somebody who has to be erased.
    erase::again(app).await.context("the erasures cannot be finished")?;
    let holds = async || candidate.holds(fence).await.unwrap_or(false);
    app.sending.take_over(fence, app.clock.now(), holds).await?;
    // Before anything newer comes in. What is left there stays set aside, and can be tried again at any time.
    match ingest::redrive_unreadable(app).await {
        Ok(Redriven { taken: 0, .. }) => {}
        Ok(Redriven { taken, .. }) => tracing::info!(taken, "what could not be read before found its place"),
        Err(ingest::NotNow) => tracing::error!("what is set aside could not be tried again"),
    }
    app.open.send_replace(true);
    Ok(())
}

/// Stands by, and begins to work when the log is free; until the server is told to stop.
async fn open_when_free(app: Arc<App>, candidate: Arc<Candidate>) {
    let mut draining = app.draining.subscribe();
    let opening = async {
        let tenure = standby::take_when_free(&app, &candidate).await;
        let fence = tenure.fence;
        app.hold(tenure);
        tracing::info!("taking over");
        while let Err(error) = settle(&app, &candidate, fence).await {
            tracing::error!(%error, "this server has the log and cannot begin to work");
            tokio::time::sleep(OPEN_AGAIN_AFTER).await;
        }
        tracing::info!("took over");
    };
    tokio::select! {
        () = opening => {}
        _ = draining.wait_for(|draining| *draining) => {}
    }
}

/// The log, its lease and the cabinet, where the configuration says.
pub async fn stores(config: &Config) -> anyhow::Result<(Arc<dyn Store>, Arc<dyn Leases>, Arc<dyn Cabinet>)> {
    Ok(match config.database_url() {
        Some(url) => {
            let store = PostgresStore::connect(url).await.context("the log's database cannot be used")?;
            let cabinet = PostgresCabinet::connect(url).await.context("the cabinet's database cannot be used")?;
            let store = Arc::new(store);
            (Arc::clone(&store) as _, store, Arc::new(cabinet))
        }
        None => {
            let store = SqliteStore::open(&config.data.join(LOG_FILE)).await.context("the log cannot be opened")?;
            let cabinet = SqliteCabinet::open(&config.data.join(CABINET_FILE)).await;
            let store = Arc::new(store);
            (Arc::clone(&store) as _, store, Arc::new(cabinet.context("the cabinet cannot be opened")?))
        }
    })
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
            .wrap(from_fn(http::guard))
            .wrap(http::security_headers())
            .wrap(Compress::default())
            .configure(also)
            .configure(|routes| http::routes(routes, limits))
    })
    .shutdown_timeout(SHUTDOWN_S)
    .max_connections(CONNECTIONS_MAX)
    .backlog(BACKLOG_MAX)
    .client_request_timeout(HEAD_TIMEOUT)
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
