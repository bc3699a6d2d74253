//! The writer's connection. When it is lost, nobody knows what became of the batch in flight: that is found out before
//! anything else is written.

use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection, query_as, query_scalar};
use tokio::time::timeout;
use uuid::Uuid;

use super::append::{self, Failure};
use super::unsigned;
use crate::journal::Receipt;
use crate::journal::store::{AppendRow, Outcome, StoreError};

/// How long the database may take to let us in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take. The database gives a statement up before that, unless it is frozen or cannot be reached.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(16);
/// How long a backend of ours may take to die, in milliseconds.
const DEATH_TIMEOUT_MS: i64 = 5_000;

pub struct Writer {
    options: PgConnectOptions,
    open: Option<Open>,
    /// The backend of a connection that was lost while it may still have been writing.
    lost: Option<Backend>,
}

struct Open {
    connection: PgConnection,
    backend: Backend,
}

/// A process of the database. Its number is another's some time later.
type Backend = (i32, DateTime<Utc>);

impl Writer {
    pub fn new(options: PgConnectOptions) -> Self {
        Self { options, open: None, lost: None }
    }

    /// Writes a batch; an error means that nothing of it was written, or that nobody can tell now.
    pub async fn append(
        &mut self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &[AppendRow],
    ) -> Result<Vec<Outcome>, StoreError> {
        let open = self.connected().await?;
        let appended = append::append(&mut open.connection, fence, recorded_at, batch);
        match timeout(ANSWER_TIMEOUT, appended).await.unwrap_or_else(|_| Err(Failure::Lost(no_answer()))) {
            Ok(outcomes) => Ok(outcomes),
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::Lost(error)) => {
                tracing::warn!(%error, "the connection that writes the log was lost");
                self.lost = self.open.take().map(|open| open.backend);
                self.find_out(batch).await
            }
        }
    }

    /// Whether a batch in flight was written: its transaction is one, so its first event tells for all.
    async fn find_out(&mut self, batch: &[AppendRow]) -> Result<Vec<Outcome>, StoreError> {
        let unknown = || StoreError::Unavailable("the outcome is not known".to_owned());
        let first = batch.iter().find_map(|append| append.events.first().map(|event| (append, event)));
        let (append, event) = first.ok_or_else(unknown)?;
        let open = self.connected().await?;
        let found: Option<(i64, Uuid)> = query_as(
            "SELECT position, event_id FROM events WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence = $3",
        )
        .bind(append.stream.kind.name())
        .bind(append.stream.id.to_string())
        .bind(super::signed(event.sequence))
        .fetch_optional(&mut open.connection)
        .await?;
        match found {
            // The checked path may have given each append another outcome: those are asked again, under their keys.
            Some((position, id)) if id == event.event_id && self.whole(batch, position).await? => {
                let mut before = unsigned(position) - 1;
                let receipt = |append: &AppendRow| {
                    let events = append.events.len() as u64;
                    before += events;
                    Outcome::Committed(Receipt { position: before, sequence: append.expected + events })
                };
                Ok(batch.iter().map(receipt).collect())
            }
            _ => Err(unknown()),
        }
    }

    /// Whether every event of the batch stands in one row from `first` on.
    async fn whole(&mut self, batch: &[AppendRow], first: i64) -> Result<bool, StoreError> {
        let ids: Vec<Uuid> = batch.iter().flat_map(|append| append.events.iter().map(|event| event.event_id)).collect();
        let open = self.connected().await?;
        let stored: Vec<Uuid> =
            query_scalar("SELECT event_id FROM events WHERE position >= $1 AND position < $2 ORDER BY position")
                .bind(first)
                .bind(first + i64::try_from(ids.len()).unwrap_or(i64::MAX))
                .fetch_all(&mut open.connection)
                .await?;
        Ok(stored == ids)
    }

    /// The connection, made again where it was lost; a lost one must be dead before another writes.
    async fn connected(&mut self) -> Result<&mut Open, StoreError> {
        if self.open.is_none() {
            let connecting = timeout(CONNECT_TIMEOUT, self.options.connect()).await;
            let mut connection = connecting.map_err(|_| no_answer())??;
            if let Some((pid, started)) = self.lost {
                let dead: Option<bool> = query_scalar(
                    "SELECT pg_terminate_backend(pid, $3) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2",
                )
                .bind(pid)
                .bind(started)
                .bind(DEATH_TIMEOUT_MS)
                .fetch_optional(&mut connection)
                .await?;
                if dead == Some(false) {
                    return Err(StoreError::Unavailable("a lost connection may still be writing".to_owned()));
                }
                self.lost = None;
            }
            let backend = query_as("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()");
            let backend = backend.fetch_one(&mut connection).await?;
            self.open = Some(Open { connection, backend });
        }
        Ok(self.open.as_mut().expect("made above"))
    }
}

fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database does not answer"))
}
