//! The log alone: 256 concurrent streams, one event of some 250 bytes at a time, its words sealed, its command claimed.
//! Beside it, with the same streams and payloads, what one would use otherwise (`stock`), and raw `COPY` of the same rows.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use gatehouse_domain::contact::{self, Contact};
use gatehouse_domain::conversation::{Conversation, Event, Note};
use gatehouse_domain::{AgentId, Channel, Clock, ContactId, Kind, Personal};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::fresh::{Fresh, Look};
use super::report::{Report, Speed};
use super::{ROUNDS, Target, stock};
use crate::clock::SystemClock;
use crate::installation::Installation;
use crate::journal::store::StoredEvent;
use crate::journal::{Append as JournalAppend, Appended, CommandKey, Journal};

/// Streams that are written at the same time.
const WRITERS: usize = 256;
/// Events of one stream, one append each; stock reads them all again for every command.
pub const STREAM_EVENTS: u64 = 20;
/// Seals to a payload of some 250 bytes.
const WORDS: &str = "a note of a few words";

#[derive(Args)]
pub struct Append {
    #[command(flatten)]
    target: Target,
    /// Streams each writer writes, one after the other: of stock as many, so that its indexes are as deep.
    #[arg(long, hide = true, default_value_t = 10)]
    streams: u64,
}

struct Round {
    ours: Speed,
    stock: Speed,
    copy: Option<Speed>,
    event_bytes: f64,
}

pub async fn run(bench: Append) -> anyhow::Result<()> {
    // Writers on every core, as the actors of a server and the workers of any other program are.
    let measured = tokio::task::spawn_blocking(move || {
        let cores = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        cores.block_on(rounds(bench))
    });
    measured.await?
}

async fn rounds(bench: Append) -> anyhow::Result<()> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for number in 1..=ROUNDS {
        let round = Fresh::with(&bench.target, async |fresh| round(&bench, fresh).await).await?;
        eprintln!(
            "round {number}: {:.0}/s, stock {:.0}/s, copy {:.0}/s",
            round.ours.per_second,
            round.stock.per_second,
            round.copy.map_or(f64::NAN, |copy| copy.per_second)
        );
        rounds.push(round);
    }
    let copied = rounds.iter().all(|round| round.copy.is_some());
    let vs_copy = |round: &Round| round.ours.per_second / round.copy.map_or(f64::NAN, |copy| copy.per_second);
    let report = Report::new("append", &bench.target)
        .median_of("per_second", &rounds, |round| round.ours.per_second)
        .median_of("ratio_vs_stock", &rounds, |round| round.ours.per_second / round.stock.per_second);
    let report = match copied {
        true => report.median_of("ratio_vs_copy", &rounds, vs_copy),
        false => report.figure("ratio_vs_copy", None),
    };
    report
        .median_of("p50_ms", &rounds, |round| round.ours.p50_ms)
        .median_of("p99_ms", &rounds, |round| round.ours.p99_ms)
        .median_of("stock_per_second", &rounds, |round| round.stock.per_second)
        .median_of("stock_p50_ms", &rounds, |round| round.stock.p50_ms)
        .figure("copy_per_second", copied.then(|| super::report::median(rounds.iter().filter_map(copy_per_second))))
        .median_of("event_bytes", &rounds, |round| round.event_bytes)
        .print(bench.target.json)
}

fn copy_per_second(round: &Round) -> Option<f64> {
    round.copy.map(|copy| copy.per_second)
}

async fn round(bench: &Append, fresh: &Fresh) -> anyhow::Result<Round> {
    let installation = Arc::new(Installation::open(fresh.directory())?);
    let store = fresh.store().await?;
    let journal = Journal::open(Arc::clone(&store), Arc::clone(&installation), Arc::new(SystemClock)).await?;
    let contacts = meet(&journal, &installation).await?;
    let ours = measure(contacts.into_iter().map(|contact| write(Arc::clone(&journal), contact, bench.streams))).await?;
    let commands = WRITERS as u64 * bench.streams * STREAM_EVENTS;
    let mut look = fresh.look().await?;
    look.verify(WRITERS as u64 + commands, commands).await?;
    let bytes = "SELECT CAST(avg(length(CAST(payload AS text))) AS bigint) FROM events WHERE event_type = 'note_added'";
    let event_bytes = look.number(bytes).await? as f64;

    let template = store.read_log(WRITERS as u64, 1).await?.pop().context("nothing was stored")?;
    let template = template.map_err(|unread| anyhow::Error::msg(unread.error))?;
    let (stock, copy) = match look {
        Look::Sqlite(_) => {
            let alone = async |alone: &Fresh| one_by_one(alone, bench, &template).await;
            (Fresh::with(&bench.target, alone).await?, None)
        }
        Look::Postgres(mut stored) => {
            let alone = async |alone: &Fresh| framework(alone, bench, &template).await;
            let stock = Fresh::with(&bench.target, alone).await?;
            let copied = async |copy: &Fresh| stock::copy(&mut stored, copy).await;
            (stock, Some(Fresh::with(&bench.target, copied).await?))
        }
    };
    Ok(Round { ours, stock, copy, event_bytes })
}

