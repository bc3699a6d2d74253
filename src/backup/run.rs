//! The commands `gatehouse backup` and `gatehouse restore`: whichever store the configuration says, and what to say in
//! the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gatehouse_domain::{Clock as _, ContactId};

use super::manifest::Manifest;
use super::restore::{Backup, restore as restore_into};
use super::{BackupError, PostgresArchive, SqliteArchive, take};
use crate::clock::{SystemClock, fresh_id};
use crate::config::Config;
use crate::erasures::Erasures;
use crate::installation::Installation;
use crate::server;

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
    let erased = erased(&config.data, erasures)?;
    let backup = Backup::verified(from, &installation).await?;
    let _lock = server::locked(&config.data)?;
    let (log, now) = (fresh_id(), SystemClock.now());
    match config.database_url() {
        Some(url) => {
            let archive = PostgresArchive::make(url).await?;
            restore_into(&archive, "the database", &backup, &erased, log, now).await?;
        }
        None => {
            let archive = SqliteArchive::make(&config.data).await?;
            restore_into(&archive, &config.data.display().to_string(), &backup, &erased, log, now).await?;
        }
    }
    Ok(format!(
        "restored {} events; sending is paused: start the server, look through what is indeterminate, then let it go on \
         (POST /api/v1/sending/resume)",
        backup.manifest.position
    ))
}

fn erased(data: &Path, more: Option<PathBuf>) -> Result<BTreeSet<ContactId>, BackupError> {
    let unreadable = |error: std::io::Error| BackupError::Erasures(error.to_string());
    let mut erased = Erasures::open(data).all().map_err(unreadable)?;
    if let Some(file) = more {
        if !file.is_file() {
            return Err(BackupError::Erasures(format!("there is no file {}", file.display())));
        }
        erased.extend(Erasures::at(file).all().map_err(unreadable)?);
    }
    Ok(erased)
}
