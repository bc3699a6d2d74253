//! Backups: everything a store holds, in a form that any store takes back, and restoring them.
//!
//! A backup is a directory of plain files, one JSON object a line: `events`, `claims`, `keys` and `cabinet`, and a
//! `manifest.json` with the size and SHA-256 of each. What is personal or secret in them is sealed or hashed as it is in
//! the store; the keys that open it (`master.key`, `installation.secret`) are not in it. It is taken beside a running
//! server (`take`), and goes into an empty store of either engine (`restore`).

mod archive;
mod files;
mod lines;
mod manifest;
mod postgres;
mod restore;
mod restored;
pub mod run;
mod sqlite;
mod take;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use thiserror::Error;

pub use restored::Restored;

use postgres::PostgresArchive;
use sqlite::SqliteArchive;
use take::take;

/// Why there is no backup, or no restore, and the way out.
#[derive(Debug, Error)]
pub enum BackupError {
    #[error("{0} holds something already: name a directory that is empty or does not exist")]
    NotEmptyDir(PathBuf),
    #[error(
        "there is no log to back up in {0}: name the server's data directory (--data) or database (--database-url)"
    )]
    NoLog(String),
    #[error("{0} is no backup, or one that was broken off: {1}")]
    NoBackup(PathBuf, String),
    #[error("a newer Gatehouse made this backup (format {0}, this one reads {format}): restore it with that version", format = manifest::FORMAT)]
    Newer(u64),
    #[error("the backup is damaged: {file}: {why}; nothing was changed, use another copy of it")]
    Damaged { file: String, why: String },
    #[error("the keys are missing: {0}; copy master.key and installation.secret of that installation there first")]
    NoKeys(String),
    #[error(
        "master.key or installation.secret is not the one this backup was made under; nothing was changed, copy the \
         right ones into the data directory"
    )]
    WrongKeys,
    #[error(
        "{0} holds a log already, and a restore replaces nothing: name an empty data directory or database, or move the \
         old one away first"
    )]
    InUse(String),
    #[error("this role may not fill the database: restore as the role that owns its schemas")]
    NotOwner,
    #[error("somebody wrote to the store while it was restored: stop every server on it, empty it, and restore again")]
    Disturbed,
    #[error("the list of erasures cannot be read: {0}")]
    Erasures(String),
    #[error("a file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    #[error("the store cannot be used: {0}")]
    Store(#[from] sqlx::Error),
    #[error("the store holds something unreadable: {0}")]
    Unreadable(String),
}

impl BackupError {
    fn damaged(file: &str, why: &str) -> Self {
        Self::Damaged { file: file.to_owned(), why: why.to_owned() }
    }
}
