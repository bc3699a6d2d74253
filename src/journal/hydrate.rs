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

impl Journal {
    /// All events of one aggregate, upcast to their newest version.
    pub async fn hydrate<A: Rules>(self: &Arc<Self>, id: Uuid) -> Result<Vec<EventEnvelope<A>>, StoreError> {
        let store = PersistedEventStore::<_, A>::new_event_store(Repository(Arc::clone(self)));
        store.load_events(&id.to_string()).await.map_err(|error| match error {
            AggregateError::DatabaseConnectionError(error) => StoreError::Unavailable(error.to_string()),
            error => StoreError::Unreadable(error.to_string()),
        })
    }
}

struct Repository(Arc<Journal>);

impl Repository {
    /// The stream, its words opened: what is stored is sealed, and cqrs-es would read it as it is.
    async fn opened<A: Aggregate>(&self, id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let unknown = |error: String| PersistenceError::UnknownError(error.into());
        let kind = Kind::parse(A::TYPE).ok_or_else(|| unknown(format!("no stream of kind {}", A::TYPE)))?;
        let id = id.parse().map_err(|error: uuid::Error| unknown(error.to_string()))?;
        let stream = StreamId { kind, id };
        let mut events = self.0.store.serialized(stream).await.map_err(persistence)?;
        for event in &mut events {
            let sequence = event.sequence as u64;
            self.0.codec.open(&mut event.payload, stream, sequence).await.map_err(persistence)?;
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
