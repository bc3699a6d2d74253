//! What makes this installation itself: the master key that seals, and the secret that hashes.
//!
//! Both are files in the data directory, made on first start with mode 0600. Without the master key the words in the
//! log cannot be read; with another secret no claim would be found again. Back them up apart from the log.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use uuid::Uuid;

use crate::clock::random_bytes;

const KEY_BYTES: usize = 32;
const MASTER_KEY_FILE: &str = "master.key";
const SECRET_FILE: &str = "installation.secret";

/// The installation's keys.
pub struct Installation {
    master_key: SecretBox<[u8; KEY_BYTES]>,
    /// Keyed with the secret once and for all: whatever arrives is looked up under several hashes.
    hash: Hmac<Sha256>,
}

impl Installation {
    /// Reads the keys from `data`, making them where there are none.
    pub fn open(data: &Path) -> io::Result<Self> {
        for name in [MASTER_KEY_FILE, SECRET_FILE] {
            make_key_file(&data.join(name))?;
        }
        Self::existing(data)
    }

    /// Reads the keys from `data`, where they must be.
    pub fn existing(data: &Path) -> io::Result<Self> {
        let key = |name: &str| key_file(&data.join(name));
        let secret = key(SECRET_FILE)?;
        let hash = <Hmac<Sha256> as Mac>::new_from_slice(secret.expose_secret()).expect("any length of key is valid");
        Ok(Self { master_key: key(MASTER_KEY_FILE)?, hash })
    }

    /// The key that seals every other key.
    pub fn master_key(&self) -> &[u8; KEY_BYTES] {
        self.master_key.expose_secret()
    }

    /// A keyed hash of `parts`: equal for equal parts, and no way back for whoever lacks the secret.
    pub fn keyed_hash(&self, parts: &[&str]) -> [u8; 16] {
        let mut mac = self.hash.clone();
        for part in parts {
            // The length first, so that ("ab", "c") and ("a", "bc") differ.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&digest[..16]);
        short
    }

    /// The id that `parts` always lead to, so that the first message of a burst and the tenth meet the same actor.
    pub fn keyed_id(&self, parts: &[&str]) -> Uuid {
        uuid::Builder::from_custom_bytes(self.keyed_hash(parts)).into_uuid()
    }
}

/// Makes a key where there is none.
fn make_key_file(path: &Path) -> io::Result<()> {
    let mut file = match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        opened => opened?,
    };
    file.write_all(hex::encode(random_bytes::<KEY_BYTES>()).as_bytes())?;
    file.sync_all()?;
    tracing::info!(file = %path.display(), "made a new key file: back it up apart from the log");
    Ok(())
}

fn key_file(path: &Path) -> io::Result<SecretBox<[u8; KEY_BYTES]>> {
    let named = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| named(&error))?;
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|error| named(&format!("no key file: {error}")))?;
    Ok(SecretBox::new(Box::new(key)))
}
