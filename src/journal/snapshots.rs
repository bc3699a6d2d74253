//! Snapshots: what a stream folded to some while ago, so that whoever needs its state reads only what came after.
//!
//! A snapshot is a cache of the log and nothing more: one that is missing, of another log or fold version, unreadable or sealed
//! under a destroyed key means that the stream is folded from its start. They are written one after the other, beside
//! the lane and never in anybody's way: what finds the queue full, or fails, is left out.

use std::sync::Arc;

use gatehouse_domain::{ContactId, Rules, StreamId, Words};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::codec::Codec;
use super::store::{SnapshotRow, Store, StoreError};
use crate::seal;

/// Snapshots that may wait to be written; there is no room for more, and they are not missed.
const WAITING_MAX: usize = 64;

/// The newest snapshot of every stream that has one.
pub struct Snapshots {
    store: Arc<dyn Store>,
    codec: Arc<Codec>,
    log_id: String,
    waiting: mpsc::Sender<Waiting>,
}

/// A state to be written, its words open.
struct Waiting {
    log_id: String,
    stream: StreamId,
    sequence: u64,
    fold_version: u32,
    state: String,
    subject: Option<ContactId>,
}

/// How a state is stored: as it is where it holds nobody's words.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Plain(String),
    Sealed { contact: ContactId, words: String },
}

impl Snapshots {
    pub fn start(store: Arc<dyn Store>, codec: Arc<Codec>, log_id: Uuid) -> Self {
        let (waiting, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(Arc::clone(&store), Arc::clone(&codec), receiver));
        Self { store, codec, log_id: log_id.to_string(), waiting }
    }

    /// Has the state after `sequence` written some time soon, if there is room.
    pub fn keep<A: Rules>(&self, id: Uuid, state: &A, sequence: u64) {
        let subject = match state.words(id) {
            Words::Nobodys => None,
            Words::Of(contact) => Some(contact),
            Words::Unknown => return,
        };
        let stream = StreamId { kind: A::KIND, id };
        let Ok(room) = self.waiting.try_reserve() else {
            tracing::debug!(%stream, "too many snapshots are waiting; one was left out");
            return;
        };
        let (log_id, fold_version) = (self.log_id.clone(), A::FOLD_VERSION);
        match serde_json::to_string(state) {
            Ok(state) => room.send(Waiting { log_id, stream, sequence, fold_version, state, subject }),
            Err(error) => tracing::warn!(%stream, %error, "a state cannot be written as a snapshot"),
        }
    }

    /// The newest snapshot of a stream and the sequence of the last event in it, if it is any help.
    pub async fn newest<A: Rules>(&self, id: Uuid) -> Option<(A, u64)> {
        let stream = StreamId { kind: A::KIND, id };
        self.read(stream).await.unwrap_or_else(|error| {
            tracing::warn!(%stream, %error, "a snapshot cannot be read; the stream is folded from its start");
            None
        })
    }

    async fn read<A: Rules>(&self, stream: StreamId) -> Result<Option<(A, u64)>, StoreError> {
        let Some(row) = self.store.snapshot(stream).await? else { return Ok(None) };
        if row.fold_version != A::FOLD_VERSION || row.log_id != self.log_id {
            return Ok(None);
        }
        let state = match serde_json::from_str(&row.payload).map_err(unreadable)? {
            Stored::Plain(state) => serde_json::from_str(&state).map_err(unreadable)?,
            Stored::Sealed { contact, words } => {
                let Some(key) = self.codec.keys().key(contact).await? else { return Ok(None) };
                let place = place(stream, row.sequence, row.fold_version);
                let state = seal::open(key.bytes(), &place, &words)
                    .ok_or_else(|| StoreError::Unreadable("it was tampered with".to_owned()))?;
                serde_json::from_slice(&state).map_err(unreadable)?
            }
        };
        Ok(Some((state, row.sequence)))
    }
}

/// Writes what is waiting until the log is closed.
async fn write(store: Arc<dyn Store>, codec: Arc<Codec>, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(snapshot) = waiting.recv().await {
        let stream = snapshot.stream;
        let written = async {
            match seal(&codec, snapshot).await? {
                Some(row) => store.keep_snapshot(&row).await,
                None => Ok(()),
            }
        };
        if let Err(error) = written.await {
            tracing::warn!(%stream, %error, "a snapshot could not be written");
        }
    }
}

/// The row of a snapshot; none where it holds words without a living key.
async fn seal(codec: &Codec, snapshot: Waiting) -> Result<Option<SnapshotRow>, StoreError> {
    let Waiting { log_id, stream, sequence, fold_version, state, subject } = snapshot;
    let stored = match subject {
        None => Stored::Plain(state),
        Some(contact) => {
            let Some(key) = codec.keys().key(contact).await? else { return Ok(None) };
            let words = seal::seal(key.bytes(), &place(stream, sequence, fold_version), state.as_bytes());
            Stored::Sealed { contact, words }
        }
    };
    let payload = serde_json::to_string(&stored).map_err(unreadable)?;
    Ok(Some(SnapshotRow { stream, log_id, sequence, fold_version, payload }))
}

/// Where a snapshot belongs; no event's place looks like it.
fn place(stream: StreamId, sequence: u64, fold_version: u32) -> String {
    format!("snapshot/{stream}/{sequence}/{fold_version}")
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable(error.to_string())
}
