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
    async fn after<A: Aggregate>(&self, id: &str, after: u64) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let unknown = |error: String| PersistenceError::UnknownError(error.into());
        let kind = Kind::parse(A::TYPE).ok_or_else(|| unknown(format!("no stream of kind {}", A::TYPE)))?;
        let id: Uuid = id.parse().map_err(|error: uuid::Error| unknown(error.to_string()))?;
        let stream = StreamId { kind, id };
        let rows = self.0.store.read_stream(stream, after).await.map_err(persistence)?;
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let mut payload: Value = serde_json::from_str(&row.payload).map_err(|error| unknown(error.to_string()))?;
            self.0.codec.open(&mut payload, stream, row.sequence).await.map_err(persistence)?;
            events.push(SerializedEvent {
                aggregate_id: id.to_string(),
                sequence: usize::try_from(row.sequence).expect("a stream fits in memory"),
                aggregate_type: A::TYPE.to_owned(),
                event_type: row.name,
                event_version: row.version.to_string(),
                payload,
                metadata: serde_json::from_str(&row.metadata).map_err(|error| unknown(error.to_string()))?,
            });
        }
        Ok(events)
    }
}

impl PersistedEventRepository for Repository {
    async fn get_events<A: Aggregate>(&self, id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.after::<A>(id, 0).await
    }

    async fn get_last_events<A: Aggregate>(
        &self,
        id: &str,
        last: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.after::<A>(id, last as u64).await
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
