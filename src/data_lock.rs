//! The lock of the data directory. Who has it knows that whoever had it before is dead: a frozen one keeps it.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;

const LOCK_FILE: &str = "server.lock";
/// Names the running kernel: a new one is made at every boot.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The lock, ours or not. The operating system lets go of it when the process ends, however it ends.
pub struct DataLock {
    file: File,
    held: Mutex<bool>,
    name: Option<String>,
}

impl DataLock {
    /// Makes the directory where there is none.
    pub fn of(data: &Path) -> anyhow::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(data).context("the data directory cannot be made")?;
        let file = File::create(data.join(LOCK_FILE)).context("the data directory cannot be locked")?;
        let place = file.metadata().context("the data directory cannot be locked")?;
        // One file on one running kernel: neither a copy of the directory nor another machine has the same name.
        let kernel = std::fs::read_to_string(BOOT_ID).ok();
        let name = kernel.map(|kernel| format!("{}/{}/{}", kernel.trim(), place.dev(), place.ino()));
        Ok(Self { file, held: Mutex::new(false), name })
    }

    /// Whether the lock is ours, now or from now on.
    pub fn take(&self) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = *held || self.file.try_lock().is_ok();
        *held
    }

    /// Names the directory, while the lock is ours.
    pub fn holder(&self) -> Option<String> {
        self.name.clone().filter(|_| self.take())
    }
}
