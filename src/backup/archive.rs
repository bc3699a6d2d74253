//! What a store must offer to be backed up and restored into. It is not the running server's `Store`: another process
//! works with it, beside the server or instead of it.

use uuid::Uuid;

use super::BackupError;
use super::lines::{ClaimLine, EventLine, KeptLine, KeyLine, Line, Place};

/// Lines read, or loaded, at a time.
pub const PAGE: u32 = 2_000;

/// Where the log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHead {
    pub position: u64,
    pub log_id: Uuid,
}

/// What a store holds before a restore.
#[derive(Clone, Debug)]
pub struct Contents {
    pub head: LogHead,
    /// Whether there is any event, claim or key; or anything in the cabinet.
    pub log: bool,
    pub cabinet: bool,
    /// What an earlier restore kept, finished or not.
    pub restored: Option<String>,
}

/// A log and its cabinet. Pages are in order of the tables' keys, and each is read by itself: no transaction lasts longer.
pub trait Archive {
    async fn head(&self) -> Result<LogHead, BackupError>;

    /// The events after `after`, up to the position `until`.
    async fn events(&self, after: &Place, until: u64) -> Result<Vec<EventLine>, BackupError>;

    /// The claims after `after` that were made up to the position `until`.
    async fn claims(&self, after: &Place, until: u64) -> Result<Vec<ClaimLine>, BackupError>;

    /// The keys after `after`, of contacts that are known up to the position `until`.
    async fn keys(&self, after: &Place, until: u64) -> Result<Vec<KeyLine>, BackupError>;

    /// What is in the cabinet after `after`: what was set aside, or everything else.
    async fn kept(&self, after: &Place, set_aside: bool) -> Result<Vec<KeptLine>, BackupError>;

    async fn contents(&self) -> Result<Contents, BackupError>;

    /// Empties the log, and then the cabinet.
    async fn clear(&self) -> Result<(), BackupError>;

    /// Puts lines in, all or none.
    async fn load<L: Line>(&self, lines: &[L]) -> Result<(), BackupError>;

    /// Looks whether the log is whole and, if so, names it and says where it ends: from now on it may be served. `false`
    /// where it is not whole.
    async fn finish(&self, head: LogHead) -> Result<bool, BackupError>;
}
