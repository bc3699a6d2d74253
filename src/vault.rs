//! The vault: what must never be in an event. Passwords (hashed), sessions (hashed tokens), credentials (sealed).

use std::collections::BTreeMap;
use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::{ConnectionId, UserId};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqlitePool, query, query_scalar};
use thiserror::Error;
use tokio::sync::{Semaphore, broadcast};

use crate::clock::random_bytes;
use crate::installation::Installation;
use crate::providers::Secrets;
use crate::seal;

/// OWASP's minimum for argon2id: 19 MiB, two passes.
const ARGON2_KIB: u32 = 19 * 1024;
const ARGON2_PASSES: u32 = 2;
/// Passwords hashed at a time, so that a storm of sign-ins does not take the machine.
const HASHES_MAX: usize = 2;
const SESSION_LIFE: TimeDelta = TimeDelta::hours(24);
const SECRETS_CACHED_MAX: u64 = 1_000;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS passwords (user TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    token_hash BLOB PRIMARY KEY, user TEXT NOT NULL, ends_at INTEGER NOT NULL  -- seconds since 1970
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secrets (
    connection TEXT NOT NULL, version INTEGER NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (connection, version)
) WITHOUT ROWID;
";

/// Why the vault could not do it.
#[derive(Debug, Error)]
pub enum VaultError {
    #[error("the vault cannot be reached: {0}")]
    Unavailable(#[from] sqlx::Error),
    #[error("the vault holds something unreadable: {0}")]
    Unreadable(String),
}

/// The sealed store.
pub struct Vault {
    pool: SqlitePool,
    installation: Arc<Installation>,
    hashing: Semaphore,
    opened: Cache<(ConnectionId, u32), Secrets>,
    ended: broadcast::Sender<UserId>,
}

impl Vault {
    /// Opens the vault in `pool`'s database.
    pub async fn open(pool: SqlitePool, installation: Arc<Installation>) -> Result<Self, VaultError> {
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        let (opened, ended) = (Cache::new(SECRETS_CACHED_MAX), broadcast::channel(64).0);
        Ok(Self { pool, installation, hashing: Semaphore::new(HASHES_MAX), opened, ended })
    }

    /// Keeps a user's password, hashed.
    pub async fn set_password(&self, user: UserId, password: &SecretString) -> Result<(), VaultError> {
        let hash = self.hashed(password.clone()).await?;
        query("INSERT INTO passwords VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET hash = excluded.hash")
            .bind(user.to_string())
            .bind(hash)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whether it is the user's password. Takes as long for a user who does not exist.
    pub async fn check_password(&self, user: Option<UserId>, password: SecretString) -> Result<bool, VaultError> {
        let stored: Option<String> = match user {
            Some(user) => {
                query_scalar("SELECT hash FROM passwords WHERE user = ?")
                    .bind(user.to_string())
                    .fetch_optional(&self.pool)
                    .await?
            }
            None => None,
        };
        let Some(stored) = stored else {
            self.hashed(password).await?;
            return Ok(false);
        };
        let _turn = self.hashing.acquire().await.expect("never closed");
        let checked = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&stored).map_err(|error| VaultError::Unreadable(error.to_string()))?;
            Ok(argon2().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
        });
        checked.await.map_err(|error| VaultError::Unreadable(error.to_string()))?
    }

    /// Starts a session and returns its token, of which only a hash is kept.
    pub async fn start_session(&self, user: UserId, now: DateTime<Utc>) -> Result<String, VaultError> {
        let token = hex::encode(random_bytes::<32>());
        query("INSERT INTO sessions VALUES (?, ?, ?)")
            .bind(token_hash(&token))
            .bind(user.to_string())
            .bind((now + SESSION_LIFE).timestamp())
            .execute(&self.pool)
            .await?;
        Ok(token)
    }

    /// Whose session it is, while it lasts.
    pub async fn user_of_session(&self, token: &str, now: DateTime<Utc>) -> Result<Option<UserId>, VaultError> {
        let row = query("SELECT user FROM sessions WHERE token_hash = ? AND ends_at > ?")
            .bind(token_hash(token))
            .bind(now.timestamp())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| {
            row.get::<String, _>("user").parse().map_err(|_| VaultError::Unreadable("a user's id".to_owned()))
        })
        .transpose()
    }

    /// Ends one session. Its sockets hear of it through `ended`.
    pub async fn end_session(&self, token: &str, user: UserId) -> Result<(), VaultError> {
        query("DELETE FROM sessions WHERE token_hash = ?").bind(token_hash(token)).execute(&self.pool).await?;
        // Nobody may be connected.
        let _ = self.ended.send(user);
        Ok(())
    }

    /// Users of whom a session has ended: their sockets ask again whether theirs still lasts.
    pub fn ended(&self) -> broadcast::Receiver<UserId> {
        self.ended.subscribe()
    }

    /// Keeps a connection's credentials as `version`, sealed.
    pub async fn set_secrets(
        &self,
        connection: ConnectionId,
        version: u32,
        secrets: &Secrets,
    ) -> Result<(), VaultError> {
        let open: BTreeMap<&str, &str> =
            secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
        let words = serde_json::to_vec(&open).map_err(|error| VaultError::Unreadable(error.to_string()))?;
        let sealed = seal::seal(self.installation.master_key(), &place(connection, version), &words);
        query("INSERT OR REPLACE INTO secrets VALUES (?, ?, ?)")
            .bind(connection.to_string())
            .bind(version)
            .bind(sealed)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A connection's credentials; none were given: an empty set, which verifies nothing.
    pub async fn secrets(&self, connection: ConnectionId, version: u32) -> Result<Secrets, VaultError> {
        if let Some(secrets) = self.opened.get(&(connection, version)) {
            return Ok(secrets);
        }
        let sealed: Option<String> = query_scalar("SELECT sealed FROM secrets WHERE connection = ? AND version = ?")
            .bind(connection.to_string())
            .bind(version)
            .fetch_optional(&self.pool)
            .await?;
        let Some(sealed) = sealed else { return Ok(Secrets::new()) };
        let words = seal::open(self.installation.master_key(), &place(connection, version), &sealed)
            .ok_or_else(|| VaultError::Unreadable("credentials do not open with this master key".to_owned()))?;
        let open: BTreeMap<String, String> =
            serde_json::from_slice(&words).map_err(|error| VaultError::Unreadable(error.to_string()))?;
        let secrets: Secrets = open.into_iter().map(|(name, secret)| (name, secret.into())).collect();
        self.opened.insert((connection, version), secrets.clone());
        Ok(secrets)
    }

    async fn hashed(&self, password: SecretString) -> Result<String, VaultError> {
        let _turn = self.hashing.acquire().await.expect("never closed");
        let hashed = tokio::task::spawn_blocking(move || {
            let salt = SaltString::encode_b64(&random_bytes::<16>()).expect("16 bytes are a salt");
            let hash = argon2().hash_password(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| VaultError::Unreadable(error.to_string()))
        });
        hashed.await.map_err(|error| VaultError::Unreadable(error.to_string()))?
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(ARGON2_KIB, ARGON2_PASSES, 1, None).expect("the parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn place(connection: ConnectionId, version: u32) -> String {
    format!("secrets/{connection}/{version}")
}
