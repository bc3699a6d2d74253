//! The lane: the one writer. It gathers appends while the previous commit is in flight, never on a timer, and writes
//! them in one transaction.
//!
//! Owns: the fence, once it has one. Restart: nothing to restore; what was not answered is asked again under the same key.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use gatehouse_domain::{Clock, Fact, Recorded};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::AppendError;
use super::ends::Ends;
use super::follow::Commit;
use super::store::{AppendRow, Outcome, Store, StoreError};
use crate::telemetry;

/// Appends that may wait for the lane; more are refused as overload.
const WAITING_MAX: usize = 8_192;
/// Appends in one transaction.
const BATCH_MAX: usize = 1_024;
/// How often a log that could not be written is tried.
const TRY_AGAIN_EVERY: Duration = Duration::from_secs(1);
/// How often a log that nobody writes is tried: whoever asks whether it can be written is told the truth.
const TRY_AT_REST_EVERY: Duration = Duration::from_secs(3);
/// A batch that takes longer is no sign of a log that can be written.
const SLOW_AFTER: Duration = Duration::from_secs(2);

type Answer = oneshot::Sender<Result<Outcome, AppendError>>;

struct Waiting {
    row: AppendRow,
    facts: Vec<Fact>,
    answer: Answer,
}

/// Whether the log takes appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogState {
    /// Another server writes the log; this one only reads, and may take it over.
    Standby,
    Writable,
    /// The last try failed; it is tried again until it goes through.
    Unwritable,
    /// Another process writes the log now: this one never will again.
    Fenced,
}

pub struct Lane {
    waiting: mpsc::Sender<Waiting>,
    state: watch::Sender<LogState>,
    /// What writes as soon as there is a fence to write under.
    idle: Mutex<Option<(Writer, mpsc::Receiver<Waiting>)>>,
}

impl Lane {
    /// A lane that takes nothing yet.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        head: watch::Sender<u64>,
        commits: broadcast::Sender<Commit>,
        epoch: Arc<AtomicU64>,
    ) -> Self {
        let (waiting, receiver) = mpsc::channel(WAITING_MAX);
        let state = watch::channel(LogState::Standby).0;
        let writer = Writer { store, fence: 0, clock, head, commits, epoch, state: state.clone() };
        Self { waiting, state, idle: Mutex::new(Some((writer, receiver))) }
    }

    /// Begins to write under `fence`. A lane writes under one fence only, ever.
    pub fn begin(&self, fence: u64) {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((writer, receiver)) = idle else { return };
        tell(&self.state, LogState::Writable);
        tokio::spawn(Writer { fence, ..writer }.run(receiver));
    }

    /// Never writes again: another process does.
    pub fn fenced(&self) {
        tell(&self.state, LogState::Fenced);
    }

    /// Whether the log takes appends, now and from now on.
    pub fn state(&self) -> watch::Receiver<LogState> {
        self.state.subscribe()
    }

    pub async fn append(&self, row: AppendRow, facts: Vec<Fact>) -> Result<Outcome, AppendError> {
        if *self.state.borrow() == LogState::Standby {
            return Err(AppendError::Unavailable);
        }
        let (answer, outcome) = oneshot::channel();
        self.waiting.try_send(Waiting { row, facts, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                telemetry::overloaded("lane");
                AppendError::Overloaded
            }
            mpsc::error::TrySendError::Closed(_) => AppendError::Unavailable,
        })?;
        outcome.await.unwrap_or(Err(AppendError::Unavailable))
    }
}

/// Who was fenced stays so, whatever becomes of the batch in flight.
fn tell(state: &watch::Sender<LogState>, new: LogState) {
    state.send_if_modified(|known| {
        let news = *known != LogState::Fenced && *known != new;
        if news {
            *known = new;
        }
        news
    });
}

struct Writer {
    store: Arc<dyn Store>,
    fence: u64,
    clock: Arc<dyn Clock>,
    head: watch::Sender<u64>,
    commits: broadcast::Sender<Commit>,
    epoch: Arc<AtomicU64>,
    state: watch::Sender<LogState>,
}

