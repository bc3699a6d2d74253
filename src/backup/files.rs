//! The files of a backup: one JSON object a line, counted and hashed on the way.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::BackupError;
use super::lines::Line;
use super::manifest::{FileEntry, Manifest};

/// Makes the directory of a new backup; it must not hold anything.
pub fn make_dir(dir: &Path) -> Result<(), BackupError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    match std::fs::read_dir(dir)?.next() {
        Some(_) => Err(BackupError::NotEmptyDir(dir.to_owned())),
        None => Ok(()),
    }
}

/// A file being written.
pub struct Writer {
    file: BufWriter<File>,
    hash: Sha256,
    entry: FileEntry,
}

impl Writer {
    pub fn create(dir: &Path, name: &str) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(dir.join(name))?;
        let entry = FileEntry { name: name.to_owned(), lines: 0, bytes: 0, sha256: String::new() };
        Ok(Self { file: BufWriter::new(file), hash: Sha256::new(), entry })
    }

    pub fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hash.update(&text);
        self.entry.lines += 1;
        self.entry.bytes += text.len() as u64;
        self.file.write_all(&text)
    }

    /// Lines written so far.
    pub fn lines(&self) -> u64 {
        self.entry.lines
    }

    /// On disk when it returns.
    pub fn finish(mut self) -> io::Result<FileEntry> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        self.entry.sha256 = hex::encode(self.hash.finalize());
        tracing::info!(file = self.entry.name, lines = self.entry.lines, bytes = self.entry.bytes, "written");
        Ok(self.entry)
    }
}

/// Writes the manifest, which makes the files a backup; on disk when it returns.
pub fn finish(dir: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut file = Writer::create(dir, super::manifest::FILE)?;
    file.write(manifest)?;
    file.finish()?;
    File::open(dir)?.sync_all()
}

/// Reads a file line by line, in pages of at most `page`, and hands each on.
pub async fn read<L: Line>(
    dir: &Path,
    page: usize,
    mut take: impl AsyncFnMut(Vec<L>) -> Result<(), BackupError>,
) -> Result<FileEntry, BackupError> {
    let damaged = |why: &dyn std::fmt::Display| BackupError::damaged(L::FILE, &why.to_string());
    let mut file = BufReader::new(File::open(dir.join(L::FILE)).map_err(|error| damaged(&error))?);
    let mut entry = FileEntry { name: L::FILE.to_owned(), lines: 0, bytes: 0, sha256: String::new() };
    let (mut hash, mut lines, mut text) = (Sha256::new(), vec![], vec![]);
    while file.read_until(b'\n', &mut text)? > 0 {
        hash.update(&text);
        entry.lines += 1;
        entry.bytes += text.len() as u64;
        lines.push(serde_json::from_slice(&text).map_err(|error| damaged(&error))?);
        text.clear();
        if lines.len() == page {
            take(std::mem::take(&mut lines)).await?;
        }
    }
    take(lines).await?;
    entry.sha256 = hex::encode(hash.finalize());
    Ok(entry)
}
