//! What a store that was restored knows of it: which log it holds now, and how much of that came out of the backup.
//!
//! A restore keeps this in the cabinet before anything else and names the log after it last. So where the two do not
//! agree, a restore was broken off, and what it left is never served.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cabinet::{Cabinet, CabinetError};

/// Where the cabinet keeps it.
pub const KIND: &str = "restored";
pub const KEY: &str = "log";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// The log as it is named since.
    pub log: Uuid,
    /// The log the backup was made of.
    pub from: Uuid,
    /// Everything up to here came out of the backup.
    pub position: u64,
}

impl Restored {
    pub fn parse(kept: &str) -> Result<Self, CabinetError> {
        serde_json::from_str(kept).map_err(|error| CabinetError::Unreadable(error.to_string()))
    }

    /// Up to where the log came out of a backup: 0 where it was never restored.
    pub async fn position_of(cabinet: &dyn Cabinet, log: Uuid) -> Result<u64, CabinetError> {
        let Some(kept) = cabinet.find(KIND, KEY).await? else { return Ok(0) };
        let restored = Self::parse(&kept.value)?;
        if restored.log == log {
            return Ok(restored.position);
        }
        Err(CabinetError::Unreadable(
            "the cabinet belongs to another log: either a restore was broken off, then run `gatehouse restore` again; \
             or the files of two installations were mixed"
                .to_owned(),
        ))
    }
}
