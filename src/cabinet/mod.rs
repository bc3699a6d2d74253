//! The cabinet: small things kept beside the log, under a kind and a key. Hashed or sealed by whoever puts them in; the
//! cabinet itself cannot read them.

mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use thiserror::Error;

pub use postgres::{PostgresCabinet, SCHEMA as CABINET_SCHEMA};
pub use sqlite::SqliteCabinet;

/// Why the cabinet, or what is in it, cannot be used.
#[derive(Debug, Error)]
pub enum CabinetError {
    #[error("the cabinet cannot be reached: {0}")]
    Unavailable(String),
    #[error("the cabinet holds something unreadable: {0}")]
    Unreadable(String),
}

impl From<sqlx::Error> for CabinetError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// One thing kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub key: String,
    pub value: String,
    pub at: DateTime<Utc>,
}

/// A place for small things. Every change is durable when it is answered.
pub trait Cabinet: Send + Sync + 'static {
    /// Puts `kept` in, in the place of what was there under its key.
    fn put<'a>(&'a self, kind: &'a str, kept: &'a Kept) -> BoxFuture<'a, Result<(), CabinetError>>;

    /// Puts `kept` in unless something is there under its key; tells whether it was new.
    fn keep<'a>(&'a self, kind: &'a str, kept: &'a Kept) -> BoxFuture<'a, Result<bool, CabinetError>>;

    /// Puts `kept` in the place of `before`, if that is what is there under its key; tells whether it was.
    fn replace<'a>(
        &'a self,
        kind: &'a str,
        before: &'a str,
        kept: &'a Kept,
    ) -> BoxFuture<'a, Result<bool, CabinetError>>;

    fn find<'a>(&'a self, kind: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Kept>, CabinetError>>;

    fn remove<'a>(&'a self, kind: &'a str, key: &'a str) -> BoxFuture<'a, Result<(), CabinetError>>;

    /// The newest of a kind, up to `limit`.
    fn newest<'a>(&'a self, kind: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Kept>, CabinetError>>;

    /// What of a kind comes after `key`, in the order of keys, up to `limit`.
    fn after<'a>(&'a self, kind: &'a str, key: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Kept>, CabinetError>>;

    /// Removes what of a kind is from before `at`, up to `limit`; tells how many there were.
    fn shed<'a>(&'a self, kind: &'a str, at: DateTime<Utc>, limit: u32) -> BoxFuture<'a, Result<u64, CabinetError>>;
}
