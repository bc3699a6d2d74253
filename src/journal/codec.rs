//! Facts to stored payloads and back. The personal part is sealed on the way in and opened on the way out; whose key is
//! destroyed reads as erased. Older versions of an event are read as the newest.

use std::collections::HashMap;
use std::ops::Range;

use gatehouse_domain::{ContactId, Fact, Recorded, StreamId, Upcasts};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::keys::{ContactKey, KeyRing};
use super::store::{StoreError, StoredEvent, Unread};
use crate::seal;

const PERSONAL: &str = "personal";
const ERASED: &str = "null";

/// A sealed part and whose key opens it.
#[derive(Deserialize)]
struct Sealed<'a> {
    contact: ContactId,
    sealed: &'a str,
}

/// What of a stored payload has to be opened before the rest can be read.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    personal: Option<&'a RawValue>,
}

/// A stored row, and where in its payload the sealed part is.
struct Found {
    row: StoredEvent,
    sealed: Option<(Range<usize>, ContactId)>,
}

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
        let sealed = Sealed::deserialize(&*personal).map_err(unreadable)?;
        let words = match self.keys.key(sealed.contact).await? {
            Some(key) => serde_json::from_str(&words(&key, sealed.sealed, stream, sequence)?).map_err(unreadable)?,
            None => Value::Null,
        };
        *personal = words;
        Ok(())
    }

    /// Stored rows as facts, in the same order.
    pub async fn decode_all(&self, rows: Vec<StoredEvent>) -> Result<Vec<Recorded>, StoreError> {
        let found = rows.into_iter().map(Found::in_row).collect::<Result<Vec<_>, _>>()?;
        let keys = self.keys.keys(contacts(&found)).await?;
        decode(self.upcasts, found, &keys)
    }

    /// The same, with those that cannot be read left as they are.
    pub async fn decode_leniently(&self, rows: Vec<StoredEvent>) -> Result<Vec<Result<Recorded, Unread>>, StoreError> {
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            let (stream, position) = (row.stream, row.position);
            match self.decode_all(vec![row]).await {
                Ok(recorded) => read.extend(recorded.into_iter().map(Ok)),
                Err(StoreError::Unreadable(error)) => read.push(Err(Unread { stream, position, error })),
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    /// The same for many rows, without keeping anybody else on this thread waiting: most of what reading the log costs is
    /// this, and several pages are decoded at a time.
    pub async fn decode_page(&self, rows: Vec<StoredEvent>) -> Result<Vec<Recorded>, StoreError> {
        let found = aside(move || rows.into_iter().map(Found::in_row).collect::<Result<Vec<_>, _>>()).await?;
        let keys = self.keys.keys(contacts(&found)).await?;
        let upcasts = self.upcasts;
        aside(move || decode(upcasts, found, &keys)).await
    }
}

impl Found {
    fn in_row(row: StoredEvent) -> Result<Self, StoreError> {
        let payload: Envelope<'_> = serde_json::from_str(&row.payload).map_err(unreadable)?;
        let sealed = match payload.personal.map(RawValue::get) {
            None => None,
            Some(personal) => {
                let sealed: Sealed<'_> = serde_json::from_str(personal).map_err(unreadable)?;
                let start = personal.as_ptr() as usize - row.payload.as_ptr() as usize;
                Some((start..start + personal.len(), sealed.contact))
            }
        };
        Ok(Self { row, sealed })
    }
}

fn contacts(found: &[Found]) -> impl Iterator<Item = ContactId> {
    found.iter().filter_map(|one| one.sealed.as_ref().map(|(_, contact)| *contact))
}

/// Rows as facts. Whose key is not among `keys` reads as erased.
fn decode(
    upcasts: Upcasts,
    found: Vec<Found>,
    keys: &HashMap<ContactId, ContactKey>,
) -> Result<Vec<Recorded>, StoreError> {
    let decoded = found.into_iter().map(|Found { mut row, sealed }| {
        if let Some((at, contact)) = sealed {
            let opened = match keys.get(&contact) {
                Some(key) => {
                    let sealed: Sealed<'_> = serde_json::from_str(&row.payload[at.clone()]).map_err(unreadable)?;
                    words(key, sealed.sealed, row.stream, row.sequence)?
                }
                None => ERASED.to_owned(),
            };
            row.payload.replace_range(at, &opened);
        }
        upcasts.check(&row.name, row.version)?;
        let fact = if row.version == upcasts.newest(&row.name) {
            Fact::parse(row.stream.kind, &row.payload)
        } else {
            let payload = serde_json::from_str(&row.payload).map_err(unreadable)?;
            Fact::from_json(row.stream.kind, upcasts.to_newest(&row.name, row.version, payload)?)
        };
        Ok(Recorded {
            position: row.position,
            stream: row.stream,
            sequence: row.sequence,
            recorded_at: row.recorded_at,
            fact: fact.map_err(unreadable)?,
        })
    });
    decoded.collect()
}

/// What was sealed, as it was: JSON.
fn words(key: &ContactKey, sealed: &str, stream: StreamId, sequence: u64) -> Result<String, StoreError> {
    seal::open(key.bytes(), &place(stream, sequence), sealed)
        .and_then(|words| String::from_utf8(words).ok())
        .ok_or_else(|| StoreError::Unreadable(format!("{stream} at {sequence} was tampered with")))
}

/// Does work that only computes on a thread of its own.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("decoding broke off: {error}"))))
}

fn place(stream: StreamId, sequence: u64) -> String {
    format!("{stream}/{sequence}")
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable(error.to_string())
}
