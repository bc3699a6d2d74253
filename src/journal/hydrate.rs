//! Hydration through cqrs-es: its `PersistedEventStore` reads our table through this repository, with upcasting.
//!
//! Only reading: the lane alone writes, because cqrs-es knows no claims, no total order and no group commit.

use std::sync::Arc;

use cqrs_es::persist::{
    PersistedEventRepository, PersistedEventStore, PersistenceError, ReplayStream, SerializedEvent, SerializedSnapshot,
};
use cqrs_es::{Aggregate, AggregateError, EventEnvelope, EventStore};
use gatehouse_domain::{Kind, Rules, StreamId};
use serde_json::Value;
use uuid::Uuid;

use super::{Journal, StoreError};

/// A state, and what came after it.
pub struct Hydration<A: Rules> {
    pub state: A,
    /// Of the last event in the state; 0 where that is the beginning.
    pub sequence: u64,
    /// Upcast to their newest version.
    pub tail: Vec<EventEnvelope<A>>,
}

impl Journal {
    /// What gives the newest state of one aggregate: its newest snapshot, where that is any help, and the events since.
    pub async fn hydrate<A: Rules>(self: &Arc<Self>, id: Uuid) -> Result<Hydration<A>, StoreError> {
        let stream = StreamId { kind: A::KIND, id };
        if self.streams.is_new(stream) {
            return Ok(Hydration { state: A::default(), sequence: 0, tail: vec![] });
        }
        // Even where a snapshot lies beyond what cannot be read: nobody follows what would be decided.
        if let Some(why) = self.apart_because(stream) {
            return Err(StoreError::Unreadable(why));
        }
        if let Some((state, sequence)) = self.snapshots.newest::<A>(id).await {
            // The snapshot's own last event is read again: it proves that the stream reaches so far.
            let mut tail = self.events::<A>(id, sequence.saturating_sub(1)).await?;
            if tail.first().is_some_and(|first| first.sequence as u64 == sequence) {
                tail.remove(0);
                return Ok(Hydration { state, sequence, tail });
            }
            tracing::warn!(stream.kind = A::KIND.name(), stream.id = %id, "a snapshot lies beyond the end of its stream");
        }
        Ok(Hydration { state: A::default(), sequence: 0, tail: self.events(id, 0).await? })
    }

    async fn events<A: Rules>(self: &Arc<Self>, id: Uuid, after: u64) -> Result<Vec<EventEnvelope<A>>, StoreError> {
        let upcasts = Box::new(self.codec.upcasts());
        let repository = Repository { journal: Arc::clone(self), after };
        let store = PersistedEventStore::<_, A>::new_event_store(repository).with_upcasters(vec![upcasts]);
        store.load_events(&id.to_string()).await.map_err(|error| match error {
            AggregateError::DatabaseConnectionError(error) => StoreError::Unavailable(error.to_string()),
            error => StoreError::Unreadable(error.to_string()),
        })
    }
}

struct Repository {
    journal: Arc<Journal>,
    /// The sequence after which it reads.
    after: u64,
}

impl Repository {
    /// The stream, its words opened: what is stored is sealed, and cqrs-es would read it as it is.
    async fn opened<A: Aggregate>(&self, id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let unknown = |error: String| PersistenceError::UnknownError(error.into());
        let kind = Kind::parse(A::TYPE).ok_or_else(|| unknown(format!("no stream of kind {}", A::TYPE)))?;
        let id = id.parse().map_err(|error: uuid::Error| unknown(error.to_string()))?;
        let stream = StreamId { kind, id };
        let mut events = self.journal.store.serialized(stream, self.after).await.map_err(persistence)?;
        let codec = &self.journal.codec;
        for event in &mut events {
            let version = event.event_version.parse().map_err(|_| unknown(format!("{:?}", event.event_version)))?;
            codec.upcasts().check(&event.event_type, version).map_err(|error| unknown(error.to_string()))?;
            let sequence = event.sequence as u64;
            codec.open(&mut event.payload, stream, sequence).await.map_err(persistence)?;
        }
        Ok(events)
    }
}

impl PersistedEventRepository for Repository {
    async fn get_events<A: Aggregate>(&self, id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.opened::<A>(id).await
    }

    async fn get_last_events<A: Aggregate>(
        &self,
        id: &str,
        last: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let events = self.opened::<A>(id).await?;
        Ok(events.into_iter().filter(|event| event.sequence > last).collect())
    }

    async fn get_snapshot<A: Aggregate>(&self, _: &str) -> Result<Option<SerializedSnapshot>, PersistenceError> {
        Ok(None)
    }

    async fn persist<A: Aggregate>(
        &self,
        _: &[SerializedEvent],
        _: Option<(String, Value, usize)>,
    ) -> Result<(), PersistenceError> {
        Err(read_only())
    }

    async fn stream_events<A: Aggregate>(&self, _: &str) -> Result<ReplayStream, PersistenceError> {
        Err(read_only())
    }

    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        Err(read_only())
    }
}

fn persistence(error: StoreError) -> PersistenceError {
    match error {
        StoreError::Fenced | StoreError::Unavailable(_) => PersistenceError::ConnectionError(Box::new(error)),
        StoreError::Unreadable(_) => PersistenceError::UnknownError(Box::new(error)),
    }
}

fn read_only() -> PersistenceError {
    PersistenceError::UnknownError("the lane alone writes; followers read by position".into())
}
