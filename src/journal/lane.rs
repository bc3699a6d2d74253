//! The lane: the one writer. It gathers appends while the previous commit is in flight, never on a timer, and writes
//! them in one transaction.
//!
//! Owns: the fence. Restart: nothing to restore; what was not answered is asked again under the same key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gatehouse_domain::{Clock, Fact, Recorded};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::AppendError;
use super::follow::Commit;
use super::store::{AppendRow, Outcome, Store};

/// Appends that may wait for the lane; more are refused as overload.
const WAITING_MAX: usize = 8_192;
/// Appends in one transaction.
const BATCH_MAX: usize = 1_024;

type Answer = oneshot::Sender<Result<Outcome, AppendError>>;

struct Waiting {
    row: AppendRow,
    facts: Vec<Fact>,
    answer: Answer,
}

pub struct Lane {
    waiting: mpsc::Sender<Waiting>,
    writable: Arc<AtomicBool>,
}

impl Lane {
    pub fn start(
        store: Arc<dyn Store>,
        fence: u64,
        clock: Arc<dyn Clock>,
        head: watch::Sender<u64>,
        commits: broadcast::Sender<Commit>,
        epoch: Arc<AtomicU64>,
    ) -> Self {
        let (waiting, receiver) = mpsc::channel(WAITING_MAX);
        let writable = Arc::new(AtomicBool::new(true));
        let writer = Writer { store, fence, clock, head, commits, epoch, writable: Arc::clone(&writable) };
        tokio::spawn(writer.run(receiver));
        Self { waiting, writable }
    }

    /// Whether the last batch went through.
    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }

    pub async fn append(&self, row: AppendRow, facts: Vec<Fact>) -> Result<Outcome, AppendError> {
        let (answer, outcome) = oneshot::channel();
        self.waiting.try_send(Waiting { row, facts, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => AppendError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => AppendError::Unavailable,
        })?;
        outcome.await.unwrap_or(Err(AppendError::Unavailable))
    }
}

struct Writer {
    store: Arc<dyn Store>,
    fence: u64,
    clock: Arc<dyn Clock>,
    head: watch::Sender<u64>,
    commits: broadcast::Sender<Commit>,
    epoch: Arc<AtomicU64>,
    writable: Arc<AtomicBool>,
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut gathered = Vec::with_capacity(BATCH_MAX);
        while waiting.recv_many(&mut gathered, BATCH_MAX).await > 0 {
            let (rows, rest): (Vec<_>, Vec<_>) =
                gathered.drain(..).map(|one| (one.row, (one.facts, one.answer))).unzip();
            self.write(rows, rest).await;
        }
    }

    async fn write(&self, rows: Vec<AppendRow>, rest: Vec<(Vec<Fact>, Answer)>) {
        let recorded_at = self.clock.now();
        match self.store.append(self.fence, recorded_at, &rows).await {
            Ok(outcomes) => {
                self.writable.store(true, Ordering::Relaxed);
                let mut recorded = vec![];
                let mut answers = Vec::with_capacity(rest.len());
                for ((row, (facts, answer)), outcome) in rows.iter().zip(rest).zip(outcomes) {
                    if let Outcome::Committed(receipt) = outcome {
                        let first = receipt.position - facts.len() as u64;
                        recorded.extend(facts.into_iter().enumerate().map(|(index, fact)| Recorded {
                            position: first + 1 + index as u64,
                            stream: row.stream,
                            sequence: row.expected + 1 + index as u64,
                            recorded_at,
                            fact,
                        }));
                    }
                    answers.push((answer, outcome));
                }
                self.publish(recorded);
                for (answer, outcome) in answers {
                    // Whoever asked may have gone away; the log keeps what was committed.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                // Nobody knows what was written: every actor reads its stream again before it decides.
                self.epoch.fetch_add(1, Ordering::Release);
                self.writable.store(false, Ordering::Relaxed);
                tracing::error!(%error, appends = rows.len(), "a batch could not be written");
                for (_, answer) in rest {
                    let _ = answer.send(Err(AppendError::Unavailable));
                }
            }
        }
    }

    fn publish(&self, recorded: Vec<Recorded>) {
        let Some(last) = recorded.last().map(|one| one.position) else { return };
        self.head.send_replace(last);
        // No follower may be listening; those that lag read the store.
        let _ = self.commits.send(Arc::from(recorded));
    }
}