/// A contact for each writer: their keys exist before the first word is sealed.
async fn meet(journal: &Journal, installation: &Installation) -> anyhow::Result<Vec<ContactId>> {
    let mut contacts = Vec::with_capacity(WRITERS);
    for writer in 0..WRITERS {
        let id = installation.keyed_id(&["bench", "contact", &writer.to_string()]);
        let created = contact::Event::ContactCreated { channel: Channel::Whatsapp, at: SystemClock.now() };
        let append = JournalAppend::<Contact> {
            id,
            expected: 0,
            events: vec![created],
            claims: vec![],
            releases: vec![],
            subject: None,
            key: None,
        };
        journal.append(append).await?;
        contacts.push(ContactId(id));
    }
    Ok(contacts)
}

/// One writer: its streams one after the other, each from the first event to the last.
async fn write(journal: Arc<Journal>, contact: ContactId, streams: u64) -> anyhow::Result<Vec<Duration>> {
    let mut took = vec![];
    for stream in 0..streams {
        let id = stream_id(journal.installation(), &contact.to_string(), stream);
        for expected in 0..STREAM_EVENTS {
            let started = Instant::now();
            let personal = Personal::Known(Note { text: WORDS.to_owned() });
            let noted = Event::NoteAdded { by: AgentId(contact.0), at: SystemClock.now(), personal };
            let key = CommandKey::new(journal.installation(), &["bench", &id.to_string(), &expected.to_string()]);
            let append = JournalAppend::<Conversation> {
                id,
                expected,
                events: vec![noted],
                claims: vec![],
                releases: vec![],
                subject: Some(contact),
                key: Some(key),
            };
            let appended = journal.append(append).await?;
            anyhow::ensure!(matches!(appended, Appended::Now(_)), "an append found itself done");
            took.push(started.elapsed());
        }
    }
    Ok(took)
}

/// Stock on SQLite: the same tables, one transaction for each command.
async fn one_by_one(fresh: &Fresh, bench: &Append, template: &StoredEvent) -> anyhow::Result<Speed> {
    let store = fresh.store().await?;
    let fence = store.raise_fence().await?.fence;
    let installation = Installation::open(fresh.directory())?;
    let writers = (0..WRITERS).map(|writer| {
        let ids = stock_ids(&installation, writer, bench.streams);
        stock::one_by_one(Arc::clone(&store), fence, ids, template.payload.clone())
    });
    let speed = measure(writers).await?;
    let events = WRITERS as u64 * bench.streams * STREAM_EVENTS;
    fresh.look().await?.verify(events, events).await?;
    Ok(speed)
}

/// Stock on PostgreSQL: cqrs-es's own framework over its own table.
async fn framework(fresh: &Fresh, bench: &Append, template: &StoredEvent) -> anyhow::Result<Speed> {
    let url = fresh.database_url().context("stock needs a database")?;
    let installation = Installation::open(fresh.directory())?;
    let framework = Arc::new(stock::Framework::make(url).await?);
    let writers = (0..WRITERS).map(|writer| {
        let ids = stock_ids(&installation, writer, bench.streams);
        Arc::clone(&framework).write(ids, template.payload.clone())
    });
    let speed = measure(writers).await?;
    framework.verify(WRITERS as u64 * bench.streams * STREAM_EVENTS).await?;
    Ok(speed)
}

fn stock_ids(installation: &Installation, writer: usize, streams: u64) -> Vec<Uuid> {
    (0..streams).map(|stream| stream_id(installation, &writer.to_string(), stream)).collect()
}

/// Ids as actors have them: keyed hashes, so spread over the whole index.
fn stream_id(installation: &Installation, writer: &str, stream: u64) -> Uuid {
    installation.keyed_id(&["bench", Kind::Conversation.name(), writer, &stream.to_string()])
}

/// Runs all writers at once.
async fn measure<W>(writers: impl Iterator<Item = W>) -> anyhow::Result<Speed>
where
    W: Future<Output = anyhow::Result<Vec<Duration>>> + Send + 'static,
{
    let writers: Vec<W> = writers.collect();
    let mut running = JoinSet::new();
    let started = Instant::now();
    for writer in writers {
        running.spawn(writer);
    }
    let mut took = vec![];
    while let Some(done) = running.join_next().await {
        took.extend(done??);
    }
    Ok(Speed::of(took, started.elapsed()))
}
