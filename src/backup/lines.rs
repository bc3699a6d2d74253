//! What a backup is made of: four kinds of lines, the same whichever store they come from.

use gatehouse_domain::ContactId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A kind of line, in a file of its own.
pub trait Line: Serialize + DeserializeOwned {
    const FILE: &'static str;

    /// Where it stands in the order of its table: the next page begins after it.
    fn place(&self) -> Place;
}

/// One or two columns of a table's primary key.
pub type Place = [String; 2];

/// An event as it is stored, byte for byte; its personal part is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    pub position: u64,
    pub kind: String,
    pub id: String,
    pub sequence: u64,
    pub event: String,
    pub version: String,
    pub payload: String,
    pub metadata: String,
    pub event_id: Uuid,
    pub recorded_at_us: i64,
}

/// A claim; its key is a keyed hash, in hex.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimLine {
    pub key: String,
    pub kind: i16,
    pub owner: String,
    pub sequence: u64,
    pub position: u64,
}

/// A contact's key, sealed under the master key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyLine {
    pub contact: ContactId,
    pub sealed: String,
}

/// Something out of the cabinet, hashed or sealed by whoever put it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptLine {
    pub kind: String,
    pub key: String,
    pub value: String,
    pub at_us: i64,
}

impl Line for EventLine {
    const FILE: &'static str = "events.ndjson";

    fn place(&self) -> Place {
        [self.position.to_string(), String::new()]
    }
}

impl Line for ClaimLine {
    const FILE: &'static str = "claims.ndjson";

    fn place(&self) -> Place {
        [self.key.clone(), String::new()]
    }
}

impl Line for KeyLine {
    const FILE: &'static str = "keys.ndjson";

    fn place(&self) -> Place {
        [self.contact.to_string(), String::new()]
    }
}

impl Line for KeptLine {
    const FILE: &'static str = "cabinet.ndjson";

    fn place(&self) -> Place {
        [self.kind.clone(), self.key.clone()]
    }
}
