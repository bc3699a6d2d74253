//! The secrets of the first run, kept in a file for the next.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::DemoError;

/// What the server never tells again.
#[derive(Serialize, Deserialize)]
pub struct Memory {
    pub app_secret: String,
    pub access_token: String,
    pub verify_token: String,
    pub anna_password: String,
    pub bert_password: String,
    /// Whether the file was there before this run.
    #[serde(skip)]
    pub from_earlier_run: bool,
}

impl Memory {
    /// Reads the file, or makes new secrets and writes them before anybody learns of them.
    pub fn recall(path: &Path) -> Result<Self, DemoError> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let memory: Self = serde_json::from_slice(&bytes)
                    .map_err(|source| DemoError::StateUnreadable { state: path.to_owned(), source })?;
                Ok(Self { from_earlier_run: true, ..memory })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let memory = Self::generate()?;
                memory.write(path).map_err(|source| DemoError::State { state: path.to_owned(), source })?;
                Ok(memory)
            }
            Err(source) => Err(DemoError::State { state: path.to_owned(), source }),
        }
    }

    fn generate() -> Result<Self, DemoError> {
        Ok(Self {
            app_secret: secret(16)?,
            access_token: format!("EAAB{}", secret(24)?),
            verify_token: secret(16)?,
            anna_password: format!("anna-{}", secret(6)?),
            bert_password: format!("bert-{}", secret(6)?),
            from_earlier_run: false,
        })
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = private().write(true).create_new(true).open(path)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()
    }
}

#[expect(clippy::disallowed_methods, reason = "the randomness of the server's Ids is not the sandbox's to ask for")]
fn secret(bytes: usize) -> Result<String, DemoError> {
    let mut secret = vec![0; bytes];
    getrandom::fill(&mut secret).map_err(DemoError::NoRandomness)?;
    Ok(hex::encode(secret))
}

/// Opens a file only its owner can read.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}
