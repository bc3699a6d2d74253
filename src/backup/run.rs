//! The commands `gatehouse backup` and `gatehouse restore`: whichever store the configuration says, and what to say in
//! the end.

use std::path::{Path, PathBuf};

use gatehouse_domain::{Clock as _, ContactId};

use super::manifest::Manifest;
use super::restore::{Backup, restore as restore_into};
use super::{BackupError, PostgresArchive, SqliteArchive, take};
use crate::clock::{SystemClock, fresh_id};
use crate::config::Config;
use crate::data_lock::DataLock;
use crate::erasures::Erasures;
use crate::installation::Installation;

/// Writes a backup into `to`, and says what is in it.
pub async fn back_up(config: &Config, to: &Path) -> anyhow::Result<String> {
    let manifest = match config.database_url() {
        Some(url) => take(&PostgresArchive::existing(url).await?, to, &SystemClock).await?,
        None => take(&SqliteArchive::existing(&config.data).await?, to, &SystemClock).await?,
    };
    let Manifest { position, files, .. } = manifest;
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    Ok(format!(
        "backed up {position} events ({bytes} bytes) into {}; keep master.key and installation.secret apart from it",
        to.display()
    ))
}

/// Puts the backup in `from` into an empty store, and says what to do next.
pub async fn restore(config: &Config, from: &Path, erasures: Option<PathBuf>) -> anyhow::Result<String> {
    // Before the data directory is made or locked: what is wrong with the backup or the keys changes nothing.
    let installation = Installation::existing(&config.data).map_err(|error| BackupError::NoKeys(error.to_string()))?;
    let more = erasures.map(|file| listed(&file)).transpose()?.unwrap_or_default();
    let backup = Backup::verified(from, &installation).await?;
    let lock = DataLock::of(&config.data)?;
    anyhow::ensure!(lock.take(), "another server uses {}: stop it first", config.data.display());
    let (log, now) = (fresh_id(), SystemClock.now());
    match config.database_url() {
        Some(url) => {
            let archive = PostgresArchive::make(url).await?;
            restore_into(&archive, "the database", &backup, log, now).await?;
        }
        None => {
            let archive = SqliteArchive::make(&config.data).await?;
            restore_into(&archive, &config.data.display().to_string(), &backup, log, now).await?;
        }
    }
    // The first start erases again whoever is on the list.
    let list = Erasures::open(&config.data).map_err(unreadable)?;
    list.add(&more).map_err(unreadable)?;
    Ok(format!(
        "restored {} events; sending is paused: start the server, look through what is indeterminate, then let it go on \
         (POST /api/v1/sending/resume)",
        backup.manifest.position
    ))
}

/// The contacts on a list from elsewhere.
fn listed(file: &Path) -> Result<Vec<ContactId>, BackupError> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| BackupError::Erasures(format!("{}: {error}", file.display())))?;
    let contact = |line: &str| {
        line.parse().map_err(|_| BackupError::Erasures(format!("{}: {line:?} names no contact", file.display())))
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(contact).collect()
}

fn unreadable(error: std::io::Error) -> BackupError {
    BackupError::Erasures(error.to_string())
}
