//! The vault: what must never be in an event. Passwords (hashed), sessions (hashed tokens), credentials (sealed).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::{Clock, ConnectionId, UserId};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, broadcast};

use crate::cabinet::{Cabinet, CabinetError, Kept};
use crate::clock::random_bytes;
use crate::installation::Installation;
use crate::providers::Secrets;
use crate::seal;

/// OWASP's minimum for argon2id: 19 MiB, two passes.
const ARGON2_KIB: u32 = 19 * 1024;
const ARGON2_PASSES: u32 = 2;
/// Passwords hashed at a time, so that a storm of sign-ins does not take the machine.
const HASHES_MAX: usize = 2;
/// Wrong passwords a login may have within a while; the right one waits then, too.
const FAILURES_MAX: u32 = 10;
const FAILURES_FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
const LOGINS_WATCHED_MAX: u64 = 100_000;
const SESSION_LIFE: TimeDelta = TimeDelta::hours(24);
const SECRETS_CACHED_MAX: u64 = 1_000;
/// Ended sessions a socket may be behind; beyond that it asks about its own.
const ENDED_KEPT: usize = 64;

/// The kind under which something known is kept, sealed: other keys do not open it.
pub const CANARY: &str = "canary";
const PASSWORD: &str = "password";
const SESSION: &str = "session";
const SECRETS: &str = "secrets";

/// What became of a try to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    Right,
    Wrong,
    /// Not looked at: there were too many wrong ones.
    TooMany,
}

/// The sealed store.
pub struct Vault {
    cabinet: Arc<dyn Cabinet>,
    installation: Arc<Installation>,
    clock: Arc<dyn Clock>,
    hashing: Semaphore,
    /// Wrong passwords per login, forgotten after a while.
    failures: Cache<String, u32>,
    opened: Cache<(ConnectionId, u32), Secrets>,
    ended: broadcast::Sender<UserId>,
}

impl Vault {
    /// A vault over what the cabinet holds.
    pub fn new(cabinet: Arc<dyn Cabinet>, installation: Arc<Installation>, clock: Arc<dyn Clock>) -> Self {
        let (opened, ended) = (Cache::new(SECRETS_CACHED_MAX), broadcast::channel(ENDED_KEPT).0);
        let failures = Cache::builder().max_capacity(LOGINS_WATCHED_MAX).time_to_live(FAILURES_FORGOTTEN_AFTER).build();
        Self { cabinet, installation, clock, hashing: Semaphore::new(HASHES_MAX), failures, opened, ended }
    }

    /// Refuses keys that are not those this installation began with: with others, nothing sealed could be opened and
    /// no claim found again, so messages would count twice.
    pub async fn check_installation(&self) -> Result<(), CabinetError> {
        if self.cabinet.find(CANARY, CANARY).await?.is_none() {
            // Two servers may start at once: the keys of one of them it is.
            let hash = hex::encode(self.installation.keyed_hash(&[CANARY]));
            let value = seal::seal(self.installation.master_key(), CANARY, hash.as_bytes());
            let kept = Kept { key: CANARY.to_owned(), value, at: self.clock.now() };
            self.cabinet.keep(CANARY, &kept).await?;
        }
        let kept = self.cabinet.find(CANARY, CANARY).await?;
        if kept.is_some_and(|kept| fits(&self.installation, &kept.value)) {
            return Ok(());
        }
        Err(CabinetError::Unreadable(
            "master.key or installation.secret is not the one this log was begun with".to_owned(),
        ))
    }

    /// Keeps a user's password, hashed.
    pub async fn set_password(&self, user: UserId, password: &SecretString) -> Result<(), CabinetError> {
        let value = self.hashed(password.clone()).await?;
        let kept = Kept { key: user.to_string(), value, at: self.clock.now() };
        self.cabinet.put(PASSWORD, &kept).await
    }

    /// Whether it is the user's password. Takes as long for a user who does not exist.
    pub async fn check_password(
        &self,
        login: &str,
        user: Option<UserId>,
        password: SecretString,
    ) -> Result<Attempt, CabinetError> {
        let login = &login.to_lowercase();
        let attempts = self.failures.get(login).unwrap_or(0);
        if attempts >= FAILURES_MAX {
            return Ok(Attempt::TooMany);
        }
        let checked = self.checked(user, password).await?;
        if checked {
            self.failures.invalidate(login);
            return Ok(Attempt::Right);
        }
        self.failures.insert(login.to_owned(), attempts + 1);
        Ok(Attempt::Wrong)
    }

