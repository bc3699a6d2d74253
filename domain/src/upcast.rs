//! Old events in today's shape: every version ever stored is read, step by step, as the newest.
//!
//! An event whose shape has to change gets one more line in `UPCASTS`, from the version stored so far, and its first
//! example in `fixtures/v<newest>/`. What is written from then on has the newest version by itself.

use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde_json::Value;
use thiserror::Error;

/// One step of one event: from a stored version to the one after it. No two events of any kind share a name.
///
/// The step sees the payload with its personal part open, or null where the words were erased, and changes what is
/// known of it. It keeps the event's name.
pub struct Upcast {
    pub event: &'static str,
    pub from: u16,
    pub step: fn(Value) -> Value,
}

/// Every step there is.
pub const UPCASTS: Upcasts = Upcasts(&[]);

/// Steps, of which each event has as many as it had older versions.
#[derive(Clone, Copy)]
pub struct Upcasts(pub &'static [Upcast]);

/// Written by a newer server than this one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{event} is stored in version {version}, and this server reads it up to version {newest}: a newer one wrote it"
)]
pub struct FromTheFuture {
    event: String,
    version: u16,
    newest: u16,
}

impl Upcasts {
    /// The version that an event is written in.
    pub fn newest(self, event: &str) -> u16 {
        self.0.iter().filter(|one| one.event == event).map(|one| one.from + 1).max().unwrap_or(1)
    }

    /// Whether this version can be read.
    pub fn check(self, event: &str, version: u16) -> Result<(), FromTheFuture> {
        let newest = self.newest(event);
        if version <= newest { Ok(()) } else { Err(FromTheFuture { event: event.to_owned(), version, newest }) }
    }

    /// A stored payload, its words open, in the newest shape.
    pub fn to_newest(self, event: &str, version: u16, payload: Value) -> Result<Value, FromTheFuture> {
        self.check(event, version)?;
        Ok((version..self.newest(event)).fold(payload, |payload, from| {
            match self.0.iter().find(|one| one.event == event && one.from == from) {
                Some(one) => (one.step)(payload),
                None => payload,
            }
        }))
    }
}

/// As cqrs-es applies them. It cannot refuse: whoever hands it events has checked their versions.
impl EventUpcaster for Upcasts {
    fn can_upcast(&self, event: &str, version: &str) -> bool {
        version.parse().is_ok_and(|version: u16| version < self.newest(event))
    }

    fn upcast(&self, mut event: SerializedEvent) -> SerializedEvent {
        let newest = self.newest(&event.event_type);
        if let Ok(version) = event.event_version.parse() {
            let payload = event.payload.take();
            event.payload = self.to_newest(&event.event_type, version, payload).expect("an older version is known");
            event.event_version = newest.to_string();
        }
        event
    }
}
