//! Facts to stored payloads and back. The personal part is sealed on the way in and opened on the way out; whose key is
//! destroyed reads as erased. Older versions of an event are read as the newest.

use gatehouse_domain::{ContactId, Fact, Recorded, StreamId, Upcasts};
use serde_json::{Value, json};

use super::keys::{ContactKey, KeyRing};
use super::store::{StoreError, StoredEvent};
use crate::seal;

const PERSONAL: &str = "personal";

pub struct Codec {
    keys: KeyRing,
    upcasts: Upcasts,
}

impl Codec {
    pub fn new(keys: KeyRing, upcasts: Upcasts) -> Self {
        Self { keys, upcasts }
    }

    /// How events of older versions are read.
    pub fn upcasts(&self) -> Upcasts {
        self.upcasts
    }

    /// Reads every key anew.
    pub fn forget_keys(&self) {
        self.keys.forget_all();
    }

    pub fn new_key(&self, contact: ContactId) -> ContactKey {
        self.keys.new_key(contact)
    }

    /// The contact's key; none where it was destroyed.
    pub async fn key(&self, contact: ContactId) -> Result<Option<ContactKey>, StoreError> {
        self.keys.key(contact).await
    }

    /// Forgets a key that was destroyed.
    pub fn forget(&self, contact: ContactId) {
        self.keys.forget(contact);
    }

    /// The payload of `fact` as it is stored. Words without a living key are not stored at all.
    pub async fn seal(
        &self,
        fact: &Fact,
        stream: StreamId,
        sequence: u64,
        subject: Option<ContactId>,
        new_key: Option<&ContactKey>,
    ) -> Result<String, StoreError> {
        let mut payload = fact.to_json().map_err(unreadable)?;
        if let Some(personal) = payload.get_mut(PERSONAL) {
            let key = match (new_key, subject) {
                (Some(key), _) => Some(key.clone()),
                (None, Some(contact)) => self.keys.key(contact).await?,
                (None, None) => None,
            };
            *personal = match (key, subject) {
                (Some(key), Some(contact)) => {
                    let words = seal::seal(key.bytes(), &place(stream, sequence), personal.to_string().as_bytes());
                    json!({"contact": contact, "sealed": words})
                }
                _ => Value::Null,
            };
        }
        Ok(payload.to_string())
    }

    /// Opens the personal part of a stored payload in place.
    pub async fn open(&self, payload: &mut Value, stream: StreamId, sequence: u64) -> Result<(), StoreError> {
        let Some(personal) = payload.get_mut(PERSONAL).filter(|personal| !personal.is_null()) else { return Ok(()) };
        let key = match contact_of(personal) {
            Some(contact) => self.keys.key(contact).await?,
            None => None,
        };
        let sealed = personal.get("sealed").and_then(Value::as_str).unwrap_or_default();
        let words = match key {
            None => Value::Null,
            Some(key) => {
                let words = seal::open(key.bytes(), &place(stream, sequence), sealed)
                    .ok_or_else(|| StoreError::Unreadable(format!("{stream} at {sequence} was tampered with")))?;
                serde_json::from_slice(&words).map_err(unreadable)?
            }
        };
        *personal = words;
        Ok(())
    }

    /// Stored rows as facts, in the same order.
    pub async fn decode_all(&self, rows: Vec<StoredEvent>) -> Result<Vec<Recorded>, StoreError> {
        let payloads: Result<Vec<Value>, _> = rows.iter().map(|row| serde_json::from_str(&row.payload)).collect();
        let payloads = payloads.map_err(unreadable)?;
        self.keys.fetch(payloads.iter().filter_map(|payload| contact_of(payload.get(PERSONAL)?))).await?;
        let mut recorded = Vec::with_capacity(rows.len());
        for (row, mut payload) in rows.into_iter().zip(payloads) {
            self.open(&mut payload, row.stream, row.sequence).await?;
            let payload = self.upcasts.to_newest(&row.name, row.version, payload)?;
            let fact = Fact::from_json(row.stream.kind, payload).map_err(unreadable)?;
            recorded.push(Recorded {
                position: row.position,
                stream: row.stream,
                sequence: row.sequence,
                recorded_at: row.recorded_at,
                fact,
            });
        }
        Ok(recorded)
    }
}

/// Under whose key a sealed part is.
fn contact_of(personal: &Value) -> Option<ContactId> {
    personal.get("contact").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

fn place(stream: StreamId, sequence: u64) -> String {
    format!("{stream}/{sequence}")
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable(error.to_string())
}