    async fn checked(&self, user: Option<UserId>, password: SecretString) -> Result<bool, CabinetError> {
        let stored = match user {
            Some(user) => self.cabinet.find(PASSWORD, &user.to_string()).await?,
            None => None,
        };
        let Some(Kept { value: stored, .. }) = stored else {
            self.hashed(password).await?;
            return Ok(false);
        };
        let _turn = self.hashing.acquire().await.expect("never closed");
        let checked = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&stored).map_err(|error| CabinetError::Unreadable(error.to_string()))?;
            Ok(argon2().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
        });
        checked.await.map_err(|error| CabinetError::Unreadable(error.to_string()))?
    }

    /// Starts a session and returns its token, of which only a hash is kept.
    pub async fn start_session(&self, user: UserId) -> Result<String, CabinetError> {
        let token = hex::encode(random_bytes::<32>());
        let kept = Kept { key: token_hash(&token), value: user.to_string(), at: self.clock.now() + SESSION_LIFE };
        self.cabinet.put(SESSION, &kept).await?;
        Ok(token)
    }

    /// Whose session it is, while it lasts.
    pub async fn user_of_session(&self, token: &str) -> Result<Option<UserId>, CabinetError> {
        let session = self.cabinet.find(SESSION, &token_hash(token)).await?;
        let lasting = session.filter(|session| session.at > self.clock.now());
        let user = lasting.map(|session| session.value.parse()).transpose();
        user.map_err(|_| CabinetError::Unreadable("a user's id".to_owned()))
    }

    /// Ends one session. Its sockets hear of it through `ended`.
    pub async fn end_session(&self, token: &str, user: UserId) -> Result<(), CabinetError> {
        self.cabinet.remove(SESSION, &token_hash(token)).await?;
        // Nobody may be connected.
        let _ = self.ended.send(user);
        Ok(())
    }

    /// Removes sessions that have run out, up to `limit`; tells whether there may be more.
    pub async fn shed(&self, now: DateTime<Utc>, limit: u32) -> Result<bool, CabinetError> {
        Ok(self.cabinet.shed(SESSION, now, limit).await? == u64::from(limit))
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
    ) -> Result<(), CabinetError> {
        let open: BTreeMap<&str, &str> =
            secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
        let words = serde_json::to_vec(&open).map_err(|error| CabinetError::Unreadable(error.to_string()))?;
        let key = place(connection, version);
        let value = seal::seal(self.installation.master_key(), &key, &words);
        self.cabinet.put(SECRETS, &Kept { key, value, at: self.clock.now() }).await
    }

    /// A connection's credentials; none were given: an empty set, which verifies nothing.
    pub async fn secrets(&self, connection: ConnectionId, version: u32) -> Result<Secrets, CabinetError> {
        if let Some(secrets) = self.opened.get(&(connection, version)) {
            return Ok(secrets);
        }
        let Some(kept) = self.cabinet.find(SECRETS, &place(connection, version)).await? else {
            return Ok(Secrets::new());
        };
        let words = seal::open(self.installation.master_key(), &kept.key, &kept.value)
            .ok_or_else(|| CabinetError::Unreadable("credentials do not open with this master key".to_owned()))?;
        let open: BTreeMap<String, String> =
            serde_json::from_slice(&words).map_err(|error| CabinetError::Unreadable(error.to_string()))?;
        let secrets: Secrets = open.into_iter().map(|(name, secret)| (name, secret.into())).collect();
        self.opened.insert((connection, version), secrets.clone());
        Ok(secrets)
    }

    async fn hashed(&self, password: SecretString) -> Result<String, CabinetError> {
        let _turn = self.hashing.acquire().await.expect("never closed");
        let hashed = tokio::task::spawn_blocking(move || {
            let salt = SaltString::encode_b64(&random_bytes::<16>()).expect("16 bytes are a salt");
            let hash = argon2().hash_password(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| CabinetError::Unreadable(error.to_string()))
        });
        hashed.await.map_err(|error| CabinetError::Unreadable(error.to_string()))?
    }
}

/// Whether a canary was sealed under these keys.
pub fn fits(installation: &Installation, canary: &str) -> bool {
    let hash = hex::encode(installation.keyed_hash(&[CANARY]));
    seal::open(installation.master_key(), CANARY, canary).is_some_and(|known| known == hash.as_bytes())
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(ARGON2_KIB, ARGON2_PASSES, 1, None).expect("the parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn place(connection: ConnectionId, version: u32) -> String {
    format!("secrets/{connection}/{version}")
}