/// What a batch came to, and who asked: told while the next batch is being written.
#[derive(Default)]
struct News {
    recorded: Vec<Recorded>,
    answers: Vec<(Answer, Result<Outcome, AppendError>)>,
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut gathered = Vec::with_capacity(BATCH_MAX);
        let mut ends = Ends::default();
        let mut news = News::default();
        loop {
            let now = waiting.recv_many(&mut gathered, BATCH_MAX).now_or_never();
            if gathered.is_empty() {
                self.tell_all(news);
                news = News::default();
                let try_after = match *self.state.borrow() {
                    LogState::Writable => TRY_AT_REST_EVERY,
                    LogState::Unwritable => TRY_AGAIN_EVERY,
                    LogState::Standby | LogState::Fenced => Duration::MAX,
                };
                if now.is_some() {
                    return;
                }
                tokio::select! {
                    count = waiting.recv_many(&mut gathered, BATCH_MAX) => if count == 0 { return },
                    // An empty batch takes the head's lock and writes nothing: it tells whether the log is back.
                    () = tokio::time::sleep(try_after) => {}
                }
            }
            let (mut rows, rest): (Vec<_>, Vec<_>) =
                gathered.drain(..).map(|one| (one.row, (one.facts, one.answer))).unzip();
            rows.iter_mut().for_each(|row| row.continues = ends.are(row.stream, row.expected));
            let recorded_at = self.clock.now();
            // The store has its work before whoever asked last is told: they ask for more while it is busy.
            let (appended, ()) = tokio::join!(self.write(&rows, recorded_at), async { self.tell_all(news) });
            news = self.news_of(rows, rest, recorded_at, appended, &mut ends);
        }
    }

    async fn write(&self, rows: &[AppendRow], recorded_at: DateTime<Utc>) -> Result<Vec<Outcome>, StoreError> {
        let since = Instant::now();
        let mut appended = self.store.append(self.fence, recorded_at, rows);
        let in_time = tokio::time::timeout(SLOW_AFTER, &mut appended).await;
        let appended = match in_time {
            Ok(appended) => appended,
            Err(_) => {
                tracing::warn!(appends = rows.len(), "a batch takes long");
                tell(&self.state, LogState::Unwritable);
                appended.await
            }
        };
        if !rows.is_empty() {
            telemetry::batch_took(rows.len(), since.elapsed());
            telemetry::appended(rows.len(), appended.as_deref().ok());
        }
        appended
    }

    fn news_of(
        &self,
        rows: Vec<AppendRow>,
        rest: Vec<(Vec<Fact>, Answer)>,
        recorded_at: DateTime<Utc>,
        appended: Result<Vec<Outcome>, StoreError>,
        ends: &mut Ends,
    ) -> News {
        let mut news = News::default();
        match appended {
            Ok(outcomes) => {
                tell(&self.state, LogState::Writable);
                for ((row, (facts, answer)), outcome) in rows.iter().zip(rest).zip(outcomes) {
                    if let Outcome::Committed(receipt) = outcome {
                        ends.remember(row.stream, receipt.sequence);
                        let first = receipt.position - facts.len() as u64;
                        news.recorded.extend(facts.into_iter().enumerate().map(|(index, fact)| Recorded {
                            position: first + 1 + index as u64,
                            stream: row.stream,
                            sequence: row.expected + 1 + index as u64,
                            recorded_at,
                            fact,
                        }));
                    }
                    news.answers.push((answer, Ok(outcome)));
                }
            }
            Err(error) => {
                // Nobody knows what was written: every actor reads its stream again before it decides.
                self.epoch.fetch_add(1, Ordering::Release);
                ends.forget();
                let fenced = matches!(error, StoreError::Fenced);
                tell(&self.state, if fenced { LogState::Fenced } else { LogState::Unwritable });
                tracing::error!(%error, appends = rows.len(), "a batch could not be written");
                news.answers.extend(rest.into_iter().map(|(_, answer)| (answer, Err(AppendError::Unavailable))));
            }
        }
        news
    }

    fn tell_all(&self, news: News) {
        self.publish(news.recorded);
        for (answer, outcome) in news.answers {
            // Whoever asked may have gone away; the log keeps what was committed.
            let _ = answer.send(outcome);
        }
    }

    fn publish(&self, recorded: Vec<Recorded>) {
        let Some(last) = recorded.last().map(|one| one.position) else { return };
        self.head.send_replace(last);
        // No follower may be listening; those that lag read the store.
        let _ = self.commits.send(Arc::from(recorded));
    }
}
