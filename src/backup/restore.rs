//! Restoring a backup into an empty store.
//!
//! Everything about the backup is checked before the store is touched. Then the cabinet is told which log this will be,
//! the lines are loaded in batches, and the log is named last. Broken off in between, the two disagree: no server serves
//! that (`restored`), and a second restore empties what the first one left.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::archive::{Archive, LogHead, PAGE};
use super::lines::{ClaimLine, EventLine, KeptLine, KeyLine, Line};
use super::manifest::{FileEntry, Manifest};
use super::restored::{self, Restored};
use super::{BackupError, files};
use crate::installation::Installation;
use crate::{sending, vault};

/// A backup that was looked through: every file is whole, and the keys at hand open it.
#[derive(Debug)]
pub struct Backup {
    dir: PathBuf,
    pub manifest: Manifest,
}

impl Backup {
    /// Looks through the backup in `dir`.
    pub async fn verified(dir: &Path, installation: &Installation) -> Result<Self, BackupError> {
        let manifest = Manifest::read(dir)?;
        let mut canary = None;
        let cabinet = files::read::<KeptLine>(dir, PAGE as usize, async |lines| {
            canary = lines.into_iter().find(|kept| kept.kind == vault::CANARY).or(canary.take());
            Ok(())
        });
        whole(&cabinet.await?, &manifest)?;
        let canary = canary.ok_or_else(|| BackupError::damaged(KeptLine::FILE, "it has nothing to check keys with"))?;
        if !vault::fits(installation, &canary.value) {
            return Err(BackupError::WrongKeys);
        }
        let mut position = 0;
        let events = files::read::<EventLine>(dir, PAGE as usize, async |lines| {
            for event in lines {
                position += 1;
                if event.position != position {
                    return Err(BackupError::damaged(EventLine::FILE, &format!("no event at position {position}")));
                }
            }
            Ok(())
        });
        whole(&events.await?, &manifest)?;
        if position != manifest.position {
            return Err(BackupError::damaged(EventLine::FILE, &format!("it ends at position {position}")));
        }
        whole(&files::read::<ClaimLine>(dir, PAGE as usize, async |_| Ok(())).await?, &manifest)?;
        whole(&files::read::<KeyLine>(dir, PAGE as usize, async |_| Ok(())).await?, &manifest)?;
        Ok(Self { dir: dir.to_owned(), manifest })
    }
}

/// Whether a file is what the manifest says it is.
fn whole(read: &FileEntry, manifest: &Manifest) -> Result<(), BackupError> {
    let entry = manifest.file(&read.name)?;
    if read == entry { Ok(()) } else { Err(BackupError::damaged(&read.name, "it is not what the manifest says")) }
}

/// Loads a backup as the log `log`, with sending paused. `place` names the store to whoever reads an error.
pub async fn restore(
    archive: &impl Archive,
    place: &str,
    backup: &Backup,
    log: Uuid,
    at: DateTime<Utc>,
) -> Result<(), BackupError> {
    let contents = archive.contents().await?;
    let unfinished = match &contents.restored {
        Some(kept) => {
            let restored = Restored::parse(kept).map_err(|error| BackupError::Unreadable(error.to_string()))?;
            contents.head.position == 0 && restored.log != contents.head.log_id
        }
        None => false,
    };
    if unfinished {
        tracing::warn!("an earlier restore was broken off: what it left is removed");
        archive.clear().await?;
    } else if contents.log || contents.cabinet {
        return Err(BackupError::InUse(place.to_owned()));
    }

    let Manifest { position, log_id: from, began_at, .. } = backup.manifest;
    let kept = |kind: &str, key: &str, value: String| KeptLine {
        kind: kind.to_owned(),
        key: key.to_owned(),
        value,
        at_us: at.timestamp_micros(),
    };
    let restored = serde_json::json!(Restored { log, from, position }).to_string();
    let reason = format!("restored from the backup of {}", began_at.format("%Y-%m-%d %H:%M:%S UTC"));
    let paused = sending::Stored::paused(reason, at).to_text();
    // Together and first: whatever happens from here on, this store is known to be unfinished.
    let first = [kept(restored::KIND, restored::KEY, restored), kept(sending::KIND, sending::KEY, paused)];
    archive.load(&first).await?;

    let ours = |line: &KeptLine| [restored::KIND, sending::KIND].contains(&line.kind.as_str());
    load(archive, backup, |line: &KeptLine| !ours(line)).await?;
    load(archive, backup, |_: &EventLine| true).await?;
    load(archive, backup, |_: &ClaimLine| true).await?;
    load(archive, backup, |_: &KeyLine| true).await?;
    let whole = archive.finish(LogHead { position, log_id: log }).await?;
    if whole { Ok(()) } else { Err(BackupError::Disturbed) }
}

/// Loads the lines of one file that are wanted.
async fn load<L: Line>(
    archive: &impl Archive,
    backup: &Backup,
    wanted: impl Fn(&L) -> bool,
) -> Result<(), BackupError> {
    let loaded = files::read::<L>(&backup.dir, PAGE as usize, async |mut lines: Vec<L>| {
        lines.retain(&wanted);
        if lines.is_empty() { Ok(()) } else { archive.load(&lines).await }
    })
    .await?;
    // It was whole a moment ago; whoever writes into a backup now is not served either.
    whole(&loaded, &backup.manifest)?;
    tracing::info!(file = L::FILE, lines = loaded.lines, "loaded");
    Ok(())
}
