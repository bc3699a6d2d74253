//! Taking a backup beside a running server.
//!
//! Why it is consistent although nothing is locked and no transaction lasts: the log only grows, its positions have no
//! gaps and become visible in order, so everything up to the head that is read once is there and stays as it is.
//!
//! - What was *set aside* is read before the head. It leaves the cabinet only after its event is in the log, so it is
//!   found here or up to the head; found in both, its claims absorb it.
//! - *Claims* carry the position of the last event of their append. Those up to the head belong to events up to the head,
//!   and every one of them is there already. A claim without events has the position of the event before it: decided on
//!   the log as it is in the backup, it holds with or without the claim.
//! - *Keys* are stored with the event that makes the contact. The keys of contacts who are new since the head are left
//!   out: in the restored log they are not known yet, and when they write again they are given another key. A key
//!   destroyed meanwhile is missed, as it would be after applying the list of erasures.
//! - The rest of the *cabinet* is read last: passwords and secrets are in it before they are acknowledged, so whatever
//!   the log refers to is there, and a session ended meanwhile stays ended.

use std::path::Path;

use gatehouse_domain::Clock;

use super::BackupError;
use super::archive::{Archive, PAGE};
use super::files::{self, Writer};
use super::lines::{ClaimLine, EventLine, KeptLine, KeyLine, Line, Place};
use super::manifest::{FORMAT, Manifest};

/// Lines between two words on how far it is.
const TELL_EVERY: u64 = 100_000;

/// Writes a backup into `dir`.
pub async fn take(archive: &impl Archive, dir: &Path, clock: &dyn Clock) -> Result<Manifest, BackupError> {
    files::make_dir(dir)?;
    let began_at = clock.now();
    let mut cabinet = Writer::create(dir, KeptLine::FILE)?;
    copy(&mut cabinet, async |after: &Place| archive.kept(after, true).await).await?;

    let head = archive.head().await?;
    let mut events = Writer::create(dir, EventLine::FILE)?;
    let mut position = 0;
    copy(&mut events, async |after: &Place| {
        let page = archive.events(after, head.position).await?;
        for event in &page {
            position += 1;
            if event.position != position {
                return Err(BackupError::Unreadable(format!("the log has no event at position {position}")));
            }
        }
        Ok(page)
    })
    .await?;
    if position != head.position {
        return Err(BackupError::Unreadable(format!("the log ends at {position} and not at {}", head.position)));
    }
    let mut claims = Writer::create(dir, ClaimLine::FILE)?;
    copy(&mut claims, async |after: &Place| archive.claims(after, head.position).await).await?;
    let mut keys = Writer::create(dir, KeyLine::FILE)?;
    copy(&mut keys, async |after: &Place| archive.keys(after, head.position).await).await?;
    copy(&mut cabinet, async |after: &Place| archive.kept(after, false).await).await?;

    let manifest = Manifest {
        format: FORMAT,
        product: env!("CARGO_PKG_VERSION").to_owned(),
        log_id: head.log_id,
        position: head.position,
        began_at,
        files: vec![events.finish()?, claims.finish()?, keys.finish()?, cabinet.finish()?],
    };
    files::finish(dir, &manifest)?;
    Ok(manifest)
}

/// Writes page after page until there is none.
async fn copy<L: Line>(
    file: &mut Writer,
    mut page: impl AsyncFnMut(&Place) -> Result<Vec<L>, BackupError>,
) -> Result<(), BackupError> {
    let mut after = Place::default();
    loop {
        let lines = page(&after).await?;
        for line in &lines {
            file.write(line)?;
        }
        let Some(last) = lines.last() else { return Ok(()) };
        after = last.place();
        if file.lines() / TELL_EVERY > (file.lines() - lines.len() as u64) / TELL_EVERY {
            tracing::info!(file = L::FILE, lines = file.lines(), "writing");
        }
        if lines.len() < PAGE as usize {
            return Ok(());
        }
    }
}
