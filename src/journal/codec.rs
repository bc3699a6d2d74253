//! Facts to stored payloads and back. The personal part is sealed on the way in and opened on the way out; whose key is
//! destroyed reads as erased. Older versions of an event are read as the newest.

use std::collections::HashMap;
use std::ops::Range;

use gatehouse_domain::{ContactId, Fact, Recorded, StreamId, Upcasts};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::keys::{ContactKey, KeyRing};
use super::store::{LogRow, StoreError, StoredEvent, Unread};
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

    /// Whose key seals whose words.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
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

    /// The events of a stream as facts, in the same order.
    pub async fn decode_all(&self, rows: Vec<StoredEvent>) -> Result<Vec<Recorded>, StoreError> {
        let found = rows.into_iter().map(|row| Found::in_row(Ok(row))).collect::<Vec<_>>();
        let keys = self.keys.keys(contacts(&found)).await?;
        let decoded = decode(self.upcasts, found, &keys).into_iter();
        decoded.map(|one| one.map_err(|unread| StoreError::Unreadable(unread.error))).collect()
    }

    /// The same for many rows of the log, with those that cannot be read left as they are. Nobody else on this thread is
    /// kept waiting: most of what reading the log costs is this, and several pages are decoded at a time.
    pub async fn decode_page(&self, rows: Vec<LogRow>) -> Result<Vec<Result<Recorded, Unread>>, StoreError> {
        let found = aside(move || rows.into_iter().map(Found::in_row).collect::<Vec<_>>()).await?;
        let keys = self.keys.keys(contacts(&found)).await?;
        let upcasts = self.upcasts;
        aside(move || decode(upcasts, found, &keys)).await
    }
}

impl Found {
    fn in_row(row: LogRow) -> Result<Self, Unread> {
        let row = row?;
        match sealed_in(&row.payload) {
            Ok(sealed) => Ok(Self { row, sealed }),
            Err(error) => Err(Unread::of(&row, error)),
        }
    }

    fn decode(mut self, upcasts: Upcasts, keys: &HashMap<ContactId, ContactKey>) -> Result<Recorded, Unread> {
        match self.fact(upcasts, keys) {
            Ok(fact) => Ok(Recorded {
                position: self.row.position,
                stream: self.row.stream,
                sequence: self.row.sequence,
                recorded_at: self.row.recorded_at,
                fact,
            }),
            Err(error) => Err(Unread::of(&self.row, error)),
        }
    }

    fn fact(&mut self, upcasts: Upcasts, keys: &HashMap<ContactId, ContactKey>) -> Result<Fact, StoreError> {
        let row = &mut self.row;
        if let Some((at, contact)) = self.sealed.take() {
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
        fact.map_err(unreadable)
    }
}

/// Where in a payload the sealed part is, if it has one, and whose key opens it.
fn sealed_in(payload: &str) -> Result<Option<(Range<usize>, ContactId)>, StoreError> {
    let envelope: Envelope<'_> = serde_json::from_str(payload).map_err(unreadable)?;
    let Some(personal) = envelope.personal.map(RawValue::get) else { return Ok(None) };
    let sealed: Sealed<'_> = serde_json::from_str(personal).map_err(unreadable)?;
    let start = personal.as_ptr() as usize - payload.as_ptr() as usize;
    Ok(Some((start..start + personal.len(), sealed.contact)))
}

fn contacts(found: &[Result<Found, Unread>]) -> impl Iterator<Item = ContactId> {
    found.iter().flatten().filter_map(|one| one.sealed.as_ref().map(|(_, contact)| *contact))
}

/// Rows as facts. Whose key is not among `keys` reads as erased.
fn decode(
    upcasts: Upcasts,
    found: Vec<Result<Found, Unread>>,
    keys: &HashMap<ContactId, ContactKey>,
) -> Vec<Result<Recorded, Unread>> {
    found.into_iter().map(|one| one.and_then(|found| found.decode(upcasts, keys))).collect()
}

/// What was sealed, as it was: JSON.
fn words(key: &ContactKey, sealed: &str, stream: StreamId, sequence: u64) -> Result<String, StoreError> {
    seal::open(key.bytes(), &place(stream, sequence), sealed)
        .and_then(|words| String::from_utf8(words).ok())
        .ok_or_else(|| StoreError::Unreadable(format!("{stream} at {sequence} was tampered with")))
}

/// Does work that only computes on a thread of its own.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Unavailable(format!("decoding broke off: {error}")))
}

fn place(stream: StreamId, sequence: u64) -> String {
    format!("{stream}/{sequence}")
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable(error.to_string())
}
