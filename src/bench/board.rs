//! The supervisors' board while messages come in at half of what could: what it computes does not grow with who watches,
//! and how long after a commit the frame that shows it is handed to a viewer, beside the commit's own time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use gatehouse_domain::{InboxId, inbox};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::fresh::Fresh;
use super::ingest::{self, Ingest, free_address};
use super::report::{Speed, median};
use super::{ROUNDS, Target};
use crate::app::App;
use crate::clock::random_bytes;
use crate::config::Config;
use crate::server;

/// Boards watched at the same time.
const FEW: usize = 1;
const MANY: usize = 500;
/// How often a commit of our own is timed.
const PROBE_EVERY: Duration = Duration::from_millis(20);
/// A frame that takes longer does not come.
const FRAME_WITHIN: Duration = Duration::from_secs(2);

#[derive(Args)]
pub struct Board {
    #[command(flatten)]
    target: Target,
    /// Messages of one run.
    #[arg(long, hide = true, default_value_t = 40_000)]
    messages: u64,
}

/// What one run with so many viewers showed.
struct Run {
    computations_per_event: f64,
    commit_p99: f64,
    frame_p99: f64,
}

pub async fn run(bench: Board) -> anyhow::Result<()> {
    let (mut few, mut many) = (vec![], vec![]);
    for number in 1..=ROUNDS {
        let way_in = Ingest::of(bench.target.clone(), bench.messages);
        let per_second =
            Fresh::with(&bench.target, async |fresh| ingest::messages_per_second(&way_in, fresh).await).await?;
        for (viewers, runs) in [(FEW, &mut few), (MANY, &mut many)] {
            let of = async |fresh: &Fresh| watched(&bench, fresh, viewers, per_second / 2.0).await;
            let run = Fresh::with(&bench.target, of).await?;
            eprintln!(
                "round {number}: {viewers} viewers, {:.3} computations per event, frame {:.1} ms and commit {:.1} ms (p99)",
                run.computations_per_event, run.frame_p99, run.commit_p99
            );
            runs.push(run);
        }
    }
    let of = |runs: &[Run], figure: fn(&Run) -> f64| median(runs.iter().map(figure));
    let told = json!({
        "bench": "board", "store": bench.target.store.name(),
        "computations_per_event": of(&few, |run| run.computations_per_event),
        "computations_per_event_500": of(&many, |run| run.computations_per_event),
        "p99_ratio_vs_commit": of(&many, |run| run.frame_p99 / run.commit_p99),
        "frame_p99_ms": of(&many, |run| run.frame_p99), "commit_p99_ms": of(&many, |run| run.commit_p99),
        "p99_ratio_vs_commit_1": of(&few, |run| run.frame_p99 / run.commit_p99),
    });
    println!("{told}");
    Ok(())
}

async fn watched(bench: &Board, fresh: &Fresh, viewers: usize, per_second: f64) -> anyhow::Result<Run> {
    let mut config = Config::load(None)?;
    (config.data, config.listen) = (fresh.directory().to_owned(), free_address()?);
    config.set_database_url(fresh.database_url().unwrap_or_default().to_owned());
    let secret = hex::encode(random_bytes::<16>());
    let (app, server) = server::start_with(&config, |_| {}, &[]).await?;
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let (connection, inbox) = ingest::set_up(&app, &secret).await?;

    let (shown, at) = watch::channel(0);
    let mut watching = JoinSet::new();
    for viewer in 0..viewers {
        let mut watched = app.boards.subscribe(None).context("there is a board of everything")?;
        let shown = (viewer == 0).then(|| shown.clone());
        watching.spawn(async move {
            while let Ok(frame) = watched.frames.recv().await {
                if let Some(shown) = &shown
                    && let Ok(frame) = serde_json::from_str::<Value>(&frame)
                    && let Some(position) = frame["params"]["position"].as_u64()
                {
                    shown.send_replace(position);
                }
            }
        });
    }
    let (computed, position) = (app.boards.computations(), app.journal.head());
    let (done, over) = watch::channel(false);
    let probing = actix_web::rt::spawn(probe(Arc::clone(&app), inbox, at, over));
    let way_in = Ingest::of(bench.target.clone(), bench.messages);
    let half = Some(per_second);
    way_in.load(config.listen, &secret, &format!("/hooks/{connection}"), "board", half).await?;
    app.boards.at_least(app.journal.head()).await;
    let events = app.journal.head() - position;
    let computations_per_event = (app.boards.computations() - computed) as f64 / events as f64;
    done.send_replace(true);
    let (commits, frames) = probing.await??;
    watching.abort_all();
    handle.stop(false).await;
    serving.await??;
    let p99 = |took: Vec<Duration>| Speed::of(took, Duration::from_secs(1)).p99_ms;
    Ok(Run { computations_per_event, commit_p99: p99(commits), frame_p99: p99(frames) })
}

/// Renames the inbox again and again: how long until that is on disk, and from then on until a frame shows it.
async fn probe(
    app: Arc<App>,
    inbox: InboxId,
    mut shown: watch::Receiver<u64>,
    over: watch::Receiver<bool>,
) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    let (mut commits, mut frames) = (vec![], vec![]);
    while !*over.borrow() {
        let asked = Instant::now();
        let rename = inbox::Command::Rename { name: format!("Inbox {}", commits.len()) };
        let receipt = app.actors.inboxes.execute(inbox, rename, None).await?;
        let committed = Instant::now();
        // The last ones are on no frame any more: nothing else changes.
        if tokio::time::timeout(FRAME_WITHIN, shown.wait_for(|position| *position >= receipt.position)).await.is_ok() {
            commits.push(committed - asked);
            frames.push(committed.elapsed());
        }
        tokio::time::sleep(PROBE_EVERY).await;
    }
    Ok((commits, frames))
}
