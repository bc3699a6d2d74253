//! The manifest: what is in a backup. It is written last, so a backup that was broken off has none.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::BackupError;

pub const FILE: &str = "manifest.json";
/// Grows with every change that an older restore could not read.
pub const FORMAT: u64 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u64,
    /// The version of Gatehouse that made it.
    pub product: String,
    pub log_id: Uuid,
    /// The last event in it.
    pub position: u64,
    /// Everything acknowledged before this is in it.
    pub began_at: DateTime<Utc>,
    pub files: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub name: String,
    pub lines: u64,
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    /// The manifest of the backup in `dir`.
    pub fn read(dir: &Path) -> Result<Self, BackupError> {
        let no_backup = |why: &dyn std::fmt::Display| BackupError::NoBackup(dir.to_owned(), why.to_string());
        let text = std::fs::read_to_string(dir.join(FILE)).map_err(|error| no_backup(&error))?;
        let value: Value = serde_json::from_str(&text).map_err(|error| no_backup(&error))?;
        // First of all: a newer format may look different in everything else.
        match value.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => serde_json::from_value(value).map_err(|error| no_backup(&error)),
            Some(format) => Err(BackupError::Newer(format)),
            None => Err(no_backup(&"its manifest names no format")),
        }
    }

    pub fn file(&self, name: &str) -> Result<&FileEntry, BackupError> {
        let found = self.files.iter().find(|entry| entry.name == name);
        found.ok_or_else(|| BackupError::damaged(name, "the manifest does not name it"))
    }
}
